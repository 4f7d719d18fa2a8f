"""Exponentially weighted sums and means along the days, the only smoother the forecast needs.

A day's weight halves with every `half_life` days of age. The sums obey s(t) = k · s(t−1) + x(t), k = 2^(−1/half_life)
(R. G. Brown, Statistical Forecasting for Inventory Control, 1959). They run block by block as matrix products, as a
loop over days in Python would take most of the forecast's time.
"""

from functools import lru_cache

import numpy as np

from .grid import Floats

_BLOCK = 64  # days per matrix product; 32 and 128 were slower
_TINY = 1e-200  # far below any weight that three years of half-lives of three days leave


def running_sums(columns: Floats, half_life: float) -> Floats:
    """Weighted sums up to and including each day: (T, C) columns in, (T, C) sums out."""
    within, carried = _decay(half_life)
    days, width = columns.shape
    padded = np.zeros((-(-days // _BLOCK) * _BLOCK, width))
    padded[:days] = columns
    sums: Floats = within @ padded.reshape(-1, _BLOCK, width)
    for block in range(1, len(sums)):
        sums[block] += carried[:, None] * sums[block - 1, -1]
    return sums.reshape(-1, width)[:days]


def running_mean(amounts: Floats, weights: Floats, half_life: float) -> Floats:
    """(T,) Weighted sum of the amounts over weighted sum of the weights; days of weight 0 leave it as it was."""
    sums = running_sums(np.column_stack([amounts, weights]), half_life)
    mean: Floats = sums[:, 0] / np.maximum(sums[:, 1], _TINY)
    return mean


def eve_before(series: Floats) -> Floats:
    """The series one day later, so that day t holds what was known at the end of day t−1; the first stays itself."""
    return np.concatenate([series[:1], series[:-1]])


@lru_cache(maxsize=32)
def _decay(half_life: float) -> tuple[Floats, Floats]:
    """The decay inside a block, (B, B) lower triangular, and of what the block before left, (B,)."""
    keep = 0.5 ** (1.0 / half_life)
    age = np.arange(_BLOCK)[:, None] - np.arange(_BLOCK)
    within: Floats = np.where(age >= 0, keep ** np.maximum(age, 0), 0.0)
    carried: Floats = keep ** np.arange(1.0, _BLOCK + 1)
    return within, carried
