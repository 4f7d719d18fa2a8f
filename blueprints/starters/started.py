"""What a starter has brought about, found again by the plan that was applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.models import Feed
from organisations.documents.sections import parted
from targets.models import Target

if TYPE_CHECKING:
    from blueprints.planning import Plan
    from organisations.access import Access


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
