"""The verdict on a target at a moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from targets.domain.terms import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Where the period's value will probably end, in the metric's unit; `chance` between 0 and 1.

    `q10` to `q90` is the 80 % band, `q025` to `q975` the 95 % band. `early` under seven days of data. `expected_rate` is
    what is expected per remaining day.
    """

    median: float
    q025: float
    q10: float
    q25: float
    q75: float
    q90: float
    q975: float
    chance: float
    early: bool
    expected_rate: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Where a target stands: everything pages, API, mails and charts say about it. Immutable.

    Values are in the metric's unit, shares between 0 and 1, rates per day (per working day where the pace knows only
    those). `gap` is value minus pace; `gap_share` is the gap over the goal, signed so that up is good. `status` is the
    verdict of the rule alone, before hysteresis. Times are aware; days are the target's own.
    """

    at: datetime
    status: Status
    period_starts_on: date
    period_ends_on: date
    days_left: int
    elapsed: float
    read_until: datetime | None = None
    last_read_at: datetime | None = None
    value: float | None = None
    share: float | None = None
    pace: float | None = None
    gap: float | None = None
    gap_share: float | None = None
    required_rate: float | None = None
    recent_rate: float | None = None
    working_days_left: int | None = None
    settled_on: date | None = None
    forecast: Forecast | None = None
    gaps: tuple[float, ...] = ()  # one a day, at most 60, signed so that up is good: the sparkline
    days_of_data: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """The period day by day, as drawn: index 0 is `starts_on`; None where nothing is known.

    `actual` is the value of the period up to the end of each day, `pace` where it should be by then, `bands` five rows
    (q10, q25, q50, q75, q90) that begin at `today` with the actual value. `today` is the index of the last day read, or
    None before the first reading. Every list has one entry a day.
    """

    starts_on: date
    today: int | None
    goal: float
    goal_upper: float | None
    cumulative: bool
    actual: tuple[float | None, ...]
    pace: tuple[float | None, ...]
    bands: tuple[tuple[float | None, ...], ...] = field(default=())
