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
from django.views.decorators.http import require_POST

from connectors import asking, presenting
from connectors.forms import ConnectionForms, FeedForm, masks_of
from connectors.models import CallRecord, Collection, Connection, Feed
from connectors.models.feed import Health, Outcome
from connectors.presenting import Row
from connectors.trials import Result, tried_feed, weight
from organisations.access import Access
from organisations.forms import DeleteForm
from organisations.pages import organisation_page
from organisations.roles import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

CALLS_A_PAGE = 50
CONNECTIONS_A_PAGE = 50
LOOKED_BACK = timedelta(days=7)


@organisation_page(Permission.VIEW)
def connections(request: HttpRequest, access: Access) -> HttpResponse:
    """List the connections with how they are doing."""
    every = access.rows(Connection).prefetch_related("feeds__metrics")
    rates = _success_rates(access, timezone.now())
    rows = [_row(connection, rates) for connection in every]
    lead, rest = presenting.list_sentence(rows)
    page = Paginator(rows, CONNECTIONS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "connectors/list.html", {"page": page, "lead": lead, "rest": rest, "nav": "connections"})


@organisation_page(Permission.VIEW)
def connection(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Show one connection."""
    return _detail(request, access.get(Connection, pk))


@require_POST
@organisation_page(Permission.EDIT)
def connection_test(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Ask what the first feed, or the one that is named, asks; show the answer and keep nothing of it."""
    row = access.get(Connection, pk)
    feeds = access.rows(Feed).filter(connection=row).select_related("connection__organisation")
    named = request.POST.get("feed", "")
    feed = feeds.filter(pk=int(named)).first() if named.isdecimal() else feeds.first()
    if feed is None or not row.kind_module.COLLECTS:
        raise Http404
    return _detail(request, row, result=tried_feed(feed, timezone.now()))


def _detail(request: HttpRequest, row: Connection, *, result: Result | None = None) -> HttpResponse:
    feeds = list(row.feeds.prefetch_related("metrics"))
    for feed in feeds:
        feed.connection = row
    calls = Paginator(row.calls.all(), CALLS_A_PAGE).get_page(request.GET.get("page"))
    lead, rest = presenting.detail_sentence(row, feeds)
    page = {
        "connection": row,
        "health": presenting.connection_health(row, feeds),
        "collects": row.kind_module.COLLECTS,
        "kind": row.kind_module.LABEL,
        "masks": masks_of(row).values(),
        "feeds": [_feed_view(feed) for feed in feeds],
        "page": calls,
        "calls": [_call_view(call) for call in calls],
        "last": row.calls.exclude(sample="").first(),
        "lead": lead,
        "rest": rest,
        "result": result,
        "nav": "connections",
    }
    return render(request, "connectors/detail.html", page)


def _call_view(call: CallRecord) -> dict[str, Any]:
    return {
        "call": call,
        "outcome": presenting.outcome(call),
        "took": f"{call.took * 1000:,.0f} ms",
        "size": weight(call.size),
    }


def _feed_view(feed: Feed) -> dict[str, Any]:
    health = presenting.health_of(feed)
    return {
        "feed": feed,
        "health": presenting.health_view(health),
        "needs_key": health == Health.UNAUTHORISED,
        "address": presenting.asked_address(feed) if feed.collects else "",
        "rhythm": presenting.rhythm(feed),
        "message": feed.message if health in presenting.TROUBLE else "",
        "metrics": feed.metrics.all(),
    }


@organisation_page(Permission.EDIT)
def connection_edit(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Change name, settings and credentials; a feed that was refused or failed is asked again at once."""
    row = access.get(Connection, pk)
    forms = ConnectionForms(row, access=access, data=request.POST or None)
    if request.method == "POST" and forms.is_valid():
        with transaction.atomic():
            forms.save()
            asking.again(row, timezone.now())
        messages.success(request, "Saved.")
        return redirect("connection", access.organisation.slug, pk)
    name = access.get(Connection, pk).name  # as it is, not as it was typed
    page = {"connection": row, "name": name, "forms": forms, "form": _all_errors(forms), "nav": "connections"}
    return render(request, "connectors/edit.html", page)


def _all_errors(forms: ConnectionForms) -> Any:
    """Return the first form with something wrong, for the summary above the page."""
    return next((form for form in forms.all() if form.errors), forms.name)


@organisation_page(Permission.EDIT)
def connection_delete(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Delete a connection with everything that came from it, once its name has been typed."""
    row = access.get(Connection, pk)
    form = DeleteForm(request.POST or None, name=row.name)
    if request.method == "POST" and form.is_valid():
        row.delete()
        messages.success(request, f"{row.name} is deleted.")
        return redirect("connections", access.organisation.slug)
    page = {"connection": row, "form": form, "lost": _lost_with(row), "nav": "connections"}
    return render(request, "connectors/delete.html", page)


def _lost_with(row: Connection) -> dict[str, int]:
    """Count what goes with a connection; each by its own query, or the counts would multiply."""
    paths = {"metrics": "metrics", "readings": "metrics__observations", "targets": "metrics__targets"}
    return {name: row.feeds.aggregate(n=Count(path, distinct=True))["n"] for name, path in paths.items()}


@organisation_page(Permission.EDIT)
def feed_edit(request: HttpRequest, access: Access, pk: int, feed: int) -> HttpResponse:
    """Change what is asked and how often; it is asked at once with the change."""
    row = _feed(access, pk, feed)
    form = FeedForm(request.POST or None, instance=row, access=access)
    query = row.connection.kind_module.Query(request.POST or None, prefix="query", initial=row.query)
    valid = [form.is_valid(), query.is_valid()]  # both, so that the page shows every error
    if request.method == "POST" and all(valid):
        with transaction.atomic():
            changed = form.save(commit=False)
            changed.query = query.cleaned_data
            changed.save()
            asking.now(changed, timezone.now())
        messages.success(request, "Saved.")
        return redirect("connection", access.organisation.slug, pk)
    page = {"feed": row, "connection": row.connection, "form": form if form.errors else query, "feed_form": form}
    return render(request, "connectors/feed_edit.html", {**page, "query": query, "nav": "connections"})


@require_POST
@organisation_page(Permission.EDIT)
def feed_pause(request: HttpRequest, access: Access, pk: int, feed: int) -> HttpResponse:
    """Pause a feed; take a paused one up again, at once."""
    row = _feed(access, pk, feed)
    if row.paused_at is None:
        asking.pause(row, timezone.now())
        messages.success(request, "Paused. Nothing is asked until you resume it.")
    else:
        asking.resume(row, timezone.now())
        messages.success(request, "Resumed. What was missed is collected now.")
    return redirect("connection", access.organisation.slug, pk)


@require_POST
@organisation_page(Permission.EDIT)
def feed_collect(request: HttpRequest, access: Access, pk: int, feed: int) -> HttpResponse:
    """Make a feed due at once; the scheduler rings for it within seconds."""
    messages.success(request, asking.now(_feed(access, pk, feed), timezone.now()))
    return redirect("connection", access.organisation.slug, pk)


def _feed(access: Access, asked: int, pk: int) -> Feed:
    """Return a feed that is asked of this connection; 404 whether it is missing, foreign or nothing to ask."""
    row = access.rows(Feed).select_related("connection__organisation").filter(connection=asked, pk=pk).first()
    if row is None or not row.collects:
        raise Http404
    return row


def _success_rates(access: Access, now: datetime) -> dict[int, float]:
    """Return by connection the share of the last days' collections that were answered."""
    ended = access.rows(Collection).filter(started_at__gte=now - LOOKED_BACK).exclude(outcome=Outcome.RUNNING)
    counted = (
        ended.order_by()
        .values("feed__connection")
        .annotate(every=Count("pk"), answered=Count("pk", filter=Q(outcome=Outcome.OK)))
    )
    return {row["feed__connection"]: row["answered"] / row["every"] for row in counted}


def _row(row: Connection, rates: dict[int, float]) -> Row:
    feeds = list(row.feeds.all())
    answered = [feed.answered_at for feed in feeds if feed.answered_at]
    return Row(
        connection=row,
        health=presenting.connection_health(row, feeds),
        answered_at=max(answered, default=None),
        rate=rates.get(row.pk),
        metrics=tuple(metric.name for feed in feeds for metric in feed.metrics.all()),
    )
