"""The figures at the top of a target's page: a number each, with one line of context, never a lone number."""

from __future__ import annotations

from dataclasses import dataclass, replace

from targets import wording
from targets.domain.periods import ONE_DAY
from targets.domain.plan import Plan
from targets.domain.terms import SETTLED, Aggregation, Comparison, PaceProfile, Status
from targets.domain.verdict import Evaluation
from targets.numbers import Numbers
from targets.presenting import has_pace

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
        Figure(label="Actual", value=numbers.value(found.value), context=_share(plan, found, numbers)),
        _against(plan, found, numbers),
        _finish(found, status, numbers),
        _needed(plan, found, status, numbers),
    ]


def final_figures(plan: Plan, found: Evaluation, numbers: Numbers) -> list[Figure]:
    """Return the figures of a period that is over."""
    return [
        Figure(label="Final", value=numbers.value(found.value), context=_share(plan, found, numbers)),
        _against_goal(plan, found, numbers),
    ]


def _share(plan: Plan, found: Evaluation, numbers: Numbers) -> str:
    goal = wording.of_goal(plan, numbers.unit)
    if found.share is None or not plan.cumulative or plan.comparison == Comparison.WITHIN:
        return goal
    return f"{found.share:.0%} {goal}"


def _against(plan: Plan, found: Evaluation, numbers: Numbers) -> Figure:
    """Return the distance to where the value should be: the pace, or the goal itself where there is no way to go."""
    words, shown = wording.gap_words(plan, found), wording.gap_shown(plan, found)
    on_the_way = has_pace(plan) and found.pace is not None and shown == found.gap  # past a limit only that counts
    label = "Against pace" if on_the_way else "Against the goal"
    pace = f"pace for now is {numbers.value(found.pace)}" if on_the_way else ""
    context = "; ".join(filter(None, [words, pace]))
    return Figure(label=label, value=numbers.gap(shown), context=context)


def _against_goal(plan: Plan, found: Evaluation, numbers: Numbers) -> Figure:
    """Return how far a closed period ended from its goal; from the nearer one where there are two."""
    if found.value is None:
        return Figure(label="Against the goal", value="–", context="no reading")
    bounds = (plan.goal,) if plan.goal_upper is None else (plan.goal, plan.goal_upper)
    if plan.goal_upper is not None and plan.goal <= found.value <= plan.goal_upper:
        return Figure(label="Against the goal", value=numbers.gap(0.0), context="within the range")
    nearer = min(bounds, key=lambda bound: abs(bound - (found.value or 0.0)))
    return Figure(
        label="Against the goal", value=numbers.gap(found.value - nearer), context=f"from {numbers.value(nearer)}"
    )


def _finish(found: Evaluation, status: Status, numbers: Numbers) -> Figure:
    if status in SETTLED:
        return Figure(label="Likely finish", value="–", context="decided already")
    if status == Status.NO_DATA:
        return Figure(label="Likely finish", value="–", context="no reading to go by")
    if status == Status.UPCOMING:
        return Figure(label="Likely finish", value="–", context="appears once it has begun")
    if found.forecast is None:
        return Figure(label="Likely finish", value="–", context="appears after 7 days of readings")
    band = wording.span(found.forecast.q10, found.forecast.q90, unit=numbers.unit, decimals=numbers.decimals)
    early = ", an early estimate" if found.forecast.early else ""
    return Figure(label="Likely finish", value=numbers.value(found.forecast.median), context=f"8 in 10: {band}{early}")


def _needed(plan: Plan, found: Evaluation, status: Status, numbers: Numbers) -> Figure:
    """Return what each remaining day has to bring or may take; for a level how much time is left."""
    is_enough = found.required_rate is not None and found.required_rate < 0 and plan.comparison == Comparison.WITHIN
    if found.required_rate is None or is_enough or status in SETTLED:
        return _time_left(found)
    recent = (
        f"; the last four weeks ran at {_rate(found.recent_rate, numbers)}" if found.recent_rate is not None else ""
    )
    if plan.kind == Aggregation.MEAN:
        return Figure(label="Needed from now", value=_rate(found.required_rate, numbers), context=f"on average{recent}")
    label = "Room from now" if plan.comparison == Comparison.AT_MOST else "Needed from now"
    a_day = "a working day" if plan.profile == PaceProfile.WORKING_DAYS else "a day"
    return Figure(label=label, value=_rate(max(found.required_rate, 0.0), numbers), context=f"{a_day}{recent}")


def _time_left(found: Evaluation) -> Figure:
    last_on = wording.full_day(found.period_ends_on - ONE_DAY, today=found.on)
    if found.over:
        return Figure(label="Time left", value="–", context=f"ended on {last_on}")
    if found.days_left == 0:
        return Figure(label="Time left", value="Today", context=f"ends on {last_on}")
    return Figure(label="Time left", value=wording.counted(found.days_left, "day"), context=f"until {last_on}")


def _rate(rate: float, numbers: Numbers) -> str:
    fine = replace(numbers, decimals=max(numbers.decimals, 1)) if abs(rate) < SMALL_RATE else numbers
    return fine.value(rate)
