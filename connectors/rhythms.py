"""When a feed is asked: every so many minutes, by the clock, ahead of a time of day; on working days alone. Pure.

What is written as a time of day is meant in the organisation's zone. A local time that the clocks skip falls to the
first moment after the gap, and one that comes twice is taken the first time (as Debian's cron does).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from django.utils.translation import gettext as _

from connectors.slots import next_slot

EVERY_DAY = frozenset(range(7))
FIELDS = 5  # minute, hour, day, month, weekday
LOOKED_AHEAD = 60  # slots from which the usual gap is taken
FROM = datetime(2026, 1, 1, tzinfo=UTC)  # where the gaps are measured from, so that they are the same at every time
LONGEST_GAP = timedelta(days=31)
SEARCHED = 500  # slots on days that do not count, before a cron is taken for one that never comes


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """A schedule: `every` so long, or `cron`, or `lead` before `ready_by`; on `days` (Monday is 0) of `zone` alone."""

    zone: ZoneInfo
    days: frozenset[int] = EVERY_DAY
    every: timedelta = timedelta(hours=1)
    cron: str = ""
    ready_by: time | None = None
    lead: timedelta = timedelta()


def check_cron(text: str) -> str:
    """Return the expression with single blanks. Raises ValueError, with a sentence, for one that never comes."""
    parts = text.split()
    if len(parts) != FIELDS:
        raise ValueError(_("Write five parts: minute, hour, day, month and weekday, such as 30 6 * * 1-5."))
    try:
        next(CronSim(" ".join(parts), FROM))
    except CronSimError as error:
        raise ValueError(_wrong_part(str(error))) from None
    except StopIteration:
        raise ValueError(_("There is no such day. Choose another.")) from None
    return " ".join(parts)


def _wrong_part(said: str) -> str:
    sentences = {
        "minute": _("The first part, the minute, goes from 0 to 59: 30, */15 or 0,30."),
        "hour": _("The second part, the hour, goes from 0 to 23: 6, 9-17 or */2."),
        "day-of-month": _("The third part, the day, goes from 1 to 31: 1, 15 or L for the last."),
        "month": _("The fourth part, the month, goes from 1 to 12 or JAN to DEC."),
        "day-of-week": _("The fifth part, the weekday, goes from 0 to 7 or SUN to SAT, Sunday being 0 and 7."),
    }
    return next(
        (sentence for part, sentence in sentences.items() if said.endswith(part)),
        _("Write five parts: minute, hour, day, month and weekday, such as 30 6 * * 1-5."),
    )


def following(rhythm: Rhythm, slot: datetime, now: datetime) -> datetime:
    """Return the first slot later than `now`, in UTC; `slot` is the one that was due. Slots missed in a row coalesce.

    Raises ValueError for a schedule that has no slot any more.
    """
    if rhythm.cron:
        return _by_the_clock(rhythm, now)
    if rhythm.ready_by is not None:
        return next_slot(rhythm.ready_by, rhythm.days, rhythm.zone, now + rhythm.lead) - rhythm.lead
    return _on_its_day(rhythm, slot, slot + rhythm.every * ((now - slot) // rhythm.every + 1))


def _on_its_day(rhythm: Rhythm, slot: datetime, found: datetime) -> datetime:
    """Return the first slot of the grid on a day that counts; the beginning of such a day where the grid has none."""
    midnight = found
    for _attempt in range(LOOKED_AHEAD):
        if _counts(rhythm, found):
            return found
        midnight = next_slot(time(0), rhythm.days, rhythm.zone, found)
        found = slot + rhythm.every * -(-(midnight - slot) // rhythm.every)
    return midnight


def _by_the_clock(rhythm: Rhythm, after: datetime) -> datetime:
    at = after
    for _attempt in range(SEARCHED):
        try:
            slot = next(CronSim(rhythm.cron, at.astimezone(rhythm.zone))).astimezone(UTC)
        except (CronSimError, StopIteration):
            break
        if _counts(rhythm, slot):
            return slot
        at = next_slot(time(0), rhythm.days, rhythm.zone, slot) - timedelta(seconds=1)
    raise ValueError("no slot comes any more")


def _counts(rhythm: Rhythm, at: datetime) -> bool:
    return at.astimezone(rhythm.zone).weekday() in rhythm.days


def usual_gap(rhythm: Rhythm) -> timedelta:
    """Return the longest time between two slots in a row, at most 31 days. Raises ValueError where none comes."""
    at, longest = FROM, timedelta(minutes=1)
    for number in range(LOOKED_AHEAD):
        before, at = at, following(rhythm, at, at)
        longest = max(longest, at - before) if number else longest  # the first gap begins anywhere
    return min(longest, LONGEST_GAP)
