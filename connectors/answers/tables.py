"""Answers that are no JSON document, read into the same plain values. Pure.

A table (CSV, with commas, semicolons, tabs or bars) becomes a list of rows by the names of their columns. JSON Lines
are a list with one document a line. Prometheus text becomes one value for each name, or a list of them by their labels.
From there on nothing knows how they were written.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from typing import Any

import orjson

from connectors.hints import time_format
from connectors.problems import Unreadable, problem
from connectors.written.numerals import COMMA, POINT, number, spoken_for

JSON, JSON_LINES, TABLE, PROMETHEUS, NUMBER = "json", "json_lines", "table", "prometheus", "number"

MOST_ROWS, MOST_COLUMNS = 100_000, 300
LOOKED_AT = 20  # lines by which it is seen what a text is
SEPARATORS = (";", "\t", "|", ",")  # the comma last: it may also stand in numbers
LONGEST_NUMBER = 64
EXACT = 2**53  # below it, every whole number is a float of its own
OF_A_NUMBER = re.compile(r"[+\-\u2212]?[0-9][0-9 .,'\u00a0\u202f\u2019]*([eE][+-]?[0-9]+)?[ \u00a0\u202f]?%?")
LEADING_ZERO = re.compile(r"[+-]?0[0-9]+")  # of an article or a postcode: no number, whatever its digits
SAMPLE = re.compile(
    r'(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?P<labels>(?:[^"}]|"(?:\\.|[^"\\])*")*)\})?'
    r"[ \t]+(?P<value>[^\s{}]+)"
    r"(?:[ \t]+-?[0-9.]+)?(?:[ \t]+#.*)?"  # when it was measured, and an example
)
LABELS = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:\\.|[^"\\])*)"')
ESCAPED = {"\\n": "\n", '\\"': '"', "\\\\": "\\"}
PROMETHEUS_KINDS = ("openmetrics", "version=0.0.4")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Grid:
    """The cells of a table as text, the names of its columns apart."""

    separator: str
    names: list[str]
    rows: list[list[str]]


def recognised(text: str, *, kind: str = "") -> str:
    """Return how a text that is no JSON is written, by itself and its `Content-Type`; empty for none of these."""
    start = text.lstrip()[:1]
    if start in ("{", "[") and _is_json_lines(text):
        return JSON_LINES
    if not start or start in "{[<":
        return ""
    if _is_number(text):
        return NUMBER
    if any(word in kind for word in PROMETHEUS_KINDS) or _is_prometheus(text):
        return PROMETHEUS
    is_csv = "csv" in kind or "tab-separated" in kind
    return TABLE if is_csv or _is_table(text) else ""


def read(text: str, written: str, *, decimal: str = "") -> Any:
    """Return what a text says. Raises Unreadable where it is not written so.

    `decimal` is "point" or "comma" where it is known which sign its numbers have before their decimals; else it is
    found out.
    """
    if written == JSON_LINES:
        return json_lines(text)
    if written == PROMETHEUS:
        return prometheus(text)
    return table(text, decimal=decimal) if written == TABLE else plain(text, decimal=decimal)


def plain(text: str, *, decimal: str = "") -> float:
    """Return the number that is all of a text. Raises Unreadable."""
    try:
        return _whole_if_it_is(number(spoken_for(text.strip(), decimal)))
    except ValueError:
        raise Unreadable(problem("no_plain_number", text=text.strip()[:LONGEST_NUMBER])) from None


def json_lines(text: str) -> list[Any]:
    """Return the documents of a text, one a line; empty lines say nothing. Raises Unreadable."""
    found = []
    for number_of_line, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            found.append(_document(line, number_of_line))
    if len(found) > MOST_ROWS:
        raise Unreadable(problem("large_table", rows=MOST_ROWS, columns=MOST_COLUMNS))
    return found


def _document(line: str, number_of_line: int) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        raise Unreadable(problem("no_json_line", line=number_of_line)) from None


def decimal_sign(text: str) -> str:
    """Return the sign that a table's numbers have before their decimals: "point" or "comma"."""
    grid = _whole(text)
    return _sign_of([cell for row in grid.rows for cell in row], usual=_usual_sign(grid.separator))


def in_two_ways(text: str) -> str:
    """Return the first number of a table that can be read in two ways, where nothing in the table shows which.

    That semicolons separate its cells says too little: the same table may show the other sign another day.
    """
    grid = _whole(text)
    if _usual_sign(grid.separator) == POINT or _sign_of([cell for row in grid.rows for cell in row], usual=""):
        return ""
    for place, name in enumerate(grid.names):
        filled = [row[place] for row in grid.rows if place < len(row) and row[place]]
        found = "" if _are_no_numbers(name, filled) or _sign_of(filled, usual="") else _first_in_two_ways(filled)
        if found:
            return found
    return ""


