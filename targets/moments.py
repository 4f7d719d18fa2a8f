"""When a reading was taken, in words."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from organisations.languages import clock, clock_inside, day, full_day


def reading_time(at: datetime, *, whole_day: bool, now: datetime, zone: ZoneInfo) -> str:
    """Write when a reading was taken; one for a whole day has no time."""
    if not whole_day:
        return clock(at, now=now, zone=zone)
    return day(at.date(), today=now.astimezone(zone).date())


def reading_time_inside(at: datetime, *, whole_day: bool, now: datetime, zone: ZoneInfo) -> str:
    """Write the same within a sentence, where a short form with its own full stop would end it."""
    if not whole_day:
        return clock_inside(at, now=now, zone=zone)
    return full_day(at.date(), today=now.astimezone(zone).date())
