"""Copies of a story are found whatever happened to them on the way; what only looks alike is not one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import TinyEmbedder, make, put

from index import copies
from index.articles import Article, Chunk
from index.build import ingest, rebuild, verify
from index.copies import Stories, profile, resemble
from index.errors import StoreError
from index.ledger import Ledger
from index.store import Store, open_store

STORY = """Ferry service between Dunmore and the island of Carrow will stop on 4 May for the repair of the only ramp.

The harbour board said on Tuesday that divers had found cracks in two of the steel beams under the ramp. The work is
to last nine weeks and to cost 1.8 million euros. Until then the ferry may carry no vehicle above 12 tonnes.

"Nobody wanted this before the season," said Maeve Tierney, who chairs the board. "But we will not put lorries on a
ramp that we do not trust." She promised a passenger boat that would sail four times a day.

Shopkeepers on Carrow, home to 640 people, fear for their trade. Last summer the ferry brought 31,000 visitors, most
of them in June and July. The island's council asked the ministry for help and has had no answer so far.

The ramp was built in 1987 and was last inspected eight years ago. A second one has been promised by three ministers
in turn. Farmers said that they would have to sell their lambs early or keep them until the autumn fairs."""

RETOLD = """Carrow is about to lose its ferry for most of the early summer. Cracked steel beams beneath the ramp at the
island's pier mean that it has to close in May, and the repair will take nine weeks.

Divers discovered the damage this spring, according to the harbour board. Its head, Maeve Tierney, told reporters that
safety left no choice. She said a small boat for people on foot would replace the ferry four times daily.

