"""The parts of a connection's page: each knows one thing about the connection or about one of its feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.panels import back_fills, calls, curls, limits, records, rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from connectors.models import Connection, Feed
    from organisations.access import Access


def of_connection(access: Access, row: Connection, now: datetime) -> dict[str, Any]:
    """Return what the page says of a connection as a whole: its limits and circuit, and its calls."""
    return {"limits": limits.of(access, row, now), "calls": calls.of(access, row, now)}


def of_feeds(access: Access, feeds: Sequence[Feed], now: datetime) -> dict[int, dict[str, Any]]:
    """Return by feed what the page says of each: its records, its rows, its past, and how to ask it by hand."""
    return {
        feed.pk: {
            "records": records.of(access, feed, now),
            "rows": rows.of(access, feed, now),
            "back_fill": back_fills.of(access, feed, now),
            "curl": curls.of(feed, now),
        }
        for feed in feeds
    }
