"""The sentence of a chance: what may be reached, and by when. One for each way of forming a value and of judging it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from targets.domain.terms import Aggregation, Comparison

from .numbers import percent
from .told import Told

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class Aim:
    """What is said of a chance until a day, and what on the period's last day."""

    by_then: _StrPromise
    today: _StrPromise


_REACH = Aim(
    _("%(percent)s chance of reaching %(goal)s by %(day)s."),
    _("%(percent)s chance of reaching %(goal)s today."),
)
_STAY_AT_MOST = Aim(
    _("%(percent)s chance of staying at %(goal)s or less until %(day)s."),
    _("%(percent)s chance of staying at %(goal)s or less until the end of today."),
)
_AIMS = {
    (Aggregation.SUM, Comparison.AT_LEAST): _REACH,
    (Aggregation.SUM, Comparison.AT_MOST): Aim(
        _("%(percent)s chance of staying within %(goal)s until %(day)s."),
        _("%(percent)s chance of staying within %(goal)s until the end of today."),
    ),
    (Aggregation.SUM, Comparison.WITHIN): Aim(
        _("%(percent)s chance of ending between %(low)s and %(high)s on %(day)s."),
        _("%(percent)s chance of ending between %(low)s and %(high)s today."),
    ),
    (Aggregation.LATEST, Comparison.AT_LEAST): Aim(
        _("%(percent)s chance of standing at %(goal)s or more on %(day)s."),
        _("%(percent)s chance of standing at %(goal)s or more today."),
    ),
    (Aggregation.LATEST, Comparison.AT_MOST): Aim(
        _("%(percent)s chance of standing at %(goal)s or less on %(day)s."),
        _("%(percent)s chance of standing at %(goal)s or less today."),
    ),
    (Aggregation.LATEST, Comparison.WITHIN): Aim(
        _("%(percent)s chance of standing between %(low)s and %(high)s on %(day)s."),
        _("%(percent)s chance of standing between %(low)s and %(high)s today."),
    ),
    (Aggregation.MEAN, Comparison.AT_LEAST): Aim(
        _("%(percent)s chance of a mean of %(goal)s or more by %(day)s."),
        _("%(percent)s chance of a mean of %(goal)s or more today."),
    ),
    (Aggregation.MEAN, Comparison.AT_MOST): Aim(
        _("%(percent)s chance of a mean of %(goal)s or less by %(day)s."),
        _("%(percent)s chance of a mean of %(goal)s or less today."),
    ),
    (Aggregation.MEAN, Comparison.WITHIN): Aim(
        _("%(percent)s chance of a mean between %(low)s and %(high)s by %(day)s."),
        _("%(percent)s chance of a mean between %(low)s and %(high)s today."),
    ),
    (Aggregation.MAXIMUM, Comparison.AT_LEAST): _REACH,
    (Aggregation.MAXIMUM, Comparison.AT_MOST): _STAY_AT_MOST,
    (Aggregation.MAXIMUM, Comparison.WITHIN): Aim(
        _("%(percent)s chance of a highest value between %(low)s and %(high)s by %(day)s."),
        _("%(percent)s chance of a highest value between %(low)s and %(high)s today."),
    ),
    (Aggregation.MINIMUM, Comparison.AT_LEAST): Aim(
        _("%(percent)s chance of staying at %(goal)s or more until %(day)s."),
        _("%(percent)s chance of staying at %(goal)s or more until the end of today."),
    ),
    (Aggregation.MINIMUM, Comparison.AT_MOST): Aim(
        _("%(percent)s chance of coming down to %(goal)s by %(day)s."),
        _("%(percent)s chance of coming down to %(goal)s today."),
    ),
    (Aggregation.MINIMUM, Comparison.WITHIN): Aim(
        _("%(percent)s chance of a lowest value between %(low)s and %(high)s by %(day)s."),
        _("%(percent)s chance of a lowest value between %(low)s and %(high)s today."),
    ),
}


def chance_of_the_aim(told: Told, chance: float) -> str:
    """How probable the goal is: 37% chance of reaching 1,200 by 31 December."""
    plan = told.plan
    aim = _AIMS[Aggregation.SUM if plan.cumulative else plan.kind, plan.comparison]
    words = {"percent": percent(chance), "day": told.day(told.last_on)}
    if plan.comparison == Comparison.WITHIN:
        words["low"], words["high"] = told.goal_ends
    else:
        words["goal"] = told.goal
    return (aim.today if told.ends_today else aim.by_then) % words
