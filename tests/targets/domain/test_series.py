"""A series holds what was observed, and says no more about a moment than was known."""

from datetime import UTC, date, datetime
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.domain.series import Series
from tests.targets.domain.builders import BERLIN, at, daily, on, row, rows


def test_the_order_of_the_rows_makes_no_difference() -> None:
    ordered = rows("2026-11-01", [1.0, 2.0, None, 4.0])
    shuffled = Random(1).sample(ordered, len(ordered))
    first, second = Series.of(ordered), Series.of(shuffled)
    assert (first.days == second.days).all()
    assert (first.total == second.total).all()


def test_each_column_is_kept_apart() -> None:
    series = Series.of([(on("2026-11-01"), 10.0, 4, 1.0, 5.0, 2.0)])
    assert [series.total[0], series.count[0], series.minimum[0], series.maximum[0], series.last[0]] == [10, 4, 1, 5, 2]


def test_a_day_that_comes_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="more than once"):
        Series.of([row(on("2026-11-01"), 1.0), row(on("2026-11-01"), 2.0)])


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_none_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        daily("2026-11-01", [value])


def test_between_is_half_open() -> None:
    series = daily("2026-11-01", [1.0, 2.0, 3.0, 4.0])
    assert series.between(on("2026-11-02"), on("2026-11-04")).total.tolist() == [2.0, 3.0]
    assert len(series.between(on("2027-01-01"), on("2028-01-01"))) == 0
    assert len(Series.EMPTY.between(date.min, date.max)) == 0


@pytest.mark.parametrize(
    ("read_until", "now", "known_until"),
    [
        (None, "2026-11-20 12:00", "2026-11-03 00:00"),  # the last day was read to its end …
        (None, "2026-11-02 12:00", "2026-11-02 12:00"),  # … or, while it lasts, to now
        ("2026-11-02 18:00", "2026-11-20 12:00", "2026-11-02 18:00"),
        ("2026-11-02 18:00", "2026-11-02 12:00", "2026-11-02 12:00"),  # never beyond now
        ("2026-11-05 00:00", "2026-11-20 12:00", "2026-11-05 00:00"),  # silence that was heard is knowledge
        ("2026-11-01 20:00", "2026-11-20 12:00", "2026-11-03 00:00"),  # before its own last day it cannot end
    ],
)
def test_how_far_the_readings_run_is_made_definite(read_until: str | None, now: str, known_until: str) -> None:
    series = daily("2026-11-01", [1.0, 2.0], read_until=at(read_until) if read_until else None)
    assert series.as_known_at(at(now), BERLIN).read_until == at(known_until)


def test_days_after_now_are_not_known_yet() -> None:
    series = daily("2026-11-01", [1.0, 2.0, 3.0])
    assert series.as_known_at(at("2026-11-02 00:00"), BERLIN).total.tolist() == [1.0, 2.0]
    assert series.as_known_at(at("2026-10-31 23:59"), BERLIN).read_until is None


def test_which_days_are_known_depends_on_the_zone() -> None:
    now = datetime(2026, 11, 2, 23, 30, tzinfo=UTC)
    series = daily("2026-11-01", [1.0, 2.0, 3.0])
    assert [len(series.as_known_at(now, ZoneInfo(zone))) for zone in ("UTC", "Europe/Berlin")] == [2, 3]


@given(st.lists(st.none() | st.floats(-1e6, 1e6), max_size=12))
def test_zeros_are_put_on_missing_days_only(values: list[float | None]) -> None:
    series = daily("2026-11-01", values)
    filled = series.with_zeros(on("2026-11-01"), on("2026-11-13"))
    padded = [*values, *[None] * (12 - len(values))]
    assert filled.total.tolist() == [value or 0.0 for value in padded]
    assert filled.count.tolist() == [1.0] * 12
    assert (np.diff(filled.days) == np.timedelta64(1, "D")).all()
