"""Metrics: every number that is kept, its readings, and typing them in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from connectors.presenting import TROUBLE
from organisations import managed
from organisations.forms import DeleteForm
from organisations.languages import grouped
from organisations.pages import organisation_page
from organisations.roles import Permission
from targets.charts.data import readings_data
from targets.domain.terms import ValueKind
from targets.forms.readings import PasteForm, ReadingForm
from targets.forms.short import MetricForm, TypedMetricForm
from targets.judging import judge_metric
from targets.models import DailyRollup, Metric, Target
from targets.numbers import numbers_of
from targets.pages.metric import is_under_way, metric_page, metric_row, metrics_sentence, reading_rows, used_by
from targets.recording import record_points
from targets.rollups import WEIGHED
from targets.saving import save_metric
from targets.sources import trouble_with
from targets.typing_in import typed_in_feed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.http import HttpRequest

    from organisations.access import Access

ROWS_A_PAGE = 50
READINGS_A_PAGE = 20
TREND_DAYS = 30
CHART_DAYS = 180
DETAILS = ["missing_is_zero", "can_fall", "counts_distinct", "scale_min", "scale_max"]
Days = list[tuple[date, float]]


@organisation_page(Permission.VIEW)
def metrics(request: HttpRequest, access: Access) -> HttpResponse:
    """List every metric with its last reading and its last 30 days."""
    now = timezone.now()
    q = request.GET.get("q", "").replace("\0", "").strip()[:100]
    rows = access.rows(Metric).select_related("feed__connection")
    if q:
        rows = rows.filter(name__icontains=q)
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    days = _days_of(access, shown, now.date() - timedelta(days=TREND_DAYS))
    used = dict(access.rows(Target).order_by().filter(metric__in=shown).values_list("metric").annotate(Count("pk")))
    context = {
        "nav": "metrics",
        "q": q,
        "page": page,
        "rows": [
            metric_row(
                row,
                _whole(row, days.get(row.pk, []), access, now),
                used_by=used.get(row.pk, 0),
                now=now,
                zone=access.zone,
            )
            for row in shown
        ],
        "sentence": metrics_sentence(page.paginator.count, sum(row.feed.health_at(now) in TROUBLE for row in shown)),
    }
    return render(request, "targets/metrics.html", context)


@organisation_page(Permission.VIEW)
def metric(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Show one metric: its run, its readings, and what uses it."""
    now = timezone.now()
    return _metric_page(request, access, _metric(access, pk), now)


@organisation_page(Permission.EDIT)
def metric_new(request: HttpRequest, access: Access) -> HttpResponse:
    """Make a number that people type in."""
    form = TypedMetricForm(request.POST or None, access=access)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            row = form.save(commit=False)
            row.feed = typed_in_feed(access, form.cleaned_data["every"])
            row.save()
        messages.success(request, _("Kept. Type in its first reading, or paste earlier ones."))
        return redirect("metric", access.organisation.slug, row.pk)
    return _form_page(request, form, back=reverse("metrics", args=[access.organisation.slug]))


