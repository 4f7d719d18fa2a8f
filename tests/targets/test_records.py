"""Feeds that keep their rows: records by key, and readings made of all records of a time."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors import records
from connectors.models import Feed, Record
from connectors.models.feed import Asks, Health, Outcome
from organisations.access import Access
from organisations.models import User
from targets import collecting
from targets.models import Metric

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NINE, TEN = datetime(2026, 11, 20, 9, tzinfo=UTC), datetime(2026, 11, 20, 10, tzinfo=UTC)
Run = Callable[..., Outcome | None]


class Shop:
    """The pretend source: the orders that its next answer holds."""

    def __init__(self, server: HTTPServer) -> None:
        self.rows: list[Any] = []
        server.expect_request("/orders").respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        return Response(json.dumps(self.rows), content_type="application/json")


def order(number: Any, at: datetime, amount: Any, **more: Any) -> dict[str, Any]:
    return {"id": number, "at": at.isoformat(), "amount": amount, **more}


@pytest.fixture
def shop(httpserver: HTTPServer) -> Shop:
    return Shop(httpserver)


@pytest.fixture
def feed(access: Access, httpserver: HTTPServer) -> Feed:
    connection = access.organisation.connections.create(
        name="Shop", kind="http", settings={"address": httpserver.url_for(""), "sign_in": "none"}
    )
    found: Feed = connection.feeds.create(
        name="Orders", query={"path": "orders"}, asks=Asks.NOW, at_path="at", due_at=NOW, keeps_records=True,
        record_key="id", keep_records_days=30,
    )  # fmt: skip
    return found


@pytest.fixture
def revenue(feed: Feed, access: Access) -> Metric:
    return access.organisation.metrics.create(feed=feed, name="Revenue", value_path="amount")


@pytest.fixture
def run(feed: Feed, django_capture_on_commit_callbacks: Any) -> Run:
    def collect(now: datetime = NOW) -> Outcome | None:
        Feed.unscoped.filter(pk=feed.pk).update(due_at=now)
        with django_capture_on_commit_callbacks(execute=True):
            outcome = collecting.run(feed.pk, now, announce=lambda _pk: None, announce_feed=lambda _pk: None)
        feed.refresh_from_db()
        return outcome

    return collect


def values(metric: Metric) -> dict[tuple[datetime, str], float]:
    return {(row.at, row.segment): row.value for row in metric.observations.all()}


def test_each_row_is_kept_once_by_its_key_with_its_time(shop: Shop, feed: Feed, run: Run) -> None:
    shop.rows = [order(1, NINE, 10), order("b", TEN, 20)]
    for _time in range(2):
        assert run() == Outcome.OK
    kept = {row.key: (row.at, row.raw["amount"], row.state) for row in feed.records.all()}
    assert kept == {"1": (NINE, 10, "kept"), "b": (TEN, 20, "kept")}


def test_a_row_that_changed_replaces_what_was_there(shop: Shop, feed: Feed, revenue: Metric, run: Run) -> None:
    shop.rows = [order(1, NINE, 10)]
    run()
    shop.rows = [order(1, TEN, 12)]
    run(NOW + timedelta(hours=1))
    record = feed.records.get()
    assert (record.at, record.raw["amount"]) == (TEN, 12)
    assert record.collection == feed.collections.first()
    assert values(revenue) == {(TEN, ""): 12.0}, "nothing is left where it was"


def test_amounts_of_one_time_add_up_whenever_they_come(shop: Shop, revenue: Metric, run: Run) -> None:
    for rows in ([order(1, NINE, 10)], [order(2, NINE, 5)], [order(3, TEN, 1), order(1, NINE, 11)]):
        shop.rows = rows
        run()
        run()
    assert values(revenue) == {(NINE, ""): 16.0, (TEN, ""): 1.0}


def test_levels_of_one_time_are_their_mean_and_weigh_as_much_as_there_are(
    shop: Shop, feed: Feed, access: Access, run: Run
) -> None:
    metric = access.organisation.metrics.create(feed=feed, name="Basket", value_path="amount", value_kind="level")
    shop.rows = [order(1, NINE, 10), order(2, NINE, 20), order(3, NINE, 60), order(4, TEN, 5)]
    run()
    found = {row.at: (row.value, row.weight) for row in metric.observations.all()}
    assert found == {NINE: (30.0, 3.0), TEN: (5.0, 1.0)}


def test_a_condition_counts_as_one_or_nothing(shop: Shop, feed: Feed, access: Access, run: Run) -> None:
    metric = access.organisation.metrics.create(
        feed=feed, name="Large", value_path="amount > `15`", value_kind="level", unit="%", scale=100
    )
    shop.rows = [order(1, NINE, 10), order(2, NINE, 20), order(3, NINE, 60), order(4, NINE, 5)]
    run()
    assert values(metric) == {(NINE, ""): 50.0}


def test_a_segment_that_a_record_leaves_is_taken_away(shop: Shop, feed: Feed, access: Access, run: Run) -> None:
    metric = access.organisation.metrics.create(feed=feed, name="Sold", value_path="amount", segment_path="kind")
    shop.rows = [order(1, NINE, 10, kind="tea"), order(2, NINE, 20, kind="coffee")]
    run()
    shop.rows = [order(1, NINE, 10, kind="coffee")]
    run()
    assert values(metric) == {(NINE, "coffee"): 30.0}


def test_a_row_that_is_not_meant_any_more_goes_with_what_was_made_of_it(
    shop: Shop, feed: Feed, revenue: Metric, run: Run
) -> None:
    Feed.unscoped.filter(pk=feed.pk).update(row_filter="state == 'paid'")
    shop.rows = [order(1, NINE, 10, state="paid"), order(2, NINE, 7, state="paid"), order(3, TEN, 9, state="open")]
    run()
    assert values(revenue) == {(NINE, ""): 17.0}
    shop.rows = [order(1, NINE, 10, state="refunded")]
    run()
    assert values(revenue) == {(NINE, ""): 7.0}
    assert [row.key for row in feed.records.all()] == ["2"]


BAD = [
    ({"at": NINE.isoformat(), "amount": 1}, "key_missing"),
    ({"id": {"a": 1}, "at": NINE.isoformat()}, "key_something_else"),
    ({"id": True, "at": NINE.isoformat()}, "key_something_else"),
    ({"id": "x" * 201, "at": NINE.isoformat()}, "key_too_long"),
    ({"id": 9, "at": "soon"}, "time_not_recognised"),
    ({"id": 9, "at": "2027-03-01T00:00:00Z"}, "time_in_future"),
    ({"id": 9, "at": NINE.isoformat(), "much": ["x" * 19_000] * 6}, "row_too_large"),
    (7, "row_no_object"),
]


@pytest.mark.parametrize(("row", "code"), BAD)
def test_a_row_that_cannot_be_kept_is_set_aside_with_a_reason(
    shop: Shop, feed: Feed, revenue: Metric, run: Run, row: Any, code: str
) -> None:
    readable = records.read(feed, [(row, NOW)], now=NOW)
    assert [(each.place, each.why.code) for each in readable.aside] == [(1, code)]
    assert str(readable.aside[0].reason)
    shop.rows = [row, order(1, NINE, 10)]
    assert run() == Outcome.OK
    assert [kept.key for kept in feed.records.all()] == ["1"]
    assert feed.collections.latest("pk").refused >= 1


def test_an_answer_of_which_no_row_can_be_kept_is_a_failure_that_says_why(
    shop: Shop, feed: Feed, revenue: Metric, run: Run
) -> None:
    shop.rows = [{"number": 1, "at": NINE.isoformat(), "amount": 3}]
    assert run() == Outcome.FAILED
    assert feed.health == Health.FAILING
    assert "there is no key at “id”" in feed.message


def test_a_metric_that_finds_nothing_in_the_rows_is_a_failure_and_the_records_are_kept(
    shop: Shop, feed: Feed, access: Access, run: Run
) -> None:
    access.organisation.metrics.create(feed=feed, name="Wrong", value_path="price")
    shop.rows = [order(1, NINE, 10)]
    assert run() == Outcome.FAILED
    assert feed.records.count() == 1


def test_several_values_together_can_be_the_key(shop: Shop, feed: Feed, run: Run) -> None:
    Feed.unscoped.filter(pk=feed.pk).update(record_key="[id, kind]")
    shop.rows = [order(1, NINE, 10, kind="tea"), order(1, NINE, 20, kind="coffee")]
    run()
    assert {row.key for row in feed.records.all()} == {'[1, "tea"]', '[1, "coffee"]'}


def test_long_texts_are_cut_and_signs_that_no_database_keeps_are_replaced() -> None:
    document = records.storable({"text": "a" * 30_000, "odd\0": ["b\ud800"]})
    assert len(document["text"]) == records.LONGEST_TEXT
    assert document["odd\ufffd"] == ["b\ufffd"]


def test_rows_older_than_records_are_kept_are_left_out(shop: Shop, feed: Feed, revenue: Metric, run: Run) -> None:
    shop.rows = [order(1, NOW - timedelta(days=31), 10), order(2, NOW - timedelta(days=29), 20)]
    assert run() == Outcome.OK
    assert [row.key for row in feed.records.all()] == ["2"]
    assert list(values(revenue).values()) == [20.0]
    assert feed.collections.get().refused == 0


def test_records_are_thinned_by_age_and_the_readings_stay(shop: Shop, feed: Feed, revenue: Metric, run: Run) -> None:
    shop.rows = [order(1, NINE, 10), order(2, TEN, 20)]
    run()
    later = NINE + timedelta(days=30, minutes=1)
    for rows in records.past_their_age(Record.unscoped.all(), later):
        rows.delete()
    assert [row.key for row in feed.records.all()] == ["2"]
    assert len(values(revenue)) == 2


def test_a_metric_that_comes_later_is_read_from_the_records_that_are_there(
    shop: Shop, feed: Feed, access: Access, run: Run
) -> None:
    shop.rows = [order(1, NINE, 10), order(2, TEN, 20)]
    run()
    metric = access.organisation.metrics.create(feed=feed, name="Later", value_path="amount")
    shop.rows = []
    run()
    assert values(metric) == {(NINE, ""): 10.0, (TEN, ""): 20.0}


def test_a_number_is_picked_from_the_records_with_what_they_were_enriched_with(
    shop: Shop, feed: Feed, run: Run, client_of: Callable[[User], Client], editor: User
) -> None:
    shop.rows = [order(1, NINE, 10), order(2, TEN, 20)]
    run()
    feed.records.filter(key="1").update(enriched={"score": 0.5, "label": "good"}, state="done", answers=1)
    client, page = client_of(editor), f"/growth/connections/{feed.connection_id}/feeds/{feed.pk}/numbers/new/"
    assert "0.5" in client.get(page).content.decode()
    answers = {"nature": "level", "name": "Mood", "unit": "", "decimals": "2", "then": "metric"}
    client.post(page, {**answers, "at": "[0].enriched.score", "path": "[0].enriched.score", "way": "0"})
    metric = feed.metrics.get(name="Mood")
    assert metric.value_path == "enriched.score"
    assert values(metric) == {(NINE, ""): 0.5}


def test_a_row_that_a_metric_cannot_read_is_set_aside_with_the_metric_and_the_reason(
    shop: Shop, feed: Feed, revenue: Metric, run: Run
) -> None:
    shop.rows = [order(1, NINE, 10), order(2, NINE, "many"), {"at": NINE.isoformat(), "amount": "none"}]
    assert run() == Outcome.OK
    aside = [(row.metric_name, row.place, row.code, row.row) for row in feed.set_aside.all()]
    assert [each[:2] for each in aside] == [("", 3), ("Revenue", 2)], "what has no key is told of once"
    assert aside[1][2:] == ("value_no_number", json.dumps(order(2, NINE, "many")))
    assert feed.collections.get().refused == 2
    assert feed.records.count() == 2
    assert values(revenue) == {(NINE, ""): 10.0}


def test_a_row_that_is_read_again_with_another_is_not_set_aside_again(
    shop: Shop, feed: Feed, revenue: Metric, run: Run
) -> None:
    shop.rows = [order(1, NINE, 10), order(2, NINE, "many")]
    run()
    shop.rows = [order(3, NINE, 5)]
    run(NOW + timedelta(hours=1))
    assert [check.refused for check in feed.collections.order_by("pk")] == [1, 0]


def test_rows_that_are_too_old_replaced_or_not_meant_are_counted_as_left_out(
    shop: Shop, feed: Feed, revenue: Metric, run: Run
) -> None:
    Feed.unscoped.filter(pk=feed.pk).update(row_filter="state != 'void'")
    shop.rows = [
        order(1, NOW - timedelta(days=31), "old"),
        order(2, NINE, "replaced"),
        order(2, NINE, 20),
        order(3, NINE, 5, state="void"),
        {"at": NINE.isoformat(), "amount": 7},
    ]
    assert run() == Outcome.OK
    check = feed.collections.get()
    assert (check.rows, check.left_out, check.refused, feed.records.count()) == (5, 3, 1, 1)