For the 640 islanders this is bad news. Many live from the 31,000 tourists who came last year. Sheep farmers do not
know how to bring their animals to market, and a council letter to the ministry has stayed unanswered."""

BULLETIN = """Shares in the city closed {way} on {day} with the main index at {a} points, a change of {b} percent.
Turnover came to {c} million shares. Banks were among the most traded papers of the session, followed by builders. The
currency stood at {d} to the dollar. Analysts said that investors were waiting for the figures on inflation that are
due at the end of the week, and that few of them were willing to take risks before then."""

PARAGRAPHS = STORY.split("\n\n")


def others(count: int, seed: int = 0) -> list[Article]:
    """Articles of words of their own."""
    pick = random.Random(seed)  # noqa: S311 - repeatable, nothing secret
    words = [f"{first}{second}" for first in ("ba", "ke", "li", "mo", "nu") for second in "bcdfghjklm"]
    return [make(" ".join(pick.choices(words, k=120)), f"/other/{seed}-{number}.txt") for number in range(count)]


def edited(text: str, every: int) -> str:
    """The text with another word in the place of every so many."""
    return " ".join("quite" if number % every == 3 else word for number, word in enumerate(text.split(" ")))


def alike(one: str, other: str) -> bool:
    return resemble(profile(one), profile(other))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store", TinyEmbedder()) as opened:
        yield opened


@pytest.mark.parametrize(
    "copy",
    [
        STORY[: len(STORY) * 2 // 5],
        STORY[: len(STORY) * 9 // 10],
        "\n\n".join(PARAGRAPHS[:2] + PARAGRAPHS[3:]),
        "\n\n".join(
            [*PARAGRAPHS[:2], "Buses will wait at the pier, the county said, and tickets stay valid.", *PARAGRAPHS[2:]]
        ),
        "Islanders fear for summer as ramp closes\n" + STORY,
        "DUNMORE (Wire) - " + STORY + "\n(Reporting by A. Person; editing by B. Other)\nSign up for our newsletter.",
        STORY.upper().replace(",", ""),
        edited(STORY, 20),
        edited(STORY[: len(STORY) * 3 // 4], 14),
    ],
    ids=["40 %", "90 %", "one out", "one in", "headline", "tags", "capitals", "edited", "edited and cut"],
)
def test_a_copy_is_told_by_its_words(copy: str) -> None:
    assert alike(STORY, copy)
    assert alike(copy, STORY)


def test_the_same_event_in_other_words_is_another_story() -> None:
    assert not alike(STORY, RETOLD)


def test_a_form_with_other_figures_is_another_story() -> None:
    monday = BULLETIN.format(way="higher", day="Monday", a="7,204", b="0.6", c="412", d="3.91")
    friday = BULLETIN.format(way="lower", day="Friday", a="7,151", b="1.2", c="388", d="3.95")
    assert not alike(monday, friday)
    assert alike(monday, monday.replace("higher", "up"))


def test_a_digest_is_no_copy_of_what_it_holds() -> None:
    digest = "\n\n".join([PARAGRAPHS[0], *(article.text for article in others(4))])
    assert not alike(STORY, digest)


def test_a_shared_paragraph_makes_no_copy() -> None:
    one, other = others(2)
    assert not alike(f"{one.text}\n\n{PARAGRAPHS[3]}", f"{other.text}\n\n{PARAGRAPHS[3]}")


@given(one=st.text(max_size=60), other=st.text(max_size=60))
def test_every_text_is_a_copy_of_itself_and_copying_goes_both_ways(one: str, other: str) -> None:
    assert alike(one, one)
    assert alike(one, other) == alike(other, one)


def test_a_signature_is_the_same_on_every_machine() -> None:
    """It lies in stores: another one for the same words would hide copies. A new one needs a new format of stores."""
    signature = profile(STORY).signature()
    assert len(set(signature)) == copies.VALUES
    assert [value & 0xFFFFFFFF for value in signature[:3]] == [945056863, 742674645, 16238685]
    assert [value >> 32 for value in signature] == list(range(copies.VALUES))


# In a store


def test_copies_come_by_date_then_outlet_and_the_earliest_names_the_story(store: Store) -> None:
    late = make(STORY, outlet="Alpha", published=date(2026, 4, 3))
    early = make(PARAGRAPHS[0] + "\n\n" + STORY, outlet="Zeta", published=date(2026, 4, 1))
    beta, undated = make(STORY, outlet="Beta", published=date(2026, 4, 3)), make(STORY, outlet="Alpha")
    put(store, undated, beta, *others(3))
    put(store, late, early, make(RETOLD))
    assert store.copies(early.id) == [late, beta, undated]
    assert store.copies(beta.id) == [early, late, undated]
    assert {store.story(article.id) for article in (early, late, beta, undated)} == {early.id}
    assert verify(store) == []


def test_an_article_alone_is_its_own_story(store: Store) -> None:
    put(store, make(STORY), make(RETOLD))
    assert store.story(make(RETOLD).id) == make(RETOLD).id
    assert store.copies(make(RETOLD).id) == store.copies("nope") == []
    assert store.stories.heads([make(STORY).id, "nope"]) == {make(STORY).id: make(STORY).id, "nope": "nope"}


def test_copies_in_one_ingest_are_found_and_all_kept(store: Store, tmp_path: Path) -> None:
    for name, text in (("a.txt", STORY), ("b.txt", STORY[:900]), ("c.txt", RETOLD)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    outcomes = ingest(store, [str(tmp_path / name) for name in ("a.txt", "b.txt", "c.txt")])
    assert [outcome.result for outcome in outcomes] == ["added"] * 3
    assert [outcome.reason for outcome in outcomes] == ["copy of 'b.txt'", "copy of 'a.txt'", ""]
    assert [article.source for article in store.copies(outcomes[0].article_id or "")] == ["b.txt"]


def test_an_article_that_goes_leaves_its_story(store: Store) -> None:
    first, second, third = (make(STORY, f"/{n}.txt", published=date(2026, 4, n)) for n in (1, 2, 3))
    put(store, first, second, third)
    store.remove(first.id)
    assert store.copies(second.id) == [third]
    assert store.story(third.id) == second.id
    put(store, make(RETOLD, "/2.txt"))
    assert store.copies(third.id) == []
    assert store.copies(first.id) == store.copies(second.id) == []
    assert verify(store) == []


def test_an_article_that_comes_back_joins_its_story_again(store: Store) -> None:
    one, other = make(STORY, published=date(2026, 4, 1)), make(STORY, published=date(2026, 4, 2))
    put(store, one, other)
    store.remove(one.id)
    put(store, one)
    assert store.copies(other.id) == [one]
    assert verify(store) == []


def test_what_one_article_held_together_falls_apart_without_it(store: Store) -> None:
    halves = make(" ".join(PARAGRAPHS[:2])), make(" ".join(PARAGRAPHS[3:]))
    whole = make(STORY)
    put(store, *halves)
    assert store.copies(halves[0].id) == []
    put(store, whole)
    assert len({store.story(article.id) for article in (*halves, whole)}) == 1
    store.remove(whole.id)
    assert store.copies(halves[0].id) == store.copies(halves[1].id) == []
    assert verify(store) == []


CROWD = [
    make(text, f"/crowd/{number}.txt", published=date(2026, 4, 1 + number % 5))
    for number, text in enumerate(
        [
            STORY,
            STORY[:700],
            edited(STORY, 15),
            " ".join(PARAGRAPHS[3:]),
            " ".join(PARAGRAPHS[:2]),
            RETOLD,
            RETOLD[:500],
        ]
    )
] + others(3)


@given(order=st.permutations(CROWD), gone=st.sets(st.sampled_from(range(len(CROWD))), max_size=4))
def test_stories_do_not_depend_on_the_order_in_which_articles_came_and_went(
    tmp_path_factory: pytest.TempPathFactory, order: list[Article], gone: set[int]
) -> None:
    def groups(came: list[Article], left: list[Article]) -> dict[str, str]:
        with closing(Ledger(tmp_path_factory.mktemp("stories") / "l.sqlite3")) as ledger:
            stories = Stories(ledger)
            for article in came:
                ledger.put_article(article, [])
                stories.add(article)
            for article in left:
                ledger.set_state(article.id, "removed")
                stories.remove(article.id)
            assert list(stories.check()) == []
            return stories.heads([article.id for article in came if article not in left])

    left = [article for article in order if CROWD.index(article) in gone]
    assert groups(order, left) == groups([article for article in CROWD if article not in left], [])


def test_a_rebuild_gives_the_same_stories(tmp_path: Path) -> None:
    with open_store(tmp_path / "store", TinyEmbedder()) as store:
        put(store, *CROWD)
        before = store.stories.heads([article.id for article in CROWD])
    with open_store(tmp_path / "store", TinyEmbedder("other"), rebuild=True) as store:
        rebuild(store)
        assert store.stories.heads([article.id for article in CROWD]) == before
        assert len(set(before.values())) < len(CROWD)


def test_a_change_that_fails_changes_no_story(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, make(STORY))
    monkeypatch.setattr(type(store.sparse), "add", _fail)
    with pytest.raises(StoreError, match="stop"):
        put(store, make(STORY[:900]))
    assert store.copies(make(STORY).id) == []
    assert verify(store) == []


def _fail(*_: object) -> None:
    raise StoreError("stop")


def test_look_alikes_by_the_thousand_do_not_make_adding_slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compared in vain is bounded; an article of the same words is among the first that are looked at."""
    monkeypatch.setattr(copies, "MOST_MISSES", 5)
    forms = [
        make(BULLETIN.format(way="up", day="today", a=f"7,{n:03}", b=f"1.{n}", c=4000 + n, d=f"3.{n:03}"))
        for n in range(60)
    ]
    compared: list[bool] = []
    monkeypatch.setattr(copies, "resemble", lambda *pair: compared.append(resemble(*pair)) or compared[-1])
    with closing(Ledger(tmp_path / "l.sqlite3")) as ledger:
        stories = Stories(ledger)
        for form in forms:
            ledger.put_article(form, [])
            stories.add(form)
        assert len(compared) <= 5 * len(forms)
        again = make(forms[30].text + " (Wire)")
        ledger.put_article(again, [])
        stories.add(again)
        assert stories.copies(again.id) == [forms[30]]


