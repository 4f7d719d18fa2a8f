"""One target: why it stands where it stands, and what now."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from connectors import asking
from connectors.models.feed import Outcome
from organisations.pages import organisation_page
from organisations.roles import Permission
from targets.domain.verdict import Track
from targets.judging import pause, resume
from targets.models import PeriodResult, Target
from targets.sheets import csv_response
from targets.sources import checks_of, checks_summary, trouble_with
from targets.target_page import Ended, History, history_of, past_view, present_view

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from connectors.models import Feed
    from organisations.access import Access

CHECKS_A_PAGE = 6
MOST_EARLIER = 12
LOOK_BACK = timedelta(days=30)
CSV_HEADER = ["Day", "Actual", "Pace", "Forecast low", "Forecast middle", "Forecast high"]


@organisation_page(Permission.VIEW)
def target(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Show how the target stands now."""
    now = timezone.now()
    row = _target(access, pk)
    feed = row.metric.feed
    page = Paginator(feed.collections.all(), CHECKS_A_PAGE).get_page(request.GET.get("page"))
    history = history_of(row, _results(row), now)
    zone = access.organisation.zone
    context = {
        "nav": "targets",
        "target": row,
        "view": present_view(row, now, error=feed.message if feed.failing_since else ""),
        "history": history,
        "earlier": _latest_before(history, row.period_starts_on),
        "trouble": trouble_with(feed, now, zone),
        "page": page,
        "checks": checks_of(page, now, zone),
        "checks_summary": _summary(feed, now),
    }
    return render(request, "targets/target.html", context)


@organisation_page(Permission.VIEW)
def target_period(request: HttpRequest, access: Access, pk: int, starts_on: str) -> HttpResponse:
    """Look back on one closed period."""
    now = timezone.now()
    row = _target(access, pk)
    result = _result(row, starts_on)
    history = history_of(row, _results(row), now)
    context = {
        "nav": "targets",
        "target": row,
        "past": True,
        "view": past_view(row, result, now),
        "history": history,
        "earlier": _latest_before(history, result.starts_on),
        "later": _later(access, row, history, result),
    }
    return render(request, "targets/target.html", context)


@organisation_page(Permission.VIEW)
def target_chart(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Return the numbers of the chart as JSON; `?period=` names a closed one by its first day."""
    row, now = _target(access, pk), timezone.now()
    starts_on = request.GET.get("period")
    view = past_view(row, _result(row, starts_on), now) if starts_on else present_view(row, now)
    if view.drawing is None:
        raise Http404
    return JsonResponse(view.drawing.data)


@organisation_page(Permission.VIEW)
def target_csv(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Download the period day by day, with full numbers; `?period=` names a closed one by its first day."""
    row = _target(access, pk)
    starts_on = request.GET.get("period")
    plain = _result(row, starts_on).track if starts_on else row.track
    if plain is None:
        raise Http404
    track = Track.from_plain(plain)
    rows = (
        [track.starts_on + timedelta(days=index), actual, pace, *_band(track, index)]
        for index, (actual, pace) in enumerate(zip(track.actual, track.pace, strict=True))
    )
    return csv_response(f"target-{row.pk}-{track.starts_on:%Y-%m-%d}", CSV_HEADER, rows)


@require_POST
@organisation_page(Permission.EDIT)
def target_check(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Ask the target's source at once."""
    row = _target(access, pk)
    messages.success(request, asking.now(row.metric.feed, timezone.now()))
    return redirect("target", access.organisation.slug, pk)


@require_POST
@organisation_page(Permission.EDIT)
def target_pause(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Pause a running target; take a paused one up again."""
    row = _target(access, pk)
    if row.paused_at is None:
        pause(row, timezone.now())
        messages.success(request, "Paused. Readings are still collected; nobody is told anything.")
    else:
        resume(row, timezone.now())
        messages.success(request, "Tracking again.")
    return redirect("target", access.organisation.slug, pk)


def _target(access: Access, pk: int) -> Target:
    """Return the target with everything its page shows; 404 whether it is missing or another organisation's."""
    related = ("organisation", "metric__organisation", "metric__feed__connection", "owner")
    row = access.rows(Target).select_related(*related).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _results(row: Target) -> list[PeriodResult]:
    return list(row.results.defer("track")[:MOST_EARLIER])


def _result(row: Target, starts_on: str) -> PeriodResult:
    result = row.results.filter(starts_on=_day(starts_on)).first()
    if result is None:
        raise Http404
    return result


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404 from None


def _latest_before(history: History, starts_on: date | None) -> Ended | None:
    return next((row for row in history.rows if starts_on is None or row.starts_on < starts_on), None)


def _later(access: Access, row: Target, history: History, result: PeriodResult) -> dict[str, str]:
    """Return where the period after a closed one stands: another closed one, or the present."""
    slug = access.organisation.slug
    after = [entry for entry in history.rows if entry.starts_on > result.starts_on]
    if after:
        address = reverse("target-period", args=[slug, row.pk, after[-1].starts_on.isoformat()])
        return {"address": address, "label": after[-1].label}
    return {"address": reverse("target", args=[slug, row.pk]), "label": "Now"}


def _summary(feed: Feed, now: datetime) -> str:
    ended = feed.collections.filter(started_at__gte=now - LOOK_BACK).exclude(outcome=Outcome.RUNNING)
    found = ended.aggregate(all=Count("pk"), answered=Count("pk", filter=Q(outcome=Outcome.OK)))
    return checks_summary(feed, answered=found["answered"], of=found["all"])


def _band(track: Track, index: int) -> list[float | None]:
    return [track.bands[row][index] for row in (0, 2, 4)] if track.bands else [None, None, None]
