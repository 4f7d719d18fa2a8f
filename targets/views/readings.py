"""The readings that a target's number is made of, and the way from each to the check that brought it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from organisations.pages import organisation_page
from organisations.roles import Permission
from organisations.sheets import csv_response
from targets import wording
from targets.domain.periods import ONE_DAY
from targets.models import Metric
from targets.pages.made_of import MadeOf, past_readings, present_readings, sheet_rows
from targets.views.finding import result_named, target_named

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from organisations.access import Access
    from targets.models import PeriodResult, Target

DAYS_A_PAGE = 31
MOST_OF_A_DAY = 200  # readings of one day that are shown; the download has them all


@organisation_page(Permission.VIEW)
def target_readings(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Show the days that the present number is made of; `?day=` shows the readings of one, `?as=csv` downloads all."""
    row = target_named(access, pk)
    return _answer(request, access, row, present_readings(row, timezone.now(), access.zone))


@organisation_page(Permission.VIEW)
def period_readings(request: HttpRequest, access: Access, pk: int, starts_on: str) -> HttpResponse:
    """Show the same of a closed period."""
    row = target_named(access, pk)
    result = result_named(row, starts_on)
    made_of = past_readings(row, result, _metric(access, row, result), timezone.now(), access.zone)
    return _answer(request, access, row, made_of, result)


def _answer(
    request: HttpRequest, access: Access, row: Target, made_of: MadeOf, result: PeriodResult | None = None
) -> HttpResponse:
    if request.GET.get("as") == "csv":
        return _sheet(row, made_of)
    back = reverse("target", args=[access.organisation.slug, row.pk])
    if result is not None:
        back = reverse("target-period", args=[access.organisation.slug, row.pk, result.starts_on.isoformat()])
    on = _chosen(request, made_of)
    page = Paginator(made_of.days, DAYS_A_PAGE).get_page(request.GET.get("page") or _page_of(made_of, on))
    shown = list(page.object_list)
    context = {
        "nav": "targets",
        "target": row,
        "metric": made_of.metric,
        "back": back,
        "past": result is not None,
        "period": wording.period_label(made_of.period),
        "made_of": made_of,
        "sentence": made_of.sentence(),
        "page": page,
        "on": on,
        "days": made_of.day_lines(shown, made_of.checks(access, shown[-1][0], shown[0][0])) if shown else [],
        **(_of_day(access, made_of, on) if on else {}),
    }
    return render(request, "targets/readings.html", context)


def _of_day(access: Access, made_of: MadeOf, on: date) -> dict[str, object]:
    """Return the readings of one day, latest first."""
    rows = made_of.readings(on, on).order_by("-at", "segment")
    shown = list(rows[:MOST_OF_A_DAY])
    return {
        "readings": made_of.reading_lines(shown, made_of.checks(access, on, on)),
        "chosen_day": wording.full_day(on, today=made_of.period.day_of(made_of.now)),
        "has_segments": any(row.segment for row in shown),
        "more": max(rows.count() - MOST_OF_A_DAY, 0),
    }


def _sheet(row: Target, made_of: MadeOf) -> HttpResponse:
    rows = made_of.readings(made_of.period.starts_on, made_of.period.ends_on - ONE_DAY).order_by("at", "segment")
    header = [_("Day"), _("Time"), _("Segment"), _("Value"), _("Stored"), _("Check")]
    name = f"target-{row.pk}-{made_of.period.starts_on:%Y-%m-%d}-readings"
    return csv_response(name, header, sheet_rows(made_of, rows.iterator()))


def _chosen(request: HttpRequest, made_of: MadeOf) -> date | None:
    """Return the day of the period that is named; None where none is, or one outside it."""
    try:
        on = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return None
    return on if made_of.period.starts_on <= on < made_of.period.ends_on else None


def _page_of(made_of: MadeOf, on: date | None) -> int:
    """Return the page on which a day stands."""
    later = sum(day[0] > on for day in made_of.days) if on else 0
    return later // DAYS_A_PAGE + 1


def _metric(access: Access, row: Target, result: PeriodResult) -> Metric:
    """Return the metric that a closed period was about: the target may be about another one now."""
    asked = result.asked.get("metric_id", row.metric_id)
    metrics = access.rows(Metric).select_related("organisation", "feed__connection")
    return row.metric if asked == row.metric_id else metrics.filter(pk=asked).first() or row.metric
