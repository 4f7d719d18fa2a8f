"""What the tests of pages stand on: metrics with readings and targets that were really judged, at one fixed moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from connectors.extract import Point
from connectors.models import Connection, Feed
from organisations.models import Organisation
from targets.judging import judge_target
from targets.models import Metric, Target
from targets.recording import record_points

NOW = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)  # a Friday afternoon in Berlin
TODAY = date(2026, 11, 20)
ONE_DAY = timedelta(days=1)


@pytest.fixture
def friday() -> Iterator[None]:
    """Stop the clock on Friday 20 November 2026 at 14:30 in Berlin."""
    with time_machine.travel(NOW, tick=False):
        yield


def a_feed(organisation: Organisation, *, kind: str = "push", name: str = "Typed in", **fields: Any) -> Feed:
    """Return a feed, its connection made when it is missing; typed-in numbers are expected every day."""
    connection, _ = Connection.unscoped.get_or_create(organisation=organisation, name=name, defaults={"kind": kind})
    defaults = {"every": 24 * 60, "due_at": None} | fields
    feed, _ = Feed.unscoped.get_or_create(connection=connection, name="Daily", defaults=defaults)
    return feed


def a_metric(
    organisation: Organisation,
    name: str = "Sign-ups",
    *,
    days: Sequence[float] = (),
    feed: Feed | None = None,
    **fields: Any,
) -> Metric:
    """Return a metric with one reading a day, the last of them yesterday."""
    metric = Metric.unscoped.create(
        organisation=organisation, feed=feed or a_feed(organisation), name=name, **({"value_path": "value"} | fields)
    )
    first = TODAY - len(days) * ONE_DAY
    record_points(metric, [whole_day(first + place * ONE_DAY, value) for place, value in enumerate(days)], now=NOW)
    metric.refresh_from_db()
    return metric


def whole_day(on: date, value: float) -> Point:
    """Return the reading of a whole day."""
    return Point(at=datetime(on.year, on.month, on.day, tzinfo=UTC), whole_day=True, segment="", value=value)


def a_target(metric: Metric, *, goal: float, name: str = "", **fields: Any) -> Target:
    """Return a target on the metric, judged at the fixed moment."""
    target = Target.unscoped.create(
        organisation=metric.organisation,
        metric=metric,
        name=name or metric.name,
        goal=goal,
        **({"tracking_since": date(2026, 1, 1)} | fields),
    )
    judge_target(target.pk, NOW)
    target.refresh_from_db()
    return target
