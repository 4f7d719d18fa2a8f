"""The history followed day by day: what was expected, how far off it was, and the values freed from outliers."""

from dataclasses import dataclass

import numpy as np

from .grid import NEGLIGIBLE, Floats, Grid
from .profile import Profile, adjust, join
from .smoothing import eve_before, running_mean

_LEVEL_HALF_LIFE = 20.0  # days, of the level that each next day is expected from
_VOLATILITY_HALF_LIFE = 30.0  # days
_OUTLIER = 5.0  # volatilities away from what was expected
_TRUSTING_DAYS = 10  # at first nothing is called an outlier: the volatility is not known yet


@dataclass(frozen=True, slots=True)
class Track:
    """Day by day, each from the days before it; every array (T,) in typical days."""

    expected: Floats  # the value expected the evening before
    surprise: Floats  # distance of the value from it, 0 where missing
    volatility: Floats  # weighted mean surprise up to and including the day
    clipped: Floats  # the values, outliers moved to the edge of what was to be expected


def follow(grid: Grid, profile: Profile) -> Track:
    """Walk through the history one day ahead at a time."""
    level = running_mean(*adjust(grid.values, profile, grid), _LEVEL_HALF_LIFE)
    expected = join(eve_before(level), profile.today, grid)
    surprise = np.abs(grid.values - expected) * grid.present
    volatility = running_mean(surprise, grid.present, _VOLATILITY_HALF_LIFE)
    room = _OUTLIER * eve_before(volatility) + NEGLIGIBLE
    clipped = np.clip(grid.values, expected - room, expected + room)
    clipped[: _TRUSTING_DAYS + 1] = grid.values[: _TRUSTING_DAYS + 1]
    return Track(expected=expected, surprise=surprise, volatility=volatility, clipped=clipped)
