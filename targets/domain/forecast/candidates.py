"""About a dozen simple forecasters: steady levels, robust levels, damped trends, the running period, last year's shape.

None of them is right; which of them to believe is decided by replaying them all (replay.py). `PRIOR` figures are the
relative beliefs before any replay: levels of two to four weeks do best on most daily series.
"""

from dataclasses import dataclass

import numpy as np

from .grid import Floats, Grid, Places
from .profile import Profile, adjust, join
from .smoothing import running_mean
from .track import Track

_STEADY_PRIOR = {3: 0.3, 7: 0.8, 14: 1.2, 28: 1.3, 56: 1.0, 112: 0.7}  # half-life in days: belief
_ROBUST_PRIOR = {7: 1.0, 28: 1.5}  # the same without outliers
_PERIOD_PRIOR = 1.0
_TREND_PRIOR = {14: 0.6, 40: 0.6}
_YEAR_PRIOR = {0.5: 0.5, 1.0: 0.5}  # how much of last year's rise or fall is repeated: belief
_DAMPING = 0.97  # a slope is worth 3 % less each day: undamped trends overshoot (Gardner & McKenzie, 1985)
_YEAR = 364  # days: whole weeks, so that weekdays meet
_YEAR_NEEDS = 410  # days of history: a year, a month before it to compare with, and a margin
_SMOOTH = 15  # days, centred: last year's shape without its noise
_MONTH = 28  # days
_STEADIER = 0.1  # of a typical day, added to both sides of a ratio that could be near zero
_LARGEST_RISE = 5.0  # times, and a fifth downwards, against the level of the same season last year
_LEAST_SHARE = 0.1  # of the recent level: no trend may end a non-negative series below it


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels freed from the weekday, as known at the end of each day, in typical days."""

    steady: dict[int, Floats]  # half-life in days: (T,)
    values: Floats  # (K, T) all level candidates
    slopes: Floats  # (K, T) change per day, 0 for those without a trend
    beliefs: list[float]  # (K,)


@dataclass(frozen=True, slots=True)
class Outlooks:
    """What each of K candidates expected for the H days after each of some origins."""

    values: Floats  # (K, origins, H) in typical days
    effects: Floats  # (origins, H) the weekday effects in them
    beliefs: Floats  # (K,) before any replay, summing to 1


def find_levels(grid: Grid, profile: Profile, track: Track) -> Levels:
    """Compute every level candidate at the end of every day."""
    steady = {life: running_mean(*adjust(grid.values, profile, grid), life) for life in _STEADY_PRIOR}
    robust = {life: running_mean(*adjust(track.clipped, profile, grid), life) for life in _ROBUST_PRIOR}
    flat = [*steady.values(), *robust.values(), _period_level(grid, profile, steady[14])]
    trends = [_trend(*adjust(track.clipped, profile, grid), life) for life in _TREND_PRIOR]
    return Levels(
        steady=steady,
        values=np.array(flat + [level for level, _ in trends]),
        slopes=np.array([np.zeros(grid.days)] * len(flat) + [slope for _, slope in trends]),
        beliefs=[*_STEADY_PRIOR.values(), *_ROBUST_PRIOR.values(), _PERIOD_PRIOR, *_TREND_PRIOR.values()],
    )


def look_ahead(grid: Grid, profile: Profile, track: Track, levels: Levels, origins: Places) -> Outlooks:
    """What each candidate expects after each origin, in values: with the weekday profile put back on."""
    slide = np.cumsum(_DAMPING**grid.ahead)
    ahead = levels.values[:, origins, None] + levels.slopes[:, origins, None] * slide
    beliefs = np.array(levels.beliefs)
    if grid.days >= _YEAR_NEEDS:
        ahead = np.concatenate([ahead, _last_year(grid, track, levels.steady[_MONTH], origins)])
        beliefs = np.append(beliefs, list(_YEAR_PRIOR.values()))
    if grid.nonnegative:
        recent = np.minimum(levels.steady[_MONTH], levels.steady[7])[origins]
        ahead = np.maximum(ahead, _LEAST_SHARE * recent[:, None])
    effects = profile.effects[origins[:, None], (grid.weekdays[origins, None] + grid.ahead) % 7]
    return Outlooks(values=join(ahead, effects, grid), effects=effects, beliefs=beliefs / beliefs.sum())


def _period_level(grid: Grid, profile: Profile, fallback: Floats) -> Floats:
    """(T,) The level since the period began (prices and campaigns often change with it), plus one day at `fallback`."""
    amounts, weights = adjust(grid.values, profile, grid)
    total, weight = (_sum_since(grid.period_starts, series) for series in (amounts, weights))
    level: Floats = (total + fallback) / (weight + 1.0)
    return level


def _sum_since(starts: Places, series: Floats) -> Floats:
    """(T,) Sum from starts[t] up to and including t."""
    cumulated = np.concatenate([[0.0], np.cumsum(series)])
    sums: Floats = cumulated[1:] - cumulated[starts]
    return sums


def _trend(amounts: Floats, weights: Floats, half_life: float) -> tuple[Floats, Floats]:
    """(T,) level and (T,) slope by double smoothing (R. G. Brown, 1963), fading in over three half-lives.

    level = 2·s₁ − s₂, slope = α ÷ (1 − α) · (s₁ − s₂), where s₂ smooths s₁ and α is the weight of the newest day.
    """
    once = running_mean(amounts, weights, half_life)
    twice = running_mean(once, np.ones(len(once)), half_life)
    newest = 1.0 - 0.5 ** (1.0 / half_life)
    gap = (once - twice) * np.clip(np.arange(len(once)) / (3.0 * half_life), 0.0, 1.0)
    return once + gap, gap * newest / (1.0 - newest)


def _last_year(grid: Grid, track: Track, level: Floats, origins: Places) -> Floats:
    """(2, origins, H) Today's level, rising and falling as the same days did a year before.

    `level` (T,) is also what stands for origins that have no year behind them.
    """
    filled = np.where(grid.present > 0, grid.values, track.expected)
    smooth = np.convolve(filled, np.full(_SMOOTH, 1.0 / _SMOOTH), "same")
    then = np.minimum(grid.ahead - _YEAR, -(_SMOOTH // 2))  # no later than the last centred mean the origin knew
    season = smooth[np.maximum(origins[:, None] + then, 0)]
    month = _sum_since(np.maximum(np.arange(grid.days) - _MONTH + 1, 0), filled) / _MONTH
    before = month[np.maximum(origins - _YEAR, 0), None]
    known = (origins >= _YEAR + _MONTH)[:, None]
    now = level[origins, None]
    return np.array([np.where(known, _repeat(now, season, before, share, grid), now) for share in _YEAR_PRIOR])


def _repeat(now: Floats, season: Floats, before: Floats, share: float, grid: Grid) -> Floats:
    """Move the level `now` by a share of the way from `before` to `season`, as a ratio where nothing is negative."""
    if not grid.nonnegative:
        return now + share * (season - before)
    rise = np.clip((season + _STEADIER) / (before + _STEADIER), 1.0 / _LARGEST_RISE, _LARGEST_RISE)
    moved: Floats = now * rise**share
    return moved
