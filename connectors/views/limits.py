"""Letting calls out again that wait because a connection failed, or wanted none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from connectors import asking
from connectors.models import Connection
from organisations.pages import organisation_page
from organisations.roles import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from organisations.access import Access


@require_POST
@organisation_page(Permission.EDIT)
def try_again(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Close the circuit of a connection and forget that it wanted no calls; what waited for it is asked at once."""
    row = access.get(Connection, pk)
    with transaction.atomic():
        asking.at_last(access, row, timezone.now())
    messages.success(request, _("Calls to %(name)s go out again.") % {"name": row.name})
    return redirect("connection", access.organisation.slug, pk)
