"""One collection, top to bottom: claim → fetch → read → record → judge → announce.

The database decides who collects and whether it still may write; the broker only rings. Killing a worker at any moment
loses and doubles nothing: what was not recorded is fetched again once the lease has run out.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from connectors.errors import FetchError, Malformed, Misconfigured, Reason
from connectors.extract import Point, Reading, extract
from connectors.fetching import fetch
from connectors.models import Collection, Feed
from connectors.models.feed import Asks, Health, Outcome
from connectors.problems import problem
from targets.domain.terms import PeriodKind, ValueKind
from targets.judging import judge_metric
from targets.plans import calendar_of
from targets.recording import note_nothing_new, record_points
from targets.schedule import next_due, next_try
from targets.windows import Errand, Progress, just_now, period_so_far, reading_moment, since_last_time

if TYPE_CHECKING:
    from datetime import date

    from connectors.protocol import Page, Window
    from targets.models import Metric, StatusChange

Announce = Callable[[int], None]
SHARE_OF_LEASE = 0.2  # no further call is begun after this, for the last one may take its time
MOST_LOST_LEASES = 5  # a feed whose collections end so many workers in a row is set aside


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to collect one feed, until the lease runs out or somebody else takes it over."""

    feed: Feed
    token: uuid.UUID
    collection: Collection
    errand: Errand


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """What one collection brought: pages with the window each answers, and why it stopped early, if it did."""

    pages: tuple[tuple[Window, Page], ...]
    failure: FetchError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one metric found in a harvest."""

    metric: Metric
    points: tuple[Point, ...]
    refused: int


def run(feed_id: int, now: datetime, *, announce: Announce, announce_feed: Announce) -> Outcome | None:
    """Collect one feed once; None when it is not due, paused, or somebody else's.

    `announce` is called with the id of each change of status, `announce_feed` with the feed's id when its owners have
    to act; both only after everything is committed.
    """
    started = monotonic()
    with transaction.atomic():
        claim = _claim(feed_id, now)
    if claim is None:
        return None
    harvest = _gather(claim, now)
    found, failure = _read(claim, harvest, now)
    with transaction.atomic():
        if not _still_ours(claim):
            return Outcome.LOST
        touched = _record(claim, found, now, is_whole=failure is None)
        claim.collection.finished_at = now + timedelta(seconds=monotonic() - started)
        needs_owner = _close(claim, harvest, failure, now)
        changes = _judge(touched, now)
        transaction.on_commit(lambda: _tell(changes, claim.feed.pk if needs_owner else None, announce, announce_feed))
    return Outcome.FAILED if failure else Outcome.OK


def _claim(feed_id: int, now: datetime) -> Claim | None:
    """Lease the feed: the row count of one conditional update decides the winner."""
    token = uuid.uuid4()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    due = Feed.unscoped.filter(free, pk=feed_id, due_at__lte=now, paused_at=None)
    lost = due.exclude(lease_token=None).update(lost_leases=F("lost_leases") + 1)
    if not due.update(lease_token=token, lease_until=now + timedelta(seconds=settings.COLLECTION_LEASE)):
        return None
    feed = Feed.unscoped.select_related("connection__organisation").get(pk=feed_id)
    if not feed.collects:
        _give_back(feed)
        return None
    if lost:
        feed.collections.filter(outcome=Outcome.RUNNING).update(outcome=Outcome.LOST, finished_at=now)
    if feed.lost_leases >= MOST_LOST_LEASES:
        _set_aside(feed)
        return None
    errand = _errand(feed, now)
    first, last = errand.windows[0], errand.windows[-1]
    collection = feed.collections.create(started_at=now, since=first.since, until=last.until)
    return Claim(feed=feed, token=token, collection=collection, errand=errand)


def _give_back(feed: Feed) -> None:
    """Take a feed whose values arrive by themselves off the schedule."""
    feed.due_at = feed.lease_token = feed.lease_until = None
    feed.save(update_fields=["due_at", "lease_token", "lease_until"])


def _set_aside(feed: Feed) -> None:
    """Stop collecting a feed that keeps ending its worker; people have to look at it."""
    ended = problem("ended_the_worker", times=MOST_LOST_LEASES)
    feed.health, feed.problem, feed.reason = Health.FAILING, ended.as_stored(), Reason.TOO_LARGE
    feed.save(update_fields=["health", "problem", "reason"])
    _give_back(feed)


def _errand(feed: Feed, now: datetime) -> Errand:
    """Return what to ask for."""
    calendar = calendar_of(feed.connection.organisation)
    progress = Progress(
        covered_until=feed.covered_until,
        history=timedelta(days=feed.history_days),
        overlap=timedelta(days=feed.overlap_days),
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
            pages.append((window, fetch(claim.feed, window, now=now, collection=claim.collection)))
    except FetchError as failure:
        return Harvest(pages=tuple(pages), failure=failure)
    return Harvest(pages=tuple(pages))


def _read(claim: Claim, harvest: Harvest, now: datetime) -> tuple[list[Found], FetchError | None]:
    """Find every metric in the pages; a metric that cannot be looked for fails the collection and keeps the others."""
    found: list[Found] = []
    failure = harvest.failure
    for metric in claim.feed.metrics.select_related("organisation", "feed"):
        try:
            found.append(_find(metric, harvest, now))
        except FetchError as misconfigured:
            failure = misconfigured
    return found, failure


def _find(metric: Metric, harvest: Harvest, now: datetime) -> Found:
    """Find one metric in the pages. Raises FetchError when there are rows and none of them can be read."""
    reading = reading_of(metric)
    by_period = metric.feed.asks == Asks.PERIOD
    parts = [
        extract(page.rows, reading, now=reading_moment(window, now) if by_period else now)
        for window, page in harvest.pages
    ]
    points = tuple(point for part in parts for point in part.points)
    refused = [reason for part in parts for reason in part.refused]
    if refused and not points:
        raise Malformed(problem("no_row_readable", metric=metric.name, why=refused[0]))
    if reading.adds_up and any(page.cursor for _, page in harvest.pages) and any(point.whole_day for point in points):
        raise Misconfigured(problem("needs_time_of_day", metric=metric.name))
    return Found(metric=metric, points=points, refused=sum(part.refused_count for part in parts))


def _still_ours(claim: Claim) -> bool:
    """Say whether nobody took the feed over; the row stays locked until the transaction ends."""
    held = Feed.unscoped.filter(pk=claim.feed.pk, lease_token=claim.token)
    return bool(held.update(lease_token=claim.token))


def _record(claim: Claim, found: list[Found], now: datetime, *, is_whole: bool) -> dict[Metric, date]:
    """Write the readings down; returns the metrics with the first day that each was touched.

    An answer without rows says that nothing happened, if the whole errand was answered.
    """
    touched: dict[Metric, date] = {}
    for part in found:
        since = record_points(part.metric, part.points, now=now, collection=claim.collection)
        if not part.points and is_whole and claim.feed.asks == Asks.WINDOW:
            since = note_nothing_new(part.metric, claim.errand.covers_until)
        if since is not None:
            touched[part.metric] = since
    claim.collection.observations = sum(len(part.points) for part in found)
    claim.collection.refused = sum(part.refused for part in found)
    return touched


def reading_of(metric: Metric) -> Reading:
    """Return where the metric stands in its feed's rows."""
    return Reading(
        at_path=metric.feed.at_path,
        at_format=metric.feed.at_format,
        value_path=metric.value_path,
        segment_path=metric.segment_path,
        scale=metric.scale,
        zone=metric.organisation.zone,
        adds_up=metric.value_kind == ValueKind.FLOW,
    )


