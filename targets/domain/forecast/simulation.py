"""From a history of daily values to simulated futures of it: the whole forecast, read from top to bottom."""

import numpy as np
import numpy.typing as npt

from .candidates import find_levels, look_ahead
from .grid import Floats, Grid, lay_out
from .paths import draw_paths
from .profile import weekday_profile
from .replay import choose_origins, error_scale, replay
from .settings import DEFAULT, Settings
from .track import follow


def simulate(
    values: npt.ArrayLike,
    days: npt.ArrayLike,
    horizon: npt.ArrayLike,
    rng: np.random.Generator,
    settings: Settings = DEFAULT,
    *,
    period_start: np.datetime64 | None = None,
) -> Floats:
    """Simulate what the days of the horizon may bring.

    values        (n,) numbers of the observed days, in any unit, n ≥ 1
    days          (n,) datetime64[D], in order; a day that is not there is missing, which is not zero
    horizon       (h,) datetime64[D], h ≥ 1, in order, all after the last of `days`; gaps are allowed
    rng           draws the futures; the same generator state gives the same futures
    period_start  the first day of the running period, which is taken to end with the horizon;
                  without it the calendar month of the last observed day

    Returns (settings.paths, h) in the unit of the values: each row is one possible future, and together they are the
    forecast. Sums, means, last values, shares of days and probabilities are all read off the same rows. They are not
    negative where the history is not, and whole numbers where it consists of small counts.

    Raises ValueError where values are not finite or beyond 1e150, or days are unordered, repeated or overlapping.
    """
    grid = lay_out(values, days, horizon, period_start)
    profile = weekday_profile(grid)
    track = follow(grid, profile)
    levels = find_levels(grid, profile, track)
    origins = choose_origins(grid, settings)
    outlooks = look_ahead(grid, profile, track, levels, np.append(origins, grid.days - 1))
    replayed = replay(grid, outlooks, error_scale(grid, track, levels), origins, settings)
    paths = draw_paths(grid, replayed, settings, rng)
    return _in_own_unit(paths[:, grid.steps - 1], grid, rng)


def _in_own_unit(paths: Floats, grid: Grid, rng: np.random.Generator) -> Floats:
    """Typical days back in the metric's unit; small counts become whole, up or down at random so that means stay."""
    scaled = paths * grid.unit
    return np.floor(scaled + rng.random(scaled.shape)) if grid.whole else scaled
