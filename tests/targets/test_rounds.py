"""Feeds that share a message, and how many collections of a worker are at the database at the same time."""

from __future__ import annotations

from datetime import datetime

import pytest

from targets import collecting, tasks
from targets.collection.harvest import Claim, Harvest
from tests.targets.analytics import Analytics, Run


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the feeds that are collected; number 3 breaks."""
    done: list[int] = []

    def run(feed_id: int, *_: object, **_more: object) -> None:
        if feed_id == 3:
            raise RuntimeError("the database went away")
        done.append(feed_id)

    monkeypatch.setattr(collecting, "run", run)
    return done


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the feeds that are rung for."""
    feeds: list[int] = []
    monkeypatch.setattr(tasks.collect, "delay", feeds.append)
    return feeds


@pytest.mark.parametrize("count", [0, 1, 63, 127, 128, 1000, 2000])
def test_every_feed_is_in_one_message_and_in_its_order(count: int) -> None:
    feeds = list(range(count))
    assert [feed for each in tasks.rounds(feeds) for feed in each] == feeds


def test_many_feeds_share_messages_and_the_last_ones_do_not() -> None:
    sizes = [len(each) for each in tasks.rounds(list(range(1000)))]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == tasks.MOST_IN_A_ROUND
    assert sizes[-100:] == [1] * 100


def test_few_feeds_have_a_message_each() -> None:
    assert list(tasks.rounds([7, 8, 9])) == [(7,), (8,), (9,)]


def test_a_round_is_collected_one_after_the_other(collected: list[int], rung: list[int]) -> None:
    tasks.collect(1, 2, 4)
    assert (collected, rung) == ([1, 2, 4], [])


def test_what_a_slow_round_leaves_is_rung_for_anew(
    collected: list[int], rung: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 1.0, tasks.LONGEST_ROUND + 1])
    monkeypatch.setattr(tasks, "monotonic", lambda: next(clock))
    tasks.collect(1, 2, 4)
    assert (collected, rung) == ([1], [2, 4])


def test_what_comes_after_a_broken_one_is_rung_for_anew(collected: list[int], rung: list[int]) -> None:
    with pytest.raises(RuntimeError):
        tasks.collect(1, 3, 4)
    assert (collected, rung) == ([1], [4])


def test_nobody_keeps_the_room_while_a_source_is_asked(
    analytics: Analytics, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = _Room()
    monkeypatch.setattr(collecting, "ROOM", room)
    gather = collecting._gather

    def noted(claim: Claim, now: datetime) -> Harvest:
        room.seen.append("asked")
        return gather(claim, now)

    monkeypatch.setattr(collecting, "_gather", noted)
    run()
    assert len(analytics.asked) == 1
    assert room.seen == ["in", "out", "asked", "in", "out"]


class _Room:
    """Notes who comes and goes."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __enter__(self) -> None:
        self.seen.append("in")

    def __exit__(self, *_: object) -> None:
        self.seen.append("out")
