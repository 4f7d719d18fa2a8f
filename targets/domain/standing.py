"""Standing: what a period has come to, read off the days that are known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from targets.domain.periods import Period, local_day
from targets.domain.plan import Plan
from targets.domain.series import Floats, Series
from targets.domain.terms import Aggregation, ValueKind

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """The observed days of a period and the value that the period had at the end of each.

    `inside` are the days, `course` (n,) the values in the metric's unit, in step with them. `grows` says that the value
    is a total that can only go up.
    """

    inside: Series
    course: Floats
    grows: bool

    @property
    def value(self) -> float | None:
        """The value of the period; None before its first reading."""
        return float(self.course[-1]) if len(self.course) else None

    @property
    def readings(self) -> float:
        """How many readings made the value, each as much as it weighs in a mean."""
        return float(self.inside.weight.sum())


def known_to(plan: Plan, series: Series, now: datetime, period: Period) -> Series:
    """What the series says up to `now` and to the period's end, with zeros for missing days where the plan says so.

    A missing day is zero from the first reading or the beginning of tracking on, whichever is earlier, until the last
    day that was read to its end; without a beginning, from the start of the period.
    """
    known = series.as_known_at(now, period.zone)
    until = known.read_until
    if plan.fills_zeros and until is not None:
        since = min(plan.tracking_since or period.starts_on, known.days[0].item())
        known = known.with_zeros(since, local_day(until, period.zone))
    return known.between(known.days[0].item(), period.ends_on) if len(known) else known


def standing_of(plan: Plan, known: Series, period: Period) -> Standing:
    """What the days inside the period have come to; the days around it have no part in it."""
    inside = known.between(period.starts_on, period.ends_on)
    return Standing(inside, _course(plan, inside), _grows(plan, known))


def last_day_read(until: datetime, period: Period) -> int:
    """The index of the period's last day of which something has been read; below 0 before the period."""
    return min((local_day(until - _INSTANT, period.zone) - period.starts_on).days, period.days - 1)


def _course(plan: Plan, inside: Series) -> Floats:
    """The period's value at the end of each observed day."""
    if plan.kind == Aggregation.SUM:
        return np.asarray(np.cumsum(inside.total))
    if plan.kind == Aggregation.MEAN:
        return np.asarray(np.cumsum(inside.weighted) / np.cumsum(inside.weight))
    if plan.kind == Aggregation.MAXIMUM:
        return np.maximum.accumulate(inside.maximum)
    return np.minimum.accumulate(inside.minimum) if plan.kind == Aggregation.MINIMUM else inside.last


def _grows(plan: Plan, known: Series) -> bool:
    """Whether the period's value is a total that cannot fall; a sum that ever had a negative reading can."""
    if not plan.cumulative or plan.can_fall:
        return False
    return plan.value_kind == ValueKind.RUNNING or not (known.minimum < 0).any()
