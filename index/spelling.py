"""Words of the corpus that are spelled almost like one that is not in it, from the index of `index.sparse`."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from difflib import SequenceMatcher, get_close_matches

from index.listed import folded
from index.sparse import TOKENS

FEWEST = 5
"""Letters of a word that is compared: of four, one other letter makes too many other words."""
ALIKE = 0.8
"""Least similarity, as `difflib` has it: one letter in five may differ, be missing or have changed its place."""

_MOST = 5  # terms whose words are looked at
_PLACES = 4  # at which the words of a term are read
_WORD = re.compile(r"[^\W\d_]+")


def spelled_like(connection: sqlite3.Connection, word: str) -> list[str]:
    """The words of the corpus nearest in spelling to one that is not in it, as they stand there, best first.

    Empty where the word itself is in the corpus, in any form that the index takes for the same, and where it is short.
    The first letter is the same: who types a name wrongly gets that right.

    Args:
        connection: of a database with `chunks_fts`; only a temporary table is made in it.
        word: letters only, in any case.
    """
    if len(word) < FEWEST or not _WORD.fullmatch(word):
        return []
    (stem,) = _stems([word]) or [""]
    known = "SELECT 1 FROM chunks_fts WHERE chunks_fts MATCH ? LIMIT 1"
    if not stem or connection.execute(known, [f'"{word}"']).fetchone():
        return []
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.spelled_terms USING fts5vocab(main, chunks_fts, row)")
    connection.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.spelled_places USING fts5vocab(main, chunks_fts, instance)"
    )
    rows = connection.execute(
        "SELECT term FROM temp.spelled_terms WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ?",
        (stem[0], chr(ord(stem[0]) + 1), len(stem) - 2, len(stem) + 2),
    )
    near = get_close_matches(stem, [term for (term,) in rows], _MOST, ALIKE - 0.1)  # the ends are off
    found = {one: None for term in near for one in _words(connection, term)}
    typed = folded(word)
    rated = {one: SequenceMatcher(None, typed, folded(one)).ratio() for one in found}
    # Of two that are as near, the one in the case of what was typed: a name for a name.
    shape = (word.isupper(), word[0].isupper())
    near_first = sorted(rated, key=lambda one: (-rated[one], (one.isupper(), one[0].isupper()) != shape, one))
    return [one for one in near_first if rated[one] >= ALIKE]


def _words(connection: sqlite3.Connection, term: str) -> Iterable[str]:
    """The words that a term of the index stands for, where it occurs first."""
    places = "SELECT DISTINCT doc FROM temp.spelled_places WHERE term = ? LIMIT ?"
    text_of = "SELECT text, coalesce(title, '') FROM chunks_text WHERE chunk = ?"
    for (row,) in connection.execute(places, (term, _PLACES)).fetchall():
        for text in connection.execute(text_of, [row]).fetchone() or ():
            words = list(dict.fromkeys(_WORD.findall(text)))
            words = [word for word in words if word[:1].lower() and folded(word)[:1] == term[:1]]
            yield from (word for word, stem in zip(words, _stems(words), strict=True) if stem == term)


def _stems(words: list[str]) -> list[str]:
    """Each word as the index has it."""
    with closing(sqlite3.connect(":memory:")) as memory:
        memory.execute(f"CREATE VIRTUAL TABLE one USING fts5(word, tokenize = '{TOKENS}')")
        memory.execute("CREATE VIRTUAL TABLE stems USING fts5vocab(one, instance)")
        memory.executemany("INSERT INTO one(rowid, word) VALUES (?, ?)", enumerate(words))
        stems = dict(memory.execute("SELECT doc, term FROM stems"))
    return [stems.get(place, "") for place in range(len(words))]
