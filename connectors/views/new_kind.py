"""The page that sets up a connection of one kind by its settings, where there is no number to click in an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from connectors import registry
from connectors.enrich_forms import enriching_kinds
from connectors.forms import ConnectionForms
from connectors.models import Connection, Feed
from organisations.pages import organisation_page
from organisations.roles import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from organisations.access import Access


@organisation_page(Permission.EDIT)
def connection_of_kind(request: HttpRequest, access: Access, kind: str) -> HttpResponse:
    """Set up a service that records are passed to; `feed` says for whose records, and one is led on there."""
    if kind not in enriching_kinds():
        raise Http404
    forms = ConnectionForms(
        Connection(organisation=access.organisation, kind=kind), access=access, data=request.POST or None
    )
    feed = _feed(request, access)
    if request.method == "POST" and forms.is_valid():
        row = forms.save()
        messages.success(request, _("%(name)s is saved.") % {"name": row.name})
        return redirect(_onward(access, row, feed))
    form = next((each for each in forms.all() if each.errors), forms.name)
    page = {"forms": forms, "form": form, "kind": registry.kind(kind), "feed": feed, "nav": "connections"}
    return render(request, "connectors/records/service.html", page)


def _feed(request: HttpRequest, access: Access) -> Feed | None:
    named = request.POST.get("feed", request.GET.get("feed", ""))
    rows = access.rows(Feed).select_related("connection")
    return rows.filter(pk=int(named)).first() if named.isdecimal() else None


def _onward(access: Access, row: Connection, feed: Feed | None) -> str:
    slug = access.organisation.slug
    if feed is None:
        return reverse("connection", args=[slug, row.pk])
    return f"{reverse('enrichment', args=[slug, feed.connection_id, feed.pk])}?{urlencode({'connection': row.pk})}"
