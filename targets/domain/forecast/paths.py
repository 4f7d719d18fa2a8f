"""Simulated futures: part of them repeat the errors of the past, the others are drawn from a small model.

Repeated errors keep the true shapes (fat tails, runs, a bad week) but need many replays; the model works from the
first day and is calibrated to the replays as they come. Everything is in typical days.
"""

import numpy as np

from .grid import NEGLIGIBLE, Floats, Grid
from .replay import Replay
from .settings import Settings

_LEAST_BLOCKS = 1.5  # independent replays before any error is repeated
_SHY_BLOCKS = 8.0  # independent replays at which half of the allowed share repeats them
_SIZE_TO_DEVIATION = 1.35  # standard deviation ÷ mean absolute size of daily errors; 1.25 were they normal
_TOTAL_TO_DEVIATION = 1.25  # the same for totals, which are nearly normal: √(π/2)
_MEMORY = 30.0  # days that the present level is estimated from, at most
_DRIFT = 0.25  # daily change of the level, in day deviations
_DRIFT_VARIES = 0.7  # deviation of the logarithm of the drift: some futures are calm, some are not
_PRIOR_DAYS = 2.0  # what is believed before any data counts as so many days of it
_PRIOR_DEVIATION = {True: 0.5, False: 0.3}  # of a typical day; by whether the series is non-negative
_CALIBRATING_BLOCKS = 8.0  # independent replays at which they half decide the spread of the level
_CALIBRATION_BOUNDS = (0.1, 2.5)  # of the variance
_LEAST_LEVEL = 0.05  # of a typical day: relative errors of next to nothing would be endless
_CENTRING = 0.2  # how much of the upward bias of random growth is taken out; all of it forecast too low
_NOISE_BOUNDS = (NEGLIGIBLE**2, 6.0)  # of the squared relative day noise
_LEAST_FACTOR = 0.05  # of a usual day: bounds the noise of a weekday on which next to nothing happens


def draw_paths(grid: Grid, replayed: Replay, settings: Settings, rng: np.random.Generator) -> Floats:
    """(paths, H) Futures in typical days, in random order."""
    repeats = _repeated_count(replayed.blocks, settings)
    repeated = _repeated(grid, replayed, repeats, settings.widening, rng)
    drawn = _drawn(grid, replayed, settings.paths - repeats, rng)
    return rng.permutation(np.concatenate([repeated, drawn]))


def _repeated_count(blocks: float, settings: Settings) -> int:
    if blocks < _LEAST_BLOCKS:
        return 0
    return round(settings.paths * settings.replayed_share * blocks / (blocks + _SHY_BLOCKS))


def _repeated(grid: Grid, replayed: Replay, count: int, widening: float, rng: np.random.Generator) -> Floats:
    """(count, H) The blend plus past error paths at today's scale (historical simulation on whole paths).

    Few independent replays do not know the true spread: the errors grow by √(1 + 1 ÷ (2n + 1)), n independent replays.
    """
    if not count:
        return np.empty((0, grid.length))
    evenly = (np.arange(count) + rng.random()) / count
    picks = np.searchsorted(np.cumsum(replayed.weights), evenly, side="right")
    errors = replayed.errors[np.minimum(picks, len(replayed.errors) - 1)]
    growth = widening * np.sqrt(1.0 + 1.0 / (2.0 * replayed.blocks + 1.0))
    paths: Floats = replayed.expected + growth * replayed.scale * errors
    return _cut_at_zero(paths) if grid.nonnegative else paths


def _cut_at_zero(paths: Floats) -> Floats:
    """Paths without negative values whose mean total is what it was: cutting alone would push it up."""
    cut = np.maximum(paths, 0.0)
    excess = paths.sum(axis=1).mean() / max(cut.sum(axis=1).mean(), NEGLIGIBLE)
    shrunk: Floats = cut * np.clip(excess, 0.5, 1.0)
    return shrunk


