"""The client of a language model: llama-index's, which sends a server what the settings say and nothing else."""

from __future__ import annotations

import asyncio
import functools
import threading
import weakref
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx
    from llama_index.llms.openai_like import OpenAILike

    from rag.settings import Settings

OPENAI = "https://api.openai.com/v1"
NO_KEY = "none"
"""The client wants a key; servers without keys ignore it."""

_LOOPBACK = frozenset(["localhost", "127.0.0.1", "::1"])


def client(settings: Settings, owner: object) -> OpenAILike:
    """One that keeps its connections open and asks once: who calls it decides what is asked again.

    Args:
        settings: model, server, key, organisation and time-out. A proxy is taken from the environment.
        owner: with its end the connections are closed.

    Raises:
        ValueError: the model is none for chats, or the proxy's address is none.
        ImportError: the proxy is of a kind that needs a further package.
    """
    import httpx
    from llama_index.llms.openai_like import OpenAILike
    from openai import AsyncOpenAI

    url = settings.base_url or OPENAI
    # A proxy meant for the outside world cannot reach a server on this machine.
    local = urlsplit(url).hostname in _LOOPBACK
    http = httpx.AsyncClient(timeout=settings.model_timeout, trust_env=not local)
    weakref.finalize(owner, _close, http).atexit = False
    key = settings.model_key.strip() or NO_KEY
    # The time-out once more: the library takes a client that has httpx's own for one without.
    inner = AsyncOpenAI(base_url=url, api_key=key, http_client=http, timeout=settings.model_timeout, max_retries=0)
    # It has read these from the environment.
    inner.organization = settings.organization or None
    inner.project = inner.admin_api_key = None
    inner._custom_headers = {}  # noqa: SLF001 - nothing public takes those of OPENAI_CUSTOM_HEADERS out
    return OpenAILike(
        model=settings.model,
        api_key=NO_KEY,  # the inner client has the key, and nobody else
        api_base=url,
        temperature=0.0,
        max_retries=0,
        is_chat_model=True,
        context_window=settings.model_context,
        async_openai_client=inner,
    )


@functools.cache
def loop() -> asyncio.AbstractEventLoop:
    """Where all clients live, in a thread of its own; not to be called for the first time by two threads."""
    made = asyncio.new_event_loop()
    threading.Thread(target=made.run_forever, name="language model", daemon=True).start()
    return made


def _close(http: httpx.AsyncClient) -> None:
    asyncio.run_coroutine_threadsafe(http.aclose(), loop())
