"""Counters become amounts: nothing of their growth is lost or counted twice, however their readings come."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.domain.counting import Counter, counted

START = datetime(2026, 11, 20, tzinfo=UTC)
Readings = list[tuple[datetime, float]]


def at(hour: int) -> datetime:
    return START + timedelta(hours=hour)


def readings(*values: float) -> Readings:
    return [(at(hour), value) for hour, value in enumerate(values)]


def test_the_first_reading_gives_no_amount() -> None:
    assert counted(readings(1000), None) == ({}, Counter(at=at(0), value=1000.0))


def test_each_reading_gives_what_came_since_the_one_before() -> None:
    amounts, last = counted(readings(1000, 1040, 1040, 1100), None)
    assert amounts == {at(1): 40.0, at(2): 0.0, at(3): 60.0}
    assert last == Counter(at=at(3), value=1100.0, before=1040.0)


def test_a_counter_that_falls_was_restarted_and_counts_from_zero() -> None:
    assert counted(readings(1000, 1040, 25, 30), None)[0] == {at(1): 40.0, at(2): 25.0, at(3): 5.0}


def test_it_goes_on_from_the_last_reading() -> None:
    first, last = counted(readings(1000, 1040), None)
    assert counted([(at(2), 1100.0)], last)[0] == {at(2): 60.0}
    assert first == {at(1): 40.0}


def test_the_same_readings_again_change_nothing() -> None:
    _, last = counted(readings(1000, 1040, 1100), None)
    amounts, again = counted(readings(1000, 1040, 1100), last)
    assert (amounts, again) == ({at(2): 60.0}, last)


def test_a_late_reading_is_passed_over_for_the_next_one_holds_it() -> None:
    _, last = counted([(at(0), 1000.0), (at(2), 1100.0)], None)
    assert counted([(at(1), 1040.0)], last) == ({}, last)


def test_a_day_whose_counter_is_read_again_grows_with_it() -> None:
    _, last = counted(readings(1000, 1040), None)
    amounts, last = counted([(at(1), 1060.0)], last)
    assert amounts == {at(1): 60.0}
    assert counted([(at(2), 1100.0)], last)[0] == {at(2): 40.0}


COUNTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=30)


def growth_of(values: list[int]) -> int:
    """Return by how much a counter grew from its first reading, restarts included."""
    return sum(after - before if after >= before else after for before, after in pairwise(values))


@given(COUNTS)
def test_all_amounts_together_are_the_whole_growth(values: list[int]) -> None:
    amounts, last = counted(readings(*values), None)
    assert sum(amounts.values()) == growth_of(values)
    assert all(amount >= 0 for amount in amounts.values())
    assert last is not None
    assert last.value == values[-1]


@given(COUNTS, st.randoms())
def test_the_order_of_readings_does_not_matter(values: list[int], shuffle: random.Random) -> None:
    mixed = readings(*values)
    shuffle.shuffle(mixed)
    assert counted(mixed, None) == counted(readings(*values), None)


@given(COUNTS, st.lists(st.integers(1, 8), max_size=30), st.integers(0, 6))
def test_however_readings_are_split_into_collections_the_amounts_are_the_same(
    values: list[int], sizes: list[int], overlap: int
) -> None:
    whole, every = counted(readings(*values), None), readings(*values)
    amounts: dict[datetime, float] = {}
    last, start = None, 0
    for size in [*sizes, len(every)]:
        part, last = counted(every[max(start - overlap, 0) : start + size], last)
        amounts |= part
        start += size
    assert (amounts, last) == whole


@given(COUNTS, st.lists(st.integers(0, 29), max_size=20))
def test_readings_that_come_again_change_nothing(values: list[int], again: list[int]) -> None:
    every = readings(*values)
    amounts, last = counted(every, None)
    for place in again:
        part, after = counted(every[place % len(every) :], last)
        assert after == last
        assert amounts | part == amounts


@pytest.mark.parametrize("scale", [0.01, 100.0])
def test_amounts_scale_with_the_counter(scale: float) -> None:
    values = [5, 9, 2, 30]
    scaled = counted([(when, value * scale) for when, value in readings(*values)], None)[0]
    assert list(scaled.values()) == pytest.approx(
        [value * scale for value in counted(readings(*values), None)[0].values()]
    )
