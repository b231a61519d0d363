"""A real browser for tests: an app served, visited as a reader would, with everything noted that must not happen.

Fixtures are made known to a test module by importing them: `from browsing import chromium, serving, visiting`.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
_QUIET = ("--disable-component-update", "--disable-sync")
_STANDARD = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
_SCAN = """options => axe.run(document, options).then(found => found.violations.map(one => ({
    rule: one.id, impact: one.impact, help: one.help,
    where: one.nodes.map(node => node.target.join(" ") + " | " + node.any.concat(node.all, node.none)
        .map(check => check.message).join("; ")),
})))"""


def in_a_loop(build: Callable[[], Any]) -> Any:
    """What `build` gives inside a running loop, outside of which Gradio makes loops for itself and leaves them open."""

    async def built() -> Any:
        return build()

    with ThreadPoolExecutor(1) as thread:  # of its own: Playwright's loop may be running in this one
        return thread.submit(asyncio.run, built()).result()


@contextlib.contextmanager
def serving(app: Any, port: int = 0) -> Iterator[str]:
    """The address at which an ASGI app answers while the block lasts; port 0 takes a free one."""
    import uvicorn

    listening = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listening.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium without a window; the test is skipped where there is none. While it runs, `asyncio.run` does not."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no chromium or google-chrome on the path")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, headless=True, args=[*_FLAGS, *_QUIET])
        yield browser
        browser.close()


@contextlib.contextmanager
def visiting(address: str, chromium: Browser, ready: str = "#sb-box textarea") -> Iterator[Callable[..., Page]]:
    """Gives a function that opens the page in a fresh context; at the end nothing may have gone wrong on any of them.

    Gone wrong is: something was asked of another place than `address`, a dialog popped up, a script failed.

    Args:
        address: as `serving` gives it.
        chromium: the fixture.
        ready: selector of what must be there before the page counts as open.

    Yields:
        `opened(width=1440, height=900, scheme="light", path="/", **context)`: the page; `context` goes to Playwright's
        `new_context`, as in `has_touch=True`.
    """
    contexts, elsewhere, dialogs, broken = [], [], [], []

    def opened(width: int = 1440, height: int = 900, scheme: str = "light", path: str = "/", **options: Any) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        own = (address + "/", "data:", "blob:" + address)
        page.on("request", lambda request: request.url.startswith(own) or elsewhere.append(request.url))
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.goto(address + path)
        page.wait_for_selector(ready)
        page.wait_for_function("getComputedStyle(document.body).getPropertyValue('--sb-ink') !== ''")
        return page

    try:
        yield opened
    finally:
        for context in contexts:
            context.close()
    assert (elsewhere, dialogs, broken) == ([], [], [])


def scanned(page: Page, within: str = "") -> list[str]:
    """What an accessibility scan (axe-core, WCAG 2.2 A and AA) finds serious or critical; empty is good.

    Args:
        page: open, in the state that is judged; animations should have ended.
        within: selector of the part that is judged; by default all of it.

    Returns:
        A line a finding: "rule (impact): what to do: where | why".
    """
    import axe_playwright_python

    script = Path(axe_playwright_python.__file__).with_name("axe.min.js")
    page.evaluate(script.read_text(encoding="utf-8"))  # not a script element: the page's own policy stays in force
    tags = {"runOnly": {"type": "tag", "values": list(_STANDARD)}}
    options = {**tags, "resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}  # off by default
    scan = _SCAN.replace("document", f"document.querySelector({within!r})") if within else _SCAN
    return [
        f"{one['rule']} ({one['impact']}): {one['help']}: {place}"
        for one in page.evaluate(scan, options)
        if one["impact"] in ("serious", "critical")
        for place in one["where"]
    ]


def in_view(page: Page, selector: str) -> None:
    """Waits until an element is wholly within the window."""
    page.wait_for_function(
        """selector => {
            const box = document.querySelector(selector)?.getBoundingClientRect();
            const inside = box && box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth;
            return inside && box.height > 0;
        }""",
        arg=selector,
    )


def tab_to(page: Page, wanted: str, key: str = "Tab", most: int = 40) -> None:
    """Presses a key until the focus is on an element of which the JavaScript function `wanted` holds."""
    for _ in range(most):
        if page.evaluate(f"({wanted})(document.activeElement)"):
            return
        page.keyboard.press(key)
    pytest.fail(f"{key} never reached {wanted}")


def too_wide(page: Page, within: str = "body") -> list[str]:
    """What stands out of the window to the right and is not cut off there, as "TAG#id.class: right edge in px"."""
    return page.evaluate(
        """within => {
            const right = one => Math.round(one.getBoundingClientRect().right);
            const holds = one => getComputedStyle(one).overflowX !== "visible" && right(one) <= innerWidth + 1;
            const held = one => one && (holds(one) || held(one.parentElement));
            return [...document.querySelectorAll(within + " *")]
                .filter(one => right(one) > innerWidth + 1 && !held(one.parentElement?.closest("body *")))
                .map(one => `${one.tagName}#${one.id}.${one.className}: ${right(one)}`);
        }""",
        within,
    )
