"""The pretend analytics service, asked directly: what every number on a page has to agree with."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import requests

from tests.browser.steps import SANDBOX_KEY


@dataclass(frozen=True, slots=True)
class Source:
    """The service of one installation."""

    site: str

    def daily(self, first: date, last: date) -> dict[date, int]:
        """Return the visitors of each day."""
        rows = self._ask("visitors", first, last, metric="uniqueVisitors")
        return {date.fromisoformat(row["date"]): row["uniqueVisitors"] for row in rows}

    def total(self, first: date, last: date) -> int:
        """Return the sum of the daily visitors."""
        return sum(self.daily(first, last).values())

    def distinct(self, first: date, last: date) -> int:
        """Return how many different people came."""
        answer = self._ask("unique-visitors", first, last)
        return int(answer["uniqueVisitors"])

    def _ask(self, what: str, first: date, last: date, **more: str) -> Any:
        answer = requests.get(
            f"{self.site}/sandbox/analytics/{what}",
            params={"startDate": first.isoformat(), "endDate": last.isoformat(), **more},
            headers={"Authorization": f"Bearer {SANDBOX_KEY}"},
            timeout=10,
        )
        answer.raise_for_status()
        return answer.json()


def month_of(label: str) -> tuple[date, date]:
    """Return the first and the last day of a month as the pages call it, such as October 2026."""
    first = datetime.strptime(label, "%B %Y").replace(tzinfo=UTC).date()
    return first, first.replace(day=monthrange(first.year, first.month)[1])


def this_month() -> tuple[date, date]:
    """Return the first day of the present month, and today."""
    today = datetime.now(UTC).date()
    return today.replace(day=1), today


def share_of_month(moment: datetime) -> float:
    """Return how much of its month has passed at a moment."""
    first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (moment - first).total_seconds() / (86400 * monthrange(moment.year, moment.month)[1])
