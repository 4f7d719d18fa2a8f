"""Pace, against an independent computation in seconds and days."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targets.domain.pace import (
    leeway_at,
    leeway_by_day,
    pace_at,
    pace_by_day,
    progress_at,
    remaining_days,
    required_rate,
)
from targets.domain.periods import Calendar, Period, PeriodRule, period_at
from targets.domain.terms import Aggregation, Comparison, PaceProfile, PeriodKind
from tests.targets.domain.builders import a_range, at, calendar, level, plan

WORKING = PaceProfile.WORKING_DAYS
NOVEMBER = period_at(PeriodRule(kind=PeriodKind.MONTH), calendar(), at("2026-11-20 12:00"))  # 21 working days


def day_around(moment: str) -> Period:
    return period_at(PeriodRule(kind=PeriodKind.DAY), calendar(), at(moment))


@pytest.mark.parametrize(
    ("moment", "pace"),
    [
        ("2026-10-01 00:00", 0.0),
        ("2026-11-01 00:00", 0.0),
        ("2026-11-01 12:00", 5.0),
        ("2026-11-16 00:00", 150.0),
        ("2026-11-20 15:00", 196.25),
        ("2026-12-01 00:00", 300.0),
        ("2027-01-01 00:00", 300.0),
    ],
)
def test_a_total_has_to_grow_evenly(moment: str, pace: float) -> None:
    assert pace_at(plan(), NOVEMBER, at(moment)) == pytest.approx(pace)


def test_an_allowance_is_spread_like_a_total() -> None:
    ceiling = plan(comparison=Comparison.AT_MOST)
    assert pace_at(ceiling, NOVEMBER, at("2026-11-16 00:00")) == pytest.approx(150.0)


@pytest.mark.parametrize(
    ("night", "after_an_hour", "half"),
    [("2026-03-29", 1 / 23, "12:30"), ("2026-10-25", 1 / 25, "11:30"), ("2026-11-20", 1 / 24, "12:00")],
)
def test_days_of_23_and_25_hours_pass_by_the_hour(night: str, after_an_hour: float, half: str) -> None:
    period = day_around(f"{night} 12:00")
    assert pace_at(plan(goal=1.0), period, at(f"{night} 01:00")) == pytest.approx(after_an_hour)
    assert pace_at(plan(goal=1.0), period, at(f"{night} {half}")) == pytest.approx(0.5)


def test_a_day_of_23_hours_weighs_less_than_the_others() -> None:
    march = period_at(PeriodRule(kind=PeriodKind.MONTH), calendar(), at("2026-03-29 12:00"))
    steps = np.diff(pace_by_day(plan(goal=743.0), march))  # the hours of that March
    assert steps[27] == pytest.approx(23)
    assert np.delete(steps, 27) == pytest.approx(24)


@pytest.mark.parametrize(
    ("moment", "pace"),
    [
        ("2026-11-02 00:00", 0.0),  # the first was a Sunday
        ("2026-11-02 12:00", 5.0),
        ("2026-11-07 00:00", 50.0),
        ("2026-11-08 12:00", 50.0),
        ("2026-11-30 12:00", 205.0),
        ("2026-12-01 00:00", 210.0),
    ],
)
def test_by_working_days_other_days_add_nothing(moment: str, pace: float) -> None:
    assert pace_at(plan(goal=210.0, profile=WORKING), NOVEMBER, at(moment)) == pytest.approx(pace)


def test_the_calendar_says_which_days_are_working_days() -> None:
    sundays = plan(goal=5.0, profile=WORKING, calendar=calendar(working_days=frozenset({6})))
    assert pace_by_day(sundays, NOVEMBER)[[0, 6, 7, 29]].tolist() == [1.0, 1.0, 2.0, 5.0]


@pytest.mark.parametrize("days", [frozenset(), frozenset({0, 1, 2, 3, 4})])
def test_without_a_working_day_time_passes_evenly(days: float) -> None:
    weekend = a_range("2026-11-21", "2026-11-23")
    asked = plan(goal=48.0, rule=weekend, profile=WORKING, calendar=calendar(working_days=days))
    period = period_at(weekend, calendar(), at("2026-11-21 12:00"))
    assert pace_at(asked, period, at("2026-11-21 12:00")) == pytest.approx(12.0)
    assert remaining_days(asked, period, at("2026-11-21 12:00")) == pytest.approx(1.5)


def test_a_date_that_was_left_out_is_no_working_day() -> None:
    apia = calendar("Pacific/Apia")
    week = a_range("2011-12-26", "2012-01-02")  # Friday the 30th did not happen
    asked = plan(goal=4.0, rule=week, profile=WORKING, calendar=apia)
    assert pace_by_day(asked, period_at(week, apia, at("2011-12-27 12:00"))).tolist() == [1, 2, 3, 4, 4, 4, 4]


@pytest.mark.parametrize(
    "aggregation", [Aggregation.LATEST, Aggregation.MEAN, Aggregation.MAXIMUM, Aggregation.MINIMUM]
)
def test_other_values_stand_at_the_goal_throughout(aggregation: Aggregation) -> None:
    assert set(pace_by_day(level(aggregation=aggregation), NOVEMBER)) == {300.0}


@pytest.mark.parametrize(("start", "middle"), [(100.0, 200.0), (500.0, 400.0), (-300.0, 0.0)])
def test_a_level_moves_from_its_start_value_to_the_goal(start: float, middle: float) -> None:
    asked = level(start_value=start)
    moments = (NOVEMBER.starts_at, at("2026-11-16 00:00"), NOVEMBER.ends_at)
    assert [pace_at(asked, NOVEMBER, moment) for moment in moments] == pytest.approx([start, middle, 300.0])


def test_only_the_latest_value_has_a_start_value() -> None:
    assert pace_at(level(aggregation=Aggregation.MEAN, start_value=100.0), NOVEMBER, NOVEMBER.starts_at) == 300.0


def test_within_leads_to_the_middle_with_leeway_to_either_side() -> None:
    within = {"comparison": Comparison.WITHIN, "goal": 100.0, "goal_upper": 200.0}
    half = at("2026-11-16 00:00")
    assert (pace_at(plan(**within), NOVEMBER, half), leeway_at(plan(**within), NOVEMBER, half)) == pytest.approx(
        (75.0, 25.0)
    )
    assert (pace_at(level(**within), NOVEMBER, half), leeway_at(level(**within), NOVEMBER, half)) == pytest.approx(
        (150.0, 50.0)
    )
    assert leeway_by_day(plan(**within), NOVEMBER)[-1] == 50.0


@pytest.mark.parametrize("goal", [0.0, -300.0])
def test_goals_need_not_be_positive(goal: float) -> None:
    assert pace_at(plan(goal=goal), NOVEMBER, at("2026-11-16 00:00")) == pytest.approx(goal / 2)


@pytest.mark.parametrize(
    ("profile", "moment", "value", "rate"),
    [
        (PaceProfile.LINEAR, "2026-11-21 00:00", 200.0, 10.0),
        (PaceProfile.LINEAR, "2026-11-20 12:00", 195.0, 10.0),
        (PaceProfile.LINEAR, "2026-10-01 00:00", 0.0, 10.0),
        (PaceProfile.LINEAR, "2026-11-21 00:00", 400.0, -10.0),
        (PaceProfile.LINEAR, "2026-12-01 00:00", 200.0, None),
        (WORKING, "2026-11-21 12:00", 240.0, 10.0),  # a Saturday: six working days are left
        (WORKING, "2026-11-30 12:00", 295.0, 10.0),
    ],
)
def test_the_required_rate_ends_at_the_goal(
    profile: PaceProfile, moment: str, value: float, rate: float | None
) -> None:
    found = required_rate(plan(profile=profile), NOVEMBER, at(moment), value)
    assert found == (None if rate is None else pytest.approx(rate))


def test_a_short_day_is_still_one_day_to_do_something_on() -> None:
    march = period_at(PeriodRule(kind=PeriodKind.MONTH), calendar(), at("2026-03-29 12:00"))
    assert remaining_days(plan(), march, at("2026-03-29 00:00")) == pytest.approx(3.0)


zones = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/Havana", "Pacific/Apia", "Asia/Kathmandu", "America/St_Johns"]
)
moments = st.datetimes(datetime(2009, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
kinds = st.sampled_from([PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.MONTH, PeriodKind.QUARTER])


@settings(max_examples=150)
@given(zones, kinds, moments, st.sampled_from(PaceProfile))
def test_pace_agrees_with_counting_the_minutes(
    zone: str, kind: PeriodKind, moment: datetime, profile: PaceProfile
) -> None:
    days = Calendar(zone=ZoneInfo(zone))
    asked = plan(goal=1.0, rule=PeriodRule(kind=kind), calendar=days, profile=profile)
    period = period_at(asked.rule, days, moment)
    minutes = np.arange(
        np.datetime64(period.starts_at.replace(tzinfo=None)),
        np.datetime64(period.ends_at.replace(tzinfo=None)),
        np.timedelta64(30, "m"),
    )
    passed = minutes < np.datetime64(moment.replace(tzinfo=None))
    dates = [
        (period.starts_at + timedelta(minutes=30 * step)).astimezone(days.zone).date() for step in range(len(minutes))
    ]
    lengths = Counter(dates)
    weights = np.array([(each.weekday() < 5) / lengths[each] for each in dates])
    weights = weights if profile == WORKING and weights.any() else np.ones(len(dates))
    expected = weights[passed].sum() / weights.sum()
    assert progress_at(asked, period, moment) == pytest.approx(expected, abs=1.1 * weights.max() / weights.sum())


@settings(max_examples=100)
@given(zones, kinds, moments, st.sampled_from(PaceProfile), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_pace_starts_at_nothing_ends_at_the_goal_and_never_turns_back(
    zone: str, kind: PeriodKind, moment: datetime, profile: PaceProfile, goal: float, start: float
) -> None:
    days = Calendar(zone=ZoneInfo(zone))
    period = period_at(PeriodRule(kind=kind), days, moment)
    for asked, first in (
        (plan(goal=goal, profile=profile), 0.0),
        (level(goal=goal, start_value=start, profile=profile), start),
    ):
        by_day = pace_by_day(asked, period)
        assert pace_at(asked, period, period.starts_at) == pytest.approx(first, abs=1e-6)
        assert by_day[-1] == pytest.approx(goal, abs=1e-6) == pace_at(asked, period, period.ends_at)
        assert (np.diff(by_day) * np.sign(goal - first) >= -1e-6).all()
