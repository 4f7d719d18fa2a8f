"""Periods: which stretch of time a target is about, in its own time zone.

A period is made of whole local days. A local day begins at the first moment at which the calendar on the wall shows its
date or a later one, so that days, and with them periods, tile time without gap or overlap even where midnight does not
exist, comes twice, or a whole date is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from targets.domain.terms import PeriodKind

ONE_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_MONTHS = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """How an organisation counts time. Monday is 0; `fiscal_year_starts_in` is a month from 1 to 12."""

    zone: ZoneInfo
    week_starts_on: int = 0
    fiscal_year_starts_in: int = 1
    working_days: frozenset[int] = frozenset({0, 1, 2, 3, 4})


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodRule:
    """Which periods follow each other; `starts_on` and `ends_on` (exclusive) only for a fixed range."""

    kind: PeriodKind
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One concrete half-open stretch of whole local days `[starts_on, ends_on)`.

    `fiscal_year_starts_in` is what quarters and years are counted from, for their names.
    """

    kind: PeriodKind
    starts_on: date
    ends_on: date
    zone: ZoneInfo
    fiscal_year_starts_in: int = 1

    @property
    def starts_at(self) -> datetime:
        """The first moment of the period, in UTC."""
        return start_of_day(self.starts_on, self.zone)

    @property
    def ends_at(self) -> datetime:
        """The first moment after the period, in UTC."""
        return start_of_day(self.ends_on, self.zone)

    @property
    def days(self) -> int:
        """How many dates the period has; a date that a zone left out counts, and has no length."""
        return (self.ends_on - self.starts_on).days

    def contains(self, moment: datetime) -> bool:
        """Whether an aware moment lies in the period."""
        return self.starts_at <= moment.astimezone(UTC) < self.ends_at

    def share(self, moment: datetime) -> float:
        """How much of the period's real time has passed at an aware moment, from 0 to 1."""
        return share_between(self.starts_at, self.ends_at, moment)

    def day_of(self, moment: datetime) -> date:
        """The local day of an aware moment, inside the period or not."""
        return local_day(moment, self.zone)

    def every_day(self) -> tuple[date, ...]:
        """Every date of the period, in order."""
        return tuple(self.starts_on + timedelta(days=index) for index in range(self.days))


@lru_cache(maxsize=16_384)
def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first moment, in UTC, at which the calendar in `zone` shows `day` or a later date.

    That is midnight; or the moment the clocks jump over it; or the first of two midnights. A date that the zone left
    out starts, and ends, when the next one starts.
    """
    midnight = datetime.combine(day, time.min)
    moment = midnight.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == midnight:
        return moment
    before_the_jump = midnight.replace(tzinfo=zone, fold=1).astimezone(UTC) - _SECOND
    return _first_moment_of(day, zone, before=before_the_jump, after=moment)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The local day in which an aware moment lies; exactly the day whose start and end enclose it.

    It differs from the date on the wall only where the clocks go back over midnight and the wall shows the old date
    again.
    """
    if moment.tzinfo is None:
        raise ValueError("an aware moment is needed")
    day = moment.astimezone(zone).date()
    return day + ONE_DAY if moment.astimezone(UTC) >= start_of_day(day + ONE_DAY, zone) else day


def share_between(start: datetime, end: datetime, moment: datetime) -> float:
    """How much of the real time from `start` to `end` has passed at `moment`, from 0 to 1; all aware."""
    passed, whole = moment.astimezone(UTC) - start.astimezone(UTC), end.astimezone(UTC) - start.astimezone(UTC)
    if whole <= timedelta(0):
        return 1.0 if passed >= timedelta(0) else 0.0
    return min(max(passed / whole, 0.0), 1.0)


def period_at(rule: PeriodRule, calendar: Calendar, moment: datetime) -> Period:
    """The period in which an aware moment lies; for a fixed range always that range."""
    return _period_of(rule, calendar, local_day(moment, calendar.zone))


def following(period: Period, rule: PeriodRule, calendar: Calendar) -> Period | None:
    """The period that begins when this one ends; None after a fixed range."""
    if rule.kind == PeriodKind.RANGE:
        return None
    found = _period_of(rule, calendar, period.ends_on)
    return found if found.starts_at < found.ends_at else following(found, rule, calendar)


def preceding(period: Period, rule: PeriodRule, calendar: Calendar) -> Period | None:
    """The period that ends when this one begins; None before a fixed range."""
    if rule.kind == PeriodKind.RANGE:
        return None
    found = _period_of(rule, calendar, period.starts_on - ONE_DAY)
    return found if found.starts_at < found.ends_at else preceding(found, rule, calendar)


def first_day_of(rule: PeriodRule, calendar: Calendar, day: date) -> date:
    """The first day of the period to which a day belongs; for a fixed range always its own."""
    return _bounds(rule, calendar, day)[0]


def _first_moment_of(day: date, zone: ZoneInfo, *, before: datetime, after: datetime) -> datetime:
    """Halve the time between a moment on an earlier date and one on `day` or later, to the second."""
    while after - before > _SECOND:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        before, after = (before, middle) if middle.astimezone(zone).date() >= day else (middle, after)
    return after


def _period_of(rule: PeriodRule, calendar: Calendar, day: date) -> Period:
    starts_on, ends_on = _bounds(rule, calendar, day)
    return Period(
        kind=rule.kind,
        starts_on=starts_on,
        ends_on=ends_on,
        zone=calendar.zone,
        fiscal_year_starts_in=calendar.fiscal_year_starts_in,
    )


def _bounds(rule: PeriodRule, calendar: Calendar, day: date) -> tuple[date, date]:
    """The first day of the period around a day, and the day after its last."""
    if rule.kind == PeriodKind.RANGE:
        if rule.starts_on is None or rule.ends_on is None:
            raise ValueError("a fixed range needs its first day and the day after its last")
        return rule.starts_on, rule.ends_on
    if rule.kind == PeriodKind.DAY:
        return day, day + ONE_DAY
    if rule.kind == PeriodKind.WEEK:
        starts_on = day - timedelta(days=(day.weekday() - calendar.week_starts_on) % 7)
        return starts_on, starts_on + timedelta(days=7)
    months = _MONTHS[rule.kind]
    into_period = (day.month - calendar.fiscal_year_starts_in) % months
    return _first_of_month(day, -into_period), _first_of_month(day, months - into_period)


def _first_of_month(day: date, months: int) -> date:
    """The first day of the month that is so many months after the day's own."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, 1)
