"""The deals of a pretend CRM, page by page: the same every time one asks, and new ones every working day. Pure."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

KEPT = 400  # days that the CRM looks back on
FIRST_DAY = date(2020, 1, 1)
SATURDAY = 5
MOST_PER_PAGE = 100
REGIONS = ("North", "South", "East", "West")
WON = 0.72  # share of the closed deals


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of deals, and how many there are in all."""

    rows: list[dict[str, Any]]
    number: int
    per_page: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, math.ceil(self.total / self.per_page))


def sheet(now: datetime, *, number: int, per_page: int, closed_since: datetime | None) -> Sheet:
    """Return a page of what was closed from `closed_since` until now, oldest first; pages are counted from 1."""
    rows = [deal for deal in _all(now) if closed_since is None or _closed_at(deal) >= closed_since]
    first = (number - 1) * per_page
    return Sheet(rows[first : first + per_page], number, per_page, len(rows))


def _all(now: datetime) -> list[dict[str, Any]]:
    days = (now.astimezone(UTC).date() - timedelta(days=back) for back in range(KEPT, -1, -1))
    return [deal for day in days for deal in _of_day(day) if _closed_at(deal) <= now]


def _of_day(day: date) -> Iterator[dict[str, Any]]:
    """Yield the deals of a day in the order in which they were closed; none at the weekend."""
    if day.weekday() >= SATURDAY:
        return
    chance = random.Random(f"deals:{day}")  # noqa: S311  numbers for show
    minutes = sorted(chance.sample(range(8 * 60, 18 * 60), chance.randint(2, 6)))
    for number, minute in enumerate(minutes):
        closed = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minute)
        yield {
            "id": (day - FIRST_DAY).days * 10 + number,
            "amount": round(math.exp(chance.gauss(7.6, 0.7))) * 100,
            "currency": "EUR",
            "stage": "won" if chance.random() < WON else "lost",
            "closed_at": closed.isoformat(),
            "region": chance.choice(REGIONS),
        }


def _closed_at(deal: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(deal["closed_at"])
