"""A pretend room with a thermostat. It follows Newton's law of cooling. Pure.

The thermostat pulls the room towards what it is set to, and the weather outside pulls too: the room tends to
`pull(t) = set + LEAK × (outside(t) − set)` and gets there by `dT/dt = (pull(t) − T) / TAU`. Outside it swings once a
day, so the equation has a closed solution, and nobody has to follow the room from second to second.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

TAU = 600.0  # seconds in which two thirds of the way are gone
LEAK = 0.15  # how much of the difference to the outside remains
MEAN, SWING = 14.0, 9.0  # °C outside: the mean of a day, and how far it goes up and down
WARMEST = 15 * 3600  # seconds of the day
TURNS = 2 * math.pi / 86400  # of the day, per second
USUAL, COLDEST, HOTTEST = 21.5, 5.0, 30.0  # °C


@dataclass(frozen=True, slots=True)
class Room:
    """What is known of the room since the thermostat was last set: °C, and the moment."""

    set_to: float
    was: float
    at: datetime


def fresh(now: datetime) -> Room:
    """Return a room that was left to itself for a day."""
    before = now - timedelta(days=1)
    return Room(USUAL, USUAL, before)


def temperature(room: Room, now: datetime) -> float:
    """Return the temperature in °C."""
    passed = max((now - room.at).total_seconds(), 0.0)
    left_over = room.was - _settled(room.set_to, room.at)
    return round(_settled(room.set_to, now) + left_over * math.exp(-passed / TAU), 2)


def set_to(room: Room, degrees: float, now: datetime) -> Room:
    """Return the room after its thermostat was set. Raises ValueError for what no thermostat can be set to."""
    if not COLDEST <= degrees <= HOTTEST:
        raise ValueError(f"Set it to {COLDEST:g} to {HOTTEST:g} °C.")
    return Room(degrees, temperature(room, now), now)


def outside(now: datetime) -> float:
    """Return the temperature outside, in °C."""
    return round(MEAN + SWING * math.cos(TURNS * (_second(now) - WARMEST)), 2)


def _settled(degrees: float, now: datetime) -> float:
    """Return where the room is when nothing was changed for long: it follows the swing, smaller and later."""
    slow = TURNS * TAU
    swing = LEAK * SWING / math.hypot(1, slow)
    return degrees + LEAK * (MEAN - degrees) + swing * math.cos(TURNS * (_second(now) - WARMEST) - math.atan(slow))


def _second(now: datetime) -> float:
    moment = now.astimezone(UTC)
    return (moment - moment.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
