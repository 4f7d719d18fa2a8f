"""Read-offs from simulated paths, and the generator that makes a forecast repeatable."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from .grid import Floats


def quantiles(samples: npt.ArrayLike, probabilities: Sequence[float]) -> Floats:
    """Quantiles over the first axis, the simulated futures, linear between neighbours.

    (paths,) samples give (q,) quantiles, (paths, h) samples give (q, h), in the samples' unit. Raises ValueError where
    there is no sample or a probability lies outside 0…1.
    """
    futures = np.asarray(samples, float)
    if not len(futures):
        raise ValueError("samples: at least one is needed")
    return np.asarray(np.quantile(futures, list(probabilities), axis=0), float)


def seed(*parts: str | int) -> np.random.Generator:
    """A generator that depends on the parts and their order alone: the same on every machine and in every process.

    Seeded from metric, period and day, a forecast does not change when the page is loaded again. The text "1" and the
    number 1 are different parts.
    """
    name = "\x1f".join(f"{type(part).__name__}\x1e{part}" for part in parts)
    digest = blake2b(name.encode(), digest_size=16).digest()
    return np.random.default_rng(int.from_bytes(digest))
