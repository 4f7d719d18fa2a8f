"""Which stretches of time a feed asks its source for. Pure.

A new feed walks through its history in steps; a feed that was not collected for a while asks for the missed stretch; a
feed that is up to date asks again for its last days, because sources correct themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors.protocol import Window
from targets.domain.periods import Calendar, Period, PeriodRule, period_at, preceding, start_of_day
from targets.domain.terms import PeriodKind

if TYPE_CHECKING:
    from collections.abc import Iterator

STEP = timedelta(days=92)  # one collection asks for at most this much of a history
MOST_CALLS = 40  # one collection asks for at most this many totals of a period so far
JUST_BEFORE = timedelta(seconds=1)  # a total up to the end of a day is a reading of that day, not of the next


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a feed has come: `covered_until` is None before its first answer; the rest are its settings."""

    covered_until: datetime | None
    history: timedelta
    overlap: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What one collection asks for; `covers_until` is how far the feed has come once all of it is answered."""

    windows: tuple[Window, ...]
    covers_until: datetime
    more: bool


def just_now(progress: Progress, now: datetime) -> Errand:
    """Ask what is there now: one call, with the time since the last one as its window."""
    since = progress.covered_until or now - timedelta(days=1)
    return Errand(windows=(Window(since=min(since, now), until=now),), covers_until=now, more=False)


def since_last_time(progress: Progress, calendar: Calendar, now: datetime) -> Errand:
    """Ask for everything since the last time, from a local midnight on, at most `STEP` at once."""
    reached = progress.covered_until or now - progress.history
    since = _midnight((reached - (progress.overlap if progress.covered_until else timedelta())), calendar)
    until = min(now, max(since, reached) + STEP)
    return Errand(windows=(Window(since=since, until=until),), covers_until=until, more=until < now)


def period_so_far(progress: Progress, kind: PeriodKind, calendar: Calendar, now: datetime) -> Errand:
    """Ask for the total of the period so far: now, at the end of each missed day, and at the end of each missed period.

    The current and the previous period are asked for day by day, so that their course can be drawn; earlier ones only
    once, for how they ended.
    """
    current = period_at(PeriodRule(kind=kind), calendar, now)
    reached = progress.covered_until - progress.overlap if progress.covered_until else now - progress.history
    open_windows = [window for window in _totals(current, calendar, reached) if window.until < now]
    asked = open_windows[
        : MOST_CALLS + progress.overlap.days
    ]  # the overlap is asked again and again, so it does not count
    if len(asked) < len(open_windows):
        return Errand(windows=tuple(asked), covers_until=asked[-1].until, more=True)
    return Errand(windows=(*asked, Window(since=current.starts_at, until=now)), covers_until=now, more=False)


def reading_moment(window: Window, now: datetime) -> datetime:
    """Return the time that a total of `window` is a reading of: inside the period it belongs to."""
    return now if window.until >= now else window.until - JUST_BEFORE


def _totals(current: Period, calendar: Calendar, reached: datetime) -> Iterator[Window]:
    """Yield, oldest first, the totals that end after `reached` and belong to the current or an earlier period."""
    periods = [current]
    while periods[-1].starts_at > reached:
        periods.append(_before(periods[-1], calendar))
    for place, period in reversed(list(enumerate(periods))):
        ends = _day_ends(period) if place <= 1 else iter([period.ends_at])
        yield from (Window(since=period.starts_at, until=end) for end in ends if end > reached)


def _before(period: Period, calendar: Calendar) -> Period:
    earlier = preceding(period, PeriodRule(kind=period.kind), calendar)
    if earlier is None:
        raise ValueError(f"There is nothing before a period of kind {period.kind}.")
    return earlier


def _day_ends(period: Period) -> Iterator[datetime]:
    for number in range(1, period.days + 1):
        yield start_of_day(period.starts_on + timedelta(days=number), period.zone)


def _midnight(moment: datetime, calendar: Calendar) -> datetime:
    return start_of_day(moment.astimezone(calendar.zone).date(), calendar.zone)
