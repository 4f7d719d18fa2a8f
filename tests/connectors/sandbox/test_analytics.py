"""The pretend analytics service answers as the real ones do."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from connectors.sandbox import traffic

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
VISITORS = "/sandbox/analytics/visitors"
KEY = {"authorization": "Bearer sandbox-key"}
FEBRUARY = {"startDate": "2026-02-01", "endDate": "2026-02-28"}


def ask(address: str, params: dict[str, str], headers: dict[str, str] = KEY) -> Any:
    return Client().get(address, params, headers=headers)


def test_the_same_day_has_the_same_number_every_time() -> None:
    day = date(2026, 3, 4)
    assert traffic.on_day(day, "uniqueVisitors") == traffic.on_day(day, "uniqueVisitors") > 0


def test_weekends_are_quieter_than_weekdays() -> None:
    counts = dict(traffic.daily(date(2026, 1, 5), date(2026, 5, 31), "visits", NOW))
    weekend = [count for day, count in counts.items() if day.weekday() >= 5]
    weekdays = [count for day, count in counts.items() if day.weekday() < 5]
    assert sum(weekend) / len(weekend) < 0.85 * sum(weekdays) / len(weekdays)


def test_today_is_counted_so_far_and_tomorrow_not_at_all() -> None:
    rows = traffic.daily(date(2026, 11, 19), date(2026, 11, 25), "visits", NOW)
    assert [day for day, _ in rows] == [date(2026, 11, 19), date(2026, 11, 20)]
    assert 0 < rows[-1][1] < traffic.on_day(date(2026, 11, 20), "visits")


def test_different_people_are_fewer_than_the_days_add_up_to_and_never_fall() -> None:
    first = date(2026, 11, 1)
    course = [traffic.distinct(first, date(2026, 11, day), NOW) for day in range(1, 21)]
    added_up = sum(count for _, count in traffic.daily(first, date(2026, 11, 20), "uniqueVisitors", NOW))
    assert course == sorted(course)
    assert course[-1] < 0.8 * added_up


def test_it_answers_one_row_a_day() -> None:
    answer = ask(VISITORS, {**FEBRUARY, "metric": "uniqueVisitors"})
    assert answer.status_code == 200
    assert [set(row) for row in answer.json()] == [{"date", "uniqueVisitors"}] * 28


@pytest.mark.parametrize("address", [VISITORS, "/sandbox/analytics/unique-visitors"])
def test_it_refuses_a_missing_key(address: str) -> None:
    assert ask(address, FEBRUARY, headers={}).status_code == 401


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"startDate": "yesterday", "endDate": "2026-02-28"}, "startDate must be a date"),
        ({"startDate": "2026-02-28", "endDate": "2026-02-01"}, "must not be before"),
        ({"startDate": "2020-02-01", "endDate": "2026-02-01"}, "at most 366 days"),
        ({"startDate": "2026-02-01", "endDate": "2026-02-28", "metric": "x"}, "metric must be one of"),
    ],
)
def test_a_bad_question_is_told_what_to_change(params: dict[str, str], says: str) -> None:
    answer = ask(VISITORS, params)
    assert answer.status_code == 400
    assert says in answer.json()["error"]


def test_the_summary_needs_no_key() -> None:
    body = ask("/sandbox/summary", {}, headers={}).json()
    assert body["month_so_far"]["unique_visitors"] <= body["month_so_far"]["visits"]


@pytest.mark.parametrize(
    ("address", "kind", "beginning"),
    [
        ("/sandbox/orders", "application/json", '[{"date": "'),
        ("/sandbox/orders.csv", "text/csv", "date,orders,revenue\n20"),
        ("/sandbox/umsatz.csv", "text/csv", "Datum;Bestellungen;Umsatz\n"),
        ("/sandbox/metrics", "text/plain; version=0.0.4", "# HELP shop_requests_today"),
        ("/sandbox/online", "text/plain", ""),
    ],
)
def test_the_shop_answers_without_a_key_in_every_way(address: str, kind: str, beginning: str) -> None:
    answer = Client().get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(kind)
    assert answer.content.decode().startswith(beginning)


def test_how_many_look_around_is_a_plain_number() -> None:
    assert int(Client().get("/sandbox/online").content) > 0
