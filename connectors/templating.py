"""Placeholders such as `{since}` in what a feed sends, filled so that a value never leaves the place it is put in.

There is no template language: a placeholder is a name in braces and stands for one value. Who fills it says what the
place is (a part of a path, a line, a JSON document), and the value is escaped for that place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _

PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
DEEPEST = 50  # levels of a JSON body

Value = str | int | float
Values = Mapping[str, Value | None]  # None: there is no such value yet

_LEFT_OUT = object()


def placeholders(text: str) -> set[str]:
    """Return the names that stand in braces in `text`."""
    return set(PLACEHOLDER.findall(text))


def placeholders_in_json(document: Any) -> set[str]:
    """Return the names that stand in braces in the texts of a JSON document; the names of its members do not count."""
    return set().union(*(placeholders(text) for text in _texts(document)))


def _texts(document: Any) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict | list):
        for child in document.values() if isinstance(document, dict) else document:
            yield from _texts(child)


def lacks(text: str, values: Values) -> bool:
    """Say whether `text` asks for a value that is not there yet."""
    return any(values.get(name, "") is None for name in placeholders(text))


def fill(text: str, values: Values, *, escaped: Callable[[str], str]) -> str:
    """Return `text` with its placeholders filled by escaped values; unknown ones stay, missing values are empty."""

    def value_of(match: re.Match[str]) -> str:
        name = match[1]
        return escaped(_plain(values[name])) if name in values else match[0]

    return PLACEHOLDER.sub(value_of, text)


def fill_path(text: str, values: Values) -> str:
    """Fill a path of a URL. Raises ValueError where a value would lead to another folder."""
    path = fill(text, values, escaped=_path_piece)
    if {".", ".."} & set(path.split("/")):
        raise ValueError(_("a value cannot stand in the path"))
    return path


def fill_line(text: str, values: Values) -> str:
    """Fill the value of a header or a parameter. Raises ValueError for a value with a line break."""
    return fill(text, values, escaped=_one_line)


def fill_json(document: Any, values: Values) -> Any:
    """Return a JSON document with its texts filled.

    A text that is nothing but one placeholder becomes the value itself, so that numbers stay numbers; a member or an
    element that asks for a value that is not there yet is left out.
    """
    filled = _filled(document, values)
    return None if filled is _LEFT_OUT else filled


def _filled(document: Any, values: Values) -> Any:
    if isinstance(document, dict):
        members = ((name, _filled(child, values)) for name, child in document.items())
        return {name: child for name, child in members if child is not _LEFT_OUT}
    if isinstance(document, list):
        return [child for child in (_filled(element, values) for element in document) if child is not _LEFT_OUT]
    return _filled_text(document, values) if isinstance(document, str) else document


def _filled_text(text: str, values: Values) -> Any:
    if lacks(text, values):
        return _LEFT_OUT
    whole = PLACEHOLDER.fullmatch(text)
    if whole and whole[1] in values:
        return values[whole[1]]
    return fill(text, values, escaped=str)


def fill_body(text: str, values: Values, *, content_type: str) -> str:
    """Return the text of a body, filled as its content type wants it. Raises ValueError for broken JSON.

    JSON is filled inside its texts, forms and XML are escaped; in any other text a value may not hold control signs.
    """
    media = content_type.partition(";")[0].strip().lower()
    if is_json(media):
        return json.dumps(fill_json(parse_json(text), values), ensure_ascii=False, allow_nan=False)
    if media == "application/x-www-form-urlencoded":
        return fill(text, values, escaped=quote_plus)
    if media.endswith(("/xml", "+xml", "/html")):
        return fill(text, values, escaped=lambda value: escape(value, {'"': "&quot;", "'": "&#39;"}))
    return fill(text, values, escaped=_one_line)


def is_json(content_type: str) -> bool:
    """Say whether a content type stands for JSON."""
    media = content_type.partition(";")[0].strip().lower()
    return media in ("application/json", "text/json") or media.endswith("+json")


def parse_json(text: str) -> Any:
    """Parse strict JSON, keeping long integers whole. Raises ValueError."""
    try:
        document = json.loads(text, parse_constant=_refuse)
        _check_depth(document, DEEPEST)
    except (ValueError, RecursionError):
        raise ValueError(_("This is not valid JSON.")) from None
    return document


def _check_depth(node: Any, left: int) -> None:
    if left < 0:
        raise ValueError
    if isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            _check_depth(child, left - 1)


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _plain(value: Value | None) -> str:
    return "" if value is None else str(value)


def _path_piece(value: str) -> str:
    return quote(value, safe="", errors="strict")


def _one_line(value: str) -> str:
    if CONTROL.search(value):
        raise ValueError(_("a value with a line break cannot stand there"))
    return value
