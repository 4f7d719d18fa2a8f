"""The closed periods of a target as lines of its history: what was asked then, what came of it, what changed later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from targets import wording
from targets.domain.periods import local_day
from targets.domain.terms import Comparison, Status
from targets.numbers import Numbers, numbers_of
from targets.plans import plan_then
from targets.presenting import period_of

if TYPE_CHECKING:
    from targets.domain.plan import Plan
    from targets.models import PeriodResult, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A closed period as a line of the history."""

    starts_on: date
    label: str
    status: Status
    word: str
    value: str
    goal: str
    of_goal: str
    difference: str
    restated: str


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The closed periods, latest first."""

    rows: list[Ended]

    @property
    def met(self) -> int:
        """How many of them were met."""
        return sum(row.status == Status.MET for row in self.rows)


def history_of(target: Target, results: Sequence[PeriodResult], now: datetime) -> History:
    """Return the closed periods as lines: the goal each had, what came of it, and whether late data changed that."""
    return History(rows=[_ended(target, result, now) for result in results])


def nearer_goal(plan: Plan, value: float) -> float:
    """Return the goal, or of two the one that the value is nearer to."""
    bounds = (plan.goal,) if plan.goal_upper is None else (plan.goal, plan.goal_upper)
    return min(bounds, key=lambda bound: abs(bound - value))


def _ended(target: Target, result: PeriodResult, now: datetime) -> Ended:
    plan, status = plan_then(target, result), Status(result.status)
    numbers = numbers_of(target.metric).with_decimals(wording.value_places(plan, result.value))
    return Ended(
        starts_on=result.starts_on,
        label=wording.period_label(period_of(plan, result.starts_on, result.ends_on)),
        status=status,
        word=wording.status_word(status),
        value=numbers.value(result.value),
        goal=_goal_number(plan, numbers),
        of_goal=_("of %(goal)s") % {"goal": _goal_number(plan, numbers)},
        difference=_difference(plan, result, numbers),
        restated=_restated(result, numbers, local_day(now, plan.calendar.zone), plan.calendar.zone),
    )


def _goal_number(plan: Plan, numbers: Numbers) -> str:
    if plan.goal_upper is None:
        return numbers.value(plan.goal)
    return wording.span(plan.goal, plan.goal_upper, unit=numbers.unit, decimals=numbers.decimals)


def _difference(plan: Plan, result: PeriodResult, numbers: Numbers) -> str:
    """Return how far the value ended from the goal; from the nearer one where there are two."""
    if result.value is None:
        return "–"
    if plan.comparison == Comparison.WITHIN and plan.meets(result.value):
        return pgettext("a value in its range", "within")
    return numbers.gap(result.value - nearer_goal(plan, result.value))


def _restated(result: PeriodResult, numbers: Numbers, today: date, zone: ZoneInfo) -> str:
    """Say what stood here before late readings changed it; nothing where none did."""
    if result.restated_at is None:
        return ""
    day = wording.day(local_day(result.restated_at, zone), today=today)
    if not result.first_status:
        return _("restated %(day)s; nothing stood here before") % {"day": day}
    said = {"day": day, "status": wording.status_word(Status(result.first_status))}
    if result.first_value is None:
        return _("restated %(day)s; was “%(status)s”") % said
    return _("restated %(day)s; was “%(status)s” at %(value)s") % {**said, "value": numbers.value(result.first_value)}
