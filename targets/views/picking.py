"""What the pages on which a number is picked share: which number is meant, and what follows once it is saved."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from connectors import ways
from connectors.paths import picking
from targets import tasks

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from connectors.paths.trails import Trail
    from connectors.ways import Pick
    from organisations.access import Access
    from targets.models import Metric
    from targets.set_up.forms import NumberForm

PATIENCE = 4.0  # seconds that somebody waits for the first readings; the rest of a history comes later


def pick_meant(request: HttpRequest, answer: Any, pick_of: Callable[[Trail], Pick]) -> Pick | None:
    """Return the number that was clicked, or the likeliest; None where the answer has none."""
    trail = _trail(answer, said(request).get("at")) or ways.likeliest(answer)
    return None if trail is None else pick_of(trail)


def pick_before(request: HttpRequest, answer: Any, pick_of: Callable[[Trail], Pick]) -> Pick | None:
    """Return the number that what was entered is about; None where the answer does not have it any more."""
    trail = _trail(answer, said(request).get("path"))
    return None if trail is None else pick_of(trail)


def _trail(answer: Any, path: str | None) -> Trail | None:
    return picking.trail_of(answer, path) if path else None


def said(request: HttpRequest) -> dict[str, str]:
    """Return what was entered on the page before: as it was posted, or as `back_to` carried it on."""
    return (request.POST if request.method == "POST" else request.GET).dict()


def carried(request: HttpRequest, form: type[NumberForm]) -> dict[str, str]:
    """Return of what was entered on the page before all that is about a number, and which number was clicked."""
    entered = said(request)
    return {name: entered[name] for name in ("at", *form.base_fields) if name in entered}


def posted_about(request: HttpRequest, pick: Pick) -> Any:
    """Return what was posted, unless it is about another number than the one that is picked now."""
    return request.POST if request.method == "POST" and request.POST.get("path") == pick.path else None


def moved(request: HttpRequest, pick: Pick | None) -> str:
    """Say that what was posted is about another number than the one that is picked now; empty where it is not."""
    if request.method != "POST" or (pick and posted_about(request, pick) is not None):
        return ""
    if pick is None or request.POST.get("at") != pick.path:
        return _("The answer has changed since. Pick the number again.")
    return _("You picked another number. Check what it is, then save.")


def back_to(address: str, request: HttpRequest, form: type[NumberForm]) -> HttpResponse:
    """Lead back to the page of an address, with the number that was clicked there and all that was entered."""
    entered = carried(request, form)
    return redirect(f"{address}?{urlencode(entered)}" if entered else address)


def saved(request: HttpRequest, metric: Metric, access: Access, **more: str) -> HttpResponse:
    """Collect the first readings of a new metric, and lead to its page or to its first target, as was wished."""
    slug = access.organisation.slug
    with suppress(OperationalError):  # without a broker the scheduler finds the feed by its due time
        tasks.collect_at_once(metric.feed_id, seconds=PATIENCE)
    if request.POST.get("then") == "metric":
        messages.success(request, _collected(metric))
        return redirect("metric", organisation=slug, pk=metric.pk)
    return redirect(f"{reverse('target-new', args=[slug])}?{urlencode({'metric': metric.pk, **more})}")


def _collected(metric: Metric) -> str:
    if metric.feed.paused_at:
        return _("Saved. %(metric)s is collected once its feed is resumed.") % {"metric": metric}
    return _("Saved. %(metric)s is being collected.") % {"metric": metric}
