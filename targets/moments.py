"""Moments as people say them: relative under an hour, else by the clock and the day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from targets import wording

JUST_NOW = timedelta(minutes=1)
AN_HOUR = timedelta(hours=1)
ONE_DAY = timedelta(days=1)


def ago(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Say when something was: “a moment ago”, “2 minutes ago”, “today at 14:30”, “17 Nov at 09:15”."""
    passed = now - moment
    if timedelta(0) <= passed < JUST_NOW:
        return "a moment ago"
    if JUST_NOW <= passed < AN_HOUR:
        minutes = passed // timedelta(minutes=1)
        return f"{minutes} minute{'s' if minutes > 1 else ''} ago"
    return f"{_day(moment.astimezone(zone).date(), now.astimezone(zone).date())} at {moment.astimezone(zone):%H:%M}"


def clock(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Write a moment in a log: “Today 14:30”, “17 Nov 09:15”."""
    day = _day(moment.astimezone(zone).date(), now.astimezone(zone).date())
    return f"{day[0].upper()}{day[1:]} {moment.astimezone(zone):%H:%M}"


def reading_time(at: datetime, *, whole_day: bool, now: datetime, zone: ZoneInfo) -> str:
    """Write when a reading was taken; one for a whole day has no time."""
    if not whole_day:
        return clock(at, now, zone)
    return wording.day(at.date(), today=now.astimezone(zone).date())


def _day(day: date, today: date) -> str:
    if day == today:
        return "today"
    return "yesterday" if day == today - ONE_DAY else wording.day(day, today=today)
