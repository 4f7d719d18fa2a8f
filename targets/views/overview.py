"""The overview: how everything is, in one sentence and one list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.shortcuts import render
from django.utils import timezone

from connectors.models import Feed
from organisations.pages import organisation_page
from organisations.roles import Permission
from targets.domain.terms import Status
from targets.models import Target
from targets.models.target import PERIODS
from targets.presenting import freshness, groups_of, headline, row_of, tally_of
from targets.schedule import is_late
from targets.sheets import csv_response

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from organisations.access import Access
    from organisations.tenancy import TenantQuerySet

ROWS_A_PAGE = 50
CSV_HEADER = [
    "Target", "Team", "Metric", "Status", "Value", "Unit", "Comparison", "Goal", "Upper goal", "Chance",
    "Period from", "Period until", "Judged at",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What somebody chose to see of the list; empty means everything."""

    status: str = ""
    q: str = ""
    team: str = ""
    period: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> Filters:
        """Read them from the address."""
        return cls(**{name: request.GET.get(name, "").strip()[:100] for name in ("status", "q", "team", "period")})

    @property
    def any(self) -> bool:
        """Whether anything is left out."""
        return bool(self.status or self.q or self.team or self.period)

    def apply(self, targets: TenantQuerySet[Target]) -> TenantQuerySet[Target]:
        """Narrow the targets."""
        chosen = {name: value for name, value in (("status", self.status), ("team", self.team), ("period", self.period)) if value}
        targets = targets.filter(**chosen)
        if self.q:
            words = Q(name__icontains=self.q) | Q(team__icontains=self.q) | Q(metric__name__icontains=self.q)
            targets = targets.filter(words)
        return targets


@organisation_page(Permission.VIEW)
def overview(request: HttpRequest, access: Access) -> HttpResponse:
    """Show every target, most urgent first; an organisation without any is welcomed."""
    counts = list(access.rows(Target).order_by().values_list("status", "team").annotate(Count("pk")))
    if not counts:
        return render(request, "targets/welcome.html", {"nav": "targets"})
    now = timezone.now()
    filters = Filters.of(request)
    page = Paginator(filters.apply(_targets(access)), ROWS_A_PAGE).get_page(request.GET.get("page"))
    rows = [row_of(target, now) for target in page]
    feeds = list(access.rows(Feed).select_related("connection"))
    tally = tally_of({status: number for status, number in _by_status(counts)})
    context = {
        "nav": "targets",
        "filters": filters,
        "sentence": headline(_worst(access, page.object_list, filters), tally, now=now),
        "tally": tally,
        "total": sum(number for *_, number in counts),
        "teams": sorted({team for _, team, _ in counts if team}),
        "periods": PERIODS,
        "groups": groups_of(rows),
        "page": page,
        "status_word": next((entry.word for entry in tally if entry.status == filters.status), ""),
        "freshness": freshness(feeds, now),
        "has_samples": any(feed.connection.is_sample for feed in feeds),
        "is_late": is_late(access, now),
        "today_on": now.astimezone(access.organisation.zone).date(),
    }
    return render(request, "targets/overview.html", context)


@organisation_page(Permission.VIEW)
def overview_csv(request: HttpRequest, access: Access) -> HttpResponse:
    """Download the list as it is filtered, with full numbers."""
    targets = Filters.of(request).apply(_targets(access)).iterator(chunk_size=500)
    rows = (
        [
            target.name, target.team, target.metric.name, target.get_status_display(), target.value, target.metric.unit,
            target.get_comparison_display(), target.goal, target.goal_upper, target.chance,
            target.period_starts_on, target.period_ends_on, target.evaluated_at,
        ]
        for target in targets
    )  # fmt: skip
    return csv_response("targets", CSV_HEADER, rows)


def _targets(access: Access) -> TenantQuerySet[Target]:
    """Return the targets with what a row of the list shows, without the day-by-day track."""
    return access.rows(Target).select_related("organisation", "metric__feed__connection").defer("track")


def _worst(access: Access, shown: TenantQuerySet[Target], filters: Filters) -> list[Target]:
    """Return the most urgent two of all targets; the unfiltered list begins with them."""
    return list((_targets(access) if filters.any else shown)[:2])


def _by_status(counts: list[tuple[str, str, int]]) -> list[tuple[Status, int]]:
    found: dict[Status, int] = {}
    for status, _, number in counts:
        found[Status(status)] = found.get(Status(status), 0) + number
    return list(found.items())
