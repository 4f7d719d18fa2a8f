"""The records a feed keeps, and how their enrichment is going."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors.enriching import acts
from connectors.enriching.words import money
from connectors.records import currency_of
from organisations.languages import clock_inside, grouped

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.enriching.acts import Standing
    from connectors.models import Enrichment, Feed
    from organisations.access import Access


def of(access: Access, feed: Feed, now: datetime) -> dict[str, Any]:
    """Return what the page shows of a feed's records; nothing where it keeps none."""
    if not feed.keeps_records:
        return {}
    enrichment = acts.enrichment_of(access.organisation, feed)
    standing = acts.standing(feed, enrichment)
    return {
        "standing": standing,
        "count": grouped(standing.all),
        "enrichment": _view(access, enrichment, standing, now) if enrichment else None,
    }


def _view(access: Access, row: Enrichment, standing: Standing, now: datetime) -> dict[str, Any]:
    """Return an enrichment as it is shown."""
    is_late = row.due_at is not None and row.due_at > now and row.paused_at is None
    return {
        "row": row,
        "service": row.connection,
        "counts": [
            (str(_("Enriched")), grouped(standing.done)),
            (str(_("Waiting")), grouped(standing.waiting)),
            (str(_("Failed")), grouped(standing.failed)),
        ],
        "failed": standing.failed,
        "spent": spent(row, now),
        "is_paused": row.paused_at is not None,
        "message": row.message,
        "next": clock_inside(row.due_at, now=now, zone=access.zone) if is_late and row.due_at else "",
        "redone": standing.redone,
        "redo_total": row.redo_total,
        "redone_words": _("%(done)s of %(all)s") % {"done": grouped(standing.redone), "all": grouped(row.redo_total)},
    }


def spent(row: Enrichment, now: datetime) -> str:
    """Say what this day has taken until now, of what it may take."""
    today = now.astimezone(row.connection.organisation.zone).date()
    is_today = row.spent_on == today
    calls, cost = (row.spent_calls, row.spent_cost) if is_today else (0, 0.0)
    currency = currency_of(row)
    said = [_of(_calls(calls), grouped(row.daily_calls) if row.daily_calls else "")]
    if currency or row.daily_cost:
        said.append(_of(money(cost, currency), money(row.daily_cost, currency) if row.daily_cost else ""))
    return " · ".join(said)


def _calls(count: int) -> str:
    return ngettext("%(count)s call", "%(count)s calls", count) % {"count": grouped(count)}


def _of(used: str, most: str) -> str:
    return _("%(used)s of %(most)s") % {"used": used, "most": most} if most else used
