"""When a report is due: local times of day on some weekdays, in any zone. Pure.

Every local day that exists has exactly one slot. A time that the clocks skip falls to the first moment after the gap; a
time that comes twice is taken the first time.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from zoneinfo import ZoneInfo

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def next_slot(at: time, weekdays: Collection[int], zone: ZoneInfo, after: datetime) -> datetime:
    """Return the first slot later than `after`, in UTC. Monday is 0. Raises ValueError when there is no weekday."""
    first = after.astimezone(zone).date() - DAY  # a slot that the clocks skip at midnight belongs to the day before
    return next(slot for slot in _slots(at, weekdays, zone, first, DAY) if slot > after)


def latest_slot(at: time, weekdays: Collection[int], zone: ZoneInfo, until: datetime) -> datetime:
    """Return the last slot not later than `until`, in UTC. Monday is 0. Raises ValueError when there is no weekday."""
    last = until.astimezone(zone).date() + DAY
    return next(slot for slot in _slots(at, weekdays, zone, last, -DAY) if slot <= until)


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return when the clocks of a zone show a time on a day, in UTC: the first time, or the moment a gap ends."""
    before, after = (datetime.combine(day, at.replace(fold=fold), zone) for fold in (0, 1))
    skipped = (after.utcoffset() or timedelta()) > (before.utcoffset() or timedelta())
    return _end_of_gap(after.astimezone(UTC), before.astimezone(UTC), zone) if skipped else before.astimezone(UTC)


def _slots(at: time, weekdays: Collection[int], zone: ZoneInfo, first: date, step: timedelta) -> Iterator[datetime]:
    if not weekdays:
        raise ValueError("A schedule needs at least one weekday.")
    day = first
    while True:
        if day.weekday() in weekdays and _exists(day, zone):
            yield moment(day, at, zone)
        day += step


def _exists(day: date, zone: ZoneInfo) -> bool:
    # a zone that crosses the date line leaves a day out
    return moment(day, time(0), zone) < moment(day + DAY, time(0), zone)


def _end_of_gap(inside: datetime, beyond: datetime, zone: ZoneInfo) -> datetime:
    # `inside` is before the clocks are put forward, `beyond` after; halve the stretch between to the second
    new_offset = beyond.astimezone(zone).utcoffset()
    while beyond - inside > SECOND:
        middle = inside + timedelta(seconds=(beyond - inside) // SECOND // 2)
        if middle.astimezone(zone).utcoffset() == new_offset:
            beyond = middle
        else:
            inside = middle
    return beyond
