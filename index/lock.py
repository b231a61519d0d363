"""One process at a time holds a store's folder: two in one Chroma folder lose vectors."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from filelock import FileLock, Timeout

from index.errors import HIDDEN_STORE, StoreBusyError, StoreError


def hold(store: Path) -> FileLock:
    """Takes the folder, making it where it is missing; the system lets go of it when the process dies.

    Raises:
        StoreBusyError: another process holds it; the message names its number and command.
        StoreError: the folder cannot be made or written to.
    """
    # One lock for all threads: the one that closes the store need not be the one that opened it.
    lock = FileLock(store / "lock", thread_local=False)
    try:
        store.mkdir(parents=True, exist_ok=True)
        (store / "lock").touch()  # the lock takes a folder that it cannot write to for one that is in use
        lock.acquire(timeout=0)
        command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]])
        (store / "holder").write_text(f"process {os.getpid()} ({command})\n", encoding="utf-8")
    except Timeout as error:
        msg = f"{str(store)!r} is in use by {_holder(store)}: stop it, or give another --store"
        raise StoreBusyError(msg, public=HIDDEN_STORE) from error
    except (OSError, NotImplementedError) as error:  # the second: a file system that knows no locks
        lock.release()
        msg = f"{str(store)!r} cannot be a store's folder ({error}): give a folder that you may write to with --store"
        raise StoreError(msg, public=HIDDEN_STORE) from error
    return lock


def release(lock: FileLock, store: Path) -> None:
    """Lets other processes take the folder."""
    (store / "holder").unlink(missing_ok=True)
    lock.release()


def _holder(store: Path) -> str:
    try:
        return (store / "holder").read_text(encoding="utf-8").strip() or "another process"
    except (OSError, UnicodeDecodeError):
        return "another process"
