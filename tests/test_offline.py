"""Nothing but this machine is looked up, connected to or waited for: not on import, ingest, ask or while serving.

The whole way runs in a process of its own with an audit hook that refuses and notes every other address, and once more
in a network namespace that has only a loopback device, whose counters also see what native code tries.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
QUESTION = "How many tons of cocaine has Colombia seized?"
NOWHERE = "192.0.2.1"  # RFC 5737: an address that is never anybody's

HOOK = """
import ipaddress, json, os, socket, sys, traceback

refused = []

def is_local(host):
    host = host.decode() if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"

def watch(event, args):
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = args[0]
        if host is None:  # whatever this machine itself is called, nothing is asked
            return
    elif event == "socket.getnameinfo":
        host = args[0][0]
    elif event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"):
        if args[0].family == socket.AF_UNIX or args[-1] is None:
            return
        host = args[-1][0]
    else:
        return
    if not is_local(host):
        refused.append([event, repr(host), "".join(traceback.format_stack(limit=25)[:-1])])
        raise PermissionError(f"{event} {host!r}: not this machine")

sys.addaudithook(watch)

def finish(wait=0, **report):
    sys.stdout.write("\\n" + json.dumps({"refused": refused, **report}))
    sys.stdout.flush()
    os._exit(0)
"""

WHOLE_WAY = """
import http.client, importlib, pkgutil, queue, threading
from pathlib import Path

folder, question = Path(sys.argv[1]), sys.argv[2]
imported = 0
for package in ("index", "rag", "ui", "eval"):
    for found in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
            imported += 1

from index.build import ingest
from index.embed import by_name
from index.store import open_store
from rag import answer
from rag.ask import seeds_folder
from rag.settings import Settings

with open_store(folder / "store", by_name(Settings.from_environment({}).embedder)) as store:
    ingested = [outcome.result for outcome in ingest(store, [str(seeds_folder())])]
    asked = answer(question, store=store).status

from ui.app import serve

ready = queue.Queue()

def serving():
    try:
        serve(folder / "store", port=0, ready=ready.put)
    finally:
        ready.put("")  # it ended before it answered: the traceback is on standard error

threading.Thread(target=serving, daemon=True).start()
address = ready.get(timeout=150).removeprefix("http://") or sys.exit("the server did not start")

