"""How far a value is from where it should be, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import pgettext_lazy

from targets.domain.plan import Plan
from targets.domain.terms import Comparison
from targets.domain.verdict import Evaluation

from .numbers import difference, is_nothing, telling

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: alone beside its number, and in one phrase with it. Where nothing is off, there is none."""

    alone: _StrPromise
    with_number: _StrPromise | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """How far a value is from where it should be, signed as value minus aim, and what that is called.

    `decimals` is how it is written: as the metric, unless that would hide a miss.
    """

    value: float
    place: Place
    decimals: int


_ON_PACE = Place(pgettext_lazy("gap", "on pace"))
_ON_TARGET = Place(pgettext_lazy("gap", "on target"))
_AT_THE_LIMIT = Place(pgettext_lazy("gap", "at the limit"))
_WITHIN_THE_RANGE = Place(pgettext_lazy("gap", "within the range"))
_AHEAD_OF_PACE = Place(pgettext_lazy("gap", "ahead of pace"), pgettext_lazy("gap", "%(difference)s ahead of pace"))
_BEHIND_PACE = Place(pgettext_lazy("gap", "behind pace"), pgettext_lazy("gap", "%(difference)s behind pace"))
_OVER_PACE = Place(pgettext_lazy("gap", "over pace"), pgettext_lazy("gap", "%(difference)s over pace"))
_UNDER_PACE = Place(pgettext_lazy("gap", "under pace"), pgettext_lazy("gap", "%(difference)s under pace"))
_ABOVE_TARGET = Place(pgettext_lazy("gap", "above target"), pgettext_lazy("gap", "%(difference)s above target"))
_UNDER_TARGET = Place(pgettext_lazy("gap", "under target"), pgettext_lazy("gap", "%(difference)s under target"))
_OVER_THE_LIMIT = Place(pgettext_lazy("gap", "over the limit"), pgettext_lazy("gap", "%(difference)s over the limit"))
_UNDER_THE_LIMIT = Place(
    pgettext_lazy("gap", "under the limit"), pgettext_lazy("gap", "%(difference)s under the limit")
)
_ABOVE_THE_RANGE = Place(
    pgettext_lazy("gap", "above the range"), pgettext_lazy("gap", "%(difference)s above the range")
)
_UNDER_THE_RANGE = Place(
    pgettext_lazy("gap", "under the range"), pgettext_lazy("gap", "%(difference)s under the range")
)

_AGAINST_PACE = {
    Comparison.AT_LEAST: (_AHEAD_OF_PACE, _BEHIND_PACE, _ON_PACE),
    Comparison.AT_MOST: (_OVER_PACE, _UNDER_PACE, _ON_PACE),
    Comparison.WITHIN: (_OVER_PACE, _BEHIND_PACE, _ON_PACE),
}
_ON_THE_WAY_DOWN = (_BEHIND_PACE, _AHEAD_OF_PACE, _ON_PACE)
_AGAINST_GOAL = {
    Comparison.AT_LEAST: (_ABOVE_TARGET, _UNDER_TARGET, _ON_TARGET),
    Comparison.AT_MOST: (_OVER_THE_LIMIT, _UNDER_THE_LIMIT, _AT_THE_LIMIT),
    Comparison.WITHIN: (_ABOVE_THE_RANGE, _UNDER_THE_RANGE, _WITHIN_THE_RANGE),
}


def gap_of(plan: Plan, found: Evaluation) -> Gap | None:
    """How far the value is from where it should be; None before the first reading.

    From a limit once it is passed, from the nearer bound for `within`, else from the pace.
    """
    if found.value is None or found.gap is None or found.gap_share is None:
        return None
    if plan.comparison == Comparison.WITHIN:
        return _gap_to_range(plan, found.value, found.gap, found.gap_share)
    if plan.cumulative and plan.comparison == Comparison.AT_MOST and not plan.meets(found.value):
        return _over_the_limit(plan, found.value - plan.goal)
    return _gap_from(plan, found.gap, is_missed=not _has_pace(plan) and not plan.meets(found.value))


def gap_words(plan: Plan, found: Evaluation) -> str:
    """What the gap is called: behind pace, under the limit, above target; nothing before the first reading."""
    gap = gap_of(plan, found)
    return str(gap.place.alone) if gap else ""


def gap_shown(plan: Plan, found: Evaluation) -> float | None:
    """The number that `gap_words` speaks of, as value minus aim: from a limit that was passed, else from the pace."""
    gap = gap_of(plan, found)
    return gap.value if gap else None


def gap_places(plan: Plan, found: Evaluation) -> int:
    """How many decimals `gap_shown` is written with."""
    gap = gap_of(plan, found)
    return gap.decimals if gap else plan.decimals


def gap_phrase(plan: Plan, found: Evaluation, unit: str = "") -> str:
    """The gap in words: 14 behind pace; on pace; within the range. Nothing before the first reading."""
    gap = gap_of(plan, found)
    if gap is None:
        return ""
    if gap.place.with_number is None or is_nothing(gap.value, gap.decimals):
        return str(gap.place.alone)
    return gap.place.with_number % {"difference": difference(gap.value, unit=unit, decimals=gap.decimals)}


def _places(plan: Plan) -> tuple[Place, Place, Place]:
    """What above, below and even are called."""
    if not _has_pace(plan):
        return _AGAINST_GOAL[plan.comparison]
    goes_down = plan.is_level and plan.comparison == Comparison.AT_MOST
    return _ON_THE_WAY_DOWN if goes_down else _AGAINST_PACE[plan.comparison]


def _has_pace(plan: Plan) -> bool:
    """Whether there is a way to go; else the value is held against the goal itself."""
    return plan.cumulative or (plan.is_level and plan.start_value is not None)


def _gap_to_range(plan: Plan, value: float, gap: float, gap_share: float) -> Gap:
    is_missed = not plan.meets(value)
    if plan.cumulative and plan.goal_upper is not None and value > plan.goal_upper and is_missed:
        return _over_the_limit(plan, value - plan.goal_upper)
    outside = max(-gap_share * plan.size, 0.0)
    return _gap_from(plan, outside if gap > 0 else -outside, is_missed=is_missed and not _has_pace(plan))


def _over_the_limit(plan: Plan, beyond: float) -> Gap:
    return Gap(beyond, _OVER_THE_LIMIT, telling(beyond, [0.0], plan.decimals))


def _gap_from(plan: Plan, off: float, *, is_missed: bool) -> Gap:
    """The gap as its number shows it; a goal that is missed by less than the metric's decimals show is missed still."""
    if is_missed:
        return Gap(off, _by_sign(off, _places(plan)), telling(off, [0.0], plan.decimals))
    shown_as = 0.0 if is_nothing(off, plan.decimals) else off
    return Gap(off, _by_sign(shown_as, _places(plan)), plan.decimals)


def _by_sign(value: float, places: tuple[Place, Place, Place]) -> Place:
    above, below, even = places
    return above if value > 0 else below if value < 0 else even
