"""Using a starter: its rows are created, and what was created is found again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blueprints.applying import apply
from connectors.models import Feed
from organisations.documents.sections import parted
from targets.models import Target

if TYPE_CHECKING:
    from datetime import datetime

    from blueprints.applying import Order
    from blueprints.planning import Plan
    from organisations.access import Access


def start(access: Access, order: Order, *, now: datetime) -> Plan:
    """Create the rows of a starter, all of them or none; they belong to no file. Raises Mistaken."""
    return apply(access, order, now=now)


def feeds_of(access: Access, plan: Plan) -> list[Feed]:
    """Return the feeds of a plan that was applied, where there is somebody to ask."""
    names = [parted(change.name) for change in plan.changes if change.section == "feeds"]
    rows = access.rows(Feed).select_related("connection")
    found = (rows.filter(connection__name=connection, name=name).first() for connection, name in names)
    return [feed for feed in found if feed is not None and feed.collects]


def target_of(access: Access, plan: Plan) -> Target | None:
    """Return the first target of a plan that was applied."""
    name = next((change.name for change in plan.changes if change.section == "targets"), "")
    found: Target | None = access.rows(Target).filter(name=name).first()
    return found
