"""One check of a feed: the way back from a reading to the calls that brought it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone

from connectors.models import Collection
from connectors.presenting import call_views
from connectors.row_views import aside_views
from organisations.pages import organisation_page
from organisations.roles import Permission
from targets.pages.check import brought_by, check_page

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from organisations.access import Access


MOST_ASIDE = 100  # rows that could not be read, on one page


@organisation_page(Permission.VIEW)
def collection(request: HttpRequest, access: Access, pk: int, collection: int) -> HttpResponse:
    """Show one check: when, what was asked, each call, and what it brought."""
    run, now = _run(access, pk, collection), timezone.now()
    others = run.feed.collections
    context = {
        "nav": "connections",
        "run": run,
        "connection": run.feed.connection,
        "view": check_page(run, now, access.zone),
        "calls": call_views(run.calls.select_related("connection").order_by("at", "pk"), now, access.zone),
        "brought": brought_by(run, run.feed.metrics.all()),
        "aside": aside_views(run.set_aside.select_related("collection")[:MOST_ASIDE], now, access.zone),
        "earlier": others.filter(pk__lt=run.pk).order_by("-pk").first(),
        "later": others.filter(pk__gt=run.pk).order_by("pk").first(),
    }
    return render(request, "connectors/collection.html", context)


def _run(access: Access, connection: int, pk: int) -> Collection:
    rows = access.rows(Collection).select_related("feed__connection__organisation")
    run = rows.filter(feed__connection=connection, pk=pk).first()
    if run is None:
        raise Http404
    return run