@organisation_page(Permission.EDIT, changes=("metrics", "pk"))
def metric_edit(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Change what a metric is called and what its values are."""
    row = _metric(access, pk)
    before = row.name
    form = MetricForm(request.POST or None, instance=row, access=access)
    if request.method == "POST" and form.is_valid():
        save_metric(form, timezone.now())
        messages.success(request, _("Saved."))
        return redirect("metric", access.organisation.slug, pk)
    return _form_page(request, form, back=reverse("metric", args=[access.organisation.slug, pk]), before=before)


@organisation_page(Permission.EDIT, deletes=("metrics", "pk"))
def metric_delete(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Delete a metric with its readings and targets, once its name was typed."""
    row, slug = access.get(Metric, pk), access.organisation.slug
    form = DeleteForm(request.POST or None, name=row.name)
    if request.method == "POST" and form.is_valid():
        row.delete()
        messages.success(request, _("%(name)s is deleted.") % {"name": row.name})
        return redirect("metrics", slug)
    used = row.targets.count()
    context = {
        "nav": "metrics",
        "form": form,
        "row": row,
        "list_name": _("Metrics"),
        "list_address": reverse("metrics", args=[slug]),
        "back": reverse("metric", args=[slug, pk]),
        "consequence": ngettext(
            "All its readings go with it, and %(targets)s target that uses it.",
            "All its readings go with it, and %(targets)s targets that use it.",
            used,
        )
        % {"targets": grouped(used)},
    }
    return render(request, "targets/delete.html", context)


@require_POST
@organisation_page(Permission.EDIT)
def metric_type_in(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Write down what somebody typed, pasted or uploaded; with any error nothing is written and nothing is lost."""
    row, now, zone = _metric(access, pk), timezone.now(), access.organisation.zone
    if row.feed.collects:
        raise Http404
    many = request.POST.get("way") == "many"
    kind = PasteForm if many else ReadingForm
    form = kind(request.POST, request.FILES, zone=zone, now=now)
    if not form.is_valid():
        return _metric_page(request, access, row, now, **{"paste_form" if many else "reading_form": form})
    points = form.points
    with transaction.atomic():
        judge_metric(row, now, touched_since=record_points(row, points, now=now))
    added = ngettext("Reading added.", "%(count)s readings added.", len(points))
    messages.success(request, added % {"count": grouped(len(points))})
    return redirect("metric", access.organisation.slug, pk)


def _metric_page(request: HttpRequest, access: Access, row: Metric, now: datetime, **forms: Any) -> HttpResponse:
    zone, numbers = access.organisation.zone, numbers_of(row)
    page = Paginator(row.observations.all(), READINGS_A_PAGE).get_page(request.GET.get("page"))
    days = _days_of(access, [row], now.date() - timedelta(days=CHART_DAYS)).get(row.pk, [])
    may_type_in = not row.feed.collects and access.may(Permission.EDIT)
    users = list(row.targets.only("name", "status").order_by("name"))
    marks = managed.marks_at(access.organisation, [row, *users])
    context = {
        "nav": "metrics",
        "metric": row,
        "form": next(iter(forms.values()), None),
        "chart": _chart(row, days, is_under_way=is_under_way(row, days, now, zone)),
        "page": page,
        "readings": reading_rows(page, numbers, now, access.zone),
        "has_segments": bool(row.segment_path),
        "has_weights": row.is_mean,
        "used_by": used_by(users),
        "mark": marks.get(row),
        "is_kept": any(mark.is_locked for mark in marks.values()),
        "trouble": trouble_with(row.feed, now, access.zone),
        "may_type_in": may_type_in,
        "send_command": _send_command(row, access),
        "reading_form": ReadingForm(zone=zone, now=now),
        "paste_form": PasteForm(zone=zone, now=now),
        **metric_page(row, days, now, access.zone),
        **forms,
    }
    return render(request, "targets/metric.html", context)


def _send_command(row: Metric, access: Access) -> str:
    """Return how a program sends a reading, as a command for a terminal."""
    address = settings.SITE_URL + reverse("api-observations", args=[access.organisation.slug, row.pk])
    return "\n".join(
        [
            f"curl {address} \\",
            '  --header "Authorization: Bearer $KEY" \\',
            "  --header 'Content-Type: application/json' \\",
            "  --data '{\"value\": 412}'",
        ]
    )


def _whole(row: Metric, days: Days, access: Access, now: datetime) -> Days:
    """Return the days without one that has still to add up: at the end of a small line it would look like a drop."""
    return days[:-1] if is_under_way(row, days, now, access.organisation.zone) else days


def _chart(row: Metric, days: Days, *, is_under_way: bool) -> dict[str, Any] | None:
    """Return the chart of the last days; one day alone draws nothing."""
    if len(days) < 2:
        return None
    values = [value for _day, value in days]
    zero = row.value_kind != ValueKind.LEVEL and min(values) >= 0
    return readings_data([on for on, _value in days], values, numbers_of(row), zero=zero, partial=is_under_way)


def _form_page(request: HttpRequest, form: MetricForm, *, back: str, before: str = "") -> HttpResponse:
    more_open = any(name in form.errors for name in DETAILS)
    context = {"nav": "metrics", "form": form, "back": back, "before": before, "more_open": more_open}
    return render(request, "targets/metric_form.html", context)


def _metric(access: Access, pk: int) -> Metric:
    row = access.rows(Metric).select_related("organisation", "feed__connection").filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _days_of(access: Access, rows: Sequence[Metric], since: date) -> dict[int, Days]:
    """Return each metric's days since a date: the sum of an amount, else the last value, of a mean a weighed one."""
    flows = {row.pk for row in rows if row.value_kind == ValueKind.FLOW}
    means = {row.pk for row in rows if row.is_mean}
    found: dict[int, Days] = {}
    days: Any = (
        access.rows(DailyRollup)
        .filter(metric__in=[row.pk for row in rows], on__gte=since)
        .order_by("metric", "on")
        .values("metric", "on")
        .annotate(whole=Sum("total"), level=Sum("last"), mean=WEIGHED)
        .values_list("metric", "on", "whole", "level", "mean")
    )
    for pk, on, whole, level, mean in days:
        found.setdefault(pk, []).append((on, whole if pk in flows else mean if pk in means else level))
    return found