def _first_in_two_ways(cells: Sequence[str]) -> str:
    return next((cell for cell in cells if TWO_WAYS.fullmatch(_without_currency(cell).rstrip("% "))), "")


def table(text: str, *, decimal: str = "") -> list[Row]:
    """Return the rows of a table, each by the names of its columns. Raises Unreadable.

    A cell that is a number becomes one, an empty cell None; dates, and columns with leading zeros, stay text. Without a
    line of names the columns are called `column 1` and so on.
    """
    grid = _whole(text)
    usual = decimal or _sign_of([cell for row in grid.rows for cell in row], usual=_usual_sign(grid.separator))
    columns = [
        _values(name, [row[place] if place < len(row) else "" for row in grid.rows], usual, fixed=bool(decimal))
        for place, name in enumerate(grid.names)
    ]
    return [dict(zip(grid.names, cells, strict=True)) for cells in zip(*columns, strict=True)]


def prometheus(text: str) -> dict[str, Any]:
    """Return the values by their names; a name with labels has a list of them, each label a key beside `value`.

    What is not a number for certain (NaN, +Inf) is None. Raises Unreadable for a line that is no sample.
    """
    found: dict[str, list[Row]] = {}
    for line in _lines(text):
        name, labels, value = _sample(line)
        found.setdefault(name, []).append({**labels, "value": value})
    return {name: rows[0]["value"] if rows == [{"value": rows[0]["value"]}] else rows for name, rows in found.items()}


# --- what a text is ---------------------------------------------------------------------------------------------------


def _is_number(text: str) -> bool:
    return len(text) <= LONGEST_NUMBER and OF_A_NUMBER.fullmatch(text.strip()) is not None


def _is_json_lines(text: str) -> bool:
    """Say whether the first lines, more than one, are a document each: a whole one on several lines is not."""
    lines = [line for line in islice(text.split("\n"), LOOKED_AT) if line.strip()]
    try:
        return len(lines) > 1 and bool(json_lines("\n".join(lines)))
    except Unreadable:
        return False


def _is_prometheus(text: str) -> bool:
    lines = list(islice(_lines(text), LOOKED_AT))
    try:
        return bool(lines) and all(isinstance(_sample(line)[1], dict) for line in lines)
    except Unreadable:
        return False


def _is_table(text: str) -> bool:
    """Say whether the first lines have the same number of cells, more than one, and a number among them."""
    try:
        grid = _grid(text, most=LOOKED_AT)
    except Unreadable:
        return False
    wide = {len(row) for row in grid.rows}
    has_number = any(_is_number(cell) for row in grid.rows for cell in row)
    return len(grid.names) > 1 and wide == {len(grid.names)} and has_number


# --- tables -----------------------------------------------------------------------------------------------------------


def _whole(text: str) -> _Grid:
    """Return all of a table. Raises Unreadable where it is larger than a table may be."""
    grid = _grid(text, most=MOST_ROWS + 1)
    if len(grid.rows) > MOST_ROWS or len(grid.names) > MOST_COLUMNS:
        raise Unreadable(problem("large_table", rows=MOST_ROWS, columns=MOST_COLUMNS))
    return grid


def _grid(text: str, *, most: int) -> _Grid:
    """Cut the first lines of a text into cells: the line of names, if there is one, and at most so many rows."""
    separator = _separator(text)
    rows = list(islice(_cells(text, separator), most + 1))
    if not rows:
        raise Unreadable(problem("empty_table"))
    named = _names_columns(rows[0])
    return _Grid(separator, _names(rows[0] if named else [], max(map(len, rows))), rows[1 if named else 0 :][:most])


def _cells(text: str, separator: str) -> Iterator[list[str]]:
    """Yield the cells of each line that is not empty."""
    try:
        for row in csv.reader(text.splitlines(keepends=True), delimiter=separator, skipinitialspace=True):
            if any(cell.strip() for cell in row):
                yield [cell.strip() for cell in row]
    except csv.Error:
        raise Unreadable(problem("broken_table")) from None


