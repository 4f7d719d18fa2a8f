"""Goals that the history speaks for, and how the last periods would have ended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.domain.evaluation import assess
from targets.domain.periods import PeriodRule, period_at, preceding
from targets.domain.plan import Plan
from targets.domain.proposals import MOST_PERIODS, Ambition, Past, Proposal, past_periods, proposals
from targets.domain.series import Series
from targets.domain.terms import Comparison, PeriodKind, Status, ValueKind
from targets.domain.verdict import Forecast
from tests.targets.domain.builders import a_range, at, daily, level, plan, present

NOW = at("2026-11-21 00:00")
AT_MOST, WITHIN = Comparison.AT_MOST, Comparison.WITHIN
TENS = daily("2026-01-01", [10.0] * 324)  # to the twentieth of November


def past(values: list[float]) -> list[Past]:
    """Return periods with these values, latest first."""
    period, found = period_at(plan().rule, plan().calendar, NOW), []
    for value in values:
        period = present(preceding(period, plan().rule, plan().calendar))
        found.append(Past(period=period, value=value, status=Status.MET))
    return found


def a_forecast(median: float, spread: float, *, early: bool = False) -> Forecast:
    """Return a forecast around a value."""
    ends = {"q025": -3, "q10": -2, "q25": -1, "q75": 1, "q90": 2, "q975": 3}
    return Forecast(
        median=median,
        chance=None if early else 0.5,
        early=early,
        **{name: median + times * spread for name, times in ends.items()},
    )


def goals(found: list[Proposal]) -> list[Any]:
    return [each.goal if each.goal_upper is None else (each.goal, each.goal_upper) for each in found]


# --- the periods before --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        plan(goal=305.0),
        plan(goal=305.0, comparison=AT_MOST),
        plan(goal=290.0, goal_upper=305.0, comparison=WITHIN),
        plan(goal=70.0, rule=PeriodRule(kind=PeriodKind.WEEK)),
        level(goal=10.0),
        plan(goal=305.0, missing_is_zero=True),
    ],
)
def test_each_period_before_is_judged_as_the_whole_judgement_does(asked: Plan) -> None:
    for row in past_periods(asked, TENS, NOW):
        whole = assess(asked, TENS, NOW, period=row.period).evaluation
        assert (row.value, row.status) == (whole.value, whole.status)


def test_the_periods_come_latest_first_and_only_those_that_were_read_whole() -> None:
    found = past_periods(plan(), daily("2026-07-15", [10.0] * 129), NOW)
    assert [row.period.starts_on.month for row in found] == [10, 9, 8]
    assert [row.value for row in found] == [310.0, 300.0, 310.0]
    assert len(past_periods(plan(rule=PeriodRule(kind=PeriodKind.DAY)), TENS, NOW)) == MOST_PERIODS


def test_a_fixed_range_and_no_readings_have_no_periods_before() -> None:
    assert past_periods(plan(rule=a_range("2026-11-01", "2026-12-01")), TENS, NOW) == []
    assert past_periods(plan(), Series.EMPTY, NOW) == []


# --- the goals ------------------------------------------------------------------------------------------------------

RISING = [float(value) for value in range(1200, 0, -100)]  # from 100 a year ago to 1,200 last month


def test_a_realistic_goal_is_reached_by_seven_of_ten_and_an_ambitious_one_by_three() -> None:
    even = [1000.0, 900.0, 800.0, 700.0, 600.0, 500.0, 400.0, 300.0, 200.0, 100.0]
    shuffled = [even[place] for place in (3, 8, 0, 6, 9, 1, 5, 2, 7, 4)]
    easy, hard = proposals(plan(), past(shuffled), None)
    assert (easy.ambition, hard.ambition) == (Ambition.REALISTIC, Ambition.AMBITIOUS)
    assert (easy.of, hard.of) == (10, 10)
    assert abs(easy.met - 7) <= 1
    assert abs(hard.met - 3) <= 1
    assert easy.goal < hard.goal


def test_for_a_limit_the_easier_goal_is_the_higher_one() -> None:
    easy, hard = proposals(plan(comparison=AT_MOST), past(RISING), None)
    assert easy.goal > hard.goal
    assert easy.met > hard.met


def test_for_a_range_the_easier_band_holds_the_harder_one() -> None:
    easy, hard = proposals(plan(comparison=WITHIN), past(RISING), None)
    assert easy.goal <= hard.goal < present(hard.goal_upper) <= present(easy.goal_upper)
    assert easy.met > hard.met


def test_later_periods_count_more() -> None:
    growing, shrinking = (proposals(plan(), past(values), None)[0].goal for values in (RISING, RISING[::-1]))
    assert growing > shrinking


def test_the_running_period_counts_as_one_more() -> None:
    values = past([100.0, 105.0, 110.0, 95.0])
    without = proposals(plan(), values, None)[1].goal
    assert proposals(plan(), values, a_forecast(300, 5))[1].goal > without
    assert proposals(plan(), values, a_forecast(300, 5, early=True))[1].goal == without


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([8437.0, 9120.0, 8800.0, 8210.0, 9533.0], [8400.0, 9100.0]),
        ([99.91, 99.95, 99.93, 99.97], [99.92, 99.95]),
        ([310.0, 300.0, 310.0], [303.0, 310.0]),
        ([12.0, 12.0, 12.0], [12.0]),
        ([0.0, 0.0, 0.0, 0.0], []),
    ],
)
def test_goals_are_friendly_numbers_that_stay_apart(values: list[float], expected: list[float]) -> None:
    decimals = 2 if values[0] < 100 and values[0] % 1 else 0
    assert goals(proposals(plan(decimals=decimals), past(values), None)) == expected


def test_a_limit_of_nothing_may_be_proposed_and_a_total_of_nothing_not() -> None:
    assert goals(proposals(plan(comparison=AT_MOST), past([0.0, 0.0, 0.0]), None)) == [0.0]
    assert goals(proposals(level(), past([-5.0, -5.0, -5.0]), None)) == [-5.0]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_two_periods_are_too_few(count: int) -> None:
    assert proposals(plan(), past([300.0] * count), a_forecast(300, 10)) == []


@given(
    st.lists(st.floats(-1e9, 1e9, allow_subnormal=False).map(lambda value: round(value, 2)), min_size=3, max_size=12),
    st.sampled_from(list(Comparison)),
    st.sampled_from([ValueKind.FLOW, ValueKind.LEVEL]),
    st.integers(0, 3),
)
def test_what_is_proposed_can_be_saved(
    values: list[float], comparison: Comparison, kind: ValueKind, decimals: int
) -> None:
    asked = (plan if kind == ValueKind.FLOW else level)(comparison=comparison, decimals=decimals)
    for found in proposals(asked, past(values), None):
        assert np.isfinite(found.goal)
        assert 0 <= found.met <= found.of == len(values)
        assert (found.goal_upper is None) == (comparison != WITHIN)
        if comparison == Comparison.AT_LEAST and kind == ValueKind.FLOW:
            assert found.goal > 0
        fits = replace(asked, goal=found.goal, goal_upper=found.goal_upper).meets(values)
        assert found.met == int(fits.sum())
