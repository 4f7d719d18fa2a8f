"""A target as a line of a list: stored columns in, words and geometry out. Nothing is judged here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from targets.domain import wording
from targets.domain.evaluation import Evaluation
from targets.domain.periods import Period, local_day
from targets.domain.plan import Plan
from targets.domain.terms import NEEDS_ATTENTION, Comparison, Status
from targets.judging import plan_of
from targets.numbers import Numbers, numbers_of

if TYPE_CHECKING:
    from targets.models import Metric, Target

ROOM, LIKELY_ROOM, VALUE_ROOM, FAR = 1.2, 1.02, 1.04, 1.45  # how far a bullet reaches beyond goal, forecast and value
LEVEL_ROOM = 0.15  # of the shown stretch, on either side of a level
MOVING = frozenset({Status.ON_TRACK, Status.AT_RISK, Status.BEHIND})
A_WEEK = 7  # points of a gap line
GROUPS = {
    **dict.fromkeys(NEEDS_ATTENTION, "Needs attention"),
    Status.ON_TRACK: "Going to plan",
    Status.MET: "Done",
    Status.UPCOMING: "Not running",
    Status.PAUSED: "Not running",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A name and what is said about it."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullet:
    """Value, pace, likely finish and goal on one scale from `low` to `high`; `outside` are the stretches to stay out of."""

    status: Status
    low: float
    high: float
    is_dot: bool
    goals: tuple[float, ...]
    value: float | None = None
    pace: float | None = None
    likely: tuple[float, float, float] | None = None
    outside: tuple[tuple[float, float], ...] = ()

    def place(self, value: float) -> float:
        """Return where a value stands, in percent from the left, inside the scale."""
        return min(max((value - self.low) / (self.high - self.low) * 100, 0.0), 100.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spark:
    """The gap to pace day by day, up being good."""

    status: Status
    gaps: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One target in the list, as text and geometry."""

    pk: int
    name: str
    team: str
    status: Status
    word: str
    period: str
    left: str
    value: str
    goal: str
    gap: str
    gap_word: str
    finish: str
    chance: str
    trend: str
    bullet: Bullet
    spark: Spark


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Targets that ask for the same: attention, patience, nothing."""

    title: str
    rows: list[Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many targets have a status."""

    status: Status
    word: str
    number: int


def today_on(target: Target, now: datetime) -> date:
    """Return the target's own date at a moment."""
    return local_day(now, plan_of(target).calendar.zone)


def found_of(target: Target) -> Evaluation | None:
    """Return the stored verdict; None before the first."""
    return Evaluation.from_plain(target.evaluation) if target.evaluation else None


def period_of(plan: Plan, starts_on: date, ends_on: date) -> Period:
    """Return a stored period as the calendar knows it."""
    calendar = plan.calendar
    return Period(
        kind=plan.rule.kind,
        starts_on=starts_on,
        ends_on=ends_on,
        zone=calendar.zone,
        fiscal_year_starts_in=calendar.fiscal_year_starts_in,
    )


def row_of(target: Target, now: datetime) -> Row:
    """Return a target as a line of the list."""
    plan, found = plan_of(target), found_of(target)
    status, numbers = Status(target.status), numbers_of(target.metric, goal=target.goal)
    return Row(
        pk=target.pk,
        name=target.name,
        team=target.team,
        status=status,
        word=wording.status_word(status),
        goal=wording.of_goal(plan, unit=numbers.unit, short=numbers.short),
        bullet=bullet_of(plan, found, status, target.metric),
        **_period_words(plan, found, now),
        **_figures(plan, found, status, numbers, now),
    )


def groups_of(rows: Iterable[Row]) -> list[Group]:
    """Part rows, most urgent first, into groups."""
    return [Group(title=title, rows=list(part)) for title, part in groupby(rows, key=lambda row: GROUPS[row.status])]


def tally_of(numbers: Mapping[Status, int]) -> list[Count]:
    """Return the counts of the statuses that occur, most urgent first."""
    return [
        Count(status=status, word=wording.status_word(status), number=numbers[status]) for status in Status if numbers.get(status)
    ]
