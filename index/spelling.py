"""Words of the corpus that are spelled almost like one that is not in it, from the index of `index.sparse`."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from difflib import get_close_matches

from index.listed import folded
from index.sparse import TOKENS

FEWEST = 5
"""Letters of a word that is compared: of four, one other letter makes too many other words."""
LONG = 8
"""Letters from which two slips are forgiven; up to there one."""

_MOST = 12  # terms whose words are looked at
_PLACES = 50  # at which the words of a term are read
_TERMS_ALIKE = 0.55  # at least, by difflib, of terms: they lack the ends of the words
_WORD = re.compile(r"[^\W\d_]+")


def spelled_like(connection: sqlite3.Connection, word: str) -> list[str] | None:
    """The words of the corpus nearest in spelling to one that is not in it, as they stand there, nearest first.

    Near is one slip, of long words two: a letter too many, too few, another one, or changed with the next. The first
    letter is the same: who types a name wrongly gets that right. Of a term that stands in very many chunks the first
    ones are read, which may lack one of its forms.

    Args:
        connection: of a database with `chunks_fts`; only temporary tables are made in it.
        word: in any case; of anything but letters nothing is near.

    Returns:
        The words; None where the word itself is in the corpus, in any form that the index takes for the same.
    """
    if not _WORD.fullmatch(word):
        return []
    known = "SELECT 1 FROM chunks_fts WHERE chunks_fts MATCH ? LIMIT 1"
    if connection.execute(known, [f'"{word}"']).fetchone():
        return None
    (stem,) = _stems([word])
    if not stem or len(word) < FEWEST:
        return []
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.spelled_terms USING fts5vocab(main, chunks_fts, row)")
    connection.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.spelled_places USING fts5vocab(main, chunks_fts, instance)"
    )
    rows = connection.execute(
        "SELECT term FROM temp.spelled_terms WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ?",
        (stem[0], chr(ord(stem[0]) + 1), len(stem) - 2, len(stem) + 2),
    )
    near = get_close_matches(stem, [term for (term,) in rows], _MOST, _TERMS_ALIKE)
    typed, most = folded(word), 1 if len(word) < LONG else 2
    rated = {one: slips(typed, folded(one), most) for one in _words(connection, near, typed, most)}
    # Of two that are as near, the one in the case of what was typed: a name for a name.
    shape = (word.isupper(), word[0].isupper())
    return sorted(rated, key=lambda one: (rated[one], (one.isupper(), one[0].isupper()) != shape, one))


def slips(one: str, other: str, most: int) -> int:
    """How many slips of typing lie between two words; most + 1 where it is more than that.

    The optimal string alignment distance: letters put in, left out, replaced, or changed with the next, none of them
    twice [F. Damerau 1964, "A technique for computer detection and correction of spelling errors"].
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        two_before, before, row = before, row, [at]
        for place, with_letter in enumerate(other, 1):
            costs = [before[place] + 1, row[-1] + 1, before[place - 1] + (letter != with_letter)]
            if at > 1 and place > 1 and letter == other[place - 2] and one[at - 2] == with_letter:
                costs.append(two_before[place - 2] + 1)
            row.append(min(costs))
    return min(row[-1], most + 1)


def _words(connection: sqlite3.Connection, terms: Sequence[str], typed: str, most: int) -> list[str]:
    """The words that terms of the index stand for and that are near enough to what was typed."""
    places = "SELECT DISTINCT doc FROM temp.spelled_places WHERE term = ? LIMIT ?"
    text_of = "SELECT text || ' ' || coalesce(title, '') FROM chunks_text WHERE chunk = ?"
    found: dict[str, None] = {}
    for term in terms:
        for (row,) in connection.execute(places, (term, _PLACES)).fetchall():
            for (text,) in connection.execute(text_of, [row]):
                found |= dict.fromkeys(_WORD.findall(text))
    return [one for one in found if folded(one)[:1] == typed[:1] and slips(typed, folded(one), most) <= most]


def _stems(words: Sequence[str]) -> list[str]:
    """Each word as the index has it."""
    with closing(sqlite3.connect(":memory:")) as memory:
        memory.execute(f"CREATE VIRTUAL TABLE one USING fts5(word, tokenize = '{TOKENS}')")
        memory.execute("CREATE VIRTUAL TABLE stems USING fts5vocab(one, instance)")
        memory.executemany("INSERT INTO one(rowid, word) VALUES (?, ?)", enumerate(words))
        stems = dict(memory.execute("SELECT doc, term FROM stems"))
    return [stems.get(place, "") for place in range(len(words))]
