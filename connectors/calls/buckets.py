"""How long calls took, counted in fixed buckets, so that percentiles of hours add up to those of weeks. Pure.

Bucket 0 holds what took up to 1 ms; each further one ends a tenth later than the one before, up to 300 s: 1 ms, 1.1 ms,
1.21 ms, … A last bucket holds what took longer. A percentile is known to within its bucket, which is 10 % wide; it is
told as the middle of the bucket on the logarithmic scale, so it is off by 5 % at most.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping

SHORTEST, LONGEST, STEP = 0.001, 300.0, 1.1  # seconds, seconds, and how much wider each bucket is
ENDS = [SHORTEST * STEP**place for place in range(math.ceil(math.log(LONGEST / SHORTEST, STEP)) + 1)]

Durations = Mapping[str, int]  # how many calls, by bucket; JSON has names for keys, and thousands of hours are summed


def bucket_of(seconds: float) -> int:
    """Return the bucket of one call."""
    return bisect_left(ENDS, seconds)


def counted(seconds: Iterable[float]) -> dict[str, int]:
    """Return how many calls fall into each bucket."""
    return {str(bucket): calls for bucket, calls in sorted(Counter(map(bucket_of, seconds)).items())}


def percentile(durations: Durations, share: float) -> float | None:
    """Return how many seconds a share of the calls (0 to 1) took at most, by the nearest rank; None without calls."""
    rank, reached = max(math.ceil(share * sum(durations.values())), 1), 0
    for bucket in sorted(durations, key=int):
        reached += durations[bucket]
        if reached >= rank:
            return middle(int(bucket))
    return None


def middle(bucket: int) -> float:
    """Return the seconds that a bucket stands for; the ends of the scale for what lies beyond them."""
    if bucket == 0:
        return ENDS[0]
    return ENDS[-1] if bucket >= len(ENDS) else math.sqrt(ENDS[bucket - 1] * ENDS[bucket])
