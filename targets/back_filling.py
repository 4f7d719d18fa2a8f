"""Fetching a chosen stretch of the past again, step by step, beside the feed's own collections.

Each step is one collection in the log. How far it has come is written in the transaction that writes its readings, so
a killed worker costs one step, which is fetched again; readings are written by their key, so nothing is doubled.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from connectors import asking
from connectors.errors import FetchError, HeldBack, TooLarge
from connectors.fetching import fetch
from connectors.models import BackFill
from connectors.models.feed import Asks, Outcome
from connectors.problems import problem
from connectors.written import times
from targets.collecting import Announce, judge, record, tell
from targets.collection.finding import find
from targets.collection.harvest import Claim, Harvest
from targets.collection.windows import Errand, Progress, period_so_far, since_last_time
from targets.domain.periods import start_of_day
from targets.domain.terms import PeriodKind
from targets.plans import calendar_of
from targets.schedule import pause_after

if TYPE_CHECKING:
    from datetime import date

    from connectors.models import Feed
    from connectors.problems import Problem
    from connectors.protocol import Page, Window
    from targets.collection.harvest import Findings
    from targets.models import StatusChange

State = BackFill.State
STEP = timedelta(days=31)  # what one step asks for, by the organisation's days, so that there is progress to see
EARLIEST = times.EARLIEST.date()  # readings of earlier days are refused
OPEN = [State.RUNNING, State.PAUSED]


def start(feed: Feed, first_on: date, last_on: date, now: datetime) -> BackFill:
    """Begin to fetch the days from `first_on` to `last_on`, both included, in the organisation's zone.

    Raises ValidationError where the feed cannot ask for a past range, the days are none, or another one is under way.
    """
    _check(feed, first_on, last_on, now)
    zone = feed.connection.organisation.zone
    since, until = start_of_day(first_on, zone), min(start_of_day(last_on + timedelta(days=1), zone), now)
    try:
        with transaction.atomic():
            made: BackFill = feed.back_fills.create(
                since=since, until=until, done_until=since, due_at=now, created_at=now
            )
    except IntegrityError:
        raise ValidationError(_("A past range is being fetched already. Stop it first.")) from None
    return made


def _check(feed: Feed, first_on: date, last_on: date, now: datetime) -> None:
    if not feed.collects or feed.asks == Asks.NOW:
        raise ValidationError(_("This source is asked for what is there now: it has no past to fetch."))
    if first_on > last_on:
        raise ValidationError(_("The first day lies after the last one."))
    if first_on < EARLIEST:
        raise ValidationError(_("Days before 1900 hold no readings. Choose a later first day."))
    if first_on > now.astimezone(feed.connection.organisation.zone).date():
        raise ValidationError(_("These days have not come yet."))


def pause(row: BackFill) -> None:
    """Let it rest after the step that is running."""
    _turn(row, State.RUNNING, state=State.PAUSED, due_at=None)


def resume(row: BackFill, now: datetime) -> None:
    """Go on where it rested."""
    _turn(row, State.PAUSED, state=State.RUNNING, due_at=now, rung_at=None, failures=0, problem={})


def stop(row: BackFill, now: datetime) -> None:
    """End it; what was fetched stays."""
    _turn(row, *OPEN, state=State.STOPPED, due_at=None, finished_at=now)


def _turn(row: BackFill, *states: State, **values: object) -> None:
    BackFill.unscoped.filter(pk=row.pk, state__in=states).update(**values)
    row.refresh_from_db()


def run(pk: int, now: datetime, *, announce: Announce, announce_feed: Announce) -> bool:
    """Fetch the next step; says whether more is to be done at once."""
    row = _claim(pk, now)
    if row is None or row.lease_token is None:
        return False
    started = monotonic()
    errand = _errand(row)
    collection = row.feed.collections.create(started_at=now, since=errand.windows[0].since, until=errand.covers_until)
    claim = Claim(feed=row.feed, token=row.lease_token, collection=collection, errand=errand)
    harvest = _gather(claim, now)
    found, failure = find(claim, harvest, now)
    with transaction.atomic():
        if not _still_ours(row):
            return False
        collection.finished_at = now + timedelta(seconds=monotonic() - started)
        changes = [] if failure else _write(row, claim, found, now)
        _close(row, claim, harvest, failure, now)
        transaction.on_commit(lambda: tell(changes, None, announce, announce_feed))
    return row.due_at is not None and row.due_at <= now


def _claim(pk: int, now: datetime) -> BackFill | None:
    """Lease it: the row count of one conditional update decides the winner."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    due = BackFill.unscoped.filter(free, pk=pk, due_at__lte=now, state=State.RUNNING)
    if not due.filter(feed__paused_at=None).exists():
        return None
    if not due.won(lease_token=uuid.uuid4(), lease_until=now + timedelta(seconds=settings.COLLECTION_LEASE)):
        return None
    row: BackFill = BackFill.unscoped.select_related("feed__connection__organisation").get(pk=pk)
    row.feed.cursor, row.feed.validators = None, {}  # how far the feed itself has come is another matter
    return row


