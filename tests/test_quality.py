"""The Quality tab: what it tells of the corpus and the models, reports sound and broken, and the page in a browser."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from browsing import chromium, scanned, serving, too_wide, visiting  # noqa: F401 - a fixture
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from tiny import TinyEmbedder, make, put

from index.store import open_store
from rag.settings import Settings
from ui.guard import Guard
from ui.measured import Figure, judge_error, reports
from ui.parts.quality import Model, Quality, render_placeholder, render_quality
from ui.quality import add_quality, models, quality
from ui.words import LANGUAGES, Words

STATIC = Path(__file__).resolve().parent.parent / "ui" / "static"
EN = Words("en")
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"
TOLD = Quality(
    corpus="c0ffee123456",
    articles=3,
    outlets=(("El Faro", 2), ("The Wire", 1)),
    first=date(2026, 3, 1),
    last=date(2026, 5, 4),
    undated=1,
    store_format=2,
    version="0.1.0",
    settings="5e77195e7719",
    models=(Model("embedder", "bge-small", "b743f13bd35b"), Model("answerer", "big-model", host="models.example")),
    checker="rules-2",
)
PAGE = """<!doctype html><html lang="en"><title>Report</title><style>body { color: #111; background: #fff }</style>
<input id="seek"><p class="row">one</p><p class="row">two</p>
<script>document.getElementById("seek").addEventListener("input", (event) => {
  for (const row of document.querySelectorAll(".row")) row.hidden = !row.textContent.includes(event.target.value);
});</script></html>"""


def metric(name="answer_correct", value=0.667, low=0.57, high=0.771, n=147, by=None):
    return {"name": name, "by": by, "value": value, "low": low, "high": high, "n": n}


def result(suite="seeds", when="2026-11-22 13:43 UTC", corpus="c0ffee123456", settings="5e77195e7719", **more):
    about = {"date": when, "corpus": corpus, "settings": settings, "measured": f"195 questions in {suite}"}
    return {"suite": suite, "metrics": [metric()], "failed_gates": [], "about": about, "judge": [], **more}


def write(folder: Path, found: object, page: str | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "result.json").write_text(found if isinstance(found, str) else json.dumps(found), "utf-8")
    if page is not None:
        (folder / "report.html").write_text(page, "utf-8")
    return folder


def shown(folder: Path, language: str = "en", **changes) -> str:
    found, broken = reports(folder)
    return render_quality(replace(TOLD, reports=found, broken=broken, **changes), Words(language))


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store", TinyEmbedder()) as opened:
        put(
            opened,
            make("The harbour opened on Monday.", outlet="The Wire", published=date(2026, 5, 4)),
            make("Another text, without a date."),
        )
        yield opened


def app_of(store, folder: Path | None) -> FastAPI:
    app = FastAPI()
    add_quality(app, store, Settings(), folder)

    @app.get("/", response_class=HTMLResponse)
    def page(lang: str = "en") -> str:
        return (
            f'<!doctype html><html lang="{lang}"><head><meta name="viewport" content="width=device-width">'
            '<title>Quality</title><link rel="stylesheet" href="/ui/look.css"><link rel="stylesheet" '
            'href="/ui/quality.css"><script src="/ui/quality.js" defer></script></head><body>'
            f'<main class="gradio-container"><h1>Sourcebound</h1>{render_placeholder(Words(lang))}</main></body></html>'
        )

    app.mount("/ui", StaticFiles(directory=STATIC))
    app.add_middleware(Guard, host="127.0.0.1")
    return app


def client(store, folder: Path | None) -> TestClient:
    return TestClient(app_of(store, folder), base_url="http://127.0.0.1")


# The fragment


def test_says_what_is_in_the_corpus_and_which_models_work():
    html = shown(Path("nowhere"))
    for part in ("c0ffee123456", "El Faro", "2026-03-01 to 2026-05-04; 1 without a date", "at models.example"):
        assert part in html
    assert "5e77195e7719" in html


def test_without_a_report_three_commands_say_how_to_make_one(tmp_path):
    html = shown(tmp_path)
    assert "No evaluation report is here yet" in html
    assert html.count("<li>") >= 3
    assert "rag eval init" in html


def test_a_figure_stands_with_its_interval_its_count_and_the_way_that_is_good(tmp_path):
    write(tmp_path, result(directions={"answer_correct": "higher"}))
    html = shown(tmp_path)
    assert "<b>67%</b>" in html
    assert "(57 to 77%)" in html
    assert ">147<" in html
    assert "higher is better" in html


@pytest.mark.parametrize(
    ("corpus", "settings", "line"),
    [
        ("c0ffee123456", "5e77195e7719", "Measured on this corpus, with the settings in use now."),
        ("c0ffee123456", "000000000000", "but with other settings"),
        ("000000000000", "5e77195e7719", "Measured on another corpus."),
    ],
)
def test_says_whether_the_report_is_of_this_corpus_and_these_settings(tmp_path, corpus, settings, line):
    write(tmp_path, result(corpus=corpus, settings=settings))
    assert line in shown(tmp_path)


def test_a_report_without_fingerprints_counts_as_one_of_another_corpus(tmp_path):
    write(tmp_path, result(about={"date": "2026-11-22 13:43 UTC"}))
    assert "Measured on another corpus." in shown(tmp_path)


def test_says_that_a_checker_which_judges_itself_looks_good(tmp_path):
    found = result()
    found["about"] |= {"checker": "rules-2", "judge": "rules-2"}
    write(tmp_path, found)
    assert "The judge of this run is the checker itself" in shown(tmp_path)


def test_figures_of_another_kind_of_suite_are_shown_by_their_own_names(tmp_path):
    write(tmp_path, result(metrics=[metric("ndcg_at_100", 0.5, None, None, 9)]))
    assert "<code>ndcg_at_100</code>" in shown(tmp_path)


def test_the_checkers_error_is_shown_by_set_and_is_what_ships():
    judged = judge_error("rules-2")
    assert {one.group for one in judged} >= {"factcc_news", "mutations", "mean"}
    html = render_quality(replace(TOLD, judged=judged), EN)
    assert "Lets through what is not supported" in html
    passed = next(one for one in judged if (one.group, one.name) == ("factcc_news", "false_supported"))
    assert f"of {passed.n}</span>" in html


def test_a_checker_that_was_never_measured_is_said_to_be_so():
    assert judge_error("never-1") == ()
    assert "(rules-2) was never measured" in render_quality(TOLD, EN)


def test_what_a_user_measured_of_a_checker_goes_before_what_ships(tmp_path, monkeypatch):
    row = {"set": "mutations", "figure": "false_supported", "value": 0.25, "low": None, "high": None, "n": 4}
    write(tmp_path, "{}")
    (tmp_path / "judges.json").write_text(json.dumps({"rules-2": {"measured": [row]}}))
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: str(tmp_path))
    assert judge_error("rules-2") == (Figure("false_supported", 0.25, None, None, 4, group="mutations"),)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_there_in_every_language(tmp_path, language):
    names = ["answer_correct", "unsupported_shown", "latency_median_ms", "calibration_error", "false_unsupported"]
    metrics = [metric(name) for name in names]
    write(tmp_path / "a", result(metrics=metrics, failed_gates=["x"], judge=["a line"]), page=PAGE)
    write(tmp_path / "b", result("other", "2026-11-21 10:00 UTC", corpus="0"))
    write(tmp_path / "c", "{")
    for chosen in (0, 1):
        html = shown(tmp_path, language, chosen=chosen, judged=judge_error("rules-2"))
        assert "{" not in html
    assert ("Calidad" in html) == (language == "es")


def test_every_key_has_both_languages():
    import tomllib

    found = tomllib.loads((STATIC.parent / "words" / "quality.toml").read_text("utf-8"))
    assert {key for key, both in found.items() if set(both) != set(LANGUAGES)} == set()


def test_text_of_reports_and_articles_is_escaped(tmp_path):
    found = result(HOSTILE, judge=[HOSTILE], metrics=[metric(HOSTILE)])
    found["about"] |= {"measured": HOSTILE, "checker": HOSTILE, "embedder": HOSTILE}
    write(tmp_path, found)
    html = shown(
        tmp_path, outlets=((HOSTILE, 1),), models=(Model("checker", HOSTILE, HOSTILE, HOSTILE),), checker=HOSTILE
    )
    assert "<script" not in html
    assert "<img" not in html


# Reports


def test_the_newest_report_by_the_time_inside_comes_first(tmp_path):
    write(tmp_path / "z", result("old", "2026-01-01 10:00 UTC"))
    write(tmp_path / "a", result("new", "2026-02-01 10:00 UTC"))
    write(tmp_path, result("undated", "sometime"))
    assert [one.suite for one in reports(tmp_path)[0]] == ["new", "old", "undated"]


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", '{"suite": 3}', '{"suite": "x", "about": [], "metrics": {}}', "[" * 100_000,
        '{"suite": "x", "about": {}, "metrics": 1}',
    ],
)  # fmt: skip
def test_a_broken_report_gives_a_calm_line(tmp_path, text):
    write(tmp_path / "bad", text)
    html = shown(tmp_path)
    assert "One report could not be read" in html
    assert str(tmp_path) not in html


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=8,
    ),
    st.sampled_from(["metrics", "about", "judge", "failed_gates", "directions", "suite"]),
)
def test_no_report_of_whatever_content_breaks_the_tab(tmp_path_factory, value, place):
    folder = tmp_path_factory.mktemp("reports")
    write(folder, {**result(), place: value})
    assert shown(folder).startswith('<section class="sb-quality">')


@given(
    st.dictionaries(
        st.sampled_from(["name", "value", "low", "high", "n"]), st.none() | st.floats() | st.text(), max_size=5
    )
)
def test_no_metric_of_whatever_content_breaks_the_tab(tmp_path_factory, row):
    folder = tmp_path_factory.mktemp("reports")
    write(folder, result(metrics=[{**metric(), **row}]))
    assert "nan" not in shown(folder).lower().replace("finan", "")


def test_a_folder_that_leads_elsewhere_is_not_followed(tmp_path):
    write(tmp_path / "outside", result("secret"), page=PAGE)
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "link").symlink_to(tmp_path / "outside")
    assert reports(tmp_path / "reports") == ((), 0)


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    write(tmp_path, result())
    monkeypatch.setattr("ui.measured.LARGEST", 10)
    assert reports(tmp_path) == ((), 1)


def test_a_report_that_is_written_anew_is_read_anew(tmp_path):
    write(tmp_path, result("first"))
    assert reports(tmp_path)[0][0].suite == "first"
    write(tmp_path, result("second"))
    os.utime(tmp_path / "result.json", ns=(1, 1))
    assert reports(tmp_path)[0][0].suite == "second"


# The record of a store


def test_the_record_is_of_the_store_and_its_settings(store):
    told = quality(store, Settings(), None)
    assert (told.articles, told.outlets, told.undated) == (2, (("The Wire", 1),), 1)
    assert (told.corpus, told.settings) == (store.fingerprint(), Settings().fingerprint)
    assert told.checker == "combined-1"


def test_of_servers_only_the_host_is_told_and_no_key(store):
    chosen = Settings(
        model="big", base_url="https://models.example:8443/v1/private", model_key="sk-secret", checker="judge"
    )
    told = render_quality(replace(TOLD, models=models(store, chosen, "judge:big")), EN)
    assert told.count("at models.example<") == 2
    assert "sk-secret" not in told
    assert "private" not in told
    assert "8443" not in told


def test_a_server_on_this_machine_is_called_so(store):
    chosen = Settings(model="small", base_url="http://127.0.0.1:8080/v1")
    assert [one.host for one in models(store, chosen, "rules-2")] == [""] * 5


# The routes


def test_the_fragment_comes_in_the_language_asked_for(store, tmp_path):
    with client(store, tmp_path) as asked:
        assert "<h2>Quality</h2>" in asked.get("/parts/quality").text
        assert "<h2>Calidad</h2>" in asked.get("/parts/quality?lang=es").text


def test_another_report_is_chosen_by_its_number(store, tmp_path):
    write(tmp_path / "a", result("first", "2026-02-01 10:00 UTC"), page=PAGE)
    write(tmp_path / "b", result("second", "2026-01-01 10:00 UTC"), page=PAGE.replace("one", "uno"))
    with client(store, tmp_path) as asked:
        assert '<option value="1" selected>second' in asked.get("/parts/quality?report=1").text
        assert "uno" in asked.get("/quality/report?report=1").text
        assert "uno" not in asked.get("/quality/report").text


@pytest.mark.parametrize("tried", ["../../etc/passwd", "a", "-1", "99", "١", "0/../1", "%2e%2e%2f", "9" * 5000])
def test_a_path_or_another_number_that_is_none_leads_nowhere(store, tmp_path, tried):
    write(tmp_path / "reports" / "a", result("first"), page=PAGE)
    (tmp_path / "report.html").write_text("outside")
    with client(store, tmp_path / "reports") as asked:
        found = asked.get("/quality/report", params={"report": tried})
        assert found.status_code in (200, 404)
        assert found.text == PAGE or "there is no such report" in found.text
        assert "sb-quality" in asked.get("/parts/quality", params={"report": tried}).text


def test_without_reports_there_is_no_page_and_the_line_names_no_folder(store, tmp_path):
    for folder in (None, tmp_path / "none"):
        with client(store, folder) as asked:
            found = asked.get("/quality/report")
            assert found.status_code == 404
            assert str(tmp_path) not in found.text


def test_a_page_that_is_a_link_elsewhere_is_not_served(store, tmp_path):
    write(tmp_path / "a", result())
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "a" / "report.html").symlink_to(tmp_path / "secret")
    with client(store, tmp_path) as asked:
        assert asked.get("/quality/report").status_code == 404


def test_a_reports_script_runs_apart_from_this_server(store, tmp_path):
    write(tmp_path, result(), page=PAGE)
    with client(store, tmp_path) as asked:
        policies = asked.get("/quality/report").headers.get_list("content-security-policy")
    assert "sandbox allow-scripts" in policies
    assert any("script-src 'self' " in one and "'sha256-" in one for one in policies)


# In a browser


@pytest.mark.browser
def test_the_tab_fills_itself_and_the_reports_filters_work(store, tmp_path, chromium):  # noqa: F811
    write(tmp_path / "a", result(corpus=store.fingerprint(), settings=Settings().fingerprint), page=PAGE)
    write(tmp_path / "b", result("second", "2026-01-01 10:00 UTC"))
    with serving(app_of(store, tmp_path)) as address, visiting(address, chromium, ready=".sb-quality") as opened:
        for scheme, width, lang in (("light", 1440, "en"), ("dark", 360, "es")):
            page = opened(width=width, scheme=scheme, path=f"/?lang={lang}")
            assert too_wide(page, ".sb-quality") == []
            assert scanned(page) == []
        page = opened()
        page.select_option("#sb-quality-report", "1")
        page.get_by_text("Measured on another corpus.").wait_for()
        assert page.evaluate("document.activeElement.id") == "sb-quality-report"
        page.goto(f"{address}/quality/report")
        page.fill("#seek", "two")
        assert page.locator(".row:visible").all_inner_texts() == ["two"]
