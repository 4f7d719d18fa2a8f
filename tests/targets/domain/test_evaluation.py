"""Where a target stands: figure by figure, and what must hold whatever the figures."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targets.domain.evaluation import Evaluation, Forecast, Track, assess, evaluate
from targets.domain.periods import Calendar, Period, PeriodRule, period_at, preceding, start_of_day
from targets.domain.plan import Plan
from targets.domain.series import Series
from targets.domain.terms import Aggregation, Comparison, PaceProfile, PeriodKind, Status, ValueKind
from tests.targets.domain.builders import a_range, at, calendar, daily, level, on, plan, present, row, rows, running

AT_MOST, WITHIN = Comparison.AT_MOST, Comparison.WITHIN
FIRST, NOW = "2026-08-01", at("2026-11-21 00:00")
UNEVEN = np.random.default_rng(5).gamma(6.0, 2.0, 112) + 0.5  # from the first of August to the twentieth of November
TENS = daily("2026-11-01", [10.0] * 20)
SEVERAL = Series.of([(on("2026-11-02"), 6.0, 3, 1.0, 3.0, 2.0), (on("2026-11-04"), 10.0, 1, 10.0, 10.0, 10.0)])


def judged(asked: Plan, series: Series, now: datetime = NOW, *, period: Period | None = None) -> Evaluation:
    return assess(asked, series, now, period=period).evaluation


@pytest.mark.parametrize(
    ("name", "asked", "series", "now", "expected"),
    [
        (
            "a month in the middle",
            plan(),
            TENS,
            NOW,
            {
                "value": 200.0,
                "pace": 200.0,
                "gap": 0.0,
                "gap_share": 0.0,
                "share": 2 / 3,
                "required_rate": 10.0,
                "recent_rate": 10.0,
                "days_left": 9,
                "elapsed": 2 / 3,
                "days_of_data": 20,
                "complete": False,
                "settled_on": None,
                "working_days_left": None,
            },
        ),
        (
            "pace is that of the last reading, not of now",
            plan(),
            TENS,
            at("2026-11-21 18:00"),
            {"pace": 200.0, "gap": 0.0, "elapsed": (20 + 0.75) / 30, "read_until": at("2026-11-21 00:00")},
        ),
        (
            "a day half read",
            plan(),
            daily("2026-11-01", [*([10.0] * 20), 4.0], read_until=at("2026-11-21 12:00")),
            at("2026-11-21 13:00"),
            {"value": 204.0, "pace": 205.0, "gap": -1.0, "required_rate": 96 / 9.5, "recent_rate": 10.0},
        ),
        (
            "a ceiling",
            plan(comparison=AT_MOST),
            daily("2026-11-01", [11.0] * 20),
            NOW,
            {"value": 220.0, "gap": 20.0, "gap_share": -20 / 300, "required_rate": 8.0},
        ),
        (
            "working days",
            plan(goal=210.0, profile=PaceProfile.WORKING_DAYS),
            TENS,
            NOW,
            {"pace": 150.0, "gap": 50.0, "required_rate": 10 / 6, "recent_rate": 200 / 15, "working_days_left": 6},
        ),
        (
            "reached early",
            plan(goal=150.0),
            TENS,
            NOW,
            {"status": Status.MET, "settled_on": on("2026-11-15"), "required_rate": None, "value": 200.0},
        ),
        (
            "a limit passed",
            plan(goal=155.0, comparison=AT_MOST),
            TENS,
            NOW,
            {
                "status": Status.MISSED,
                "settled_on": on("2026-11-16"),
                "required_rate": None,
                "gap_share": -(200 - 155 * 2 / 3) / 155,
            },
        ),
        (
            "what can fall is not met early",
            plan(goal=150.0, can_fall=True),
            TENS,
            NOW,
            {"status": Status.ON_TRACK, "settled_on": None},
        ),
        (
            "a refund shows that it can fall",
            plan(goal=150.0),
            daily("2026-10-01", [*([10.0] * 30), -1.0, *([10.0] * 20)]),
            NOW,
            {"status": Status.ON_TRACK, "settled_on": None},
        ),
        (
            "the month after",
            plan(),
            TENS,
            at("2026-12-05 00:00"),
            {"value": None, "gap": None, "share": None, "pace": 0.0},
        ),
        (
            "before any reading",
            plan(),
            Series.EMPTY,
            NOW,
            {"status": Status.NO_DATA, "value": None, "pace": None, "forecast": None},
        ),
        (
            "only readings to come",
            plan(),
            daily("2026-11-25", [10.0]),
            NOW,
            {"status": Status.NO_DATA, "value": None, "read_until": None, "days_of_data": 0},
        ),
        ("a sum of all readings", plan(), SEVERAL, NOW, {"value": 16.0, "days_of_data": 2}),
        ("a mean of readings, not of days", level(aggregation=Aggregation.MEAN), SEVERAL, NOW, {"value": 4.0}),
        ("a latest reading", level(), SEVERAL, NOW, {"value": 10.0}),
        ("a highest reading", level(aggregation=Aggregation.MAXIMUM), SEVERAL, NOW, {"value": 10.0}),
        ("a lowest reading", level(aggregation=Aggregation.MINIMUM), SEVERAL, NOW, {"value": 1.0}),
        ("a running total", running(), SEVERAL, NOW, {"value": 10.0, "pace": 300 * 4 / 30}),
        (
            "a running total, whatever is asked of it",
            running(aggregation=Aggregation.SUM),
            SEVERAL,
            NOW,
            {"value": 10.0},
        ),
        (
            "a running total begins each period at zero",
            running(),
            daily("2026-10-30", [300.0, 310.0, 12.0]),
            at("2026-11-02 00:00"),
            {"value": 12.0, "recent_rate": (26 * 10 + 10 + 12) / 28},
        ),
        (
            "missing days are not zero",
            level(aggregation=Aggregation.MEAN),
            daily("2026-11-01", [6.0, None, None, 6.0]),
            at("2026-11-05 00:00"),
            {"value": 6.0, "days_of_data": 2},
        ),
        (
            "unless they are said to be",
            level(aggregation=Aggregation.MEAN, missing_is_zero=True),
            daily("2026-11-01", [6.0, None, None, 6.0]),
            at("2026-11-05 00:00"),
            {"value": 3.0, "days_of_data": 4},
        ),
        (
            "days are zero until the readings end, not until now",
            level(aggregation=Aggregation.MEAN, missing_is_zero=True),
            daily("2026-11-02", [6.0], read_until=at("2026-11-04 12:00")),
            at("2026-11-10 00:00"),
            {"value": 2.0},
        ),
        (
            "the latest reading stays the latest",
            level(missing_is_zero=True),
            daily("2026-11-01", [6.0], read_until=at("2026-11-04 12:00")),
            at("2026-11-04 12:00"),
            {"value": 6.0, "days_of_data": 1},
        ),
        (
            "a running total stands still",
            running(missing_is_zero=True),
            daily("2026-11-01", [6.0], read_until=at("2026-11-04 12:00")),
            at("2026-11-04 12:00"),
            {"value": 6.0, "pace": 35.0},
        ),
        (
            "nobody looked before tracking began",
            level(aggregation=Aggregation.MEAN, missing_is_zero=True, tracking_since=on("2026-11-03")),
            daily("2026-11-04", [6.0]),
            at("2026-11-05 00:00"),
            {"value": 3.0},
        ),
        (
            "a level with a start value",
            level(start_value=100.0),
            daily("2026-11-01", [200.0] * 15),
            at("2026-11-16 00:00"),
            {"pace": 200.0, "gap": 0.0, "share": 0.5},
        ),
        (
            "the mean that the rest must have",
            level(aggregation=Aggregation.MEAN, goal=12.0),
            TENS,
            NOW,
            {"required_rate": 16.0, "recent_rate": 10.0, "gap": -2.0},
        ),
        (
            "inside a range",
            level(comparison=WITHIN, goal=9.0, goal_upper=13.0),
            TENS,
            NOW,
            {"pace": 11.0, "gap": -1.0, "gap_share": 1 / 13},
        ),
        (
            "outside a range",
            level(comparison=WITHIN, goal=11.0, goal_upper=13.0),
            TENS,
            NOW,
            {"pace": 12.0, "gap": -2.0, "gap_share": -1 / 13},
        ),
        (
            "a goal of zero",
            plan(goal=0.0, comparison=AT_MOST),
            daily("2026-11-01", [0.0] * 20),
            NOW,
            {"gap_share": 0.0, "share": None},
        ),
        (
            "a negative goal",
            plan(goal=-300.0),
            daily("2026-11-01", [-9.0] * 20),
            NOW,
            {"value": -180.0, "pace": -200.0, "gap": 20.0, "gap_share": 20 / 300, "share": 0.6, "required_rate": -12.0},
        ),
        (
            "a level that should fall",
            level(goal=100.0, comparison=AT_MOST, start_value=400.0),
            daily("2026-11-01", [280.0] * 15),
            at("2026-11-16 00:00"),
            {"pace": 250.0, "gap": 30.0, "gap_share": -0.3, "share": 0.4},
        ),
        (
            "a leap day",
            plan(goal=290.0),
            daily("2024-02-01", [10.0] * 29),
            at("2024-02-29 23:59:59"),
            {"value": 290.0, "days_left": 0, "status": Status.MET, "settled_on": on("2024-02-29")},
        ),
    ],
)
def test_figures(name: str, asked: Plan, series: Series, now: datetime, expected: dict[str, object]) -> None:
    found = judged(asked, series, now)
    assert {key: getattr(found, key) for key in expected} == {
        key: pytest.approx(value) if type(value) is float else value for key, value in expected.items()
    }


@pytest.mark.parametrize(
    ("name", "asked", "series", "now", "status"),
    [
        ("before the range", plan(rule=a_range("2026-12-01", "2027-01-01")), TENS, NOW, Status.UPCOMING),
        (
            "before the range, without data",
            plan(rule=a_range("2026-12-01", "2027-01-01")),
            Series.EMPTY,
            NOW,
            Status.UPCOMING,
        ),
        ("at its start", plan(rule=a_range("2026-11-21", "2027-01-01")), TENS, NOW, Status.ON_TRACK),
        ("after it, met", plan(rule=a_range("2026-11-01", "2026-11-21"), goal=200.0), TENS, NOW, Status.MET),
        ("after it, missed", plan(rule=a_range("2026-11-01", "2026-11-21"), goal=201.0), TENS, NOW, Status.MISSED),
        (
            "after it, under the limit",
            plan(rule=a_range("2026-11-01", "2026-11-21"), comparison=AT_MOST),
            TENS,
            NOW,
            Status.MET,
        ),
        (
            "after it, between",
            plan(rule=a_range("2026-11-01", "2026-11-21"), comparison=WITHIN, goal=199.0, goal_upper=201.0),
            TENS,
            NOW,
            Status.MET,
        ),
        (
            "after it, below",
            plan(rule=a_range("2026-11-01", "2026-11-21"), comparison=WITHIN, goal=201.0, goal_upper=299.0),
            TENS,
            NOW,
            Status.MISSED,
        ),
        ("after it, never read", plan(rule=a_range("2026-10-01", "2026-10-11")), TENS, NOW, Status.NO_DATA),
        (
            "long after it",
            plan(rule=a_range("2026-11-01", "2026-11-21"), goal=200.0),
            TENS,
            at("2030-01-01 00:00"),
            Status.MET,
        ),
        ("silent for 24 hours", plan(goal=280.0), TENS, at("2026-11-22 00:00"), Status.ON_TRACK),
        ("silent for longer", plan(goal=280.0), TENS, at("2026-11-22 00:00:01"), Status.NO_DATA),
        (
            "silence forgiven",
            plan(goal=280.0, stale_after=timedelta(days=3)),
            TENS,
            at("2026-11-24 00:00"),
            Status.ON_TRACK,
        ),
        ("silent, but settled", plan(goal=200.0), TENS, at("2026-11-29 00:00"), Status.MET),
        (
            "silent, but over",
            plan(goal=201.0, rule=a_range("2026-11-01", "2026-11-25")),
            TENS,
            at("2026-11-29 00:00"),
            Status.MISSED,
        ),
        (
            "a new month, read until it began",
            plan(),
            daily("2026-10-01", [10.0] * 31),
            at("2026-11-01 06:00"),
            Status.ON_TRACK,
        ),
        (
            "a new month, hopeless",
            plan(goal=600.0),
            daily("2026-10-01", [10.0] * 31),
            at("2026-11-01 06:00"),
            Status.BEHIND,
        ),
        ("a new month, silent", plan(), daily("2026-10-01", [10.0] * 31), at("2026-11-02 00:00:01"), Status.NO_DATA),
        ("six days, by pace", plan(), daily("2026-11-01", [9.5] * 6), at("2026-11-07 00:00"), Status.ON_TRACK),
        ("six days, near the pace", plan(), daily("2026-11-01", [6.0] * 6), at("2026-11-07 00:00"), Status.AT_RISK),
        ("six days, far from it", plan(), daily("2026-11-01", [2.0] * 6), at("2026-11-07 00:00"), Status.BEHIND),
        ("seven days, by chance", plan(), daily("2026-11-01", [9.0] * 7), at("2026-11-08 00:00"), Status.BEHIND),
        (
            "a few hours",
            plan(),
            daily("2026-11-01", [1.0], read_until=at("2026-11-01 06:00")),
            at("2026-11-01 06:00"),
            Status.ON_TRACK,
        ),
        (
            "early, over the allowance",
            plan(comparison=AT_MOST),
            daily("2026-11-01", [30.0] * 3),
            at("2026-11-04 00:00"),
            Status.BEHIND,
        ),
        (
            "early, inside the range",
            level(comparison=WITHIN, goal=9.0, goal_upper=11.0),
            daily("2026-11-01", [10.0] * 3),
            at("2026-11-04 00:00"),
            Status.ON_TRACK,
        ),
        (
            "early, outside the range",
            level(comparison=WITHIN, goal=12.0, goal_upper=14.0),
            daily("2026-11-01", [10.0] * 3),
            at("2026-11-04 00:00"),
            Status.AT_RISK,
        ),
        (
            "a running total that was corrected",
            running(),
            daily("2026-11-01", [310.0, 305.0]),
            at("2026-11-03 00:00"),
            Status.MET,
        ),
        (
            "a running total that can fall",
            running(can_fall=True),
            daily("2026-11-01", [310.0, 305.0]),
            at("2026-11-03 00:00"),
            Status.ON_TRACK,
        ),
    ],
)
def test_verdicts(name: str, asked: Plan, series: Series, now: datetime, status: Status) -> None:
    assert judged(asked, series, now).status == status


def test_a_late_source_is_judged_by_what_it_told_and_marked_incomplete() -> None:
    november = period_at(plan().rule, calendar(), NOW)
    late = judged(plan(), TENS, at("2026-12-02 00:00"), period=november)
    assert (late.status, late.value, late.complete, late.forecast) == (Status.MISSED, 200.0, False, None)
    assert late.pace == pytest.approx(200.0)
    assert late.required_rate is None
    told = judged(plan(), daily("2026-11-01", [10.0] * 30), at("2026-12-02 00:00"), period=november)
    assert (told.status, told.value, told.complete, told.gap) == (Status.MET, 300.0, True, 0.0)


def test_an_earlier_period_is_judged_by_its_own_days() -> None:
    november = period_at(plan().rule, calendar(), NOW)
    october = preceding(november, plan().rule, calendar())
    series = daily("2026-09-01", [*([1.0] * 30), *([10.0] * 31), *([100.0] * 20)])
    found = judged(plan(), series, NOW, period=october)
    assert (found.value, found.status, found.settled_on, found.days_left) == (310.0, Status.MET, on("2026-10-30"), 0)
    assert found.recent_rate == 10.0
    assert found.elapsed == 1.0


def test_the_zone_of_the_target_decides_about_its_days() -> None:
    now = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    found = {zone: judged(plan(calendar=calendar(zone)), TENS, now) for zone in ("America/New_York", "Europe/Berlin")}
    assert {zone: each.days_left for zone, each in found.items()} == {"America/New_York": 10, "Europe/Berlin": 9}
    assert [each.on.day for each in found.values()] == [20, 21]
    assert [present(each.read_on).day for each in found.values()] == [20, 20]


@pytest.mark.parametrize(
    ("zone", "day", "noon_share"),
    [
        ("Europe/Berlin", "2026-03-29", 11 / 23),
        ("Europe/Berlin", "2026-10-25", 13 / 25),
        ("America/Sao_Paulo", "2017-10-15", 11 / 23),
        ("America/Havana", "2026-11-01", 13 / 25),
        ("Asia/Beirut", "2022-03-27", 11 / 23),
    ],
)
def test_nights_on_which_the_clocks_change(zone: str, day: str, noon_share: float) -> None:
    asked = plan(goal=24.0, rule=PeriodRule(kind=PeriodKind.DAY), calendar=calendar(zone))
    noon = at(f"{day} 12:00", zone)
    found = judged(asked, daily(day, [12.0], read_until=noon), noon)
    assert found.elapsed == pytest.approx(noon_share)
    assert found.pace == pytest.approx(24 * noon_share)
    assert found.required_rate == pytest.approx(12 / (1 - noon_share))


def test_a_month_with_a_date_left_out_still_ends_at_its_goal() -> None:
    asked = plan(goal=30.0, calendar=calendar("Pacific/Apia"))
    series = daily("2011-12-01", [1.0] * 29 + [None, 1.0])
    before, after = (
        judged(asked, series, at(moment, "Pacific/Apia")) for moment in ("2011-12-29 23:59:59", "2011-12-31 00:00")
    )
    assert before.elapsed == pytest.approx(after.elapsed, abs=1e-5) == pytest.approx(29 / 30, abs=1e-5)
    assert (
        judged(
            asked,
            series,
            at("2012-01-01 00:00", "Pacific/Apia"),
            period=period_at(asked.rule, asked.calendar, at("2011-12-31 12:00", "Pacific/Apia")),
        ).status
        == Status.MET
    )


@pytest.mark.parametrize(
    ("kind", "first_month", "moment", "starts_on"),
    [
        (PeriodKind.WEEK, 1, "2021-01-03 12:00", "2020-12-28"),  # week 53
        (PeriodKind.QUARTER, 4, "2026-03-31 12:00", "2026-01-01"),
        (PeriodKind.YEAR, 4, "2026-03-31 12:00", "2025-04-01"),
    ],
)
def test_days_before_the_period_never_leak_in(kind: PeriodKind, first_month: int, moment: str, starts_on: str) -> None:
    asked = plan(rule=PeriodRule(kind=kind), calendar=calendar(fiscal_year_starts_in=first_month))
    found = judged(asked, Series.of([row(on(starts_on) - timedelta(days=1), 1e6), row(on(starts_on), 1.0)]), at(moment))
    assert (found.period_starts_on, found.value) == (on(starts_on), 1.0)


def test_the_track_runs_from_the_first_day_to_the_last() -> None:
    assessed = assess(plan(), daily(FIRST, [*UNEVEN[:108], None, None, *UNEVEN[110:]]), NOW)
    track, value = assessed.track, assessed.evaluation.value
    assert (track.starts_on, track.today, track.cumulative, track.goal) == (on("2026-11-01"), 19, True, 300.0)
    assert {len(each) for each in (track.actual, track.pace, *track.bands)} == {30}
    assert track.actual[17] == track.actual[15]  # stands still while nothing is read
    assert track.actual[19] == value == pytest.approx(UNEVEN[92:108].sum() + UNEVEN[110:].sum())
    assert track.actual[20:] == (None,) * 10
    assert track.pace == pytest.approx([10.0 * day for day in range(1, 31)])


def test_the_bands_grow_out_of_the_last_value_and_end_at_the_forecast() -> None:
    assessed = assess(plan(), daily(FIRST, UNEVEN), NOW)
    track, forecast = assessed.track, present(assessed.evaluation.forecast)
    bands = np.array([row[19:] for row in track.bands], float)
    assert {row[:19] for row in track.bands} == {(None,) * 19}
    assert bands[:, 0] == pytest.approx(track.actual[19])
    assert bands[:, -1] == pytest.approx([forecast.q10, forecast.q25, forecast.median, forecast.q75, forecast.q90])
    assert (np.diff(bands, axis=0) >= 0).all()
    assert (np.diff(bands, axis=1) >= 0).all()


def test_on_a_day_read_in_part_the_bands_begin_with_what_was_read() -> None:
    now = at("2026-11-21 06:00")
    track = assess(plan(), daily(FIRST, [*UNEVEN, 1.0], read_until=now), now).track
    assert track.today == 20
    assert {row[20] for row in track.bands} == {track.actual[20]}
    assert len({row[21] for row in track.bands}) == 5


def test_on_a_day_read_in_part_the_drawn_pace_is_the_judged_one() -> None:
    now = at("2026-11-21T09:00")
    assessed = assess(plan(), daily(FIRST, [*UNEVEN, 1.0], read_until=now), now)
    assert assessed.track.pace[20] == assessed.evaluation.pace == pytest.approx(300 * 20.375 / 30)


def test_after_a_long_silence_there_is_nothing_to_foresee() -> None:
    assessed = assess(plan(), daily(FIRST, UNEVEN, read_until=at("2026-11-20")), at("2026-11-23T12:00"))
    assert assessed.evaluation.status == Status.NO_DATA
    assert assessed.evaluation.forecast is None
    assert assessed.track.bands == ()


def test_before_the_first_reading_the_bands_are_all_there_is() -> None:
    assessed = assess(plan(), daily("2026-10-01", [10.0] * 31), at("2026-11-01 06:00"))
    assert assessed.track.today is None
    assert set(assessed.track.actual) == {None}
    assert None not in assessed.track.bands[2]
    assert assessed.evaluation.gaps == ()


def test_a_period_that_is_over_has_no_bands() -> None:
    assessed = assess(plan(), TENS, at("2026-12-02 00:00"), period=period_at(plan().rule, calendar(), NOW))
    assert assessed.track.bands == ()


@pytest.mark.parametrize(
    ("asked", "values", "gaps"),
    [
        (plan(), [11.0, 10.0, 8.0], (1.0, 1.0, -1.0)),
        (plan(comparison=AT_MOST), [11.0, 10.0, 8.0], (-1.0, -1.0, 1.0)),
        (plan(comparison=WITHIN, goal=270.0, goal_upper=330.0), [11.0, 10.0, 12.0], (0.0, 1.0, 0.0)),
        (level(), [290.0, None, 310.0], (-10.0, -10.0, 10.0)),
        (level(), [None, None, 310.0], (10.0,)),
        (level(aggregation=Aggregation.MEAN), [290.0, 310.0, 330.0], (-10.0, 0.0, 10.0)),
    ],
)
def test_gaps_are_one_a_day_and_up_is_good(asked: Plan, values: list[float | None], gaps: tuple[float, ...]) -> None:
    assert judged(asked, daily("2026-11-01", values), at("2026-11-04 00:00")).gaps == pytest.approx(gaps)


def test_the_last_gap_is_that_of_the_last_reading() -> None:
    now = at("2026-11-02 12:00")
    found = judged(plan(), daily("2026-11-01", [10.0, 5.0], read_until=now), now)
    assert found.gaps == pytest.approx((0.0, 0.0))
    assert found.gap == pytest.approx(0.0)


def test_many_gaps_are_thinned_evenly_and_the_last_is_kept() -> None:
    year = plan(rule=PeriodRule(kind=PeriodKind.YEAR), goal=3650.0)
    found = judged(year, daily("2026-01-01", [11.0] * 320), at("2026-11-17 00:00"))
    assert len(found.gaps) == 60
    assert found.gaps[0] == pytest.approx(1.0, abs=0.1)
    assert found.gaps[-1] == pytest.approx(found.gap)
    assert set(np.diff(found.gaps).round(0)) <= {5.0, 6.0}


# What must hold whatever the figures

zones = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "America/Havana", "Asia/Kathmandu", "Pacific/Apia"]
)
calendars = st.builds(
    Calendar, zone=zones.map(ZoneInfo), week_starts_on=st.integers(0, 6), fiscal_year_starts_in=st.integers(1, 12)
)
comparisons = st.sampled_from([Comparison.AT_LEAST, AT_MOST])
plans = st.builds(
    Plan,
    value_kind=st.sampled_from(ValueKind),
    aggregation=st.sampled_from(Aggregation),
    comparison=comparisons,
    goal=st.floats(-1e4, 1e4),
    rule=st.sampled_from(
        [PeriodRule(kind=kind) for kind in PeriodKind if kind != PeriodKind.RANGE]
        + [a_range("2026-03-01", "2026-12-20")]
    ),
    calendar=calendars,
    profile=st.sampled_from(PaceProfile),
    start_value=st.none() | st.floats(-1e4, 1e4),
    missing_is_zero=st.booleans(),
    can_fall=st.booleans(),
    seed=st.just("a metric"),
)
value_lists = st.lists(st.none() | st.floats(-1e3, 1e3), max_size=90)
hours = st.floats(0.0, 100 * 24.0)


def moment(asked: Plan, hours: float) -> datetime:
    return start_of_day(on(FIRST), asked.calendar.zone) + timedelta(hours=hours)


@settings(max_examples=60)
@given(plans, value_lists, hours)
def test_an_evaluation_survives_being_stored(asked: Plan, values: list[float | None], hours: float) -> None:
    assessed = assess(asked, daily(FIRST, values), moment(asked, hours))
    stored = json.loads(json.dumps([assessed.evaluation.as_plain(), assessed.track.as_plain()], allow_nan=False))
    assert Evaluation.from_plain(stored[0]) == assessed.evaluation
    assert Track.from_plain(stored[1]) == assessed.track
    assert list(stored[0]) == [each.name for each in fields(Evaluation)]


def test_a_stored_evaluation_of_another_version_is_read() -> None:
    stored = evaluate(plan(), daily(FIRST, UNEVEN), NOW).as_plain()
    del stored["complete"], stored["gaps"]
    stored["forecast"] |= {"mood": "fine"}
    read = Evaluation.from_plain(stored | {"no_longer_known": 1})
    assert (read.complete, read.gaps, present(read.forecast).early) == (False, (), False)


def test_what_is_not_a_number_is_stored_as_unknown() -> None:
    forecast = Forecast(
        median=float("inf"), q025=0, q10=0, q25=0, q75=0, q90=0, q975=float("nan"), chance=1, early=False
    )
    plain = replace(evaluate(plan(), TENS, NOW), forecast=forecast).as_plain()
    assert (plain["forecast"]["median"], plain["forecast"]["q975"]) == (None, None)


@settings(max_examples=40)
@given(plans, value_lists, hours, st.integers(1, 40), st.floats(-1e3, 1e3))
def test_a_reading_of_the_future_never_changes_the_past(
    asked: Plan, values: list[float | None], hours: float, days: int, value: float
) -> None:
    now = moment(asked, hours)
    today = now.astimezone(asked.calendar.zone).date()
    past = [each for each in rows(FIRST, values) if each[0] <= today]
    series = Series.of(past, read_until=now + timedelta(days=1))
    future = Series.of([*past, row(today + timedelta(days=days), value)], read_until=now + timedelta(days=days + 1))
    assert assess(asked, series, now) == assess(asked, future, now)


@settings(max_examples=40)
@given(plans, value_lists, hours, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_changes_anything(
    asked: Plan, values: list[float | None], hours: float, random: Random
) -> None:
    ordered, now = rows(FIRST, values), moment(asked, hours)
    assert assess(asked, Series.of(ordered), now) == assess(asked, Series.of(random.sample(ordered, len(ordered))), now)


@settings(max_examples=40)
@given(plans, value_lists, hours)
def test_the_figures_agree_with_each_other(asked: Plan, values: list[float | None], hours: float) -> None:
    found, track = (assessed := assess(asked, daily(FIRST, values), moment(asked, hours))).evaluation, assessed.track
    assert (found.gap is None) == (found.value is None) == (track.today is None)
    if found.value is not None:
        assert found.gap == found.value - present(found.pace)
        assert found.value == track.actual[present(track.today)]
        assert found.gaps[-1] == pytest.approx(present(found.gap_share) * asked.size)
    if found.forecast is not None:
        forecast = found.forecast
        ordered = [
            forecast.q025,
            forecast.q10,
            forecast.q25,
            forecast.median,
            forecast.q75,
            forecast.q90,
            forecast.q975,
        ]
        assert ordered == sorted(ordered)
        assert forecast.chance is None if forecast.early else 0 <= present(forecast.chance) <= 1
    assert 0 <= found.elapsed <= 1
    assert {len(each) for each in (track.actual, track.pace, *track.bands)} == {
        (found.period_ends_on - found.period_starts_on).days
    }


@settings(max_examples=40)
@given(
    plans,
    st.lists(st.none() | st.floats(0.1, 1e3), min_size=1, max_size=90),
    hours,
    st.sampled_from([0.5, 4.0, 1024.0]),
)
def test_scaling_everything_changes_no_verdict(
    asked: Plan, values: list[float | None], hours: float, factor: float
) -> None:
    now = moment(asked, hours)
    larger = replace(
        asked, goal=asked.goal * factor, start_value=None if asked.start_value is None else asked.start_value * factor
    )
    values = [None if value is None else value + 0.123 for value in values]
    one = judged(asked, daily(FIRST, values), now)
    other = judged(larger, daily(FIRST, [None if value is None else value * factor for value in values]), now)
    assert other.status == one.status
    for name in ("value", "pace", "gap", "required_rate", "recent_rate"):
        before, after = getattr(one, name), getattr(other, name)
        assert after == (None if before is None else pytest.approx(before * factor, rel=1e-6, abs=1e-6 * factor))
    assert other.chance == (None if one.chance is None else pytest.approx(one.chance, abs=0.01))


@settings(max_examples=40)
@given(
    calendars,
    st.lists(st.floats(0.0, 100.0), min_size=1, max_size=90),
    st.floats(1.0, 2000.0),
    hours,
    st.sampled_from([PeriodKind.WEEK, PeriodKind.MONTH, PeriodKind.QUARTER]),
)
def test_a_sum_agrees_with_adding_up_by_hand(
    days: Calendar, values: list[float], goal: float, hours: float, kind: PeriodKind
) -> None:
    asked = plan(goal=goal, calendar=days, rule=PeriodRule(kind=kind))
    now = moment(asked, hours)
    today = now.astimezone(days.zone).date()
    found = judged(asked, daily(FIRST, values, read_until=now), now)
    mine = [value for day, value, *_ in rows(FIRST, values) if found.period_starts_on <= day <= today]
    assert found.value == (pytest.approx(sum(mine)) if mine else None)
    start, end = (start_of_day(day, days.zone) for day in (found.period_starts_on, found.period_ends_on))
    assert found.pace == pytest.approx(goal * (now - start) / (end - start))
    assert (found.settled_on is not None) == bool(mine and sum(mine) >= goal * (1 - 1e-9))
