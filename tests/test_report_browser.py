"""The page of a report in a real browser, over answers that a hostile article has gone into."""

import contextlib
import json

import pytest
from browsing import chromium  # noqa: F401 - a fixture
from towns import reader, said, suite_in, system

from eval.compare import compare
from eval.gate import Baseline, judge
from eval.pages import finished
from eval.questions import read_suite
from eval.report import write_report
from eval.reports.cases import Retrieved
from eval.run import evaluate

pytestmark = pytest.mark.browser
ATTACK = (
    """</blockquote></details></script><script>alert(1)</script><img src=http://127.0.0.1:9/x.png onerror=alert(2)>"""
    """<style>@import url(http://127.0.0.1:9/x.css);</style><meta http-equiv=refresh content="0;url=http://127.0.0.1:9">"""
    """<form action=//127.0.0.1:9/><input autofocus onfocus=alert(3)></form>"'><a href="javascript:alert(4)">a</a>"""
)


def forgetful(question, history):
    return said(question, None) if "town 3" in question else reader(question, history)


def hostile(case):
    """The case with the attack in every text that comes from elsewhere."""
    quote = f"{case.answer.citations[0].quote} {ATTACK}"
    citation = case.answer.citations[0].model_copy(
        update={"quote": quote, "end": len(quote), "title": ATTACK, "source": ATTACK, "outlet": ATTACK}
    )
    sentence = case.answer.sentences[0].model_copy(update={"text": ATTACK, "speaker": ATTACK, "reason": ATTACK})
    answer = case.answer.model_copy(
        update={"text": f"{ATTACK} [1]", "sentences": (sentence,), "citations": (citation,), "missing": ATTACK}
    )
    passage = Retrieved(article=ATTACK, start=0, end=0, text=f"{quote} {ATTACK}")
    return case.model_copy(
        update={"question": ATTACK, "history": (ATTACK,), "answer": answer, "passages": (passage,), "split": ATTACK}
    )


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two reports of one suite: what was accepted, and a run that forgot town 3 and met a hostile article."""
    place = tmp_path_factory.mktemp("reports")
    suite = read_suite(suite_in(place))
    before, after = (finished(evaluate(suite, system(ask))) for ask in (reader, forgetful))
    after.cases[0] = hostile(after.cases[0])
    base = Baseline(before.fingerprints, before.scores, {"commit": ATTACK})
    for name, run in (("before", before), ("after", after)):
        gate = judge(run.scores, run.fingerprints, run.clusters, base, run.gate, run.metrics)
        write_report(place / name, run, gate, {"command": ATTACK}, base)
    compare(place / "before", place / "after", report=place / "both")
    return place


@pytest.fixture
def visit(folders, chromium):  # noqa: F811
    """Opens a page of the reports; afterwards it may have asked for nothing else, and nothing have run or broken."""
    asked, told = [], []
    with contextlib.ExitStack() as stack:

        def opened(name="after/report.html", anchor="", console=True, **options):
            context = chromium.new_context(**options)
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(15_000)
            page.on("request", lambda request: asked.append(request.url))
            page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
            page.on("pageerror", lambda error: told.append(str(error)))
            page.on("console", lambda line: console and told.append(line.text))
            page.goto((folders / name).as_uri() + anchor)
            return page

        yield opened
    assert {url.partition("#")[0] for url in asked} <= {path.as_uri() for path in folders.glob("*/*.html")}
    assert told == []


def shown(page):
    return page.eval_on_selector_all("details.question", "all => all.filter(one => !one.hidden).map(one => one.id)")


def test_a_script_in_an_article_does_not_run_and_nothing_is_asked_for(visit):
    page = visit()
    page.click("#page-open")
    page.wait_for_timeout(200)
    assert page.eval_on_selector_all("script, img, link, iframe", "all => all.length") == 1
    assert ATTACK in page.inner_text("#fact-1 mark")


def test_the_policy_stops_a_script_that_got_in_after_all(visit):
    page = visit(console=False)  # the browser says there that it refused
    ran = page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            const refused = new Promise((done) => addEventListener("securitypolicyviolation", () => done("refused")));
            document.body.append(script);
            return window.ran || refused;
        }"""
    )
    assert ran == "refused"


