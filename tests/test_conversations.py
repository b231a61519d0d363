"""Conversations that the server keeps for each person, and those that the reader's own browser keeps, sealed."""

from __future__ import annotations

import copy
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from towns import said

from index.errors import SourceboundError, StoreError
from index.ledger import now
from rag.answers import Answer
from ui import carried
from ui.carried import pack, unpack
from ui.kept import ANSWERS, CONVERSATIONS, TITLE, Conversation, Kept, title_of
from ui.seal import KEY, Seal, key_of
from ui.session import new_id

SEAL = Seal(b"k" * 32)
ANSWER = said("What does town 2 have?", 2)
SEALED = SEAL.seal(ANSWER)
NAMED = {"id": "abc", "title": "A title", "at": "2026-03-10T10:00:00+00:00"}


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    opened = Kept(tmp_path / "kept.sqlite3")
    yield opened
    opened.close()


def conversation(*questions: str) -> Conversation:
    answers = tuple(said(question, min(place, 2)) for place, question in enumerate(questions, 1))
    return of(answers)


def of(answers: tuple[Answer, ...]) -> Conversation:
    return Conversation(new_id(), title_of(answers[0].question), now(), answers)


# Seals


@given(st.text(st.characters(codec="utf-8"), max_size=300), st.integers(1, 6))
def test_what_was_sealed_is_opened_as_it_was(question: str, number: int) -> None:
    answer = said(question, number)
    assert SEAL.opened(SEAL.seal(answer)) == answer


@settings(max_examples=300)
@given(st.integers(0, len(SEALED) - 1), st.characters())
def test_any_changed_character_is_refused(place: int, sign: str) -> None:
    changed = SEALED[:place] + sign + SEALED[place + 1 :]
    if changed != SEALED:
        with pytest.raises(SourceboundError, match="not made by this server"):
            SEAL.opened(changed)


@given(st.text(st.characters(), max_size=200))
def test_no_other_text_is_opened(text: str) -> None:
    with pytest.raises(SourceboundError, match="not made by this server"):
        SEAL.opened(text)


def test_a_seal_of_another_key_is_refused() -> None:
    with pytest.raises(SourceboundError, match="not made by this server"):
        Seal(b"l" * 32).opened(SEALED)


def test_a_cut_or_lengthened_seal_is_refused() -> None:
    for text in (SEALED[:-1], SEALED + "=", SEALED[:64], "", SEALED + SEALED):
        with pytest.raises(SourceboundError, match="not made by this server"):
            SEAL.opened(text)


def test_a_sealed_answer_of_another_version_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answer, "model_dump_json", lambda *_, **__: '{"question": "as it once was"}')
    sealed = SEAL.seal(ANSWER)
    with pytest.raises(SourceboundError, match="another version") as caught:
        SEAL.opened(sealed)
    assert "\n" not in str(caught.value)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        Seal(b"short")


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first = key_of(tmp_path / "new")
    assert len(first) == 32
    assert key_of(tmp_path / "new") == first
    assert key_of(tmp_path / "other") != first
    assert stat.S_IMODE((tmp_path / "new" / KEY).stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "new").iterdir()] == [KEY]


def test_processes_that_start_together_get_the_same_key(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from ui.seal import key_of; "
        "sys.stdin.readline(); print(key_of(Path(sys.argv[1])).hex())"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "keys")]
    started = [
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
        )
        for _ in range(3)
    ]
    for process in started:  # all have begun; each waits for its line
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    keys = [process.communicate(timeout=60)[0].strip() for process in started]
    assert len(keys[0]) == 64
    assert len(set(keys)) == 1


def test_threads_that_ask_together_get_the_same_key(tmp_path: Path) -> None:
    for name in map(str, range(10)):
        keys: list[bytes] = []
        start = threading.Barrier(4)

        def ask(folder: Path = tmp_path / name, keys: list[bytes] = keys, start: threading.Barrier = start) -> None:
            start.wait()
            keys.append(key_of(folder))

        run([ask] * 4)
        assert len(keys) == 4
        assert len(set(keys)) == 1


def test_a_damaged_key_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / KEY).write_bytes(b"half")
    with pytest.raises(StoreError, match="has 4 bytes, not 32: remove it"):
        key_of(tmp_path)


