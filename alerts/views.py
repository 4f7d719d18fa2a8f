"""Pages: which reports there are, what stands in them, who gets them, and the way out that needs no sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csp.constants import NONE, SELF
from csp.decorators import csp, csp_update
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from alerts import listing, reporting, sending
from alerts import render as letters
from alerts.forms import ReportForm
from alerts.models import Delivery, Report
from alerts.tasks import ring
from organisations.pages import organisation_page
from organisations.reader import speaking
from organisations.roles import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

    from organisations.access import Access

LATEST = 20  # deliveries on the page
# a mail carries its styles inline; its scripts, forms and foreign pictures stay shut out
MAIL_POLICY = {
    "default-src": [NONE],
    "style-src": ["'unsafe-inline'"],
    "img-src": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [SELF],
}


@organisation_page(Permission.VIEW)
def reports(request: HttpRequest, access: Access) -> HttpResponse:
    """List the reports and the latest deliveries."""
    now = timezone.now()
    reporting.ensure_default(access.organisation, now)
    deliveries = access.rows(Delivery).select_related("run__report", "change__target")[:LATEST]
    context = {
        "nav": "reports",
        "summaries": listing.summaries(access.rows(Report).order_by("name"), access, now),
        "mails": [listing.posted(delivery, access, now) for delivery in deliveries],
    }
    return render(request, "alerts/reports.html", context)


@csp_update({"frame-src": [SELF]})
@organisation_page(Permission.MANAGE, changes=("reports", "pk"))
def report_edit(request: HttpRequest, access: Access, pk: int | None = None) -> HttpResponse:
    """Make a report or change one, with the mail beside it; on wish a test of it follows."""
    report = access.get(Report, pk) if pk else None
    name = report.name if report else ""  # as it is stored: a refused form writes on the row
    form = ReportForm(request.POST or None, instance=report, access=access)
    if request.method == "POST" and form.is_valid():
        stored = form.save(commit=False)
        reporting.arrange(stored, form.cleaned_data["people"], now=timezone.now())
        messages.success(request, _("Saved.") if report else _("Scheduled."))
        if "test" in request.POST:
            _send_test(request, access, stored)
        return redirect("report-preview", access.organisation.slug, stored.pk)
    return render(request, "alerts/report_edit.html", {"nav": "reports", "form": form, "report": report, "name": name})


@csp_update({"frame-src": [SELF]})
@organisation_page(Permission.VIEW)
def report_preview(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Show a report as it would be sent now, in a frame of its own."""
    report = access.get(Report, pk)
    context = {
        "nav": "reports",
        "summary": listing.summaries([report], access, timezone.now())[0],
        "has_targets": reporting.shown_targets(report).exists(),
    }
    return render(request, "alerts/report_preview.html", context)


@csp(MAIL_POLICY)
@xframe_options_sameorigin
@organisation_page(Permission.VIEW)
def report_mail(request: HttpRequest, access: Access, pk: int) -> HttpResponse:  # noqa: ARG001  a page's signature
    """Serve the mail itself, for the preview's frame."""
    return _mail_page(access, access.get(Report, pk))


@csp(MAIL_POLICY)
@xframe_options_sameorigin
@organisation_page(Permission.MANAGE)
def report_draft(request: HttpRequest, access: Access, pk: int | None = None) -> HttpResponse:
    """Serve the mail as it would be with what stands in the form now; nothing is stored."""
    form = ReportForm(
        request.POST or request.GET or None, instance=access.get(Report, pk) if pk else None, access=access
    )
    form.is_valid()  # whatever can be read goes on the row
    return _mail_page(access, form.instance)


@organisation_page(Permission.VIEW)
@require_POST
def report_test(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Send the report to the person who asks, and to nobody else."""
    _send_test(request, access, access.get(Report, pk))
    return redirect("report-preview", access.organisation.slug, pk)


@organisation_page(Permission.MANAGE)
@require_POST
def delivery_again(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Try a given-up delivery once more."""
    delivery = access.get(Delivery, pk)
    if sending.send_again(delivery, now=timezone.now()):
        ring(delivery.pk)
        messages.success(request, _("It is being sent to %(address)s again.") % {"address": delivery.address})
    return redirect("reports", access.organisation.slug)


def _send_test(request: HttpRequest, access: Access, report: Report) -> None:
    delivery = reporting.order_test(report, access.user, timezone.now())
    ring(delivery.pk)
    messages.success(request, _("A test is on its way to %(address)s.") % {"address": delivery.address})


def _mail_page(access: Access, report: Report) -> HttpResponse:
    """Answer the mail as the person who looks would get it."""
    now = timezone.now()
    with speaking(access.user.language or access.organisation.language):
        letter = reporting.letter_now(report, now, address=access.user.email, as_page=True)
        return HttpResponse(letter.html if letter else letters.nothing(report, now=now))


@csrf_exempt  # mail programs post here in one click (RFC 8058); the token is the permission
@never_cache
def report_stop(request: HttpRequest, token: UUID) -> HttpResponse:
    """Stop a report, or start it again, without signing in."""
    place = reporting.place_of(token)
    if place is None:
        raise Http404
    if request.method == "POST" and "again" in request.POST:
        reporting.start_again(place)
    elif request.method == "POST":
        reporting.stop(place, timezone.now())
    if "List-Unsubscribe" in request.POST:
        return HttpResponse(_("Stopped."), content_type="text/plain; charset=utf-8")
    if request.method == "POST":
        return redirect("report-stop", token)
    with speaking(place.user.language or place.report.organisation.language):
        return render(request, "alerts/stop.html", {"place": place})
