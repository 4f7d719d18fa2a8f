"""What a target asks for, as plain values: the first argument of every judgement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from targets.domain.periods import Calendar, PeriodRule
from targets.domain.terms import Aggregation, Comparison, PaceProfile, ValueKind

TINY = 1e-12  # in any unit: what is smaller is nothing, and nothing is measured against it
_ROUNDING = 1e-9  # of the goal: ten times 0.1 reach a goal of 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From which chance a target is on track, and from which at risk; shares between 0 and 1."""

    on_track: float = 0.70
    at_risk: float = 0.30


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that decides how a target is judged.

    `goal` and `goal_upper` are in the metric's unit (`goal_upper` only with `within`). `start_value` is where the pace
    of a level begins; None means a flat pace at the goal. `stale_after` is how long silence is forgiven. `seed` names
    the random stream of the forecast, so that a reload never changes a number.
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

    @property
    def cumulative(self) -> bool:
        """Whether the period's value is a total that builds up from zero. A running total always is."""
        return self.value_kind == ValueKind.RUNNING or self.aggregation == Aggregation.SUM

    @property
    def kind(self) -> Aggregation:
        """How the value is really formed: a running total is its latest reading, whatever the target names."""
        return Aggregation.LATEST if self.value_kind == ValueKind.RUNNING else self.aggregation

    @property
    def is_level(self) -> bool:
        """Whether the period's value is the latest reading of something that goes up and down."""
        return self.kind == Aggregation.LATEST and not self.cumulative

    @property
    def fills_zeros(self) -> bool:
        """Whether days without readings count as zero. A running total stands still instead; a latest reading stays."""
        return self.missing_is_zero and self.kind != Aggregation.LATEST

    @property
    def aim(self) -> float:
        """The value the pace leads to: the goal, or the middle between the two of `within`."""
        return self.goal if self.goal_upper is None else (self.goal + self.goal_upper) / 2

    @property
    def leeway(self) -> float:
        """How far from the aim is still fine: half the distance of the two goals of `within`, else 0."""
        return 0.0 if self.goal_upper is None else abs(self.goal_upper - self.goal) / 2

    @property
    def size(self) -> float:
        """What gaps are measured against: the size of the goal, the larger of two; never zero."""
        return max(abs(self.goal), abs(self.goal_upper or 0.0), TINY)

    def meets(self, values: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Which values satisfy the target; equal is enough, and differences of mere rounding are equal."""
        found, slack = np.asarray(values, np.float64), _ROUNDING * self.size
        at_least, at_most = found >= self.goal - slack, found <= self.goal + slack
        if self.comparison == Comparison.WITHIN:
            upper = self.goal if self.goal_upper is None else self.goal_upper
            met: npt.NDArray[np.bool_] = at_least & (found <= upper + slack)
            return met
        return np.asarray(at_least if self.comparison == Comparison.AT_LEAST else at_most)

    def signed(self, gaps: npt.ArrayLike, *, leeway: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Distances of values from the pace, turned so that up is good; for `within` how far inside the leeway."""
        found = np.asarray(gaps, np.float64)
        if self.comparison == Comparison.WITHIN:
            return np.asarray(leeway - np.abs(found))
        return found if self.comparison == Comparison.AT_LEAST else -found
