"""What a sentence is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from targets.domain.periods import ONE_DAY
from targets.domain.plan import Plan
from targets.domain.verdict import Evaluation

from .dates import full_day
from .numbers import difference, number, places
from .phrases import gap_phrase, goal_number


@dataclass(frozen=True, slots=True)
class Told:
    """What a sentence is about, and how its numbers and dates are written."""

    plan: Plan
    found: Evaluation
    unit: str = ""

    @property
    def last_on(self) -> date:
        """The period's last day."""
        return self.found.period_ends_on - ONE_DAY

    @property
    def value(self) -> str:
        """The value, a dash before the first reading."""
        return self.number(self.found.value)

    @property
    def goal(self) -> str:
        """The goal alone; of two goals both."""
        return goal_number(self.plan, self.unit)

    @property
    def gap(self) -> str:
        """How far the value is from where it should be; empty before the first reading."""
        return gap_phrase(self.plan, self.found, self.unit)

    def number(self, value: float | None) -> str:
        """A value in the metric's unit and decimals."""
        return number(value, unit=self.unit, decimals=self.plan.decimals)

    def difference(self, value: float) -> str:
        """The size of a difference of values."""
        return difference(value, unit=self.unit, decimals=self.plan.decimals)

    def limit(self, value: float) -> str:
        """One of the goals, with as many decimals as it was set with."""
        return number(value, unit=self.unit, decimals=places(value, self.plan.decimals))

    def day(self, on: date) -> str:
        """A date as seen from the day of the verdict."""
        return full_day(on, today=self.found.on)

    def end(self, preposition: str) -> str:
        """The period's last day with `by`, `until` or `on` before it; today is today."""
        if self.last_on != self.found.on:
            return f"{preposition} {self.day(self.last_on)}"
        return "until the end of today" if preposition == "until" else "today"
