"""What a sentence is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from organisations.languages import full_day
from targets.domain.periods import ONE_DAY
from targets.domain.plan import Plan
from targets.domain.terms import Aggregation
from targets.domain.verdict import Evaluation

from .gaps import gap_phrase
from .goals import goal, goal_ends, goal_number, value_places
from .numbers import difference, number, places


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said first and foremost, and what follows; both plain text, `rest` may be empty."""

    lead: str
    rest: str = ""

    def __str__(self) -> str:
        return f"{self.lead} {self.rest}".strip()


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
    def ends_today(self) -> bool:
        """Whether the day of the verdict is the period's last."""
        return self.last_on == self.found.on

    @property
    def value(self) -> str:
        """The value, a dash before the first reading."""
        value = self.found.value
        return number(value, unit=self.unit, decimals=value_places(self.plan, value))

    @property
    def goal(self) -> str:
        """The goal alone; of two goals both."""
        return goal_number(self.plan, self.unit)

    @property
    def goal_ends(self) -> tuple[str, str]:
        """Both goals of a range, for a sentence of its own."""
        return goal_ends(self.plan, self.unit)

    @property
    def asked(self) -> str:
        """What is asked for: at least 1,200."""
        return goal(self.plan, self.unit)

    @property
    def gap(self) -> str:
        """How far the value is from where it should be; empty before the first reading."""
        return gap_phrase(self.plan, self.found, self.unit)

    @property
    def limit_passed(self) -> str:
        """The goal that was reached or passed; of two, the one on the side to which the value moves."""
        plan = self.plan
        bound = plan.goal if plan.goal_upper is None or self.falls else plan.goal_upper
        return number(bound, unit=self.unit, decimals=places(bound, plan.decimals))

    @property
    def falls(self) -> bool:
        """Whether the value can only go down: a lowest value."""
        return self.plan.kind == Aggregation.MINIMUM

    def number(self, value: float | None) -> str:
        """A value in the metric's unit and decimals."""
        return number(value, unit=self.unit, decimals=self.plan.decimals)

    def difference(self, value: float) -> str:
        """The size of a difference of values."""
        return difference(value, unit=self.unit, decimals=self.plan.decimals)

    def day(self, on: date) -> str:
        """A date as seen from the day of the verdict."""
        return full_day(on, today=self.found.on)
