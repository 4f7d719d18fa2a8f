"""A feed's records as the pages show them: a line each, and one of them whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors.enriching.words import money
from connectors.models import Record
from connectors.record_sheets import columns
from organisations.languages import clock, dated, grouped

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from connectors.enriching.acts import Standing

ICONS = {
    Record.State.KEPT: "info",
    Record.State.WAITING: "upcoming",
    Record.State.DONE: "met",
    Record.State.FAILED: "missed",
}
LONGEST_PREVIEW = 140
MOST_FIELDS = 4  # of an answer, as columns of the list


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One record in the list."""

    pk: int
    key: str
    at: datetime
    time: str
    preview: str
    icon: str
    word: str
    failed: bool
    problem: str
    fields: list[tuple[str, str]]  # names and values of the answer; empty where it has none


def time_of(record: Record, now: datetime, zone: ZoneInfo) -> str:
    """Say when a record is of; one for a whole day has its date in every zone."""
    return dated(record.at.date()) if record.whole_day else clock(record.at, now=now, zone=zone)


def fields_of(records: Iterable[Record]) -> list[str]:
    """Return the fields of answers that are plain enough to be columns, a few of them."""
    rows = [record.enriched for record in records if record.enriched]
    plain = [name for name in columns(rows) if not any(isinstance(row.get(name), dict | list) for row in rows)]
    return plain[:MOST_FIELDS]


def numeric(records: Iterable[Record], fields: Sequence[str]) -> set[str]:
    """Return the fields in which nothing but numbers stands, which are read from the right."""
    rows = [record.enriched for record in records if record.enriched]
    said = {name: [row[name] for row in rows if row.get(name) is not None] for name in fields}
    return {name for name, values in said.items() if values and all(_is_number(value) for value in values)}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def lines(records: Sequence[Record], fields: Sequence[str], now: datetime, zone: ZoneInfo) -> list[Line]:
    """Return records as lines of the list."""
    return [
        Line(
            pk=record.pk,
            key=record.key,
            at=record.at,
            time=time_of(record, now, zone),
            preview=preview(record.raw),
            icon=ICONS[Record.State(record.state)],
            word=str(Record.State(record.state).label),
            failed=record.state == Record.State.FAILED,
            problem=record.message,
            fields=[(name, shown((record.enriched or {}).get(name))) for name in fields],
        )
        for record in records
    ]


def preview(raw: Any) -> str:
    """Return what a row says, in short: its longest text, else the row itself."""
    texts = sorted(_texts(raw), key=len)
    said = " ".join((texts[-1] if texts and " " in texts[-1] else json.dumps(raw, ensure_ascii=False)).split())
    return said if len(said) <= LONGEST_PREVIEW else f"{said[: LONGEST_PREVIEW - 1]}…"


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in parts for text in _texts(part)]


def shown(value: Any) -> str:
    """Return a value of an answer as it stands in a cell; empty where there is none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if _is_number(value):
        return grouped(value, 0 if float(value).is_integer() else 3)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_PREVIEW else f"{text[: LONGEST_PREVIEW - 1]}…"


def as_json(value: Any) -> str:
    """Return a document as it is shown whole."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def sentence(standing: Standing, *, enriches: bool) -> tuple[str, str]:
    """Say how many records there are, and how many of them have their answers."""
    if not standing.all:
        return _("No record yet."), _("They come with the next check.")
    some = ngettext("%(count)s record.", "%(count)s records.", standing.all) % {"count": grouped(standing.all)}
    if not enriches:
        return some, ""
    parts = [
        ngettext("%(count)s is enriched.", "%(count)s are enriched.", standing.done) % {"count": grouped(standing.done)}
    ]
    if standing.waiting:
        said = ngettext("%(count)s waits.", "%(count)s wait.", standing.waiting)
        parts.append(said % {"count": grouped(standing.waiting)})
    if standing.failed:
        said = ngettext("%(count)s failed.", "%(count)s failed.", standing.failed)
        parts.append(said % {"count": grouped(standing.failed)})
    return some, " ".join(parts)


def facts(record: Record, currency: str) -> list[str]:
    """Say what asking about a record took."""
    said = []
    if record.attempts:
        tries = ngettext("tried %(count)s time", "tried %(count)s times", record.attempts)
        said.append(tries % {"count": grouped(record.attempts)})
    if record.tokens:
        said.append(ngettext("%(count)s token", "%(count)s tokens", record.tokens) % {"count": grouped(record.tokens)})
    if record.cost:
        said.append(money(record.cost, currency))
    return said
