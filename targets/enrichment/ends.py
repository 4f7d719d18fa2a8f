"""What follows where a service gave no answer about records: for them, and for the run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors import records
from connectors.errors import FetchError, HeldBack, RateLimited, Reason, Refused
from connectors.models import Record
from targets.schedule import PERMANENT_PAUSE, pause_after

if TYPE_CHECKING:
    from connectors.models import Enrichment
    from connectors.problems import Problem
    from targets.enrichment.groups import Group

OF_A_RECORD = frozenset({400, 413, 414, 422})  # the service understood, and does not want this
SHORT = timedelta(minutes=1)
ASKED_ALONE_AFTER = 5  # failures of records that went out together
MOST_ATTEMPTS = 10  # after which a record waits no more where others are answered; somebody may have it tried again
FOR_SO_LONG = timedelta(days=7)  # … or where nothing was answered for so long


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Why a run ends before everything is done: until when (None: until somebody mends it), and what is said of it."""

    until: datetime | None
    problem: Problem | None = None
    needs_owner: bool = False


def is_about_the_records(failure: FetchError, group: Group) -> bool:
    """Say whether the service refused these records, and not every call."""
    if isinstance(failure, Refused):
        return failure.status in OF_A_RECORD
    return failure.problem.code == "answers_other_count" and not group.is_alone


def refuse(enrichment: Enrichment, group: Group, failure: FetchError) -> None:
    """Let one record fail for good; of several, which one it was shows when each is asked about alone."""
    said = {"problem": failure.problem.as_stored(), "asked": ""}
    rows = enrichment.feed.records.filter(pk__in=[record.pk for record in group.records])
    if group.is_alone:
        rows.update(state=Record.State.FAILED, recipe=enrichment.recipe, **said)
    for record in () if group.is_alone else group.records:
        rows.filter(pk=record.pk).update(attempts=record.attempts + 1, **said)


def try_again(enrichment: Enrichment, group: Group, failure: FetchError, now: datetime) -> None:
    """Let records wait for the next time, under the same key: nobody knows whether the service has answered.

    Those that it broke at again and again have failed once it is sure that it is them, and no failure of everything.
    """
    if isinstance(failure, HeldBack | RateLimited) or failure.permanent:
        return
    since = enrichment.failing_since  # None: it has answered about others since it broke the last time
    has_time = since is not None and now - since < FOR_SO_LONG
    for record in group.records:
        record.attempts += 1
        record.problem = failure.problem.as_stored()
        if record.attempts >= ASKED_ALONE_AFTER and not group.is_alone:
            record.asked = ""
        if record.attempts >= MOST_ATTEMPTS and not has_time:
            record.state, record.recipe, record.asked = Record.State.FAILED, enrichment.recipe, ""
    written = ["attempts", "problem", "asked", "state", "recipe"]
    there = records.held(enrichment.feed, [record.pk for record in group.records])
    records.write(enrichment.feed, [record for record in group.records if record.pk in there], written)


def ended_by(enrichment: Enrichment, failure: FetchError, now: datetime) -> Pause:
    """Return until when to wait after a failure, and note it; the row is not saved.

    What our own limits held back is no failure. A refused key is asked with no more until it is renewed.
    """
    if isinstance(failure, HeldBack):
        return Pause(until=failure.retry_at or now + SHORT, problem=failure.problem)
    enrichment.failures += 1
    enrichment.failing_since = enrichment.failing_since or now
    enrichment.reason = failure.reason
    if failure.permanent and failure.reason == Reason.UNAUTHORISED:
        return Pause(until=None, problem=failure.problem, needs_owner=True)
    if failure.permanent and failure.retry_at is None:
        return Pause(until=now + PERMANENT_PAUSE, problem=failure.problem)
    return Pause(until=pause_after(enrichment.failures, failure, now), problem=failure.problem)
