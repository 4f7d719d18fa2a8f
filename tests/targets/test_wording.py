"""What is said about a target, word for word."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import product
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from organisations import languages
from targets import wording
from targets.domain.evaluation import Evaluation, Forecast, evaluate
from targets.domain.periods import PeriodRule, period_at
from targets.domain.plan import Plan, Thresholds
from targets.domain.series import Series
from targets.domain.terms import Aggregation, Comparison, PaceProfile, PeriodKind, Status, ValueKind
from targets.numbers import Numbers
from tests.targets.domain.builders import a_range, at, calendar, daily, level, on, plan

AT_MOST, WITHIN = Comparison.AT_MOST, Comparison.WITHIN
QUARTER = PeriodRule(kind=PeriodKind.QUARTER)
NOW = at("2026-11-20 14:00")
PAID = plan(goal=1200.0, rule=QUARTER)
SPEND = plan(goal=18500.0, comparison=AT_MOST, rule=QUARTER)
UPTIME = level(goal=99.5, decimals=1, rule=QUARTER)
ROOM = level(goal=21.0, goal_upper=23.0, comparison=WITHIN, decimals=1, rule=QUARTER)
LIKELY = Forecast(
    median=1178.0, q025=1040.0, q10=1088.0, q25=1130.0, q75=1225.0, q90=1275.0, q975=1320.0, chance=0.37, early=False
)
EARLY = replace(LIKELY, chance=None, early=True)


def found(asked: Plan = PAID, *, now: datetime = NOW, **changes: Any) -> Evaluation:
    """An evaluation in the fourth quarter of 2026, on 20 November unless said otherwise, that is behind by 14."""
    facts: dict[str, Any] = {
        "at": now,
        "status": Status.AT_RISK,
        "period_starts_on": on("2026-10-01"),
        "period_ends_on": on("2027-01-01"),
        "days_left": 41,
        "elapsed": 0.55,
        "read_until": now,
        "value": 651.0,
        "pace": 665.0,
        "gap": -14.0,
        "gap_share": -14 / asked.size,
        "forecast": LIKELY,
        "days_of_data": 60,
        "zone": "Europe/Berlin",
    }
    return Evaluation(**facts | changes)


def said(asked: Plan, evaluation: Evaluation, **more: Any) -> tuple[str, str]:
    sentence = wording.sentence(asked, evaluation, **more)
    return sentence.lead, sentence.rest


@pytest.mark.parametrize(
    ("value", "how", "text"),
    [
        (1234.5, {}, "1,235"),  # as browsers round it
        (1235.5, {}, "1,236"),
        (1234567.891, {"decimals": 2}, "1,234,567.89"),
        (-1200, {}, "−1,200"),
        (-0.4, {}, "0"),
        (0.0, {"decimals": 1}, "0.0"),
        (18500, {"unit": "€"}, "€18,500"),
        (-18500, {"unit": "€"}, "−€18,500"),
        (5, {"unit": "US$"}, "US$5"),
        (99.95, {"unit": "%", "decimals": 2}, "99.95%"),
        (240, {"unit": "ms"}, "240\u00a0ms"),
        (22, {"unit": "°C"}, "22\u00a0°C"),
        (9999.4, {"short": True}, "9,999"),
        (12600, {"unit": "€", "short": True}, "€12.6k"),
        (-12600, {"short": True}, "−12.6k"),
        (999_949, {"short": True}, "999.9k"),
        (999_960, {"short": True}, "1.00M"),
        (1_240_000, {"short": True}, "1.24M"),
        (2_500_000_000, {"short": True}, "2.50B"),
        (None, {"unit": "€"}, "–"),
        (float("nan"), {}, "–"),
        (float("inf"), {}, "–"),
        (1, {"unit": "<b>{x}%s"}, "1\u00a0<b>{x}%s"),  # somebody's own text
    ],
)
def test_numbers(value: float | None, how: dict[str, Any], text: str) -> None:
    assert wording.number(value, **how) == text


@pytest.mark.parametrize(
    ("value", "how", "text"),
    [
        (12, {}, "+12"),
        (-14, {}, "−14"),
        (0, {}, "±0"),
        (0.3, {}, "±0"),
        (-0.04, {"decimals": 1}, "±0.0"),
        (1644, {"unit": "€", "short": True}, "+€1,644"),
        (-12600, {"unit": "€", "short": True}, "−€12.6k"),
        (1.5, {"unit": "%", "decimals": 1}, "+1.5\u00a0pt"),
        (None, {}, "–"),
    ],
)
def test_differences_have_a_sign(value: float | None, how: dict[str, Any], text: str) -> None:
    assert wording.signed(value, **how) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "<1%"),
        (0.0099, "<1%"),
        (0.01, "1%"),
        (0.374, "37%"),
        (0.7, "70%"),
        (0.99, "99%"),
        (0.9901, ">99%"),
        (1, ">99%"),
    ],
)
def test_a_chance_is_never_certain(share: float, text: str) -> None:
    assert wording.chance(share) == f"{text} chance"


@pytest.mark.parametrize(
    ("goal", "unit", "short"),
    [
        (9999, "€", False),
        (10000, "€", True),
        (-10000, "€", True),
        (99999, "", False),
        (100000, "ms", True),
        (10000, "%", False),
    ],
)
def test_which_goals_shorten_a_row(goal: float, unit: str, short: bool) -> None:
    assert wording.shortens(goal, unit) == short


@pytest.mark.parametrize(
    ("low", "high", "unit", "text"),
    [
        (1088, 1275, "", "1,088 to 1,275"),
        (21, 23, "°C", "21 to 23\u00a0°C"),
        (1, 2, "€", "€1 to €2"),
        (1, 2, "%", "1% to 2%"),
    ],
)
def test_spans_say_a_unit_that_stands_behind_once(low: float, high: float, unit: str, text: str) -> None:
    assert wording.span(low, high, unit=unit) == text


def test_every_status_has_a_word() -> None:
    words = [wording.status_word(status) for status in Status]
    assert words == ["Missed", "Behind", "At risk", "No data", "On track", "Met", "Upcoming", "Paused"]
    assert [wording.status_inside(status) for status in Status] == [word.lower() for word in words]


def test_days_are_counted() -> None:
    assert [wording.days(number) for number in (0, 1, 2, 1200)] == ["0 days", "1 day", "2 days", "1,200 days"]


@pytest.mark.parametrize(("day", "text"), [("2026-11-20", "20 Nov"), ("2025-05-01", "1 May 2025")])
def test_dates_have_a_year_only_if_it_is_another(day: str, text: str) -> None:
    assert wording.day(on(day), today=on("2026-01-01")) == text


@pytest.mark.parametrize(
    ("now", "text"),
    [
        ("2026-09-30 23:59", "starts 1 Oct"),
        ("2026-10-01 00:00", "91 days left"),
        ("2026-11-20 12:00", "41 days left"),
        ("2026-12-30 12:00", "1 day left"),
        ("2026-12-31 23:59", "ends today"),
        ("2027-01-01 00:00", "ended 31 Dec 2026"),
    ],
)
def test_how_many_days_are_left(now: str, text: str) -> None:
    assert wording.days_left(found(), at(now)) == text
    assert wording.days_left(period_at(QUARTER, calendar(), NOW), at(now)) == text


@pytest.mark.parametrize(
    ("rule", "how", "moment", "text"),
    [
        (PeriodRule(kind=PeriodKind.DAY), {}, "2026-11-20", "20 Nov 2026"),
        (PeriodRule(kind=PeriodKind.WEEK), {}, "2026-11-20", "Week 47, 2026"),
        (PeriodRule(kind=PeriodKind.WEEK), {}, "2021-01-03", "Week 53, 2020"),
        (PeriodRule(kind=PeriodKind.WEEK), {"week_starts_on": 6}, "2021-01-03", "Week 1, 2021"),
        (PeriodRule(kind=PeriodKind.WEEK), {"week_starts_on": 6}, "2021-01-02", "Week 53, 2020"),
        (PeriodRule(kind=PeriodKind.MONTH), {}, "2026-11-20", "November 2026"),
        (QUARTER, {}, "2026-11-20", "Q4 2026"),
        (QUARTER, {"fiscal_year_starts_in": 4}, "2026-05-20", "Q1 2026/27"),
        (QUARTER, {"fiscal_year_starts_in": 4}, "2026-02-20", "Q4 2025/26"),
        (QUARTER, {"fiscal_year_starts_in": 2}, "2026-01-20", "Q4 2025/26"),
        (PeriodRule(kind=PeriodKind.YEAR), {}, "2026-11-20", "2026"),
        (PeriodRule(kind=PeriodKind.YEAR), {"fiscal_year_starts_in": 7}, "2099-11-20", "2099/00"),
        (a_range("2026-10-01", "2026-12-16"), {}, "2026-11-20", "1 Oct to 15 Dec 2026"),
        (a_range("2026-10-01", "2027-01-16"), {}, "2026-11-20", "1 Oct 2026 to 15 Jan 2027"),
        (a_range("2026-10-01", "2026-10-02"), {}, "2026-11-20", "1 Oct 2026"),
    ],
)
def test_periods_have_names(rule: PeriodRule, how: dict[str, Any], moment: str, text: str) -> None:
    assert wording.period_label(period_at(rule, calendar(**how), at(f"{moment} 12:00"))) == text


@pytest.mark.parametrize(
    ("asked", "unit", "goal", "of_goal"),
    [
        (PAID, "", "at least 1,200", "of at least 1,200"),
        (SPEND, "€", "at most €18,500", "of at most €18,500"),
        (ROOM, "°C", "between 21.0 and 23.0\u00a0°C", "of 21.0 to 23.0\u00a0°C"),
        (replace(PAID, goal=2.5), "", "at least 2.5", "of at least 2.5"),  # a goal is shown as it was set
    ],
)
def test_goals_in_words(asked: Plan, unit: str, goal: str, of_goal: str) -> None:
    assert (wording.goal(asked, unit), wording.of_goal(asked, unit)) == (goal, of_goal)


def test_goals_can_be_short() -> None:
    assert wording.of_goal(SPEND, "€", short=True) == "of at most €18.5k"


@pytest.mark.parametrize(
    ("asked", "facts", "phrase"),
    [
        (PAID, {}, "14 behind pace"),
        (PAID, {"gap": 14.0}, "14 ahead of pace"),
        (PAID, {"gap": -0.4}, "on pace"),
        (SPEND, {"gap": 14.0}, "€14 over pace"),
        (SPEND, {"gap": -14.0}, "€14 under pace"),
        (SPEND, {"value": 18750.0, "gap": 9000.0}, "€250 over the limit"),
        (level(), {}, "14 under target"),
        (level(), {"gap": 14.0}, "14 above target"),
        (level(), {"gap": 0.0}, "on target"),
        (level(comparison=AT_MOST), {}, "14 under the limit"),
        (level(comparison=AT_MOST), {"gap": 14.0}, "14 over the limit"),
        (level(start_value=1.0), {}, "14 behind pace"),
        (level(start_value=999.0, comparison=AT_MOST), {"gap": 14.0}, "14 behind pace"),
        (level(aggregation=Aggregation.MEAN, start_value=1.0), {}, "14 under target"),
        (ROOM, {"value": 22.0, "gap": 0.0, "gap_share": 1 / 23}, "within the range"),
        (ROOM, {"value": 20.3, "gap": -1.7, "gap_share": -0.7 / 23}, "0.7\u00a0°C under the range"),
        (ROOM, {"value": 23.7, "gap": 1.7, "gap_share": -0.7 / 23}, "0.7\u00a0°C above the range"),
        (
            replace(ROOM, aggregation=Aggregation.SUM),
            {"value": 5.0, "gap": 1.7, "gap_share": -0.7 / 23},
            "0.7\u00a0°C over pace",
        ),
        (
            replace(ROOM, aggregation=Aggregation.SUM),
            {"value": 24.0, "gap": 9.0, "gap_share": -0.3},
            "1.0\u00a0°C over the limit",
        ),
        (PAID, {"value": None, "gap": None, "gap_share": None}, ""),
    ],
)
def test_gaps_in_words(asked: Plan, facts: dict[str, Any], phrase: str) -> None:
    unit = "€" if asked is SPEND else "°C" if asked.comparison == WITHIN else ""
    evaluation = found(asked, **facts)
    assert wording.gap_phrase(asked, evaluation, unit) == phrase
    assert phrase.endswith(wording.gap_words(asked, evaluation))


@pytest.mark.parametrize(("gap", "phrase"), [(0.5, "1 ahead of pace"), (-0.5, "1 behind pace"), (0.49, "on pace")])
def test_a_gap_is_called_what_its_number_shows(gap: float, phrase: str) -> None:
    evaluation = found(gap=gap)
    assert wording.gap_phrase(PAID, evaluation) == phrase
    assert (wording.signed(wording.gap_shown(PAID, evaluation)) == "±0") == (phrase == "on pace")


def test_the_number_shown_is_the_one_the_words_speak_of() -> None:
    assert wording.gap_shown(SPEND, found(SPEND, value=18750.0, gap=9000.0)) == 250.0
    assert wording.gap_shown(PAID, found()) == -14.0
    assert wording.gap_shown(PAID, found(value=None, gap=None)) is None


@pytest.mark.parametrize(
    ("asked", "facts", "text"),
    [
        (
            PAID,
            {"required_rate": 414.0, "recent_rate": 238.0},
            "It needs 414 a day from here; the last 28 days averaged 238.",
        ),
        (PAID, {"required_rate": 4.14, "recent_rate": None}, "It needs 4.1 a day from here."),
        (
            PAID,
            {"required_rate": 41.0, "recent_rate": 3.0, "days_of_data": 5},
            "It needs 41 a day from here; the last 5 days averaged 3.0.",
        ),
        (
            PAID,
            {"required_rate": 41.0, "recent_rate": 30.0, "days_of_data": 1},
            "It needs 41 a day from here; the last day brought 30.",
        ),
        (PAID, {"required_rate": None}, ""),
        (PAID, {"required_rate": -3.0}, ""),
        (
            replace(PAID, profile=PaceProfile.WORKING_DAYS),
            {"required_rate": 20.0},
            "It needs 20 a working day from here.",
        ),
        (replace(PAID, comparison=AT_MOST), {"required_rate": 20.0}, "It may take 20 a day from here."),
        (replace(PAID, comparison=AT_MOST), {"required_rate": -20.0}, "It must give back 20 a day from here."),
        (
            level(aggregation=Aggregation.MEAN, decimals=1),
            {"required_rate": 4.5, "recent_rate": 4.2},
            "The rest must have a mean of 4.5; the last 28 days averaged 4.2.",
        ),
    ],
)
def test_what_is_needed_stands_beside_what_was(asked: Plan, facts: dict[str, Any], text: str) -> None:
    assert wording.needed(asked, found(asked, **facts)) == text


AT_THE_RATE = "It is 14 behind pace; at the present rate it ends near 1,178."


@pytest.mark.parametrize(
    ("name", "asked", "facts", "lead", "rest"),
    [
        ("at risk", PAID, {}, "37% chance of reaching 1,200 by 31 December.", AT_THE_RATE),
        (
            "on track",
            PAID,
            {"status": Status.ON_TRACK, "gap": 14.0, "forecast": replace(LIKELY, chance=0.824)},
            "82% chance of reaching 1,200 by 31 December.",
            "It is 14 ahead of pace; at the present rate it ends near 1,178.",
        ),
        (
            "almost impossible",
            PAID,
            {"status": Status.BEHIND, "forecast": replace(LIKELY, chance=0.0)},
            "<1% chance of reaching 1,200 by 31 December.",
            AT_THE_RATE,
        ),
        (
            "the last day",
            PAID,
            {"at": at("2026-12-31 09:00")},
            "37% chance of reaching 1,200 today.",
            AT_THE_RATE,
        ),
        (
            "next year",
            PAID,
            {"period_ends_on": on("2027-02-01")},
            "37% chance of reaching 1,200 by 31 January 2027.",
            AT_THE_RATE,
        ),
        (
            "a ceiling",
            replace(PAID, comparison=AT_MOST),
            {"gap": 14.0},
            "37% chance of staying within 1,200 until 31 December.",
            "It is 14 over pace; at the present rate it ends near 1,178.",
        ),
        (
            "a ceiling, the last day",
            replace(PAID, comparison=AT_MOST),
            {"gap": 14.0, "at": at("2026-12-31 09:00")},
            "37% chance of staying within 1,200 until the end of today.",
            "It is 14 over pace; at the present rate it ends near 1,178.",
        ),
        (
            "a level",
            level(goal=1200.0),
            {},
            "37% chance of standing at 1,200 or more on 31 December.",
            "It is 14 under target; it is likely to end near 1,178.",
        ),
        (
            "a level that is held down",
            level(goal=1200.0, comparison=AT_MOST),
            {},
            "37% chance of standing at 1,200 or less on 31 December.",
            "It is 14 under the limit; it is likely to end near 1,178.",
        ),
        (
            "a range",
            ROOM,
            {"gap": 0.3, "gap_share": 0.7 / 23, "forecast": replace(LIKELY, median=22.4, chance=0.9)},
            "90% chance of standing between 21.0 and 23.0 on 31 December.",
            "It is within the range; it is likely to end near 22.4.",
        ),
        (
            "a total in a range",
            replace(PAID, comparison=WITHIN, goal_upper=1300.0),
            {"gap": 3.0, "gap_share": 0.01},
            "37% chance of ending between 1,200 and 1,300 on 31 December.",
            "It is on pace; at the present rate it ends near 1,178.",
        ),
        (
            "a mean",
            level(goal=1200.0, aggregation=Aggregation.MEAN),
            {},
            "37% chance of a mean of 1,200 or more by 31 December.",
            "It is 14 under target; it is likely to end near 1,178.",
        ),
        (
            "a highest value that must stay low",
            level(goal=1200.0, aggregation=Aggregation.MAXIMUM, comparison=AT_MOST),
            {},
            "37% chance of staying at 1,200 or less until 31 December.",
            "It is 14 under the limit; it is likely to end near 1,178.",
        ),
        (
            "a lowest value that must come down",
            level(goal=1200.0, aggregation=Aggregation.MINIMUM, comparison=AT_MOST),
            {"gap": 14.0},
            "37% chance of coming down to 1,200 by 31 December.",
            "It is 14 over the limit; it is likely to end near 1,178.",
        ),
        (
            "before the first reading of the period",
            PAID,
            {"value": None, "gap": None, "gap_share": None},
            "37% chance of reaching 1,200 by 31 December.",
            "There is no reading in this period yet; at the present rate it ends near 1,178.",
        ),
        (
            "too new",
            replace(PAID, tracking_since=on("2026-11-17")),
            {"days_of_data": 4, "forecast": EARLY},
            "Tracking since 17 November.",
            "It is 14 behind pace; an early estimate ends near 1,178. A forecast appears after 7 days of "
            "readings, about 23 November.",
        ),
        (
            "too new for an estimate",
            PAID,
            {"days_of_data": 1, "forecast": None},
            "1 day of readings so far.",
            "It is 14 behind pace. A forecast appears after 7 days of readings, about 26 November.",
        ),
        (
            "met early",
            PAID,
            {"status": Status.MET, "value": 1250.0, "gap": 400.0, "settled_on": on("2026-11-18")},
            "Met on 18 November, 43 days early.",
            "It stands at 1,250, 50 over the target.",
        ),
        (
            "met on the last day",
            PAID,
            {"status": Status.MET, "value": 1200.0, "settled_on": on("2026-12-31"), "at": at("2027-01-02 09:00")},
            "Met on 31 December 2026.",
            "It ended at 1,200, exactly the target.",
        ),
        (
            "met when it was over",
            level(goal=1200.0),
            {"status": Status.MET, "value": 1250.0, "at": at("2027-01-02 09:00"), "complete": True},
            "Met, 50 over the target.",
            "It ended at 1,250 of 1,200.",
        ),
        (
            "kept within a limit",
            replace(PAID, comparison=AT_MOST),
            {"status": Status.MET, "value": 1150.0, "at": at("2027-01-02 09:00"), "complete": True},
            "Met, 50 under the limit.",
            "It ended at 1,150, with a limit of 1,200.",
        ),
        (
            "kept within a range",
            ROOM,
            {"status": Status.MET, "value": 22.1, "at": at("2027-01-02 09:00"), "complete": True},
            "Met.",
            "It ended at 22.1; the target was 21.0 to 23.0.",
        ),
        (
            "a limit passed",
            replace(PAID, comparison=AT_MOST),
            {"status": Status.MISSED, "value": 1210.0, "settled_on": on("2026-11-12")},
            "The limit of 1,200 was passed on 12 November.",
            "It stands at 1,210 with 41 days left.",
        ),
        (
            "a limit passed on the last day",
            replace(PAID, comparison=AT_MOST),
            {
                "status": Status.MISSED,
                "value": 1210.0,
                "settled_on": on("2026-12-31"),
                "days_left": 0,
                "at": at("2026-12-31 09:00"),
            },
            "The limit of 1,200 was passed on 31 December.",
            "It stands at 1,210 on the last day.",
        ),
        (
            "a limit that was passed",
            replace(PAID, comparison=AT_MOST),
            {"status": Status.MISSED, "value": 1210.0, "settled_on": on("2026-11-12"), "at": at("2027-01-02 09:00")},
            "The limit of 1,200 was passed on 12 November 2026.",
            "It ended at 1,210.",
        ),
        (
            "above a range for good",
            replace(PAID, comparison=WITHIN, goal_upper=1300.0),
            {"status": Status.MISSED, "value": 1310.0, "settled_on": on("2026-11-12")},
            "The limit of 1,300 was passed on 12 November.",
            "It stands at 1,310 with 41 days left.",
        ),
        (
            "missed",
            PAID,
            {"status": Status.MISSED, "value": 1186.0, "at": at("2027-01-02 09:00"), "complete": True},
            "Missed by 14.",
            "It ended at 1,186 of 1,200.",
        ),
        (
            "missed by less than is shown",
            level(goal=1200.0),
            {"status": Status.MISSED, "value": 1199.7, "at": at("2027-01-02 09:00"), "complete": True},
            "Missed by 0.3.",
            "It ended at 1,199.7 of 1,200.0.",
        ),
        (
            "a lower limit passed",
            level(goal=1200.0, aggregation=Aggregation.MINIMUM),
            {"status": Status.MISSED, "value": 1190.0, "settled_on": on("2026-11-12"), "days_left": 1},
            "The limit of 1,200 was passed on 12 November.",
            "It stands at 1,190 with 1 day left.",
        ),
        (
            "missed, as far as is known",
            PAID,
            {
                "status": Status.MISSED,
                "value": 1186.0,
                "at": at("2027-01-02 09:00"),
                "read_until": at("2026-12-29 00:00"),
            },
            "Missed by 14.",
            "It ended at 1,186 of 1,200. The last reading is of 28 December 2026.",
        ),
        (
            "a level above its limit",
            level(goal=1200.0, comparison=AT_MOST),
            {"status": Status.MISSED, "value": 1210.0, "at": at("2027-01-02 09:00"), "complete": True},
            "Missed by 10.",
            "It ended at 1,210, with a limit of 1,200.",
        ),
        (
            "outside a range",
            ROOM,
            {"status": Status.MISSED, "value": 23.7, "at": at("2027-01-02 09:00"), "complete": True},
            "Missed by 0.7.",
            "It ended at 23.7; the target was 21.0 to 23.0.",
        ),
        (
            "no data",
            PAID,
            {"status": Status.NO_DATA, "read_until": at("2026-11-18 00:00")},
            "No reading since 17 November.",
            "It stood at 651 then.",
        ),
        (
            "no data in this period",
            PAID,
            {"status": Status.NO_DATA, "value": None, "read_until": at("2026-09-18 00:00")},
            "No reading since 17 September.",
            "",
        ),
        ("no data ever", PAID, {"status": Status.NO_DATA, "value": None, "read_until": None}, "No reading yet.", ""),
        (
            "no data to the end",
            PAID,
            {"status": Status.NO_DATA, "value": None, "at": at("2027-01-02 09:00")},
            "No reading in this period.",
            "It ended on 31 December 2026.",
        ),
        (
            "upcoming",
            PAID,
            {"status": Status.UPCOMING, "at": at("2026-09-20 09:00"), "value": None},
            "Starts on 1 October.",
            "The target is at least 1,200 by 31 December.",
        ),
        ("paused", PAID, {"status": Status.PAUSED}, "Paused.", "It stood at 651 on 20 November."),
        (
            "paused at once",
            PAID,
            {"status": Status.PAUSED, "value": None},
            "Paused.",
            "Nothing is judged until it is resumed.",
        ),
    ],
)
def test_sentences(name: str, asked: Plan, facts: dict[str, Any], lead: str, rest: str) -> None:
    assert said(asked, found(asked, **facts)) == (lead, rest)


def test_a_failing_source_is_quoted() -> None:
    silent = found(status=Status.NO_DATA, read_until=at("2026-11-18 00:00"))
    quoted = said(PAID, silent, source="Billing API", error="401 {unit} <b>")
    assert quoted == ("No reading since 17 November.", "Billing API answers “401 {unit} <b>”.")
    assert said(PAID, silent, error="401")[1] == "The source answers “401”."


def test_the_status_shown_decides_what_is_said() -> None:
    assert said(PAID, found(), status=Status.PAUSED)[0] == "Paused."
    assert (
        said(PAID, found(status=Status.NO_DATA), status=Status.ON_TRACK)[0]
        == "37% chance of reaching 1,200 by 31 December."
    )


def test_units_are_other_peoples_words() -> None:
    lead, rest = said(PAID, found(), unit="{goal} <i>")
    assert lead == "37% chance of reaching 1,200\u00a0{goal} <i> by 31 December."
    assert "14\u00a0{goal} <i> behind pace" in rest


def test_a_sentence_reads_as_one_text() -> None:
    assert str(wording.Sentence("Paused.", "It stood at 651.")) == "Paused. It stood at 651."
    assert str(wording.Sentence("No reading yet.")) == "No reading yet."


@pytest.mark.parametrize(
    ("name", "counts", "worst", "more", "text"),
    [
        (
            "some need attention",
            {
                Status.MISSED: 1,
                Status.BEHIND: 2,
                Status.AT_RISK: 2,
                Status.NO_DATA: 1,
                Status.ON_TRACK: 5,
                Status.MET: 1,
            },
            [
                ("Incidents", Status.MISSED, "2 over the limit"),
                ("Sign-ups", Status.BEHIND, "14 behind pace"),
                ("Third", Status.BEHIND, ""),
            ],
            {},
            "6 of 12 targets need attention. Incidents is missed, 2 over the limit; Sign-ups is 14 behind pace.",
        ),
        (
            "one does",
            {Status.AT_RISK: 1, Status.ON_TRACK: 5, Status.PAUSED: 3},
            [("Sign-ups", Status.AT_RISK, "")],
            {},
            "1 of 6 targets needs attention. Sign-ups is at risk.",
        ),
        (
            "the only one does",
            {Status.NO_DATA: 1},
            [("Visits", Status.NO_DATA, "")],
            {},
            "The only target needs attention. Visits has no data.",
        ),
        (
            "all are fine",
            {Status.ON_TRACK: 11, Status.MET: 1},
            [],
            {"closest": wording.Named(name="Visits", status=Status.ON_TRACK, chance=0.72)},
            "All 12 targets are on track or met. The closest call is Visits, 72% chance.",
        ),
        ("all are met", {Status.MET: 2}, [], {}, "All 2 targets are on track or met."),
        ("the only one is", {Status.MET: 1}, [], {}, "The only target is met."),
        ("the only one may be", {Status.ON_TRACK: 1, Status.PAUSED: 2}, [], {}, "The only target is on track."),
        (
            "and sources are down",
            {Status.ON_TRACK: 2},
            [],
            {"sources": 12, "silent_sources": 2},
            "All 2 targets are on track or met. 2 of 12 sources do not answer; their targets show the last good "
            "reading.",
        ),
        (
            "and one of them is",
            {Status.ON_TRACK: 2},
            [],
            {"sources": 12, "silent_sources": 1},
            "All 2 targets are on track or met. 1 of 12 sources does not answer; its targets show the last good "
            "reading.",
        ),
        (
            "and the only one is",
            {Status.MET: 1},
            [],
            {"sources": 1, "silent_sources": 1},
            "The only target is met. The only source does not answer; its targets show the last good reading.",
        ),
        ("nothing yet", {}, [], {}, "No targets yet. A target is one number, the value it should reach, and a date."),
        (
            "nothing running",
            {Status.PAUSED: 1, Status.UPCOMING: 1},
            [],
            {},
            "No target is running. All of them are paused or still to come.",
        ),
    ],
)
def test_overviews(
    name: str, counts: dict[Status, int], worst: list[tuple[str, Status, str]], more: dict[str, Any], text: str
) -> None:
    rows = [wording.Named(name=each, status=status, words=words) for each, status, words in worst]
    assert str(wording.overview_sentence(counts, rows, **more)) == text


@pytest.mark.parametrize(
    ("name", "facts", "status", "text"),
    [
        ("at risk", {}, None, "At risk: the chance is 37%, between 30% and 70%."),
        (
            "on track",
            {"status": Status.ON_TRACK, "forecast": replace(LIKELY, chance=0.7)},
            None,
            "On track: the chance is 70%, at least 70%.",
        ),
        (
            "behind",
            {"status": Status.BEHIND, "forecast": replace(LIKELY, chance=0.12)},
            None,
            "Behind: the chance is 12%, under 30%.",
        ),
        (
            "just not",
            {"forecast": replace(LIKELY, chance=0.6975)},
            None,
            "At risk: the chance is 69.75%, between 30% and 70%.",
        ),
        (
            "by pace",
            {"days_of_data": 4, "forecast": None, "gap_share": -0.1},
            None,
            "At risk: 4 days of readings cannot carry a forecast, and against the pace it is 10% of the goal "
            "short, between 5% and 15%.",
        ),
        (
            "by pace, ahead",
            {"status": Status.ON_TRACK, "days_of_data": 1, "forecast": EARLY, "gap_share": 0.1},
            None,
            "On track: 1 day of readings cannot carry a forecast, and against the pace it is not short.",
        ),
        (
            "by an estimate",
            {"value": None, "gap": None, "gap_share": None, "forecast": EARLY},
            None,
            "At risk: there is no reading in this period yet, and an early estimate ends near 1,178.",
        ),
        (
            "held",
            {"status": Status.ON_TRACK, "forecast": replace(LIKELY, chance=0.71)},
            Status.AT_RISK,
            "At risk for now: the last verdict is “on track” with a chance of 71%; it is shown when two in a "
            "row are 3 points past the threshold.",
        ),
        (
            "held without a chance",
            {"status": Status.NO_DATA},
            Status.AT_RISK,
            "At risk for now: the last verdict is “no data”, which is shown when the next one says the same.",
        ),
        (
            "met early",
            {"status": Status.MET, "settled_on": on("2026-11-18")},
            None,
            "Met: a total that only grows reached 1,200 on 18 November and cannot come back.",
        ),
        ("missed", {"status": Status.MISSED}, None, "Missed: the period is over, and 651 is not at least 1,200."),
        (
            "a chance that is shown as the threshold",
            {"status": Status.BEHIND, "forecast": replace(LIKELY, chance=0.295)},
            None,
            "Behind: the chance is 29.50%, under 30%.",
        ),
        ("silent", {"status": Status.NO_DATA}, None, "No data: there was no reading for more than 24 hours."),
        ("never read", {"status": Status.NO_DATA, "read_until": None}, None, "No data: there is no reading yet."),
        (
            "nothing in it",
            {"status": Status.NO_DATA, "at": at("2027-01-02 09:00")},
            None,
            "No data: the period is over without a reading in it.",
        ),
        (
            "upcoming",
            {"status": Status.UPCOMING, "at": at("2026-09-02 09:00")},
            None,
            "Upcoming: the period begins on 1 October.",
        ),
        ("paused", {}, Status.PAUSED, "Paused: nothing is judged until it is resumed."),
    ],
)
def test_reasons(name: str, facts: dict[str, Any], status: Status | None, text: str) -> None:
    assert wording.why(PAID, found(**facts), status=status) == text


def test_the_reason_names_the_plans_own_thresholds() -> None:
    strict = replace(PAID, thresholds=Thresholds(on_track=0.9, at_risk=0.5))
    behind = found(forecast=replace(LIKELY, chance=0.4), status=Status.BEHIND)
    assert wording.why(strict, behind) == "Behind: the chance is 40%, under 50%."


@pytest.mark.parametrize("aggregation", Aggregation)
@pytest.mark.parametrize("comparison", Comparison)
@pytest.mark.parametrize(
    "moment", ["2026-09-20 12:00", "2026-10-01 12:00", "2026-11-20 12:00", "2026-12-31 12:00", "2027-02-01 12:00"]
)
def test_there_is_something_to_say_about_everything(
    aggregation: Aggregation, comparison: Comparison, moment: str
) -> None:
    within = {"goal_upper": 400.0} if comparison == WITHIN else {}
    asked = plan(aggregation=aggregation, comparison=comparison, rule=a_range("2026-10-01", "2027-01-01"), **within)
    for series in (Series.EMPTY, daily("2026-10-05", [3.0] * 3), daily("2026-08-01", [3.1, 2.9] * 60)):
        found = evaluate(asked, series, at(moment))
        texts = (str(wording.sentence(asked, found, unit="%")), wording.why(asked, found, unit="%"))
        assert all(text.endswith((".", "”.")) and "None" not in text and "nan" not in text for text in texts)


LANGUAGES = [code for code, _ in settings.LANGUAGES]
OTHERS = "%(gap)s {0} %s 100%"  # what somebody may call a unit, a target or a connection
GLUED_WRONGLY = re.compile(
    r"  | [.,;:]|[.;]\.|None|\bnan\b|\bproxy\b|%\(|%s|[{}]"
    r"|\b1 (days|hours|targets|sources|points|Tage|Stunden|Ziele|Quellen|Punkte)\b"
)
MOMENTS = [at(f"{day} 12:00") for day in ("2026-09-20", "2026-11-20", "2026-12-30", "2026-12-31", "2027-01-02")]
DECIDED = {Status.MET, Status.MISSED}


def all_plans() -> Iterator[Plan]:
    """Every way of judging a value: by goals on each side, of totals and levels, with a pace and without one."""
    for aggregation, comparison in product(Aggregation, Comparison):
        within = {"goal_upper": 1300.0} if comparison == WITHIN else {}
        asked = plan(aggregation=aggregation, comparison=comparison, goal=1200.0, rule=QUARTER, **within)
        yield asked
        if aggregation == Aggregation.LATEST:
            yield replace(asked, value_kind=ValueKind.LEVEL, start_value=1500.0)
            yield replace(asked, value_kind=ValueKind.RUNNING, profile=PaceProfile.WORKING_DAYS)


def all_verdicts(asked: Plan, now: datetime) -> Iterator[Evaluation]:
    """Every verdict on a plan at a moment: with a value above, at and under, or none; with a forecast and without."""
    unsure = [replace(LIKELY, chance=0.002), EARLY, None]
    known = [(status, LIKELY) for status in Status] + [(Status.AT_RISK, forecast) for forecast in unsure]
    for (status, forecast), gap in product(known, (-100.0, 0.0, 14.0, None)):
        if gap is None and status in DECIDED:
            continue  # what is decided has a value
        yield found(
            asked,
            now=now,
            status=status,
            forecast=forecast,
            value=None if gap is None else asked.goal + gap,
            gap=gap,
            gap_share=None if gap is None else gap / asked.size,
            days_left=max((on("2026-12-31") - now.date()).days, 0),
            days_of_data=60 if forecast is LIKELY else 1,
            required_rate=gap,
            recent_rate=4.25,
            settled_on=on("2026-11-18") if status in DECIDED and gap == 14.0 else None,
        )


def all_sentences(unit: str) -> Iterator[str]:
    """Every sentence that can be said of one target."""
    for asked, now in product(all_plans(), MOMENTS):
        for evaluation in all_verdicts(asked, now):
            yield str(wording.sentence(asked, evaluation, unit=unit))
            yield wording.why(asked, evaluation, unit=unit)
            yield wording.why(asked, evaluation, unit=unit, status=Status.ON_TRACK)
            if needed := wording.needed(asked, evaluation, unit):
                yield needed


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("unit", ["", "%"])
def test_no_sentence_is_glued_wrongly(language: str, unit: str) -> None:
    with translation.override(language):
        texts = set(all_sentences(unit))
    wrong = [text for text in texts if GLUED_WRONGLY.search(text) or not text.endswith(".") or text[0].islower()]
    assert len(texts) > 500
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_phrases_are_whole_in_every_language(language: str) -> None:
    phrases = set()
    with translation.override(language):
        for asked, now in product(all_plans(), MOMENTS):
            phrases |= {wording.goal(asked), wording.of_goal(asked)}
            for evaluation in all_verdicts(asked, now):
                phrases |= {wording.gap_phrase(asked, evaluation), wording.gap_words(asked, evaluation)}
                phrases.add(wording.days_left(evaluation, now))
    assert [phrase for phrase in phrases if GLUED_WRONGLY.search(phrase) or phrase != phrase.strip()] == []
    assert len(phrases) > 30


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_peoples_words_come_through_as_they_are(language: str) -> None:
    rows = [wording.Named(name=OTHERS, status=status, words=OTHERS, chance=0.5) for status in Status]
    with translation.override(language):
        texts = set(all_sentences(OTHERS))
        texts |= {str(wording.overview_sentence({row.status: 2}, [row], closest=row)) for row in rows}
        answer = wording.sentence(PAID, found(status=Status.NO_DATA), source=OTHERS, error=OTHERS)
    assert answer.rest.count(OTHERS) == 2
    assert len([text for text in texts if OTHERS in text]) > 300
    assert [text for text in texts if GLUED_WRONGLY.search(text.replace(OTHERS, "days"))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_way_of_counting_targets_and_sources_is_a_sentence(language: str) -> None:
    rows = [wording.Named(name="Visits", status=status, words=words) for status in Status for words in ("", "14 over")]
    with translation.override(language):
        for fine, bad, silent, sources in product((0, 1, 2, 1200), (0, 1, 2), (0, 1, 2), (1, 2, 12)):
            counts = {Status.MET: fine, Status.BEHIND: bad, Status.PAUSED: 1}
            for row in rows:
                text = str(
                    wording.overview_sentence(
                        counts, [row, row], closest=row, sources=sources, silent_sources=min(silent, sources)
                    )
                )
                assert text.endswith("."), text
                assert not GLUED_WRONGLY.search(text), text


@pytest.mark.parametrize(
    ("value", "how", "text"),
    [
        (1234.5, {"decimals": 1}, "1.234,5"),
        (-18500, {"unit": "€"}, "−18.500\u00a0€"),
        (99.95, {"unit": "%", "decimals": 2}, "99,95\u00a0%"),
        (240, {"unit": "ms"}, "240\u00a0ms"),
        (None, {"unit": "€"}, "–"),
    ],
)
def test_german_numbers(value: float | None, how: dict[str, Any], text: str) -> None:
    with translation.override("de"):
        assert wording.number(value, **how) == text


def test_german_digits_stand_in_everything_that_is_said() -> None:
    with translation.override("de"):
        texts = [*said(PAID, found(value=1351.5)), wording.goal(SPEND, "€"), wording.of_goal(SPEND, "€")]
        texts += [wording.span(1088, 1275), wording.signed(-1644), wording.difference(1644), wording.days(1200)]
        assert wording.chance(0.374).startswith("37\u00a0%")
        assert wording.number(12600, short=True).startswith("12,6")
        assert wording.day(on("2026-11-20"), today=on("2026-01-01")) == "20. Nov."
        assert "31. Dezember" in said(PAID, found())[0]
        assert wording.period_label(period_at(PeriodRule(kind=PeriodKind.MONTH), calendar(), NOW)) == "November 2026"
    assert not any(re.search(r"\d,\d{3}\b", text) for text in texts)


def test_a_range_of_money_says_its_unit_once_where_it_stands_behind() -> None:
    with translation.override("de"):
        assert re.fullmatch(r"1 \S+ 2\u00a0€", wording.span(1, 2, unit="€"))
        assert re.fullmatch(r"1 \S+ 2\u00a0%", wording.span(1, 2, unit="%"))


def test_the_numbers_of_a_metric_are_written_in_the_language_they_were_made_in() -> None:
    with translation.override("de"):
        german = Numbers(unit="€", decimals=1)
        assert german.as_plain() == {
            "decimals": 1,
            "unit": {"prefix": "", "suffix": "\u00a0€"},
            "gapUnit": {"prefix": "", "suffix": "\u00a0€"},
        }
    assert (german.value(1234.5), german.gap(-1234.5)) == ("1.234,5\u00a0€", "−1.234,5\u00a0€")
    assert Numbers(unit="€", decimals=1, spoken=languages.active()).value(1234.5) == "€1,234.5"
