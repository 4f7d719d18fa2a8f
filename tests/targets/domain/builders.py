"""Plans, series and moments with everything in them that a test does not care about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from targets.domain.periods import Calendar, PeriodRule
from targets.domain.plan import Plan
from targets.domain.series import Floats, Row, Series
from targets.domain.terms import Aggregation, Comparison, PeriodKind, ValueKind

T = TypeVar("T")
Values = Sequence[float | None] | Floats

BERLIN = ZoneInfo("Europe/Berlin")
MONTH = PeriodRule(kind=PeriodKind.MONTH)


def present(value: T | None) -> T:
    """What may be unknown, where it has to be known."""
    assert value is not None
    return value


def on(text: str) -> date:
    """The date of an ISO text."""
    return date.fromisoformat(text)


def at(text: str, zone: str = "Europe/Berlin") -> datetime:
    """The moment when the wall in a zone shows an ISO text."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def calendar(zone: str = "Europe/Berlin", **changes: Any) -> Calendar:
    """A calendar with weeks from Monday and years from January."""
    return Calendar(zone=ZoneInfo(zone), **changes)


def a_range(starts_on: str, ends_on: str) -> PeriodRule:
    """A fixed range, its end not included."""
    return PeriodRule(kind=PeriodKind.RANGE, starts_on=on(starts_on), ends_on=on(ends_on))


def plan(**changes: Any) -> Plan:
    """At least 300 a month, summed, in Berlin."""
    asked: dict[str, Any] = {
        "value_kind": ValueKind.FLOW,
        "aggregation": Aggregation.SUM,
        "comparison": Comparison.AT_LEAST,
        "goal": 300.0,
        "rule": MONTH,
        "calendar": calendar(),
        "seed": "a metric",
    }
    return Plan(**asked | changes)


def level(**changes: Any) -> Plan:
    """At least 300 at the month's end, the latest reading of a level."""
    return plan(**{"value_kind": ValueKind.LEVEL, "aggregation": Aggregation.LATEST} | changes)


def running(**changes: Any) -> Plan:
    """At least 300 a month, of which the source reports the total so far."""
    return plan(**{"value_kind": ValueKind.RUNNING, "aggregation": Aggregation.LATEST} | changes)


def row(day: date, value: float) -> Row:
    """A day with one reading."""
    return (day, value, 1, value, value, value)


def rows(first: str, values: Values) -> list[Row]:
    """One reading a day from a first day on; None is a day without."""
    days = [on(first) + timedelta(days=index) for index in range(len(values))]
    return [row(day, value) for day, value in zip(days, values, strict=True) if value is not None]


def daily(first: str, values: Values, *, read_until: datetime | None = None) -> Series:
    """A series with one reading a day; without `read_until` the last day is read to its end."""
    return Series.of(rows(first, values), read_until=read_until)
