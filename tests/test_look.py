"""The look: colours that can be read, fonts that are here, and nothing that jumps when the page takes over."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import partial
from itertools import product
from pathlib import Path

import pytest
from browsing import chromium, in_a_loop, scanned, serving, too_wide, visiting  # noqa: F401 - chromium is a fixture

from ui.app import prepare_environment
from ui.parts.splash import banners, splash
from ui.words import LANGUAGES, Words

STATIC = Path(__file__).resolve().parent.parent / "ui" / "static"
SHEETS = {
    path.name: re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S) for path in STATIC.glob("*.css")
}
LOOK = SHEETS["look.css"]
COLOURS = {
    name: pair for name, *pair in re.findall(r"--sb-([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", LOOK)
}
GROUNDS = ("ground", "paper", "warm")
READ = [*product(("ink", "quiet", "accent", "good", "bad"), GROUNDS), ("on-accent", "accent"), ("ground", "ink")]
READ += [("mark-ink", "mark"), ("mark-ink", "mark-now")]
SEEN = [*product(("edge", "focus"), GROUNDS)]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio of two colours like #1d2329."""

    def luminance(colour: str) -> float:
        channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("scheme", "pairs", "least"), [(0, READ, 4.5), (1, READ, 4.5), (0, SEEN, 3), (1, SEEN, 3)])
def test_colours_keep_their_contrast_in_both_schemes(scheme, pairs, least):
    ratios = {pair: contrast(*(COLOURS[name][scheme] for name in pair)) for pair in pairs}
    assert {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < least} == {}


@pytest.mark.parametrize("name", sorted(SHEETS))
def test_a_sheet_takes_its_colours_from_the_look_alone(name):
    own = re.sub(r"--sb-[\w-]+: light-dark\(.*?\);", "", SHEETS[name])
    assert re.findall(r":[^;{}]*(#[0-9a-fA-F]{3,8}\b|rgba?\((?!0 0 0)[^)]*\)|hsla?\()", own.replace("#000", "")) == []
    used = set(re.findall(r"var\((--sb-[\w-]+)", SHEETS[name]))
    declared = set(re.findall(r"(--sb-[\w-]+):", LOOK + SHEETS[name]))
    assert used <= declared


@pytest.mark.parametrize("name", sorted(SHEETS))
def test_a_sheet_fetches_nothing_but_files_beside_it(name):
    assert "@import" not in SHEETS[name]
    for place in re.findall(r"url\(\s*[\"']?([^\"')]+)", SHEETS[name]):
        assert (STATIC / place).is_file(), place


def test_no_selector_is_told_two_things_by_two_sheets():
    told = defaultdict(set)
    for name, text in SHEETS.items():
        for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", re.sub(r"@[\w-]+[^{};]*\{", "", text)):
            for selector, line in product(selectors.split(","), body.split(";")):
                if ":" in line and selector.strip().startswith((".sb-", "#sb-")):
                    told[selector.strip(), line.split(":")[0].strip()].add(name)
    assert {what: names for what, names in told.items() if len(names) > 1} == {}


def test_every_sheet_and_script_is_used():
    from ui.app import _HEAD

    pages = "".join(path.read_text(encoding="utf-8") for path in STATIC.parent.rglob("*.py"))
    files = [path.name for path in STATIC.iterdir() if path.suffix in (".css", ".js")]
    assert [name for name in files if f"/ui/{name}" not in _HEAD + pages] == []


def test_the_fonts_are_declared_licensed_and_small():
    files = sorted((STATIC / "fonts").glob("*.woff2"))
    assert [path.name for path in files] == sorted(re.findall(r'url\("fonts/([^"]+)"\)', LOOK))
    assert sum(path.stat().st_size for path in files) < 350_000
    for path in files:
        licence = path.with_name(path.name.split("-latin")[0] + "-OFL.txt").read_text(encoding="utf-8")
        assert licence.startswith("Copyright 20")
        assert "SIL OPEN FONT LICENSE Version 1.1" in licence


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_start_of_the_page_needs_no_script_and_no_style_of_its_own(language):
    html = splash(Words(language)) + banners(Words(language))
    assert re.search(r"<script|<style|\sstyle=|\son\w+=", html) is None
    assert Words(language)("look.scripts_off") in html
    assert re.findall(r'id="(sb-\w+)" role="alert" hidden', html) == ["sb-offline", "sb-expired"]


# From here on in a browser.


def _framed(body: str, started: bool):
    """A page of this look alone; with `started`, one by Gradio with the parts that the real page has."""
    from fastapi import FastAPI
    from fastapi.responses import HTMLResponse
    from fastapi.staticfiles import StaticFiles

    app = FastAPI()
    app.mount("/ui", StaticFiles(directory=STATIC))
    head = '<link rel="stylesheet" href="/ui/look.css">'
    if not started:
        page = f'<!doctype html><html lang="en"><head><title>x</title>{head}</head><body>{body}</body></html>'
        app.get("/", response_class=HTMLResponse)(lambda: page)
        return app
    prepare_environment()
    import gradio as gr

    head += "<script>document.documentElement.dataset.there = '';</script>"  # as asking.js, when the parts have come

    def mounted():
        gr.mount_gradio_app(app, _controls(), path="/", footer_links=[], ssr_mode=False, head=head)
        return app

    return in_a_loop(mounted)


def _controls():
    import gradio as gr

    html = partial(gr.HTML, js_on_load=None, apply_default_css=False)
    with gr.Blocks(analytics_enabled=False, fill_width=True) as page:
        html("<header><h1>Sourcebound</h1></header>", elem_id="sb-head")
        with gr.Tabs(elem_id="sb-tabs"):
            with gr.Tab("Ask"), gr.Row(elem_id="sb-page"):
                with gr.Column(elem_id="sb-chat"):
                    html('<div class="sb-start"><h2>Ask</h2><p>A <a href="#x">link</a> in words.</p></div>')
                    with gr.Row(elem_id="sb-composer"):
                        gr.Textbox(label="Question", placeholder="Ask", container=False, elem_id="sb-box")
                        gr.Button("Ask", variant="primary", elem_id="sb-send")
                    with gr.Row(elem_id="sb-more"), gr.Accordion("Filters", open=True, elem_id="sb-filters"):
                        gr.Textbox(label="Since")
                        gr.Dropdown(["The Wire", "El País"], value=["The Wire"], label="Outlets", multiselect=True)
                with gr.Column(elem_id="sb-side"):
                    html("<aside><h2>Evidence</h2></aside>", elem_id="sb-panel")
            for name in ("Articles", "Quality"):
                gr.Tab(name)
    return page


@pytest.fixture(scope="module")
def started():
    with serving(_framed("", started=True)) as url:
        yield url


@pytest.fixture(scope="module")
def starting():
    with serving(_framed(splash(Words()) + banners(Words()), started=False)) as url:
        yield url


def _places(page, *selectors):
    return [
        page.eval_on_selector(selector, "it => { const b = it.getBoundingClientRect(); return [b.x, b.y, b.height]; }")
        for selector in selectors
    ]


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 2560])
def test_nothing_jumps_when_the_page_takes_over(starting, started, chromium, width):  # noqa: F811
    with visiting(starting, chromium, ".sb-splash") as opened, visiting(started, chromium) as opened_whole:
        before, after = opened(width), opened_whole(width)
        for page in (before, after):
            page.evaluate("document.fonts.ready")
        assert too_wide(before) == too_wide(after) == []
        shown = _places(before, ".sb-splash h1", ".sb-sections span", ".sb-sections span:nth-child(2)", ".sb-columns")
        assert (
            shown == _places(after, "#sb-head h1", "[role=tab]", "[role=tab]:nth-child(2)", ".tabitem")[:3] + shown[3:]
        )
        if width > 900:
            assert _places(before, ".sb-side")[0][:2] == pytest.approx(_places(after, "#sb-side")[0][:2], abs=1)
        before.evaluate("document.documentElement.dataset.there = ''")
        assert before.is_hidden(".sb-splash")


