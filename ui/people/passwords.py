"""The password file: a line a user, `name:role:hash`, hashed with scrypt (RFC 7914) and a salt of its own."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
import secrets
import threading
import unicodedata
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path

from index.errors import SettingsError
from ui.people.person import ROLES

LONGEST_NAME, SHORTEST_PASSWORD, LONGEST_PASSWORD = 64, 8, 1024
"""In characters, characters and UTF-8 bytes."""

# N, r, p: 32 MiB and three rounds, one of the settings that OWASP's cheat sheet on storing passwords calls equal.
_COST = (2**15, 8, 3)
_NAME = re.compile(rf"[^\s:#\x00-\x1f\x7f][^:\x00-\x1f\x7f]{{0,{LONGEST_NAME - 1}}}")
_HASH = re.compile(r"scrypt\$(\d{4,7})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9+/=]{16,64})\$([A-Za-z0-9+/=]{43,88})")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class User:
    """A line of the file.

    Attributes:
        role: one of `ui.people.person.ROLES`.
        hash: cost, salt and hash, as text; another one means another password.
    """

    name: str
    role: str
    hash: str

    @property
    def proof(self) -> str:
        """Changes with the password, so that sessions begun with the old one end; tells nothing about either."""
        return hashlib.sha256(self.hash.encode()).hexdigest()[:32]


class Passwords:
    """The users of a file, which is read again whenever it has changed.

    Args:
        path: the file.

    Raises:
        SettingsError: the file cannot be read, or a line of it is not a user. Later on, while the server runs, such a
            line is logged and that user cannot sign in; a file that is gone lets nobody in.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._key = secrets.token_bytes(32)
        self._known: dict[str, tuple[str, bytes]] = {}  # right passwords: by name the hash they were right for
        self._seen = _stamp(path)
        users, wrong = _parsed(_text(path))
        if wrong:
            msg = f"{path.name!r}: {wrong[0]}"
            raise SettingsError(msg)
        self._users = {folded(user.name): user for user in users}

    def find(self, name: str) -> User | None:
        """The user of a name, in whatever case it is typed; None when there is none."""
        with self._lock:
            stamp = _stamp(self._path)
            if stamp != self._seen:
                self._seen = stamp
                self._users = {folded(user.name): user for user in self._read_again()}
                self._known.clear()
            return self._users.get(folded(name))

    def check(self, name: str, password: str) -> User | None:
        """The user, if the password is right. A wrong name costs the same time as a wrong password: about 0.2 s."""
        user = self.find(name)
        given = password.encode("utf-8", "surrogatepass")
        usable = 0 < len(given) <= LONGEST_PASSWORD
        short = hmac.digest(self._key, given if usable else b"", "sha256")
        # What was right a moment ago need not be computed again: programs send their password with every request.
        before, right = self._known.get(user.name, ("", b"")) if user else ("", b"")
        if user and usable and before == user.hash and hmac.compare_digest(right, short):
            return user
        holds = _matches(given if usable else b"", user.hash if user else _NOBODY)
        if not (user and usable and holds):
            return None
        with self._lock:
            if self._users.get(folded(name)) == user:
                self._known[user.name] = (user.hash, short)
        return user

    def _read_again(self) -> list[User]:
        try:
            users, wrong = _parsed(_text(self._path))
        except SettingsError as error:
            users, wrong = [], [str(error)]
        for line in wrong:
            _log.warning("password file: %s", line)
        return users


def warning(path: Path) -> str | None:
    """A line when others than the owner may read or change the file; None when all is well."""
    mode = path.stat().st_mode & 0o777
    if os.name == "posix" and mode & 0o077:
        return f"the password file {path.name!r} is open to other users of this machine (mode {mode:o}); chmod 600 it"
    return None


