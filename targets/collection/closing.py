"""How a collection ends: cursor, health, when the feed is due again; the lease is given back."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from connectors.errors import CircuitOpen, HeldBack, Reason
from connectors.models.feed import Asks, Health, Outcome
from connectors.problems import code_of
from targets.collection.confirming import kept
from targets.schedule import next_due, next_try

if TYPE_CHECKING:
    from connectors.errors import FetchError
    from connectors.models import Feed
    from connectors.protocol import Page
    from targets.collection.harvest import Claim, Harvest, Held

CUT = "rest_comes_next"
MOST_PERMANENT_FAILURES = 3  # in a row, …
FOR_SO_LONG = timedelta(days=7)  # … over so long a time; then nobody is asked any more
AT_ONCE = 10  # collections in a row that a limit ended follow each other at once; a list without end is asked calmly
MOST_DOUBLED = 24  # of the pause between later ones, from a second on: longer than any rhythm


def close(claim: Claim, held: Held, harvest: Harvest, failure: FetchError | None, now: datetime) -> bool:
    """Write down how it ended, when it is due again, and give the lease back; says whether the owners have to act.

    `held` is how the feed stands now, which may have been changed since it was claimed.
    """
    feed, collection, was_due = claim.feed, claim.collection, claim.feed.due_at
    needs_owner = _note_end(claim, harvest, failure, now)
    _heed_what_was_asked_meanwhile(feed, was_due, held)
    if harvest.pages or not isinstance(failure, HeldBack):
        feed.collected_at = now
    feed.lease_token = feed.lease_until = feed.rung_at = None
    feed.lost_leases = 0
    feed.save(update_fields=COLLECTED)
    collection.outcome = _outcome(failure)
    collection.rows = sum(len(page.rows) for _, page in harvest.pages)
    collection.save(update_fields=ENDED)
    return needs_owner


def _outcome(failure: FetchError | None) -> Outcome:
    if isinstance(failure, HeldBack):
        return Outcome.HELD
    return Outcome.FAILED if failure else Outcome.OK


def _note_end(claim: Claim, harvest: Harvest, failure: FetchError | None, now: datetime) -> bool:
    if failure is None:
        return _note_success(claim, harvest, now)
    claim.collection.reason, claim.collection.problem = failure.reason, failure.problem.as_stored()
    _keep_totals(claim.feed, harvest)
    _keep_pages(claim, harvest, failure, now)
    if isinstance(failure, CircuitOpen):
        return _note_left_alone(claim, failure, now)
    if isinstance(failure, HeldBack):
        return _note_held_back(claim, failure, now)
    return _note_failure(claim, failure, now)


def _keep_totals(feed: Feed, harvest: Harvest) -> None:
    """Totals that were answered before something went wrong are kept, so the feed has come as far as they reach.

    The next collection goes on from there, or a limit of a few calls would have the overlap asked for over and over.
    """
    if harvest.pages and feed.asks == Asks.PERIOD:
        feed.is_cut_short = True
        feed.covered_until = max(filter(None, [feed.covered_until, harvest.pages[-1][0].until]))


def _keep_pages(claim: Claim, harvest: Harvest, failure: FetchError, now: datetime) -> None:
    """Pages that came before something went wrong are kept, and the next collection goes on from them.

    They are an answer, so that the pauses grow only where none comes any more.
    """
    page = harvest.pages[-1][1] if harvest.pages else None
    if page is None or page.cut is None or page.cut_by is not failure:
        return
    _note_answer(claim, page, now)
    if claim.feed.asks == Asks.NOW:
        claim.feed.is_cut_short = True
    claim.collection.problem = page.cut.as_stored()


def _heed_what_was_asked_meanwhile(feed: Feed, was_due: datetime | None, held: Held) -> None:
    """Leave the feed due, and its history open, if somebody made it so while the source was being asked."""
    if held.due_at == was_due:
        return
    feed.due_at = held.due_at
    if held.covered_until is None:
        feed.covered_until = feed.cursor = None
        feed.validators = {}


ENDED = ["outcome", "finished_at", "reason", "problem", "rows", "observations", "refused", "left_out"]
COLLECTED = [
    "health",
    "reason",
    "problem",
    "failures",
    "failing_since",
    "owners_told_at",
    "permanent_failures",
    "set_aside_at",
    "collected_at",
    "answered_at",
    "cursor",
    "validators",
    "shape",
    "covered_until",
    "is_cut_short",
    "due_at",
    "rung_at",
    "lease_token",
    "lease_until",
    "lost_leases",
]


def _note_answer(claim: Claim, page: Page, now: datetime) -> None:
    """Note that the source answers, and where the next collection goes on."""
    feed = claim.feed
    feed.health, feed.reason, feed.problem = Health.FRESH, "", {}
    feed.failures, feed.failing_since, feed.owners_told_at = 0, None, None
    feed.permanent_failures, feed.set_aside_at = 0, None
    feed.answered_at, feed.cursor, feed.validators = now, page.cursor, kept(page, feed, claim.marks, now)


def _note_success(claim: Claim, harvest: Harvest, now: datetime) -> bool:
    feed = claim.feed
    last, page = harvest.pages[-1]
    _note_answer(claim, page, now)
    unfinished = len(harvest.pages) < len(claim.errand.windows)
    if page.cut is None or feed.asks != Asks.WINDOW:  # the rest of a stretch is asked for as the same stretch
        feed.covered_until = last.until if unfinished else claim.errand.covers_until
    feed.is_cut_short = unfinished or (page.cut is not None and feed.asks == Asks.NOW)
    claim.collection.problem = page.cut.as_stored() if page.cut else {}
    goes_on = unfinished or claim.errand.more
    feed.due_at = _rest_due(claim, now) if page.cut else now if goes_on else next_due(feed, now)
    return False


def _rest_due(claim: Claim, now: datetime) -> datetime:
    """Return when the rest of a list is asked for: at once, and with growing pauses where it does not end."""
    doubled = _cut_in_a_row(claim) - AT_ONCE
    return now if doubled < 0 else now + min(timedelta(seconds=2**doubled), claim.feed.interval)


def _cut_in_a_row(claim: Claim) -> int:
    """Return how many collections before this one ended at a limit, one after the other, as far as that matters."""
    before = claim.feed.collections.exclude(pk=claim.collection.pk).order_by("-started_at", "-pk")
    problems = before.values_list("problem", flat=True)[: AT_ONCE + MOST_DOUBLED]
    return sum(1 for _ in takewhile(lambda each: code_of(each) == CUT, problems))


def _note_failure(claim: Claim, failure: FetchError, now: datetime) -> bool:
    """A failure touches the feed's health, never a target's status.

    A refused key ends the polling until it is renewed. What only a person can mend is asked for a few times, a day
    apart, and then set aside until somebody has mended it; the owners are told once.
    """
    feed = claim.feed
    refused = failure.permanent and failure.reason == Reason.UNAUTHORISED
    feed.health = Health.UNAUTHORISED if refused else Health.FAILING
    feed.reason, feed.problem = failure.reason, failure.problem.as_stored()
    feed.failures += 1
    feed.failing_since = feed.failing_since or now
    feed.permanent_failures = feed.permanent_failures + 1 if failure.permanent else 0
    if feed.permanent_failures >= MOST_PERMANENT_FAILURES and feed.failing_since <= now - FOR_SO_LONG:
        feed.set_aside_at = now
    stands_still = refused or feed.set_aside_at is not None
    feed.due_at = None if stands_still else next_try(feed, failure, now)
    return stands_still and feed.owners_told_at is None


def _note_left_alone(claim: Claim, failure: CircuitOpen, now: datetime) -> bool:
    """Nothing was sent, for whom is asked fails again and again; so this feed does not answer either.

    It is no failure of its own: its pauses do not grow, and it goes when the circuit is tried.
    """
    feed = claim.feed
    feed.health, feed.reason, feed.problem = Health.FAILING, failure.reason, failure.problem.as_stored()
    feed.failing_since = feed.failing_since or now
    feed.due_at = failure.retry_at or next_due(feed, now)
    return False


def _note_held_back(claim: Claim, held: HeldBack, now: datetime) -> bool:
    """Our own limits held it back: nothing is said about the source, and it goes as soon as it may."""
    claim.feed.due_at = held.retry_at or next_due(claim.feed, now)
    return False
