"""What a service takes: so many calls in a time, so many at once, so many a day. Pure.

Whether a call may go out is decided on what is used up, and what it uses up is written down before it goes, so a worker
that dies on the way can only have counted too much.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from connectors.outbound.pacing import Pace, after_start, earliest, pace_of

OUTLIVES = 5.0  # seconds for which a slot is kept longer than its call may last


class Limit(StrEnum):
    """What can hold a call back, the one that takes longest first."""

    QUOTA = "quota"
    PACE = "pace"
    AT_ONCE = "at_once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """At most `calls` in any `per` seconds, `at_once` at the same time, and `a_day` in a day of `zone`; None: any."""

    zone: ZoneInfo
    calls: int | None = None
    per: int = 60
    at_once: int | None = None
    a_day: int | None = None

    @property
    def any(self) -> bool:
        """Whether anything has to be counted."""
        return not (self.calls is None and self.at_once is None and self.a_day is None)

    @property
    def pace(self) -> Pace | None:
        """How often calls may start; None: at any time."""
        return None if self.calls is None else pace_of(self.calls, self.per)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What is used up: `slots` are the running calls by token, each with the second (since 1970) when it ends at last.

    `used` counts the calls of the day `on`. `queue_at` is the turn that the next call would be told for which the pace
    has no room: a turn is an estimate and takes nothing from those who come when there is room.
    """

    free_at: datetime | None = None
    queue_at: datetime | None = None
    slots: Mapping[str, float] = field(default_factory=dict)
    on: date | None = None
    used: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The limit that does not let a call out, and until when; None where that depends on the calls that are running."""

    by: Limit
    until: datetime | None


def held_by(limits: Limits, usage: Usage, now: datetime) -> Held | None:
    """Return what a call has to wait for; None where it may go out at once."""
    if limits.a_day is not None and used_on(usage, day_of(limits, now)) >= limits.a_day:
        return Held(by=Limit.QUOTA, until=midnight_after(now, limits.zone))
    if limits.pace is not None and (at := earliest(limits.pace, usage.free_at, now)) > now:
        return Held(by=Limit.PACE, until=at)
    if limits.at_once is not None and len(running(usage, now)) >= limits.at_once:
        return Held(by=Limit.AT_ONCE, until=None)
    return None


def taken(limits: Limits, usage: Usage, token: str, *, now: datetime, lasting: float) -> Usage:
    """Return what is used up once a call of at most `lasting` seconds has been let out; it is known by its `token`."""
    if limits.pace is not None:
        usage = replace(usage, free_at=after_start(limits.pace, usage.free_at, now))
    if limits.at_once is not None:
        usage = replace(usage, slots={**running(usage, now), token: now.timestamp() + lasting + OUTLIVES})
    if limits.a_day is not None:
        today = day_of(limits, now)
        usage = replace(usage, on=today, used=used_on(usage, today) + 1)
    return usage


def queued(limits: Limits, usage: Usage, now: datetime) -> tuple[datetime, Usage]:
    """Return when the turn of a call comes that the pace has no room for, behind those that were told theirs."""
    if limits.pace is None:
        return now, usage
    turn = max(earliest(limits.pace, usage.free_at, now), usage.queue_at or now)
    return turn, replace(usage, queue_at=turn + limits.pace.interval)


def given_back(usage: Usage, token: str) -> Usage:
    """Return what is used up once a call has ended."""
    return replace(usage, slots={each: until for each, until in usage.slots.items() if each != token})


def running(usage: Usage, now: datetime) -> dict[str, float]:
    """Return the slots of calls that can still be running; those of dead workers run out."""
    return {token: until for token, until in usage.slots.items() if until > now.timestamp()}


def used_on(usage: Usage, day: date) -> int:
    """Return how many calls were let out on a day."""
    return usage.used if usage.on == day else 0


def day_of(limits: Limits, now: datetime) -> date:
    """Return the day for which a call is counted."""
    return now.astimezone(limits.zone).date()


def midnight_after(now: datetime, zone: ZoneInfo) -> datetime:
    """Return when the next day begins, in UTC."""
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, zone).astimezone(UTC)
