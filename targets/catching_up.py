"""Whether some of the past is yet to come: until it is there no period is closed, and no change is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors.models import Record
from connectors.models.feed import Asks
from targets.record_rows import reads_answers

if TYPE_CHECKING:
    from connectors.models import Feed
    from targets.models import Target

LONGEST = timedelta(days=7)  # a past that got stuck for this long is taken as it is
BEHIND = timedelta(hours=1)  # a stretch of time that was asked for until then is the present


def is_catching_up(target: Target, now: datetime) -> bool:
    """Say whether the readings of a target's past are still being fetched, or wait for a service's answers."""
    return _is_walking(target.metric.feed, now) or _waits_for_answers(target, now)


def _is_walking(feed: Feed, now: datetime) -> bool:
    """Say whether the feed is on its way through its history, so that later readings are yet to come."""
    if feed.answered_at is None or now - feed.answered_at > LONGEST:
        return False
    if feed.asks == Asks.NOW:
        return feed.is_cut_short
    return feed.covered_until is not None and feed.answered_at - feed.covered_until > BEHIND


def _waits_for_answers(target: Target, now: datetime) -> bool:
    """Say whether records from before the target still wait to be enriched with what it reads."""
    if now - target.created_at > LONGEST or not reads_answers(target.metric):
        return False
    waiting = target.metric.feed.records.filter(state=Record.State.WAITING, at__lt=target.created_at)
    return bool(waiting.exists())