def run(tasks: list[object]) -> None:
    failed: list[BaseException] = []

    def guarded(task: object) -> None:
        try:
            task()  # type: ignore[operator]
        except BaseException as exc:  # noqa: BLE001 - told by the assertion below
            failed.append(exc)

    threads = [threading.Thread(target=guarded, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []


# On the server


def test_a_conversation_is_kept_whole(kept: Kept) -> None:
    made = conversation("What does town 1 have?", "And town 2?")
    kept.keep("ada", made)
    assert kept.conversation("ada", made.id) == made


def test_the_list_is_newest_first_and_tells_how_long_each_is(kept: Kept) -> None:
    first, second = conversation("First?", "More?"), conversation("Second?")
    kept.keep("ada", first)
    kept.keep("ada", second)
    assert [(one.title, one.answers) for one in kept.conversations("ada")] == [("Second?", 1), ("First?", 2)]
    kept.keep("ada", replace(first, answers=(*first.answers, ANSWER)), first.at)
    assert [(one.title, one.answers) for one in kept.conversations("ada")] == [("First?", 3), ("Second?", 1)]


def test_two_pages_that_add_to_one_conversation_make_two(kept: Kept) -> None:
    first = conversation("First?")
    kept.keep("ada", first)
    here = replace(first, at="2026-01-02", answers=(*first.answers, said("Here?", 2)))
    there = replace(first, at="2026-01-03", answers=(*first.answers, said("There?", 2)))
    assert kept.keep("ada", here, first.at) == (first.id, 2)
    other, _ = kept.keep("ada", there, first.at)
    assert other != first.id
    found = [kept.conversation("ada", one.id) for one in kept.conversations("ada")]
    assert [one.answers[-1].question for one in found if one] == ["There?", "Here?"]
    assert {len(one.answers) for one in found if one} == {2}


def test_what_was_deleted_on_another_page_does_not_come_back(kept: Kept) -> None:
    first = conversation("First?")
    kept.keep("ada", first)
    kept.delete_all("ada")
    more = replace(first, at="2026-01-02", answers=(*first.answers, said("More?", 2)))
    left = kept.conversation("ada", kept.keep("ada", more, first.at)[0])
    assert left is not None
    assert [answer.question for answer in left.answers] == ["More?"]


def test_nobody_sees_or_deletes_what_is_anothers(kept: Kept) -> None:
    made = conversation("Whose is this?")
    kept.keep("ada", made)
    assert kept.conversations("bob") == []
    assert kept.conversation("bob", made.id) is None
    assert not kept.delete("bob", made.id)
    assert kept.delete_all("bob") == 0
    assert kept.conversation("ada", made.id) == made


def test_the_same_id_under_two_persons_is_two_conversations(kept: Kept) -> None:
    made = conversation("Of Ada?")
    kept.keep("ada", made)
    kept.keep("bob", replace(made, title="Of Bob?"))
    assert [one.title for one in kept.conversations("ada")] == ["Of Ada?"]
    assert kept.delete("bob", made.id)
    assert kept.conversation("ada", made.id) == made


def test_what_is_deleted_is_gone_from_the_file(kept: Kept, tmp_path: Path) -> None:
    first, second = conversation("First?"), conversation("Second?")
    kept.keep("ada", first)
    kept.keep("ada", second)
    assert kept.delete("ada", first.id)
    assert not kept.delete("ada", first.id)
    assert [one.id for one in kept.conversations("ada")] == [second.id]
    kept.share(ANSWER, "ada")
    assert kept.delete_all("ada") == 1
    assert rows(tmp_path, "SELECT count(*) FROM conversations") == [(0,)]
    assert rows(tmp_path, "SELECT count(*) FROM answers") == [(0,)]
    assert rows(tmp_path, "SELECT count(*) FROM shared") == [(0,)]


def test_the_oldest_conversations_of_a_person_fall_out(kept: Kept) -> None:
    kept.keep("bob", conversation("Of Bob?"))
    for number in range(CONVERSATIONS + 3):
        kept.keep("ada", conversation(f"Number {number}?"))
    titles = [one.title for one in kept.conversations("ada")]
    assert titles == [f"Number {number}?" for number in range(CONVERSATIONS + 2, 2, -1)]
    assert len(kept.conversations("bob")) == 1


def test_the_oldest_answers_of_a_conversation_fall_out(kept: Kept) -> None:
    made = of(tuple(said(f"Number {number}?", 1) for number in range(ANSWERS + 5)))
    kept.keep("ada", made)
    read = kept.conversation("ada", made.id)
    assert read is not None
    assert [one.question for one in read.answers] == [f"Number {number}?" for number in range(5, ANSWERS + 5)]


def test_answers_of_another_version_are_left_out_and_counted(kept: Kept, tmp_path: Path) -> None:
    made = conversation("Kept?", "Lost?", "Kept as well?")
    kept.keep("ada", made)
    other = sqlite3.connect(tmp_path / "kept.sqlite3")
    with other:
        other.execute('UPDATE answers SET answer = \'{"question": "old"}\' WHERE place = 1')
    other.close()
    read = kept.conversation("ada", made.id)
    assert read is not None
    assert ([one.question for one in read.answers], read.lost) == (["Kept?", "Kept as well?"], 1)
    assert len(kept.conversations("ada")) == 1


def rows(folder: Path, sql: str) -> list[tuple[object, ...]]:
    other = sqlite3.connect(folder / "kept.sqlite3")
    try:
        return other.execute(sql).fetchall()
    finally:
        other.close()


def test_a_shared_answer_is_seen_by_its_id_alone(kept: Kept) -> None:
    identity = kept.share(ANSWER, "ada")
    assert kept.shared(identity) == ANSWER
    assert len(identity) == 22
    assert kept.shared("nothing") is None


def test_sharing_again_gives_the_same_id_to_the_same_person_alone(kept: Kept) -> None:
    ids = [kept.share(ANSWER, by) for by in ("ada", "bob", None, "")]
    assert len(set(ids)) == 4
    assert [kept.share(ANSWER, by) for by in ("ada", "bob", None, "")] == ids


@pytest.mark.parametrize("by", ["ada", None])
def test_only_who_shared_an_answer_takes_it_back(kept: Kept, by: str | None) -> None:
    identity = kept.share(ANSWER, by)
    assert not kept.unshare(identity, "bob")
    assert kept.shared(identity) == ANSWER
    assert kept.unshare(identity, by)
    assert kept.shared(identity) is None


def test_the_oldest_shared_answers_of_a_person_fall_out(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.kept.SHARED", 2)
    other = kept.share(ANSWER, "bob")
    ids = [kept.share(said(f"Number {number}?", 1), "ada") for number in range(3)]
    assert [kept.shared(one) is not None for one in (*ids, other)] == [False, True, True, True]


def test_many_threads_keep_and_share_at_once(kept: Kept) -> None:
    made = [conversation(f"Of thread {number}?") for number in range(8)]

    def work(number: int) -> None:
        for _ in range(5):
            kept.keep("ada", made[number], made[number].at)
            kept.keep(f"person {number}", made[number], made[number].at)
            kept.share(ANSWER, "ada")
            assert [one.id for one in kept.conversations(f"person {number}")] == [made[number].id]

    run([lambda number=number: work(number) for number in range(8)])
    assert {one.id for one in kept.conversations("ada")} == {one.id for one in made}


def test_two_who_open_the_file_see_the_same(kept: Kept, tmp_path: Path) -> None:
    other = Kept(tmp_path / "kept.sqlite3")
    made = conversation("Of both?")
    other.keep("ada", made)
    other.close()
    assert kept.conversation("ada", made.id) == made


def test_the_file_is_for_its_owner_alone(kept: Kept, tmp_path: Path) -> None:
    kept.keep("ada", conversation("Private?"))
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.glob("kept.sqlite3*")}
    assert len(modes) >= 2
    assert set(modes.values()) == {0o600}


def test_a_damaged_file_is_an_error_when_it_is_opened(tmp_path: Path) -> None:
    (tmp_path / "kept.sqlite3").write_bytes(b"no database " * 100)
    with pytest.raises(StoreError, match="cannot be read or written"):
        Kept(tmp_path / "kept.sqlite3")


def test_the_error_of_a_method_names_no_path(kept: Kept, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "kept.sqlite3")
    with other:
        other.executescript("DROP TABLE answers; DROP TABLE conversations")
    other.close()
    with pytest.raises(StoreError, match="the server's log says why") as caught:
        kept.conversations("ada")
    assert str(tmp_path) not in str(caught.value)


@given(st.text(max_size=300))
def test_a_title_is_one_short_line(question: str) -> None:
    title = title_of(question)
    assert len(title) <= TITLE
    assert "\n" not in title
    assert title_of(title) == title


def test_a_title_is_cut_between_words() -> None:
    assert title_of("How  many\npeople joined?") == "How many people joined?"
    assert title_of("word " * 30).endswith("word…")
    assert title_of("w" * 100) == "w" * (TITLE - 1) + "…"


def test_ids_are_not_given_twice() -> None:
    assert len({new_id() for _ in range(100)}) == 100


# In the browser


conversations = st.lists(
    st.lists(st.text("abc ?é🛰\n", min_size=1, max_size=90), min_size=1, max_size=4).map(
        lambda asked: conversation(*asked)
    ),
    max_size=4,
)


@given(conversations)
def test_what_was_packed_is_unpacked_as_it_was(made: list[Conversation]) -> None:
    assert unpack(pack(made, SEAL), SEAL) == made


def test_of_many_conversations_the_newest_are_packed() -> None:
    made = [of((ANSWER,) * ANSWERS + (said("Last?", 1),)) for _ in range(25)]
    packed = pack(made, SEAL)
    assert [one["id"] for one in packed] == [one.id for one in made[: carried.CONVERSATIONS]]
    read = unpack(packed, SEAL)
    assert {len(one.answers) for one in read} == {ANSWERS}
    assert read[0].answers[-1].question == "Last?"


def test_what_is_packed_stays_below_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    made = [conversation(*(f"{name} {number}?" for number in range(3))) for name in ("New", "Old", "Oldest")]
    whole = len(str(pack(made, SEAL)))
    for bound in range(0, whole + 200, 97):
        monkeypatch.setattr(carried, "CHARACTERS", bound)
        packed = pack(made, SEAL)
        assert len(str(packed)) <= max(bound, 2)
        read = unpack(packed, SEAL)
        assert [one.id for one in read] == [one.id for one in made][: len(read)]
        assert all(one.answers == other.answers[-len(one.answers) :] for one, other in zip(read, made, strict=False))
    assert len(read) == 3


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters(), max_size=20) | st.just(SEALED),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["id", "title", "at", "answers", "x"]), inner, max_size=5)
        | st.fixed_dictionaries({key: st.just(value) | inner for key, value in NAMED.items()} | {"answers": inner})
    ),
    max_leaves=20,
)