@pytest.mark.parametrize(
    ("field", "value", "left"),
    [
        ("kind", "offcorpus", ["off-1", "off-2"]),
        ("split", "test", ["fact-2", "fact-4", "fact-6", "off-1", "off-2"]),
        ("verdict", "wrong", ["fact-3"]),
        ("status", "abstained", ["fact-3", "off-1", "off-2"]),
        ("changed", "worse", ["fact-3"]),
        ("changed", "better", []),
    ],
)
def test_a_filter_leaves_the_questions_it_names_and_counts_them(visit, field, value, left):
    page = visit()
    page.select_option(f"select[name={field}]", value)
    assert shown(page) == left
    assert page.inner_text("#page-count") == f"{len(left)} of 9 questions"


def test_filters_narrow_each_other_and_are_taken_back_together(visit):
    page = visit()
    page.fill("input[name=text]", "TOWN 5")
    assert shown(page) == ["fact-5"]
    page.select_option("select[name=verdict]", "wrong")
    assert shown(page) == []
    page.click("button[type=reset]")
    assert len(shown(page)) == 9
    assert page.inner_text("#page-count") == "9 questions"


def test_a_link_to_a_question_opens_it_even_if_a_filter_hides_it(visit):
    page = visit(anchor="#fact-4")
    assert page.eval_on_selector("#fact-4", "one => one.open")
    page.select_option("select[name=kind]", "offcorpus")
    page.evaluate("location.hash = '#fact-2--now-1'")
    page.wait_for_selector("#fact-2--now-1", state="visible")
    assert page.eval_on_selector("#fact-2", "one => one.open && !one.hidden")


def test_the_page_is_used_by_keyboard_alone(visit):
    page = visit()
    page.focus("input[name=text]")
    page.keyboard.type("town 6")
    page.focus("#fact-6 > summary")
    page.keyboard.press("Enter")
    assert page.is_visible("#fact-6 mark")


def test_without_scripts_every_question_can_be_read(visit):
    page = visit(java_script_enabled=False)
    assert page.is_hidden("#page-filters")
    assert page.locator("details.question > summary:visible").count() == 9


@pytest.mark.parametrize("name", ["after/report.html", "both/compare.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_phone_in_both_schemes(visit, name, scheme):
    page = visit(name, viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page.click("#page-open")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    channel = int(page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]"))
    assert (channel < 64) == (scheme == "dark")


def test_a_printed_page_has_no_filters_and_is_dark_on_light(visit):
    page = visit(color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.is_hidden("#page-filters")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(29, 35, 41)"


def test_a_comparison_opens_on_what_flipped_with_both_answers_side_by_side(visit):
    page = visit("both/compare.html", viewport={"width": 1440, "height": 900})
    assert shown(page) == ["fact-3"]
    page.click("#fact-3 > summary")
    boxes = [page.locator("#fact-3 .sides > section").nth(place).bounding_box() for place in (1, 2)]
    assert boxes[0]["y"] == boxes[1]["y"]
    assert "town 3 has 300 trees" in page.locator("#fact-3 .sides > section").nth(1).inner_text()
    assert "Not in the corpus." in page.locator("#fact-3 .sides > section").nth(2).inner_text()


def test_a_page_of_four_hundred_questions_filters_at_once(visit, folders):
    found = json.loads((folders / "after" / "result.json").read_text("utf-8"))
    found["questions"] = [
        {**found["questions"][place % 9], "id": f"q{place}", "fingerprint": str(place)} for place in range(400)
    ]
    (folders / "many").mkdir()
    (folders / "many" / "result.json").write_text(json.dumps(found), "utf-8")
    compare(folders / "many", folders / "many", report=folders / "many")
    page = visit("many/compare.html")
    took = page.evaluate(
        """() => {
            const started = performance.now();
            const field = document.querySelector("input[name=text]");
            field.value = "town 5";
            field.dispatchEvent(new Event("input", { bubbles: true }));
            document.body.getBoundingClientRect();
            return performance.now() - started;
        }"""
    )
    assert len(shown(page)) == 44
    assert took < 2000
