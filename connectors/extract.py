"""From rows to points, for every kind the same. Pure.

Nothing is lost silently: a row that cannot be read is refused with a reason, and counted. Several rows of the same time
and segment become one point: where the metric's values are amounts that add up, it is their sum; otherwise the last row
counts, as with a source that corrects itself. So rows of one answer may come in any order unless they contradict.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors import times
from connectors.errors import Misconfigured
from connectors.numerals import number
from connectors.paths import Look, look_up
from connectors.problems import Problem, Unreadable, problem
from connectors.times import Moment

LONGEST_SEGMENT = 100
MOST_REASONS = 50
AHEAD = timedelta(days=1)  # tomorrow's date is today's somewhere; anything later has not been measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Where a metric stands in the rows of its feed, and what its values are.

    The paths are JMESPath, seen from a row. An empty `value_path` takes the row itself, an empty `at_path` the time of
    the call. `at_format` is a format of `connectors.times`; times without a zone are meant in `zone`. Every value is
    multiplied by `scale`. `adds_up`: rows of the same time and segment are amounts to be summed.
    """

    at_path: str = ""
    at_format: str = times.AUTO
    value_path: str = ""
    segment_path: str = ""
    scale: float = 1.0
    zone: ZoneInfo
    adds_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One value at a time (aware, UTC; 00:00 UTC of its date for a whole day) and segment (empty for none)."""

    at: datetime
    whole_day: bool
    segment: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What the rows gave.

    `points` are in order of time, one for each time and segment. `refused` says why rows were set aside, by their
    number in the answer, for the first `MOST_REASONS` of `refused_count`. `merged` rows went into the point of another.
    """

    points: list[Point] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    refused_count: int = 0
    merged: int = 0


@dataclass(frozen=True, slots=True)
class _Eyes:
    """A reading whose paths are compiled."""

    reading: Reading
    value: Look
    at: Look | None
    segment: Look | None


def extract(rows: Iterable[Any], reading: Reading, *, now: datetime) -> Extracted:
    """Return the points that `rows` hold for one metric. Raises Misconfigured for a reading that cannot be followed."""
    eyes = _eyes(reading)
    groups: dict[tuple[datetime, str], list[Point]] = {}
    reasons: list[Problem] = []
    for place, row in enumerate(rows, start=1):
        try:
            point = _point(row, eyes, now=now)
            groups.setdefault((point.at, point.segment), []).append(point)
        except Unreadable as error:
            reasons.append(problem("row_refused", place=place, why=error.problem))
    points, overflowing = _merged(groups, adds_up=reading.adds_up)
    refused = reasons + overflowing
    return Extracted(
        points=points,
        refused=refused[:MOST_REASONS],
        refused_count=len(refused),
        merged=sum(len(group) - 1 for group in groups.values()),
    )


def _eyes(reading: Reading) -> _Eyes:
    try:
        times.check_format(reading.at_format)
    except ValueError:
        raise Misconfigured(problem("no_time_format", text=reading.at_format)) from None
    try:
        return _Eyes(
            reading=reading,
            value=look_up(reading.value_path),
            at=look_up(reading.at_path) if reading.at_path else None,
            segment=look_up(reading.segment_path) if reading.segment_path else None,
        )
    except Unreadable as error:
        raise Misconfigured(error.problem) from None


def _point(row: Any, eyes: _Eyes, *, now: datetime) -> Point:
    moment = _moment(row, eyes, now=now)
    value = number(eyes.value(row)) * eyes.reading.scale
    if not math.isfinite(value):
        raise Unreadable(problem("value_too_large"))
    segment = _segment(eyes.segment(row)) if eyes.segment else ""
    return Point(at=moment.at, whole_day=moment.whole_day, segment=segment, value=value)


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


def _merged(groups: dict[tuple[datetime, str], list[Point]], *, adds_up: bool) -> tuple[list[Point], list[Problem]]:
    points: list[Point] = []
    overflowing: list[Problem] = []
    for _key, group in sorted(groups.items()):
        if not adds_up or len(group) == 1:
            points.append(group[-1])
            continue
        total = _sum(point.value for point in group)
        if math.isfinite(total):
            whole_day = all(point.whole_day for point in group)
            points.append(Point(at=group[0].at, whole_day=whole_day, segment=group[0].segment, value=total))
        else:
            overflowing += [problem("sum_too_large", count=len(group), day=f"{group[0].at:%Y-%m-%d}")] * len(group)
    return points, overflowing


def _sum(values: Iterable[float]) -> float:
    """Add up exactly, so that the order does not matter."""
    try:
        return math.fsum(values)
    except OverflowError:
        return math.inf
