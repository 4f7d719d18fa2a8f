"""Proposals: goals that the history speaks for, and how the periods that are over would have ended by a goal.

Nothing is simulated here: a period that is over has one value, and the running one brings its forecast along.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import numpy as np

from targets.domain.periods import Period, period_at, preceding
from targets.domain.plan import Plan
from targets.domain.series import Floats, Series
from targets.domain.standing import known_to, standing_of
from targets.domain.status import judge, settled_by
from targets.domain.terms import Comparison, Status
from targets.domain.verdict import Forecast

MOST_PERIODS = 12
FEWEST_PERIODS = 3  # from fewer, a share of them says nothing
FADES = 0.9  # what a period counts, of the one after it: half after half a year of months
POINTS = (0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95)  # of the running period's forecast
OFTEN, SELDOM = 0.7, 0.3  # how often a realistic and an ambitious goal would have been met
FINE, COARSE = 4, 0.005  # a step is a quarter of what lies between the goals; of like values, half a percent


class Ambition(StrEnum):
    """How hard a proposed goal is."""

    REALISTIC = "realistic"
    AMBITIOUS = "ambitious"


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A period that is over: its value in the metric's unit, None without a reading, and its verdict."""

    period: Period
    value: float | None
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A goal in the metric's unit, and how many `of` the last periods would have `met` it."""

    ambition: Ambition
    goal: float
    goal_upper: float | None
    met: int
    of: int


def past_periods(plan: Plan, series: Series, now: datetime, *, most: int = MOST_PERIODS) -> list[Past]:
    """Judge the periods before the running one, latest first, as far back as the readings cover them whole."""
    return [_judged(plan, series, now, period) for period in _before(plan, series, now, most)]


def proposals(plan: Plan, past: Sequence[Past], forecast: Forecast | None) -> list[Proposal]:
    """Propose a realistic and an ambitious goal for the plan's comparison, the realistic one first.

    Realistic is what about 7 of 10 of the last periods reached, ambitious what about 3 of 10 did: with the usual
    thresholds of 70 and 30 % a team that goes on as before begins on track with the one, and at risk of being behind
    with the other. Of `within`, the band that held 7 (3) of 10 in its middle.

    The shares are taken of the values themselves, so nothing is assumed about their distribution. A later period counts
    more than an earlier one (`FADES`), because teams grow; nothing is extrapolated, because few periods show no trend
    one could trust. The running period is one more, spread over the ends that its forecast gives it, unless that is
    still early.

    Goals are rounded to a friendly number, realistic ones to the easier side; the step follows what lies between the
    two, so that both stay apart where the values do. With fewer than three periods nothing is proposed, nor is a goal
    that the form would refuse, nor the same one twice. `plan.goal` plays no part.
    """
    values = np.array([row.value for row in past if row.value is not None])
    if len(values) < FEWEST_PERIODS:
        return []
    samples, weights = _samples(values, forecast)
    found = [_proposal(plan, ambition, samples, weights, values) for ambition in Ambition]
    usable = [each for each in found if _is_usable(plan, each)]
    return [each for place, each in enumerate(usable) if not place or _goals(each) != _goals(usable[0])]


def _before(plan: Plan, series: Series, now: datetime, most: int) -> Iterator[Period]:
    period = period_at(plan.rule, plan.calendar, now)
    for _ in range(most):
        before = preceding(period, plan.rule, plan.calendar)
        if before is None or not len(series) or series.days[0] > np.datetime64(before.starts_on):
            return
        yield before
        period = before


def _judged(plan: Plan, series: Series, now: datetime, period: Period) -> Past:
    known = known_to(plan, series, now, period)
    standing = standing_of(plan, known, period)
    settled = settled_by(plan, standing.value, grows=standing.grows)
    status = judge(
        plan, period, now, value=standing.value, settled=settled, silent=False, forecast=None, gap_share=None
    )
    return Past(period=period, value=standing.value, status=status)


def _samples(values: Floats, forecast: Forecast | None) -> tuple[Floats, Floats]:
    """Return values and what each of them counts; `values` are latest first."""
    weights: Floats = np.power(FADES, np.arange(len(values), dtype=np.float64))
    if forecast is None or forecast.early:
        return values, weights
    known = (0.025, 0.10, 0.25, 0.50, 0.75, 0.90, 0.975)
    ends = (forecast.q025, forecast.q10, forecast.q25, forecast.median, forecast.q75, forecast.q90, forecast.q975)
    running = np.interp(POINTS, known, ends)
    return np.concatenate([running, values]), np.concatenate([np.full(len(POINTS), 1 / len(POINTS)), weights])


def _proposal(plan: Plan, ambition: Ambition, samples: Floats, weights: Floats, values: Floats) -> Proposal:
    easy = ambition == Ambition.REALISTIC
    if plan.comparison == Comparison.WITHIN:
        half = (OFTEN if easy else SELDOM) / 2
        low, high = (_quantile(samples, weights, share) for share in (0.5 - half, 0.5 + half))
        step = _step(low, high, plan.decimals)
        return _counted(plan, ambition, values, _rounded(low, step, math.floor), _rounded(high, step, math.ceil))
    low, high = _quantile(samples, weights, SELDOM), _quantile(samples, weights, OFTEN)
    at_least = plan.comparison == Comparison.AT_LEAST
    way = (math.floor if at_least else math.ceil) if easy else round
    exact = low if easy == at_least else high
    return _counted(plan, ambition, values, _rounded(exact, _step(low, high, plan.decimals), way), None)


def _counted(plan: Plan, ambition: Ambition, values: Floats, goal: float, upper: float | None) -> Proposal:
    met = int(replace(plan, goal=goal, goal_upper=upper).meets(values).sum())
    return Proposal(ambition=ambition, goal=goal, goal_upper=upper, met=met, of=len(values))


def _quantile(samples: Floats, weights: Floats, share: float) -> float:
    """Return the value below which a share of the weight lies, linear between neighbours."""
    order = np.argsort(samples)
    reached = np.cumsum(weights[order]) - weights[order] / 2
    return float(np.interp(share * weights.sum(), reached, samples[order]))


def _step(low: float, high: float, decimals: int) -> float:
    """Return the largest of 1, 2 and 5 times a power of ten that tells two values apart; not finer than is shown."""
    room = (high - low) / FINE or max(abs(low), abs(high)) * COARSE
    room = max(room, 10.0**-decimals)
    power = 10.0 ** math.floor(math.log10(room))
    return max(times * power for times in (1, 2, 5) if times * power <= room * (1 + 1e-9))


def _rounded(value: float, step: float, way: Callable[[float], int]) -> float:
    noise = 1e-9 if way is math.floor else -1e-9 if way is math.ceil else 0.0
    return round(float(way(value / step + noise) * step), 10)


def _is_usable(plan: Plan, found: Proposal) -> bool:
    """Say whether a form takes the goal: a total has to reach something, and a range has to have room."""
    if found.goal_upper is not None:
        return found.goal_upper > found.goal
    return found.goal > 0 or plan.comparison != Comparison.AT_LEAST or plan.is_level


def _goals(found: Proposal) -> tuple[float, float | None]:
    return found.goal, found.goal_upper
