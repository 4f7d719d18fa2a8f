"""Readings as programs send them: one object or a list, parsed by a typed decoder. Pure."""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

from connectors import times
from connectors.extract import AHEAD, LONGEST_SEGMENT, Point

MOST = 10_000  # readings in one request
COMPLAINT = re.compile(r"(?P<what>.*?)(?: - at `\$(?:\[(?P<place>\d+)\])?(?:\.(?P<field>\w+))?`)?", re.DOTALL)
NAMED = re.compile(r"field `(?P<field>[^`]*)`")
SENTENCES = {
    "Expected `float`": "Send a number, without quotation marks.",
    "Number out of range": "The value must be a finite number.",
    "Expected `str` of length": f"Send at most {LONGEST_SEGMENT} characters.",
    "Expected `str`": "Send a text, in quotation marks.",
    "Expected `object": "Send one reading as an object, or a list of them.",
    "Object missing required field": "This field is required.",
    "Object contains unknown field": "There is no such field. Known: at, segment, value.",
}
SHOWN_ERRORS = 100


class Pushed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """One reading as it is sent."""

    value: float
    at: str = ""
    segment: Annotated[str, msgspec.Meta(max_length=LONGEST_SEGMENT)] = ""


class NotReadable(ValueError):
    """The body cannot be taken; `errors` says what to change: `17.value` of a list, `value` of a single one."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__("Some readings cannot be taken. Nothing was stored.")
        self.errors = errors


_decoder = msgspec.json.Decoder(Pushed | list[Pushed])


def points_in(body: bytes, *, zone: ZoneInfo, now: datetime) -> list[Point]:
    """Return the readings of a request's body. Raises NotReadable, and then nothing of it may be stored."""
    try:
        decoded = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotReadable(_explained(str(error))) from None
    many = isinstance(decoded, list)
    readings = decoded if isinstance(decoded, list) else [decoded]
    if len(readings) > MOST:
        raise NotReadable({"body": [f"Send at most {MOST:,} readings at once."]})
    points: list[Point] = []
    errors: dict[str, list[str]] = {}
    for place, reading in enumerate(readings):
        try:
            points.append(_point(reading, zone=zone, now=now))
        except Unusable as error:
            errors[f"{place}.{error.field}" if many else error.field] = [str(error)]
            if len(errors) == SHOWN_ERRORS:
                break
    if errors:
        raise NotReadable(errors)
    return points


class Unusable(ValueError):
    """A reading whose `field` says nothing that can be stored."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def _point(reading: Pushed, *, zone: ZoneInfo, now: datetime) -> Point:
    if not math.isfinite(reading.value):
        raise Unusable("value", "The value must be a finite number.")
    if reading.segment and not reading.segment.isprintable():
        raise Unusable("segment", "The segment holds signs that cannot be shown.")
    if not reading.at:
        return Point(at=now, whole_day=False, segment=reading.segment, value=reading.value)
    try:
        moment = times.read(reading.at, fmt=times.AUTO, zone=zone)
    except ValueError:
        raise Unusable("at", f"“{reading.at}” is not a time. Write 2026-11-20 or 2026-11-20T14:30:00Z.") from None
    if moment.at > now + AHEAD:
        raise Unusable("at", f"“{reading.at}” is in the future.")
    return Point(at=moment.at, whole_day=moment.whole_day, segment=reading.segment, value=reading.value)


def _explained(complaint: str) -> dict[str, list[str]]:
    """Turn the decoder's complaint into one by place and field: "Expected `float`, got `str` - at `$[17].value`"."""
    found = COMPLAINT.fullmatch(complaint)
    what, place, field = found.group("what", "place", "field") if found else (complaint, None, None)
    named = NAMED.search(what)
    where = ".".join(part for part in (place, field or (named and named["field"])) if part)
    known = (sentence for begins, sentence in SENTENCES.items() if what.startswith(begins))
    return {where or "body": [next(known, f"This is not JSON: {what}.")]}
