"""The four figures above the chart, each with one line of context: never a lone number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from organisations import languages
from targets import wording
from targets.domain.periods import ONE_DAY
from targets.domain.terms import SETTLED, Aggregation, Comparison, PaceProfile, Status
from targets.pages.earlier import nearer_goal
from targets.presenting import gap_number, has_pace, value_number

if TYPE_CHECKING:
    from targets.domain.plan import Plan
    from targets.domain.verdict import Evaluation
    from targets.numbers import Numbers

SMALL_RATE = 100.0  # a rate below it is written with a decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A name, a number and what to hold it against."""

    label: str
    value: str
    context: str


def figures_of(plan: Plan, found: Evaluation, status: Status, numbers: Numbers) -> list[Figure]:
    """Return the four figures of a running period."""
    return [
        Figure(label=_("Actual"), value=value_number(plan, found, numbers), context=_share(plan, found, numbers)),
        _against(plan, found, numbers),
        _finish(found, status, numbers),
        _needed(plan, found, status, numbers),
    ]


def final_figures(plan: Plan, found: Evaluation, numbers: Numbers) -> list[Figure]:
    """Return the figures of a period that is over."""
    told = numbers.with_decimals(wording.value_places(plan, found.value))
    return [
        Figure(label=_("Final"), value=told.value(found.value), context=_share(plan, found, numbers)),
        _against_goal(plan, found, told),
    ]


def _share(plan: Plan, found: Evaluation, numbers: Numbers) -> str:
    goal = wording.of_goal(plan, numbers.unit)
    if found.share is None or not plan.cumulative or plan.comparison == Comparison.WITHIN:
        return goal
    return pgettext("a share of a goal: 54% of at least 1,200", "%(share)s %(of_goal)s") % {
        "share": languages.percent(found.share),
        "of_goal": goal,
    }


def _against(plan: Plan, found: Evaluation, numbers: Numbers) -> Figure:
    """Return the distance to where the value should be: the pace, or the goal itself where there is no way to go."""
    if _is_inside(plan, found) and not has_pace(plan):
        return _room(plan, found, numbers)
    words, shown = wording.gap_words(plan, found), gap_number(plan, found, numbers)
    on_the_way = has_pace(plan) and found.pace is not None and not _is_past(plan, found)
    if on_the_way and plan.comparison == Comparison.WITHIN:
        shown = numbers.gap(found.gap)  # to the middle of the way, beside which there is leeway
    label = _("Against pace") if on_the_way else _against_word(plan)
    pace = _("pace for now is %(pace)s") % {"pace": numbers.value(found.pace)} if on_the_way else ""
    return Figure(label=label, value=shown, context="; ".join(part for part in (words, pace) if part))


def _against_word(plan: Plan) -> str:
    if plan.comparison == Comparison.WITHIN:
        return _("Against the range")
    return _("Against the limit") if plan.comparison == Comparison.AT_MOST else _("Against the goal")


def _is_past(plan: Plan, found: Evaluation) -> bool:
    """Say whether a total has passed its limit: then only that counts."""
    limit = plan.goal if plan.goal_upper is None else plan.goal_upper
    is_limited = plan.cumulative and plan.comparison != Comparison.AT_LEAST
    return is_limited and found.value is not None and found.value > limit


def _is_inside(plan: Plan, found: Evaluation) -> bool:
    return plan.comparison == Comparison.WITHIN and found.value is not None and bool(plan.meets(found.value))


def _room(plan: Plan, found: Evaluation, numbers: Numbers) -> Figure:
    """Return how far a value inside its range is from the nearer end."""
    value = found.value or 0.0
    nearer = nearer_goal(plan, value)
    room = wording.difference(value - nearer, unit=numbers.unit, decimals=numbers.decimals)
    context = _("within the range; the nearer end is %(end)s") % {"end": numbers.value(nearer)}
    return Figure(label=_("Room in the range"), value=room, context=context)


def _against_goal(plan: Plan, found: Evaluation, numbers: Numbers) -> Figure:
    """Return how far a closed period ended from its goal; from the nearer one where there are two."""
    if found.value is None:
        return Figure(label=_against_word(plan), value="–", context=_("no reading"))
    if _is_inside(plan, found):
        return _room(plan, found, numbers)
    nearer = nearer_goal(plan, found.value)
    context = _("from %(goal)s") % {"goal": numbers.value(nearer)}
    return Figure(label=_against_word(plan), value=numbers.gap(found.value - nearer), context=context)


