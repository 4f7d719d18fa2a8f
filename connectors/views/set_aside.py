"""The page about the rows that a feed could not read: which, of which check, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone

from connectors.asking import feed_of
from connectors.models import SetAside
from connectors.row_views import aside_views, of_checks
from organisations.pages import organisation_page
from organisations.roles import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from organisations.access import Access

ROWS_A_PAGE = 50


@organisation_page(Permission.VIEW)
def set_aside(request: HttpRequest, access: Access, pk: int, feed: int) -> HttpResponse:
    """List the rows that were set aside, those of the last check first."""
    row, now = feed_of(access, connection=pk, pk=feed), timezone.now()
    rows = access.rows(SetAside).filter(feed=row).select_related("collection")
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "nav": "connections",
        "feed": row,
        "connection": row.connection,
        "page": page,
        "checks": of_checks(aside_views(page, now, access.zone)),
    }
    return render(request, "connectors/set_aside.html", context)
