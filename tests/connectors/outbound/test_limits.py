"""How many at once and how many a day: slots that run out with their worker, days of the organisation."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.outbound.holding import Moment
from connectors.outbound.limits import Held, Limit, Limits, Usage, given_back, held_by, midnight_after, running, taken

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
BERLIN = ZoneInfo("Europe/Berlin")


def limits(calls: int | None = None, per: int = 60, at_once: int | None = None, a_day: int | None = None) -> Limits:
    return Limits(zone=BERLIN, calls=calls, per=per, at_once=at_once, a_day=a_day)


def take(limits: Limits, usage: Usage, token: str, now: datetime = NOON) -> Usage:
    assert held_by(limits, usage, now) is None
    return taken(limits, usage, token, now=now, lasting=30)


def test_without_limits_nothing_is_counted() -> None:
    assert not limits().any
    assert take(limits(), Usage(), "a") == Usage()


def test_as_many_run_at_once_as_may_and_one_that_ended_makes_room() -> None:
    two = limits(at_once=2)
    usage = take(two, take(two, Usage(), "a"), "b")
    assert held_by(two, usage, NOON) == Held(by=Limit.AT_ONCE, until=None)
    usage = given_back(usage, "a")
    assert set(running(take(two, usage, "c"), NOON)) == {"b", "c"}


def test_the_slot_of_a_dead_worker_runs_out_after_its_call_and_a_little_more() -> None:
    one = limits(at_once=1)
    usage = take(one, Usage(), "of the dead")
    assert held_by(one, usage, NOON + 34 * SECOND) is not None
    assert set(take(one, usage, "next", NOON + 35 * SECOND).slots) == {"next"}


def test_giving_back_what_is_not_there_changes_nothing() -> None:
    usage = take(limits(at_once=3), Usage(), "a")
    assert given_back(usage, "b") == usage


def test_a_quota_is_of_the_organisations_own_day() -> None:
    three = limits(a_day=3)
    before_midnight = datetime(2026, 11, 20, 22, 59, 59, tzinfo=UTC)
    usage = Usage()
    for token in "abc":
        usage = take(three, usage, token, before_midnight)
    assert (usage.on, usage.used) == (date(2026, 11, 20), 3)
    midnight = datetime(2026, 11, 20, 23, tzinfo=UTC)
    assert held_by(three, usage, before_midnight) == Held(by=Limit.QUOTA, until=midnight)
    usage = take(three, usage, "d", midnight)
    assert (usage.on, usage.used) == (date(2026, 11, 21), 1)


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        ("Europe/Berlin", "2026-03-28T23:30Z", "2026-03-29T22:00Z"),  # a day of 23 hours
        ("Europe/Berlin", "2026-10-24T22:00Z", "2026-10-25T23:00Z"),  # a day of 25 hours
        ("America/Havana", "2026-03-08T04:00Z", "2026-03-08T05:00Z"),  # midnight itself is skipped
        ("Pacific/Kiritimati", "2026-11-20T09:59Z", "2026-11-20T10:00Z"),
        ("UTC", "2026-12-31T23:59Z", "2027-01-01T00:00Z"),
    ],
)
def test_the_day_ends_at_local_midnight(zone: str, now: str, expected: str) -> None:
    assert midnight_after(datetime.fromisoformat(now), ZoneInfo(zone)) == datetime.fromisoformat(expected)


def test_what_takes_longest_is_named_first() -> None:
    every = limits(calls=1, at_once=1, a_day=1)
    usage = take(every, Usage(), "a")
    held = held_by(every, usage, NOON)
    assert held is not None
    assert held.by == Limit.QUOTA
    held = held_by(limits(calls=1, at_once=1), usage, NOON)
    assert held == Held(by=Limit.PACE, until=NOON + 61 * SECOND)


def test_one_call_uses_up_something_of_every_limit() -> None:
    usage = take(limits(calls=60, at_once=2, a_day=100), Usage(), "a")
    assert usage.free_at is not None
    assert (len(usage.slots), usage.used) == (1, 1)


@pytest.mark.parametrize(
    ("seconds", "since", "due"),
    [(0, "13:00", "13:00"), (1, "13:00", "13:01"), (59.5, "13:00", "13:01"), (60, "13:01", "13:01")],
)
def test_what_is_to_come_is_said_by_the_minute_by_which_it_has_come(seconds: float, since: str, due: str) -> None:
    moment = Moment(now=NOON, zone=BERLIN, chance=0.0)
    at = NOON + timedelta(seconds=seconds)
    assert (moment.said(at), moment.due(at)) == (since, due)


def test_what_is_not_today_is_said_with_its_day() -> None:
    late = datetime(2026, 11, 20, 22, 59, 30, tzinfo=UTC)
    moment = Moment(now=late, zone=BERLIN, chance=0.0)
    assert moment.said(late) == "23:59"
    assert moment.due(late) == "2026-11-21T00:00+01:00"


@pytest.mark.parametrize(
    ("wait", "chance", "seconds"), [(-5, 1, 0), (10, 0, 10), (10, 0.5, 10.5), (10, 1, 11), (3600, 1, 3630)]
)
def test_who_waits_for_the_same_moment_comes_a_little_after_it(wait: float, chance: float, seconds: float) -> None:
    moment = Moment(now=NOON, zone=BERLIN, chance=chance)
    assert moment.after(NOON + timedelta(seconds=wait)) == NOON + timedelta(seconds=seconds)
