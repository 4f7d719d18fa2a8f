"""Periods and stretches of days as text, in the target's own days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from organisations.languages import dated, day, grouped, month_and_year
from targets.domain.periods import ONE_DAY, Period, local_day
from targets.domain.terms import PeriodKind

if TYPE_CHECKING:
    from targets.domain.verdict import Evaluation

_THURSDAY = 3  # the day that says to which year, and so to which number, a week belongs (ISO 8601)


def days(number: int) -> str:
    """A number of days: 1 day, 2 days."""
    return ngettext("%(days)s day", "%(days)s days", number) % {"days": grouped(number)}


def days_left(about: Evaluation | Period, now: datetime) -> str:
    """How far away a period's end is: 41 days left, 1 day left, ends today, ended 30 Sep; starts 1 Dec before it."""
    starts_on, ends_on, zone = _stretch(about)
    today = local_day(now, zone)
    if today < starts_on:
        return _("starts %(day)s") % {"day": day(starts_on, today=today)}
    if today >= ends_on:
        return _("ended %(day)s") % {"day": day(ends_on - ONE_DAY, today=today)}
    left = (ends_on - today).days - 1
    if not left:
        return _("ends today")
    return ngettext("%(days)s day left", "%(days)s days left", left) % {"days": grouped(left)}


def period_label(period: Period) -> str:
    """The name of a period: November 2026, Q4 2026, Week 47, 2026, 20 Nov 2026, 1 Oct to 15 Dec 2026.

    A week has the ISO number of its Thursday, wherever it starts. Where the fiscal year does not begin in January,
    years are 2026/27, and quarters are counted from its first month: Q1 2026/27.
    """
    on = period.starts_on
    if period.kind == PeriodKind.MONTH:
        return month_and_year(on)
    if period.kind == PeriodKind.QUARTER:
        quarter = (on.month - period.fiscal_year_starts_in) % 12 // 3 + 1
        return _("Q%(quarter)s %(year)s") % {"quarter": quarter, "year": _fiscal_year(period)}
    if period.kind == PeriodKind.YEAR:
        return _fiscal_year(period)
    if period.kind == PeriodKind.WEEK:
        year, week, _weekday = (on + timedelta(days=(_THURSDAY - on.weekday()) % 7)).isocalendar()
        return _("Week %(week)s, %(year)s") % {"week": week, "year": year}
    return _range_label(on, period.ends_on - ONE_DAY)


def _range_label(first: date, last: date) -> str:
    if first == last:
        return dated(last)
    days = {"first": day(first, today=last), "last": dated(last)}
    return pgettext("from one day to another", "%(first)s to %(last)s") % days


def _fiscal_year(period: Period) -> str:
    on, first_month = period.starts_on, period.fiscal_year_starts_in
    began = on.year - (on.month < first_month)
    return str(began) if first_month == 1 else f"{began}/{(began + 1) % 100:02d}"


def _stretch(about: Evaluation | Period) -> tuple[date, date, ZoneInfo]:
    if isinstance(about, Period):
        return about.starts_on, about.ends_on, about.zone
    return about.period_starts_on, about.period_ends_on, ZoneInfo(about.zone)
