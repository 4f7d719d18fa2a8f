"""One collection, top to bottom: claim → fetch → read → record → judge → announce.

The database decides who collects and whether it still may write; the broker only rings. Killing a worker at any moment
loses and doubles nothing: what was not recorded is fetched again once the lease has run out.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from threading import BoundedSemaphore
from time import monotonic
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, When

from connectors import records
from connectors.errors import FetchError, Reason
from connectors.fetching import fetch
from connectors.models import Feed
from connectors.models.feed import Asks, Health, Outcome
from connectors.problems import problem
from targets.collection.closing import close
from targets.collection.confirming import going_on_since, take_up
from targets.collection.finding import find
from targets.collection.harvest import Claim, Findings, Harvest, Held
from targets.collection.record_points import renew
from targets.collection.setting_aside import set_aside
from targets.collection.shape_changes import note_shape
from targets.collection.windows import Errand, Progress, just_now, period_so_far, since_last_time
from targets.domain.terms import PeriodKind
from targets.judging import judge_metric
from targets.plans import calendar_of
from targets.record_rows import reads_answers
from targets.recording import note_nothing_new, note_unchanged, record_found

if TYPE_CHECKING:
    from datetime import date

    from connectors.protocol import Page, Window
    from connectors.records import Readable
    from targets.models import Metric, StatusChange

Announce = Callable[[int], object]
SHARE_OF_LEASE = 0.2  # no further call is begun after this, for the last one may take its time
ANOTHER_LOST = Case(When(lease_token=None, then=0), default=1)  # whoever held it did not come back
# threads that compute hinder each other: with a few of them at the database a worker collects more than with all
ROOM = BoundedSemaphore(settings.COLLECTING_ROOM)
MOST_LOST_LEASES = 5  # a feed whose collections end so many workers in a row is set aside


def nobody(_pk: int) -> None:
    """Tell nobody."""


def run(
    feed_id: int,
    now: datetime,
    *,
    announce: Announce,
    announce_feed: Announce,
    announce_shape: Announce = nobody,
    go_on: Announce = nobody,
) -> Outcome | None:
    """Collect one feed once; None when it is not due, paused, or somebody else's.

    `announce` is called with the id of each change of status, `announce_feed` with the feed's id when its owners have
    to act, `announce_shape` with the id of a change in the answers that matters, `go_on` with the feed's id when it
    was answered and has more to collect at once; all only after everything is committed.
    """
    started = monotonic()
    with ROOM, transaction.atomic():
        claim = _claim(feed_id, now)
    if claim is None:
        return None
    harvest = _gather(claim, now)
    found, failure = find(claim, harvest, now)
    with ROOM, transaction.atomic():
        held = _held(claim)
        if held is None:
            return Outcome.LOST
        touched = record(claim, found, now, is_whole=failure is None)
        claim.collection.finished_at = now + timedelta(seconds=monotonic() - started)
        changed = note_shape(claim.feed, harvest, now)
        needs_owner = close(claim, held, harvest, failure, now)
        changes = judge(touched, now)
        transaction.on_commit(lambda: tell(changes, claim.feed.pk if needs_owner else None, announce, announce_feed))
        if changed is not None and changed.matters:
            transaction.on_commit(partial(announce_shape, changed.pk))
        if failure is None and claim.feed.is_due(now):
            transaction.on_commit(partial(go_on, claim.feed.pk))
    return Outcome(claim.collection.outcome)


def _claim(feed_id: int, now: datetime) -> Claim | None:
    """Lease the feed: the row count of one conditional update decides the winner."""
    token = uuid.uuid4()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    due = Feed.unscoped.filter(free, pk=feed_id, due_at__lte=now, paused_at=None)
    lease_until = now + timedelta(seconds=settings.COLLECTION_LEASE)
    if not due.won(lease_token=token, lease_until=lease_until, lost_leases=F("lost_leases") + ANOTHER_LOST):
        return None
    feed = Feed.unscoped.select_related("connection__organisation", "connection__throttle").get(pk=feed_id)
    if not feed.collects:
        _give_back(feed)
        return None
    if feed.lost_leases:
        feed.collections.filter(outcome=Outcome.RUNNING).update(outcome=Outcome.LOST, finished_at=now)
    if feed.lost_leases >= MOST_LOST_LEASES:
        _set_aside(feed, now)
        return None
    marks = take_up(feed, now)
    errand = errand_of(feed, now)
    first, last = errand.windows[0], errand.windows[-1]
    collection = feed.collections.create(started_at=now, since=first.since, until=last.until)
    return Claim(feed=feed, token=token, collection=collection, errand=errand, marks=marks)


def _give_back(feed: Feed) -> None:
    """Take a feed whose values arrive by themselves off the schedule."""
    feed.due_at = feed.lease_token = feed.lease_until = None
    feed.save(update_fields=["due_at", "lease_token", "lease_until"])


def _set_aside(feed: Feed, now: datetime) -> None:
    """Stop collecting a feed that keeps ending its worker; the sweep tells the people who have to look at it."""
    ended = problem("ended_the_worker", times=MOST_LOST_LEASES)
    feed.health, feed.problem, feed.reason = Health.FAILING, ended.as_stored(), Reason.TOO_LARGE
    feed.failing_since, feed.set_aside_at = feed.failing_since or now, now
    feed.save(update_fields=["health", "problem", "reason", "failing_since", "set_aside_at"])
    _give_back(feed)


def errand_of(feed: Feed, now: datetime) -> Errand:
    """Return what to ask for."""
    calendar = calendar_of(feed.connection.organisation)
    progress = Progress(
        covered_until=feed.covered_until,
        history=timedelta(days=feed.history_days),
        overlap=timedelta() if feed.is_cut_short else timedelta(days=feed.overlap_days),
    )
    if feed.asks == Asks.PERIOD:
        return period_so_far(progress, PeriodKind(feed.running_period), calendar, now)
    if feed.asks == Asks.WINDOW:
        return since_last_time(progress, calendar, now)
    return just_now(progress, now)


def _gather(claim: Claim, now: datetime) -> Harvest:
    """Ask for the windows of the errand while the lease allows; a failure ends it, and what came before it is kept."""
    pages: list[tuple[Window, Page]] = []
    started = monotonic()
    try:
        for window in claim.errand.windows:
            if monotonic() - started > settings.COLLECTION_LEASE * SHARE_OF_LEASE:
                break
            asked_at = now + timedelta(seconds=monotonic() - started)
            page = fetch(claim.feed, window, now=asked_at, collection=claim.collection)
            pages.append((window, page))
            if page.cut_by is not None:
                return Harvest(pages=tuple(pages), failure=page.cut_by)
    except FetchError as failure:
        return Harvest(pages=tuple(pages), failure=failure)
    return Harvest(pages=tuple(pages))


def _held(claim: Claim) -> Held | None:
    """Lock the feed's row until the transaction ends; None where somebody took the feed over."""
    ours = Feed.unscoped.filter(pk=claim.feed.pk, lease_token=claim.token).held()
    return next((Held(**found) for found in ours.values("due_at", "covered_until")), None)


