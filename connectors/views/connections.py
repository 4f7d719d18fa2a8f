"""The pages about connections: which there are, how they are doing, and how to mend them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from connectors import asking, panels, presenting
from connectors.forms import ConnectionForms, KeyForm, masks_of
from connectors.holding import why_it_stays
from connectors.models import Collection, Connection, Feed
from connectors.models.feed import Health, Outcome
from connectors.protocol import is_called
from connectors.trials import Result, tried_connection, tried_feed
from organisations import managed
from organisations.access import Access
from organisations.forms import DeleteForm
from organisations.languages import clock, clock_inside, duration, listed, size
from organisations.pages import organisation_page
from organisations.roles import Permission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

CHECKS_A_PAGE = 20
CONNECTIONS_A_PAGE = 50
LOOKED_BACK = timedelta(days=7)


@organisation_page(Permission.VIEW)
def connections(request: HttpRequest, access: Access) -> HttpResponse:
    """List the connections with how they are doing."""
    now = timezone.now()
    rates = _success_rates(access, now)
    every = (
        access.rows(Connection).select_related("gateway").prefetch_related("feeds__metrics", "behind", "enrichments")
    )
    rows = [presenting.row_of(row, rate=rates.get(row.pk), now=now, zone=access.zone) for row in every]
    lead, rest = presenting.list_sentence(rows)
    page = Paginator(rows, CONNECTIONS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "connectors/list.html", {"page": page, "lead": lead, "rest": rest, "nav": "connections"})


@organisation_page(Permission.VIEW)
def connection(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Show one connection."""
    return _detail(request, access, access.get(Connection, pk))


