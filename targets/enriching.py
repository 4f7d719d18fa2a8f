"""One run of an enrichment, top to bottom: claim → take → ask → write, group after group → judge → announce.

The database decides who enriches and whether they still may write. Killing a worker at any moment loses no record and
asks for none again whose answer was written down: what was under way is asked again under the same key. Verdicts follow
every few seconds, for they take longer than writing an answer; after a worker has died, all that may lack is judged.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Min, Q

from connectors import records
from connectors.enriching.asking import ask
from connectors.fetching import clock_from
from connectors.models import Enrichment
from targets.collecting import judge, tell
from targets.collection.record_points import renew
from targets.domain.periods import local_day
from targets.enrichment import budgets
from targets.enrichment.answers import write_answers
from targets.enrichment.ends import Pause, ended_by, is_about_the_records, refuse, try_again
from targets.enrichment.groups import Group, choose, due

if TYPE_CHECKING:
    from connectors.enriching.asking import Answered
    from targets.models import Metric

Announce = Callable[[int], None]
SECONDS = 60.0  # no further call is begun after this, so that other work gets its turn
SECONDS_UNJUDGED = 5.0  # that answers may be there without a verdict on what they change
MOST_REFUSED = 5  # records refused one after the other: then it is no matter of the records


@dataclass(slots=True)
class _Run:
    """The right to enrich, until the lease runs out or somebody else takes it over; and how it is going."""

    pk: int
    token: uuid.UUID
    clock: Callable[[], datetime]
    announce: Announce
    touched: dict[Metric, date] = field(default_factory=dict)  # and not judged yet, each since which day
    judged: float = field(default_factory=monotonic)
    refused: int = 0  # records refused since the last answer
    is_lost: bool = False
    pause: Pause | None = None


def run(pk: int, now: datetime, *, announce: Announce, announce_enrichment: Announce) -> bool:
    """Enrich for a while; says whether there is more to do at once. Nothing happens where it is not due.

    `announce` is called with the id of each change of status, `announce_enrichment` with that of the enrichment when
    its owners have to act; both only after everything is committed.
    """
    this = _claim(pk, now, announce)
    if this is None:
        return False
    started = monotonic()
    while this.pause is None and not this.is_lost and monotonic() - started < SECONDS:
        group = _take(this)
        if group is None:
            break
        enrichment, members = group
        _write(this, members, ask(enrichment, members.items, key=members.key, now=this.clock()))
        if monotonic() - this.judged > SECONDS_UNJUDGED:
            _judge(this)
    _judge(this)
    return not this.is_lost and _close(this, announce_enrichment)


def _claim(pk: int, now: datetime, announce: Announce) -> _Run | None:
    """Lease the enrichment: the row count of one conditional update decides the winner."""
    token = uuid.uuid4()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    rows = Enrichment.unscoped.filter(free, pk=pk, due_at__lte=now, paused_at=None)
    left_behind = rows.exclude(lease_token=None).exists()
    if not rows.won(lease_token=token, lease_until=_until(now)):
        return None
    this = _Run(pk=pk, token=token, clock=clock_from(now), announce=announce)
    if left_behind:
        this.touched = _all_touched(pk)
    return this


def _all_touched(pk: int) -> dict[Metric, date]:
    """Return all that a worker which died may have left without a verdict."""
    feed = Enrichment.unscoped.select_related("feed").get(pk=pk).feed
    first = feed.records.filter(answers__gt=0).aggregate(first=Min("at"))["first"]
    metrics = feed.metrics.select_related("organisation", "feed")
    return {metric: local_day(first, metric.organisation.zone) for metric in metrics} if first else {}


def _until(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.COLLECTION_LEASE)


def _held(this: _Run) -> Enrichment | None:
    """Return the enrichment as it stands now, locked until the transaction ends; None where somebody took it over."""
    rows = Enrichment.unscoped.filter(pk=this.pk, lease_token=this.token).held()
    found: Enrichment | None = rows.select_related(
        "connection__organisation", "connection__gateway", "feed__connection__organisation"
    ).first()
    this.is_lost = found is None
    return found


def _take(this: _Run) -> tuple[Enrichment, Group] | None:
    """Write down which records go out next and that a call is spent on them; None where nothing may go out now."""
    now = this.clock()
    with transaction.atomic():
        enrichment = _held(this)
        if enrichment is None or enrichment.paused_at is not None:
            return None
        budgets.begin_day(enrichment, now)
        this.pause = budgets.used_up(enrichment, now)
        group = choose(enrichment, now) if this.pause is None else None
        enrichment.spent_calls += group is not None
        enrichment.lease_until = _until(now)
        enrichment.save(update_fields=[*budgets.SPENT, "lease_until"])
    return (enrichment, group) if group else None


def _write(this: _Run, group: Group, answered: Answered) -> None:
    """Write down what came of a call, with the readings and verdicts that follow from it, or nothing of it."""
    now = this.clock()
    with transaction.atomic():
        enrichment = _held(this)
        if enrichment is None:
            return
        budgets.spend(enrichment, calls=answered.calls - 1, cost=answered.cost)
        if answered.failure is None:
            _write_answers(this, enrichment, group, answered, now)
        elif is_about_the_records(answered.failure, group):
            refuse(enrichment, group, answered.failure)
            this.refused += group.is_alone
            this.pause = ended_by(enrichment, answered.failure, now) if this.refused >= MOST_REFUSED else None
        else:
            try_again(enrichment, group, answered.failure, now)
            this.pause = ended_by(enrichment, answered.failure, now)
        enrichment.save()


def _write_answers(this: _Run, enrichment: Enrichment, group: Group, answered: Answered, now: datetime) -> None:
    this.refused = 0
    enrichment.failures, enrichment.reason, enrichment.problem = 0, "", {}
    enrichment.failing_since = enrichment.owners_told_at = None
    touched = renew(enrichment.feed, write_answers(enrichment, group, answered, now), now=now).touched
    for metric, since in touched.items():
        this.touched[metric] = min(since, this.touched.get(metric, since))


def _judge(this: _Run) -> None:
    """Judge all that has changed since the last time."""
    changes = judge(this.touched, this.clock())
    this.touched, this.judged = {}, monotonic()
    tell(changes, None, this.announce, this.announce)


def _close(this: _Run, announce_enrichment: Announce) -> bool:
    """Give the lease back and say when it is due again; returns whether that is at once."""
    now = this.clock()
    with transaction.atomic():
        enrichment = _held(this)
        if enrichment is None:
            return False
        _finish_redoing(enrichment)
        enrichment.lease_token = enrichment.lease_until = enrichment.rung_at = None
        enrichment.due_at = this.pause.until if this.pause else _next_due(enrichment, now)
        if this.pause and this.pause.problem:
            enrichment.problem = this.pause.problem.as_stored()
        enrichment.save()
        if this.pause and this.pause.needs_owner and enrichment.owners_told_at is None:
            transaction.on_commit(lambda: announce_enrichment(this.pk))
    return enrichment.due_at is not None and enrichment.due_at <= now and enrichment.paused_at is None


def _next_due(enrichment: Enrichment, now: datetime) -> datetime | None:
    if due(enrichment, now).exists():
        return now
    waiting = records.waiting(enrichment.feed, enrichment)
    found: datetime | None = waiting.aggregate(first=Min("try_at"))["first"]
    return found


def _finish_redoing(enrichment: Enrichment) -> None:
    """Forget that old answers were to be redone, once there is none left."""
    if enrichment.redo_until is not None and not records.to_redo(enrichment.feed, enrichment).exists():
        enrichment.redo_until, enrichment.redo_total = None, 0
