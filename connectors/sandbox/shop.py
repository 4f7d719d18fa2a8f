"""A pretend shop that is written in every way Waymark reads: records, tables, Prometheus text, a plain number. Pure."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

from connectors.sandbox import traffic

DAYS = 400  # that the shop looks back on
BUYERS, BASKET = 0.03, 41.85  # orders for each visit, revenue for each order


def records(now: datetime) -> list[dict[str, Any]]:
    """Return a record for each whole day, newest first."""
    rows = [{"date": on.isoformat(), "orders": count, "revenue": revenue} for on, count, revenue in _sold(now)]
    return rows[::-1]


def table(now: datetime) -> str:
    """Return a table of one row a day, its cells apart by commas."""
    rows = ((on.isoformat(), count, f"{revenue:.2f}") for on, count, revenue in _sold(now))
    return _table(("date", "orders", "revenue"), rows, separator=",")


def german_table(now: datetime) -> str:
    """Return a table as German programs write it: semicolons, decimal commas, the day first."""
    rows = ((f"{on:%d.%m.%Y}", count, _in_german(revenue)) for on, count, revenue in _sold(now))
    return _table(("Datum", "Bestellungen", "Umsatz"), rows, separator=";")


def prometheus(now: datetime) -> str:
    """Return what services publish for Prometheus."""
    pages, visits = traffic.so_far(now, "pageviews"), traffic.so_far(now, "visits")
    lines = [
        "# HELP shop_requests_today Requests since midnight.",
        "# TYPE shop_requests_today gauge",
        f'shop_requests_today{{method="get",code="200"}} {pages}',
        f'shop_requests_today{{method="get",code="500"}} {pages // 400}',
        f'shop_requests_today{{method="post",code="200"}} {visits}',
        "# TYPE shop_visitors_online gauge",
        f"shop_visitors_online {online(now)}",
    ]
    return "\n".join([*lines, ""])


def online(now: datetime) -> int:
    """Return how many look around right now."""
    return 5 + traffic.so_far(now, "visits") // 24


def _sold(now: datetime) -> list[tuple[date, int, float]]:
    """Return day, orders and revenue of each whole day, oldest first."""
    yesterday = now.date() - timedelta(days=1)
    visits = traffic.daily(yesterday - timedelta(days=DAYS - 1), yesterday, "visits", now)
    return [(on, round(count * BUYERS), round(round(count * BUYERS) * BASKET, 2)) for on, count in visits]


def _table(names: Sequence[str], rows: Iterable[Sequence[object]], *, separator: str) -> str:
    text = StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n").writerows([names, *rows])
    return text.getvalue()


def _in_german(amount: float) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))
