"""The weekday profile: how each weekday differs from its week, learned day by day and never from the future.

Non-negative series have factors around 1 (Sunday is 0.4 of a usual day), others have differences around 0. With little
data the profile is flat and fades in: each effect is shrunk by the share of the spread between the weekdays that
chance alone explains (empirical Bayes: C. Morris, JASA 78, 1983).
"""

from dataclasses import dataclass

import numpy as np

from .grid import NEGLIGIBLE, Floats, Grid
from .smoothing import running_sums

_HALF_LIFE = 56.0  # days: eight of each weekday
_LEAST_WEIGHT = 0.3  # of one typical day: a weekday seen hardly at all is not divided by nearly nothing
_LEAST_FACTOR = 0.01  # of a usual day: a factor of zero could never be divided out again
_SILENT_DAYS, _FADE_DAYS = 6.0, 8.0  # no profile within the first week, all of it from the second full week on


@dataclass(frozen=True, slots=True)
class Profile:
    """What each weekday does to the level, as known at the end of each day."""

    effects: Floats  # (T, 7)
    today: Floats  # (T,) the effect of each day itself, as known at the end of the day before


def weekday_profile(grid: Grid) -> Profile:
    """Learn the profile of the grid, for every day from the days up to it."""
    effects = _shrunk_effects(grid)
    if grid.nonnegative:
        effects = np.maximum(1.0 + effects, _LEAST_FACTOR)
        effects /= effects.mean(axis=1, keepdims=True)
    flat = np.full((1, 7), 1.0 if grid.nonnegative else 0.0)
    known = np.concatenate([flat, effects[:-1]])
    return Profile(effects=effects, today=known[np.arange(grid.days), grid.weekdays])


def join(level: Floats, effect: Floats, grid: Grid) -> Floats:
    """Value = level × factor where nothing is negative, level + difference elsewhere."""
    return level * effect if grid.nonnegative else level + effect


def adjust(values: Floats, profile: Profile, grid: Grid) -> tuple[Floats, Floats]:
    """The parts of a level, (T,) amounts and (T,) weights: any weighted Σ amounts ÷ Σ weights is a level.

    Factors are taken out as a ratio of sums and not day by day, as a near-zero Sunday would explode by itself.
    """
    if grid.nonnegative:
        return values * grid.present, profile.today * grid.present
    return (values - profile.today) * grid.present, grid.present


def _shrunk_effects(grid: Grid) -> Floats:
    """(T, 7) Deviations from the week, relative where nothing is negative, centred and shrunk to flat."""
    week = _trailing_week(grid)
    excess = (grid.values - week) * grid.present
    weight = week * grid.present if grid.nonnegative else grid.present
    scale = weight * week if grid.nonnegative else weight
    on = np.eye(7)[grid.weekdays]
    columns = [on * excess[:, None], on * weight[:, None], on * grid.present[:, None], excess**2, scale, grid.present]
    sums = running_sums(np.column_stack(columns), _HALF_LIFE)
    effects = sums[:, :7] / np.maximum(sums[:, 7:14], _LEAST_WEIGHT)
    effects -= effects.mean(axis=1, keepdims=True)
    variance = sums[:, 21] / np.maximum(sums[:, 22], NEGLIGIBLE)
    trust: Floats = _trust(effects, sums[:, 14:21], variance) * _fade(sums[:, 23])
    return effects * trust[:, None]


def _trailing_week(grid: Grid) -> Floats:
    """(T,) Mean of the observed days among the last seven, 0 where there is none."""
    seven = np.ones(7)
    total, count = (np.convolve(series, seven)[: grid.days] for series in (grid.values, grid.present))
    mean: Floats = total / np.maximum(count, 1.0)
    return mean


def _trust(effects: Floats, seen: Floats, variance: Floats) -> Floats:
    """(T,) The share of the spread between weekdays that is not chance.

    effects (T, 7); seen (T, 7) weighted days behind each effect; variance (T,) of single days around their week.
    """
    between = effects.var(axis=1)
    within = np.maximum(variance - between, 0.0)
    chance = within * (1.0 / np.maximum(seen, _LEAST_WEIGHT)).mean(axis=1)
    share: Floats = np.clip(1.0 - chance / np.maximum(between, NEGLIGIBLE), 0.0, 1.0)
    return share


def _fade(days_seen: Floats) -> Floats:
    faded: Floats = np.clip((days_seen - _SILENT_DAYS) / _FADE_DAYS, 0.0, 1.0)
    return faded
