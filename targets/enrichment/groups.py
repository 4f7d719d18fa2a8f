"""Which records are asked about next, together, and by which key.

The key follows from what is asked of which records, and is written beside them before the call goes out. So whoever
takes over after a worker has died sends the same records under the same key once more, and a service that heeds the
header answers again without charging again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from connectors import records
from connectors.models import Record
from connectors.problems import Unreadable, problem
from connectors.protocol import Item, enriches

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from connectors.models import Enrichment

FIRST = ("attempts", "-state", "at", "pk")  # what did not fail yet, new before old answers, the oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Records that are asked about in one call."""

    records: Sequence[Record]
    key: str

    @property
    def items(self) -> list[Item]:
        """The records as the service is told of them."""
        return [Item(key=record.key, row=record.raw) for record in self.records]

    @property
    def is_alone(self) -> bool:
        """Whether it is one record: what goes wrong is then about that one."""
        return len(self.records) == 1


def due(enrichment: Enrichment, now: datetime) -> QuerySet[Record]:
    """Return the records that may be asked about now."""
    waiting = records.waiting(enrichment.feed, enrichment)
    return waiting.filter(Q(try_at=None) | Q(try_at__lte=now))


def choose(enrichment: Enrichment, now: datetime) -> Group | None:
    """Return the next records to ask about, with their key written down; None where there are none.

    What went out together goes out together again; what was refused is asked about alone. Call it in a transaction
    that holds the enrichment.
    """
    while (first := due(enrichment, now).order_by(*FIRST).first()) is not None:
        members = [record for record in _members(enrichment, first, now) if _can_be_told(enrichment, record)]
        if members:
            return _written_down(enrichment, members)
    return None


def _members(enrichment: Enrichment, first: Record, now: datetime) -> list[Record]:
    if first.asked:
        return list(due(enrichment, now).filter(asked=first.asked).order_by("pk"))
    if first.attempts or enrichment.batch == 1:
        return [first]
    fresh = due(enrichment, now).filter(attempts=0, asked="")
    return sorted(fresh.order_by(*FIRST)[: enrichment.batch], key=lambda record: int(record.pk))


def _can_be_told(enrichment: Enrichment, record: Record) -> bool:
    """Say whether the paths fit the record, and lead to something; otherwise it fails at once, without a call."""
    try:
        _refuse_nothing(told(enrichment, record))
    except Unreadable as error:
        record.state, record.problem, record.asked = Record.State.FAILED, error.problem.as_stored(), ""
        record.recipe = enrichment.recipe
        record.save(update_fields=["state", "problem", "asked", "recipe"])
        return False
    return True


def _refuse_nothing(found: Any) -> None:
    """Refuse to pay for an answer about nothing. Raises Unreadable."""
    if isinstance(found, dict) and found and all(value is None or value == "" for value in found.values()):
        raise Unreadable(problem("nothing_to_tell", names=", ".join(map(str, found))))


def told(enrichment: Enrichment, record: Record) -> Any:
    """Return what the service is told of a record. Raises Unreadable."""
    kind = enrichment.connection.kind_module
    return kind.about(enrichment.query, record.raw) if enriches(kind) else record.raw


def _written_down(enrichment: Enrichment, members: Sequence[Record]) -> Group:
    key = key_of(enrichment, members)
    enrichment.feed.records.filter(pk__in=[record.pk for record in members]).update(asked=key)
    return Group(records=members, key=key)


def key_of(enrichment: Enrichment, members: Sequence[Record]) -> str:
    """Return the key under which these records are asked about: another wherever something else is asked."""
    asked = [[record.pk, record.answers, told(enrichment, record)] for record in members]
    text = json.dumps([str(enrichment.connection.uid), enrichment.recipe, asked], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
