"""Days, times of day, rhythms, and days of the week."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.utils.translation import gettext as _

from organisations.documents.shapes.contract import Wrong, nearest

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WORKDAYS, EVERY_DAY = "monday to friday", "every day"


@dataclass(frozen=True, slots=True)
class Day:
    """A day, as 2026-11-20."""

    def read(self, given: Any) -> str:
        """Return the day."""
        try:
            return date.fromisoformat(str(given).strip()).isoformat()
        except ValueError:
            raise Wrong(_("Write a day as 2026-11-20.")) from None

    def schema(self) -> dict[str, Any]:
        """Describe a day."""
        return {"type": "string", "format": "date"}


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day, as 08:00."""

    def read(self, given: Any) -> str:
        """Return the time, to the minute."""
        text = str(given).strip()
        try:
            return time.fromisoformat(text if len(text.split(":")[0]) > 1 else f"0{text}").strftime("%H:%M")
        except ValueError:
            raise Wrong(_("Write a time of day as 08:00.")) from None

    def schema(self) -> dict[str, Any]:
        """Describe a time of day."""
        return {"type": "string", "pattern": r"^\d{1,2}:\d{2}$"}


UNITS = {"minute": 1, "hour": 60, "day": 24 * 60, "week": 7 * 24 * 60}
SPOKEN = {"hourly": 60, "daily": 24 * 60, "weekly": 7 * 24 * 60}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often: `15 minutes`, `1 hour`, `daily`, or a number of minutes."""

    most: int

    def read(self, given: Any) -> str:
        """Return it in the largest unit that goes into it."""
        minutes = minutes_of(given)
        if minutes is None or not 1 <= minutes <= self.most:
            raise Wrong(_("Write how often, such as “15 minutes”, “1 hour” or “1 day”."))
        return rhythm(minutes)

    def schema(self) -> dict[str, Any]:
        """Describe it."""
        words = r"^(\d+ (minute|hour|day|week)s?|hourly|daily|weekly)$"
        return {"anyOf": [{"type": "string", "pattern": words}, {"type": "integer", "minimum": 1}]}


def minutes_of(given: Any) -> int | None:
    """Return the minutes that a rhythm means; None where it is none."""
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    text = str(given).strip().lower().removeprefix("every ")
    found = re.fullmatch(r"(\d{1,7})?\s*(minute|hour|day|week)s?", text)
    return int(found[1] or 1) * UNITS[found[2]] if found else SPOKEN.get(text)


def rhythm(minutes: int) -> str:
    """Return how often so many minutes are."""
    unit = next(name for name in reversed(UNITS) if minutes % UNITS[name] == 0)
    count = minutes // UNITS[unit]
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


@dataclass(frozen=True, slots=True)
class Weekdays:
    """Days of the week: `monday to friday`, `every day`, or a list of their names."""

    def read(self, given: Any) -> str | list[str]:
        """Return the short form where there is one."""
        return weekdays(self.numbers(given))

    def numbers(self, given: Any) -> list[int]:
        """Return the days, Monday being 0."""
        if isinstance(given, str) and " to " in given:
            first, last = (_weekday(name) for name in given.split(" to ", 1))
            return [number % 7 for number in range(first, last + 1 if last >= first else last + 8)]
        if isinstance(given, str) and given.strip().lower() == EVERY_DAY:
            return list(range(7))
        days = given if isinstance(given, list) else [given]
        if not days:
            raise Wrong(_("Name at least one weekday."))
        return sorted({_weekday(day) for day in days})

    def schema(self) -> dict[str, Any]:
        """Describe them."""
        return {"anyOf": [{"type": "string"}, {"type": "array", "items": {"enum": list(WEEKDAYS)}, "minItems": 1}]}


def weekdays(numbers: Sequence[int]) -> str | list[str]:
    """Return days of the week as they are written."""
    short = {tuple(range(5)): WORKDAYS, tuple(range(7)): EVERY_DAY}
    return short.get(tuple(sorted(numbers))) or [WEEKDAYS[number] for number in sorted(numbers)]


def _weekday(given: Any) -> int:
    name = str(given).strip().lower()
    if name not in WEEKDAYS:
        raise Wrong(_("“%(given)s” is no weekday.") % {"given": str(given)[:60]}, meant=nearest(name, WEEKDAYS))
    return WEEKDAYS.index(name)