def set_password(path: Path, name: str, role: str, password: str) -> bool:
    """Adds a user, or gives one another password and role. The file is made where there is none, for its owner alone.

    Args:
        path: the file.
        name: up to 64 characters without ":" and control characters; two names that differ in case only are one.
        role: one of `ui.people.person.ROLES`.
        password: from 8 characters to 1,024 bytes.

    Returns:
        Whether the user is new.

    Raises:
        SettingsError: for a name, role, password or file that cannot be used.
    """
    if not _NAME.fullmatch(name) or name != name.strip():
        msg = (
            f"{name[:80]!r} cannot be a user's name; use 1 to {LONGEST_NAME} characters, no ':', not starting with '#'"
        )
        raise SettingsError(msg)
    if role not in ROLES:
        msg = f"{role!r} is not a role; choose one of {', '.join(ROLES)}"
        raise SettingsError(msg)
    if len(password) < SHORTEST_PASSWORD or len(password.encode("utf-8", "surrogatepass")) > LONGEST_PASSWORD:
        msg = f"the password has {len(password)} characters; {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} can be used"
        raise SettingsError(msg)
    before = _text(path) if path.exists() else ""
    kept = _without(before, name)
    _replace(path, [*kept, f"{name}:{role}:{_hashed(password.encode('utf-8', 'surrogatepass'))}"])
    return len(kept) == len(before.splitlines())


def remove_user(path: Path, name: str) -> None:
    """Takes a user out of the file; open sessions of that user end with the next request.

    Raises:
        SettingsError: there is no such user or no such file.
    """
    lines = _text(path).splitlines()
    kept = _without("\n".join(lines), name)
    if len(kept) == len(lines):
        msg = f"there is no user {name[:80]!r} in {path.name!r}; `rag users list` shows who there is"
        raise SettingsError(msg)
    _replace(path, kept)


def users_of(path: Path) -> list[User]:
    """The users of a file, in its order; raises SettingsError for a line that is none."""
    users, wrong = _parsed(_text(path))
    if wrong:
        msg = f"{path.name!r}: {wrong[0]}"
        raise SettingsError(msg)
    return users


def _hashed(password: bytes, salt: bytes | None = None) -> str:
    salt = salt or secrets.token_bytes(16)
    made = _scrypt(password, salt, *_COST)
    return "$".join(["scrypt", *map(str, _COST), b64encode(salt).decode(), b64encode(made).decode()])


def _scrypt(password: bytes, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=128 * r * (n + p + 2) * 2, dklen=32)


_NOBODY = "$".join(["scrypt", *map(str, _COST), b64encode(bytes(16)).decode(), b64encode(bytes(32)).decode()])


def _matches(password: bytes, kept: str) -> bool:
    _, n, r, p, salt, made = kept.split("$")
    return hmac.compare_digest(_scrypt(password, b64decode(salt), int(n), int(r), int(p)), b64decode(made))


def _parsed(text: str) -> tuple[list[User], list[str]]:
    """The users, and a line about each line that is none or is there twice."""
    users: dict[str, User] = {}
    wrong = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, role, kept = ([*line.strip().split(":"), "", ""])[:3]
        cost = _HASH.fullmatch(kept)
        n = int(cost[1]) if cost else 0
        # Bounds on the cost, so that a slip in the file cannot use up the machine's memory: at most 256 MiB.
        usable = cost and n & (n - 1) == 0 and 0 < int(cost[2]) * n <= 2**21 and 0 < int(cost[3]) <= 16
        if not _NAME.fullmatch(name) or role not in ROLES or not usable or line.count(":") != 2:
            wrong.append(f"line {number} is not name:role:hash; make it with `rag users add`")
        elif folded(name) in users:
            wrong.append(f"line {number} names {name!r} a second time; remove one of the two")
        else:
            users[folded(name)] = User(name, role, kept)
    return list(users.values()), wrong


def folded(name: str) -> str:
    """A name as it is compared: two ways to type it are one user."""
    return unicodedata.normalize("NFKC", name).casefold().strip()


def _without(text: str, name: str) -> list[str]:
    return [line for line in text.splitlines() if folded(line.partition(":")[0]) != folded(name)]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        msg = f"the password file {path.name!r} cannot be read: {reason}; make one with `rag users add`"
        raise SettingsError(msg) from error


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _replace(path: Path, lines: list[str]) -> None:
    """Whole or not at all: a server that reads meanwhile sees the old file or the new one."""
    path = path.resolve()  # a link stays one
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write("".join(f"{line}\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
        if path.exists():  # whom it was opened to keeps it: a server may run as another user
            before = path.stat()
            beside.chmod(before.st_mode & 0o777)
            if os.name == "posix" and before.st_gid != beside.stat().st_gid:
                os.chown(beside, -1, before.st_gid)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        msg = f"the password file {path.name!r} cannot be written: {error.strerror}; choose another with --file"
        raise SettingsError(msg) from error
