"""The overview: how everything is, in one sentence and one list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors.models import Feed
from organisations.languages import grouped
from organisations.pages import organisation_page
from organisations.roles import Permission
from organisations.sheets import csv_response
from targets import wording
from targets.domain.periods import ONE_DAY, local_day
from targets.domain.terms import NEEDS_ATTENTION, Status
from targets.filters import Filters
from targets.models import Metric, Tag, Target
from targets.models.target import PERIODS
from targets.presenting import MOVING, found_of, groups_of, named, row_of, tally_of
from targets.schedule import is_late
from targets.sources import Freshness, freshness

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.core.paginator import Page
    from django.http import HttpRequest, HttpResponse

    from organisations.access import Access
    from organisations.tenancy import TenantQuerySet

ROWS_A_PAGE = 50
TROUBLED = {status.value for status in NEEDS_ATTENTION}
FRESHNESS = [
    "health",
    "paused_at",
    "collected_at",
    "answered_at",
    "every",
    "connection__name",
    "connection__kind",
    "connection__is_sample",
]  # what the line at the foot says, and no more: there may be thousands of feeds


@organisation_page(Permission.VIEW)
def overview(request: HttpRequest, access: Access) -> HttpResponse:
    """Show every target, most urgent first; an organisation without any is welcomed."""
    counts = list(access.rows(Target).order_by().values_list("status", "team").annotate(Count("pk")))
    if not counts:
        has_metrics = access.rows(Metric).exists()
        return render(request, "targets/welcome.html", {"nav": "targets", "has_metrics": has_metrics})
    now, filters = timezone.now(), Filters.of(request.GET)
    feeds = list(access.rows(Feed).select_related("connection").only(*FRESHNESS))
    fresh, everything = freshness(feeds, now, access.zone), _by_status(counts)
    chosen = _chosen(access, filters, everything)
    page = _page(access, filters, chosen, request.GET.get("page"))
    context = {
        "nav": "targets",
        "filters": filters,
        "sentence": _sentence(access, everything, fresh),
        "tally": [(count, filters.with_status(count.status).address) for count in _tally(everything, chosen)],
        "total": sum(chosen.values()),
        "everywhere": filters.everywhere.address,
        "shown": _shown(page.paginator.count),
        "good_news": filters.status in TROUBLED and not filters.q and any(chosen.values()),
        "teams": sorted({team for _status, team, _number in counts if team}, key=str.casefold),
        "tags": list(access.rows(Tag).filter(targets__isnull=False).distinct().values_list("name", flat=True)),
        "periods": PERIODS,
        "groups": groups_of(row_of(target, now) for target in page),
        "page": page,
        "freshness": fresh,
        "has_samples": any(feed.connection.is_sample for feed in feeds),
        "is_late": is_late(access, now),
        "today_on": local_day(now, access.organisation.zone),
    }
    response = render(request, "targets/overview.html", context)
    if "HX-Request" in request.headers:  # a form sends its empty fields too; they need not stand in the address
        response["HX-Push-Url"] = request.path + (filters.address if filters.address != "?" else "")
    return response


@organisation_page(Permission.VIEW)
def overview_csv(request: HttpRequest, access: Access) -> HttpResponse:
    """Download the list as it is filtered, with full numbers."""
    targets = Filters.of(request.GET).apply(_targets(access)).prefetch_related("tags").iterator(chunk_size=500)
    return csv_response("targets", _header(), (_line(access, target) for target in targets))


def _header() -> list[str]:
    return [
        _("Target"), _("Team"), _("Tags"), _("Metric"), _("Status"), _("Value"), _("Unit"), _("Comparison"), _("Goal"),
        _("Upper goal"), _("Chance"), _("Likely finish"), _("Period"), _("Period from"), _("Period until"),
        _("Judged at"), _("Link"),
    ]  # fmt: skip


def _line(access: Access, target: Target) -> list[Any]:
    found = found_of(target)
    forecast = found.forecast if found and target.status in MOVING else None
    address = reverse("target", args=[access.organisation.slug, target.pk])
    return [
        target.name, target.team, ", ".join(tag.name for tag in target.tags.all()), target.metric.name,
        target.get_status_display(), target.value, target.metric.unit, target.get_comparison_display(), target.goal,
        target.goal_upper, target.chance, forecast and forecast.median, target.get_period_display(),
        target.period_starts_on, target.period_ends_on and target.period_ends_on - ONE_DAY, target.evaluated_at,
        settings.SITE_URL + address,
    ]  # fmt: skip


def _targets(access: Access) -> TenantQuerySet[Target]:
    """Return the targets with what a row of the list shows, without the day-by-day track."""
    return access.rows(Target).select_related("organisation", "metric__feed__connection").defer("track")


def _page(access: Access, filters: Filters, chosen: Mapping[Status, int], number: str | None) -> Page[Target]:
    """Return a page of the list, whose length the counts have told already."""
    pages = Paginator(filters.apply(_targets(access)), ROWS_A_PAGE)
    pages.count = sum(number for status, number in chosen.items() if filters.status in {"", status})
    return pages.get_page(number)


def _chosen(access: Access, filters: Filters, everything: dict[Status, int]) -> dict[Status, int]:
    """Count the targets of each status that the other filters choose."""
    if filters.everywhere == Filters():
        return everything
    rows = filters.everywhere.apply(access.rows(Target)).order_by().values_list("status").annotate(Count("pk"))
    return {Status(status): number for status, number in rows}


def _tally(everything: Mapping[Status, int], chosen: Mapping[Status, int]) -> list[Any]:
    """Return the statuses that occur at all, with how many of each are chosen, so that no filter makes them jump."""
    return tally_of({status: chosen.get(status, 0) for status in everything})


def _shown(number: int) -> str:
    """Say how many there are, for those who do not see the list change."""
    words = ngettext("%(number)s target is shown.", "%(number)s targets are shown.", number)
    return words % {"number": grouped(number)}


def _sentence(access: Access, by_status: Mapping[Status, int], fresh: Freshness) -> wording.Sentence:
    """Say how all targets stand, whatever is filtered: the two most urgent ones, or the closest call if all is well."""
    targets = _targets(access)
    worst, closest = [], None
    if NEEDS_ATTENTION & set(by_status):
        worst = [named(target) for target in targets[:2]]
    else:
        sure = targets.filter(status=Status.ON_TRACK, chance__isnull=False)
        closest = next((named(target) for target in sure.order_by("chance")[:1]), None)
    sources, silent = fresh.sources, len(fresh.troubled)
    return wording.overview_sentence(by_status, worst, closest=closest, sources=sources, silent_sources=silent)


def _by_status(counts: Iterable[tuple[str, str, int]]) -> dict[Status, int]:
    found: dict[Status, int] = {}
    for status, _team, number in counts:
        found[Status(status)] = found.get(Status(status), 0) + number
    return found
