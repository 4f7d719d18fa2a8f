"""What a target asks for, as plain values: the first argument of every judgement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from targets.domain.periods import Calendar, PeriodRule
from targets.domain.terms import Aggregation, Comparison, PaceProfile, ValueKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From which chance a target is on track, and from which at risk; shares between 0 and 1."""

    on_track: float = 0.70
    at_risk: float = 0.30


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that decides how a target is judged.

    `goal` and `goal_upper` are in the metric's unit (`goal_upper` only with `within`). `start_value` is where the pace of
    a level begins; None means a flat pace at the goal. `stale_after` is how long silence is forgiven. `seed` names the
    random stream of the forecast, so that a reload never changes a number.
    """

    value_kind: ValueKind
    aggregation: Aggregation
    comparison: Comparison
    goal: float
    goal_upper: float | None = None
    rule: PeriodRule
    calendar: Calendar
    profile: PaceProfile = PaceProfile.LINEAR
    start_value: float | None = None
    tracking_since: date | None = None
    missing_is_zero: bool = False
    can_fall: bool = False
    stale_after: timedelta = timedelta(hours=24)
    thresholds: Thresholds = Thresholds()
    decimals: int = 0
    seed: str = ""
