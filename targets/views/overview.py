"""The overview: how everything is, in one sentence and one list."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.shortcuts import render
from django.utils import timezone

from connectors.models import Feed
from organisations.pages import organisation_page
from organisations.roles import Permission
from targets import wording
from targets.domain.periods import local_day
from targets.domain.terms import NEEDS_ATTENTION, Status
from targets.models import Target
from targets.models.target import PERIODS
from targets.presenting import groups_of, named, row_of, tally_of
from targets.schedule import is_late
from targets.sheets import csv_response
from targets.sources import Freshness, freshness

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    def address(self) -> str:
        """The query string that chooses the same."""
        chosen = {name: value for name, value in asdict(self).items() if value}
        return f"?{urlencode(chosen)}"

    def with_status(self, status: str) -> str:
        """Return the query string that chooses the same, but another status."""
        return replace(self, status=status).address

    def apply(self, targets: TenantQuerySet[Target]) -> TenantQuerySet[Target]:
        """Narrow the targets."""
        chosen = {"status": self.status, "team": self.team, "period": self.period}
        targets = targets.filter(**{name: value for name, value in chosen.items() if value})
        if self.q:
            words = Q(name__icontains=self.q) | Q(team__icontains=self.q) | Q(metric__name__icontains=self.q)
            targets = targets.filter(words)
        return targets

    def in_vain(self) -> str:
        """Say that nothing was found."""
        kind = f" is “{wording.status_word(Status(self.status))}”" if self.status in set(Status) else " is here"
        team = f" in {self.team}" if self.team else ""
        search = f" and is found by “{self.q}”" if self.q else ""
        return f"No target{kind}{team}{search}."


FRESHNESS = [
    "health",
    "paused_at",
    "collected_at",
    "failing_since",
    "message",
    "connection__name",
    "connection__kind",
    "connection__is_sample",
]  # what the line at the foot says, and no more: there may be thousands of feeds


@organisation_page(Permission.VIEW)
def overview(request: HttpRequest, access: Access) -> HttpResponse:
    """Show every target, most urgent first; an organisation without any is welcomed."""
    counts = list(access.rows(Target).order_by().values_list("status", "team").annotate(Count("pk")))
    if not counts:
        return render(request, "targets/welcome.html", {"nav": "targets"})
    now, zone = timezone.now(), access.organisation.zone
    filters = Filters.of(request)
    page = Paginator(filters.apply(_targets(access)), ROWS_A_PAGE).get_page(request.GET.get("page"))
    feeds = list(access.rows(Feed).select_related("connection").only(*FRESHNESS))
    fresh = freshness(feeds, now, zone)
    by_status = _by_status(counts)
    context = {
        "nav": "targets",
        "filters": filters,
        "sentence": _sentence(access, by_status, fresh),
        "tally": [(count, filters.with_status(count.status)) for count in tally_of(by_status)],
        "total": sum(by_status.values()),
        "teams": sorted({team for _, team, _ in counts if team}),
        "periods": PERIODS,
        "groups": groups_of(row_of(target, now) for target in page),
        "page": page,
        "freshness": fresh,
        "has_samples": any(feed.connection.is_sample for feed in feeds),
        "is_late": is_late(access, now),
        "today_on": local_day(now, zone),
        "everything": filters.with_status(""),
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


def _sentence(access: Access, by_status: Mapping[Status, int], fresh: Freshness) -> wording.Sentence:
    """Say how all targets stand, whatever is filtered: the two most urgent ones, or the closest call if all is well."""
    targets = _targets(access)
    worst, closest = [], None
    if NEEDS_ATTENTION & set(by_status):
        worst = [named(target) for target in targets[:2]]
    else:
        closest = next(
            (named(target) for target in targets.filter(status=Status.ON_TRACK).order_by("chance")[:1]), None
        )
    sources, silent = fresh.sources, len(fresh.troubled)
    return wording.overview_sentence(by_status, worst, closest=closest, sources=sources, silent_sources=silent)


def _by_status(counts: list[tuple[str, str, int]]) -> dict[Status, int]:
    found: dict[Status, int] = {}
    for status, _, number in counts:
        found[Status(status)] = found.get(Status(status), 0) + number
    return found