@given(anything)
def test_whatever_a_browser_sends_nothing_is_raised_and_only_ours_is_shown(data: object) -> None:
    given_before = copy.deepcopy(data)
    read = unpack(data, SEAL)
    assert all(answer == ANSWER for one in read for answer in one.answers)
    assert all(one.answers for one in read)
    assert repr(data) == repr(given_before)


def test_an_answer_that_is_not_ours_is_left_out_of_its_conversation() -> None:
    forged = Seal(b"l" * 32).seal(said("Forged?", 1))
    (read,) = unpack([{**NAMED, "answers": [forged, SEALED, SEALED[:-1] + "A", 5]}], SEAL)
    assert (read.answers, read.lost) == ((ANSWER,), 2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "../x"},
        {"id": ""},
        {"id": "x" * 65},
        {"id": 5},
        {"id": "abc\n"},
        {"title": "w" * 61},
        {"title": "two\nlines"},
        {"title": "\ud800"},
        {"title": None},
        {"at": "yesterday"},
        {"at": 5},
        {"answers": []},
        {"answers": SEALED},
        {"answers": {"0": SEALED}},
    ],
)
def test_a_conversation_with_anything_wrong_is_left_out(wrong: dict[str, object]) -> None:
    right = {**NAMED, "answers": [SEALED]}
    assert len(unpack([right], SEAL)) == 1
    assert unpack([{**right, **wrong}, {**right, "id": "next"}], SEAL) == unpack([{**right, "id": "next"}], SEAL)


def test_an_id_counts_once() -> None:
    other = {**NAMED, "title": "Another"}
    read = unpack([{**NAMED, "answers": [SEALED]}, {**other, "answers": [SEALED]}], SEAL)
    assert [one.title for one in read] == ["A title"]


def test_a_flood_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[int] = []

    def counted(_seal: Seal, text: str) -> Answer:
        opened.append(len(text))
        raise SourceboundError("no")

    monkeypatch.setattr(Seal, "opened", counted)
    flood = [{**NAMED, "answers": ["x" * 100] * 10_000} for _ in range(1000)]
    assert unpack(flood, SEAL) == []
    assert len(opened) == carried.CONVERSATIONS * carried.ANSWERS
    opened.clear()
    assert unpack([{**NAMED, "answers": ["x" * 4_000_000]}], SEAL) == []
    assert opened == []