def _errand(row: BackFill) -> Errand:
    """Return the next step: what the feed would ask for, had it come as far as this and were it the step's end."""
    feed, until = row.feed, min(row.until, _end_of_step(row))
    calendar = calendar_of(feed.connection.organisation)
    progress = Progress(covered_until=row.done_until, history=timedelta(), overlap=timedelta())
    if feed.asks == Asks.PERIOD:
        # a moment earlier, or the end of one period would be asked for as the beginning of the next
        errand = period_so_far(progress, PeriodKind(feed.running_period), calendar, until - timedelta.resolution)
        return errand if errand.more else _up_to(errand, until)
    return since_last_time(progress, calendar, until)


def _end_of_step(row: BackFill) -> datetime:
    """Return when a step ends: with a day, or two steps would ask for that day where the clocks have changed."""
    zone = row.feed.connection.organisation.zone
    return start_of_day((row.done_until + STEP).astimezone(zone).date(), zone)


def _up_to(errand: Errand, until: datetime) -> Errand:
    last = replace(errand.windows[-1], until=until)
    return replace(errand, windows=(*errand.windows[:-1], last), covers_until=until)


def _gather(claim: Claim, now: datetime) -> Harvest:
    pages: list[tuple[Window, Page]] = []
    started = monotonic()
    try:
        for window in claim.errand.windows:
            asked_at = now + timedelta(seconds=monotonic() - started)
            page = fetch(claim.feed, window, now=asked_at, collection=claim.collection)
            pages.append((window, page))
            if page.cut is not None:  # no cursor is kept here: the rest would never be asked for
                return Harvest(pages=tuple(pages), failure=page.cut_by or _too_long(page.cut))
    except FetchError as failure:
        return Harvest(pages=tuple(pages), failure=failure)
    return Harvest(pages=tuple(pages))


def _too_long(cut: Problem) -> TooLarge:
    return TooLarge(problem("too_many_pages", pages=cut.data["pages"]))


def _still_ours(row: BackFill) -> bool:
    """Hold the feed, as its own collections do, for both write its readings; then see whether nobody took this over."""
    row.feed.connection.feeds.filter(pk=row.feed_id).held().values("pk").first()
    held = BackFill.unscoped.filter(pk=row.pk, lease_token=row.lease_token, state__in=OPEN)
    return bool(held.won(lease_token=row.lease_token))


def _write(row: BackFill, claim: Claim, found: Findings, now: datetime) -> list[StatusChange]:
    touched = record(claim, found, now, is_whole=True)
    row.readings += claim.collection.observations
    row.done_until = claim.errand.covers_until
    return judge(touched, now)


def _close(row: BackFill, claim: Claim, harvest: Harvest, failure: FetchError | None, now: datetime) -> None:
    row.state = BackFill.unscoped.values_list("state", flat=True).get(pk=row.pk)  # somebody may have paused it
    row.lease_token = row.lease_until = row.rung_at = None
    if failure is None:
        _go_on(row, now)
        asking.key_is_taken(row.feed, now)
    else:
        _put_off(row, failure, now)
    row.save(update_fields=WRITTEN)
    _close_collection(claim, harvest, failure)


WRITTEN = [
    "state", "done_until", "readings", "due_at", "rung_at", "lease_token", "lease_until", "failures", "problem",
    "finished_at",
]  # fmt: skip


def _go_on(row: BackFill, now: datetime) -> None:
    row.failures, row.problem = 0, {}
    if row.done_until >= row.until:
        row.state, row.due_at, row.finished_at = State.DONE, None, now
    else:
        row.due_at = now if row.state == State.RUNNING else None


def _put_off(row: BackFill, failure: FetchError, now: datetime) -> None:
    """Wait after a failure; what only a person can mend pauses it, with the reason to see."""
    row.problem = failure.problem.as_stored()
    if isinstance(failure, HeldBack):
        row.due_at = failure.retry_at or now + timedelta(minutes=1)
    elif failure.permanent:
        row.state, row.due_at = State.PAUSED, None
    else:
        row.failures += 1
        row.due_at = pause_after(row.failures, failure, now)
    if row.state == State.PAUSED:
        row.due_at = None


def _close_collection(claim: Claim, harvest: Harvest, failure: FetchError | None) -> None:
    run = claim.collection
    run.rows = sum(len(page.rows) for _, page in harvest.pages)
    run.outcome = Outcome.HELD if isinstance(failure, HeldBack) else Outcome.FAILED if failure else Outcome.OK
    if failure:
        run.reason, run.problem = failure.reason, failure.problem.as_stored()
    run.save()
