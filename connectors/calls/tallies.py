"""What calls add up to. Pure.

A call that failed is one that did not bring what was asked for, for whatever reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from connectors.calls import buckets
from connectors.calls.buckets import Durations, percentile


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The calls of a stretch of time: `took` in seconds and `size` in bytes, all together; `durations` by bucket."""

    calls: int = 0
    failed: int = 0
    took: float = 0.0
    size: int = 0
    durations: Durations = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, calls: Iterable[tuple[float, int, str]]) -> Self:
        """Count calls, each as the seconds it took, the bytes of its answer, and why it failed, if it did."""
        every = list(calls)
        took = [seconds for seconds, _size, _reason in every]
        failed = Counter(reason for _seconds, _size, reason in every if reason)
        return cls(
            calls=len(every),
            failed=failed.total(),
            took=sum(took),
            size=sum(size for _seconds, size, _reason in every),
            durations=buckets.counted(took),
            reasons=dict(failed),
        )

    @property
    def error_rate(self) -> float | None:
        """The share of the calls that failed, from 0 to 1; None without calls."""
        return self.failed / self.calls if self.calls else None

    @property
    def mean(self) -> float | None:
        """How many seconds a call took on average; None without calls."""
        return self.took / self.calls if self.calls else None

    @property
    def p50(self) -> float | None:
        """How many seconds half of the calls took at most."""
        return percentile(self.durations, 0.5)

    @property
    def p95(self) -> float | None:
        """How many seconds 95 of 100 calls took at most."""
        return percentile(self.durations, 0.95)

    @property
    def p99(self) -> float | None:
        """How many seconds 99 of 100 calls took at most."""
        return percentile(self.durations, 0.99)


def summed(tallies: Iterable[Tally]) -> Tally:
    """Add tallies up."""
    took, calls, failed, size = 0.0, 0, 0, 0
    found, reasons = Counter[str](), Counter[str]()
    for each in tallies:
        took, calls, failed, size = took + each.took, calls + each.calls, failed + each.failed, size + each.size
        found.update(each.durations)
        reasons.update(each.reasons)
    return Tally(calls=calls, failed=failed, took=took, size=size, durations=dict(found), reasons=dict(reasons))


def hour_of(moment: datetime) -> datetime:
    """Return the beginning of the hour (UTC) in which a moment lies."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