# Among passages


def chunk(article: str, text: str) -> Chunk:
    return Chunk(article, 0, len(text), text)


def test_a_passage_of_a_copy_that_says_the_same_is_repeated() -> None:
    best = [chunk("a", PARAGRAPHS[1]), chunk("b", edited(PARAGRAPHS[1], 17)), chunk("c", PARAGRAPHS[1])]
    assert copies.repeated(best, {"a": "a", "b": "a", "c": "a"}) == {best[1].id, best[2].id}
    assert copies.repeated(best, {"a": "a", "b": "b", "c": "b"}) == {best[2].id}


def test_passages_of_copies_that_say_something_else_or_give_other_figures_are_not_repeated() -> None:
    other = PARAGRAPHS[1].replace("1.8 million", "2.4 million")
    best = [chunk("a", PARAGRAPHS[1]), chunk("b", PARAGRAPHS[2]), chunk("c", other), chunk("a", other)]
    assert copies.repeated(best[:3], dict.fromkeys("abc", "a")) == set()
    assert copies.repeated([best[0], best[3]], {"a": "a"}) == set()


# Old answers


def test_citations_resolve_whatever_is_ingested_later(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "story.txt"
    file.write_text(STORY, encoding="utf-8")
    (outcome,) = ingest(store, [str(file)])
    text = store.article(outcome.article_id or "").text
    start = text.index("Nobody wanted")
    store.ledger.issue([(outcome.article_id or "", start, start + 30, text[start : start + 30])])
    file.write_text(STORY.replace("nine weeks", "ten weeks"), encoding="utf-8")
    (changed,) = ingest(store, [str(file)])
    assert changed.result == "replaced"
    assert verify(store) == []
    store.remove(changed.article_id or "")
    put(store, *others(50))
    assert verify(store) == []
    store.close()
    with open_store(store.path, TinyEmbedder("other"), rebuild=True) as again:
        rebuild(again)
        assert again.counts()["citations"] == 1
        assert verify(again) == []
        for column, other in (("quote", "Nobody wants"), ("before", "?"), ("after", None), ("start", start - 1)):
            (was,) = again.ledger.rows(f"SELECT {column} FROM issued")[0]  # noqa: S608 - constants
            change = f"UPDATE issued SET {column} = ?"  # noqa: S608 - constants
            again.ledger.rows(change, [other])
            assert verify(again), column
            again.ledger.rows(change, [was])
        again.ledger.rows("UPDATE articles SET text = replace(text, 'divers', 'drivers')")
        assert any("was altered" in problem for problem in verify(again))
