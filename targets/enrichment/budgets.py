"""What an enrichment may spend in one day, counted by the organisation's clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors import records
from connectors.problems import Problem, problem
from targets.domain.periods import local_day, start_of_day
from targets.enrichment.ends import Pause

if TYPE_CHECKING:
    from connectors.models import Enrichment

SPENT = ["spent_on", "spent_calls", "spent_cost"]


def begin_day(enrichment: Enrichment, now: datetime) -> None:
    """Count from nothing where a new day has begun; the row is not saved."""
    today = local_day(now, enrichment.connection.organisation.zone)
    if enrichment.spent_on != today:
        enrichment.spent_on, enrichment.spent_calls, enrichment.spent_cost = today, 0, 0.0


def spend(enrichment: Enrichment, *, calls: int, cost: float) -> None:
    """Count calls and cost; fewer than none where a call that was counted did not go out. The row is not saved."""
    enrichment.spent_calls = max(0, enrichment.spent_calls + calls)
    enrichment.spent_cost += cost


def used_up(enrichment: Enrichment, now: datetime) -> Pause | None:
    """Return the pause until tomorrow where the budget of this day is used up."""
    said = _used_up(enrichment)
    if said is None:
        return None
    zone = enrichment.connection.organisation.zone
    return Pause(until=start_of_day(local_day(now, zone) + timedelta(days=1), zone), problem=said)


def _used_up(enrichment: Enrichment) -> Problem | None:
    calls, cost = enrichment.daily_calls, enrichment.daily_cost
    if calls is not None and enrichment.spent_calls >= calls:
        return problem("calls_used_up", calls=calls)
    if cost is not None and enrichment.spent_cost >= cost:
        return problem("cost_used_up", cost=f"{cost:g} {records.currency_of(enrichment)}".strip())
    return None
