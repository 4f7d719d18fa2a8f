"""The rows a feed could not read, and changes of its answers' shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors import shape_words
from connectors.paths.read import affected, is_mended
from organisations.languages import clock, grouped

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.models import Feed, ShapeChange
    from organisations.access import Access


def of(access: Access, feed: Feed, now: datetime) -> dict[str, Any]:
    """Return what the page shows: how many rows the last check set aside, and what is missing from the answers."""
    last = feed.collections.exclude(finished_at=None).first()
    change = feed.shape_changes.filter(matters=True).first()
    return {
        "refused": last.refused if last else 0,
        "count": grouped(last.refused) if last else "",
        "change": _view(access, feed, change, now) if change else None,
    }


def _view(access: Access, feed: Feed, change: ShapeChange, now: datetime) -> dict[str, Any] | None:
    """Return a change as it is shown; None once all that was read is there again, or read elsewhere."""
    change.feed = feed
    if is_mended(change):
        return None
    return {
        "when": clock(change.at, now=now, zone=access.zone),
        "sentences": [shape_words.sentence(change), *shape_words.successors(change)],
        "metrics": affected(change),
    }
