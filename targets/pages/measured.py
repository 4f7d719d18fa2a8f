"""How a target is measured, in words: goal, pace, how far the readings run, and what the value of a period is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organisations.languages import ago, dated, percent
from targets import wording
from targets.domain.periods import ONE_DAY, local_day, start_of_day
from targets.domain.terms import Aggregation, PaceProfile, PeriodKind, ReadAs, Status, ValueKind
from targets.numbers import numbers_of
from targets.presenting import MOVING, Line

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from targets.domain.plan import Plan
    from targets.domain.verdict import Evaluation
    from targets.models import Target

EVERY: dict[PeriodKind, StrOrPromise] = {
    PeriodKind.DAY: gettext_lazy("%(goal)s every day"),
    PeriodKind.WEEK: gettext_lazy("%(goal)s every week"),
    PeriodKind.MONTH: gettext_lazy("%(goal)s every month"),
    PeriodKind.QUARTER: gettext_lazy("%(goal)s every quarter"),
    PeriodKind.YEAR: gettext_lazy("%(goal)s every year"),
    PeriodKind.RANGE: gettext_lazy("%(goal)s by %(last)s"),
}
VALUE_OF_PERIOD: dict[Aggregation, StrOrPromise] = {
    Aggregation.SUM: gettext_lazy("sum of the period"),
    Aggregation.MEAN: gettext_lazy("mean of the period"),
    Aggregation.LATEST: gettext_lazy("latest value"),
    Aggregation.MAXIMUM: gettext_lazy("highest value of the period"),
    Aggregation.MINIMUM: gettext_lazy("lowest value of the period"),
}
RUNNING_TOTAL: dict[PeriodKind, StrOrPromise] = {
    PeriodKind.DAY: gettext_lazy("running total of the day"),
    PeriodKind.WEEK: gettext_lazy("running total of the week"),
    PeriodKind.MONTH: gettext_lazy("running total of the month"),
    PeriodKind.QUARTER: gettext_lazy("running total of the quarter"),
    PeriodKind.YEAR: gettext_lazy("running total of the year"),
    PeriodKind.RANGE: gettext_lazy("running total of the period"),
}


def how_it_is_measured(
    target: Target, plan: Plan, found: Evaluation | None, *, now: datetime, zone: ZoneInfo
) -> list[Line]:
    """Return how the target is measured, clock times in the reader's `zone`; without a verdict only what was asked."""
    return list(_lines(target, plan, found, now, zone))


def rule_of_status(plan: Plan, status: Status) -> str:
    """Say by which chance a running target is judged, by the organisation's own thresholds; nothing once it is over."""
    if status not in MOVING:
        return ""
    return _("The rule: on track from a chance of %(on_track)s, at risk from %(at_risk)s, behind below that.") % {
        "on_track": percent(plan.thresholds.on_track),
        "at_risk": percent(plan.thresholds.at_risk),
    }


def value_of_period(target: Target, plan: Plan) -> str:
    """Say how the readings of a period become its value."""
    if plan.value_kind == ValueKind.RUNNING:
        return str(RUNNING_TOTAL[PeriodKind(target.period)])
    if plan.kind == Aggregation.MEAN and target.metric.read_as == ReadAs.RATIO:
        return _("ratio of the period's sums")
    return str(VALUE_OF_PERIOD[plan.kind])


def _lines(target: Target, plan: Plan, found: Evaluation | None, now: datetime, zone: ZoneInfo) -> Iterator[Line]:
    yield Line(label=_("Goal"), value=_goal_words(plan, target.metric.unit))
    yield Line(label=_("Pace"), value=_pace_words(target, plan))
    if found and found.read_until:
        yield Line(label=_("Read until"), value=_until(found.read_until, now, plan.calendar.zone, zone))
    if target.time_zone:
        yield Line(label=_("Time zone"), value=target.time_zone)


def _goal_words(plan: Plan, unit: str) -> str:
    goal = wording.goal(plan, unit)
    last_on = plan.rule.ends_on - ONE_DAY if plan.rule.ends_on else None
    last = dated(last_on) if last_on else ""
    return EVERY[plan.rule.kind] % {"goal": f"{goal[0].upper()}{goal[1:]}", "last": last}


def _until(moment: datetime, now: datetime, own: ZoneInfo, zone: ZoneInfo) -> str:
    """Say how far readings run; to the target's own midnight is to the end of the day before."""
    day = local_day(moment - timedelta(microseconds=1), own)
    if moment == start_of_day(day + ONE_DAY, own):
        return _("the end of %(day)s") % {"day": wording.day(day, today=local_day(now, own))}
    return ago(moment, now=now, zone=zone)


def _pace_words(target: Target, plan: Plan) -> str:
    if plan.cumulative:
        works = plan.profile == PaceProfile.WORKING_DAYS
        return _("Working days only, from 0") if works else _("Straight line from 0")
    if plan.is_level and plan.start_value is not None:
        return _("Straight line from %(start)s") % {"start": numbers_of(target.metric).value(plan.start_value)}
    return _("The goal, held throughout")
