"""Projection: simulated daily values turned into the value of a period, day by day to its end.

One set of paths serves everything: bands, median and chance are read off the same futures.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from targets.domain.forecast import seed, simulate
from targets.domain.history import History
from targets.domain.periods import ONE_DAY, Period, local_day, share_between, start_of_day
from targets.domain.plan import Plan
from targets.domain.series import Dates, Floats
from targets.domain.standing import Standing
from targets.domain.terms import Aggregation, ValueKind

LONGEST = 1100  # days from the last reading to the period's end; nothing credible is said about what lies further ahead
LARGEST = 1e150  # beyond this, totals could overflow
WEEKDAY_WINDOW = 56  # days: eight of each weekday
FEW_CHANCES = 2  # of a weekday to have a reading, before its silence means anything
SELDOM = 0.25  # a weekday with readings less often is expected to stay as rare, every other to have one always
QUANTILES = (0.025, 0.10, 0.25, 0.50, 0.75, 0.90, 0.975)
BANDS = (0.10, 0.25, 0.50, 0.75, 0.90)


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """The days from which readings are still expected, and which part of an ordinary day each will bring."""

    days: Dates
    parts: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """Simulated futures of a period's value.

    `values` (paths, 1 + h) is the value now, NaN before the first reading, and then at the end of each of the h `days`
    from which readings are still expected; in between it stands still. `readings` is how many readings are expected.
    """

    days: Dates
    values: Floats
    readings: float

    @property
    def finals(self) -> Floats:
        """(paths,) The values at the period's end."""
        finals: Floats = self.values[:, -1]
        return finals

    def bands(self, days: Dates) -> Floats:
        """(5, n) The 10, 25, 50, 75 and 90 % quantiles of the value at the end of each of n days."""
        columns = np.searchsorted(self.days, days, side="right")
        found: Floats = quantiles(self.values, BANDS)[:, columns]
        return found


def project(
    plan: Plan, period: Period, *, history: History, standing: Standing, read_until: datetime
) -> Projection | None:
    """Simulate how a period goes on from `read_until`.

    None without a day of history, beyond a horizon of three years, and for numbers too large to be added up. The same
    history gives the same futures, whatever the goal.
    """
    ahead = _ahead(plan, period, history, read_until)
    before = history if not len(ahead.days) else history.before(ahead.days[0])
    if not _can_be_forecast(before, period):
        return None
    rng = seed(plan.seed, period.starts_on.isoformat(), str(before.days[-1]))
    paths = _paths(plan, period, before, ahead, rng)
    readings = ahead.parts * float(before.recent().readings.mean())
    now = np.full((len(paths), 1), np.nan if standing.value is None else standing.value)
    values = np.concatenate([now, _after(plan, paths, ahead.parts, readings, standing, rng)], axis=1)
    return None if np.isnan(values[0, -1]) else Projection(ahead.days, values, float(readings.sum()))


def quantiles(samples: Floats, probabilities: tuple[float, ...]) -> Floats:
    """Quantiles over the first axis, linear between neighbours: (paths, n) samples give (q, n).

    The same as numpy's, by one sort of contiguous rows: a fraction of its time for the bands of a year.
    """
    ordered = np.sort(np.ascontiguousarray(samples.T), axis=1)
    places = np.array(probabilities) * (ordered.shape[1] - 1)
    below = np.floor(places).astype(np.int64)
    above = np.minimum(below + 1, ordered.shape[1] - 1)
    found: Floats = (ordered[:, below] + (ordered[:, above] - ordered[:, below]) * (places - below)).T
    return found


def _can_be_forecast(before: History, period: Period) -> bool:
    if not len(before):
        return False
    horizon = np.datetime64(period.ends_on, "D") - before.days[-1]
    return bool(horizon <= np.timedelta64(LONGEST, "D") and (np.abs(before.values) < LARGEST).all())


def _ahead(plan: Plan, period: Period, history: History, read_until: datetime) -> Ahead:
    """The days that can still change the period's value.

    The latest reading of a level already speaks for the day it was taken on; only on the period's last day, with
    nothing else ahead, is the rest of the day looked at.
    """
    first = max(local_day(read_until, period.zone), period.starts_on)
    days = np.arange(np.datetime64(first, "D"), np.datetime64(period.ends_on, "D"))
    expected, unread = _expected(history, days), _unread(days, period, read_until)
    parts = (expected > 0) * unread if plan.is_level else expected * unread
    days, parts = days[parts > 0], parts[parts > 0]
    read = plan.is_level and len(days) > 1 and len(history) and history.days[-1] == days[0]
    return Ahead(days[1:], parts[1:]) if read else Ahead(days, parts)


