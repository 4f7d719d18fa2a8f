"""When a reading was taken: whether that can be, and in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.written.times import Moment
from organisations.languages import clock, clock_inside, day, full_day
from targets.domain.periods import local_day

CLOCKS_DIFFER = timedelta(minutes=5)  # by which a program's clock may be ahead of ours, also around midnight


def lies_ahead(moment: Moment, *, now: datetime, zone: ZoneInfo) -> bool:
    """Say whether the day of a moment has not begun in `zone`, so that nobody can have measured anything on it."""
    if moment.whole_day:
        return moment.at.date() > local_day(now, zone)
    return local_day(moment.at, zone) > local_day(now + CLOCKS_DIFFER, zone)


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