def _separator(text: str) -> str:
    """Return the sign that cuts most of the first lines into as many cells as the very first, and into most of them."""
    best, score = ",", (0.0, 1)
    for sign in SEPARATORS:
        try:
            widths = [len(row) for row in islice(_cells(text, sign), LOOKED_AT)]
        except Unreadable:
            continue
        if widths and widths[0] > 1 and (widths.count(widths[0]) / len(widths), widths[0]) > score:
            best, score = sign, (widths.count(widths[0]) / len(widths), widths[0])
    return best


def _names_columns(first: Sequence[str]) -> bool:
    """Say whether a line holds the names of columns: no cell is a number or a date."""
    return not any(_is_number(cell) or time_format("date", cell) for cell in first if cell)


def _names(first: Sequence[str], width: int) -> list[str]:
    """Return a name for each column, each of them once."""
    names: list[str] = []
    for place in range(width):
        stem = " ".join((first[place] if place < len(first) else "").split())[:100] or f"column {place + 1}"
        name, again = stem, 1
        while name in names:
            again += 1
            name = f"{stem} {again}"
        names.append(name)
    return names


def _values(name: str, cells: Sequence[str], usual: str, *, fixed: bool) -> list[Any]:
    """Return the values of a column, its numbers read by the sign they show themselves, else by the table's."""
    filled = [cell for cell in cells if cell]
    if _are_no_numbers(name, filled):
        return [cell or None for cell in cells]
    sign = usual if fixed else _sign_of(filled, usual=usual)
    return [_value(cell, sign) for cell in cells]


def _are_no_numbers(name: str, cells: Sequence[str]) -> bool:
    return any(LEADING_ZERO.fullmatch(cell) for cell in cells) or _are_dates(name, cells)


def _are_dates(name: str, cells: Sequence[str]) -> bool:
    return bool(cells) and all(time_format(name, cell) for cell in cells[:LOOKED_AT])


def _value(cell: str, sign: str) -> Any:
    bare = _without_currency(cell)
    if not bare:
        return cell or None
    try:
        found = number(spoken_for(bare, sign))
    except ValueError:
        return cell
    return _whole_if_it_is(found)


def _whole_if_it_is(found: float) -> float:
    return int(found) if found.is_integer() and abs(found) < EXACT else found


def _without_currency(cell: str) -> str:
    if not cell or (cell[0].isdecimal() and cell[-1].isdecimal()):
        return cell
    return "".join(sign for sign in cell if unicodedata.category(sign) != "Sc").strip()


def _usual_sign(separator: str) -> str:
    """Return the sign of decimals where nothing shows it: who separates by semicolons needs the comma for numbers."""
    return COMMA if separator == ";" else POINT


TWO_WAYS = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
SHOWS_POINT = re.compile(
    r"[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)\.([0-9]{1,2}|[0-9]{4,})|[+-]?[0-9]{1,3}(,[0-9]{3})+\.[0-9]+"
    r"|[+-]?[0-9]{1,3}(,[0-9]{3}){2,}"
)
SHOWS_COMMA = re.compile(
    r"[+-]?([0-9]{1,3}(\.[0-9]{3})+|[0-9]+),([0-9]{1,2}|[0-9]{4,})|[+-]?[0-9]{1,3}(\.[0-9]{3})+,[0-9]+"
    r"|[+-]?[0-9]{1,3}(\.[0-9]{3}){2,}"
)


def _sign_of(cells: Sequence[str], *, usual: str) -> str:
    """Return the sign that cells show beyond doubt: three digits behind it might also be thousands."""
    bare = [_without_currency(cell).rstrip("% ") for cell in cells if "," in cell or "." in cell]
    points = sum(SHOWS_POINT.fullmatch(cell) is not None for cell in bare)
    commas = sum(SHOWS_COMMA.fullmatch(cell) is not None for cell in bare)
    if points == commas:
        return usual
    return POINT if points > commas else COMMA


# --- Prometheus -------------------------------------------------------------------------------------------------------


def _lines(text: str) -> Iterator[str]:
    return (line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#"))


def _sample(line: str) -> tuple[str, dict[str, str], float | None]:
    match = SAMPLE.fullmatch(line)
    if match is None:
        raise Unreadable(problem("no_prometheus_line", line=line[:60]))
    labels = {
        f"{name} label" if name == "value" else name: re.sub(r'\\[n"\\]', lambda found: ESCAPED[found[0]], text)
        for name, text in LABELS.findall(match["labels"] or "")
    }
    try:
        value = float(match["value"])
    except ValueError:
        raise Unreadable(problem("no_prometheus_line", line=line[:60])) from None
    return match["name"], labels, _whole_if_it_is(value) if isfinite(value) else None
