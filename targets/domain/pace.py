"""Pace: where the value should be by a moment, and what is needed per day from there.

A total builds up from zero to the goal, a ceiling is an allowance spread in the same way, and a level stands at the
goal throughout, or moves to it from its start value. For `within` the pace leads to the middle between the two goals,
with a leeway of half their distance to either side; of a total, the leeway builds up like the pace.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise

import numpy as np

from targets.domain.periods import ONE_DAY, Period, share_between, start_of_day
from targets.domain.plan import Plan
from targets.domain.series import Floats
from targets.domain.terms import PaceProfile

NO_WORKING_DAYS: frozenset[int] = frozenset()


def pace_at(plan: Plan, period: Period, moment: datetime) -> float:
    """Where the value should be at an aware moment, in the metric's unit; outside the period as at its nearest end."""
    return float(_pace(plan, np.float64(progress_at(plan, period, moment))))


def pace_by_day(plan: Plan, period: Period) -> Floats:
    """Where the value should be at the end of each day of the period, in the metric's unit."""
    return _pace(plan, progress_by_day(plan, period))


def leeway_at(plan: Plan, period: Period, moment: datetime) -> float:
    """How far from the pace is still fine at an aware moment; 0 except for `within`."""
    return plan.leeway * (progress_at(plan, period, moment) if plan.cumulative else 1.0)


def leeway_by_day(plan: Plan, period: Period) -> Floats:
    """How far from the pace is still fine at the end of each day; 0 except for `within`."""
    shares = progress_by_day(plan, period)
    return plan.leeway * (shares if plan.cumulative else np.ones_like(shares))


def progress_at(plan: Plan, period: Period, moment: datetime) -> float:
    """Which share of the way should be behind at an aware moment: 0 at the period's start, 1 at its end.

    Linear: the share of real time. Working days: each working day is the same part of the way, which passes evenly from
    its start to its end, and the other days are none of it; a period without any working day is linear.
    """
    weights = _weights(period, _working_days(plan))
    whole = float(weights.sum())
    return 1.0 - _remaining(weights, period, moment) / whole if whole else period.share(moment)


def progress_by_day(plan: Plan, period: Period) -> Floats:
    """Which share of the way should be behind at the end of each day of the period."""
    weights = _weights(period, _working_days(plan))
    behind = np.cumsum(weights)
    shares: Floats = behind / behind[-1] if behind[-1] else np.ones(len(weights))
    return shares


def remaining_days(plan: Plan, period: Period, moment: datetime) -> float:
    """How many days are left at an aware moment, the current one in part; working days where the pace knows only those.

    A local day is one day, however many hours it has.
    """
    return _remaining(_counts(period, _working_days(plan)), period, moment)


def required_rate(plan: Plan, period: Period, moment: datetime, value: float) -> float | None:
    """What a total needs (under a ceiling: may take) per remaining day to end at its aim exactly; see `rate_to`."""
    return rate_to(plan, period, moment, value, plan.aim)


def rate_to(plan: Plan, period: Period, moment: datetime, value: float, final: float) -> float | None:
    """What must come per remaining day for a total of `value` at an aware moment to end at `final`.

    In the metric's unit per day, or per working day where the pace knows only those. None when no such day is left.
    """
    days = remaining_days(plan, period, moment)
    return (final - value) / days if days > 0 else None


def _pace(plan: Plan, shares: Floats | np.float64) -> Floats:
    if plan.cumulative:
        return np.asarray(plan.aim * shares)
    if plan.start_value is None or not plan.is_level:
        return np.asarray(plan.aim * np.ones_like(shares))
    return np.asarray(plan.start_value + (plan.aim - plan.start_value) * shares)


def _working_days(plan: Plan) -> frozenset[int]:
    """The weekdays that the pace knows; none where it knows no difference."""
    return plan.calendar.working_days if plan.profile == PaceProfile.WORKING_DAYS else NO_WORKING_DAYS


def _remaining(weights: Floats, period: Period, moment: datetime) -> float:
    """The weight of what is left of the period at a moment, a day begun counting for the part that is left of it."""
    moment = min(max(moment.astimezone(UTC), period.starts_at), period.ends_at)
    day = period.day_of(moment)
    index = (day - period.starts_on).days
    if index >= period.days:
        return 0.0
    left = 1.0 - share_between(start_of_day(day, period.zone), start_of_day(day + ONE_DAY, period.zone), moment)
    return float(weights[index] * left + weights[index + 1 :].sum())


@lru_cache(maxsize=1024)
def _weights(period: Period, working_days: frozenset[int]) -> Floats:
    """How much of the way each day is: a working day one part, or, where all days count, its length in seconds."""
    counts = _counts(period, working_days)
    return counts if _knows(period, working_days) else _lengths(period)


@lru_cache(maxsize=1024)
def _counts(period: Period, working_days: frozenset[int]) -> Floats:
    """1 for each day that counts, else 0; a date that the zone left out never counts."""
    real = (_lengths(period) > 0).astype(np.float64)
    if not _knows(period, working_days):
        return real
    return real * np.array([day.weekday() in working_days for day in period.every_day()], np.float64)


def _knows(period: Period, working_days: frozenset[int]) -> bool:
    """Whether there is a working day in the period."""
    lengths = _lengths(period)
    return any(day.weekday() in working_days and lengths[i] > 0 for i, day in enumerate(period.every_day()))


@lru_cache(maxsize=1024)
def _lengths(period: Period) -> Floats:
    """The real length of each day of the period, in seconds."""
    starts = [start_of_day(day, period.zone) for day in (*period.every_day(), period.ends_on)]
    return np.array([(end - start).total_seconds() for start, end in pairwise(starts)], np.float64)
