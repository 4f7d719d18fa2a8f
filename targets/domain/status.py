"""Status: the one rule that turns figures into a word, and how long a word is held before it changes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from targets.domain.periods import Period
from targets.domain.plan import Plan, Thresholds
from targets.domain.terms import SETTLED, Aggregation, Comparison, Status

if TYPE_CHECKING:
    from targets.domain.verdict import Evaluation, Forecast

CLOSE_TO_PACE, NEAR_PACE = 0.05, 0.15  # of the goal: how far behind pace is on track, and at risk
MARGIN = 0.03  # of chance, beyond a threshold, before a shown status gives way
MOVING = frozenset({Status.ON_TRACK, Status.AT_RISK, Status.BEHIND})


def judge(
    plan: Plan,
    period: Period,
    now: datetime,
    *,
    value: float | None,
    settled: Status | None,
    silent: bool,
    forecast: Forecast | None,
    gap_share: float | None,
) -> Status:
    """The verdict on a target; the first rule that applies wins.

    1. Before the period: upcoming.
    2. `settled` by arithmetic (see `settled_by`): met or missed, whatever happens to the source afterwards.
    3. The period is over: met or missed by its value, no data without one.
    4. `silent`, so that nothing is known about the present: no data.
    5. By the chance of the forecast: on track, at risk, behind.
    6. While the forecast is early or absent: by the distance to the pace, 5 and 15 % of the goal; before the first
       reading of the period by the distance of the early estimate to the goal.
    """
    if now < period.starts_at:
        return Status.UPCOMING
    if settled is not None:
        return settled
    if now >= period.ends_at and value is not None:
        return Status.MET if plan.meets(value) else Status.MISSED
    if now >= period.ends_at or silent:
        return Status.NO_DATA
    if forecast is not None and forecast.chance is not None:
        return by_chance(forecast.chance, plan.thresholds)
    if gap_share is not None:
        return by_pace(gap_share)
    return Status.NO_DATA if forecast is None else by_pace(_estimated_gap_share(plan, forecast))


def _estimated_gap_share(plan: Plan, forecast: Forecast) -> float:
    """How far an estimate ends from the goal, over the goal; up is good."""
    return float(plan.signed(forecast.median - plan.aim, leeway=plan.leeway)) / plan.size


def by_chance(chance: float, thresholds: Thresholds) -> Status:
    """On track from one threshold, at risk from the other, behind below."""
    if chance >= thresholds.on_track:
        return Status.ON_TRACK
    return Status.AT_RISK if chance >= thresholds.at_risk else Status.BEHIND


def by_pace(gap_share: float) -> Status:
    """On track within 5 % of the goal behind pace, at risk within 15 %, else behind."""
    if gap_share >= -CLOSE_TO_PACE:
        return Status.ON_TRACK
    return Status.AT_RISK if gap_share >= -NEAR_PACE else Status.BEHIND


def settles(plan: Plan, values: npt.ArrayLike, *, grows: bool) -> npt.NDArray[np.bool_]:
    """Which values of the period decide it for good, by arithmetic alone.

    A total that only `grows` and a maximum cannot come down again, a minimum cannot go up again: a goal that they
    reached stays reached, and a limit that they passed stays passed.
    """
    found = np.asarray(values, np.float64)
    rises, falls = grows or plan.kind == Aggregation.MAXIMUM, plan.kind == Aggregation.MINIMUM
    if not (rises or falls):
        return np.zeros(found.shape, np.bool_)
    if plan.comparison == (Comparison.AT_LEAST if rises else Comparison.AT_MOST):
        return plan.meets(found)
    beyond: npt.NDArray[np.bool_] = ~plan.meets(found) & ((found > plan.aim) == rises)
    return beyond


def settled_by(plan: Plan, value: float | None, *, grows: bool) -> Status | None:
    """Met or missed where the value decides the period for good, else None."""
    if value is None or not settles(plan, value, grows=grows):
        return None
    return Status.MET if plan.meets(value) else Status.MISSED


def settle(
    shown: Status, pending: Status | None, found: Evaluation, thresholds: Thresholds
) -> tuple[Status, Status | None]:
    """Decide what is shown after an evaluation: returns the status to show and the one that waits to be confirmed.

    A status that flickers tells nothing, so one that is shown is held in two ways. A chance must pass a threshold by
    three points to change it: with thresholds of 70 and 30 %, on track gives way under 67 %, at risk at 73 % or under
    27 %, behind at 33 %. And a different status must be found by two evaluations in a row. Facts are shown at once:
    met, missed, and what comes after no data (a first verdict among it), upcoming, paused or a settled period.
    """
    steady = _steady(shown, found, thresholds)
    if steady == shown:
        return shown, None
    if steady == pending or shown not in MOVING or steady in SETTLED | {Status.UPCOMING, Status.PAUSED}:
        return steady, None
    return shown, steady


def _steady(shown: Status, found: Evaluation, thresholds: Thresholds) -> Status:
    """The status found, judged by thresholds that the chance must pass clearly to change what is shown."""
    if shown not in MOVING or found.status not in MOVING or found.chance is None:
        return found.status
    on_track = thresholds.on_track + (-MARGIN if shown == Status.ON_TRACK else MARGIN)
    at_risk = thresholds.at_risk + (MARGIN if shown == Status.BEHIND else -MARGIN)
    return by_chance(found.chance, Thresholds(on_track=on_track, at_risk=at_risk))
