"""The readings that made a target's number."""
from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404

from organisations.pages import organisation_page
from organisations.roles import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from organisations.access import Access


@organisation_page(Permission.VIEW)
def target_readings(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Show the readings of the present period."""
    raise Http404


@organisation_page(Permission.VIEW)
def period_readings(request: HttpRequest, access: Access, pk: int, starts_on: str) -> HttpResponse:
    """Show the readings of a closed period."""
    raise Http404
