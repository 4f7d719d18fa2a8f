"""A pretend analytics service: `startDate`, `endDate`, `metric`, a bearer key; a list of `{date, uniqueVisitors}`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from connectors.sandbox import shop, traffic

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

KEY = "sandbox-key"
LONGEST_RANGE = 366  # days one request may ask for


class BadQuestion(ValueError):
    """The request cannot be answered; the message says why."""


@require_GET
def visitors(request: HttpRequest) -> JsonResponse:
    """Answer with one row a day."""
    if not _signed_in(request):
        return _refusal(401, "Send the key as a bearer token.")
    try:
        first, last = _range(request)
        metric = _metric(request)
    except BadQuestion as error:
        return _refusal(400, str(error))
    rows = traffic.daily(first, last, metric, timezone.now())
    return JsonResponse([{"date": day.isoformat(), metric: count} for day, count in rows], safe=False)


@require_GET
def unique_visitors(request: HttpRequest) -> JsonResponse:
    """Answer with the true number of different people in the whole range."""
    if not _signed_in(request):
        return _refusal(401, "Send the key as a bearer token.")
    try:
        first, last = _range(request)
    except BadQuestion as error:
        return _refusal(400, str(error))
    count = traffic.distinct(first, last, timezone.now())
    return JsonResponse({"startDate": first.isoformat(), "endDate": last.isoformat(), "uniqueVisitors": count})


@require_GET
def summary(request: HttpRequest) -> JsonResponse:  # noqa: ARG001  the shape of a view
    """Answer without a key, with a few numbers of this month so far."""
    now = timezone.now()
    return JsonResponse(_summary(now))


@require_GET
def orders(request: HttpRequest) -> JsonResponse:  # noqa: ARG001  the shape of a view
    """Answer without a key, with a record for each of the last days."""
    return JsonResponse(shop.records(timezone.now()), safe=False)


@require_GET
def orders_csv(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  the shape of a view
    """Answer with the same as a table."""
    return HttpResponse(shop.table(timezone.now()), content_type="text/csv; charset=utf-8")


@require_GET
def revenue_csv(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  the shape of a view
    """Answer with the same as German programs write it."""
    return HttpResponse(shop.german_table(timezone.now()), content_type="text/csv; charset=utf-8")


@require_GET
def prometheus(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  the shape of a view
    """Answer as services do for Prometheus."""
    return HttpResponse(shop.prometheus(timezone.now()), content_type="text/plain; version=0.0.4; charset=utf-8")


@require_GET
def online(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  the shape of a view
    """Answer with nothing but a number."""
    return HttpResponse(f"{shop.online(timezone.now())}\n", content_type="text/plain")


def _summary(now: datetime) -> dict[str, Any]:
    first = now.date().replace(day=1)
    totals = {
        metric: sum(count for _, count in traffic.daily(first, now.date(), metric, now))
        for metric in ("visits", "pageviews")
    }
    return {
        "site": "www.example.com",
        "generated_at": now.isoformat(timespec="seconds"),
        "month_so_far": {**totals, "unique_visitors": traffic.distinct(first, now.date(), now)},
        "today": {metric: traffic.so_far(now, metric) for metric in traffic.METRICS},
        "pages": [
            {"path": "/", "views": round(totals["pageviews"] * 0.46)},
            {"path": "/pricing", "views": round(totals["pageviews"] * 0.18)},
            {"path": "/docs", "views": round(totals["pageviews"] * 0.36)},
        ],
        "bounce_rate": 0.4127,
    }


def _signed_in(request: HttpRequest) -> bool:
    return request.headers.get("Authorization", "") == f"Bearer {KEY}"


def _metric(request: HttpRequest) -> str:
    metric = request.GET.get("metric", "uniqueVisitors")
    if metric not in traffic.METRICS:
        raise BadQuestion(f"metric must be one of {', '.join(traffic.METRICS)}.")
    return metric


def _range(request: HttpRequest) -> tuple[date, date]:
    first, last = _day(request, "startDate"), _day(request, "endDate")
    if last < first:
        raise BadQuestion("endDate must not be before startDate.")
    if (last - first).days >= LONGEST_RANGE:
        raise BadQuestion(f"Ask for at most {LONGEST_RANGE} days at once.")
    return first, last


def _day(request: HttpRequest, name: str) -> date:
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError as error:
        raise BadQuestion(f"{name} must be a date such as 2026-03-31.") from error


def _refusal(status: int, message: str) -> JsonResponse:
    return JsonResponse({"error": message}, status=status)
