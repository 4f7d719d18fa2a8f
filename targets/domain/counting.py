"""Counters: what an ever-growing number came to since the last time, restarts noticed.

A counter that falls was restarted and counts from zero, so what it shows then is what came since (as Prometheus counts:
https://prometheus.io/docs/prometheus/latest/querying/functions/#increase, without its extrapolation). The first reading
only says where counting begins.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """The last reading of a counter: its time (aware), what it showed, and what it showed `before`; None at first."""

    at: datetime
    value: float
    before: float | None = None

    @property
    def growth(self) -> float | None:
        """What came between the last two readings; None with the first."""
        if self.before is None:
            return None
        return self.value - self.before if self.value >= self.before else self.value


def counted(
    readings: Iterable[tuple[datetime, float]], last: Counter | None
) -> tuple[dict[datetime, float], Counter | None]:
    """Return what came up to the time of each reading, and the counter as it stands then.

    Readings come in any order. Those before the last one are passed over: what they showed is in it. Of several at one
    time, also over several calls, the highest counts. So the same readings twice give the same amounts.
    """
    amounts: dict[datetime, float] = {}
    for at, value in sorted(readings):
        if last is not None and at < last.at:
            continue
        last = _next(last, at, value)
        if last.growth is not None:
            amounts[at] = last.growth
    return amounts, last


def _next(last: Counter | None, at: datetime, value: float) -> Counter:
    if last is None:
        return Counter(at=at, value=value)
    if at == last.at:
        return Counter(at=at, value=max(value, last.value), before=last.before)
    return Counter(at=at, value=value, before=last.value)
