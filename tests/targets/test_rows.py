"""From the rows of a source to readings: ratios, counters, conditions and keys, and what is set aside."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors.models import Connection, Feed, SetAside
from connectors.models.feed import Outcome
from organisations.access import Access
from organisations.models import User
from targets import collecting
from targets.collection import setting_aside
from targets.domain.terms import Aggregation, ValueKind
from targets.models import Metric

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = "a-very-secret-key"


class Shop:
    """The pretend source: what it answers now."""

    def __init__(self, server: HTTPServer) -> None:
        self.rows: Any = []
        server.expect_request("/rows").respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        return Response(json.dumps(self.rows), content_type="application/json")


@pytest.fixture
def shop(httpserver: HTTPServer) -> Shop:
    return Shop(httpserver)


@pytest.fixture
def feed(access: Access, httpserver: HTTPServer) -> Feed:
    connection = access.organisation.connections.create(
        name="Shop", kind="http", settings={"address": httpserver.url_for(""), "sign_in": "bearer"}
    )
    connection.seal({"key": KEY})
    connection.save()
    feed: Feed = connection.feeds.create(name="Rows", query={"path": "rows"}, at_path="day", due_at=NOW)
    return feed


@pytest.fixture
def metric(feed: Feed, access: Access) -> Metric:
    return access.organisation.metrics.create(feed=feed, name="Revenue", value_path="amount")


@pytest.fixture
def collect(feed: Feed) -> Callable[[], Outcome | None]:
    def collect() -> Outcome | None:
        feed.refresh_from_db()
        now = max(feed.due_at or NOW, NOW)
        return collecting.run(feed.pk, now, announce=lambda _: None, announce_feed=lambda _: None)

    return collect


def set_to(row: Connection | Feed | Metric, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def readings(metric: Metric) -> list[tuple[str, float]]:
    return [(f"{row.at:%m-%d %H}", row.value) for row in metric.observations.order_by("at", "segment")]


def order(number: int, amount: Any, *, day: int = 19, status: str = "paid") -> dict[str, Any]:
    return {"id": number, "day": f"2026-11-{day}", "amount": amount, "status": status}


# --- ratios -----------------------------------------------------------------------------------------------------------


def test_the_ratio_of_a_month_is_that_of_its_sums_and_so_is_the_target_s_value(
    shop: Shop, metric: Metric, collect: Callable[[], Any]
) -> None:
    set_to(metric, read_as="ratio", weight_path="visits", value_path="orders", value_kind=ValueKind.LEVEL)
    target = metric.organisation.targets.create(
        metric=metric, name="Conversion", goal=0.5, aggregation=Aggregation.MEAN, tracking_since=date(2026, 11, 1)
    )
    shop.rows = [
        {"day": "2026-11-18", "orders": 1, "visits": 2},
        {"day": "2026-11-19", "orders": 0, "visits": 998},
        {"day": "2026-11-19", "orders": 99, "visits": 1000},
        {"day": "2026-11-19", "orders": 5, "visits": 0},
    ]
    assert collect() == Outcome.OK
    assert readings(metric) == [("11-18 00", 0.5), ("11-19 00", 99 / 1998)]
    target.refresh_from_db()
    assert target.value == pytest.approx(100 / 2000)
    assert metric.feed.set_aside.get().message == "Row 4: it is divided by 0; only what is above zero can stand there."


# --- counters ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def counter(metric: Metric) -> Metric:
    set_to(metric, read_as="counter")
    set_to(metric.feed, at_path="")
    return metric


def test_a_counter_becomes_amounts_and_a_restart_is_noticed(
    shop: Shop, counter: Metric, collect: Callable[[], Any]
) -> None:
    for count in (1000, 1040, 25, 25, 90):
        shop.rows = {"amount": count}
        assert collect() == Outcome.OK
    assert [value for _, value in readings(counter)] == [40, 25, 0, 65]
    counter.refresh_from_db()
    assert (counter.counters[""]["value"], counter.last_value) == (90.0, 65.0)
    assert sum(row.total for row in counter.rollups.all()) == 130


def test_counters_of_segments_are_counted_apart(shop: Shop, counter: Metric, collect: Callable[[], Any]) -> None:
    set_to(counter, segment_path="host")
    for first, second in ((5, 100), (7, 130), (1, 131)):
        shop.rows = [{"host": "a", "amount": first}, {"host": "b", "amount": second}]
        collect()
    assert [value for _, value in readings(counter)] == [2, 30, 1, 1]


def test_a_history_of_a_counter_that_comes_again_changes_nothing(
    shop: Shop, metric: Metric, collect: Callable[[], Any]
) -> None:
    set_to(metric, read_as="counter")
    shop.rows = [order(0, amount, day=day) for day, amount in ((17, 30), (15, 10), (16, 25))]
    for _ in range(2):
        assert collect() == Outcome.OK
        assert readings(metric) == [("11-16 00", 15), ("11-17 00", 5)]
    shop.rows = [*shop.rows, order(0, 31, day=18)]
    collect()
    assert readings(metric)[-1] == ("11-18 00", 1)


# --- what is meant ----------------------------------------------------------------------------------------------------


def test_rows_that_are_not_meant_are_left_out_and_counted(
    shop: Shop, feed: Feed, metric: Metric, collect: Callable[[], Any]
) -> None:
    set_to(feed, row_filter="status == 'paid'")
    set_to(metric, row_filter="amount < `100`")
    shop.rows = [order(1, 5), order(2, 7, status="open"), order(3, 200), order(4, 6)]
    assert collect() == Outcome.OK
    run = feed.collections.get()
    assert readings(metric) == [("11-19 00", 11.0)]
    assert (run.rows, run.observations, run.left_out, run.refused) == (4, 1, 2, 0)


def test_a_row_that_comes_twice_counts_once_and_as_it_was_last(
    shop: Shop, feed: Feed, metric: Metric, collect: Callable[[], Any]
) -> None:
    set_to(feed, record_key="id")
    shop.rows = [order(1, 5), order(2, 7), order(1, 6), order(1, 6)]
    collect()
    assert readings(metric) == [("11-19 00", 13.0)]
    assert feed.collections.get().left_out == 2


def test_an_event_counts_what_fulfils_it(shop: Shop, metric: Metric, collect: Callable[[], Any]) -> None:
    set_to(metric, value_path="status == 'paid'")
    shop.rows = [order(1, 5), order(2, 7, status="open"), order(3, 9)]
    collect()
    assert readings(metric) == [("11-19 00", 2.0)]


def test_a_condition_that_cannot_be_followed_fails_the_check(
    shop: Shop, feed: Feed, metric: Metric, collect: Callable[[], Any]
) -> None:
    set_to(feed, row_filter="status =")
    shop.rows = [order(1, 5)]
    assert collect() == Outcome.FAILED
    feed.refresh_from_db()
    assert "one = compares nothing" in feed.message


# --- what is set aside ------------------------------------------------------------------------------------------------


def test_a_row_that_cannot_be_read_is_kept_with_its_place_and_reason(
    shop: Shop, feed: Feed, metric: Metric, collect: Callable[[], Any]
) -> None:
    shop.rows = [order(1, 5), order(2, "1,234"), order(3, None), order(4, 6, day=18)]
    assert collect() == Outcome.OK
    assert len(readings(metric)) == 2
    kept = [(row.metric_name, row.place, row.code, json.loads(row.row)) for row in feed.set_aside.all()]
    assert kept == [
        ("Revenue", 2, "value_ambiguous", shop.rows[1]),
        ("Revenue", 3, "value_missing", shop.rows[2]),
    ]
    assert feed.collections.get().refused == 2


def test_a_number_in_two_ways_is_read_once_it_is_said_how_numbers_are_written(
    shop: Shop, metric: Metric, collect: Callable[[], Any]
) -> None:
    set_to(metric, number_format="comma")
    shop.rows = [order(1, "1.234"), order(2, "0,5 €")]
    collect()
    assert readings(metric) == [("11-19 00", 1234.5)]


def test_where_nothing_can_be_read_the_rows_are_kept_too(
    shop: Shop, feed: Feed, metric: Metric, collect: Callable[[], Any]
) -> None:
    shop.rows = [order(1, "n/a")]
    assert collect() == Outcome.FAILED
    assert [row.message for row in feed.set_aside.all()] == ["Row 1: the value “n/a” is not a number."]
    assert feed.collections.get().refused == 1


def test_what_no_metric_was_to_read_has_no_metric(
    shop: Shop, feed: Feed, metric: Metric, collect: Callable[[], Any]
) -> None:
    set_to(feed, record_key="id", row_filter="amount > `1`")
    shop.rows = [order(1, 5), order(2, "many"), {**order(3, 9), "id": None}]
    collect()
    assert [(row.metric_name, row.place, row.code) for row in feed.set_aside.all()] == [
        ("", 2, "path_unfit_for_row"), ("", 3, "key_missing")
    ]  # fmt: skip
    assert feed.collections.get().refused == 2


def test_a_kept_row_is_cut_and_shows_neither_key_nor_masked_fields(
    shop: Shop, feed: Feed, metric: Metric, collect: Callable[[], Any]
) -> None:
    set_to(feed.connection, redacted_names="email")
    row = {"day": "2026-11-19", "amount": f"{KEY} \0 😀", "email": "jo@example.com", "note": "x" * 5000}
    shop.rows = [order(1, 5), row]
    collect()
    kept = feed.set_aside.get()
    assert len(kept.row) == setting_aside.LONGEST
    assert KEY not in kept.row + kept.message
    assert "jo@example.com" not in kept.row
    assert '"day": "2026-11-19"' in kept.row


def test_at_most_so_many_rows_of_a_metric_are_kept_and_all_are_counted(
    shop: Shop, feed: Feed, metric: Metric, collect: Callable[[], Any]
) -> None:
    shop.rows = [order(0, 5), *[order(number, "many") for number in range(80)]]
    collect()
    assert feed.set_aside.count() == setting_aside.MOST
    assert feed.collections.get().refused == 80


def test_a_feed_that_never_reads_well_keeps_the_rows_of_its_last_checks(
    shop: Shop, feed: Feed, metric: Metric, collect: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setting_aside, "MOST_CHECKS", 2)
    shop.rows = [order(1, 5), order(2, "many")]
    for _ in range(4):
        collect()
    assert [row.collection_id for row in feed.set_aside.all()] == list(
        feed.collections.values_list("pk", flat=True)[:2]
    )


def test_rows_go_with_their_check(shop: Shop, feed: Feed, metric: Metric, collect: Callable[[], Any]) -> None:
    shop.rows = [order(1, "many")]
    collect()
    feed.collections.all().delete()
    assert not SetAside.unscoped.exists()


def test_the_page_of_a_ratio_shows_what_each_reading_weighs_and_how_it_is_read(
    shop: Shop, metric: Metric, collect: Callable[[], Any], editor: User, client_of: Callable[[User], Client]
) -> None:
    set_to(metric, read_as="ratio", weight_path="visits", value_path="orders", value_kind=ValueKind.LEVEL)
    shop.rows = [{"day": "2026-11-18", "orders": 30, "visits": 1200}]
    collect()
    shown = client_of(editor).get(f"/growth/metrics/{metric.pk}/").content.decode()
    assert '<td class="num">1,200</td>' in shown
    assert "a ratio: divided by another field" in shown
    assert "<code>visits</code>" in shown
