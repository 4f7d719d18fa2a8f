"""Records to take away, as a table or as JSON Lines, written while they are read."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from organisations.sheets import harmless

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from connectors.models import Record

CSV, JSON_LINES = "csv", "jsonl"
AT_ONCE = 500
LOOKED_AT = 500  # records whose fields become columns
MOST_COLUMNS = 60


class _Echo:
    """Gives back what a writer writes."""

    def write(self, text: str) -> str:
        return text


def download(records: QuerySet[Record], name: str, form: str) -> StreamingHttpResponse:
    """Return records as a download, latest first: `csv`, safe in spreadsheets, or `jsonl`."""
    lines = _json_lines(records) if form == JSON_LINES else _table(records)
    kind = "application/jsonl" if form == JSON_LINES else "text/csv; charset=utf-8"
    answer = StreamingHttpResponse(lines, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer


def document(record: Record) -> dict[str, Any]:
    """Return a record as programs read it."""
    return {
        "key": record.key,
        "at": record.at.date().isoformat() if record.whole_day else record.at.isoformat(),
        "state": record.state,
        "raw": record.raw,
        "enriched": record.enriched,
        "tokens": record.tokens,
        "cost": record.cost,
        "problem": record.message,
    }


def _json_lines(records: QuerySet[Record]) -> Iterator[str]:
    for record in records.iterator(chunk_size=AT_ONCE):
        yield json.dumps(document(record), ensure_ascii=False) + "\n"


def _table(records: QuerySet[Record]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    sample = list(records[:LOOKED_AT])
    fields, answers = columns(row.raw for row in sample), columns(row.enriched for row in sample)
    yield "\ufeff"
    head = [_("Key"), _("Time"), _("State"), *fields, *(f"→ {name}" for name in answers)]
    yield writer.writerow([harmless(cell) for cell in [*head, _("Tokens"), _("Cost"), _("Problem")]])
    for record in records.iterator(chunk_size=AT_ONCE):
        yield writer.writerow([harmless(cell) for cell in _cells(record, fields, answers)])


def columns(documents: Iterable[Any]) -> list[str]:
    """Return the names of the fields of documents, by the alphabet: not every database keeps their order."""
    return sorted({name for document in documents if isinstance(document, dict) for name in document})[:MOST_COLUMNS]


def _cells(record: Record, fields: Sequence[str], answers: Sequence[str]) -> list[object]:
    whole = document(record)
    enriched = record.enriched or {}
    return [
        *(whole[name] for name in ("key", "at", "state")),
        *(_cell(record.raw.get(name)) for name in fields),
        *(_cell(enriched.get(name)) for name in answers),
        *(whole[name] for name in ("tokens", "cost", "problem")),
    ]


def _cell(value: Any) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
