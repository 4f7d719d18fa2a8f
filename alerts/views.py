"""Pages: which reports there are, what stands in them, who gets them, and the way out that needs no sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csp.constants import NONE, SELF
from csp.decorators import csp, csp_update
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from alerts import reporting, sending
from alerts.forms import ReportForm
from alerts.models import Delivery, Report
from alerts.tasks import ring
from organisations.pages import organisation_page
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
    reporting.ensure_default(access.organisation, timezone.now())
    context = {
        "nav": "reports",
        "summaries": [reporting.summary(report) for report in access.rows(Report).order_by("name")],
        "deliveries": access.rows(Delivery).select_related("run__report", "change__target")[:LATEST],
    }
    return render(request, "alerts/reports.html", context)


@organisation_page(Permission.MANAGE)
def report_edit(request: HttpRequest, access: Access, pk: int | None = None) -> HttpResponse:
    """Make a report or change one."""
    report = access.get(Report, pk) if pk else None
    name = report.name if report else ""  # as it is stored: a refused form writes on the row
    form = ReportForm(request.POST or None, instance=report, access=access)
    if request.method == "POST" and form.is_valid():
        reporting.arrange(form.save(commit=False), form.cleaned_data["people"], now=timezone.now())
        messages.success(request, "Saved." if report else "Scheduled.")
        return redirect("reports", access.organisation.slug)
    return render(request, "alerts/report_edit.html", {"nav": "reports", "form": form, "report": report, "name": name})


@csp_update({"frame-src": [SELF]})
@organisation_page(Permission.VIEW)
def report_preview(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Show a report as it would be sent now, in a frame of its own."""
    report = access.get(Report, pk)
    context = {
        "nav": "reports",
        "summary": reporting.summary(report),
        "has_targets": reporting.shown_targets(access.organisation).exists(),
    }
    return render(request, "alerts/report_preview.html", context)


@csp(MAIL_POLICY)
@xframe_options_sameorigin
@organisation_page(Permission.VIEW)
def report_mail(request: HttpRequest, access: Access, pk: int) -> HttpResponse:  # noqa: ARG001  a page's signature
    """Serve the mail itself, for the preview's frame."""
    letter = reporting.letter_now(access.get(Report, pk), timezone.now(), as_page=True)
    if letter is None:
        raise Http404
    return HttpResponse(letter.html)


@organisation_page(Permission.VIEW)
@require_POST
def report_test(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Send the report to the person who asks, and to nobody else."""
    delivery = reporting.order_test(access.get(Report, pk), access.user, timezone.now())
    ring(delivery.pk)
    messages.success(request, f"A test is on its way to {delivery.address}.")
    return redirect("reports", access.organisation.slug)


@organisation_page(Permission.MANAGE)
@require_POST
def delivery_again(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Try a given-up delivery once more."""
    delivery = access.get(Delivery, pk)
    if sending.send_again(delivery, now=timezone.now()):
        ring(delivery.pk)
        messages.success(request, f"It is being sent to {delivery.address} again.")
    return redirect("reports", access.organisation.slug)


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
        return HttpResponse("Stopped.", content_type="text/plain")
    if request.method == "POST":
        return redirect("report-stop", token)
    return render(request, "alerts/stop.html", {"place": place})
