"""What a target asks for, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from targets.domain.plan import Plan
from targets.domain.terms import Comparison

from .numbers import ends, number, places, span, telling


def goal(plan: Plan, unit: str = "", *, short: bool = False) -> str:
    """What is asked for: at least 1,200; at most €18,500; between 21 and 23 °C."""
    if plan.comparison == Comparison.WITHIN:
        low, high = goal_ends(plan, unit, short=short)
        return _("between %(low)s and %(high)s") % {"low": low, "high": high}
    words = _("at least %(goal)s") if plan.comparison == Comparison.AT_LEAST else _("at most %(goal)s")
    return words % {"goal": goal_number(plan, unit, short=short)}


def of_goal(plan: Plan, unit: str = "", *, short: bool = False) -> str:
    """What is asked for, behind a value: of at least 1,200; of at most €18,500; of 21 to 23 °C."""
    if plan.comparison == Comparison.WITHIN:
        low, high = goal_ends(plan, unit, short=short)
        return _("of %(low)s to %(high)s") % {"low": low, "high": high}
    words = _("of at least %(goal)s") if plan.comparison == Comparison.AT_LEAST else _("of at most %(goal)s")
    return words % {"goal": goal_number(plan, unit, short=short)}


def goal_number(plan: Plan, unit: str = "", *, short: bool = False) -> str:
    """The goal with as many decimals as it was set with; of two goals both."""
    if plan.comparison == Comparison.WITHIN:
        low, high = plan.goal, _upper(plan)
        return span(low, high, unit=unit, decimals=_places_of_both(plan), short=short)
    return number(plan.goal, unit=unit, decimals=places(plan.goal, plan.decimals), short=short)


def goal_ends(plan: Plan, unit: str = "", *, short: bool = False) -> tuple[str, str]:
    """Both goals of a target that asks for a range."""
    return ends(plan.goal, _upper(plan), unit=unit, decimals=_places_of_both(plan), short=short)


def value_places(plan: Plan, value: float | None) -> int:
    """How many decimals a value is written with: more than the metric's own where it just missed its goal.

    A mean of 4.12 against a limit of 4.1 is not written as 4.1, for it is no success.
    """
    if value is None or plan.meets(value):
        return plan.decimals
    return telling(value, (plan.goal, _upper(plan)), plan.decimals)


def _upper(plan: Plan) -> float:
    return plan.goal if plan.goal_upper is None else plan.goal_upper


def _places_of_both(plan: Plan) -> int:
    return max(places(plan.goal, plan.decimals), places(_upper(plan), plan.decimals))