def fetch(method, path, body=None):
    connection = http.client.HTTPConnection(address, timeout=60)
    connection.request(method, path, body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    return [response.status, response.read().decode()]

page = fetch("GET", "/")
served = json.loads(fetch("POST", "/api/answer", json.dumps({"question": question}))[1])["status"]
finish(wait=15, imported=imported, ingested=ingested, asked=asked, page=page, served=served)
"""

LOOPBACK_UP = """
import fcntl, socket, struct
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:  # 0x8914 is SIOCSIFFLAGS, 1 is IFF_UP
    fcntl.ioctl(device, 0x8914, struct.pack("16sh14x", b"lo", 1))
"""

ONLY_LOOPBACK = """
import time

def strays():
    '''Packets of this namespace that had nowhere to go, and datagrams (look-ups of names) sent at all, by counter.'''
    counts = {}
    lines = [line.split() for line in open("/proc/self/net/snmp")]
    for names, values in zip(lines[::2], lines[1::2]):
        counts |= {names[0][:-1] + name: int(value) for name, value in zip(names[1:], values[1:])}
    if os.path.exists("/proc/self/net/snmp6"):
        counts |= {name: int(value) for name, value in (line.split() for line in open("/proc/self/net/snmp6"))}
    looked_at = ("IpOutNoRoutes", "Ip6OutNoRoutes", "UdpOutDatagrams", "Udp6OutDatagrams")
    return {name: counts[name] for name in looked_at if counts.get(name)}

plainly = finish

def finish(wait=0, **report):
    time.sleep(wait)  # seconds: onnxruntime's statistics, if they are not off, leave 8 to 14 s after a model was loaded
    plainly(strays=strays(), **report)
"""


def _hostile(folder: Path) -> dict[str, str]:
    """An environment that would lead careless code astray: empty caches, dead proxies, statistics switched on."""
    proxy = f"http://{NOWHERE}:9"
    folders = {
        name: str(folder / name.lower())
        for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "HF_HOME", "NLTK_DATA", "TIKTOKEN_CACHE_DIR", "TMPDIR")
    }
    for made in folders.values():
        Path(made).mkdir(parents=True, exist_ok=True)
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"), proxy)
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "GRADIO_ANALYTICS_ENABLED": "True",
        "ANONYMIZED_TELEMETRY": "True",
        **folders,
        **proxies,
    }


def _run(code: str, folder: Path, before: Sequence[str] = ()) -> dict[str, Any]:
    """Runs code that ends with `finish(...)`; its report, or a failure with what it wrote."""
    run = subprocess.run(
        [*before, sys.executable, "-c", code, str(folder), QUESTION],
        cwd=ROOT,
        env=_hostile(folder),
        capture_output=True,
        encoding="utf-8",
        timeout=400,
    )
    if run.returncode or not run.stdout.strip():
        pytest.fail(f"exit {run.returncode}\n{run.stdout[-1500:]}\n{run.stderr[-4000:]}")
    return dict(json.loads(run.stdout.splitlines()[-1]))


def _assert_went_well(report: dict[str, Any]) -> None:
    assert report["refused"] == [], "\n".join("\n".join(entry) for entry in report["refused"])
    assert report["imported"] > 40
    assert report["ingested"]
    assert set(report["ingested"]) == {"added"}
    assert report["asked"] in {"answered", "partial", "disputed"}
    assert report["page"][0] == 200
    assert "<html" in report["page"][1]
    assert report["served"] == report["asked"]


@pytest.fixture(scope="module")
def alone() -> list[str]:
    """A command that starts another in a namespace with a loopback device only."""
    if shutil.which("unshare") is None:
        pytest.skip("needs the command unshare to make a network namespace")
    command = ["unshare", "--net"] if os.getuid() == 0 else ["unshare", "--map-root-user", "--net"]
    tried = subprocess.run([*command, sys.executable, "-c", LOOPBACK_UP], capture_output=True, text=True)
    if tried.returncode:
        pytest.skip(f"this user may not make a network namespace: {(tried.stderr.strip().splitlines() or ['?'])[-1]}")
    return command


def test_import_ingest_ask_and_serve_touch_no_other_machine(tmp_path: Path) -> None:
    _assert_went_well(_run(HOOK + WHOLE_WAY, tmp_path))


def test_import_ingest_ask_and_serve_work_where_there_is_no_other_machine(tmp_path: Path, alone: list[str]) -> None:
    report = _run(LOOPBACK_UP + HOOK + ONLY_LOOPBACK + WHOLE_WAY, tmp_path, before=alone)
    _assert_went_well(report)
    assert report["strays"] == {}, "native code tried to reach another machine"


@pytest.mark.parametrize(
    ("event", "attempt"),
    [
        ("socket.getaddrinfo", "socket.getaddrinfo('example.invalid', 80)"),
        ("socket.gethostbyname", "socket.gethostbyname('example.invalid')"),
        ("socket.connect", f"socket.socket().connect(('{NOWHERE}', 9))"),
        ("socket.connect", f"socket.socket().connect_ex(('{NOWHERE}', 9))"),
        ("socket.sendto", f"socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('{NOWHERE}', 9))"),
        ("socket.bind", "socket.socket().bind(('0.0.0.0', 0))"),
        ("socket.bind", "socket.socket().bind(('', 0))"),
        ("socket.getaddrinfo", "__import__('urllib.request').request.urlopen('http://example.invalid/')"),
    ],
)
def test_the_hook_notes_an_attempt_even_when_its_error_is_swallowed(tmp_path: Path, event: str, attempt: str) -> None:
    code = f"{HOOK}\nos.environ.update(http_proxy='')\ntry:\n    {attempt}\nexcept OSError:\n    pass\nfinish()"
    assert [entry[0] for entry in _run(code, tmp_path)["refused"]] == [event]


def test_the_hook_lets_this_machine_talk_to_itself(tmp_path: Path) -> None:
    code = """
listening = socket.create_server(("127.0.0.1", 0))
socket.create_connection(("localhost", listening.getsockname()[1])).close()
finish(done=True)
"""
    assert _run(HOOK + code, tmp_path) == {"refused": [], "done": True}


def test_the_namespace_counts_what_the_hook_cannot_see(tmp_path: Path, alone: list[str]) -> None:
    """A connect by the C library itself, as a Rust or C++ extension would make it."""
    code = f"""
import ctypes, struct
libc = ctypes.CDLL(None)
there = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(9), socket.inet_aton("{NOWHERE}"))
failed = libc.connect(libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0), there, len(there))
finish(failed=failed)
"""
    report = _run(LOOPBACK_UP + HOOK + ONLY_LOOPBACK + code, tmp_path, before=alone)
    assert report["refused"] == []
    assert report["failed"] == -1
    assert report["strays"] == {"IpOutNoRoutes": 1}
