"""The errors a user can meet. Each message is one line: what is wrong, with the value, and what to do about it."""

from __future__ import annotations

HIDDEN_STORE = "the store cannot be read or written now; the server's log says why"
"""What a browser is told of an error whose own message names a file or folder of the server."""

HIDDEN_MODEL = "a model that this server needs cannot run now; the server's log says why"
"""Likewise of a model's file or server."""


class SourceboundError(Exception):
    """Root of the errors raised on purpose; the command line prints the message and exits with 2.

    Args:
        message: one line: what is wrong and what to do.
        public: the line for a reader elsewhere, where the message names a file or folder of the server.

    Attributes:
        public: that line; the message where none is given.
    """

    def __init__(self, message: str, *, public: str | None = None) -> None:
        super().__init__(message)
        self.public = message if public is None else public


class ItemError(SourceboundError):
    """One item of an ingest could not be read. The others go on; the ledger keeps the reason.

    Args:
        item: the path, address, archive member or line that failed, as the user would name it.
        reason: what is wrong and what to do, one line without the item's name.
    """

    def __init__(self, item: str, reason: str) -> None:
        super().__init__(f"{item}: {reason}")
        self.item = item
        self.reason = reason


class StoreError(SourceboundError):
    """The store is missing, unsound, or was made by another embedder or an older format."""


class UnknownArticleError(StoreError):
    """No article has this id, or none that is in the corpus; nothing is wrong with the store."""


class RestoreError(StoreError):
    """An article cannot be put back as things stand; nothing is wrong with the store."""


class StoreBusyError(StoreError):
    """Another process holds the store; the message names it."""


class ModelError(SourceboundError):
    """A model's file is missing, altered or cannot run. Nothing is used in its place."""


class QuestionError(SourceboundError):
    """A question or one of its filters cannot be used as given."""


class SettingsError(SourceboundError):
    """A setting has a value that cannot be used."""


class ModelCallError(ModelError):
    """A call to a language model failed.

    Args:
        state: what happened, one of `rag.failures.REMEDIES`.
        message: one line: what is wrong and what to do.
    """

    def __init__(self, state: str, message: str) -> None:
        super().__init__(message)
        self.state = state