def _finish(found: Evaluation, status: Status, numbers: Numbers) -> Figure:
    label = _("Likely finish")
    if unknown := _no_finish(found, status):
        return Figure(label=label, value="–", context=unknown)
    forecast = found.forecast
    assert forecast is not None  # noqa: S101  without one there is a reason above
    values = {
        "range": wording.span(forecast.q10, forecast.q90, unit=numbers.unit, decimals=numbers.decimals),
    }
    context = _("8 in 10: %(range)s, an early estimate") if forecast.early else _("8 in 10: %(range)s")
    return Figure(label=label, value=numbers.value(forecast.median), context=context % values)


def _no_finish(found: Evaluation, status: Status) -> str:
    """Say why there is no likely finish; nothing where there is one."""
    if status in SETTLED:
        return _("decided already")
    if status == Status.NO_DATA:
        return _("no reading to go by")
    if status == Status.UPCOMING:
        return _("appears once it has begun")
    return "" if found.forecast else _("appears after 7 days of readings")


def _needed(plan: Plan, found: Evaluation, status: Status, numbers: Numbers) -> Figure:
    """Return what each remaining day has to bring or may take; for a level how much time is left."""
    rate = found.required_rate
    if rate is None or status in SETTLED or _has_enough(plan, found, rate):
        return _time_left(found)
    if plan.kind == Aggregation.MEAN:
        return _needed_mean(plan, found, rate, numbers)
    label = _("Room from now") if plan.comparison == Comparison.AT_MOST else _("Needed from now")
    context = _a_day(plan, found, numbers)
    return Figure(label=label, value=_rate(max(rate, 0.0), numbers), context=context)


def _has_enough(plan: Plan, found: Evaluation, rate: float) -> bool:
    """Say whether nothing is needed: a mean inside its range, or a total that is past the middle of its own."""
    if plan.comparison != Comparison.WITHIN:
        return False
    return rate < 0 if plan.cumulative else _is_inside(plan, found)


def _needed_mean(plan: Plan, found: Evaluation, rate: float, numbers: Numbers) -> Figure:
    """Return the mean that the rest of the period must have; for a range the one that leads to its middle."""
    words = {"recent": _rate(found.recent_rate, numbers) if found.recent_rate is not None else ""}
    if plan.comparison == Comparison.WITHIN:
        context = _("on average, for the middle of the range")
    elif words["recent"]:
        context = _("on average; the last four weeks ran at %(recent)s")
    else:
        context = _("on average")
    label = _("At most from now") if plan.comparison == Comparison.AT_MOST else _("Needed from now")
    return Figure(label=label, value=_rate(rate, numbers), context=context % words)


def _a_day(plan: Plan, found: Evaluation, numbers: Numbers) -> str:
    """Say what a rate is for, and what it was lately."""
    works = plan.profile == PaceProfile.WORKING_DAYS
    if plan.comparison == Comparison.WITHIN:
        return _("a working day, for the middle of the range") if works else _("a day, for the middle of the range")
    if found.recent_rate is None:
        return _("a working day") if works else _("a day")
    sentence = (
        _("a working day; the last four weeks ran at %(recent)s")
        if works
        else _("a day; the last four weeks ran at %(recent)s")
    )
    return sentence % {"recent": _rate(found.recent_rate, numbers)}


def _time_left(found: Evaluation) -> Figure:
    last_on = wording.full_day(found.period_ends_on - ONE_DAY, today=found.on)
    label = _("Time left")
    if found.over:
        return Figure(label=label, value="–", context=_("ended on %(day)s") % {"day": last_on})
    if found.days_left == 0:
        today = pgettext("how much time is left", "Today")
        return Figure(label=label, value=today, context=_("ends on %(day)s") % {"day": last_on})
    days = ngettext("%(count)s day", "%(count)s days", found.days_left) % {"count": languages.grouped(found.days_left)}
    return Figure(label=label, value=days, context=_("until %(day)s") % {"day": last_on})


def _rate(rate: float, numbers: Numbers) -> str:
    fine = numbers.with_decimals(max(numbers.decimals, 1)) if abs(rate) < SMALL_RATE else numbers
    return fine.value(rate)
