"""What a target would mean, before anybody saves it: pace, forecast, and how the last periods would have ended."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from targets import wording
from targets.domain.evaluation import assess
from targets.domain.pace import pace_at
from targets.domain.periods import Period, PeriodRule, period_at, preceding
from targets.domain.plan import Plan
from targets.domain.series import Series
from targets.domain.terms import PeriodKind, Status, ValueKind
from targets.domain.verdict import Evaluation
from targets.judging import HISTORY
from targets.numbers import Numbers, numbers_of
from targets.plans import calendar_of, plan_of
from targets.presenting import Line
from targets.rollups import series_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from targets.models import Metric, Target

MOST_EARLIER = 6
SIGNIFICANT = 2  # digits of a suggested goal


@dataclass(frozen=True, slots=True, kw_only=True)
class WouldBe:
    """How a period that is over would have ended."""

    label: str
    status: Status
    word: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a target would say today, and what it would have said before."""

    status: Status
    word: str
    lines: list[Line]
    earlier: list[WouldBe]


def meaning_of(target: Target, now: datetime) -> Meaning:
    """Judge a target that may not be saved yet, by the readings there are. Nothing is stored."""
    plan = plan_of(target)
    period = period_at(plan.rule, plan.calendar, now)
    series = series_of(target.metric, plan.calendar.zone, since=period.starts_on - HISTORY)
    found = assess(plan, series, now).evaluation
    numbers = numbers_of(target.metric)
    return Meaning(
        status=found.status,
        word=wording.status_word(found.status),
        lines=list(_lines(plan, period, found, numbers)),
        earlier=list(_earlier(plan, period, series, now, numbers)),
    )


def suggested_goal(metric: Metric, kind: PeriodKind, now: datetime) -> float | None:
    """Return what the last period came to, rounded up: a goal to start from. None without readings."""
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


def _lines(plan: Plan, period: Period, found: Evaluation, numbers: Numbers) -> Iterator[Line]:
    yield Line(label="First period", value=wording.period_label(period))
    yield Line(label="Pace", value=_pace(plan, period, numbers))
    if found.pace is not None and found.value is not None:
        yield Line(
            label="By now it should be", value=f"{numbers.value(found.pace)}; it is {numbers.value(found.value)}"
        )
    yield Line(label="Forecast", value=_forecast(found, numbers))


def _pace(plan: Plan, period: Period, numbers: Numbers) -> str:
    """Say how fast a total has to grow, or which way a level has to go."""
    start, end = pace_at(plan, period, period.starts_at), pace_at(plan, period, period.ends_at)
    if plan.cumulative:
        fine = Numbers(unit=numbers.unit, decimals=max(numbers.decimals, 1))
        per_day = end / period.days
        return f"{fine.value(per_day)} a day" + (f", {numbers.value(per_day * 7)} a week" if period.days > 7 else "")
    if start == end:
        return f"{numbers.value(end)} throughout"
    return f"from {numbers.value(start)} to {numbers.value(end)}"


def _forecast(found: Evaluation, numbers: Numbers) -> str:
    if found.forecast is None:
        return "Appears after 7 days of readings, or at once if you paste earlier ones."
    return f"{numbers.value(found.forecast.median)} likely, {wording.chance(found.forecast.chance)}"


def _earlier(plan: Plan, period: Period, series: Series, now: datetime, numbers: Numbers) -> Iterator[WouldBe]:
    """Judge the periods before this one by the same rule, as far back as the readings cover them whole."""
    first_on = series.days[0].item() if len(series) else None
    for _ in range(MOST_EARLIER):
        before = preceding(period, plan.rule, plan.calendar)
        if before is None or first_on is None or first_on > before.starts_on:
            return
        period = before
        found = assess(plan, series, now, period=period).evaluation
        yield WouldBe(
            label=wording.period_label(period),
            status=found.status,
            word=wording.status_word(found.status),
            value=numbers.value(found.value),
        )


def _rounded_up(value: float) -> float:
    """Round away from zero to two significant digits: 1,187 becomes 1,200."""
    if value == 0:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(abs(value))) - SIGNIFICANT + 1)
    return math.copysign(round(math.ceil(abs(value) / step - 1e-9) * step, 9), value)