def _drawn(grid: Grid, replayed: Replay, count: int, rng: np.random.Generator) -> Floats:
    """(count, H) The blend, moved by an uncertain and drifting level, with day noise on top."""
    deviations = _day_deviations(grid, replayed.scale, count, rng)
    level = _level_errors(grid, deviations, rng) * _calibration(grid, replayed)
    expected = replayed.expected
    if not grid.nonnegative:
        return expected + level + deviations * _student_noise(level, rng)
    usual = max(float(expected.mean()), _LEAST_LEVEL)
    return expected * _growth(level / usual) * _gamma_noise(deviations / usual, replayed.effects, rng)


def _day_deviations(grid: Grid, scale: float, count: int, rng: np.random.Generator) -> Floats:
    """(count, 1) Each future's own standard deviation of a day: a scaled inverse chi-square draw of the variance.

    It is the posterior of a normal variance after `reports` days (Gelman et al., Bayesian Data Analysis, 2.6), with a
    prior that leaves as the data comes.
    """
    measured, reports = (_SIZE_TO_DEVIATION * scale) ** 2, grid.reports
    prior_days = _PRIOR_DAYS * max(1.0 - reports / _MEMORY, 0.0)
    prior = _PRIOR_DEVIATION[grid.nonnegative] ** 2
    variance = (prior_days * prior + reports * measured) / (prior_days + reports)
    degrees = _PRIOR_DAYS + reports
    deviations: Floats = np.sqrt(variance * degrees / rng.chisquare(degrees, (count, 1)))
    return deviations


def _level_errors(grid: Grid, deviations: Floats, rng: np.random.Generator) -> Floats:
    """(count, H) How far the level is off: the error of its estimate, and a random walk from there."""
    start = deviations / np.sqrt(min(grid.reports, _MEMORY)) * rng.standard_normal(deviations.shape)
    drift = _DRIFT * deviations * np.exp(_DRIFT_VARIES * rng.standard_normal(deviations.shape))
    walk = np.cumsum(rng.standard_normal((len(deviations), grid.length)), axis=1)
    errors: Floats = start + drift * walk
    return errors


def _calibration(grid: Grid, replayed: Replay) -> float:
    """How much wider or narrower than the model the replayed totals were; 1 without replays.

    The model's variance of a total of H days, in day variances: H² ÷ n for the level's estimate from n days,
    d² · H³ ÷ 3 for the random walk of mean squared step d², and H for the day noise. What was seen moves the logarithm
    of the variance in proportion to the number of independent replays behind it.
    """
    days = float(grid.length)
    drift = _DRIFT**2 * np.exp(2.0 * _DRIFT_VARIES**2)
    model = _SIZE_TO_DEVIATION**2 * (days**2 / min(grid.reports, _MEMORY) + drift * days**3 / 3.0 + days)
    seen = (_TOTAL_TO_DEVIATION * float(replayed.misses @ replayed.weights)) ** 2
    trust = replayed.blocks / (replayed.blocks + _CALIBRATING_BLOCKS)
    return float(np.sqrt(np.clip((seen / model) ** trust, *_CALIBRATION_BOUNDS)))


def _growth(relative: Floats) -> Floats:
    """(count, H) Relative level errors as factors that stay above zero and within e: exp(tanh x), partly re-centred."""
    factors = np.exp(np.tanh(relative))
    centred: Floats = factors / factors.mean(axis=0) ** _CENTRING
    return centred


def _student_noise(like: Floats, rng: np.random.Generator) -> Floats:
    """(count, H) Day noise of mean 0 and variance 1 with fat tails: Student's t with 4 degrees, of variance 2."""
    noise: Floats = rng.standard_t(4, like.shape) / np.sqrt(2.0)
    return noise


def _gamma_noise(relative: Floats, factors: Floats, rng: np.random.Generator) -> Floats:
    """(count, H) Day noise of mean 1, never negative, whose variance grows with the weekday's factor as counts do.

    relative (count, 1) is the standard deviation of a usual day ÷ its level. A gamma variable of shape 1 ÷ c² and
    scale c² has mean 1 and relative deviation c.
    """
    squared = np.clip(relative**2 / np.maximum(factors, _LEAST_FACTOR), *_NOISE_BOUNDS)
    noise: Floats = rng.gamma(1.0 / squared) * squared
    return noise