def _unread(days: Dates, period: Period, read_until: datetime) -> Floats:
    """Which part of each day has not been read yet; nothing of a date that the zone left out."""
    on: list[date] = days.tolist()
    starts = [start_of_day(day, period.zone) for day in on] + [period.ends_at]
    unread = np.array([float(end > start) for start, end in pairwise(starts)])
    if on:
        unread[0] *= 1.0 - share_between(starts[0], start_of_day(on[0] + ONE_DAY, period.zone), read_until)
    return unread


def _expected(history: History, days: Dates) -> Floats:
    """How often the weekday of each day has had a reading in the last eight weeks; 1 where that is often or unknown.

    A shop that is closed on Sundays reports nothing then, and its total must not be forecast as if it did.
    """
    if not len(history):
        return np.ones(len(days))
    recent = history.days[history.days > history.days[-1] - WEEKDAY_WINDOW]
    chances = np.bincount(_weekdays(np.arange(recent[0], recent[-1] + 1)), minlength=7)
    often = np.bincount(_weekdays(recent), minlength=7) / np.maximum(chances, 1)
    expected = np.where((chances >= FEW_CHANCES) & (often < SELDOM), often, 1.0)
    return np.asarray(expected[_weekdays(days)])


def _weekdays(days: Dates) -> npt.NDArray[np.int64]:
    return days.astype(np.int64) % 7


def _paths(plan: Plan, period: Period, before: History, ahead: Ahead, rng: np.random.Generator) -> Floats:
    """(paths, h) Simulated values of the days ahead; the running total of something that cannot fall does not fall."""
    if not len(ahead.days):
        return np.empty((1, 0))
    start = np.datetime64(period.starts_on, "D")
    if plan.is_level and before.is_stock:
        return _stock_paths(before, ahead.days, start, rng)
    paths = simulate(before.values, before.days, ahead.days, rng, period_start=start)
    return np.maximum(paths, 0.0) if plan.value_kind == ValueKind.RUNNING and not plan.can_fall else paths


def _stock_paths(before: History, days: Dates, start: np.datetime64, rng: np.random.Generator) -> Floats:
    """(paths, h) Values that go on from the last one by simulated daily changes; not below zero if they never were."""
    changes, every = before.changes(), np.arange(before.days[-1] + 1, days[-1] + 1)
    walks = before.values[-1] + np.cumsum(
        simulate(changes.values, changes.days, every, rng, period_start=start), axis=1
    )
    paths: Floats = walks[:, np.searchsorted(every, days)]
    return np.maximum(paths, 0.0) if before.values.min() >= 0 else paths


def _after(
    plan: Plan, paths: Floats, parts: Floats, readings: Floats, standing: Standing, rng: np.random.Generator
) -> Floats:
    """(paths, h) The period's value at the end of each day ahead."""
    if plan.cumulative:
        return (standing.value or 0.0) + np.cumsum(_in_part(paths, parts, rng), axis=1)
    if plan.kind == Aggregation.MEAN:
        total = (standing.value or 0.0) * standing.readings + np.cumsum(paths * readings, axis=1)
        return np.asarray(total / (standing.readings + np.cumsum(readings)))
    if standing.value is None:
        return _EXTREMES[plan.kind](paths, axis=1) if plan.kind in _EXTREMES else paths
    if plan.kind == Aggregation.LATEST:
        return standing.value + parts * (paths - standing.value)
    # the highest reading of a day is as likely in one part of it as in another of the same length
    seen = np.where(rng.random(paths.shape) < parts, paths, standing.value)
    return _EXTREMES[plan.kind](np.concatenate([np.full((len(seen), 1), standing.value), seen], axis=1), axis=1)[:, 1:]


_EXTREMES = {Aggregation.MAXIMUM: np.maximum.accumulate, Aggregation.MINIMUM: np.minimum.accumulate}


def _in_part(paths: Floats, parts: Floats, rng: np.random.Generator) -> Floats:
    """Amounts of days that count in part; whole numbers stay whole, up or down at random so that means stay."""
    amounts = paths * parts
    whole = (parts < 1).any() and (paths == np.rint(paths)).all()
    return np.floor(amounts + rng.random(amounts.shape)) if whole else amounts
