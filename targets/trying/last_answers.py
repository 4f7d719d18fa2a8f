"""What a feed's source answered last when somebody tried it, kept for a while so that it is not asked twice."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

from django.core.cache import cache

from connectors.trials import Result, tried_feed

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.models import Feed

WAITS = 30 * 60  # seconds


def last_answer(feed: Feed, now: datetime) -> Result:
    """Return what the source answered last, secrets masked; it is asked where nothing is kept."""
    kept: Result | None = cache.get(_place(feed))
    if kept is not None:
        return kept
    result = tried_feed(feed, now)
    cache.set(_place(feed), result, WAITS)
    return result


def forget(feed: Feed) -> None:
    """Let the source be asked the next time."""
    cache.delete(_place(feed))


def _place(feed: Feed) -> str:
    """Return where the answer waits: another question has another answer. Where its rows are is no part of it."""
    asked = {name: value for name, value in feed.query.items() if name != "rows"}
    return f"feed-answer:{feed.pk}:{sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]}"
