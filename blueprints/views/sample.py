"""Putting the sample targets in and taking them out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from blueprints.sample.adding import add
from organisations.pages import organisation_page
from organisations.roles import Permission
from targets import sample

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from organisations.access import Access


@require_POST
@organisation_page(Permission.EDIT)
def sample_add(request: HttpRequest, access: Access) -> HttpResponse:
    """Fill the organisation with the samples."""
    add(access, timezone.now())
    messages.success(request, _("Here are twelve sample targets. Look around; one click removes them."))
    return redirect("overview", access.organisation.slug)


@require_POST
@organisation_page(Permission.EDIT)
def sample_remove(request: HttpRequest, access: Access) -> HttpResponse:
    """Take the samples out."""
    sample.remove(access)
    messages.success(request, _("The sample targets are gone."))
    return redirect("overview", access.organisation.slug)
