"""How fetching a past range again is going."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connectors.models import BackFill
from connectors.models.feed import Asks
from organisations.languages import day, grouped, percent

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.models import Feed
    from organisations.access import Access

OPEN = [BackFill.State.RUNNING, BackFill.State.PAUSED]


def of(access: Access, feed: Feed, now: datetime) -> dict[str, Any]:
    """Return what the page shows: whether a past range can be asked for, and the last one with its progress."""
    last = feed.back_fills.first()
    return {"can": feed.collects and feed.asks != Asks.NOW, "last": view(access, last, now) if last else None}


def view(access: Access, row: BackFill, now: datetime) -> dict[str, Any]:
    """Return one back-fill as it is shown."""
    today = now.astimezone(access.zone).date()
    first, last = (moment.astimezone(access.zone).date() for moment in (row.since, row.until - timedelta.resolution))
    return {
        "row": row,
        "first": day(first, today=today),
        "last": day(last, today=today),
        "percent": (done := percent_done(row)),
        "percent_in_words": percent(done / 100),
        "readings": grouped(row.readings),
        "is_open": row.state in OPEN,
        "is_paused": row.state == BackFill.State.PAUSED,
        "word": str(BackFill.State(row.state).label),
    }


def percent_done(row: BackFill) -> int:
    """Return how much of the range has been fetched, in whole percent, rounded down."""
    whole = row.until - row.since
    return int(100 * ((row.done_until - row.since) / whole)) if whole else 100
