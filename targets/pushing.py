"""Readings as programs send them: one object or a list, parsed by a typed decoder. Pure."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec

from connectors import times
from connectors.extract import AHEAD, LONGEST_SEGMENT, Point

MOST = 10_000  # readings in one request


class Pushed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reading as it is sent."""

    value: float
    at: str = ""
    segment: Annotated[str, msgspec.Meta(max_length=LONGEST_SEGMENT)] = ""


class NotReadable(ValueError):
    """The body cannot be taken; `errors` says by place and field what to change."""

    def __init__(self, errors: dict[str, Any]) -> None:
        super().__init__("Some readings cannot be taken. Nothing was stored.")
        self.errors = errors


_decoder = msgspec.json.Decoder(Pushed | list[Pushed])


def points_in(body: bytes, *, zone: ZoneInfo, now: datetime) -> list[Point]:
    """Return the readings of a request's body. Raises NotReadable, and then nothing of it may be stored."""
    try:
        decoded = _decoder.decode(body)
    except msgspec.DecodeError as error:
        raise NotReadable({"body": [f"{error}."]}) from None
    readings = decoded if isinstance(decoded, list) else [decoded]
    if len(readings) > MOST:
        raise NotReadable({"body": [f"Send at most {MOST:,} readings at once."]})
    points: list[Point] = []
    errors: dict[str, Any] = {}
    for place, reading in enumerate(readings):
        try:
            points.append(_point(reading, zone=zone, now=now))
        except ValueError as error:
            errors[str(place)] = {"at" if reading.at else "value": [str(error)]}
    if errors:
        raise NotReadable(errors)
    return points


def _point(reading: Pushed, *, zone: ZoneInfo, now: datetime) -> Point:
    if not math.isfinite(reading.value):
        raise ValueError("The value must be a finite number.")
    if not reading.at:
        return Point(at=now, whole_day=False, segment=reading.segment, value=reading.value)
    try:
        moment = times.read(reading.at, fmt=times.AUTO, zone=zone)
    except ValueError:
        raise ValueError(f"“{reading.at}” is not a time. Write 2026-11-20 or 2026-11-20T14:30:00Z.") from None
    if moment.at > now + AHEAD:
        raise ValueError(f"“{reading.at}” is in the future.")
    return Point(at=moment.at, whole_day=moment.whole_day, segment=reading.segment, value=reading.value)
