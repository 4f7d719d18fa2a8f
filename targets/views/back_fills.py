"""The pages on which a past range is fetched again, paused and stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from connectors import asking
from organisations.pages import organisation_page
from organisations.roles import Permission
from targets import back_filling
from targets.forms.back_fills import BackFillForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from organisations.access import Access


@organisation_page(Permission.EDIT)
def back_fill_new(request: HttpRequest, access: Access, pk: int, feed: int) -> HttpResponse:
    """Choose a past range, and begin to fetch it."""
    row = asking.feed_of(access, connection=pk, pk=feed)
    form = BackFillForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            back_filling.start(row, now=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The past range is fetched now, step by step. Its progress stands below."))
            return redirect("connection", access.organisation.slug, pk)
    page = {"feed": row, "connection": row.connection, "form": form, "nav": "connections"}
    return render(request, "targets/back_fill.html", page)


@require_POST
@organisation_page(Permission.EDIT)
def back_fill_turn(request: HttpRequest, access: Access, pk: int, feed: int) -> HttpResponse:
    """Pause, take up again or stop the range that is under way."""
    row = asking.feed_of(access, connection=pk, pk=feed).back_fills.filter(state__in=back_filling.OPEN).first()
    act = request.POST.get("act", "")
    if row is not None and act == "pause":
        back_filling.pause(row)
        messages.success(request, _("Paused. What was fetched stays."))
    elif row is not None and act == "resume":
        back_filling.resume(row, timezone.now())
        messages.success(request, _("Resumed."))
    elif row is not None and act == "stop":
        back_filling.stop(row, timezone.now())
        messages.success(request, _("Stopped. What was fetched stays."))
    return redirect("connection", access.organisation.slug, pk)