@pytest.mark.browser
def test_without_scripts_the_page_says_so(starting, chromium):  # noqa: F811
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(starting)
    assert page.is_visible(".sb-off")
    assert page.is_hidden(".sb-loading")
    context.close()


@pytest.mark.browser
def test_of_several_banners_one_is_seen(starting, chromium):  # noqa: F811
    with visiting(starting, chromium, ".sb-splash") as opened:
        page = opened()
        seen = []
        for last in ("sb-offline", "sb-signed-out", "sb-expired"):
            page.evaluate("document.querySelectorAll('.sb-banner').forEach(one => { one.hidden = false; })")
            for gone in seen:
                page.evaluate("id => { document.getElementById(id).hidden = true; }", gone)
            shown = page.eval_on_selector_all(
                ".sb-banner", "all => all.filter(one => one.getClientRects().length).map(one => one.id)"
            )
            assert shown == [last]
            seen.append(last)


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_scan_finds_nothing_serious_in_the_frame_and_its_controls(starting, started, chromium, scheme):  # noqa: F811
    with visiting(starting, chromium, ".sb-splash") as opened, visiting(started, chromium) as opened_whole:
        page = opened(scheme=scheme)
        page.evaluate("document.querySelectorAll('.sb-banner').forEach(it => it.removeAttribute('hidden'))")
        assert scanned(page) == []
        assert scanned(opened_whole(scheme=scheme)) == []


@pytest.mark.browser
def test_gradios_dark_and_the_systems_dark_are_one(starting, chromium):  # noqa: F811
    ground = "getComputedStyle(document.body).backgroundColor"
    with visiting(starting, chromium, ".sb-splash") as opened:
        light, dark = opened(), opened(scheme="dark")
        was = light.evaluate(ground)
        light.evaluate("document.body.classList.add('dark')")
        assert was != light.evaluate(ground) == dark.evaluate(ground)


@pytest.mark.browser
def test_the_fonts_come_from_the_server_and_what_stands_in_is_as_wide(starting, chromium):  # noqa: F811
    measure = """family => {
        const line = document.createElement("span");
        line.style.cssText = `position: fixed; white-space: nowrap; font: 20px/normal ${family}`;
        line.textContent = "The new harbour of Port Ellen opened on 3 May, the council said.";
        document.body.append(line);
        return [line.offsetWidth, line.offsetHeight];
    }"""
    with visiting(starting, chromium, ".sb-splash") as opened:
        page = opened()
        for family, stands_in in (("Source Serif 4", "Serif Stand-in"), ("Source Sans 3", "Sans Stand-in")):
            assert page.evaluate(f"document.fonts.load('20px \"{family}\"').then(found => found.length)") == 1
            if not page.evaluate(f"document.fonts.load('20px \"{stands_in}\"').then(found => found.length, () => 0)"):
                pytest.skip("the system has none of the fonts that can stand in")
            width, height = page.evaluate(measure, f'"{family}"')
            assert page.evaluate(measure, f'"{stands_in}"') == pytest.approx([width, height], rel=0.03)
