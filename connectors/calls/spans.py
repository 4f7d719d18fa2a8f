"""The stretches of time for which the pages show the call log, and those a week before. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from connectors.calls.log import DAY, HOUR, ONE_HOUR, start_of_day
from connectors.calls.tallies import hour_of
from connectors.protocol import Window

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

LENGTHS = (1, 7, 30)  # days
USUAL = 7
A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Span:
    """The last 24 hours, hour by hour, or so many local days with today, day by day."""

    days: int

    @classmethod
    def chosen(cls, text: str) -> Span:
        """Return the span that is asked for; the usual one for anything else."""
        return cls(int(text)) if text in map(str, LENGTHS) else cls(USUAL)

    @property
    def by(self) -> str:
        """What it is divided into."""
        return HOUR if self.days == 1 else DAY

    def window(self, now: datetime, zone: ZoneInfo) -> Window:
        """Return the stretch up to now."""
        return Window(since=self._since(now, zone, weeks=0), until=now)

    def before(self, now: datetime, zone: ZoneInfo) -> Window:
        """Return the same stretch a week before."""
        return Window(since=self._since(now, zone, weeks=1), until=now - A_WEEK)

    def _since(self, now: datetime, zone: ZoneInfo, *, weeks: int) -> datetime:
        if self.by == HOUR:
            return hour_of(now) - 23 * ONE_HOUR - weeks * A_WEEK
        return start_of_day(self.every_day(now, zone)[0] - weeks * A_WEEK, zone)

    def every_hour(self, now: datetime) -> list[datetime]:
        """Return the beginnings (UTC) of the last 24 hours, the running one included."""
        return [hour_of(now) - place * ONE_HOUR for place in range(23, -1, -1)]

    def every_day(self, now: datetime, zone: ZoneInfo) -> list[date]:
        """Return the local days, today included."""
        today = now.astimezone(zone).date()
        return [today - timedelta(days=place) for place in range(self.days - 1, -1, -1)]

    @property
    def name(self) -> str:
        """How the choice is called."""
        return {1: _("24 hours"), 7: _("7 days"), 30: _("30 days")}[self.days]

    @property
    def inside(self) -> str:
        """How it is called within a sentence."""
        return {1: _("the last 24 hours"), 7: _("the last 7 days"), 30: _("the last 30 days")}[self.days]
