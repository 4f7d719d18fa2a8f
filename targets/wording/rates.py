"""What is needed from here, beside what was."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organisations.languages import grouped
from targets.domain.history import RECENT
from targets.domain.plan import Plan
from targets.domain.terms import Aggregation, Comparison, PaceProfile
from targets.domain.verdict import Evaluation

from .numbers import number

_SMALL_RATE = 10.0  # below it, a rate per day is shown with a decimal


def needed(plan: Plan, found: Evaluation, unit: str = "") -> str:
    """What is needed from here, beside what was: It needs 414 a day from here; the last 28 days averaged 238.

    Nothing where the period is decided, or where the goal is reached already and need only be held.
    """
    rate = found.required_rate
    if rate is None or (plan.comparison != Comparison.AT_MOST and rate <= 0 and plan.cumulative):
        return ""
    ahead = _ahead(plan, rate) % {"rate": _written(plan, rate if plan.kind == Aggregation.MEAN else abs(rate), unit)}
    if found.recent_rate is None:
        return _("%(needed)s.") % {"needed": ahead}
    return _("%(needed)s; %(so_far)s.") % {"needed": ahead, "so_far": _so_far(plan, found, found.recent_rate, unit)}


def _ahead(plan: Plan, rate: float) -> str:
    """The clause about what must come, with a place for the rate."""
    if plan.kind == Aggregation.MEAN:
        return _("The rest must have a mean of %(rate)s")
    working_days = plan.profile == PaceProfile.WORKING_DAYS
    if plan.comparison != Comparison.AT_MOST:
        return _("It needs %(rate)s a working day from here") if working_days else _("It needs %(rate)s a day from here")
    if rate > 0:
        return (
            _("It may take %(rate)s a working day from here") if working_days else _("It may take %(rate)s a day from here")
        )
    return (
        _("It must give back %(rate)s a working day from here")
        if working_days
        else _("It must give back %(rate)s a day from here")
    )


def _so_far(plan: Plan, found: Evaluation, rate: float, unit: str) -> str:
    """The clause about what came lately."""
    days = min(found.days_of_data, RECENT)
    words = ngettext("the last day brought %(rate)s", "the last %(days)s days averaged %(rate)s", days)
    return words % {"days": grouped(days), "rate": _written(plan, rate, unit)}


def _written(plan: Plan, rate: float, unit: str) -> str:
    return number(rate, unit=unit, decimals=max(plan.decimals, 1) if abs(rate) < _SMALL_RATE else plan.decimals)
