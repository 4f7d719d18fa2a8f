"""Asking a service about records, through the one place where settings, credentials, session and kind meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from connectors.calls.row_masking import mask_of_rows
from connectors.errors import FetchError, Misconfigured, Reason
from connectors.fetching import carried_out, order_of, policy, write_down
from connectors.problems import problem
from connectors.protocol import Enriching, Window, enriches

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.fetching import Order
    from connectors.models import Connection, Enrichment
    from connectors.outbound import CallNote
    from connectors.protocol import Call, Enriched, Item

SECONDS_OF_A_TRIAL = 30.0  # somebody waits for it; models take their time


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What asking about records brought: an answer for each of them in their order, or the failure.

    `calls` is how many requests went out, `call_id` the correlation id of the last of them.
    """

    enriched: Sequence[Enriched] = ()
    failure: FetchError | None = None
    calls: int = 0
    call_id: str = ""

    @property
    def cost(self) -> float:
        """What was paid, also for an answer that cannot be used."""
        return sum(each.cost for each in self.enriched) + (self.failure.cost if self.failure else 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What was sent about one record when it was tried, and what came of it; nothing of it is kept."""

    letter: str = ""
    enriched: Enriched | None = None
    failure: FetchError | None = None
    notes: Sequence[CallNote] = ()

    @property
    def message(self) -> str:
        """What went wrong, in the language that is active; empty where nothing did."""
        wrong = self.failure.problem if self.failure else self.enriched.problem if self.enriched else None
        return wrong.to_whoever_tries() if wrong else ""


def ask(enrichment: Enrichment, items: Sequence[Item], *, key: str, now: datetime) -> Answered:
    """Ask about records in one call, and write every request into the log. Raises nothing of what may go wrong.

    Call it outside of transactions: it waits for the network. `key` stays the same when the call is repeated.
    """
    connection = enrichment.connection
    notes: list[CallNote] = []

    def log(note: CallNote) -> None:
        notes.append(note)
        write_down(note, connection=connection)

    enriched: Sequence[Enriched] = ()
    failure = None
    try:
        kind = kind_of(connection)
        order = _order(connection, enrichment.query, now)
        enriched = carried_out(order, partial(_enriched, kind, items, key), policy=policy(), now=now, log=log)
    except FetchError as caught:
        failure = caught
    sent = [note for note in notes if note.reason != Reason.HELD_BACK]
    return Answered(
        enriched=enriched, failure=failure, calls=len(sent), call_id=sent[-1].correlation_id if sent else ""
    )


def _enriched(kind: Enriching, items: Sequence[Item], key: str, call: Call) -> Sequence[Enriched]:
    """Return the answers as they are kept: without the secrets that a service sent back."""
    found, mask = kind.enrich(call, items, key=key), mask_of_rows(call)
    return [replace(each, fields=mask(each.fields)) for each in found]


def try_out(connection: Connection, query: Mapping[str, Any], item: Item, *, now: datetime) -> Tried:
    """Ask about one record, quickly, as it was typed in and before it is saved. Raises no FetchError."""
    notes: list[CallNote] = []
    letter: list[str] = []
    quick = replace(policy(), deadline=SECONDS_OF_A_TRIAL, attempts=1)

    def asked(call: Call) -> Sequence[Enriched]:
        letter.append(call.session.redaction.text(kind.letter(call, [item])))
        return kind.enrich(call, [item], key="")

    def log(note: CallNote) -> None:
        notes.append(note)
        write_down(note, connection=connection)

    try:
        kind = kind_of(connection)
        [enriched] = carried_out(_order(connection, query, now), asked, policy=quick, now=now, log=log)
    except FetchError as failure:
        return Tried(letter="".join(letter), failure=failure, notes=notes)
    return Tried(letter="".join(letter), enriched=enriched, notes=notes)


def kind_of(connection: Connection) -> Enriching:
    """Return the kind of a connection that enriches. Raises Misconfigured for another."""
    kind = connection.kind_module
    if not enriches(kind):
        raise Misconfigured(problem("cannot_enrich"))
    return kind


def _order(connection: Connection, query: Mapping[str, Any], now: datetime) -> Order:
    form = kind_of(connection).Enrichment
    return order_of(connection, query, Window(since=now, until=now), now=now, form=form)
