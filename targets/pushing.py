"""Readings as programs send them: one object or a list, parsed by a typed decoder. Pure."""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors.extract import LONGEST_SEGMENT, Point
from connectors.written import times
from organisations.languages import grouped
from targets.moments import lies_ahead

MOST = 10_000  # readings in one request
COMPLAINT = re.compile(r"(?P<what>.*?)(?: - at `\$(?:\[(?P<place>\d+)\])?(?:\.(?P<field>\w+))?`)?", re.DOTALL)
NAMED = re.compile(r"field `(?P<field>[^`]*)`")
SENTENCES = {
    "Expected `float`": gettext_lazy("Send a number, without quotation marks."),
    "Number out of range": gettext_lazy("The value must be a finite number."),
    "Expected `str` of length": gettext_lazy("Send at most %(most)s characters."),
    "Expected `str`": gettext_lazy("Send a text, in quotation marks."),
    "Expected `object": gettext_lazy("Send one reading as an object, or a list of them."),
    "Object missing required field": gettext_lazy("This field is required."),
    "Object contains unknown field": gettext_lazy("There is no such field. Known: at, segment, value, weight."),
}
SHOWN_ERRORS = 100


class Pushed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """One reading as it is sent."""

    value: float
    at: str = ""
    segment: Annotated[str, msgspec.Meta(max_length=LONGEST_SEGMENT)] = ""
    weight: float = 1.0


class NotReadable(ValueError):
    """The body cannot be taken; `errors` says what to change: `17.value` of a list, `value` of a single one."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(_("Some readings cannot be taken. Nothing was stored."))
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
        raise NotReadable({"body": [_("Send at most %(most)s readings at once.") % {"most": grouped(MOST)}]})
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
        raise Unusable("value", _("The value must be a finite number."))
    if reading.segment and not reading.segment.isprintable():
        raise Unusable("segment", _("The segment holds signs that cannot be shown."))
    if not (reading.weight > 0 and math.isfinite(reading.value * reading.weight)):
        raise Unusable("weight", _("The weight must be a finite number above zero."))
    value, weight = reading.value, reading.weight
    if not reading.at:
        return Point(at=now, whole_day=False, segment=reading.segment, value=value, weight=weight)
    try:
        moment = times.read(reading.at, fmt=times.AUTO, zone=zone)
    except ValueError:
        sentence = _("“%(text)s” is not a time. Write 2026-11-20 or 2026-11-20T14:30:00Z.")
        raise Unusable("at", sentence % {"text": reading.at}) from None
    if lies_ahead(moment, now=now, zone=zone):
        raise Unusable("at", _("“%(text)s” is in the future.") % {"text": reading.at})
    return Point(at=moment.at, whole_day=moment.whole_day, segment=reading.segment, value=value, weight=weight)


def _explained(complaint: str) -> dict[str, list[str]]:
    """Turn the decoder's complaint into one by place and field: "Expected `float`, got `str` - at `$[17].value`"."""
    found = COMPLAINT.fullmatch(complaint)
    what, place, field = found.group("what", "place", "field") if found else (complaint, None, None)
    named = NAMED.search(what)
    where = ".".join(part for part in (place, field or (named and named["field"])) if part)
    known = (str(sentence) for begins, sentence in SENTENCES.items() if what.startswith(begins))
    said = next(known, "") or _("This is not JSON: %(complaint)s.")
    return {where or "body": [said % {"complaint": what, "most": LONGEST_SEGMENT}]}
