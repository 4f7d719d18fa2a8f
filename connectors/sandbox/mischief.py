"""What can be wrong with the rows of an answer: some twice, some missing still, some changed, all in disorder. Pure."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from typing import Any

Rows = list[Any]

ONE_IN = 3  # rows that it happens to; always the same ones, whatever page they are on
WORSE = 1.1  # what a revised number is multiplied by
NOT_REVISED = ("id", "year", "page", "per_page")
MANY = 10**400  # more than a float holds


def happens_to(row: Any) -> bool:
    """Say whether a row is one of those that it happens to."""
    return zlib.crc32(json.dumps(row, sort_keys=True).encode()) % ONE_IN == 0


def duplicate(rows: Rows) -> Rows:
    """Return rows of which some are there twice."""
    return [copy for row in rows for copy in ([row, row] if happens_to(row) else [row])]


def late(rows: Rows) -> Rows:
    """Return rows of which some are not there yet."""
    return [row for row in rows if not happens_to(row)]


def revised(rows: Rows) -> Rows:
    """Return rows of which some say something else than before."""
    return [_revised(row) if happens_to(row) else row for row in rows]


def shuffled(rows: Rows) -> Rows:
    """Return rows in an order of their own."""
    return sorted(rows, key=lambda row: zlib.crc32(json.dumps(row, sort_keys=True).encode()))


def huge(rows: Rows) -> Rows:
    """Return rows whose numbers are larger than any number should be."""
    return [_with_numbers(row, lambda _: MANY) for row in rows]


def not_a_number(rows: Rows) -> Rows:
    """Return rows whose numbers are NaN, which JSON does not know."""
    return [_with_numbers(row, lambda _: float("nan")) for row in rows]


def other_types(rows: Rows) -> Rows:
    """Return rows whose numbers are lists."""
    return [_with_numbers(row, lambda number: [number]) for row in rows]


def with_rows(document: Any, changed: Callable[[Rows], Rows]) -> Any:
    """Return a document with its rows changed: a list, the first list of records in it, or else itself as a row."""
    if isinstance(document, list):
        return changed(document)
    name = next((name for name, part in document.items() if _is_rows(part)), None) if _is_record(document) else None
    if name is not None:
        return {**document, name: changed(document[name])}
    alone = changed([document])
    return alone[0] if alone else document


def with_lines(text: str, changed: Callable[[Rows], Rows]) -> str:
    """Return a text with its lines changed, but for the first, which names the columns."""
    first, *others = text.splitlines()
    return "\n".join([first, *changed(others), ""])


def _revised(row: Any) -> Any:
    changed = _with_numbers(row, lambda number: type(number)(round(number * WORSE, 6)))
    return {**changed, "text": f"{row['text']} (edited)"} if _is_record(row) and "text" in row else changed


def _with_numbers(row: Any, made: Callable[[Any], Any]) -> Any:
    if not _is_record(row):
        return made(row) if _is_number(row) else row
    return {name: made(part) if _is_number(part) and _may_change(name) else part for name, part in row.items()}


def _may_change(name: str) -> bool:
    return name not in NOT_REVISED and not name.endswith("_id")


def _is_number(part: Any) -> bool:
    return isinstance(part, int | float) and not isinstance(part, bool)


def _is_record(part: Any) -> bool:
    return isinstance(part, dict)


def _is_rows(part: Any) -> bool:
    return isinstance(part, list) and bool(part) and all(_is_record(row) for row in part)
