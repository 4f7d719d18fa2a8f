"""An independent computation of a target's figures: plain Python over lists of readings, none of the product's code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
WORKING_DAYS = {0, 1, 2, 3, 4}
ROUNDING = 1e-9
FORMED: dict[str, Callable[[Sequence[float]], float]] = {
    "sum": sum,
    "mean": lambda values: sum(values) / len(values),
    "latest": lambda values: values[-1],
    "maximum": max,
    "minimum": min,
}


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a target asks, in the words of the product's fields."""

    aggregation: str
    comparison: str
    period: str
    goal: float
    zone: ZoneInfo
    goal_upper: float | None = None
    profile: str = "linear"
    start_value: float | None = None
    week_starts_on: int = 0
    fiscal_year_starts_in: int = 1

    @property
    def aim(self) -> float:
        return self.goal if self.goal_upper is None else (self.goal + self.goal_upper) / 2

    @property
    def upper(self) -> float:
        return self.goal if self.goal_upper is None else self.goal_upper

    def meets(self, value: float) -> bool:
        low = value >= self.goal - ROUNDING * abs(self.goal)
        high = value <= self.upper + ROUNDING * abs(self.upper)
        return {"at_least": low, "at_most": high, "within": low and high}[self.comparison]

    def settles(self, value: float) -> bool:
        """Say whether a value that can only move one way has decided the period."""
        rises, falls = self.aggregation in ("sum", "maximum"), self.aggregation == "minimum"
        if not (rises or falls):
            return False
        if self.comparison == ("at_least" if rises else "at_most"):
            return self.meets(value)
        return not self.meets(value) and (value > self.upper if rises else value < self.goal)


@dataclass(kw_only=True)
class Figures:
    """What the product should say."""

    starts_on: date
    ends_on: date
    value: float | None
    pace: float
    gap: float | None
    required: float | None
    recent: float | None
    days_left: int
    settled_on: date | None
    met: bool | None
    course: dict[date, float] = field(default_factory=dict)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def bounds(question: Question, day: date) -> tuple[date, date]:
    if question.period == "day":
        return day, day + DAY
    if question.period == "week":
        start = day - (day.weekday() - question.week_starts_on) % 7 * DAY
        return start, start + 7 * DAY
    length = {"month": 1, "quarter": 3, "year": 12}[question.period]
    months = day.year * 12 + day.month - 1
    months -= (months - (question.fiscal_year_starts_in - 1)) % length
    return _first(months), _first(months + length)


def figures(
    question: Question,
    readings: dict[date, list[float]],
    *,
    now: datetime,
    read_until: datetime,
    period: tuple[date, date] | None = None,
) -> Figures:
    """Compute everything anew. `readings` are the values of each local day, in order of time."""
    zone, today = question.zone, now.astimezone(question.zone).date()
    starts_on, ends_on = period or bounds(question, today)
    start, end = midnight(starts_on, zone), midnight(ends_on, zone)
    until = min(max(read_until, start), end)
    course = _course(question, {day: readings[day] for day in sorted(readings) if starts_on <= day < ends_on})
    value = list(course.values())[-1] if course else None
    settled_on = next((day for day, so_far in course.items() if question.settles(so_far)), None)
    share, left = _progress(question, starts_on, ends_on, until)
    pace = _pace(question, share)
    asks = question.aggregation == "sum" and settled_on is None and now < end and left > 0
    return Figures(
        starts_on=starts_on,
        ends_on=ends_on,
        value=value,
        pace=pace,
        gap=None if value is None else value - pace,
        required=(question.aim - (value or 0.0)) / left if asks else None,
        recent=_recent(question, readings, read_until.astimezone(zone).date()),
        days_left=max((ends_on - today).days - 1, 0),
        settled_on=settled_on,
        met=None if value is None else question.meets(value),
        course=course,
    )


def _first(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)


def _course(question: Question, days: dict[date, list[float]]) -> dict[date, float]:
    so_far: list[float] = []
    course = {}
    for day, values in days.items():
        so_far += values
        course[day] = FORMED[question.aggregation](so_far)
    return course


def _progress(question: Question, starts_on: date, ends_on: date, until: datetime) -> tuple[float, float]:
    """The share of the way that should be behind, and the days left; working days where those are asked for."""
    days = [starts_on + number * DAY for number in range((ends_on - starts_on).days)]
    passed = {day: _passed(midnight(day, question.zone), midnight(day + DAY, question.zone), until) for day in days}
    working = [day for day in days if day.weekday() in WORKING_DAYS]
    if question.profile == "working_days" and working:
        return sum(passed[day] for day in working) / len(working), sum(1 - passed[day] for day in working)
    share = _passed(midnight(starts_on, question.zone), midnight(ends_on, question.zone), until)
    return share, sum(1 - passed[day] for day in days)


def _passed(start: datetime, end: datetime, until: datetime) -> float:
    return min(max((until - start) / (end - start), 0.0), 1.0)


def _pace(question: Question, share: float) -> float:
    if question.aggregation == "sum":
        return question.aim * share
    if question.start_value is None:
        return question.aim
    return question.start_value + (question.aim - question.start_value) * share


def _recent(question: Question, readings: dict[date, list[float]], unfinished: date) -> float | None:
    """What the last four weeks brought per day of data; for a mean, the mean of their readings."""
    whole = sorted(day for day in readings if day < unfinished)
    window = [day for day in whole if day > whole[-1] - 28 * DAY]
    if question.aggregation == "sum" and window:
        every = [day for day in window if day.weekday() in WORKING_DAYS or question.profile == "linear"]
        return sum(sum(readings[day]) for day in window) / len(every) if every else None
    values = [value for day in window for value in readings[day]]
    return sum(values) / len(values) if question.aggregation == "mean" and values else None
