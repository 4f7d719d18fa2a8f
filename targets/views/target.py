"""One target: why it stands where it stands, and what has been."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from connectors.models.feed import Outcome
from organisations import managed
from organisations.languages import ago
from organisations.pages import organisation_page
from organisations.roles import Permission
from targets.pages.awaited import awaited
from targets.pages.earlier import Ended, History, history_of
from targets.pages.target import past_view, present_view
from targets.sources import checks_of, checks_summary, trouble_with
from targets.views.finding import result_named, target_named

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from connectors.models import Feed
    from organisations.access import Access
    from targets.models import PeriodResult, Target

CHECKS_A_PAGE = 6
MOST_EARLIER = 12
LOOK_BACK = timedelta(days=30)


@organisation_page(Permission.VIEW)
def target(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Show how the target stands now; `?asked=` waits for a check that was asked for then."""
    now, zone = timezone.now(), access.zone
    row = target_named(access, pk)
    feed = row.metric.feed
    history = history_of(row, _results(row), now)
    context = {
        "nav": "targets",
        "target": row,
        "mark": managed.mark_of(access.organisation, row.described_in, pk),
        "asking": awaited(feed, request.GET.get("asked", ""), now),
        "view": present_view(row, now, error=feed.message if feed.failing_since else "", zone=zone),
        "history": history,
        "earlier": _latest_before(history, row.period_starts_on),
        "trouble": trouble_with(feed, now, zone),
        "readings_address": reverse("target-readings", args=[access.organisation.slug, pk]),
        **_checks(request, feed, now, access),
    }
    return render(request, "targets/target.html", context)


@organisation_page(Permission.VIEW)
def target_period(request: HttpRequest, access: Access, pk: int, starts_on: str) -> HttpResponse:
    """Look back on one closed period."""
    now = timezone.now()
    row = target_named(access, pk)
    result = result_named(row, starts_on)
    history = history_of(row, _results(row), now)
    context = {
        "nav": "targets",
        "target": row,
        "past": True,
        "view": past_view(row, result, now),
        "history": history,
        "earlier": _latest_before(history, result.starts_on),
        "later": _later(access, row, history, result),
        "readings_address": reverse(
            "target-period-readings", args=[access.organisation.slug, pk, result.starts_on.isoformat()]
        ),
    }
    return render(request, "targets/target.html", context)


def _checks(request: HttpRequest, feed: Feed, now: datetime, access: Access) -> dict[str, Any]:
    """Return the log of the source's checks, a page at a time."""
    page = Paginator(feed.collections.all(), CHECKS_A_PAGE).get_page(request.GET.get("page"))
    for run in page.object_list:
        run.feed = feed
    return {
        "page": page,
        "checks": checks_of(page, now, access.zone),
        "checks_summary": _summary(feed, now) if page.object_list else "",
        "first_check": _first_check(feed, now, access),
    }


def _first_check(feed: Feed, now: datetime, access: Access) -> str:
    """Say when a source that was never asked will be."""
    if feed.due_at is None or feed.due_at <= now:
        return _("The first check runs in a moment.")
    return _("The first check runs %(when)s.") % {"when": ago(feed.due_at, now=now, zone=access.zone)}


def _results(row: Target) -> list[PeriodResult]:
    return list(row.results.defer("track")[:MOST_EARLIER])


def _latest_before(history: History, starts_on: date | None) -> Ended | None:
    return next((row for row in history.rows if starts_on is None or row.starts_on < starts_on), None)


def _later(access: Access, row: Target, history: History, result: PeriodResult) -> dict[str, str]:
    """Return where the period after a closed one stands: another closed one, or the present."""
    slug = access.organisation.slug
    after = [entry for entry in history.rows if entry.starts_on > result.starts_on]
    if after:
        address = reverse("target-period", args=[slug, row.pk, after[-1].starts_on.isoformat()])
        return {"address": address, "label": after[-1].label}
    return {"address": reverse("target", args=[slug, row.pk]), "label": _("Now")}


def _summary(feed: Feed, now: datetime) -> str:
    ended = feed.collections.filter(started_at__gte=now - LOOK_BACK).exclude(outcome=Outcome.RUNNING)
    found = ended.aggregate(all=Count("pk"), answered=Count("pk", filter=Q(outcome=Outcome.OK)))
    return checks_summary(feed, answered=found["answered"], of=found["all"])
