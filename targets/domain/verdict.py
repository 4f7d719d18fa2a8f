"""What is found about a target at a moment: the verdict, the forecast in it, and the drawing beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from targets.domain.periods import local_day
from targets.domain.plain import Plain, as_plain, known_fields
from targets.domain.terms import Status

ENOUGH_DAYS = 7  # of data; a forecast from fewer is early
_INSTANT = timedelta(microseconds=1)  # a day read to its end is the last day read, not the next one


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Where the period's value will probably end, in the metric's unit; `chance` between 0 and 1.

    `q10` to `q90` is the 80 % band, `q025` to `q975` the 95 % band. `early` under seven days of data: then it is an
    estimate without a chance. `expected_rate` is what is expected per remaining day: the amount of a total, the mean of
    a mean.
    """

    median: float
    q025: float
    q10: float
    q25: float
    q75: float
    q90: float
    q975: float
    chance: float | None
    early: bool
    expected_rate: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Where a target stands: everything pages, API, mails and charts say about it. Immutable.

    Values are in the metric's unit, `elapsed` and chances are shares between 0 and 1, rates are per day (per working
    day where the pace knows only those). `at` is when it was judged, `read_until` how far the readings run; value, pace
    and gap are as of then. `share` is how much of the goal is reached (of the way, for a level with a start value); it
    can exceed 1. `gap` is value minus pace; `gap_share` is the gap over the goal, signed so that up is good: for
    `within` it is how far inside the two goals. `required_rate` is what is needed per remaining day to end at the goal
    (for a mean: the mean that is needed from here), None once nothing can be changed. `days_left` are the days after
    today, `settled_on` the day on which the value decided the period before its end. `status` is the verdict of the
    rule alone, before hysteresis. `complete` says that the readings run to the period's end. Times are aware; days are
    the target's own.
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
    complete: bool = False
    zone: str = "UTC"

    @property
    def on(self) -> date:
        """The target's own date at the time of the verdict."""
        return local_day(self.at, ZoneInfo(self.zone))

    @property
    def read_on(self) -> date | None:
        """The target's own date of the last day of which something was read."""
        return local_day(self.read_until - _INSTANT, ZoneInfo(self.zone)) if self.read_until else None

    @property
    def chance(self) -> float | None:
        """The chance that the verdict tells: none while its forecast is an early estimate, and none without one."""
        return self.forecast.chance if self.forecast else None

    @property
    def over(self) -> bool:
        """Whether the period had ended by then."""
        return self.on >= self.period_ends_on

    def as_plain(self) -> Plain:
        """The evaluation as JSON-ready dict, field by field."""
        plain: Plain = as_plain(self)
        return plain

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Evaluation:
        """The evaluation of a dict that `as_plain` made."""
        known = known_fields(cls, plain)
        for name in ("at", "read_until", "last_read_at"):
            known[name] = datetime.fromisoformat(known[name]) if known.get(name) else None
        for name in ("period_starts_on", "period_ends_on", "settled_on"):
            known[name] = date.fromisoformat(known[name]) if known.get(name) else None
        forecast = known.get("forecast")
        known["forecast"] = Forecast(**known_fields(Forecast, forecast)) if forecast else None
        return cls(**known | {"status": Status(known["status"]), "gaps": tuple(known.get("gaps", ()))})


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """The period day by day, as drawn: index 0 is `starts_on`; None where nothing is known.

    `actual` is the value of the period up to the end of each day, standing still on days without a reading; `pace`
    where it should be by then, and on the last day read by as far as it was read; `bands` five rows (q10, q25, q50,
    q75, q90) that begin at `today` with the actual value, or no rows without a forecast. `today` is the index of the
    last day read, or None before the first reading, when the bands begin with the first day ahead. Every list has one
    entry a day.
    """

    starts_on: date
    today: int | None
    goal: float
    goal_upper: float | None
    cumulative: bool
    actual: tuple[float | None, ...]
    pace: tuple[float | None, ...]
    bands: tuple[tuple[float | None, ...], ...] = field(default=())

    def as_plain(self) -> Plain:
        """The track as JSON-ready dict, field by field."""
        plain: Plain = as_plain(self)
        return plain

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Track:
        """The track of a dict that `as_plain` made."""
        known = known_fields(cls, plain)
        known["starts_on"] = date.fromisoformat(known["starts_on"])
        known["actual"], known["pace"] = tuple(known["actual"]), tuple(known["pace"])
        return cls(**known | {"bands": tuple(tuple(row) for row in known.get("bands", ()))})


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The verdict and the drawing, from one computation."""

    evaluation: Evaluation
    track: Track
