"""When things are due: feeds, judgements, and how late the scheduler is."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber

from connectors.models import BackFill, Enrichment, Feed
from connectors.rhythms import following
from targets.models import Metric, Target

if TYPE_CHECKING:
    from connectors.errors import FetchError
    from organisations.access import Access

MOST_RINGS = 2000  # feeds rung for in one tick
RING_AGAIN = timedelta(
    seconds=min(60, settings.COLLECTION_LEASE)
)  # what a lost message costs; its expiry too, so that none pile up
FIRST_PAUSE = timedelta(minutes=1)  # after the first failure; doubled with each one that follows
LONGEST_PAUSE = timedelta(hours=6)
PERMANENT_PAUSE = timedelta(hours=24)  # an address that is gone is asked once a day
LATE_AFTER = timedelta(
    minutes=5
)  # a feed that waits longer than this shows that the scheduler or the workers stand still
MOST_JUDGED = 200  # targets judged in one tick because the clock moved on


def ring_for(now: datetime) -> list[int]:
    """Choose the feeds to ring for, oldest due first, fair between organisations, and note that they were rung for."""
    waiting = Feed.unscoped.filter(
        Q(lease_until=None) | Q(lease_until__lt=now),
        Q(rung_at=None) | Q(rung_at__lt=now - RING_AGAIN),
        due_at__lte=now,
        paused_at=None,
    )
    turn = Window(RowNumber(), partition_by=F("connection__organisation"), order_by=F("due_at").asc())
    chosen = list(waiting.annotate(turn=turn).order_by("turn", "due_at").values_list("pk", flat=True)[:MOST_RINGS])
    for start in range(0, len(chosen), 500):
        Feed.unscoped.filter(pk__in=chosen[start : start + 500]).update(rung_at=now)
    return chosen


def is_due(feed_id: int, now: datetime) -> bool:
    """Say whether a feed has more to collect at once."""
    return Feed.unscoped.filter(pk=feed_id, due_at__lte=now, paused_at=None).exists()


def next_due(feed: Feed, now: datetime) -> datetime | None:
    """Return the feed's next slot after `now`; slots that were missed coalesce into the one that just ran.

    None where none comes by itself: a report makes the feed due, or its schedule has no slot any more.
    """
    if feed.rhythm is None:
        return None
    try:
        return following(feed.rhythm, feed.due_at or now, now)
    except ValueError:
        return None


def next_try(feed: Feed, failure: FetchError, now: datetime) -> datetime:
    """Return when to try again after a failure: as the source says, else with a growing pause and some jitter."""
    if failure.permanent and failure.retry_at is None:
        return now + max(feed.interval, PERMANENT_PAUSE)
    return pause_after(feed.failures, failure, now, longest=max(feed.interval, FIRST_PAUSE))


def pause_after(failures: int, failure: FetchError, now: datetime, *, longest: timedelta = LONGEST_PAUSE) -> datetime:
    """Return when to try again after so many failures in a row: as the source says, else doubling, with jitter."""
    if failure.retry_at is not None:
        return max(failure.retry_at, now + FIRST_PAUSE)
    doubled: int = 2 ** min(failures - 1, 12)
    pause = min(FIRST_PAUSE * doubled, longest, LONGEST_PAUSE)
    return now + pause * random.uniform(0.8, 1.2)  # noqa: S311  spreads load, guards nothing


def ring_for_back_fills(now: datetime) -> list[int]:
    """Choose the back-fills to go on with, and note that they were rung for."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    waiting = BackFill.unscoped.filter(free, Q(rung_at=None) | Q(rung_at__lt=now - RING_AGAIN), due_at__lte=now)
    chosen = list(waiting.order_by("due_at").values_list("pk", flat=True)[:MOST_JUDGED])
    BackFill.unscoped.filter(pk__in=chosen).update(rung_at=now)
    return chosen


def ring_for_enriching(now: datetime) -> list[int]:
    """Choose the enrichments to go on with, the longest due first, and note that they were rung for."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    waiting = Enrichment.unscoped.filter(
        free, Q(rung_at=None) | Q(rung_at__lt=now - RING_AGAIN), due_at__lte=now, paused_at=None
    )
    chosen = list(waiting.order_by("due_at").values_list("pk", flat=True)[:MOST_JUDGED])
    Enrichment.unscoped.filter(pk__in=chosen).update(rung_at=now)
    return chosen


def ring_for_judgement(now: datetime) -> list[int]:
    """Choose targets whose verdict has aged (an hour without a reading, or a period that ended), and put them off."""
    waiting = Target.unscoped.filter(judge_at__lte=now, paused_at=None).order_by("judge_at")
    chosen = list(waiting.values_list("pk", flat=True)[:MOST_JUDGED])
    Target.unscoped.filter(pk__in=chosen).update(judge_at=now + RING_AGAIN)
    return chosen


def in_another_zone() -> list[int]:
    """Return metrics whose rollups stand in another time zone than their organisation's."""
    moved = Metric.unscoped.exclude(rollup_zone="").exclude(rollup_zone=F("organisation__time_zone"))
    return list(moved.values_list("pk", flat=True)[:MOST_JUDGED])


def is_late(access: Access, now: datetime) -> bool:
    """Say whether a feed of the organisation has been waiting so long that nobody can be collecting."""
    waiting = access.rows(Feed).filter(due_at__lt=now - LATE_AFTER, paused_at=None)
    return waiting.filter(Q(lease_until=None) | Q(lease_until__lt=now)).exists()
