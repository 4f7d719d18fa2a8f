"""What a target would mean, before anybody saves it: pace, forecast, and how the last periods would have ended."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from targets.domain import wording
from targets.domain.evaluation import Evaluation, assess
from targets.domain.periods import Period, period_at, preceding
from targets.domain.plan import Plan
from targets.domain.series import Series
from targets.domain.terms import PeriodKind, Status, ValueKind
from targets.judging import HISTORY, calendar_of, plan_of, series_of
from targets.numbers import Numbers, numbers_of
from targets.presenting import Line

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
    rule = wording_free_rule(kind)
    before = preceding(period_at(rule, calendar, now), rule, calendar)
    if before is None:
        return None
    days = series_of(metric, calendar.zone, since=before.starts_on).between(before.starts_on, before.ends_on)
    if not days.days.size:
        return None
    return _rounded_up(float(days.last[-1] if metric.value_kind == ValueKind.RUNNING else days.total.sum()))
