"""The way to end an answer from another thread."""

from __future__ import annotations

import threading

import pytest

from rag.stop import Stop


class Call:
    """What can be ended, as a stream of a model is."""

    def __init__(self) -> None:
        self.ended = 0

    def close(self) -> None:
        self.ended += 1


def test_a_stop_is_not_set_until_it_is_and_then_stays() -> None:
    stop = Stop()
    assert not stop
    stop.set()
    stop.set()
    assert stop


def test_what_runs_is_ended() -> None:
    stop, one, other = Stop(), Call(), Call()
    with stop.ending(one.close), stop.ending(other.close):
        assert (one.ended, other.ended) == (0, 0)
        stop.set()
        assert (one.ended, other.ended) == (1, 1)


def test_what_begins_after_the_stop_is_ended_at_once() -> None:
    stop, call = Stop(), Call()
    stop.set()
    with stop.ending(call.close):
        assert call.ended == 1


def test_what_is_over_is_not_ended() -> None:
    stop, call = Stop(), Call()
    with stop.ending(call.close):
        pass
    stop.set()
    assert call.ended == 0


def test_what_fails_is_over_too() -> None:
    stop, call = Stop(), Call()
    with pytest.raises(KeyError), stop.ending(call.close):
        raise KeyError
    stop.set()
    assert call.ended == 0


def test_only_the_call_that_is_over_is_forgotten() -> None:
    stop, one, other = Stop(), Call(), Call()
    with stop.ending(one.close):
        with stop.ending(other.close):
            pass
        stop.set()
    assert (one.ended, other.ended) == (1, 0)


def test_what_is_ended_may_leave_while_the_stop_is_being_set() -> None:
    stop = Stop()
    inside, leave, left = threading.Event(), threading.Event(), threading.Event()
    ended: list[bool] = []

    def end() -> None:
        leave.set()
        ended.append(left.wait(5))

    def run() -> None:
        with stop.ending(end):
            inside.set()
            leave.wait(5)
        left.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert inside.wait(5)
    stop.set()
    thread.join()
    assert ended == [True]


def test_no_call_is_missed_however_the_threads_meet() -> None:
    found: list[bool] = []

    def run(stop: Stop, ready: threading.Barrier) -> None:
        ended = threading.Event()
        ready.wait()
        with stop.ending(ended.set):
            found.append(ended.wait(5))

    for _ in range(100):
        stop, ready = Stop(), threading.Barrier(5)
        threads = [threading.Thread(target=run, args=(stop, ready)) for _ in range(4)]
        for thread in threads:
            thread.start()
        ready.wait()
        stop.set()
        for thread in threads:
            thread.join()
    assert found == [True] * 400
