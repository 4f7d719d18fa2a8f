"""Readings that people type or paste: numbers and lines of `date,value` as text, and as points. Pure."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors.extract import Point
from connectors.written import times
from connectors.written.numerals import COMMA, POINT, spoken_for
from organisations.languages import active, grouped
from targets.moments import lies_ahead

FORMATS = (times.AUTO, "%d.%m.%Y", "%d.%m.%Y %H:%M")
SEPARATORS = ("\t", ";", ",")
MOST_LINES = 20_000
MOST_ERRORS = 20  # enough to see what is wrong; the rest usually is the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """What was read from lines of text: the points, or what is wrong with which line, `wrong` of all `lines`."""

    lines: int = 0
    wrong: int = 0
    points: list[Point] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def number_in(text: str, *, decimal: str = "") -> float:
    """Return the number somebody typed, as their language writes it. Raises ValueError on anything else.

    12.500 is twelve and a half in English and twelve thousand five hundred in German; `decimal` names the sign before
    the decimals ("point" or "comma") where the text itself tells it.
    """
    bare = re.sub(r"[\s\u00a0\u202f']", "", text).replace("\u2212", "-")
    number = float(spoken_for(bare, decimal or (COMMA if active().decimal == "," else POINT)))
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number


def point_of(when: str, value: str | float, *, zone: ZoneInfo, now: datetime, decimal: str = "") -> Point:
    """Return one reading; `decimal` as in `number_in`. Raises ValueError with a sentence for whoever typed it."""
    moment = _moment(when, zone)
    if lies_ahead(moment, now=now, zone=zone):
        raise ValueError(_("“%(text)s” is in the future.") % {"text": when.strip()})
    try:
        number = value if isinstance(value, float) else number_in(value, decimal=decimal)
    except ValueError:
        raise ValueError(_("“%(text)s” is not a number.") % {"text": str(value).strip()}) from None
    return Point(at=moment.at, whole_day=moment.whole_day, segment="", value=number)


def pasted(text: str, *, zone: ZoneInfo, now: datetime) -> Pasted:
    """Read lines of a date (or date and time) and a value, apart by comma, semicolon or tab.

    Empty lines and a first line of headings are passed over. With any error there are no points, so that nothing is
    written by halves.
    """
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if lines and not any(character.isdigit() for character in lines[0][1]):
        lines = lines[1:]
    if len(lines) > MOST_LINES:
        counts = {"count": grouped(len(lines)), "most": grouped(MOST_LINES)}
        return Pasted(errors=[_("These are %(count)s lines; at most %(most)s can be read at once.") % counts])
    points: list[Point] = []
    errors: list[str] = []
    for number, line in lines:
        try:
            points.append(_point_in(line, zone=zone, now=now))
        except ValueError as problem:
            errors.append(_("Line %(number)s: %(problem)s") % {"number": number, "problem": problem})
    if errors:
        return Pasted(lines=len(lines), wrong=len(errors), errors=_shortened(errors))
    return Pasted(lines=len(lines), points=points)


def _point_in(line: str, *, zone: ZoneInfo, now: datetime) -> Point:
    separator = next((mark for mark in SEPARATORS if mark in line), None)
    if separator is None:
        raise ValueError(_("Write a date, a comma and a value, as in 2026-11-20,651."))
    when, _mark, value = line.partition(separator)
    value = value.strip().strip('"')
    return point_of(when.strip().strip('"'), value, zone=zone, now=now, decimal=_decimal(separator, value))


def _decimal(separator: str, value: str) -> str:
    """Return the sign before the decimals where a line tells it: commas between columns leave the point."""
    if separator == ",":
        return POINT
    return COMMA if re.fullmatch(r"[+-]?\d+,\d+", value) else ""


def _moment(text: str, zone: ZoneInfo) -> times.Moment:
    for fmt in FORMATS:
        try:
            return times.read(text, fmt=fmt, zone=zone)
        except ValueError:
            continue
    sentence = _("“%(text)s” is not a date. Write it as 2026-11-20 or 2026-11-20 14:30.")
    raise ValueError(sentence % {"text": text.strip()})


def _shortened(errors: list[str]) -> list[str]:
    if len(errors) <= MOST_ERRORS:
        return errors
    more = len(errors) - MOST_ERRORS
    said = ngettext(
        "… and %(count)s more line with something wrong.", "… and %(count)s more lines with something wrong.", more
    )
    return [*errors[:MOST_ERRORS], said % {"count": grouped(more)}]
