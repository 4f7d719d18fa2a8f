"""The pages about one feed: what is asked and how often, pausing it, and asking now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from connectors import asking
from connectors.feed_forms import OF_THE_ROWS, FeedForm
from connectors.forms import folded, placed
from organisations.pages import organisation_page
from organisations.roles import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from organisations.access import Access


@organisation_page(Permission.EDIT, changes=("feeds", "feed"))
def feed_edit(request: HttpRequest, access: Access, pk: int, feed: int) -> HttpResponse:
    """Change what is asked and how often; it is asked at once with the change, and for its history where it matters."""
    row = asking.feed_of(access, connection=pk, pk=feed)
    before = asking.how_read(row)
    form = FeedForm(request.POST or None, instance=row, access=access)
    query = row.connection.kind_module.Query(request.POST or None, prefix="query", initial=row.query)
    valid = [form.is_valid(), query.is_valid()]  # both, so that the page shows every error
    if request.method == "POST" and all(valid):
        with transaction.atomic():
            changed = form.save(commit=False)
            changed.query = query.cleaned_data
            changed.save()
            asking.with_change(changed, before, timezone.now())
        messages.success(request, _("Saved."))
        return redirect("connection", access.organisation.slug, pk)
    page = {
        "feed": row,
        "connection": row.connection,
        "form": form if form.errors else query,
        "schedule_fields": [each for each in placed(form) if each.field.name not in OF_THE_ROWS],
        "row_fields": [each for each in placed(form) if each.field.name in OF_THE_ROWS],
        "what": folded(query),
        "query": query,
        "nav": "connections",
    }
    return render(request, "connectors/feed_edit.html", page)


@require_POST
@organisation_page(Permission.EDIT, changes=("feeds", "feed"))
def feed_pause(request: HttpRequest, access: Access, pk: int, feed: int) -> HttpResponse:
    """Pause a feed; take a paused one up again, at once."""
    row = asking.feed_of(access, connection=pk, pk=feed)
    if row.paused_at is None:
        asking.pause(row, timezone.now())
        messages.success(request, _("Paused. Nothing is asked until you resume it."))
    else:
        asking.resume(row, timezone.now())
        messages.success(request, _("Resumed. What was missed is collected now."))
    return redirect("connection", access.organisation.slug, pk)


@require_POST
@organisation_page(Permission.EDIT)
def feed_collect(request: HttpRequest, access: Access, pk: int, feed: int) -> HttpResponse:
    """Make a feed due at once; the scheduler rings for it within seconds."""
    row = asking.feed_of(access, connection=pk, pk=feed)
    messages.success(request, asking.now(row, timezone.now()))
    return redirect("connection", access.organisation.slug, pk)
