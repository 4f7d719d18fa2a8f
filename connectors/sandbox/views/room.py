"""A pretend room: a sensor that says its temperature, and a thermostat that can be set."""

from __future__ import annotations

from datetime import datetime

from connectors.sandbox import books, keys, room
from connectors.sandbox.limits import Rate
from connectors.sandbox.room import Room
from connectors.sandbox.views.door import Asked, Refusal, Served, json_of, key_in, service

RATE = Rate(120, 60)


@service("room", rate=RATE)
def temperature(asked: Asked) -> Served:
    """Answer without a key, with the temperature of this moment."""
    found = _room(asked)
    document = {"temperature": room.temperature(found, asked.now), "unit": "°C", "outside": room.outside(asked.now)}
    return Served(document={**document, "at": asked.now.isoformat(timespec="seconds")})


@service("room", methods=("GET", "PUT"), sign_in=key_in("X-API-Key", keys.ROOM), rate=RATE)
def thermostat(asked: Asked) -> Served:
    """Answer with what the thermostat is set to; `PUT` with `{"set_to": 22}` sets it."""
    if asked.request.method == "GET":
        return Served(document={"set_to": _room(asked).set_to, "unit": "°C"})
    degrees = json_of(asked).get("set_to")
    if not isinstance(degrees, int | float) or isinstance(degrees, bool):
        raise Refusal(422, "Send set_to in °C.")
    with books.held(asked.world, "room") as book:
        try:
            changed = room.set_to(_read(book, asked.now), degrees, asked.now)
        except ValueError as error:
            raise Refusal(422, str(error)) from None
        book |= {"set_to": changed.set_to, "was": changed.was, "at": changed.at.isoformat()}
    return Served(document={"set_to": changed.set_to, "unit": "°C"}, charged=1)


def _room(asked: Asked) -> Room:
    return _read(books.looked_up(asked.world, "room"), asked.now)


def _read(book: dict[str, object], now: datetime) -> Room:
    if not book:
        return room.fresh(now)
    return Room(float(str(book["set_to"])), float(str(book["was"])), datetime.fromisoformat(str(book["at"])))
