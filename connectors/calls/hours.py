"""Adding the calls of each hour up, for everybody, so that the log can be thinned and its trend stays.

Every run takes up where the last one ended, hour by hour, and looks again at the last hours for calls that were written
down late. Nothing is lost when a run is killed: the hour it was at is added up again, and comes out the same.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Max, Min

from connectors.calls.tallies import Tally, hour_of
from connectors.models import CallHour, CallRecord

if TYPE_CHECKING:
    from organisations.tenancy import TenantQuerySet

ONE_HOUR = timedelta(hours=1)
LATE = timedelta(hours=3)  # a call is written down when it ends; so long after an hour its calls are still counted
SUMS = ["calls", "failed", "took", "size", "durations", "reasons"]


def add_up(now: datetime) -> int:
    """Add up every hour that is over; returns how many rows were written."""
    over, written = hour_of(now), 0
    hour = _next(_last_added(over) - LATE, over)
    while hour is not None:
        written += _add_up(hour)
        hour = _next(hour + ONE_HOUR, over)
    return written


def _last_added(over: datetime) -> datetime:
    latest: datetime | None = CallHour.unscoped.filter(hour__lt=over).aggregate(latest=Max("hour"))["latest"]
    return latest or over - timedelta(days=10_000)


def _next(since: datetime, until: datetime) -> datetime | None:
    """Return the next hour with a call."""
    first: datetime | None = _between(since, until).aggregate(first=Min("at"))["first"]
    return hour_of(first) if first else None


def _between(since: datetime, until: datetime) -> TenantQuerySet[CallRecord]:
    return CallRecord.unscoped.filter(at__gte=since, at__lt=until).order_by()


def _add_up(hour: datetime) -> int:
    """Write what the calls of one hour add up to; an hour from which calls went meanwhile is left as it was."""
    known = dict(CallHour.unscoped.filter(hour=hour).values_list("connection", "calls"))
    found = {connection: Tally.of(calls) for connection, calls in _calls_of(hour).items()}
    rows = [_row(pk, hour, tally) for pk, tally in found.items() if tally.calls > known.get(pk, 0)]
    CallHour.unscoped.bulk_create(
        rows, update_conflicts=True, unique_fields=["connection", "hour"], update_fields=SUMS, batch_size=500
    )
    return len(rows)


def _calls_of(hour: datetime) -> dict[int, list[tuple[float, int, str]]]:
    calls: dict[int, list[tuple[float, int, str]]] = defaultdict(list)
    rows = _between(hour, hour + ONE_HOUR).values_list("connection", "took", "size", "reason")
    for connection, took, size, reason in rows.iterator():
        calls[connection].append((took, size, reason))
    return calls


def _row(connection: int, hour: datetime, tally: Tally) -> CallHour:
    return CallHour(
        connection_id=connection,
        hour=hour,
        calls=tally.calls,
        failed=tally.failed,
        took=tally.took,
        size=tally.size,
        durations=dict(tally.durations),
        reasons=dict(tally.reasons),
    )
