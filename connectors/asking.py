"""Making feeds due, pausing them, taking them up again. The scheduler rings for what is due within seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.utils.translation import gettext as _

from connectors.models import Feed
from connectors.models.feed import Health

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.models import Connection
    from organisations.access import Access

DUE = ["due_at", "rung_at"]


def nobody() -> str:
    """Say that there is nobody to ask."""
    return _("This number is typed in or pushed: there is nobody to ask.")


def feed_of(access: Access, *, connection: int, pk: int) -> Feed:
    """Return a feed that is asked of this connection; 404 whether it is missing, foreign or nothing to ask."""
    row = access.rows(Feed).select_related("connection__organisation").filter(connection=connection, pk=pk).first()
    if row is None or not row.collects:
        raise Http404
    return row


def now(feed: Feed, moment: datetime) -> str:
    """Make a feed due at once, whatever its schedule; returns the sentence to show."""
    if not feed.collects:
        return nobody()
    if feed.paused_at is not None:
        return _("%(name)s is paused. Resume it first.") % {"name": feed.connection.name}
    feed.due_at, feed.rung_at = moment, None
    feed.save(update_fields=DUE)
    return _("Asking %(name)s now. The answer appears here in a moment.") % {"name": feed.connection.name}


def anew(feed: Feed, moment: datetime) -> None:
    """Ask at once for the whole history: a metric wants something of the rows that was not kept when they came."""
    if feed.collects:
        feed.due_at, feed.rung_at, feed.covered_until, feed.cursor = moment, None, None, None
        feed.save(update_fields=[*DUE, "covered_until", "cursor"])


def pause(feed: Feed, moment: datetime) -> None:
    """Ask nothing until resumed."""
    feed.paused_at = moment
    feed.save(update_fields=["paused_at"])


def resume(feed: Feed, moment: datetime) -> None:
    """Ask again at once; what was missed is fetched too."""
    feed.paused_at = None
    if feed.collects:
        feed.due_at, feed.rung_at = moment, None
    feed.save(update_fields=["paused_at", *DUE])


def again(connection: Connection, moment: datetime) -> None:
    """Let feeds that stopped or failed begin anew, because what they are asked with has changed."""
    stopped = connection.feeds.filter(health__in=[Health.UNAUTHORISED, Health.FAILING])
    stopped.update(
        health=Health.WAITING,
        reason="",
        problem={},
        failures=0,
        failing_since=None,
        owners_told_at=None,
        due_at=moment,
        rung_at=None,
    )
