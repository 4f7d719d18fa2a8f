"""What is thinned with age, in batches; readings, verdicts and changes of status are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.calls.hours import add_up
from connectors.models import CallHour, CallRecord, Collection, Connection, Record
from connectors.records import past_their_age

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

KEEP_HOURS = timedelta(days=400)
KEEP_COLLECTIONS = timedelta(days=90)
BATCH = 2000


def thin(now: datetime) -> int:
    """Delete calls, their hours, records and collections that are past their age; returns how many rows went.

    How long calls stay is a rule of their connection. They are added up first, so that their trend stays.
    """
    add_up(now)
    hours = CallHour.unscoped.filter(hour__lt=now - KEEP_HOURS)
    collections = Collection.unscoped.filter(started_at__lt=now - KEEP_COLLECTIONS)
    old_records = past_their_age(Record.unscoped.all(), now)
    return sum(map(_delete, [*_old_calls(now), *old_records, hours, collections]))


def _old_calls(now: datetime) -> Iterator[QuerySet[Any]]:
    """Yield the calls that are too old, for each length of time that some connection keeps them."""
    for days in Connection.unscoped.order_by().values_list("keep_calls_days", flat=True).distinct():
        yield CallRecord.unscoped.filter(connection__keep_calls_days=days, at__lt=now - timedelta(days=days))


def _delete(rows: QuerySet[Any]) -> int:
    gone = 0
    while batch := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        rows.filter(pk__in=batch).delete()
        gone += len(batch)
    return gone
