"""Numbers as sources write them.

A JSON number is itself. A text counts as a number where it can be read in one way only; signs, spaces between groups of
three digits, and a per cent sign at the end (which does not change the number) are understood:

    12 · -12.5 · +3 · 1e3 · 1 234 · 1'234.5 · 1,234.5 · 1.234,5 · 1,234,567 · 1.234.567 · 12,5 · 0,125 · 12 %

A single point is always a decimal point: `1.234` is a little more than one. A single comma before exactly three digits,
as in `1,234`, means a thousand to some and a little more than one to others, and is refused. Where it is known which
sign is before the decimals, `by_sign` reads such a number too. Other ways of writing stand in `values`.
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
WHOLE = r"(?:[1-9][0-9]{0,2}(?:(?:%s[0-9]{3})+|(?: [0-9]{3})+|(?:'[0-9]{3})+)|[0-9]+)"
KNOWN = {
    POINT: re.compile(rf"{SIGN}({WHOLE % ','})?(?:\.([0-9]*))?([eE][+-]?[0-9]{{1,4}})?"),
    COMMA: re.compile(rf"{SIGN}({WHOLE % '[.]'})?(?:,([0-9]*))?([eE][+-]?[0-9]{{1,4}})?"),
}
PER_CENT = re.compile(r"(?:% ?)?([^%‰]*?) ?(%|‰|(?i:per ?cent|pct\.?|prozent))?")
WITH_POINTS = re.compile(r"[+-]?[1-9][0-9]{0,2}(\.[0-9]{3})+(,[0-9]+)?|[+-]?[0-9]+,[0-9]+")
WITH_COMMAS = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")


def number(value: Any) -> float:
    """Return the finite number that `value` is or says. Raises Unreadable."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise Unreadable(_no_number(value))
    return finite(_in_text(value) if isinstance(value, str) else _as_float(value))


def finite(found: float) -> float:
    """Return a number that is finite. Raises Unreadable."""
    if not math.isfinite(found):
        raise Unreadable(problem("value_not_finite"))
    return found


def by_sign(raw: str, text: str, sign: str) -> float:
    """Return the number that a cleaned text says, where `sign` (point or comma) is before its decimals.

    `raw` is what is quoted. Raises Unreadable.
    """
    match = KNOWN[sign].fullmatch(text)
    if match is None or not (match[2] or match[3]):
        raise Unreadable(problem("value_no_point" if sign == POINT else "value_no_comma", text=quoted(raw)))
    lead, whole, fraction, power = match.groups()
    return float(f"{lead}{re.sub(r'[^0-9]', '', whole or '0')}.{fraction or 0}{power or ''}")


def per_cent(raw: str) -> float:
    """Return the per cent that a text says, 12.5 for `12.5 %`; a per mille is a tenth of one. Raises Unreadable."""
    text = cleaned(raw)
    match = PER_CENT.fullmatch(text)
    if match is None or not (match[2] or text.startswith("%")) or (match[2] and text.startswith("%")):
        raise Unreadable(problem("value_no_percent", text=quoted(raw)))
    found = _in_text(match[1])
    return found / 10 if match[2] == "‰" else found


def cleaned(raw: str) -> str:
    """Return a text with plain spaces, signs and apostrophes. Raises Unreadable where it is empty or too long."""
    text = SPACES.sub(" ", raw).strip().replace("\u2212", "-").replace("\u2019", "'")
    if not text:
        raise Unreadable(problem("value_empty"))
    if len(text) > LONGEST:
        raise Unreadable(problem("value_too_long"))
    return text


def quoted(raw: str) -> str:
    """Return as much of a text as a sentence quotes."""
    return raw.strip()[:SHOWN]


def in_two_ways(raw: str) -> Unreadable:
    """Return the refusal of a number that means two things."""
    return Unreadable(problem("value_ambiguous", text=quoted(raw)))


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
    text = cleaned(raw).removesuffix("%").rstrip()
    if not text:
        raise Unreadable(problem("value_empty"))
    if AMBIGUOUS.fullmatch(text):
        raise in_two_ways(text)
    plain = plainly(text)
    if plain is None:
        raise Unreadable(problem("value_no_number", text=quoted(raw)))
    return float(plain)


def plainly(text: str) -> str | None:
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
