"""Questions over news articles, answered only with checked, exactly cited sentences.

from rag import answer
print(answer("How many tons of cocaine has Colombia seized?"))
"""

from __future__ import annotations

import importlib
from typing import Any

# Imported on first use: `import rag` must not pay for the stores and models that only an answer needs.
_HOMES = {
    "answer": "rag.ask",
    "answer_async": "rag.ask",
    "stream": "rag.ask",
    "close": "rag.ask",
    "open_corpus": "rag.ask",
    "Answer": "rag.answers",
    "Settings": "rag.settings",
    "SourceboundError": "index.errors",
    "Stop": "rag.stop",
}
__all__ = ["Answer", "Settings", "SourceboundError", "Stop", "answer", "answer_async", "close", "open_corpus", "stream"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the home module holds under that name
    if name not in _HOMES:
        msg = f"module 'rag' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(_HOMES[name]), name)
