"""Enrichments as a section of a blueprint: each has the name of its feed, whose records it passes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from connectors import registry
from connectors.blueprint.kinds import Fields, group_of, sent, written
from connectors.enrich_forms import enriching_kinds
from connectors.enrich_serializers import EnrichmentSerializer
from connectors.enriching import acts
from connectors.enriching.acts import Redo
from connectors.models import Connection, Enrichment, Feed
from organisations.api_forms import judged
from organisations.documents import Body, Field, Found, Section, Wanted
from organisations.documents.sections import LookUp, joined
from organisations.documents.shapes import Anything, Flag, Number, Reference

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from connectors.protocol import Enriching
    from organisations.access import Access

COLUMNS = ["batch", "daily_calls", "daily_cost"]


def enrichment_fields(name: str, body: Body, known: LookUp) -> Fields:  # noqa: ARG001  the contract of a section
    """Return the fields of an enrichment: the kind of its connection says what can be asked."""
    connection = known("connections", str(body.get("connection", "")).strip()) or {}
    return enrichment_fields_of(str(connection.get("kind", "")).strip().lower())


def enrichment_fields_of(kind: str) -> Fields:
    """Return the fields of an enrichment through a connection of one kind."""
    query = group_of(_form(kind)) if kind in enriching_kinds() else Anything()
    return {
        "connection": Field(shape=Reference("connections"), help="The service that is asked about each record."),
        "query": Field(shape=query, help="What is asked, by the kind of that connection.", default={}),
        "batch": Field(shape=Number(least=1, most=100, whole=True), help="How many records a call.", default=1),
        "daily_calls": Field(
            shape=Number(least=1, whole=True), help="After so many calls a day it waits for the next.", default=None
        ),
        "daily_cost": Field(
            shape=Number(least=0.000001), help="After so much cost a day it waits for the next.", default=None
        ),
        "paused": Field(shape=Flag(), help="True: nothing is asked.", default=False),
    }


def _form(kind: str) -> Any:
    return cast("Enriching", registry.kind(kind)).Enrichment


def enrichment_variants() -> dict[str, Fields]:
    """Return the fields of an enrichment through every kind of connection that enriches."""
    return {kind: enrichment_fields_of(kind) for kind in enriching_kinds()}


def enrichment_rows(access: Access) -> Iterator[Found]:
    """Yield the organisation's enrichments."""
    rows = access.rows(Enrichment).select_related("feed__connection", "connection")
    for row in rows.order_by("feed__connection__name", "feed__name"):
        fields = enrichment_fields_of(row.connection.kind)
        whole = {
            "connection": row.connection.name,
            "query": _written(row),
            **{name: getattr(row, name) for name in COLUMNS},
            "paused": row.paused_at is not None,
        }
        body = {name: value for name, value in whole.items() if value != fields[name].default}
        of = row.feed.connection
        yield Found(name=joined(of.name, row.feed.name), pk=row.pk, body=body, is_sample=of.is_sample)


def _written(row: Enrichment) -> dict[str, Any]:
    known = row.connection.kind in enriching_kinds()
    return written(_form(row.connection.kind), row.query) if known else dict(row.query)


@dataclass(slots=True)
class Enrichments:
    """Writes enrichments."""

    access: Access
    now: datetime
    ids: dict[str, int] = field(default_factory=dict)

    def put(self, wanted: Wanted) -> None:
        """Create or change an enrichment; old answers stay as they are, and new records are asked about."""
        row = self.access.get(Enrichment, wanted.pk) if wanted.pk else None
        feed = self.access.get(Feed, wanted.ids["beside"][0])
        connection = self.access.get(Connection, wanted.ids["connection"][0])
        query = wanted.values["query"]
        data = {
            "feed": feed.pk,
            "connection": connection.pk,
            "query": sent(_form(connection.kind), query) if connection.kind in enriching_kinds() else query,
            "redo": Redo.NONE.value,
            **{name: wanted.values[name] for name in COLUMNS},
        }
        saved: Enrichment = judged(
            EnrichmentSerializer(row, data=data, context={"access": self.access, "now": self.now})
        )
        self._turn(saved, paused=wanted.values["paused"])
        self.ids[wanted.name] = saved.pk

    def _turn(self, row: Enrichment, *, paused: bool) -> None:
        if paused and row.paused_at is None:
            acts.pause(row, self.now)
        elif not paused and row.paused_at is not None:
            acts.resume(row, self.now)

    def remove(self, pks: list[int]) -> None:
        """Remove enrichments; the answers that came stay beside their records."""
        for row in self.access.rows(Enrichment).select_related("feed__connection").filter(pk__in=pks):
            acts.remove(row)

    def finish(self) -> dict[str, int]:
        """Return the ids: each enrichment is written and due already."""
        return self.ids


SECTIONS = [
    Section(
        name="enrichments",
        help="What the records of a feed are passed through; each has the name of its feed: “Network / Posts”.",
        after=("connections", "feeds"),
        parent="connections",
        beside="feeds",
        fields=enrichment_fields,
        rows=enrichment_rows,
        writer=Enrichments,
        variants=enrichment_variants,
    ),
]
