"""What a feed keeps of one answer for the next call: how long it holds, and what an answer means that nothing changed.

A cursor goes with the query that brought it: another query begins anew. Asking only for what has changed goes with all
by which the answer before was read, and with every metric still having what it then gave: otherwise the whole answer is
asked for.

An answer that nothing has changed stands for the same answer once more. So a reading that has no time of its own is
read again: a level is confirmed, a total or an amount counted, at the moment of this call. Where rows say their time
the same readings would come again, which changes nothing, but that amounts are known up to now.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder

from connectors.extract import Point
from targets.models.metric import ReadAs

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    from connectors.models import Feed
    from connectors.protocol import Page
    from targets.models import Metric, Observation

# of what is kept: by which query, how it was read, when the whole answer came, and when the cursor began
ASKED, READ, WHOLE_AT, BEGUN_AT = "asked", "read", "whole_at", "begun_at"
TRUSTED_FOR = timedelta(days=1)  # some services go on saying that nothing has changed


def take_up(feed: Feed, now: datetime) -> dict[str, str]:
    """Leave of a feed's cursor and validators what still holds; returns what tells that later, where there are any."""
    if not feed.validators:
        return {}
    marks = {**_marks(feed), WHOLE_AT: feed.validators.get(WHOLE_AT, "")}
    if feed.validators.get(ASKED, marks[ASKED]) != marks[ASKED]:
        feed.cursor = None
    if feed.cursor is not None:
        marks[BEGUN_AT] = feed.validators.get(BEGUN_AT, "")
    if feed.validators.get(READ) != marks[READ] or _is_old(marks[WHOLE_AT], now) or not _can_be_confirmed(feed):
        feed.validators = {}
    return marks


def kept(page: Page, feed: Feed, marks: Mapping[str, str], now: datetime) -> dict[str, str]:
    """Return what is kept of an answer as validators; nothing where nothing of it is gone on from.

    `marks` are those of before the call; a whole answer that was asked for without any is marked by how it was read.
    """
    if not page.validators and page.cursor is None:
        return {}
    whole_at = marks[WHOLE_AT] if page.unchanged else now.isoformat()
    begun_at = marks.get(BEGUN_AT) or now.isoformat()
    return {**page.validators, **(marks or _marks(feed)), WHOLE_AT: whole_at, BEGUN_AT: begun_at}


def going_on_since(marks: Mapping[str, str]) -> datetime | None:
    """Return when the cursor began that a collection goes on from; None where it begins anew."""
    return datetime.fromisoformat(marks[BEGUN_AT]) if marks.get(BEGUN_AT) else None


def confirmed(metric: Metric, at: datetime) -> list[Point]:
    """Return what the last answer gave, as readings of another moment; of a counter, where it stood."""
    if metric.read_as == ReadAs.COUNTER:
        states = metric.counters.items()
        return [Point(at=at, whole_day=False, segment=segment, value=state["value"]) for segment, state in states]
    rows = _latest(metric)
    return [Point(at=at, whole_day=False, segment=row.segment, value=row.value, weight=row.weight) for row in rows]


def _marks(feed: Feed) -> dict[str, str]:
    metrics = sorted(feed.metrics.all(), key=lambda each: each.pk)
    return {ASKED: _hash(feed.query), READ: _hash([_settings(feed), *map(_settings, metrics)])}


def _is_old(whole_at: str, now: datetime) -> bool:
    return not whole_at or now - datetime.fromisoformat(whole_at) >= TRUSTED_FOR


def _can_be_confirmed(feed: Feed) -> bool:
    """Say whether every metric has what the last answer gave; rows that are kept as records stand for themselves."""
    metrics = list(feed.metrics.all())
    return bool(metrics) and not feed.keeps_records and all(_has_it(metric, feed) for metric in metrics)


def _has_it(metric: Metric, feed: Feed) -> bool:
    """Say whether the latest reading is one that was fetched, and not typed in or corrected since."""
    if feed.at_path:
        return metric.last_at is not None
    if metric.read_as == ReadAs.COUNTER:
        return bool(metric.counters)
    latest = _latest(metric)
    return latest.exists() and not latest.filter(collection=None).exists()


def _latest(metric: Metric) -> QuerySet[Observation]:
    """Return the latest readings, one of each segment."""
    return metric.observations.filter(at=metric.last_at) if metric.last_at else metric.observations.none()


def _settings(row: Model) -> dict[str, Any]:
    """Return what people decide about a row; what is found out in running is not editable."""
    return {field.attname: field.value_from_object(row) for field in row._meta.concrete_fields if field.editable}


def _hash(value: Any) -> str:
    return sha256(json.dumps(value, sort_keys=True, cls=DjangoJSONEncoder).encode()).hexdigest()
