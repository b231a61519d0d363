"""Copies of a story: found by the words articles share when they are stored, and kept as groups in the ledger.

Two articles are linked where enough runs of words stand in both. A story is what links connect among the articles in
the corpus, so the groups do not depend on the order in which articles came. Signatures: Broder 1997, "On the
resemblance and containment of documents"; every value of a signature is looked up by itself, since a copy that was
cut short has few of them in common with the whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from index.articles import Article, Chunk
from index.ledger import COLUMNS, Ledger, to_article

RUN = 4
"""Words in a row that are compared. This and the shares below: `python -m eval.bench.copies`, docs/measurements.md."""

CONTAINED = 0.5
"""Least share of the runs of the article with fewer of them that stand in the other too."""

RESEMBLING = 0.2
"""Least share of all runs that stand in both: keeps a digest of many stories apart from each of them."""

SAME_FIGURES = 0.5
"""Least share of the figures of the article with fewer of them: a form filled in anew has other figures."""

VALUES = 64
"""Values of a signature."""

AGREEING = 6
"""Values two signatures must share: of 100 pairs that resemble each other just enough 99 do."""

MOST_MISSES = 50
"""Look-alikes compared in vain before an article is taken for a story of its own.

Bounds the work where thousands share half their words (forms, uncleaned pages); only there can order matter.
"""

_NUMBERS = frozenset(
    re.findall(
        r"\w+",
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion "
        "dozens",
    )
)
_WORD = re.compile(r"\w+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Profile:
    """What two texts are compared by.

    Attributes:
        runs: every RUN words in a row, without regard to case and punctuation.
        figures: the words that begin with a digit, and numbers in words.
    """

    runs: frozenset[str]
    figures: frozenset[str]

    def signature(self) -> list[int]:
        """VALUES integers of 38 bits, each with its place in it; the same on every machine."""
        from rensa import RMinHash

        minhash = RMinHash(num_perm=VALUES, seed=1)
        minhash.update(list(self.runs))
        return [place << 32 | value for place, value in enumerate(minhash.digest())]


def profile(text: str) -> Profile:
    """The profile of a text; one of fewer than RUN words is a single run."""
    words = _WORD.findall(text.casefold())
    runs = map(" ".join, zip(*(words[start:] for start in range(RUN)), strict=False))
    return Profile(
        frozenset(runs) or frozenset([" ".join(words)]), frozenset(w for w in words if w[0].isdigit() or w in _NUMBERS)
    )


def resemble(one: Profile, other: Profile) -> bool:
    """Whether one text is a copy of the other: cut short, added to or touched up, but with the same figures."""
    fewer, more = sorted((len(one.runs), len(other.runs)))
    if fewer < RESEMBLING * more:
        return False
    shared = len(one.runs & other.runs)
    if shared < CONTAINED * fewer or shared < RESEMBLING * (fewer + more - shared):
        return False
    figures = min(len(one.figures), len(other.figures))
    return len(one.figures & other.figures) >= SAME_FIGURES * figures


def repeated(chunks: Iterable[Chunk], heads: Mapping[str, str]) -> set[str]:
    """Ids of the chunks that say again what an earlier one of another article of the same story says.

    One whose figures are other ones is kept: that is where copies differ.

    Args:
        chunks: best first.
        heads: what `Stories.heads` gives for their articles.
    """
    stories: dict[str, list[Chunk]] = {}
    for chunk in chunks:
        stories.setdefault(heads[chunk.article_id], []).append(chunk)
    found: set[str] = set()
    for of_story in stories.values():
        if len({chunk.article_id for chunk in of_story}) == 1:
            continue
        kept: list[tuple[str, Profile]] = []
        for chunk in of_story:
            own = profile(chunk.text)
            if any(article != chunk.article_id and _repeats(own, other) for article, other in kept):
                found.add(chunk.id)
            else:
                kept.append((chunk.article_id, own))
    return found


def _repeats(own: Profile, other: Profile) -> bool:
    """Whether a chunk says what another one says; copies are cut elsewhere, so half of it is enough."""
    return len(own.runs & other.runs) >= CONTAINED * len(own.runs) and own.figures <= other.figures


class Stories:
    """The groups of a store's articles. Changes join the transaction that is open.

    Args:
        ledger: open; holds the articles, the signatures and the groups.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def heads(self, ids: Collection[str]) -> dict[str, str]:
        """The first article of each one's story: the earliest published, of several the least id. Its own where alone.

        An article that is not in the corpus is its own head.
        """
        sql = "SELECT article_id, head FROM stories WHERE article_id IN (SELECT value FROM json_each(?))"
        known = {str(key): str(head) for key, head in self._ledger.rows(sql, [json.dumps(list(ids))])}
        return {key: known.get(key, key) for key in ids}

    def copies(self, article_id: str, most: int = -1) -> list[Article]:
        """The other articles of the same story in the corpus, the earliest first, then by outlet and id.

        Args:
            article_id: of an article; one that is not in the corpus has no copies.
            most: how many at most; -1 for all.
        """
        sql = (
            f"SELECT {COLUMNS} FROM articles WHERE id <> ?1 AND id IN (SELECT article_id FROM stories WHERE head = "  # noqa: S608 - constant columns
            "(SELECT head FROM stories WHERE article_id = ?1)) "
            "ORDER BY published IS NULL, published, outlet IS NULL, outlet, id LIMIT ?2"
        )
        return [to_article(row) for row in self._ledger.rows(sql, [article_id, most])]

    def add(self, article: Article) -> None:
        """Links an article that came into the corpus."""
        own = profile(article.text)
        values = own.signature()
        heads = self._heads_of_copies(own, values)
        with self._ledger.transaction() as connection:
            cursor = connection.execute("INSERT INTO stories(article_id, head) VALUES (?1, ?1)", [article.id])
            number = cursor.lastrowid
            connection.executemany("INSERT INTO minhashes VALUES (?, ?)", [(value, number) for value in values])
            if heads:
                self._name([key for head in heads for key in self._members(head)] + [article.id])

    def remove(self, article_id: str) -> None:
        """Takes an article out; what it alone held together falls apart."""
        left = [key for key in self._members(self.heads([article_id])[article_id]) if key != article_id]
        values = profile(self._text(article_id)).signature()
        with self._ledger.transaction() as connection:
            number = "(SELECT number FROM stories WHERE article_id = ?)"
            sql = f"DELETE FROM minhashes WHERE value = ? AND number = {number}"  # noqa: S608 - constants
            connection.executemany(sql, [(value, article_id) for value in values])
            connection.execute("DELETE FROM stories WHERE article_id = ?", [article_id])
            for group in self._groups(left):
                self._name(group)

    def rebuild(self, articles: Sequence[Article]) -> None:
        """Makes all groups anew.

        Args:
            articles: all that are in the corpus.
        """
        with self._ledger.transaction() as connection:
            connection.execute("DELETE FROM minhashes")
            connection.execute("DELETE FROM stories")
            for article in articles:
                self.add(article)

    def check(self) -> Iterator[str]:
        """What is wrong with the groups, a line each."""
        rows = self._ledger.rows
        live = "SELECT id FROM articles WHERE state = 'live'"
        for (key,) in rows(f"{live} EXCEPT SELECT article_id FROM stories"):  # noqa: S608 - constants
            yield f"article {key!r} was not compared with the others: its copies are not known"
        gone = rows(f"SELECT article_id FROM stories WHERE article_id NOT IN ({live})")  # noqa: S608 - constants
        for (key,) in gone:
            yield f"article {key!r} is counted as a copy and is not in the corpus"
        whole = "SELECT number FROM minhashes GROUP BY number HAVING count(*) = ?"
        for (key,) in rows(f"SELECT article_id FROM stories WHERE number NOT IN ({whole})", [VALUES]):  # noqa: S608
            yield f"the signature of article {key!r} is not whole: copies of it are not found"
        for (number,) in rows("SELECT DISTINCT number FROM minhashes EXCEPT SELECT number FROM stories"):
            yield f"signature {number} belongs to no article in the corpus"
        for (head,) in [] if gone else rows("SELECT DISTINCT head FROM stories ORDER BY head"):
            members = self._members(str(head))
            if self._first(members) != head:
                yield f"the story of article {head!r} does not begin with its earliest article"
            elif len(members) > 1 and len(list(self._groups(members))) > 1:
                yield f"the story of article {head!r} holds articles that are not copies of each other"

    def _heads_of_copies(self, own: Profile, values: Sequence[int]) -> set[str]:
        """The heads of the stories that an article of this profile belongs to."""
        sql = (
            "SELECT article_id, head FROM (SELECT number, count(*) AS shared FROM minhashes WHERE value IN "
            "(SELECT value FROM json_each(?)) GROUP BY number HAVING shared >= ?) JOIN stories USING (number) "
            "ORDER BY shared DESC, article_id"
        )
        heads: set[str] = set()
        misses = 0
        for key, head in self._ledger.rows(sql, [json.dumps(values), AGREEING]):
            if str(head) in heads:
                continue
            if resemble(own, profile(self._text(str(key)))):
                heads.add(str(head))
            elif (misses := misses + 1) == MOST_MISSES:
                break
        return heads

    def _groups(self, ids: Collection[str]) -> Iterator[list[str]]:
        """The stories among some articles, told by comparing them with each other."""
        if len(ids) == 1:
            yield list(ids)
            return
        profiles = {key: profile(self._text(key)) for key in ids}
        signatures = {key: set(own.signature()) for key, own in profiles.items()}
        left = dict.fromkeys(ids)
        while left:
            group = [left.popitem()[0]]
            for key in group:  # grows while it is walked
                near = [other for other in left if _linked(key, other, profiles, signatures)]
                group += near
                for other in near:
                    del left[other]
            yield group

    def _name(self, ids: Sequence[str]) -> None:
        """Makes some articles one story."""
        with self._ledger.transaction() as connection:
            sql = "UPDATE stories SET head = ? WHERE article_id IN (SELECT value FROM json_each(?))"
            connection.execute(sql, [self._first(ids), json.dumps(ids)])

    def _first(self, ids: Sequence[str]) -> str:
        sql = "SELECT id FROM articles WHERE id IN (SELECT value FROM json_each(?))"
        return str(
            self._ledger.rows(f"{sql} ORDER BY published IS NULL, published, id LIMIT 1", [json.dumps(ids)])[0][0]
        )

    def _members(self, head: str) -> list[str]:
        return [str(key) for (key,) in self._ledger.rows("SELECT article_id FROM stories WHERE head = ?", [head])]

    def _text(self, article_id: str) -> str:
        return str(self._ledger.rows("SELECT text FROM articles WHERE id = ?", [article_id])[0][0])


def _linked(one: str, other: str, profiles: Mapping[str, Profile], signatures: Mapping[str, set[int]]) -> bool:
    """Whether two articles would be linked if one came after the other: the same test as when they are added."""
    return len(signatures[one] & signatures[other]) >= AGREEING and resemble(profiles[one], profiles[other])
