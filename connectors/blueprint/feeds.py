"""Feeds as a section of a blueprint: what can stand in a file, and the roads to the rows and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors import asking, registry
from connectors.models import Connection, Feed
from connectors.models.feed import DAY, Asks, RunningPeriod, Timing
from connectors.serializers import FeedSerializer
from organisations.api_forms import judged
from organisations.documents import Body, Field, Found, Section, Wanted
from organisations.documents.sections import LookUp, joined, parted
from organisations.documents.shapes import (
    Anything,
    Choice,
    Clock,
    Flag,
    Number,
    Rhythm,
    Text,
    minutes_of,
    rhythm,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from organisations.access import Access

from connectors.blueprint.kinds import Fields, Path, group_of, sent, written


def feed_fields(name: str, body: Body, known: LookUp) -> Fields:  # noqa: ARG001  the contract of a section
    """Return the fields of a feed: the kind of its connection says what can be asked."""
    connection = known("connections", parted(name)[0]) or {}
    return feed_fields_of(str(connection.get("kind", "")).strip().lower())


def feed_fields_of(kind: str) -> Fields:
    """Return the fields of a feed under a connection of one kind."""
    query = group_of(registry.kind(kind).Query) if kind in registry.all_kinds() else Anything()
    return {
        "query": Field(shape=query, help="What is asked, by the kind of the connection.", default={}),
        "every": Field(shape=Rhythm(most=31 * DAY), help="How often.", default=rhythm(_default("every"))),
        "timing": Field(
            shape=Choice(tuple(Timing.values)),
            help="By what it becomes due: every, cron, ready_by or before_report.",
            default=Timing.EVERY.value,
        ),
        "cron": Field(shape=Text(longest=100), help="Minute, hour, day, month and weekday; only for cron.", default=""),
        "ready_by": Field(shape=Clock(), help="By when the numbers are to be there; only for ready_by.", default=None),
        "lead_minutes": Field(
            shape=Number(least=1, most=DAY, whole=True),
            help="How many minutes before that time, or before the report.",
            default=_default("lead_minutes"),
        ),
        "working_days_only": Field(shape=Flag(), help="On working days alone.", default=False),
        "asks": Field(shape=Choice(tuple(Asks.values)), help="now, window or period.", default=Asks.NOW.value),
        "running_period": Field(
            shape=Choice(("", *RunningPeriod.values)), help="Only when it asks for the period so far.", default=""
        ),
        "at_path": Field(shape=Path(longest=200), help="Where a row says its date or time.", default=""),
        "at_format": Field(
            shape=Text(longest=40), help="How the date or time is written.", default=_default("at_format")
        ),
        "history_days": Field(
            shape=Number(least=0, most=3660, whole=True),
            help="How far back a new feed fetches.",
            default=_default("history_days"),
        ),
        "overlap_days": Field(
            shape=Number(least=0, most=92, whole=True),
            help="Days asked for again each time.",
            default=_default("overlap_days"),
        ),
        "row_filter": Field(shape=Path(longest=300), help="A condition that a row has to fulfil.", default=""),
        "record_key": Field(shape=Path(longest=200), help="Where a row holds its key.", default=""),
        "keeps_records": Field(shape=Flag(), help="Each row is kept as a record.", default=False),
        "keep_records_days": Field(
            shape=Number(least=1, most=3660, whole=True),
            help="Days for which records are kept.",
            default=_default("keep_records_days"),
        ),
        "paused": Field(shape=Flag(), help="True: nothing is asked.", default=False),
    }


def _default(name: str) -> Any:
    default = getattr(Feed._meta.get_field(name), "default", None)
    return getattr(default, "value", default)


def feed_variants() -> dict[str, Fields]:
    """Return the fields of a feed under every kind of connection."""
    return {kind: feed_fields_of(kind) for kind in registry.all_kinds()}


COLUMNS = [
    "timing", "cron", "lead_minutes", "working_days_only", "asks", "running_period", "at_path", "at_format",
    "history_days", "overlap_days", "row_filter", "record_key", "keeps_records", "keep_records_days",
]  # fmt: skip


def feed_rows(access: Access) -> Iterator[Found]:
    """Yield the organisation's feeds."""
    for row in access.rows(Feed).select_related("connection").order_by("connection__name", "name"):
        whole = {
            "query": written(row.connection.kind_module.Query, row.query),
            "every": rhythm(row.every),
            **{name: getattr(row, name) for name in COLUMNS},
            "ready_by": f"{row.ready_by:%H:%M}" if row.ready_by else None,
            "paused": row.paused_at is not None,
        }
        fields = feed_fields_of(row.connection.kind)
        body = {name: value for name, value in whole.items() if value != fields[name].default}
        yield Found(
            name=joined(row.connection.name, row.name), pk=row.pk, body=body, is_sample=row.connection.is_sample
        )


@dataclass(slots=True)
class Feeds:
    """Writes feeds."""

    access: Access
    now: datetime
    ids: dict[str, int] = field(default_factory=dict)

    def put(self, wanted: Wanted) -> None:
        """Create or change a feed, and ask at once with the change."""
        row = self.access.get(Feed, wanted.pk) if wanted.pk else None
        connection = self.access.get(Connection, wanted.ids["parent"][0])
        values = wanted.values
        data = {
            "connection": connection.pk,
            "name": parted(wanted.name)[-1],
            "query": sent(connection.kind_module.Query, values["query"]),
            "every": minutes_of(values["every"]),
            **{name: values[name] for name in [*COLUMNS, "ready_by"]},
        }
        before = asking.how_read(row) if row else None
        feed: Feed = judged(FeedSerializer(row, data=data, context={"access": self.access, "now": self.now}))
        self._ask(feed, before, paused=values["paused"])
        self.ids[wanted.name] = feed.pk

    def _ask(self, feed: Feed, before: tuple[Any, ...] | None, *, paused: bool) -> None:
        if paused and feed.paused_at is None:
            asking.pause(feed, self.now)
        elif not paused and feed.paused_at is not None:
            asking.resume(feed, self.now)
        elif not paused:
            asking.with_change(feed, before, self.now)

    def remove(self, pks: list[int]) -> None:
        """Remove feeds with their metrics."""
        self.access.rows(Feed).filter(pk__in=pks).delete()

    def finish(self) -> dict[str, int]:
        """Return the ids: each feed is written and due already."""
        return self.ids


SECTIONS = [
    Section(
        name="feeds",
        help="What is asked of a connection and how often; the connection's name comes first: “Analytics / Visitors”.",
        after=("connections",),
        parent="connections",
        fields=feed_fields,
        rows=feed_rows,
        writer=Feeds,
        variants=feed_variants,
    ),
]