@require_POST
@organisation_page(Permission.EDIT)
def connection_test(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Ask what the first feed, or the one that is named, asks; show the answer and keep nothing of it.

    What brings no rows of its own is asked whether it answers.
    """
    row = access.get(Connection, pk)
    feeds = access.rows(Feed).filter(connection=row).select_related("connection__organisation")
    named = request.POST.get("feed", "")
    feed = feeds.filter(pk=int(named)).first() if named.isdecimal() else feeds.first()
    if not is_called(row.kind_module) or (feed is None and row.kind_module.COLLECTS):
        raise Http404
    now = timezone.now()
    return _detail(request, access, row, result=tried_feed(feed, now) if feed else tried_connection(row, {}, now))


def _detail(request: HttpRequest, access: Access, row: Connection, *, result: Result | None = None) -> HttpResponse:
    now = timezone.now()
    feeds = list(row.feeds.prefetch_related("metrics"))
    for feed in feeds:
        feed.connection = row
    lead, rest = presenting.detail_sentence(row, feeds, now)
    marks = managed.marks_at(access.organisation, [row, *feeds])
    parts = panels.of_feeds(access, feeds, now)
    page = {
        "connection": row,
        "mark": marks.get(row),
        "is_kept": any(mark.is_locked for mark in marks.values()),
        "health": presenting.connection_health(row, feeds, now),
        "collects": row.kind_module.COLLECTS,
        "is_called": is_called(row.kind_module),
        "kind": row.kind_module.LABEL,
        "masks": masks_of(row).values(),
        "takes_key": bool(KeyForm.names_for(row)),
        "feeds": [{**_feed_view(feed, access, now), "mark": marks.get(feed), **parts[feed.pk]} for feed in feeds],
        "lead": lead,
        "rest": rest,
        "result": result,
        "came": _came(result) if result else [],
        "behind": _behind(row, now),
        "enriched": row.enrichments.select_related("feed__connection"),
        "nav": "connections",
        **panels.of_connection(access, row, now),
        **_log(request, access, row, feeds, now),
    }
    return render(request, "connectors/detail.html", page)


def _behind(row: Connection, now: datetime) -> list[dict[str, Any]]:
    """Return the connections that go through this one, with how they are doing."""
    rows = row.behind.prefetch_related("feeds")
    return [{"row": each, "health": presenting.connection_health(each, list(each.feeds.all()), now)} for each in rows]


def _log(request: HttpRequest, access: Access, row: Connection, feeds: Sequence[Feed], now: datetime) -> dict[str, Any]:
    """Return the checks of a connection, a page of them, and what it answered last."""
    known = {feed.pk: feed for feed in feeds}
    runs = access.rows(Collection).filter(feed__in=known)
    page = Paginator(runs, CHECKS_A_PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    for run in shown:
        run.feed = known[run.feed_id]
    last = row.calls.exclude(sample="").first()
    return {
        "page": page,
        "runs": presenting.run_views(shown, now, access.zone, named=len(feeds) > 1),
        "last": last,
        "last_at": clock(last.at, now=now, zone=access.zone) if last else "",
    }


def _came(result: Result) -> list[str]:
    """Say how long an answer took and how large it was; nothing where none came."""
    return [duration(result.took), size(result.size)] if result.took else []


def _feed_view(feed: Feed, access: Access, now: datetime) -> dict[str, Any]:
    health = feed.health_at(now)
    moments = {"answered": feed.answered_at, "due": feed.due_at}
    since = feed.failing_since
    return {
        "feed": feed,
        "health": presenting.health_view(health),
        "needs_key": health == Health.UNAUTHORISED,
        "address": presenting.asked_address(feed) if feed.collects else "",
        "every": presenting.every_words(feed),
        "asks": presenting.asks_words(feed),
        "message": feed.message if health in presenting.TROUBLE else "",
        "metrics": feed.metrics.all(),
        "last_reading": presenting.last_reading([feed], now, access.zone),
        "since": clock_inside(since, now=now, zone=access.zone) if since else "",
        **{name: clock(at, now=now, zone=access.zone) if at else "" for name, at in moments.items()},
    }


@organisation_page(Permission.EDIT, changes=("connections", "pk"))
def connection_edit(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Change name, settings and credentials; a feed that was refused or failed is asked again at once."""
    row = access.get(Connection, pk)
    forms = ConnectionForms(row, access=access, data=request.POST or None)
    if request.method == "POST" and forms.is_valid():
        with transaction.atomic():
            forms.save()
            asking.again(row, timezone.now())
        messages.success(request, _("Saved."))
        if forms.keyless:
            sentence = _("Stored keys do not travel to another address. Enter them anew: %(names)s.")
            messages.warning(request, sentence % {"names": listed(forms.keyless)})
        return redirect("connection", access.organisation.slug, pk)
    name = access.get(Connection, pk).name  # as it is, not as it was typed
    page = {"connection": row, "name": name, "forms": forms, "form": _all_errors(forms), "nav": "connections"}
    return render(request, "connectors/edit.html", page)


def _all_errors(forms: ConnectionForms) -> Any:
    """Return the first form with something wrong, for the summary above the page."""
    return next((form for form in forms.all() if form.errors), forms.name)


@organisation_page(Permission.EDIT)
def connection_key(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Replace the stored credentials, and ask at once with the new ones."""
    row = access.get(Connection, pk)
    if not KeyForm.names_for(row):
        raise Http404
    form = KeyForm(request.POST if request.method == "POST" else None, connection=row)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
            asking.again(row, timezone.now())
        messages.success(request, _("The new key is stored. It is tried with the next check."))
        return redirect("connection", access.organisation.slug, pk)
    page = {"connection": row, "form": form, "masks": masks_of(row).values(), "nav": "connections"}
    return render(request, "connectors/key.html", page)


@organisation_page(Permission.EDIT, deletes=("connections", "pk"))
def connection_delete(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Delete a connection with everything that came from it, once its name has been typed."""
    row = access.get(Connection, pk)
    kept = why_it_stays(row)
    form = DeleteForm(request.POST or None, name=row.name)
    if request.method == "POST" and not kept and form.is_valid():
        row.delete()
        messages.success(request, _("%(name)s is deleted.") % {"name": row.name})
        return redirect("connections", access.organisation.slug)
    page = {"connection": row, "form": form, "kept": kept, "lost": _lost_with(row), "nav": "connections"}
    return render(request, "connectors/delete.html", page)


def _lost_with(row: Connection) -> dict[str, int]:
    """Count what goes with a connection; each by its own query, or the counts would multiply."""
    paths = {"metrics": "metrics", "readings": "metrics__observations", "targets": "metrics__targets"}
    return {name: row.feeds.aggregate(n=Count(path, distinct=True))["n"] for name, path in paths.items()}


def _success_rates(access: Access, now: datetime) -> dict[int, float]:
    """Return by connection the share of the last days' collections that were answered."""
    ended = access.rows(Collection).filter(started_at__gte=now - LOOKED_BACK).exclude(outcome=Outcome.RUNNING)
    counted = (
        ended.order_by()
        .values("feed__connection")
        .annotate(every=Count("pk"), answered=Count("pk", filter=Q(outcome=Outcome.OK)))
    )
    return {row["feed__connection"]: row["answered"] / row["every"] for row in counted}
