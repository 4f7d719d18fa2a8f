"""Why a status is what it is: the rule in words, with the numbers it was applied to."""

from __future__ import annotations

from collections.abc import Callable

from targets.domain.plan import Plan
from targets.domain.status import CLOSE_TO_PACE, MARGIN, MOVING, NEAR_PACE, by_chance, by_pace
from targets.domain.terms import Aggregation, Status
from targets.domain.verdict import Evaluation, Forecast

from .dates import counted
from .numbers import percent
from .phrases import goal, status_word
from .told import Told


def why(plan: Plan, found: Evaluation, *, status: Status | None = None, unit: str = "") -> str:
    """The rule that gave the status shown, in words: At risk: the chance is 37%, between 30% and 70%."""
    shown = found.status if status is None else status
    if shown == Status.PAUSED:
        return "Paused: nothing is judged until it is resumed."
    if shown != found.status:
        return f"{status_word(shown)} for now: {_held(plan, found)}."
    return f"{status_word(shown)}: {_REASONS[shown](Told(plan, found, unit))}."


def _moving(told: Told) -> str:
    found = told.found
    if found.forecast is None or (found.forecast.early and found.gap_share is not None):
        return _against_pace(found)
    return f"the chance is {_exact(found.forecast.chance, told.plan)}, {_band(told.plan, found.forecast)}"


def _band(plan: Plan, forecast: Forecast) -> str:
    on_track, at_risk = percent(plan.thresholds.on_track), percent(plan.thresholds.at_risk)
    status = by_chance(forecast.chance, plan.thresholds)
    if status == Status.AT_RISK:
        return f"between {at_risk} and {on_track}"
    return f"at least {on_track}" if status == Status.ON_TRACK else f"under {at_risk}"


def _exact(chance: float, plan: Plan) -> str:
    """The chance in whole percent, or with decimals where rounding would put it on the other side of a threshold."""
    misleads = by_chance(round(chance, 2), plan.thresholds) != by_chance(chance, plan.thresholds)
    return percent(chance, decimals=2 if misleads else 0)


def _against_pace(found: Evaluation) -> str:
    """With too few days for a forecast, the pace decides."""
    share = found.gap_share or 0.0
    close, near = percent(CLOSE_TO_PACE), percent(NEAR_PACE)
    limits = {Status.ON_TRACK: f"within {close}", Status.AT_RISK: f"between {close} and {near}"}
    stands = (
        f"{percent(-share)} of the goal short, {limits.get(by_pace(share), f'over {near}')}"
        if share < 0
        else "not short"
    )
    few = counted(found.days_of_data, "day")
    return f"{few} of readings cannot carry a forecast, and against the pace it is {stands}"


def _held(plan: Plan, found: Evaluation) -> str:
    """Why a status is shown that the last verdict does not have."""
    found_now = f"the last verdict is “{status_word(found.status).lower()}”"
    if found.status not in MOVING or found.forecast is None or found.forecast.early:
        return f"{found_now}, which is shown when the next one says the same"
    points = f"{MARGIN * 100:.0f} points"
    chance = _exact(found.forecast.chance, plan)
    return f"{found_now} with a chance of {chance}; it is shown when two in a row are {points} past the threshold"


def _decided(told: Told) -> str:
    """Met or missed: by a value that cannot come back, or by the value that the period ended with."""
    found = told.found
    did = "reached" if found.status == Status.MET else "passed"
    if found.settled_on is not None:
        way = _FINAL.get(told.plan.kind, "a total that only grows")
        return f"{way} {did} {told.limit(_bound(told))} on {told.day(found.settled_on)} and cannot come back"
    verb = "is" if found.status == Status.MET else "is not"
    return f"the period is over, and {told.value} {verb} {goal(told.plan, told.unit)}"


def _bound(told: Told) -> float:
    """The goal that was reached or passed; of two, the one on the side to which the value moves."""
    plan = told.plan
    return plan.goal if plan.goal_upper is None or plan.kind == Aggregation.MINIMUM else plan.goal_upper


def _no_data(told: Told) -> str:
    if told.found.over:
        return "the period is over without a reading in it"
    if told.found.read_until is None:
        return "there is no reading yet"
    hours = round(told.plan.stale_after.total_seconds() / 3600)
    return f"there was no reading for more than {counted(hours, 'hour')}"


def _upcoming(told: Told) -> str:
    return f"the period begins on {told.day(told.found.period_starts_on)}"


_FINAL = {Aggregation.MAXIMUM: "a highest value", Aggregation.MINIMUM: "a lowest value"}
_REASONS: dict[Status, Callable[[Told], str]] = {
    Status.ON_TRACK: _moving,
    Status.AT_RISK: _moving,
    Status.BEHIND: _moving,
    Status.MET: _decided,
    Status.MISSED: _decided,
    Status.NO_DATA: _no_data,
    Status.UPCOMING: _upcoming,
}
