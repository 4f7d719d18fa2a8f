"""From rows to points, for every kind the same. Pure.

Nothing is lost silently: a row that cannot be read is refused with a reason, and counted, and so is one that a
condition leaves out. Several rows of the same time and segment become one point: where the metric's values are amounts
that add up, it is their sum; of a ratio, the sum of what is divided by the sum of what it is divided by; of a counter,
which only grows, the highest; otherwise the last row counts, as with a source that corrects itself. So rows of one
answer may come in any order unless they contradict.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.errors import Misconfigured
from connectors.paths import Look, is_condition, look_up
from connectors.problems import Problem, Unreadable, problem
from connectors.sifting import Aside, Meets, Placed, condition, numbered
from connectors.written import times, values
from connectors.written.times import Moment

LONGEST_SEGMENT = 100
MOST_REASONS = 50
AHEAD = timedelta(days=1)  # tomorrow's date is today's somewhere; anything later has not been measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Where a metric stands in the rows of its feed, and what its values are.

    The paths are JMESPath, seen from a row. An empty `value_path` takes the row itself, an empty `at_path` the time of
    the call. `weight_path` is where a row holds what the value is divided by; empty for no ratio. `row_filter` is a
    condition that a row has to fulfil. `at_format` is a format of `written.times`, `number_format` one of
    `written.values`; money has to be in the currency that `unit` names, if it names one. Times without a zone are
    meant in `zone`. Every value is multiplied by `scale`. `adds_up`: rows of the same time and segment are amounts to
    be summed. `only_grows`: they are counters, of which the highest counts.
    """

    at_path: str = ""
    at_format: str = times.AUTO
    value_path: str = ""
    weight_path: str = ""
    number_format: str = values.AUTO
    segment_path: str = ""
    row_filter: str = ""
    scale: float = 1.0
    unit: str = ""
    zone: ZoneInfo
    adds_up: bool = False
    only_grows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One value at a time (aware, UTC; 00:00 UTC of its date for a whole day) and segment (empty for none).

    `weight` is how much it counts in a mean: what it was divided by, or how many records it stands for.
    """

    at: datetime
    whole_day: bool
    segment: str
    value: float
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What became of one row: a point, or the reason why it was set aside; neither where it is not meant.

    `amount` is the value before it was divided, scaled; of a point that is no ratio, the value.
    """

    place: int
    row: Any
    point: Point | None = None
    amount: float = 0.0
    why: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What the rows gave.

    `points` are in order of time, one for each time and segment. `aside` are the first `MOST_REASONS` of
    `refused_count` rows that were set aside. `merged` rows went into the point of another; `left_out` are not meant.
    """

    points: list[Point] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)
    refused_count: int = 0
    merged: int = 0
    left_out: int = 0

    @property
    def refused(self) -> list[Problem]:
        """Why rows were set aside, each with its number in the answer."""
        return [each.reason for each in self.aside]


@dataclass(frozen=True, slots=True)
class _Eyes:
    """A reading whose paths are compiled."""

    reading: Reading
    meets: Meets
    value: Look
    weight: Look | None
    at: Look | None
    segment: Look | None
    compares: bool


def extract(rows: Iterable[Any], reading: Reading, *, now: datetime) -> Extracted:
    """Return the points that `rows` hold for one metric. Raises Misconfigured for a reading that cannot be followed."""
    return extract_placed(numbered(rows), reading, now=now)


def extract_placed(rows: Iterable[Placed], reading: Reading, *, now: datetime) -> Extracted:
    """Return the same for rows that know which ones of the answer they are."""
    return gathered(read_each(rows, reading, now=now), reading)


def read_each(rows: Iterable[Placed], reading: Reading, *, now: datetime) -> list[Read]:
    """Return what becomes of each row. Raises Misconfigured for a reading that cannot be followed."""
    eyes = _eyes(reading)
    return [_read(each, eyes, now=now) for each in rows]


def gathered(read: Sequence[Read], reading: Reading) -> Extracted:
    """Make one point of all rows of the same time and segment."""
    groups: dict[tuple[datetime, str], list[Read]] = {}
    aside = [Aside(each.place, each.row, each.why) for each in read if each.why is not None]
    for each in read:
        if each.point is not None:
            groups.setdefault((each.point.at, each.point.segment), []).append(each)
    points, overflowing = _merged(groups, reading)
    aside = sorted([*aside, *overflowing], key=lambda each: each.place)
    return Extracted(
        points=points,
        aside=aside[:MOST_REASONS],
        refused_count=len(aside),
        merged=sum(len(group) for group in groups.values()) - len(points) - len(overflowing),
        left_out=sum(each.point is None and each.why is None for each in read),
    )


def _eyes(reading: Reading) -> _Eyes:
    try:
        times.check_format(reading.at_format)
    except ValueError:
        raise Misconfigured(problem("no_time_format", text=reading.at_format)) from None
    try:
        return _Eyes(
            reading=reading,
            meets=condition(reading.row_filter),
            value=look_up(reading.value_path),
            weight=look_up(reading.weight_path) if reading.weight_path else None,
            at=look_up(reading.at_path) if reading.at_path else None,
            segment=look_up(reading.segment_path) if reading.segment_path else None,
            compares=is_condition(reading.value_path),
        )
    except Unreadable as error:
        raise Misconfigured(error.problem) from None


def _read(placed: Placed, eyes: _Eyes, *, now: datetime) -> Read:
    place, row = placed.place, placed.row
    try:
        if not eyes.meets(row):
            return Read(place=place, row=row)
        moment = _moment(row, eyes, now=now)
        amount, weight = _amount(row, eyes), _weight(row, eyes)
        point = Point(
            at=moment.at,
            whole_day=moment.whole_day,
            segment=_segment(eyes.segment(row)) if eyes.segment else "",
            value=_within_bounds(amount / weight),
            weight=weight,
        )
        return Read(place=place, row=row, point=point, amount=amount)
    except Unreadable as error:
        return Read(place=place, row=row, why=error.problem)


def _amount(row: Any, eyes: _Eyes) -> float:
    reading = eyes.reading
    found = values.value_of(eyes.value(row), reading.number_format, unit=reading.unit, is_condition=eyes.compares)
    if reading.only_grows and found < 0:
        raise Unreadable(problem("counter_below_zero"))
    return _within_bounds(found * reading.scale)


def _weight(row: Any, eyes: _Eyes) -> float:
    """Return what the value is divided by; one where it is not divided."""
    if eyes.weight is None:
        return 1.0
    try:
        found = values.value_of(eyes.weight(row), eyes.reading.number_format)
    except Unreadable as error:
        raise Unreadable(problem("weight_unreadable", why=error.problem)) from None
    if found <= 0:
        raise Unreadable(problem("weight_not_positive", value=found))
    return found


def _within_bounds(value: float) -> float:
    if not math.isfinite(value):
        raise Unreadable(problem("value_too_large"))
    return value


def _moment(row: Any, eyes: _Eyes, *, now: datetime) -> Moment:
    if eyes.at is None:
        return Moment(now.astimezone(UTC), whole_day=False)
    moment = times.read(eyes.at(row), fmt=eyes.reading.at_format, zone=eyes.reading.zone)
    if moment.at > now + AHEAD:
        raise Unreadable(problem("time_in_future", time=f"{moment.at:%Y-%m-%d %H:%M}"))
    return moment


def _segment(value: Any) -> str:
    if isinstance(value, dict | list):
        raise Unreadable(problem("segment_something_else"))
    text = "" if value is None else " ".join(str(value).split())
    if len(text) > LONGEST_SEGMENT:
        raise Unreadable(problem("segment_too_long", most=LONGEST_SEGMENT))
    if not text.isprintable():
        raise Unreadable(problem("segment_unshowable"))
    return text


def _merged(groups: dict[tuple[datetime, str], list[Read]], reading: Reading) -> tuple[list[Point], list[Aside]]:
    points: list[Point] = []
    overflowing: list[Aside] = []
    together = _together(reading)
    for _key, group in sorted(groups.items(), key=lambda item: item[0]):
        point = together(group) if len(group) > 1 else group[0].point
        if point is not None and math.isfinite(point.value):
            points.append(point)
        else:
            overflowing += _overflowing(group)
    return points, overflowing


def _together(reading: Reading) -> Callable[[Sequence[Read]], Point | None]:
    """Return how several rows of the same time and segment become one point."""
    if reading.weight_path:
        return lambda group: _ratio(group)
    if reading.adds_up:
        return lambda group: _point(group, _sum(each.amount for each in group))
    if reading.only_grows:
        return lambda group: _point(group, max(each.amount for each in group))
    return lambda group: group[-1].point


def _ratio(group: Sequence[Read]) -> Point | None:
    weight = _sum(each.point.weight for each in group if each.point)
    amount = _sum(each.amount for each in group)
    return _point(group, amount / weight, weight=weight) if math.isfinite(weight) else None


def _point(group: Sequence[Read], value: float, *, weight: float = 1.0) -> Point:
    """Return one point in the place of several; it is for the whole day where all of them are."""
    points = [each.point for each in group if each.point]
    whole_day = all(point.whole_day for point in points)
    return Point(at=points[0].at, whole_day=whole_day, segment=points[0].segment, value=value, weight=weight)


def _overflowing(group: Sequence[Read]) -> list[Aside]:
    day = f"{group[0].point.at:%Y-%m-%d}" if group[0].point else ""
    return [Aside(each.place, each.row, problem("sum_overflows", count=len(group), day=day)) for each in group]


def _sum(values: Iterable[float]) -> float:
    """Add up exactly, so that the order does not matter."""
    try:
        return math.fsum(values)
    except OverflowError:
        return math.inf
