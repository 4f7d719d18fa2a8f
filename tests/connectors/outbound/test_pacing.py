"""No stretch of time holds more calls than the limit allows, in whatever pattern they come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import accumulate

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.outbound.pacing import Pace, after_start, earliest, pace_of

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)


def starts(pace: Pace, arrivals: list[datetime]) -> list[datetime]:
    """Return when calls start that arrive at these moments and each wait their turn."""
    free_at: datetime | None = None
    started: list[datetime] = []
    for arrival in arrivals:
        at = earliest(pace, free_at, max(arrival, started[-1] if started else arrival))
        free_at = after_start(pace, free_at, at)
        started.append(at)
    return started


def most_within(moments: list[datetime], window: timedelta) -> int:
    """Return how many moments lie in the fullest half-open window."""
    ordered = sorted(moments)
    return max(sum(first <= each < first + window for each in ordered) for first in ordered)


LIMITS = st.tuples(st.integers(1, 60), st.sampled_from([1, 5, 60, 3600, 86400]))
GAPS = st.lists(st.one_of(st.just(0.0), st.floats(0, 2), st.floats(0, 100)), min_size=1, max_size=150)


@given(LIMITS, GAPS)
@example((1, 1), [0.0] * 5)
@example((60, 60), [0.0] * 150)
def test_no_window_ever_holds_more_than_the_limit(limit: tuple[int, int], gaps: list[float]) -> None:
    calls, seconds = limit
    arrivals = [NOON + timedelta(seconds=passed) for passed in accumulate(gaps)]
    started = starts(pace_of(calls, seconds), arrivals)
    assert most_within(started, timedelta(seconds=seconds)) <= calls


@given(LIMITS, GAPS, st.data())
def test_nor_does_it_where_calls_arrive_a_little_after_they_were_let_out(
    limit: tuple[int, int], gaps: list[float], data: st.DataObject
) -> None:
    calls, seconds = limit
    pace = pace_of(calls, seconds)
    arrivals = [NOON + timedelta(seconds=passed) for passed in accumulate(gaps)]
    late = st.floats(0, pace.slack.total_seconds())
    arrived = [at + timedelta(seconds=data.draw(late)) for at in starts(pace, arrivals)]
    assert most_within(arrived, timedelta(seconds=seconds)) <= calls


@given(LIMITS, st.data())
def test_nor_do_several_workers_that_try_and_are_refused(limit: tuple[int, int], data: st.DataObject) -> None:
    calls, seconds = limit
    pace, now = pace_of(calls, seconds), NOON
    free_at: datetime | None = None
    started: list[datetime] = []
    for gap in data.draw(st.lists(st.floats(0, seconds / 3), max_size=200)):
        now += timedelta(seconds=gap)
        if earliest(pace, free_at, now) == now:
            free_at = after_start(pace, free_at, now)
            started.append(now)
    assert not started or most_within(started, timedelta(seconds=seconds)) <= calls


def test_the_bound_is_reached_and_would_be_broken_by_a_shorter_interval() -> None:
    pace = pace_of(60, 60)
    hammered = [NOON] * 200
    window = timedelta(seconds=60) + pace.slack
    assert most_within(starts(pace, hammered), window) == 60
    hasty = Pace(burst=pace.burst, interval=pace.interval * 0.97, slack=pace.slack)
    assert most_within(starts(hasty, hammered), window) > 60


@pytest.mark.parametrize(
    ("calls", "seconds", "burst", "interval", "slack"),
    [
        (1, 60, 1, 61.0, 1.0),
        (2, 60, 1, 30.5, 1.0),
        (60, 60, 6, 61 / 55, 1.0),
        (1000, 86400, 100, 86401 / 901, 1.0),
        (5, 1, 1, 0.25, 0.25),
        (20, 10, 2, 10.5 / 19, 0.5),
    ],
)
def test_a_tenth_goes_at_once_and_the_rest_evenly(
    calls: int, seconds: int, burst: int, interval: float, slack: float
) -> None:
    pace = pace_of(calls, seconds)
    assert (pace.burst, pace.slack) == (burst, timedelta(seconds=slack))
    assert timedelta(0) <= pace.interval - timedelta(seconds=interval) <= MICROSECOND


def test_after_a_quiet_time_a_burst_goes_at_once_and_then_one_an_interval() -> None:
    pace = pace_of(30, 60)
    started = starts(pace, [NOON] * 5)
    assert started == [NOON] * 3 + [NOON + pace.interval, NOON + 2 * pace.interval]


def test_a_new_connection_need_not_wait() -> None:
    assert earliest(pace_of(1, 86400), None, NOON) == NOON


def test_a_debt_of_a_stricter_limit_or_of_a_clock_set_back_is_forgiven() -> None:
    pace = pace_of(60, 60)
    far = NOON + timedelta(days=1)
    assert earliest(pace, far, NOON) == NOON
    free_at = after_start(pace, far, NOON)
    assert earliest(pace, free_at, NOON) == NOON + pace.interval  # but the burst counts as used


def test_a_debt_of_ones_own_is_not_even_if_the_clock_goes_back_a_little() -> None:
    pace = pace_of(60, 60)
    free_at = None
    for _ in range(pace.burst):
        free_at = after_start(pace, free_at, NOON)
    assert earliest(pace, free_at, NOON - pace.slack) == NOON + pace.interval
