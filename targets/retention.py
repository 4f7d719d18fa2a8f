"""What is thinned with age, in batches; readings, verdicts and changes of status are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.models import CallRecord, Collection

if TYPE_CHECKING:
    from django.db.models import QuerySet

KEEP_CALLS = timedelta(days=30)
KEEP_COLLECTIONS = timedelta(days=90)
BATCH = 2000


def thin(now: datetime) -> int:
    """Delete calls and collections that are past their age; returns how many rows went."""
    calls = CallRecord.unscoped.filter(at__lt=now - KEEP_CALLS)
    collections = Collection.unscoped.filter(started_at__lt=now - KEEP_COLLECTIONS)
    return _delete(calls) + _delete(collections)


def _delete(rows: QuerySet[Any]) -> int:
    gone = 0
    while batch := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        rows.filter(pk__in=batch).delete()
        gone += len(batch)
    return gone
