"""What people do with enrichments: setting them up, changing what is asked, redoing old answers, pausing, trying again.

What changes the answers counts the recipe up, so that a record knows by which one it was answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Count, Max, Q, Sum

from connectors.models import Enrichment, Record
from connectors.records import currency_of, locked, to_redo
from organisations.tenancy import rows_within

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from connectors.models import Feed
    from organisations.models import Organisation

State = Record.State


class Redo(StrEnum):
    """What becomes of records that were answered, or kept, before something changed."""

    NONE = "none"  # only new records are asked about in the new way
    GO_ON = "go_on"  # as far as it was decided before
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What asking about old records would come to: how many there are, and what an answer has cost until now.

    `cost` and `tokens` are None while nothing is known of them; `currency` is empty where answers are free.
    """

    records: int
    cost: float | None
    tokens: float | None
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far an enrichment has come, by number of records."""

    kept: int = 0
    waiting: int = 0
    done: int = 0
    failed: int = 0
    redone: int = 0

    @property
    def all(self) -> int:
        """All records."""
        return self.kept + self.waiting + self.done + self.failed


def enrichment_of(organisation: Organisation, feed: Feed) -> Enrichment | None:
    """Return a feed's enrichment, its connection at hand; None where it has none."""
    rows = rows_within(organisation, Enrichment).select_related("connection", "feed__connection")
    return rows.filter(feed=feed).first()


def save(enrichment: Enrichment, query: Mapping[str, Any], *, redo: Redo, now: datetime) -> Enrichment:
    """Save an enrichment with what is asked, and let it begin at once; old answers stay until new ones come."""
    with transaction.atomic():
        before = locked(enrichment.feed)
        changed = before is None or before.query != query or before.connection_id != enrichment.connection_id
        enrichment.query = dict(query)
        if before is not None:
            _as_it_stands(enrichment, before)
            enrichment.recipe += changed or redo == Redo.ALL
        if changed:
            enrichment.feed.records.exclude(asked="").update(asked="")
        enrichment.due_at, enrichment.rung_at = now, None
        _forget_trouble(enrichment)
        enrichment.save()
        if redo == Redo.ALL:
            redo_all(enrichment, now)
        elif redo == Redo.NONE:
            stop_redoing(enrichment)
    return enrichment


def _as_it_stands(enrichment: Enrichment, row: Enrichment) -> None:
    """Take over what a run may have written since the form was opened."""
    for name in (
        "recipe", "redo_until", "redo_total", "spent_on", "spent_calls", "spent_cost", "lease_token", "lease_until",
    ):  # fmt: skip
        setattr(enrichment, name, getattr(row, name))


def _forget_trouble(enrichment: Enrichment) -> None:
    enrichment.failures, enrichment.reason, enrichment.problem = 0, "", {}
    enrichment.failing_since = enrichment.owners_told_at = None


def redo_all(enrichment: Enrichment, now: datetime) -> None:
    """Have all records that are there asked about by the present recipe; the enrichment is held by the caller."""
    feed = enrichment.feed
    enrichment.redo_until = feed.records.aggregate(last=Max("pk"))["last"] or 0
    old = to_redo(feed, enrichment)
    enrichment.redo_total = old.update(attempts=0, try_at=None, asked="")
    if not enrichment.redo_total:
        enrichment.redo_until = None
    enrichment.due_at, enrichment.rung_at = now, None
    enrichment.save(update_fields=["redo_until", "redo_total", "due_at", "rung_at"])


def stop_redoing(enrichment: Enrichment) -> None:
    """Leave the old answers that were not redone yet as they are."""
    enrichment.redo_until, enrichment.redo_total = None, 0
    enrichment.save(update_fields=["redo_until", "redo_total"])


def pause(enrichment: Enrichment, now: datetime) -> None:
    """Ask nothing more until resumed; new records wait."""
    enrichment.paused_at = now
    enrichment.save(update_fields=["paused_at"])


def resume(enrichment: Enrichment, now: datetime) -> None:
    """Go on at once."""
    enrichment.paused_at, enrichment.due_at, enrichment.rung_at = None, now, None
    enrichment.save(update_fields=["paused_at", "due_at", "rung_at"])


def remove(enrichment: Enrichment) -> None:
    """Enrich no more: answers that came stay beside their records, and what waits waits no longer."""
    with transaction.atomic():
        locked(enrichment.feed)
        enrichment.feed.records.filter(state=State.WAITING).update(state=State.KEPT, asked="", attempts=0, try_at=None)
        enrichment.delete()


def ask_again(enrichment: Enrichment, records: QuerySet[Record], now: datetime) -> int:
    """Let records wait for an answer once more, at once; what they have stays until it comes. Returns how many."""
    with transaction.atomic():
        locked(enrichment.feed)
        count = records.filter(feed=enrichment.feed).update(
            state=State.WAITING, attempts=0, try_at=None, problem={}, asked=""
        )
        if count:
            enrichment.due_at, enrichment.rung_at = now, None
            enrichment.save(update_fields=["due_at", "rung_at"])
    return count


def estimate(enrichment: Enrichment) -> Estimate:
    """Return what redoing all records would come to, by what their answers have cost until now."""
    old = ~Q(state=State.WAITING)
    sums = enrichment.feed.records.aggregate(
        old=Count("pk", filter=old), cost=Sum("cost"), tokens=Sum("tokens"), answers=Sum("answers")
    )
    answers = sums["answers"] or 0
    return Estimate(
        records=sums["old"],
        cost=sums["cost"] / answers * sums["old"] if answers else None,
        tokens=sums["tokens"] / answers * sums["old"] if answers else None,
        currency=currency_of(enrichment) if enrichment.connection_id else "",
    )


def standing(feed: Feed, enrichment: Enrichment | None) -> Standing:
    """Count the records of a feed by how far they have come."""
    counted = dict(feed.records.order_by().values_list("state").annotate(Count("pk")))
    left = to_redo(feed, enrichment).count() if enrichment and enrichment.redo_until else 0
    return Standing(
        kept=counted.get(State.KEPT, 0),
        waiting=counted.get(State.WAITING, 0),
        done=counted.get(State.DONE, 0),
        failed=counted.get(State.FAILED, 0),
        redone=max(0, enrichment.redo_total - left) if enrichment else 0,
    )
