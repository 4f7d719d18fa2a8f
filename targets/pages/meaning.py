"""What a target would mean, before anybody saves it: pace, forecast, and how the last periods would have ended."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from organisations.languages import typed
from targets import wording
from targets.domain.evaluation import assess
from targets.domain.pace import leeway_at, pace_at, rate_to
from targets.domain.periods import Period, PeriodRule, period_at, preceding
from targets.domain.plan import Plan
from targets.domain.proposals import Ambition, Past, Proposal, past_periods, proposals
from targets.domain.terms import Comparison, PaceProfile, PeriodKind, Status, ValueKind
from targets.domain.verdict import Evaluation
from targets.judging import HISTORY
from targets.numbers import Numbers, numbers_of
from targets.plans import calendar_of, plan_of
from targets.presenting import Line
from targets.rollups import series_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from targets.models import Metric, Target

BETWEEN = "|"  # stands between both ends of a range that is posted
SIGNIFICANT = 2  # digits of a suggested goal


@dataclass(frozen=True, slots=True, kw_only=True)
class WouldBe:
    """How a period that is over would have ended."""

    label: str
    status: Status
    word: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A goal that the history speaks for: its name, the goal in words, how often it would have been met.

    `take` is what the form posts to take it over: the goal, or both ends of a range.
    """

    name: str
    goal: str
    met: str
    take: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a target would say today, and what it would have said before.

    `summary` are short phrases that stand by themselves. Without a goal there are only the proposals; `proposed` is
    empty where there are too few periods to go by.
    """

    status: Status | None
    word: str
    summary: list[str]
    lines: list[Line]
    earlier: list[WouldBe]
    proposed: list[Proposed]
    has_periods: bool


def meaning_of(target: Target, now: datetime, *, has_goal: bool = True) -> Meaning:
    """Judge a target that may not be saved yet, by the readings there are. Nothing is stored."""
    plan = plan_of(target) if has_goal else replace(plan_of(target), goal=0.0, goal_upper=None)
    period = period_at(plan.rule, plan.calendar, now)
    series = series_of(target.metric, plan.calendar.zone, since=period.starts_on - HISTORY)
    found, numbers = assess(plan, series, now).evaluation, numbers_of(target.metric)
    past = past_periods(plan, series, now)
    return Meaning(
        status=found.status if has_goal else None,
        word=wording.status_word(found.status),
        summary=list(_summary(found, past, numbers)) if has_goal else [],
        lines=list(_lines(plan, period, found, numbers, now)) if has_goal else [],
        earlier=[_would_be(row, numbers) for row in past] if has_goal else [],
        proposed=[_proposed(plan, each, numbers) for each in proposals(plan, past, found.forecast)],
        has_periods=plan.rule.kind != PeriodKind.RANGE,
    )


def suggested_goal(target: Target, now: datetime) -> float | None:
    """Return the realistic goal of a target that has none yet; where too few periods speak for one, the last one's end.

    None without readings.
    """
    if target.metric.last_value is None:
        return None
    offered = meaning_of(target, now, has_goal=False).proposed
    if offered and target.comparison != Comparison.WITHIN:
        return float(offered[0].take)
    return _last_end(target.metric, PeriodKind(target.period), now)


def _last_end(metric: Metric, kind: PeriodKind, now: datetime) -> float | None:
    """Return what the last period came to, rounded up."""
    if metric.last_value is None:
        return None
    if metric.value_kind == ValueKind.LEVEL:
        return _rounded_up(metric.last_value)
    calendar = calendar_of(metric.organisation)
    rule = PeriodRule(kind=kind)
    before = preceding(period_at(rule, calendar, now), rule, calendar)
    if before is None:
        return None
    days = series_of(metric, calendar.zone, since=before.starts_on).between(before.starts_on, before.ends_on)
    if not days.days.size:
        return None
    return _rounded_up(float(days.last[-1] if metric.value_kind == ValueKind.RUNNING else days.total.sum()))


def _summary(found: Evaluation, past: Sequence[Past], numbers: Numbers) -> Iterator[str]:
    """Say in three phrases how it went and how it goes: met 5 of 12; median 8,900; today: on track, 71% chance."""
    values = [row.value for row in past if row.value is not None]
    if values:
        met = sum(row.status == Status.MET for row in past)
        yield _("met %(met)s of %(count)s") % {"met": met, "count": len(values)}
        yield _("median %(value)s") % {"value": numbers.value(median(values))}
    status = wording.status_inside(found.status)
    if found.chance is None:
        yield _("today: %(status)s") % {"status": status}
        return
    yield _("today: %(status)s, %(chance)s") % {"status": status, "chance": wording.chance(found.chance)}


def _lines(plan: Plan, period: Period, found: Evaluation, numbers: Numbers, now: datetime) -> Iterator[Line]:
    yield Line(label=_("This period"), value=wording.period_label(period))
    yield Line(label=_("Pace"), value=_pace(plan, period, numbers))
    if found.pace is not None and found.value is not None:
        pace = _around(found.pace, leeway_at(plan, period, now), numbers)
        both = {"pace": pace, "value": numbers.value(found.value)}
        yield Line(label=_("By now it should be"), value=_("%(pace)s; it is %(value)s") % both)
    yield Line(label=_("Forecast"), value=_forecast(found, numbers))


def _pace(plan: Plan, period: Period, numbers: Numbers) -> str:
    """Say how fast a total has to grow, or which way a level has to go."""
    if plan.cumulative:
        return _rates(plan, period, numbers)
    start, end = pace_at(plan, period, period.starts_at), pace_at(plan, period, period.ends_at)
    if start == end:
        return _("%(value)s throughout") % {"value": _around(end, plan.leeway, numbers)}
    return _("from %(start)s to %(end)s") % {"start": numbers.value(start), "end": numbers.value(end)}


def _rates(plan: Plan, period: Period, numbers: Numbers) -> str:
    """Say what a total needs a day, and a week where the period is longer."""
    per_day = rate_to(plan, period, period.starts_at, 0.0, plan.aim) or 0.0
    is_by_work = plan.profile == PaceProfile.WORKING_DAYS
    days_a_week = len(plan.calendar.working_days) if is_by_work else 7
    rates = {"day": wording.rate(plan, per_day, numbers.unit), "week": numbers.value(per_day * days_a_week)}
    if period.days <= 7:
        return (_("%(day)s a working day") if is_by_work else _("%(day)s a day")) % rates
    return (_("%(day)s a working day, %(week)s a week") if is_by_work else _("%(day)s a day, %(week)s a week")) % rates


def _around(value: float, leeway: float, numbers: Numbers) -> str:
    """Write where a value should be: one number, or from which to which."""
    if not leeway:
        return numbers.value(value)
    return wording.span(value - leeway, value + leeway, unit=numbers.unit, decimals=numbers.decimals)


def _forecast(found: Evaluation, numbers: Numbers) -> str:
    if found.forecast is None:
        return _("Appears after 7 days of readings, or at once if you paste earlier ones.")
    value = numbers.value(found.forecast.median)
    if found.chance is None:
        return _("%(value)s likely, an early estimate") % {"value": value}
    return _("%(value)s likely, %(chance)s") % {"value": value, "chance": wording.chance(found.chance)}


def _would_be(row: Past, numbers: Numbers) -> WouldBe:
    return WouldBe(
        label=wording.period_label(row.period),
        status=row.status,
        word=wording.status_word(row.status),
        value=numbers.value(row.value),
    )


def _proposed(plan: Plan, found: Proposal, numbers: Numbers) -> Proposed:
    goals = [found.goal] if found.goal_upper is None else [found.goal, found.goal_upper]
    is_easy = found.ambition == Ambition.REALISTIC
    return Proposed(
        name=pgettext("a goal", "Realistic") if is_easy else pgettext("a goal", "Ambitious"),
        goal=wording.goal(replace(plan, goal=found.goal, goal_upper=found.goal_upper), numbers.unit),
        met=_("met %(met)s of %(count)s") % {"met": found.met, "count": found.of},
        take=BETWEEN.join(typed(goal) for goal in goals),
    )


def _rounded_up(value: float) -> float:
    """Round away from zero to two significant digits: 1,187 becomes 1,200."""
    if value == 0:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(abs(value))) - SIGNIFICANT + 1)
    return math.copysign(round(math.ceil(abs(value) / step - 1e-9) * step, 9), value)
