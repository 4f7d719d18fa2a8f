"""From simulated days to a period's final value: recomputed from the same paths, and as it should behave."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targets.domain.evaluation import assess
from targets.domain.forecast import seed, simulate
from targets.domain.history import history_of, recent_rate
from targets.domain.periods import period_at
from targets.domain.plan import Plan
from targets.domain.projection import Projection, project, quantiles
from targets.domain.series import Floats, Series
from targets.domain.standing import known_to, standing_of
from targets.domain.terms import Aggregation, Comparison, PaceProfile, PeriodKind, ValueKind
from targets.domain.verdict import ENOUGH_DAYS
from tests.targets.domain.builders import a_range, at, calendar, daily, level, on, plan, present, row, rows, running

NOW = at("2026-11-21 00:00")
FIRST = "2026-08-01"
UNEVEN = np.random.default_rng(5).gamma(6.0, 2.0, 112) + 0.5  # from the first of August to the twentieth of November
IN_NOVEMBER = UNEVEN[92:]


def attempted(asked: Plan, series: Series, now: datetime = NOW) -> Projection | None:
    period = period_at(asked.rule, asked.calendar, now)
    known = known_to(asked, series, now, period)
    history = history_of(asked, known, period)
    return project(
        asked,
        period,
        history=history,
        standing=standing_of(asked, known, period),
        read_until=present(known.read_until),
    )


def projected(asked: Plan, series: Series, now: datetime = NOW) -> Projection:
    return present(attempted(asked, series, now))


def same_paths(
    values: Floats = UNEVEN,
    *,
    first: str = FIRST,
    horizon: tuple[str, str] = ("2026-11-21", "2026-12-01"),
    period_start: str = "2026-11-01",
) -> Floats:
    days = np.datetime64(first) + np.arange(len(values))
    rng = seed("a metric", period_start, str(days[-1]))
    return simulate(
        values, days, np.arange(*horizon, dtype="datetime64[D]"), rng, period_start=np.datetime64(period_start)
    )


def chance(asked: Plan, series: Series, now: datetime = NOW) -> float:
    return present(assess(asked, series, now).evaluation.chance)


def test_a_sum_ends_at_what_is_known_and_what_is_simulated() -> None:
    found = projected(plan(), daily(FIRST, UNEVEN))
    assert found.finals == pytest.approx(IN_NOVEMBER.sum() + same_paths().sum(axis=1))
    assert found.values[:, 0] == pytest.approx(IN_NOVEMBER.sum())


def test_a_latest_value_ends_at_the_last_simulated_day() -> None:
    assert projected(level(), daily(FIRST, UNEVEN)).finals == pytest.approx(same_paths()[:, -1])


def test_a_mean_weighs_the_days_by_their_readings() -> None:
    found = projected(level(aggregation=Aggregation.MEAN), daily(FIRST, UNEVEN))
    assert found.finals == pytest.approx((IN_NOVEMBER.sum() + same_paths().sum(axis=1)) / 30)
    thrice = [(day, 3 * total, 3, total, total, total) for day, total, *_ in rows(FIRST, UNEVEN)]
    assert projected(level(aggregation=Aggregation.MEAN), Series.of(thrice)).finals == pytest.approx(found.finals)


@pytest.mark.parametrize(
    ("aggregation", "extreme"), [(Aggregation.MAXIMUM, np.maximum), (Aggregation.MINIMUM, np.minimum)]
)
def test_an_extreme_is_that_of_what_is_known_and_what_is_simulated(aggregation: Aggregation, extreme: np.ufunc) -> None:
    found = projected(level(aggregation=aggregation), daily(FIRST, UNEVEN))
    assert found.finals == pytest.approx(extreme(extreme.reduce(IN_NOVEMBER), extreme.reduce(same_paths(), axis=1)))


def test_a_running_total_goes_on_by_its_daily_increments() -> None:
    months = np.split(UNEVEN, [31, 61, 92])
    series = daily(FIRST, np.concatenate([np.cumsum(month) for month in months]))
    asked = running(rule=plan().rule)
    known = known_to(asked, series, NOW, period_at(asked.rule, asked.calendar, NOW))
    assert history_of(asked, known, period_at(asked.rule, asked.calendar, NOW)).values == pytest.approx(UNEVEN)
    assert projected(asked, series).finals == pytest.approx(IN_NOVEMBER.sum() + same_paths().sum(axis=1), rel=1e-6)


def test_quantiles_and_chance_are_read_off_the_same_finals() -> None:
    asked = plan(goal=355.0)
    series = daily(FIRST, UNEVEN)
    forecast, finals = present(assess(asked, series, NOW).evaluation.forecast), projected(asked, series).finals
    expected = np.quantile(finals, [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975])
    found = [forecast.q025, forecast.q10, forecast.q25, forecast.median, forecast.q75, forecast.q90, forecast.q975]
    assert found == pytest.approx(expected)
    assert forecast.chance == (finals >= 355.0).mean()
    assert forecast.expected_rate == pytest.approx((forecast.median - IN_NOVEMBER.sum()) / 10)


@given(st.integers(1, 60), st.integers(1, 9), st.integers(0, 99))
def test_quantiles_are_those_of_numpy(paths: int, days: int, number: int) -> None:
    samples = np.random.default_rng(number).normal(size=(paths, days))
    probabilities = (0.0, 0.025, 0.5, 0.9, 1.0)
    assert quantiles(samples, probabilities) == pytest.approx(np.quantile(samples, probabilities, axis=0))


def test_only_the_unread_part_of_today_is_still_to_come() -> None:
    whole = projected(plan(), daily(FIRST, UNEVEN), at("2026-11-21 00:00"))
    partly = projected(plan(), daily(FIRST, [*UNEVEN, 3.0], read_until=at("2026-11-21 18:00")), at("2026-11-21 18:00"))
    today, rest = same_paths()[:, 0], same_paths()[:, 1:].sum(axis=1)
    assert partly.finals == pytest.approx(IN_NOVEMBER.sum() + 3.0 + today / 4 + rest)
    assert whole.finals == pytest.approx(IN_NOVEMBER.sum() + today + rest)


def test_a_day_read_in_part_is_no_example_of_a_day() -> None:
    partly = daily(FIRST, [*UNEVEN, 0.01], read_until=at("2026-11-21 00:30"))
    asked, now = plan(), at("2026-11-21 00:30")
    period = period_at(asked.rule, asked.calendar, now)
    assert len(history_of(asked, known_to(asked, partly, now, period), period)) == len(UNEVEN)


def test_whole_numbers_stay_whole_on_a_day_read_in_part() -> None:
    counts = np.random.default_rng(2).poisson(4.0, 112).astype(float)
    found = projected(
        plan(goal=100.0), daily(FIRST, [*counts, 1.0], read_until=at("2026-11-21 13:00")), at("2026-11-21 13:00")
    )
    assert (found.finals == np.rint(found.finals)).all()


def test_on_the_last_day_a_level_closes_between_now_and_an_ordinary_day() -> None:
    values = [*UNEVEN[:111], 40.0]
    asked = replace(level(), rule=a_range("2026-11-01", "2026-11-21"))
    spreads = []
    for hour in (1, 12, 23):
        now = at(f"2026-11-20 {hour:02}:00")
        finals = projected(asked, daily(FIRST, values, read_until=now), now).finals
        spreads.append(float(np.ptp(finals)))
        assert finals.min() < 40.0
    assert spreads[0] > spreads[1] > spreads[2] > 0


def test_what_has_been_read_today_is_the_level_it_goes_on_from() -> None:
    now = at("2026-11-20 15:00")
    quiet, risen = ([*UNEVEN[:111], value] for value in (10.0, 60.0))
    medians = [
        present(assess(level(), daily(FIRST, each, read_until=now), now).evaluation.forecast).median
        for each in (quiet, risen)
    ]
    assert medians[1] > medians[0] + 1.0


def test_a_stock_goes_on_from_where_it_stands_by_its_daily_changes() -> None:
    grown = 500.0 + np.cumsum(UNEVEN)
    changes = same_paths(np.diff(grown), first="2026-08-02")
    assert projected(level(), daily(FIRST, grown)).finals == pytest.approx(grown[-1] + changes.sum(axis=1))


def test_the_changes_of_a_stock_are_spread_over_days_without_a_reading() -> None:
    grown = [value if index % 7 < 5 else None for index, value in enumerate(500.0 + np.arange(112.0))]
    finals = projected(level(), daily(FIRST, grown, read_until=NOW)).finals
    assert np.median(finals) == pytest.approx(500.0 + 121, abs=4)


def test_a_stock_is_not_forecast_below_zero() -> None:
    sold = [max(200.0 - 1.8 * index, 0.0) for index in range(112)]
    finals = projected(level(goal=0.0), daily(FIRST, sold)).finals
    assert finals.min() == 0.0


def test_days_that_never_report_are_not_expected_to() -> None:
    on_working_days = [
        value if (on(FIRST) + timedelta(days=i)).weekday() < 5 else None for i, value in enumerate(UNEVEN)
    ]
    found = projected(plan(), daily(FIRST, on_working_days, read_until=NOW))
    weekdays = found.days.astype(object)
    assert [day.weekday() for day in weekdays] == [0, 1, 2, 3, 4, 0]  # from Saturday the 21st to Monday the 30th


def test_a_weekly_reading_is_expected_weekly() -> None:
    mondays = [30.0 if (on(FIRST) + timedelta(days=i)).weekday() == 0 else None for i in range(112)]
    found = assess(plan(goal=150.0), daily(FIRST, mondays, read_until=NOW), NOW).evaluation
    assert found.value == 90.0
    assert present(found.forecast).median == pytest.approx(150.0, rel=0.05)


def test_days_of_an_outage_are_expected_to_report_again() -> None:
    with_outage = [None if 70 <= i < 80 else value for i, value in enumerate(UNEVEN)]
    assert len(projected(plan(), daily(FIRST, with_outage)).days) == 10


def test_a_running_total_that_cannot_fall_is_not_forecast_to_fall() -> None:
    falling = daily("2026-11-01", [100.0, 90.0, 80.0, 70.0, 60.0, 50.0, 40.0, 30.0])
    now = at("2026-11-09 00:00")
    assert projected(running(), falling, now).finals.min() >= 30.0
    assert projected(running(can_fall=True), falling, now).finals.min() < 30.0


def test_flows_that_were_negative_may_be_so_again() -> None:
    flows = np.random.default_rng(1).normal(0.0, 10.0, 112)
    finals = projected(plan(goal=0.0), daily(FIRST, flows)).finals
    assert finals.min() < flows[92:].sum() < finals.max()


@pytest.mark.parametrize(
    ("asked", "series", "now"),
    [
        (plan(), daily("2026-11-20", [5.0], read_until=at("2026-11-20 12:00")), at("2026-11-20 12:00")),
        (plan(), daily(FIRST, [1e200] * 10), at("2026-08-20 00:00")),
        (replace(plan(), rule=a_range("2026-11-01", "2036-11-01")), daily(FIRST, UNEVEN), NOW),
    ],
    ids=["nothing but a part of a day", "numbers too large", "a decade"],
)
def test_some_things_cannot_be_forecast(asked: Plan, series: Series, now: datetime) -> None:
    assert attempted(asked, series, now) is None


def test_one_whole_day_is_enough_for_a_first_estimate() -> None:
    found = assess(plan(), daily("2026-11-20", [5.0]), NOW).evaluation.forecast
    assert found is not None
    assert found.early


@pytest.mark.parametrize("days", range(1, 9))
def test_an_early_estimate_has_no_chance(days: int) -> None:
    found = assess(plan(), daily(f"2026-11-{21 - days:02}", [5.0] * days), NOW).evaluation
    assert (present(found.forecast).early, found.chance is None) == (days < ENOUGH_DAYS, days < ENOUGH_DAYS)


def test_when_nothing_more_is_expected_the_value_is_final() -> None:
    sundays = [30.0 if (on(FIRST) + timedelta(days=i)).weekday() == 6 else None for i in range(121)]
    now = at("2026-11-30 12:00")  # a Monday, the last day
    found = assess(plan(goal=150.0), daily(FIRST, sundays, read_until=now), now).evaluation
    forecast = present(found.forecast)
    assert (found.value, forecast.q025, forecast.q975, forecast.chance) == (150.0, 150.0, 150.0, 1.0)


@pytest.mark.parametrize("zone", ["Pacific/Apia"])
def test_a_date_that_was_left_out_brings_nothing(zone: str) -> None:
    asked = plan(calendar=calendar(zone))
    series = daily("2011-10-01", [10.0 + i % 3 / 10 for i in range(85)])
    now = at("2011-12-25 00:00", zone)
    days = projected(asked, series, now).days
    assert np.datetime64("2011-12-30") not in days
    assert len(days) == 6


@settings(max_examples=25)
@given(st.floats(150.0, 600.0), st.floats(0.0, 200.0), st.sampled_from(Aggregation))
def test_a_higher_goal_is_never_easier(goal: float, more: float, aggregation: Aggregation) -> None:
    asked = plan(goal=goal, aggregation=aggregation)
    higher = replace(asked, goal=goal + more)
    series = daily(FIRST, UNEVEN)
    assert chance(higher, series) <= chance(asked, series)
    under, higher_under = (replace(each, comparison=Comparison.AT_MOST) for each in (asked, higher))
    assert chance(higher_under, series) >= chance(under, series)


@settings(max_examples=25)
@given(
    st.floats(0.0, 600.0),
    st.floats(0.1, 100.0),
    st.sampled_from(Aggregation),
    st.sampled_from([ValueKind.FLOW, ValueKind.LEVEL]),
)
def test_chances_add_up(goal: float, width: float, aggregation: Aggregation, value_kind: ValueKind) -> None:
    series = daily(FIRST, UNEVEN)
    at_least = plan(goal=goal, aggregation=aggregation, value_kind=value_kind)
    at_most = replace(at_least, comparison=Comparison.AT_MOST, goal=goal + width)
    within = replace(at_least, comparison=Comparison.WITHIN, goal_upper=goal + width)
    assert chance(at_least, series) + chance(replace(at_least, comparison=Comparison.AT_MOST), series) >= 1
    assert chance(within, series) == pytest.approx(chance(at_least, series) + chance(at_most, series) - 1)


@settings(max_examples=20)
@given(st.sampled_from([0.001, 0.5, 3.0, 1e4, 1e9]), st.sampled_from(Aggregation), st.sampled_from(PeriodKind))
def test_the_unit_makes_no_difference(factor: float, aggregation: Aggregation, kind: PeriodKind) -> None:
    rule = a_range("2026-11-01", "2027-01-01") if kind == PeriodKind.RANGE else replace(plan().rule, kind=kind)
    asked = plan(goal=250.0, aggregation=aggregation, rule=rule)
    one = assess(asked, daily(FIRST, UNEVEN), NOW).evaluation
    other = assess(replace(asked, goal=250.0 * factor), daily(FIRST, UNEVEN * factor), NOW).evaluation
    mine, theirs = present(one.forecast), present(other.forecast)
    assert one.status == other.status
    assert present(mine.chance) == pytest.approx(present(theirs.chance))
    assert theirs.median == pytest.approx(mine.median * factor)


@pytest.mark.parametrize(
    ("asked", "values", "rate"),
    [
        (plan(), [100.0, *([4.0] * 28)], 4.0),
        (plan(), [3.0, None, 5.0], 4.0),  # a missing day is no day
        (plan(missing_is_zero=True), [3.0, None, 6.0], 3.0),
        (plan(profile=PaceProfile.WORKING_DAYS), [14.0] * 28, 19.6),  # everything on twenty working days
        (level(aggregation=Aggregation.MEAN), [3.0, None, 5.0], 4.0),
        (level(), [3.0, None, 6.0], 1.5),  # a change
        (level(), [3.0], None),
        (level(aggregation=Aggregation.MAXIMUM), [3.0, 4.0], None),
        (running(), [3.0, 4.0, None, 8.0], 2.0),
    ],
)
def test_the_recent_rate_is_that_of_the_last_days_of_data(
    asked: Plan, values: list[float | None], rate: float | None
) -> None:
    now = at("2026-11-01 00:00") + timedelta(days=len(values))
    period = period_at(asked.rule, asked.calendar, at("2026-11-20 00:00"))
    series = daily("2026-11-01", values)
    found = recent_rate(asked, history_of(asked, known_to(asked, series, now, period), period))
    assert found == (None if rate is None else pytest.approx(rate))


def test_increments_that_were_not_seen_day_by_day_are_spread_over_the_days() -> None:
    series = daily("2026-10-30", [310.0, None, None, 20.0, None, 60.0])
    asked = running()
    period = period_at(asked.rule, asked.calendar, NOW)
    history = history_of(asked, known_to(asked, series, NOW, period), period)
    found = dict(zip(history.days.astype(str).tolist(), history.values.tolist(), strict=True))
    assert history.observed == 3
    assert len(found) == 30 + 4
    assert found["2026-10-01"] == found["2026-10-30"] == pytest.approx(310 / 30)
    assert [found[f"2026-11-0{day}"] for day in (1, 2, 3, 4)] == [10.0, 10.0, 20.0, 20.0]


def test_a_range_knows_no_running_total_before_it() -> None:
    asked = running(rule=a_range("2026-11-01", "2027-01-01"))
    series = Series.of([row(on("2026-10-31"), 900.0), row(on("2026-11-02"), 10.0)])
    period = period_at(asked.rule, asked.calendar, NOW)
    history = history_of(asked, known_to(asked, series, NOW, period), period)
    assert history.values.tolist() == [5.0, 5.0]


def test_zones_are_those_of_the_calendar() -> None:
    asked = plan(calendar=calendar("America/New_York"))
    series = daily(FIRST, UNEVEN)
    now = at("2026-11-21 00:00", "America/New_York")
    assert projected(asked, series, now).finals == pytest.approx(projected(plan(), series).finals)
    assert asked.calendar.zone == ZoneInfo("America/New_York")
