"""Prints how quickly the page is there and how still it stands: `python tests/paint.py [PAGES]`, over the seeds.

Each page is opened in a fresh Chromium without a cache, and one question is asked. First contentful paint and layout
shift are what the browser's own Performance API says (layout shift: the sum of all that follow no input).
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

WATCH = """() => {
    window.shifts = 0;
    const add = list => list.getEntries().forEach(one => { if (!one.hadRecentInput) window.shifts += one.value; });
    new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
}"""
QUESTION = "How many tons of cocaine has Colombia seized?"
BOX = "#sb-box textarea"


def main(pages: int) -> None:
    """Serves a store of its own and visits it."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder:
        command = [str(Path(sys.executable).with_name("rag")), "serve", "--port", "0"]
        environment = {"RAG_STORE": str(Path(folder, "store")), "PATH": "/usr/bin:/bin"}
        with (
            subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server,
            sync_playwright() as p,
        ):
            address = server.stdout.readline().split()[-1]
            browser = p.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            for width in (360, 1440):
                visit(browser, address, width, 1)  # the server's first page warms it up
                figures = list(zip(*[visit(browser, address, width) for _ in range(pages)], strict=True))
                names = ("first paint, ms", "box ready, ms", "answer, ms", "layout shift, loading", "while answering")
                for name, values in zip(names, figures, strict=True):
                    median, worst = statistics.median(values), max(values)
                    sys.stdout.write(f"{width} px, {name}: median {median:.4g}, worst {worst:.4g}, n={pages}\n")
            browser.close()
            server.terminate()


def visit(browser, address: str, width: int, _warm: int = 0) -> tuple[float, ...]:
    """First paint, box ready and answer in ms; layout shift until then and from then on."""
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(BOX)
    ready = page.evaluate("performance.now()")
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    page.evaluate(WATCH)
    page.wait_for_selector(".sb-start")
    page.wait_for_timeout(1500)
    loading = page.evaluate("window.shifts")
    page.fill(BOX, QUESTION)
    page.press(BOX, "Enter")
    asked = page.evaluate("performance.now()")
    page.wait_for_selector("#t1 .sb-made", state="attached")
    answered = page.evaluate("performance.now()") - asked
    page.wait_for_timeout(700)
    answering = page.evaluate("window.shifts") - loading
    context.close()
    return paint, ready, answered, loading, answering


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
