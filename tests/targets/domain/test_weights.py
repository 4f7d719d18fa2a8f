"""In a mean a reading counts as much as it weighs: the ratio of a period is the ratio of its sums."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.domain.evaluation import assess
from targets.domain.history import history_of, recent_rate
from targets.domain.periods import Calendar, PeriodRule, period_at
from targets.domain.plan import Plan
from targets.domain.series import Row, Series
from targets.domain.standing import standing_of
from targets.domain.terms import Aggregation, Comparison, PeriodKind, ValueKind

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIRST = date(2026, 11, 1)
PLAN = Plan(
    value_kind=ValueKind.LEVEL,
    aggregation=Aggregation.MEAN,
    comparison=Comparison.AT_LEAST,
    goal=0.5,
    rule=PeriodRule(kind=PeriodKind.MONTH),
    calendar=Calendar(zone=ZoneInfo("Europe/Berlin")),
)
PERIOD = period_at(PLAN.rule, PLAN.calendar, NOW)
PARTS = st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 1000)), min_size=1, max_size=19)


def day(place: int, above: float, below: float) -> Row:
    """Return the day that one reading of a ratio makes."""
    ratio = above / below
    return (FIRST + timedelta(days=place), ratio, 1, ratio, ratio, ratio, ratio * below, below)


def series(parts: list[tuple[int, int]]) -> Series:
    return Series.of([day(place, above, below) for place, (above, below) in enumerate(parts)])


@given(PARTS)
def test_the_ratio_of_a_month_is_the_ratio_of_its_sums(parts: list[tuple[int, int]]) -> None:
    standing = standing_of(PLAN, series(parts), PERIOD)
    assert standing.value == pytest.approx(sum(above for above, _ in parts) / sum(below for _, below in parts))
    assert standing.readings == sum(below for _, below in parts)


@given(PARTS)
def test_what_the_last_weeks_brought_is_weighed_too(parts: list[tuple[int, int]]) -> None:
    known = series(parts).as_known_at(NOW + timedelta(days=1), PERIOD.zone)
    rate = recent_rate(PLAN, history_of(PLAN, known, PERIOD))
    assert rate == pytest.approx(sum(above for above, _ in parts) / sum(below for _, below in parts))


@given(PARTS)
def test_the_mean_of_a_day_is_its_own_ratio(parts: list[tuple[int, int]]) -> None:
    assert series(parts).means().tolist() == pytest.approx([above / below for above, below in parts])


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.integers(1, 9)), min_size=1, max_size=19))
def test_without_weights_a_mean_is_what_it_was_to_the_last_digit(days: list[tuple[float, int]]) -> None:
    rows: list[Row] = [
        (FIRST + timedelta(days=place), total, count, total, total, total) for place, (total, count) in enumerate(days)
    ]
    totals, counts = (np.array(column, np.float64) for column in zip(*days, strict=True))
    standing = standing_of(PLAN, Series.of(rows), PERIOD)
    assert standing.course.tolist() == (np.cumsum(totals) / np.cumsum(counts)).tolist()
    assert Series.of(rows).means().tolist() == (totals / counts).tolist()


def test_a_day_that_was_written_before_there_were_weights_weighs_as_much_as_it_has_readings() -> None:
    old = Series.of([(FIRST, 6.0, 3, 1.0, 3.0, 3.0, 0.0, 0.0)])
    assert (old.weight.tolist(), old.means().tolist()) == ([3.0], [2.0])


def test_a_heavy_day_decides_the_verdict_that_a_plain_mean_would_not() -> None:
    parts = [(1, 1)] * 18 + [(0, 10_000)]
    found = assess(PLAN, series(parts), NOW).evaluation
    assert found.value == pytest.approx(18 / 10_018)
    assert np.mean([above / below for above, below in parts]) > PLAN.goal


def test_only_how_weights_compare_matters_to_a_forecast() -> None:
    light = assess(PLAN, series([(50 + place % 3, 100) for place in range(19)]), NOW).evaluation.forecast
    heavy = assess(PLAN, series([(5000 + place % 3 * 100, 10_000) for place in range(19)]), NOW).evaluation.forecast
    assert light is not None
    assert heavy is not None
    assert (light.q10, light.median, light.q90) == pytest.approx((heavy.q10, heavy.median, heavy.q90))


def test_days_without_readings_that_count_as_zero_weigh_like_one_reading() -> None:
    filled = series([(1, 4)]).with_zeros(FIRST, FIRST + timedelta(days=2))
    assert (filled.weight.tolist(), filled.weighted.tolist()) == ([4.0, 1.0], [1.0, 0.0])
