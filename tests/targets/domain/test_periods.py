"""Periods tile time, in every zone and calendar."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from targets.domain.periods import (
    Calendar,
    Period,
    PeriodRule,
    first_day_of,
    following,
    local_day,
    period_at,
    preceding,
    start_of_day,
)
from targets.domain.terms import PeriodKind
from tests.targets.domain.builders import a_range, at, calendar, on, present

HOUR = timedelta(hours=1)
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",  # until 2011 the clocks went back over midnight, at 00:01
    "America/Sao_Paulo",  # until 2019 without a midnight in spring
    "America/Havana",  # without a midnight in spring, with two in autumn
    "America/Nuuk",
    "Asia/Beirut",  # without a midnight in spring
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Australia/Lord_Howe",  # half an hour of daylight saving
    "Pacific/Apia",  # without a 30 December 2011
    "Pacific/Kiritimati",  # without a 31 December 1994
    "Pacific/Kwajalein",  # without a 21 August 1993
    "Pacific/Chatham",
    "Antarctica/Troll",
)
KINDS = [kind for kind in PeriodKind if kind != PeriodKind.RANGE]

calendars = st.builds(
    Calendar,
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    week_starts_on=st.integers(0, 6),
    fiscal_year_starts_in=st.integers(1, 12),
)
rules = st.sampled_from(KINDS).map(lambda kind: PeriodRule(kind=kind))
moments = st.datetimes(datetime(1990, 1, 1), datetime(2045, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
apia = Calendar(zone=ZoneInfo("Pacific/Apia"))
missing_day = datetime(2011, 12, 30, 9, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "moment", "starts_on", "ends_on"),
    [
        ("day", "2026-11-20 00:00", "2026-11-20", "2026-11-21"),
        ("day", "2024-02-29 23:59:59", "2024-02-29", "2024-03-01"),
        ("week", "2026-11-20 12:00", "2026-11-16", "2026-11-23"),
        ("week", "2021-01-03 23:59", "2020-12-28", "2021-01-04"),
        ("month", "2024-02-29 12:00", "2024-02-01", "2024-03-01"),
        ("month", "2026-12-31 23:59:59.999999", "2026-12-01", "2027-01-01"),
        ("quarter", "2026-11-20 12:00", "2026-10-01", "2027-01-01"),
        ("year", "2026-01-01 00:00", "2026-01-01", "2027-01-01"),
    ],
)
def test_a_moment_lies_in_its_period(kind: str, moment: str, starts_on: str, ends_on: str) -> None:
    period = period_at(PeriodRule(kind=PeriodKind(kind)), calendar(), at(moment))
    assert (period.starts_on, period.ends_on) == (on(starts_on), on(ends_on))
    assert period.contains(at(moment))


@pytest.mark.parametrize(
    ("kind", "first_month", "moment", "starts_on", "ends_on"),
    [
        ("year", 4, "2026-03-31 23:59", "2025-04-01", "2026-04-01"),
        ("year", 4, "2026-04-01 00:00", "2026-04-01", "2027-04-01"),
        ("quarter", 4, "2026-03-31 12:00", "2026-01-01", "2026-04-01"),
        ("quarter", 2, "2026-01-15 12:00", "2025-11-01", "2026-02-01"),
        ("quarter", 12, "2026-01-15 12:00", "2025-12-01", "2026-03-01"),
        ("year", 12, "2026-11-30 12:00", "2025-12-01", "2026-12-01"),
    ],
)
def test_fiscal_years_and_their_quarters_begin_in_their_own_month(
    kind: str, first_month: int, moment: str, starts_on: str, ends_on: str
) -> None:
    period = period_at(PeriodRule(kind=PeriodKind(kind)), calendar(fiscal_year_starts_in=first_month), at(moment))
    assert (period.starts_on, period.ends_on) == (on(starts_on), on(ends_on))


@pytest.mark.parametrize(("first_weekday", "starts_on"), [(0, "2026-11-16"), (5, "2026-11-14"), (6, "2026-11-15")])
def test_a_week_begins_on_the_weekday_of_the_calendar(first_weekday: int, starts_on: str) -> None:
    week = period_at(PeriodRule(kind=PeriodKind.WEEK), calendar(week_starts_on=first_weekday), at("2026-11-20 12:00"))
    assert (week.starts_on, week.days) == (on(starts_on), 7)


def test_the_zone_decides_which_period_it_is() -> None:
    moment = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
    found = {
        name: period_at(PeriodRule(kind=PeriodKind.MONTH), calendar(name), moment).starts_on
        for name in ("UTC", "Europe/Berlin")
    }
    assert found == {"UTC": on("2026-10-01"), "Europe/Berlin": on("2026-11-01")}


@pytest.mark.parametrize(
    ("zone", "day", "start", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", "2026-03-28 23:00", 23),
        ("Europe/Berlin", "2026-10-25", "2026-10-24 22:00", 25),
        ("Australia/Lord_Howe", "2026-10-04", "2026-10-03 13:30", 23.5),
        ("America/Sao_Paulo", "2017-10-15", "2017-10-15 03:00", 23),  # the day begins at one o'clock
        ("America/Sao_Paulo", "2018-02-17", "2018-02-17 02:00", 25),
        ("Asia/Beirut", "2022-03-27", "2022-03-26 22:00", 23),
        ("America/Havana", "2026-03-08", "2026-03-08 05:00", 23),
        ("America/Havana", "2026-11-01", "2026-11-01 04:00", 25),  # the first of two midnights
        ("Pacific/Apia", "2011-12-29", "2011-12-29 10:00", 24),
        ("Pacific/Apia", "2011-12-30", "2011-12-30 10:00", 0),
        ("Pacific/Apia", "2011-12-31", "2011-12-30 10:00", 24),
        ("America/Toronto", "1919-03-31", "1919-03-31 04:30", 23.5),  # the clocks jumped from 23:30 to 00:30
        ("America/St_Johns", "2010-11-07", "2010-11-07 02:30", 25),  # and here back from 00:01 to 23:01
    ],
)
def test_a_day_begins_when_the_wall_first_shows_it(zone: str, day: str, start: str, hours: float) -> None:
    start_at, end_at = start_of_day(on(day), ZoneInfo(zone)), start_of_day(on(day) + timedelta(days=1), ZoneInfo(zone))
    assert start_at == datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert end_at - start_at == hours * HOUR


def test_the_old_date_shown_again_is_still_the_new_day() -> None:
    again = datetime(2010, 11, 7, 2, 45, tzinfo=UTC)
    zone = ZoneInfo("America/St_Johns")
    assert again.astimezone(zone).date() == on("2010-11-06")
    assert local_day(again, zone) == on("2010-11-07")


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        local_day(datetime(2026, 11, 20), ZoneInfo("UTC"))  # noqa: DTZ001


def test_the_days_around_a_missing_date_follow_each_other() -> None:
    rule = PeriodRule(kind=PeriodKind.DAY)
    before = period_at(rule, apia, missing_day)
    after = present(following(before, rule, apia))
    assert (before.starts_on, after.starts_on) == (on("2011-12-29"), on("2011-12-31"))
    assert preceding(after, rule, apia) == before


def test_a_fixed_range_is_always_itself_and_alone() -> None:
    rule = a_range("2026-10-01", "2026-12-16")
    period = period_at(rule, calendar(), at("2020-01-01 00:00"))
    assert (period.starts_on, period.ends_on, period.days) == (on("2026-10-01"), on("2026-12-16"), 76)
    assert following(period, rule, calendar()) is None
    assert preceding(period, rule, calendar()) is None
    assert first_day_of(rule, calendar(), on("2020-01-01")) == on("2026-10-01")


def test_a_fixed_range_without_its_days_is_refused() -> None:
    with pytest.raises(ValueError, match="first day"):
        period_at(PeriodRule(kind=PeriodKind.RANGE), calendar(), at("2026-01-01 00:00"))


@pytest.mark.parametrize(
    ("moment", "share"),
    [
        ("2026-03-28 00:00", 0.0),
        ("2026-03-29 00:00", 0.0),
        ("2026-03-29 04:00", 3 / 23),
        ("2026-03-30 00:00", 1.0),
        ("2026-04-30 00:00", 1.0),
    ],
)
def test_the_share_counts_real_time(moment: str, share: float) -> None:
    period = period_at(PeriodRule(kind=PeriodKind.DAY), calendar(), at("2026-03-29 12:00"))
    assert period.share(at(moment)) == pytest.approx(share)


def test_a_period_without_length_is_over_at_once() -> None:
    lost = Period(kind=PeriodKind.RANGE, starts_on=on("2011-12-30"), ends_on=on("2011-12-31"), zone=apia.zone)
    assert [lost.share(missing_day), lost.share(missing_day + timedelta(seconds=1))] == [0.0, 1.0]


@settings(max_examples=300)
@given(rules, calendars, moments)
@example(PeriodRule(kind=PeriodKind.DAY), apia, missing_day)
@example(
    PeriodRule(kind=PeriodKind.DAY),
    Calendar(zone=ZoneInfo("America/St_Johns")),
    datetime(2010, 11, 7, 2, 45, tzinfo=UTC),
)
def test_consecutive_periods_tile_time(rule: PeriodRule, calendar: Calendar, moment: datetime) -> None:
    period = period_at(rule, calendar, moment)
    after, before = present(following(period, rule, calendar)), present(preceding(period, rule, calendar))
    assert period.starts_at <= moment < period.ends_at
    assert before.ends_at == period.starts_at
    assert period.ends_at == after.starts_at
    assert [each.contains(moment) for each in (before, period, after)] == [False, True, False]
    assert following(before, rule, calendar) == period == preceding(after, rule, calendar)


@settings(max_examples=300)
@given(rules, calendars, moments)
def test_a_period_is_the_same_at_its_ends(rule: PeriodRule, calendar: Calendar, moment: datetime) -> None:
    period = period_at(rule, calendar, moment)
    assert period_at(rule, calendar, period.starts_at) == period
    assert period_at(rule, calendar, period.ends_at - timedelta(microseconds=1)) == period
    assert period_at(rule, calendar, period.ends_at) != period


@settings(max_examples=300)
@given(st.sampled_from(ZONES).map(ZoneInfo), st.dates(date(1990, 1, 1), date(2045, 1, 1)))
def test_a_day_starts_at_the_first_moment_on_its_date_or_later(zone: ZoneInfo, day: date) -> None:
    start = start_of_day(day, zone)
    assert start.astimezone(zone).date() >= day
    assert (start - timedelta(seconds=1)).astimezone(zone).date() < day
    assert start <= start_of_day(day + timedelta(days=1), zone)
