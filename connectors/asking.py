"""Making feeds due, pausing them, taking them up again. The scheduler rings for what is due within seconds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F, Max, OuterRef, Q, Subquery
from django.http import Http404
from django.utils.translation import gettext as _

from connectors import throttling
from connectors.models import BackFill, Collection, Enrichment, Feed
from connectors.models.feed import Health, Outcome

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from connectors.models import Connection
    from organisations.access import Access

DUE = ["due_at", "rung_at"]
TAKEN_UP = ["set_aside_at", "permanent_failures"]
READ_BY = (
    "query", "asks", "running_period", "at_path", "at_format", "row_filter", "record_key", "keeps_records",
    "history_days",
)  # fmt: skip


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
    """Make a feed due at once, whatever its schedule; returns the sentence to show.

    Where its source is left alone after failures, this is the call that tries it.
    """
    if not feed.collects:
        return nobody()
    if feed.paused_at is not None:
        return _("%(name)s is paused. Resume it first.") % {"name": feed.connection.name}
    feed.due_at, feed.rung_at = moment, None
    feed.set_aside_at, feed.permanent_failures = None, 0
    feed.save(update_fields=[*DUE, *TAKEN_UP])
    throttling.try_soon(feed.connection, moment)
    return _("Asking %(name)s now. The answer appears here in a moment.") % {"name": feed.connection.name}


def anew(feed: Feed, moment: datetime) -> None:
    """Ask at once for the whole history: a metric wants something of the rows that was not kept when they came."""
    if feed.collects:
        feed.due_at, feed.rung_at, feed.covered_until, feed.cursor = moment, None, None, None
        feed.save(update_fields=[*DUE, "covered_until", "cursor"])


def how_read(feed: Feed) -> tuple[Any, ...] | None:
    """Return what is stored of how a feed asks and which rows it takes; None where it is not stored yet."""
    rows: Any = feed.connection.feeds.filter(pk=feed.pk).values_list(*READ_BY)
    found: tuple[Any, ...] | None = rows.first()
    return found


def with_change(feed: Feed, before: tuple[Any, ...] | None, moment: datetime) -> None:
    """Ask at once with a change; for the whole history where it was read otherwise `before`."""
    now(feed, moment)
    if how_read(feed) != before:
        anew(feed, moment)


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
    """Let feeds that stopped, failed or were held back begin anew, because what they are asked with has changed.

    Of a gateway those of the connections behind it too: they sign in with its key.
    """
    throttling.close_circuit(connection)
    for each in (connection, *connection.behind.all()):
        _wake(_held(each), moment)
        _begin_anew(each.feeds.filter(health__in=[Health.UNAUTHORISED, Health.FAILING]), moment)
        _enrich_again(each, moment)


def key_is_taken(feed: Feed, moment: datetime) -> None:
    """Let a feed that waits for a new key begin anew, for a call with the one that is there was answered."""
    _begin_anew(feed.connection.feeds.filter(pk=feed.pk, health=Health.UNAUTHORISED), moment)


def _begin_anew(stopped: QuerySet[Feed], moment: datetime) -> None:
    stopped.update(
        health=Health.WAITING,
        reason="",
        problem={},
        failures=0,
        failing_since=None,
        owners_told_at=None,
        permanent_failures=0,
        set_aside_at=None,
        due_at=moment,
        rung_at=None,
    )


def _enrich_again(connection: Connection, moment: datetime) -> None:
    """Let records that wait for this service be passed to it at once."""
    connection.enrichments.exclude(problem={}).update(
        reason="", problem={}, failures=0, failing_since=None, owners_told_at=None, due_at=moment, rung_at=None
    )


def at_last(access: Access, connection: Connection, moment: datetime) -> None:
    """Forget that a connection failed or wanted no calls, and ask at once what was not asked because of it.

    Of a gateway that is everything behind it too. What is used up of the limits stays used up.
    """
    throttling.close_circuit(connection)
    called = Q(connection=connection) | Q(connection__gateway=connection)
    outcomes = access.rows(Collection).filter(feed=OuterRef("pk")).order_by("-started_at", "-pk").values("outcome")
    feeds = access.rows(Feed).filter(called).annotate(last=Subquery(outcomes[:1]))
    _wake(feeds.filter(Q(health=Health.FAILING) | Q(last=Outcome.HELD)), moment)
    _wake(access.rows(Enrichment).filter(called).exclude(problem={}), moment)
    _wake(access.rows(BackFill).filter(feed__in=access.rows(Feed).filter(called)).exclude(problem={}), moment)
    _enrich_again(connection, moment)


def _held(connection: Connection) -> QuerySet[Feed]:
    """Return the feeds whose last collection was held back."""
    begun = Max("collections__started_at", filter=Q(collections__outcome=Outcome.HELD))
    last = connection.feeds.annotate(last=Max("collections__started_at"), held=begun).filter(held=F("last"))
    return connection.feeds.filter(pk__in=last.values("pk"))


def _wake(rows: QuerySet[Any], moment: datetime) -> None:
    rows.filter(due_at__gt=moment).update(due_at=moment, rung_at=None)


def before_reports(feeds: QuerySet[Feed], moment: datetime, gap: timedelta) -> None:
    """Make feeds due that are to be asked just before a report; `gap` is how long after the last report it comes."""
    minutes = max(int(gap / timedelta(minutes=1)), 1)
    feeds.update(due_at=moment, rung_at=None, every=minutes)
