"""The feeds of numbers that people type in and programs push: nobody is ever asked, but a rhythm is expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.models import Connection, Feed

if TYPE_CHECKING:
    from organisations.access import Access

NAME = "Typed in"
FEED_NAMES = {24 * 60: "Daily", 7 * 24 * 60: "Weekly", 31 * 24 * 60: "Monthly"}
USUAL_RHYTHM = 24 * 60  # minutes


def typed_in_feed(access: Access, every: int) -> Feed:
    """Return the feed of numbers expected every so many minutes (a key of FEED_NAMES); made when it is missing."""
    feed, _ = _connection(access).feeds.get_or_create(name=FEED_NAMES[every], defaults={"every": every, "due_at": None})
    return feed


def _connection(access: Access) -> Connection:
    """Return the connection of typed-in numbers; where another kind took its name, one with a number behind it."""
    rows = access.rows(Connection).filter(name__startswith=NAME)
    ours = rows.filter(kind="push", is_sample=False).order_by("pk").first()
    if ours is not None:
        return ours
    taken = set(rows.values_list("name", flat=True))
    name = next(name for name in (NAME, *(f"{NAME} {number}" for number in range(2, 1000))) if name not in taken)
    return access.organisation.connections.create(name=name, kind="push")
