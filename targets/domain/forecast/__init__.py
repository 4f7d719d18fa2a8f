"""Forecast a metric's days ahead as simulated paths. Pure: numpy and the standard library only.

    values ─ grid ─ profile ─ track ─ candidates ─ replay ─ paths        (each module reads only those before it)

simulate() runs through them; quantiles() reads a forecast off the paths; seed() makes it repeatable.
"""

from .reading import quantiles, seed
from .settings import DEFAULT, Settings
from .simulation import simulate

__all__ = ["DEFAULT", "Settings", "quantiles", "seed", "simulate"]
