"""Dates and periods as text, in the target's own days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from targets.domain.periods import ONE_DAY, Period, local_day
from targets.domain.terms import PeriodKind

if TYPE_CHECKING:
    from targets.domain.verdict import Evaluation

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_THURSDAY = 3  # the day that says to which year, and so to which number, a week belongs (ISO 8601)


def day(on: date, *, today: date) -> str:
    """A date in short: 20 Nov, with the year only if it is not this year."""
    return f"{on.day} {MONTHS[on.month - 1][:3]}{_year(on, today)}"


def full_day(on: date, *, today: date) -> str:
    """A date in a sentence: 20 November, with the year only if it is not this year."""
    return f"{on.day} {MONTHS[on.month - 1]}{_year(on, today)}"


def counted(number: int, one: str) -> str:
    """A number of things: 1 day, 2 days."""
    return f"{number:,} {one}" if number == 1 else f"{number:,} {one}s"


def days_left(about: Evaluation | Period, now: datetime) -> str:
    """How far away a period's end is: 41 days left, 1 day left, ends today, ended 30 Sep; starts 1 Dec before it."""
    starts_on, ends_on, zone = _stretch(about)
    today = local_day(now, zone)
    if today < starts_on:
        return f"starts {day(starts_on, today=today)}"
    if today >= ends_on:
        return f"ended {day(ends_on - ONE_DAY, today=today)}"
    left = (ends_on - today).days - 1
    return f"{counted(left, 'day')} left" if left else "ends today"


def period_label(period: Period) -> str:
    """The name of a period: November 2026, Q4 2026, Week 47, 2026, 20 Nov 2026, 1 Oct to 15 Dec 2026.

    A week has the ISO number of its Thursday, wherever it starts. Where the fiscal year does not begin in January,
    years are 2026/27, and quarters are counted from its first month: Q1 2026/27.
    """
    on = period.starts_on
    if period.kind == PeriodKind.MONTH:
        return f"{MONTHS[on.month - 1]} {on.year}"
    if period.kind == PeriodKind.QUARTER:
        return f"Q{(on.month - period.fiscal_year_starts_in) % 12 // 3 + 1} {_fiscal_year(period)}"
    if period.kind == PeriodKind.YEAR:
        return _fiscal_year(period)
    if period.kind == PeriodKind.WEEK:
        year, week, _ = (on + timedelta(days=(_THURSDAY - on.weekday()) % 7)).isocalendar()
        return f"Week {week}, {year}"
    return _range_label(on, period.ends_on - ONE_DAY)


def _range_label(first: date, last: date) -> str:
    end = f"{day(last, today=last)} {last.year}"
    return end if first == last else f"{day(first, today=last)} to {end}"


def _fiscal_year(period: Period) -> str:
    on, first_month = period.starts_on, period.fiscal_year_starts_in
    began = on.year - (on.month < first_month)
    return str(began) if first_month == 1 else f"{began}/{(began + 1) % 100:02d}"


def _year(on: date, today: date) -> str:
    return "" if on.year == today.year else f" {on.year}"


def _stretch(about: Evaluation | Period) -> tuple[date, date, ZoneInfo]:
    if isinstance(about, Period):
        return about.starts_on, about.ends_on, about.zone
    return about.period_starts_on, about.period_ends_on, ZoneInfo(about.zone)
