"""A pretend analytics service: `startDate`, `endDate`, `metric`, a bearer key; a list of `{date, uniqueVisitors}`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from connectors.sandbox import keys, traffic
from connectors.sandbox.views.door import Asked, Refusal, Served, key_in, service

LONGEST_RANGE = 366  # days one request may ask for

signed_in = key_in("Authorization", keys.ANALYTICS, before="Bearer ")


@service("analytics", sign_in=signed_in)
def visitors(asked: Asked) -> Served:
    """Answer with one row a day."""
    first, last = _range(asked)
    metric = _metric(asked)
    rows = traffic.daily(first, last, metric, asked.now)
    document = [{"date": day.isoformat(), metric: count} for day, count in rows]
    return Served(document=document, ids=[day.isoformat() for day, _ in rows])


@service("analytics", sign_in=signed_in)
def unique_visitors(asked: Asked) -> Served:
    """Answer with the true number of different people in the whole range."""
    first, last = _range(asked)
    count = traffic.distinct(first, last, asked.now)
    return Served(document={"startDate": first.isoformat(), "endDate": last.isoformat(), "uniqueVisitors": count})


@service("analytics")
def summary(asked: Asked) -> Served:
    """Answer without a key, with a few numbers of this month so far."""
    return Served(document=_summary(asked.now))


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


def _metric(asked: Asked) -> str:
    metric = asked.request.GET.get("metric", "uniqueVisitors")
    if metric not in traffic.METRICS:
        raise Refusal(400, f"metric must be one of {', '.join(traffic.METRICS)}.")
    return metric


def _range(asked: Asked) -> tuple[date, date]:
    first, last = _day(asked, "startDate"), _day(asked, "endDate")
    if last < first:
        raise Refusal(400, "endDate must not be before startDate.")
    if (last - first).days >= LONGEST_RANGE:
        raise Refusal(400, f"Ask for at most {LONGEST_RANGE} days at once.")
    return first, last


def _day(asked: Asked, name: str) -> date:
    try:
        return date.fromisoformat(asked.request.GET.get(name, ""))
    except ValueError:
        raise Refusal(400, f"{name} must be a date such as 2026-03-31.") from None
