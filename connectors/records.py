"""Keeping the rows of a feed as records: read first, without the database, then kept in the collection's transaction.

A key tells a row from all others. A row that comes again changes nothing; one that changed replaces what was there, and
its enrichment is asked for again only where what is told of it has changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from connectors.extract import AHEAD
from connectors.models import Enrichment, Record
from connectors.paths import look_up
from connectors.problems import UNSTORABLE, Unreadable, problem
from connectors.protocol import enriches
from connectors.sifting import Aside, condition
from connectors.written import times
from connectors.written.times import Moment
from organisations.tenancy import rows_within

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from connectors.models import Collection, Feed

LONGEST_KEY = 200
LONGEST_TEXT = 20_000  # characters kept of one text in a row
LARGEST = 100_000  # characters of a row or of an answer, written as JSON
BATCH = 500  # rows a statement
STOPPED = ("unauthorised",)  # why an enrichment stands still until somebody mends it


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A row as it would be kept; one that is not meant any more is not, and takes away what was kept of it.

    `place` says which one of all rows it is, from 1 on.
    """

    place: int
    key: str
    at: datetime
    whole_day: bool
    raw: dict[str, Any]
    is_meant: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    """What rows would be kept, by key, and those that were set aside; `left_out` counts all others."""

    drafts: Mapping[str, Draft] = field(default_factory=dict)
    aside: tuple[Aside, ...] = ()
    left_out: int = 0

    @property
    def places(self) -> frozenset[int]:
        """Which rows would be kept."""
        return frozenset(draft.place for draft in self.drafts.values() if draft.is_meant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What keeping changed: the times at which records came, changed, or were before."""

    touched: frozenset[datetime] = frozenset()


def read(feed: Feed, rows: Iterable[tuple[Any, datetime]], *, now: datetime) -> Readable:
    """Return how rows would be kept; each comes with the time that counts where it says none itself.

    Of rows with the same key the last counts. Rows older than records are kept are left out, for they would be thinned
    at once, and asked for and paid for again the next time they come. Left out are also rows that are not meant.
    """
    oldest = now - timedelta(days=feed.keep_records_days)
    drafts: dict[str, Draft] = {}
    aside: list[Aside] = []
    place = 0
    for place, (row, usual) in enumerate(rows, start=1):
        try:
            draft = _draft(feed, place, row, usual, now=now)
        except Unreadable as error:
            aside.append(Aside(place, row, error.problem))
            continue
        if draft.at >= oldest:
            drafts[draft.key] = draft
    kept = sum(draft.is_meant for draft in drafts.values())
    return Readable(drafts=drafts, aside=tuple(aside), left_out=place - kept - len(aside))


def _draft(feed: Feed, place: int, row: Any, usual: datetime, *, now: datetime) -> Draft:
    """Return a row as it would be kept. Raises Unreadable."""
    if not isinstance(row, dict):
        raise Unreadable(problem("row_no_object"))
    is_meant = condition(feed.row_filter)(row)
    moment = _moment(feed, row, usual, now=now)
    key = _key(look_up(feed.record_key)(row), feed.record_key)
    return Draft(place=place, key=key, at=moment.at, whole_day=moment.whole_day, raw=storable(row), is_meant=is_meant)


def _key(found: Any, path: str) -> str:
    """Return what tells a row from all others, as a text; several values together may do so."""
    parts = found if isinstance(found, list) else [found]
    if all(part is None or part == "" for part in parts):
        raise Unreadable(problem("key_missing", path=path))
    if any(isinstance(part, bool | dict | list) for part in parts):
        raise Unreadable(problem("key_something_else"))
    key = UNSTORABLE.sub("\ufffd", json.dumps(found, ensure_ascii=False) if isinstance(found, list) else str(found))
    if len(key) > LONGEST_KEY:
        raise Unreadable(problem("key_too_long", most=LONGEST_KEY))
    return key


def _moment(feed: Feed, row: Any, usual: datetime, *, now: datetime) -> Moment:
    if not feed.at_path:
        return Moment(usual.astimezone(UTC), whole_day=False)
    zone = feed.connection.organisation.zone
    moment = times.read(look_up(feed.at_path)(row), fmt=feed.at_format, zone=zone)
    if moment.at > now + AHEAD:
        raise Unreadable(problem("time_in_future", time=f"{moment.at:%Y-%m-%d %H:%M}"))
    return moment


def storable(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document as a database keeps it, very long texts cut. Raises Unreadable where it is too large."""
    bounded: dict[str, Any] = _bounded(document)
    if len(json.dumps(bounded, ensure_ascii=False)) > LARGEST:
        raise Unreadable(problem("row_too_large", bytes=LARGEST))
    return bounded


def _bounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {_bounded(str(name)): _bounded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_bounded(each) for each in value]
    if not isinstance(value, str):
        return value
    cut = value if len(value) <= LONGEST_TEXT else f"{value[: LONGEST_TEXT - 1]}…"
    return UNSTORABLE.sub("\ufffd", cut)


def keep(feed: Feed, readable: Readable, *, collection: Collection, now: datetime) -> Kept:
    """Write rows down by their keys, within the collection's transaction; whoever enriches them is woken."""
    enrichment = locked(feed)
    touched: set[datetime] = set()
    for keys in _batches(list(readable.drafts)):
        there = {row.key: row for row in feed.records.filter(key__in=keys).held()}
        drafts = [readable.drafts[key] for key in keys]
        new = [draft for draft in drafts if draft.is_meant and draft.key not in there]
        changed = [(there[draft.key], draft) for draft in drafts if draft.is_meant and draft.key in there]
        touched |= _take_away(feed, [there[draft.key] for draft in drafts if not draft.is_meant and draft.key in there])
        touched |= _add(feed, new, enrichment, collection, now)
        touched |= _change(feed, changed, enrichment, collection)
    if enrichment is not None and touched:
        wake(enrichment, now)
    return Kept(touched=frozenset(touched))


def locked(feed: Feed) -> Enrichment | None:
    """Return the feed's enrichment, held until the transaction ends; None where it has none.

    Whoever writes its records holds it first, so that whoever ends a run of it sees them.
    """
    rows = rows_within(feed.connection.organisation, Enrichment)
    return rows.select_related("connection").filter(feed=feed).held().first()


def wake(enrichment: Enrichment, now: datetime) -> None:
    """Make an enrichment due that slept because there was nothing to do; one that waits for something goes on so."""
    if enrichment.due_at is None and enrichment.paused_at is None and enrichment.reason not in STOPPED:
        enrichment.due_at, enrichment.rung_at = now, None
        enrichment.save(update_fields=["due_at", "rung_at"])


def _add(
    feed: Feed, drafts: list[Draft], enrichment: Enrichment | None, collection: Collection, now: datetime
) -> set[datetime]:
    state = Record.State.KEPT if enrichment is None else Record.State.WAITING
    feed.records.bulk_create(
        [
            Record(
                feed=feed, key=draft.key, at=draft.at, whole_day=draft.whole_day, raw=draft.raw, state=state,
                recorded_at=now, collection=collection,
            )
            for draft in drafts
        ],
        ignore_conflicts=True,  # a past range may be fetched at the same time
    )  # fmt: skip
    return {draft.at for draft in drafts}


def _take_away(feed: Feed, rows: list[Record]) -> set[datetime]:
    feed.records.filter(pk__in=[row.pk for row in rows]).delete()
    return {row.at for row in rows}


CHANGED = ["raw", "at", "whole_day", "collection", "state", "attempts", "try_at", "problem", "asked"]


def _change(
    feed: Feed, pairs: list[tuple[Record, Draft]], enrichment: Enrichment | None, collection: Collection
) -> set[datetime]:
    changed = [(row, draft) for row, draft in pairs if _differs(feed, row, draft)]
    touched = {row.at for row, _draft in changed}
    groups = {row.asked for row, _draft in changed if row.asked}
    for row, draft in changed:
        if (
            enrichment is not None
            and row.state != Record.State.KEPT
            and tells_otherwise(enrichment, row.raw, draft.raw)
        ):
            row.state, row.attempts, row.try_at, row.problem = Record.State.WAITING, 0, None, {}
        row.raw, row.collection, row.asked = draft.raw, collection, ""
        if feed.at_path:
            row.at, row.whole_day = draft.at, draft.whole_day
    feed.records.filter(asked__in=groups).update(asked="")  # what went out together would be another call now
    write(feed, [row for row, _draft in changed], CHANGED)
    return touched | {row.at for row, _draft in changed}


def held(feed: Feed, pks: Iterable[int]) -> dict[int, Record]:
    """Return records that are still there by their ids, held until the transaction ends."""
    return {row.pk: row for row in feed.records.filter(pk__in=pks).held()}


def write(feed: Feed, rows: Sequence[Record], columns: Sequence[str]) -> None:
    """Write some columns of records that are there and held; one statement where an update would need one for each."""
    feed.records.bulk_create(
        rows, batch_size=BATCH, update_conflicts=True, unique_fields=["pk"], update_fields=list(columns)
    )


def _differs(feed: Feed, row: Record, draft: Draft) -> bool:
    moved = bool(feed.at_path) and (row.at, row.whole_day) != (draft.at, draft.whole_day)
    return moved or row.raw != draft.raw


def tells_otherwise(enrichment: Enrichment, before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Say whether the service would be told something else of a row than before."""
    kind = enrichment.connection.kind_module
    if not enriches(kind):
        return True
    try:
        return bool(kind.about(enrichment.query, before) != kind.about(enrichment.query, after))
    except Unreadable:
        return True


def waiting(feed: Feed, enrichment: Enrichment) -> QuerySet[Record]:
    """Return the records that are still to be asked about: new ones, and those that are to be redone."""
    return feed.records.filter(Q(state=Record.State.WAITING) | _to_redo(enrichment))


def to_redo(feed: Feed, enrichment: Enrichment) -> QuerySet[Record]:
    """Return the records whose old answers are still to be redone."""
    return feed.records.filter(_to_redo(enrichment)).exclude(state=Record.State.WAITING)


def _to_redo(enrichment: Enrichment) -> Q:
    return Q(pk__lte=enrichment.redo_until or 0, recipe__lt=enrichment.recipe)


def currency_of(enrichment: Enrichment) -> str:
    """Return the sign of the money that answers cost; empty where they are free."""
    kind, settings = enrichment.connection.kind_module, enrichment.connection.settings
    return kind.currency(settings, enrichment.query) if enriches(kind) else ""


def past_their_age(rows: QuerySet[Record], now: datetime) -> Iterator[QuerySet[Record]]:
    """Yield the records that are older than their feeds keep them, by that age."""
    ages = rows.order_by().values_list("feed__keep_records_days", flat=True).distinct()
    for days in list(ages):
        yield rows.filter(feed__keep_records_days=days, at__lt=now - timedelta(days=days))


def _batches(keys: list[str]) -> Iterator[list[str]]:
    yield from (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))
