"""A target as a line of a list: stored columns in, words and geometry out. Nothing is judged here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors.presenting import TROUBLE
from organisations.languages import clock_inside
from targets import wording
from targets.domain.periods import Period, local_day, period_at
from targets.domain.plan import Plan
from targets.domain.terms import NEEDS_ATTENTION, SETTLED, Comparison, Status
from targets.domain.verdict import Evaluation
from targets.numbers import Numbers, numbers_of
from targets.plans import plan_of

if TYPE_CHECKING:
    from connectors.models import Feed
    from targets.models import Metric, Target

ROOM, LIKELY_ROOM, VALUE_ROOM, FAR = 1.2, 1.02, 1.04, 1.45  # how far a bullet reaches beyond goal, forecast and value
LEVEL_ROOM = 0.15  # of the shown stretch, on either side of a level
LEAST_STEPS = 3  # of the last digit shown, on either side: what is written alike does not stand far apart
MOVING = frozenset({Status.ON_TRACK, Status.AT_RISK, Status.BEHIND})
A_WEEK = 7  # points of a gap line
ATTENTION, PLAN, DONE, RESTING = range(4)
GROUP_OF = {
    **dict.fromkeys(NEEDS_ATTENTION, ATTENTION),
    Status.ON_TRACK: PLAN,
    Status.MET: DONE,
    Status.UPCOMING: RESTING,
    Status.PAUSED: RESTING,
}
GROUPS = {
    ATTENTION: gettext_lazy("Needs attention"),
    PLAN: gettext_lazy("Going to plan"),
    DONE: gettext_lazy("Done"),
    RESTING: gettext_lazy("Not running"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A name and what is said about it."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullet:
    """Value, pace, likely finish and goal on one scale from `low` to `high`; `outside` is where not to be."""

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
    stale: str
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


def has_pace(plan: Plan) -> bool:
    """Say whether there is a way to go; else the value is held against the goal itself."""
    return plan.cumulative or (plan.is_level and plan.start_value is not None)


def period_found(plan: Plan, found: Evaluation) -> Period:
    """Return the period that a verdict is about."""
    return period_of(plan, found.period_starts_on, found.period_ends_on)


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
    known = found if status != Status.NO_DATA else None
    period = period_at(plan.rule, plan.calendar, now) if found is None else period_found(plan, found)
    return Row(
        pk=target.pk,
        name=target.name,
        team=target.team,
        status=status,
        word=wording.status_word(status),
        period=wording.period_label(period),
        left=wording.days_left(period, now),
        value=value_number(plan, known, numbers),
        goal=wording.of_goal(plan, numbers.unit, short=numbers.short),
        stale=stale_words(target.metric.feed, now, plan.calendar.zone) if known else "",
        gap=gap_number(plan, known, numbers),
        gap_word=wording.gap_words(plan, known) if known else silent_words(found, now),
        finish=numbers.value(known.forecast.median if known and known.forecast and status in MOVING else None),
        chance=chance_words(known, status, now),
        trend=trend_words(found.gaps if found else ()),
        bullet=bullet_of(plan, found, status, target.metric),
        spark=Spark(status=status, gaps=found.gaps if found else ()),
    )


def value_number(plan: Plan, found: Evaluation | None, numbers: Numbers) -> str:
    """Write the value so that one that just misses its goal is not taken for it; an unknown one as a dash."""
    value = found.value if found else None
    return numbers.with_decimals(wording.value_places(plan, value)).value(value)


def gap_number(plan: Plan, found: Evaluation | None, numbers: Numbers) -> str:
    """Write the number that the words of the gap speak of, an unknown one as a dash."""
    if found is None:
        return numbers.gap(None)
    return numbers.with_decimals(wording.gap_places(plan, found)).gap(wording.gap_shown(plan, found))


def groups_of(rows: Iterable[Row]) -> list[Group]:
    """Part rows, most urgent first, into groups."""
    parts = groupby(rows, key=lambda row: GROUP_OF[row.status])
    return [Group(title=str(GROUPS[group]), rows=list(part)) for group, part in parts]


def named(target: Target) -> wording.Named:
    """Return a target as the overview's sentence speaks of it."""
    found = found_of(target)
    words = wording.gap_phrase(plan_of(target), found, target.metric.unit) if found else ""
    return wording.Named(name=target.name, status=Status(target.status), words=words, chance=target.chance)