def record(claim: Claim, found: Findings, now: datetime, *, is_whole: bool) -> dict[Metric, date]:
    """Write the readings down; returns the metrics with the first day that each was touched.

    An answer without rows says that nothing happened, if the whole errand was answered; an answer that nothing has
    changed says that what was read last still stands.
    """
    set_aside(claim, found)
    claim.collection.refused = _refused(found)
    if found.records is not None:
        return _record_records(claim, found.records, now, is_whole=is_whole)
    touched: dict[Metric, date] = {}
    begun_at = going_on_since(claim.marks)
    for part in found.metrics:
        since = record_found(
            part.metric, part.points, now=now, collection=claim.collection, on_top=begun_at if part.adds_on else None
        )
        if part.stands:
            since = note_unchanged(part.metric, now)
        elif not part.points and is_whole and claim.feed.asks == Asks.WINDOW:
            since = note_nothing_new(part.metric, claim.errand.covers_until)
        if since is not None:
            touched[part.metric] = since
    claim.collection.observations = sum(len(part.points) for part in found.metrics)
    return touched


def _refused(found: Findings) -> int:
    """Return how many rows were set aside, for whichever metric."""
    of_records = len(found.records.aside) if found.records else 0
    return len(found.aside) + of_records + sum(part.refused for part in found.metrics)


def _record_records(claim: Claim, readable: Readable, now: datetime, *, is_whole: bool) -> dict[Metric, date]:
    """Keep the rows, and bring the metrics up to date with them."""
    kept = records.keep(claim.feed, readable, collection=claim.collection, now=now)
    renewed = renew(claim.feed, kept.touched, now=now)
    claim.collection.observations = renewed.points
    if not readable.drafts and is_whole and claim.feed.asks == Asks.WINDOW:
        for metric in claim.feed.metrics.select_related("organisation"):
            since = None if reads_answers(metric) else note_nothing_new(metric, claim.errand.covers_until)
            renewed.touched |= {metric: since} if since is not None else {}
    return renewed.touched


def judge(touched: dict[Metric, date], now: datetime) -> list[StatusChange]:
    """Judge the targets of the touched metrics anew; returns the changes of status."""
    return [change for metric, since in touched.items() for change in judge_metric(metric, now, touched_since=since)]


def tell(changes: list[StatusChange], feed_id: int | None, announce: Announce, announce_feed: Announce) -> None:
    """Have changes told, and the owners of a feed that needs them."""
    for change in changes:
        announce(change.pk)
    if feed_id is not None:
        announce_feed(feed_id)