def _judge(touched: dict[Metric, date], now: datetime) -> list[StatusChange]:
    return [change for metric, since in touched.items() for change in judge_metric(metric, now, touched_since=since)]


def _close(claim: Claim, harvest: Harvest, failure: FetchError | None, now: datetime) -> bool:
    """Write down how it ended, when it is due again, and give the lease back; says whether the owners have to act."""
    feed, collection, was_due = claim.feed, claim.collection, claim.feed.due_at
    needs_owner = _note_failure(claim, harvest, failure, now) if failure else _note_success(claim, harvest, now)
    _heed_what_was_asked_meanwhile(feed, was_due)
    feed.collected_at = now
    feed.lease_token = feed.lease_until = feed.rung_at = None
    feed.lost_leases = 0
    feed.save(update_fields=COLLECTED)
    collection.outcome = Outcome.FAILED if failure else Outcome.OK
    collection.rows = sum(len(page.rows) for _, page in harvest.pages)
    collection.save()
    return needs_owner


def _heed_what_was_asked_meanwhile(feed: Feed, was_due: datetime | None) -> None:
    """Leave the feed due, and its history open, if somebody made it so while the source was being asked."""
    row = Feed.unscoped.only("due_at", "covered_until").get(pk=feed.pk)
    if row.due_at == was_due:
        return
    feed.due_at = row.due_at
    if row.covered_until is None:
        feed.covered_until = feed.cursor = None


COLLECTED = [
    "health",
    "reason",
    "problem",
    "failures",
    "failing_since",
    "owners_told_at",
    "collected_at",
    "answered_at",
    "cursor",
    "covered_until",
    "due_at",
    "rung_at",
    "lease_token",
    "lease_until",
    "lost_leases",
]


def _note_success(claim: Claim, harvest: Harvest, now: datetime) -> bool:
    feed = claim.feed
    feed.health, feed.reason, feed.problem = Health.FRESH, "", {}
    feed.failures, feed.failing_since, feed.owners_told_at = 0, None, None
    last, page = harvest.pages[-1]
    unfinished = len(harvest.pages) < len(claim.errand.windows)
    feed.answered_at, feed.cursor = now, page.cursor
    feed.covered_until = last.until if unfinished else claim.errand.covers_until
    feed.due_at = now if unfinished or claim.errand.more else next_due(feed, now)
    return False


def _note_failure(claim: Claim, harvest: Harvest, failure: FetchError, now: datetime) -> bool:
    """A failure touches the feed's health, never a target's status; a refused key ends the polling until it is renewed.

    Totals that were answered before the failure are kept, so the feed has come as far as they reach.
    """
    feed, collection = claim.feed, claim.collection
    if harvest.pages and feed.asks == Asks.PERIOD:
        feed.covered_until = max(filter(None, [feed.covered_until, harvest.pages[-1][0].until]))
    refused = failure.permanent and failure.reason == Reason.UNAUTHORISED
    feed.health = Health.UNAUTHORISED if refused else Health.FAILING
    feed.reason, feed.problem = failure.reason, failure.problem.as_stored()
    feed.failures += 1
    feed.failing_since = feed.failing_since or now
    feed.due_at = None if refused else next_try(feed, failure, now)
    collection.reason, collection.problem = failure.reason, failure.problem.as_stored()
    return refused and feed.owners_told_at is None


def _tell(changes: list[StatusChange], feed_id: int | None, announce: Announce, announce_feed: Announce) -> None:
    for change in changes:
        announce(change.pk)
    if feed_id is not None:
        announce_feed(feed_id)
