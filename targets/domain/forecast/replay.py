"""The candidates replayed: what would each have said at past days, over the same horizon, and how wrong was it?

The replay decides whom to believe, how far the truth lies from the blend, and in which shapes. Errors are measured on
the total of the horizon, because totals are what targets are about, in units of the scale that the origin had.
"""

from dataclasses import dataclass

import numpy as np

from .candidates import Levels, Outlooks
from .grid import NEGLIGIBLE, Floats, Grid, Places
from .settings import Settings
from .track import Track

_WARM_UP = 10  # days before the first origin
_LOOK_BACK = 730  # days: older mistakes were made on another series
_ERROR_HALF_LIFE = 365.0  # days, of an origin's say
_STEADIER = 0.1  # of the usual: neither scale nor level may come near zero
_LARGEST_RESCALING = 10.0  # times: an error from a much calmer time is not blown up without end
_SMALLEST_LOSS = 1e-9  # a candidate that was always exactly right is not infinitely better
_FORGETTING = 0.15  # how fast independent replays wear down the beliefs held before them
_HALFWAY = 2.0  # independent replays at which they have half their say


@dataclass(frozen=True, slots=True)
class Replay:
    """What the blend of candidates says now, and how it did at O past origins. O may be 0."""

    expected: Floats  # (H,) the blend's forecast from the last observed day, in typical days
    effects: Floats  # (H,) the weekday effects in it
    scale: float  # the size of a usual daily error now, in typical days
    errors: Floats  # (O, H) value − blend, in units of the origin's scale; missing days hold the origin's mean error
    misses: Floats  # (O,) absolute error of each origin's observed total, in units of the origin's scale
    weights: Floats  # (O,) the origins' say, summing to 1
    blocks: float  # how many horizons fit into the history side by side: the replays that are independent


def choose_origins(grid: Grid, settings: Settings) -> Places:
    """(O,) Past days, evenly spread, whose whole horizon has been observed since; empty if there are none."""
    first, last = max(_WARM_UP, grid.days - 1 - _LOOK_BACK), grid.days - 1 - grid.length
    if last < first:
        return np.empty(0, np.int64)
    spread = np.linspace(first, last, min(settings.origins, last - first + 1))
    return np.unique(spread.astype(np.int64))


def error_scale(grid: Grid, track: Track, levels: Levels) -> Floats:
    """(T,) The size of a usual daily error at each day: the geometric mean of two opinions, in typical days.

    One is the present volatility; the other is the usual error of the whole history in proportion to the present level.
    """
    usual = float(track.surprise.sum()) / grid.reports
    volatile = track.volatility + _STEADIER * usual
    proportional = usual * (np.maximum(levels.steady[14], 0.0) + _STEADIER) if grid.nonnegative else usual
    scale: Floats = np.sqrt(volatile * proportional) + NEGLIGIBLE
    return scale


def replay(grid: Grid, outlooks: Outlooks, scale: Floats, origins: Places, settings: Settings) -> Replay:
    """Hold every candidate's past outlooks against what came, and blend them.

    outlooks stands at the origins and, last, at the last observed day; scale (T,); origins (O,).
    """
    days = origins[:, None] + grid.ahead
    actual, present = grid.values[days], grid.present[days]
    unit = np.maximum(scale[origins, None], scale[-1] / _LARGEST_RESCALING)
    weights, blocks = _recency(grid, origins), (grid.days - _WARM_UP) / grid.length if len(origins) else 0.0
    candidate_errors = (actual - outlooks.values[:, :-1]) * present / unit
    losses = np.abs(candidate_errors.sum(axis=2)) @ weights
    blend = np.tensordot(_shares(losses, outlooks.beliefs, blocks, settings.rivalry), outlooks.values, axes=1)
    errors = (actual - blend[:-1]) * present / unit
    return Replay(
        expected=blend[-1],
        effects=outlooks.effects[-1],
        scale=float(scale[-1]),
        errors=_fill_missing(errors, present),
        misses=np.abs(errors.sum(axis=1)),
        weights=weights,
        blocks=blocks,
    )


def _recency(grid: Grid, origins: Places) -> Floats:
    """(O,) The say of each origin by its age, summing to 1."""
    weights: Floats = 0.5 ** ((grid.days - 1 - origins) / _ERROR_HALF_LIFE)
    weights /= weights.sum()
    return weights


def _shares(losses: Floats, beliefs: Floats, blocks: float, rivalry: float) -> Floats:
    """(K,) The candidates' shares in the blend: belief^a × loss^(−rivalry · b), summing to 1.

    a falls from 1 and b rises from 0 with the number of independent replays, so that luck in a few decides nothing.
    """
    relative = np.maximum(losses, _SMALLEST_LOSS) / max(losses.min(), _SMALLEST_LOSS)
    evidence = relative ** (-rivalry * blocks / (blocks + _HALFWAY))
    shares: Floats = beliefs ** (1.0 / (1.0 + _FORGETTING * blocks)) * evidence
    shares /= shares.sum()
    return shares


def _fill_missing(errors: Floats, present: Floats) -> Floats:
    """(O, H) Errors with each missing day at its origin's mean: a missing day is not a day without error."""
    means = errors.sum(axis=1) / np.maximum(present.sum(axis=1), 1.0)
    return np.where(present > 0, errors, means[:, None])
