"""Numbers as sources write them.

A JSON number is itself. A text counts as a number where it can be read in one way only; signs, spaces between groups of
three digits, and a per cent sign at the end (which does not change the number) are understood:

    12 · -12.5 · +3 · 1e3 · 1 234 · 1'234.5 · 1,234.5 · 1.234,5 · 1,234,567 · 1.234.567 · 12,5 · 0,125 · 12 %

A single point is always a decimal point: `1.234` is a little more than one. A single comma before exactly three digits,
as in `1,234`, means a thousand to some and a little more than one to others, and is refused.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any

from connectors.problems import Problem, Unreadable, problem

POINT, COMMA = "point", "comma"  # the sign before decimals
LONGEST = 64  # characters of a text that is a number
SHOWN = 40
SPACES = re.compile(r"[\u00a0\u2007\u2009\u202f]")
SIGN = r"([+-]?)"
PLAIN = re.compile(SIGN + r"([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
AMBIGUOUS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
BY_POINT = re.compile(SIGN + r"([1-9][0-9]{0,2}(?:(?:,[0-9]{3})+|(?: [0-9]{3})+|(?:'[0-9]{3})+))(?:\.([0-9]+))?")
BY_COMMA = re.compile(SIGN + r"([0-9]+|[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+|(?: [0-9]{3})+))(?:,([0-9]+))")
GROUPS_OF_POINTS = re.compile(SIGN + r"([1-9][0-9]{0,2}(?:\.[0-9]{3}){2,})()")
WITH_POINTS = re.compile(r"[+-]?[1-9][0-9]{0,2}(\.[0-9]{3})+(,[0-9]+)?|[+-]?[0-9]+,[0-9]+")
WITH_COMMAS = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")


def number(value: Any) -> float:
    """Return the finite number that `value` is or says. Raises Unreadable."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise Unreadable(_no_number(value))
    found = _in_text(value) if isinstance(value, str) else _as_float(value)
    if not math.isfinite(found):
        raise Unreadable(problem("value_not_finite"))
    return found


def spoken_for(text: str, decimal: str) -> str:
    """Return a number so that it can be read in one way only, where it is known which sign is before its decimals.

    `decimal` is "point", "comma", or empty where nothing is known; any other text comes back as it is.
    """
    bare = text.removesuffix("%").rstrip().replace("\u2212", "-")
    if decimal == COMMA and WITH_POINTS.fullmatch(bare):
        return bare.replace(".", "").replace(",", ".")
    return bare.replace(",", "") if decimal == POINT and WITH_COMMAS.fullmatch(bare) else text


def _as_float(value: float | Decimal) -> float:
    try:
        return float(value)
    except (OverflowError, ValueError):
        return math.inf


def _in_text(raw: str) -> float:
    text = SPACES.sub(" ", raw).strip().replace("\u2212", "-").replace("\u2019", "'")
    text = text.removesuffix("%").rstrip()
    if not text:
        raise Unreadable(problem("value_empty"))
    if len(text) > LONGEST:
        raise Unreadable(problem("value_too_long"))
    if AMBIGUOUS.fullmatch(text):
        raise Unreadable(problem("value_ambiguous", text=text))
    plain = _plainly(text)
    if plain is None:
        raise Unreadable(problem("value_no_number", text=raw.strip()[:SHOWN]))
    return float(plain)


def _plainly(text: str) -> str | None:
    """Return the number as Python writes it, or None."""
    if PLAIN.fullmatch(text):
        return text
    match = BY_POINT.fullmatch(text) or BY_COMMA.fullmatch(text) or GROUPS_OF_POINTS.fullmatch(text)
    if match is None:
        return None
    sign, whole, fraction = match.groups()
    return f"{sign}{re.sub(r'[^0-9]', '', whole)}.{fraction or 0}"


def _no_number(value: Any) -> Problem:
    if value is None:
        return problem("value_missing")
    if isinstance(value, bool):
        return problem("value_true_or_false")
    if isinstance(value, dict):
        return problem("value_object")
    if isinstance(value, list):
        return problem("value_list")
    return problem("value_something_else")
