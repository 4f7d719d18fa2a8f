"""What can be done about a target: ask its source now, pause it, take it up again."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from connectors import asking
from organisations.pages import organisation_page
from organisations.roles import Permission
from targets.judging import pause, resume
from targets.pages.awaited import as_asked
from targets.views.finding import target_named

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from organisations.access import Access


@require_POST
@organisation_page(Permission.EDIT)
def target_check(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Ask the target's source at once; the page then says what came of it."""
    row, now = target_named(access, pk), timezone.now()
    feed, here = row.metric.feed, reverse("target", args=[access.organisation.slug, pk])
    sentence = asking.now(feed, now)
    if feed.due_at != now:
        messages.warning(request, sentence)
        return redirect(here)
    return redirect(f"{here}?{urlencode({'asked': as_asked(now)})}")


@require_POST
@organisation_page(Permission.EDIT, changes=("targets", "pk"))
def target_pause(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Pause a running target; take a paused one up again."""
    row, now = target_named(access, pk), timezone.now()
    if row.paused_at is None:
        pause(row, now)
        messages.success(request, _("Paused. Readings are still collected; nobody is told anything."))
    else:
        resume(row, now)
        messages.success(request, _("Tracking again."))
    return redirect("target", access.organisation.slug, pk)