def tally_of(numbers: Mapping[Status, int]) -> list[Count]:
    """Return the counts in the order of urgency."""
    return [
        Count(status=status, word=wording.status_word(status), number=numbers[status])
        for status in Status
        if status in numbers
    ]


def bullet_of(plan: Plan, found: Evaluation | None, status: Status, metric: Metric) -> Bullet:
    """Return the geometry of a target: a total starts at zero and is a bar, anything else a dot on a cut scale.

    What is settled has no forecast and no pace; where there is no data only the goal stands.
    """
    goals = (plan.goal,) if plan.goal_upper is None else (plan.goal, plan.goal_upper)
    value = found.value if found and status != Status.NO_DATA else None
    moving = found if found and status in MOVING else None
    forecast = moving.forecast if moving else None
    likely = (forecast.q10, forecast.median, forecast.q90) if forecast else None
    pace = moving.pace if moving and has_pace(plan) else None
    shown = [*goals, *(likely or ()), *(known for known in (value, pace) if known is not None)]
    low, high = _total_scale(plan, value, likely) if plan.cumulative else _level_scale(metric, shown)
    return Bullet(
        status=status,
        low=low,
        high=high,
        is_dot=not plan.cumulative,
        goals=goals,
        value=value,
        pace=pace,
        likely=likely,
        outside=_outside(plan, goals, low, high),
    )


def silent_words(found: Evaluation | None, now: datetime) -> str:
    """Say since when there is no data."""
    if found is None or found.read_on is None:
        return ""
    day = wording.day(found.read_on, today=local_day(now, ZoneInfo(found.zone)))
    return _("since %(day)s") % {"day": day}


def stale_words(feed: Feed, now: datetime, zone: ZoneInfo) -> str:
    """Say since when a value stands that nobody renews, because its source does not answer; else nothing."""
    if feed.health_at(now) not in TROUBLE or feed.answered_at is None:
        return ""
    return _("last answer %(when)s") % {"when": clock_inside(feed.answered_at, now=now, zone=zone)}


def chance_words(found: Evaluation | None, status: Status, now: datetime) -> str:
    """Say how likely it is, or when it was decided."""
    if found is None:
        return ""
    if found.settled_on and status in SETTLED:
        day = wording.day(found.settled_on, today=local_day(now, ZoneInfo(found.zone)))
        words = _("reached %(day)s") if status == Status.MET else _("limit passed %(day)s")
        return words % {"day": day}
    return wording.chance(found.chance) if found.chance is not None and status in MOVING else ""


def trend_words(gaps: tuple[float, ...]) -> str:
    """Say for those who cannot see the line which way it went in the last week."""
    if len(gaps) < 2:
        return ""
    change = gaps[-1] - gaps[max(0, len(gaps) - 1 - A_WEEK)]
    if not change:
        return _("level with pace this week")
    return _("gaining on pace this week") if change > 0 else _("losing on pace this week")


def _total_scale(plan: Plan, value: float | None, likely: tuple[float, float, float] | None) -> tuple[float, float]:
    """A total starts at zero and ends beyond goal, value and, unless it is far away, the likely finish."""
    goal = plan.goal if plan.goal_upper is None else plan.goal_upper
    ends = [goal * ROOM, (value or 0.0) * VALUE_ROOM]
    if likely:
        ends.append(min(likely[2], goal * FAR) * LIKELY_ROOM)
    lowest = min(0.0, value or 0.0, plan.goal)
    return lowest, max([*ends, lowest + 1e-9])


def _level_scale(metric: Metric, shown: list[float]) -> tuple[float, float]:
    """A level stands on the metric's own scale, or on what is shown with a little room."""
    room = LEVEL_ROOM * (max(shown) - min(shown) or abs(max(shown)) or 1.0)
    room = max(room, LEAST_STEPS * 10.0**-metric.decimals)
    low = metric.scale_min if metric.scale_min is not None else min(shown) - room
    high = metric.scale_max if metric.scale_max is not None else max(shown) + room
    return (low, high) if low < high else (min(shown) - room, max(shown) + room)


def _outside(plan: Plan, goals: tuple[float, ...], low: float, high: float) -> tuple[tuple[float, float], ...]:
    if plan.comparison == Comparison.AT_LEAST:
        return ()
    over = (goals[-1], high)
    return (over,) if plan.comparison == Comparison.AT_MOST else ((low, goals[0]), over)
