"""What is needed from here, beside what was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from organisations.languages import grouped
from targets.domain.history import RECENT
from targets.domain.plan import Plan
from targets.domain.terms import Aggregation, Comparison, PaceProfile
from targets.domain.verdict import Evaluation

from .numbers import number

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_SMALL_RATE = 10.0  # below it, a rate per day is shown with a decimal
_MEAN_OF_THE_REST = gettext_lazy("The rest must have a mean of %(rate)s")
_NEEDS = {
    PaceProfile.LINEAR: gettext_lazy("It needs %(rate)s a day from here"),
    PaceProfile.WORKING_DAYS: gettext_lazy("It needs %(rate)s a working day from here"),
}
_MAY_TAKE = {
    PaceProfile.LINEAR: gettext_lazy("It may take %(rate)s a day from here"),
    PaceProfile.WORKING_DAYS: gettext_lazy("It may take %(rate)s a working day from here"),
}
_MUST_GIVE_BACK = {
    PaceProfile.LINEAR: gettext_lazy("It must give back %(rate)s a day from here"),
    PaceProfile.WORKING_DAYS: gettext_lazy("It must give back %(rate)s a working day from here"),
}


def needed(plan: Plan, found: Evaluation, unit: str = "") -> str:
    """What is needed from here, beside what was: It needs 414 a day from here; the last 28 days averaged 238.

    Nothing where the period is decided, or where the goal is reached already and need only be held.
    """
    required = found.required_rate
    if required is None or (plan.comparison != Comparison.AT_MOST and required <= 0 and plan.cumulative):
        return ""
    signed = required if plan.kind == Aggregation.MEAN else abs(required)
    ahead = _ahead(plan, required) % {"rate": rate(plan, signed, unit)}
    if found.recent_rate is None:
        return _("%(needed)s.") % {"needed": ahead}
    return _("%(needed)s; %(so_far)s.") % {"needed": ahead, "so_far": _so_far(plan, found, found.recent_rate, unit)}


def rate(plan: Plan, per_day: float, unit: str = "") -> str:
    """An amount a day: with a decimal where it is small."""
    return number(per_day, unit=unit, decimals=max(plan.decimals, 1) if abs(per_day) < _SMALL_RATE else plan.decimals)


def _ahead(plan: Plan, required: float) -> _StrPromise:
    """The clause about what must come, with a place for the rate."""
    if plan.kind == Aggregation.MEAN:
        return _MEAN_OF_THE_REST
    if plan.comparison != Comparison.AT_MOST:
        return _NEEDS[plan.profile]
    return (_MAY_TAKE if required > 0 else _MUST_GIVE_BACK)[plan.profile]


def _so_far(plan: Plan, found: Evaluation, recent: float, unit: str) -> str:
    """The clause about what came lately."""
    days, written = min(found.days_of_data, RECENT), rate(plan, recent, unit)
    if days == 1:
        return _("the last day brought %(rate)s") % {"rate": written}
    words = ngettext("the last %(days)s day averaged %(rate)s", "the last %(days)s days averaged %(rate)s", days)
    return words % {"days": grouped(days), "rate": written}
