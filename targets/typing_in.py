"""The feeds of numbers that people type in and programs push: nobody is ever asked, but a rhythm is expected.

Their names are made in the organisation's language and are names like any other from then on; they are found again in
whatever language they were made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import pgettext_lazy

from connectors.models import Connection, Feed
from organisations.reader import in_every_language, speaking

if TYPE_CHECKING:
    from collections.abc import Iterable

    from organisations.access import Access

NAME = pgettext_lazy("a connection", "Typed in")
FEED_NAMES = {
    24 * 60: pgettext_lazy("a feed", "Daily"),
    7 * 24 * 60: pgettext_lazy("a feed", "Weekly"),
    31 * 24 * 60: pgettext_lazy("a feed", "Monthly"),
}
USUAL_RHYTHM = 24 * 60  # minutes


def typed_in_feed(access: Access, every: int) -> Feed:
    """Return the feed of numbers expected every so many minutes (a key of FEED_NAMES); made when it is missing."""
    feeds = _connection(access).feeds
    made: Feed | None = feeds.filter(name__in=in_every_language(FEED_NAMES[every])).order_by("pk").first()
    if made is not None:
        return made
    with speaking(access.organisation.language):
        name = str(FEED_NAMES[every])
    feed, _ = feeds.get_or_create(name=name, defaults={"every": every, "due_at": None})
    return feed


def _connection(access: Access) -> Connection:
    """Return the connection of typed-in numbers; where another kind took its name, one with a number behind it."""
    begins = Q()
    for name in in_every_language(NAME):
        begins |= Q(name__startswith=name)
    rows = access.rows(Connection).filter(begins)
    ours = rows.filter(kind="push", is_sample=False).order_by("pk").first()
    return ours or access.organisation.connections.create(name=_free_name(access, rows), kind="push")


def _free_name(access: Access, rows: Iterable[Connection]) -> str:
    taken = {row.name for row in rows}
    with speaking(access.organisation.language):
        name = str(NAME)
    return next(free for free in (name, *(f"{name} {number}" for number in range(2, 1000))) if free not in taken)
