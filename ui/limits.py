"""How much a reader may send: characters of a question and of an address, and what a file may be."""

from __future__ import annotations

from index.readers import SUFFIXES

LONGEST_QUESTION = 2000
"""Characters; a question, not a document."""

ACCEPTED = (*SUFFIXES, ".zip")
"""Endings of the names of files that are taken."""

LARGEST = 50 << 20
"""Bytes of one file."""

LONGEST_NAME = 255
"""Characters of a file's name, as file systems have it."""

LONGEST_ADDRESS = 2000
"""Characters of an address."""

WAITING = 2
"""Files and addresses that may wait while one is indexed."""

COMING = 16
"""Files that may be on their way at once: one that comes slowly keeps nobody from being indexed."""
