"""The numbers behind a target's chart: as JSON, and as a table to download."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from organisations.pages import organisation_page
from organisations.roles import Permission
from organisations.sheets import csv_response
from targets.domain.verdict import Track
from targets.pages.target import past_view, present_view
from targets.views.finding import result_named, target_named

if TYPE_CHECKING:
    from django.http import HttpRequest

    from organisations.access import Access


@organisation_page(Permission.VIEW)
def target_chart(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Return the numbers of the chart as JSON; `?period=` names a closed one by its first day."""
    row, now = target_named(access, pk), timezone.now()
    starts_on = request.GET.get("period")
    view = past_view(row, result_named(row, starts_on), now) if starts_on else present_view(row, now)
    if view.drawing is None:
        raise Http404
    return JsonResponse(view.drawing.data)


@organisation_page(Permission.VIEW)
def target_csv(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Download the period day by day, with full numbers; `?period=` names a closed one by its first day."""
    row = target_named(access, pk)
    starts_on = request.GET.get("period")
    plain = result_named(row, starts_on).track if starts_on else row.track
    if plain is None:
        raise Http404
    track = Track.from_plain(plain)
    rows = (
        [track.starts_on + timedelta(days=index), actual, pace, *_band(track, index)]
        for index, (actual, pace) in enumerate(zip(track.actual, track.pace, strict=True))
    )
    return csv_response(f"target-{row.pk}-{track.starts_on:%Y-%m-%d}", _header(), rows)


def _header() -> list[str]:
    return [_("Day"), _("Actual"), _("Pace"), _("Forecast low"), _("Forecast middle"), _("Forecast high")]


def _band(track: Track, index: int) -> list[float | None]:
    return [track.bands[row][index] for row in (0, 2, 4)] if track.bands else [None, None, None]
