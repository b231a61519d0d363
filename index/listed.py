"""What a list of articles shows, in narrow rows of its own, with every word of each article for the search box.

The texts lie in the middle of the rows of `articles`, so that even their state costs reading them. This table holds the
articles in the corpus without their texts, in step with `articles`: it can be made anew from them at any time.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from index.ledger import COLUMNS, Ledger, to_article

SORTS = {
    "published": "published",
    "title": "by_title",
    "outlet": "by_outlet",
    "added": "added",
    "characters": "characters",
    "source": "by_source",
}
"""What a list can be sorted by, and the column that does it."""

_TABLES = {
    "listed": "CREATE TABLE listed(number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, "
    "title TEXT, outlet TEXT, published TEXT, source TEXT NOT NULL, url TEXT, "
    "characters INTEGER NOT NULL, added TEXT NOT NULL, came TEXT NOT NULL, "
    "by_title TEXT, by_outlet TEXT, by_source TEXT NOT NULL)",
    # The words come folded and apart (see `words`), so all that the tokenizer does is to part them at blanks.
    "listed_words": "CREATE VIRTUAL TABLE listed_words USING fts5(words, content = '', detail = none, columnsize = 0, "
    "prefix = '3', tokenize = 'ascii')",
}
_INDEXES = (
    *(f"CREATE INDEX IF NOT EXISTS listed_{name} ON listed({column}, id)" for name, column in SORTS.items()),
    "CREATE INDEX IF NOT EXISTS listed_came ON listed(came)",
    "CREATE INDEX IF NOT EXISTS listed_outlets ON listed(outlet, by_outlet, published)",
)

_STALE = """CREATE TRIGGER IF NOT EXISTS listed_stale AFTER UPDATE OF source, url ON articles
WHEN new.source IS NOT old.source OR new.url IS NOT old.url
BEGIN UPDATE listed SET by_source = '' WHERE id = new.id; END"""
"""An older version of this program does not list an article anew when it gets another source: this marks it."""

_WORD = re.compile(r"[^\W_]+")


def folded(text: str) -> str:
    """The text without regard to case, accents and the width of letters: for sorting and for finding."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in unicodedata.normalize("NFKD", parts) if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """The different words of a text, folded, in order: runs of letters and digits."""
    return list(dict.fromkeys(_WORD.findall(folded(text))))


class Listed:
    """The table behind `index.listing`. Changes join the transaction that is open.

    Args:
        ledger: open. A list that is missing, of another form or out of step with its articles is brought up to date.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        live = "SELECT id FROM articles WHERE state = 'live'"
        there = "SELECT id FROM listed"
        with ledger.transaction() as connection:
            made = dict(
                connection.execute("SELECT name, sql FROM sqlite_master WHERE name IN ('listed', 'listed_words')")
            )
            if made != _TABLES:
                for name in made:
                    connection.execute(f"DROP TABLE {name}")
                for statement in _TABLES.values():
                    connection.execute(statement)
            for statement in (*_INDEXES, _STALE):
                connection.execute(statement)
            for (key,) in ledger.rows(f"{there} EXCEPT {live}"):
                self.remove(str(key))
            for (key,) in ledger.rows(f"{live} EXCEPT {there}"):
                self.add(str(key), None)
            for (key,) in ledger.rows("SELECT id FROM listed WHERE by_source = ''"):
                self.renew(str(key))

    def add(self, article_id: str, came: str | None) -> None:
        """Lists an article.

        Args:
            article_id: of an article in the corpus that is not listed.
            came: when it last came into the corpus, ISO 8601 in UTC; where that is not known, when it first did.
        """
        with self._ledger.transaction() as connection:
            sql = f"SELECT added, {COLUMNS} FROM articles WHERE id = ?"  # noqa: S608 - constant columns
            added, *columns = self._ledger.rows(sql, [article_id])[0]
            article = to_article(columns)
            row = (
                article.id, article.title, article.outlet, article.published and article.published.isoformat(),
                article.source, article.url, len(article.text), added, came or added,
                article.title and folded(article.title), article.outlet and folded(article.outlet),
                folded(article.source),
            )  # fmt: skip
            marks = ", ".join("?" * len(row))
            number = connection.execute(f"INSERT INTO listed VALUES (NULL, {marks})", row).lastrowid  # noqa: S608
            sql = "INSERT INTO listed_words(rowid, words) VALUES (?, ?)"
            said = "\n".join([article.title or "", article.outlet or "", article.source, article.text])
            connection.execute(sql, (number, " ".join(words(said))))

    def remove(self, article_id: str) -> None:
        """Takes an article off the list. Its words stay under a number that is never given again, so none finds it."""
        with self._ledger.transaction() as connection:
            connection.execute("DELETE FROM listed WHERE id = ?", [article_id])

    def rebuild(self) -> None:
        """Makes the list anew."""
        with self._ledger.transaction() as connection:
            came = dict(connection.execute("SELECT id, came FROM listed"))
            connection.execute("DELETE FROM listed")
            connection.execute("INSERT INTO listed_words(listed_words) VALUES ('delete-all')")
            for (key,) in self._ledger.rows("SELECT id FROM articles WHERE state = 'live'"):
                self.add(str(key), came.get(key))

    def renew(self, article_id: str) -> None:
        """Lists an article as it is now, when another file or address has become its source."""
        with self._ledger.transaction():
            ((came,),) = self._ledger.rows("SELECT came FROM listed WHERE id = ?", [article_id])
            self.remove(article_id)
            self.add(article_id, str(came))

    def check(self) -> Iterator[str]:
        """What is wrong with the list, a line each."""
        shown = "id, title, outlet, published, source, url, added"
        live, listed = f"SELECT {shown} FROM articles WHERE state = 'live'", f"SELECT {shown} FROM listed"  # noqa: S608
        for key, *_ in self._ledger.rows(f"{live} EXCEPT {listed}"):
            yield f"article {key!r} is not listed as it is"
        for key, *_ in self._ledger.rows(f"{listed} EXCEPT {live}"):
            yield f"article {key!r} is listed as it is not"
