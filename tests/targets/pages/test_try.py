"""Trying how a metric is read: the last answer row by row, errors in words, nothing kept before it is saved."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_httpserver import HTTPServer
from rest_framework.test import APIClient
from werkzeug import Request, Response

from connectors.models import Feed
from organisations import managed
from organisations.models import Organisation, User
from targets.models import Metric

KEY = "a-very-secret-key"
ROWS = [
    {"day": "2026-11-18", "amount": "1.234,50 €", "status": "paid", "visits": 10},
    {"day": "2026-11-19", "amount": "12,5", "status": "open", "visits": 20},
    {"day": "2026-11-19", "amount": "many", "status": "paid", "visits": 0},
]


class Shop:
    """The pretend source: what it answers, and how often it was asked."""

    def __init__(self, server: HTTPServer) -> None:
        self.answers: Any = {"data": {"orders": ROWS}}
        self.status = 200
        self.asked = 0
        server.expect_request("/orders").respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        self.asked += 1
        return Response(json.dumps(self.answers), self.status, content_type="application/json")


@pytest.fixture(autouse=True)
def fresh() -> None:
    cache.clear()


@pytest.fixture
def shop(httpserver: HTTPServer) -> Shop:
    return Shop(httpserver)


@pytest.fixture
def metric(organisation: Organisation, httpserver: HTTPServer) -> Metric:
    connection = organisation.connections.create(
        name="Shop", kind="http", settings={"address": httpserver.url_for(""), "sign_in": "bearer"}
    )
    connection.seal({"key": KEY})
    connection.save()
    query = {"path": "orders", "rows": "data.orders"}
    feed: Feed = connection.feeds.create(name="Orders", query=query, at_path="day", due_at=None)
    made: Metric = organisation.metrics.create(feed=feed, name="Revenue", value_path="amount")
    return made


@pytest.fixture
def client(editor: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(editor)


@pytest.fixture
def address(metric: Metric) -> str:
    return f"/growth/metrics/{metric.pk}/try/"


STORED = {
    "read_as": "value", "value_path": "amount", "weight_path": "", "number_format": "auto", "segment_path": "",
    "row_filter": "", "scale": "1", "rows": "data.orders", "at_path": "day", "at_format": "auto",
}  # fmt: skip


def text(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_page_shows_how_each_row_is_read_today(client: Client, shop: Shop, address: str) -> None:
    shown = text(client.get(address))
    assert "3 rows: 1 reading and 2 not readable." in shown
    assert "the value “many” is not a number" in shown
    assert '<code>&quot;12,5&quot;</code></td><td class="num">12.5</td>' in shown
    assert KEY not in shown


def test_another_way_of_reading_is_tried_without_asking_again_and_without_keeping_it(
    client: Client, shop: Shop, metric: Metric, address: str
) -> None:
    client.get(address)
    tried = {**STORED, "then": "try", "number_format": "money", "row_filter": "status == 'paid'"}
    shown = text(client.post(address, tried))
    assert "3 rows: 1 reading, 1 not meant and 1 not readable." in shown
    assert "1,234.5" in shown
    assert shop.asked == 1
    metric.refresh_from_db()
    assert (metric.number_format, metric.row_filter) == ("auto", "")


def test_a_ratio_shows_both_parts_and_why_one_cannot_be_divided(client: Client, shop: Shop, address: str) -> None:
    Metric.unscoped.update(value_kind="level")
    ratio = {**STORED, "read_as": "ratio", "weight_path": "visits", "value_path": "visits", "scale": "100"}
    shown = text(client.post(address, {**ratio, "then": "try"}))
    assert '<code>10 / 10</code></td><td class="num">100</td>' in shown
    assert "it is divided by 0" in shown


def test_a_counter_shows_what_comes_between_its_rows(client: Client, shop: Shop, address: str) -> None:
    shop.answers = {"data": {"orders": [{"day": f"2026-11-{day}", "n": n} for day, n in ((17, 5), (18, 9), (19, 2))]}}
    shown = text(client.post(address, {**STORED, "value_path": "n", "read_as": "counter", "then": "try"}))
    assert "3 rows: 2 readings." in shown
    readings = shown[shown.index("Readings, newest first") :]
    assert readings.index('<td class="num">2</td>') < readings.index('<td class="num">4</td>')


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"value_path": "data."}, "Value: “data.” is no path we can follow: after “data.” a name is missing."),
        ({"row_filter": "status = 'paid'"}, "Only rows where: “status = &#x27;paid&#x27;” is no path we can follow"),
        ({"rows": "data.rows"}, "Nothing stands at “data.rows” in the answer."),
        ({"rows": "["}, "Rows: “[” is no path we can follow"),
        ({"at_format": "%H"}, "Time is written: "),
        ({"read_as": "ratio"}, "Divided by: Say by what it is divided"),
        ({"scale": "much"}, "Times: "),
    ],
)
def test_what_is_wrong_is_said_in_words(
    client: Client, shop: Shop, address: str, change: dict[str, str], said: str
) -> None:
    assert said in text(client.post(address, {**STORED, **change, "then": "try"}))


def test_what_was_tried_is_kept_once_it_is_saved(client: Client, shop: Shop, metric: Metric, address: str) -> None:
    change = {"number_format": "comma", "row_filter": "status == 'paid'", "rows": "data.orders[]", "at_format": "date"}
    answer = client.post(address, {**STORED, **change, "then": "save"})
    assert (answer.status_code, answer["Location"]) == (302, f"/growth/metrics/{metric.pk}/")
    metric.refresh_from_db()
    feed = metric.feed
    assert (metric.number_format, metric.row_filter) == ("comma", "status == 'paid'")
    assert (feed.query["rows"], feed.query["path"], feed.at_format) == ("data.orders[]", "orders", "date")
    assert feed.due_at is not None


def test_what_cannot_be_read_is_not_saved(client: Client, shop: Shop, metric: Metric, address: str) -> None:
    shown = text(client.post(address, {**STORED, "value_path": "a..b", "then": "save"}))
    assert "is no path we can follow" in shown
    metric.refresh_from_db()
    assert (metric.value_path, metric.feed.due_at) == ("amount", None)


def test_the_source_is_asked_again_when_one_wishes(client: Client, shop: Shop, address: str) -> None:
    client.get(address)
    shop.answers = {"data": {"orders": ROWS[:1]}}
    assert "1 row: " in text(client.post(address, {**STORED, "then": "again"}))
    assert shop.asked == 2


def test_a_source_that_does_not_answer_says_why(client: Client, shop: Shop, address: str) -> None:
    shop.status = 404
    assert "Nothing lives at this address" in text(client.get(address))


def test_what_belongs_to_a_locked_feed_stays(client: Client, shop: Shop, metric: Metric, address: str) -> None:
    managed.put(metric.organisation, section="feeds", row_ids=[metric.feed_id], file="a.yaml", locked=True)
    client.post(address, {**STORED, "rows": "other", "value_path": "visits", "then": "save"})
    metric.refresh_from_db()
    assert (metric.value_path, metric.feed.query["rows"]) == ("visits", "data.orders")


def test_a_metric_that_is_typed_in_has_nothing_to_try(client: Client, organisation: Organisation) -> None:
    feed = organisation.connections.create(name="By hand", kind="push").feeds.create(name="Daily", due_at=None)
    made = organisation.metrics.create(feed=feed, name="Calls")
    assert client.get(f"/growth/metrics/{made.pk}/try/").status_code == 404


def test_whoever_may_only_look_cannot_try(
    shop: Shop, address: str, viewer: User, client_of: Callable[[User], Client]
) -> None:
    assert client_of(viewer).get(address).status_code == 403
    assert shop.asked == 0


def test_the_pages_of_metric_and_feed_lead_to_it(client: Client, metric: Metric, address: str) -> None:
    assert address in text(client.get(f"/growth/metrics/{metric.pk}/"))
    assert address in text(client.get(f"/growth/metrics/{metric.pk}/edit/"))
    assert address in text(client.get(f"/growth/connections/{metric.feed.connection_id}/feeds/{metric.feed_id}/"))


# --- the same over the API --------------------------------------------------------------------------------------------


@pytest.fixture
def program(editor: User, api: Callable[[User], APIClient]) -> APIClient:
    return api(editor)


def test_a_program_tries_what_it_sends_and_nothing_is_kept(program: APIClient, shop: Shop, metric: Metric) -> None:
    address = f"/api/v1/growth/metrics/{metric.pk}/try/"
    tried = program.post(address, {"number_format": "money", "row_filter": "status == 'paid'", "scale": 100}).json()
    assert (tried["ok"], tried["rows"], tried["left_out"]) == (True, 3, 1)
    assert tried["points"] == [{"at": "2026-11-18", "segment": "", "value": 123450.0, "weight": 1.0}]
    refused = {
        "place": 3,
        "code": "value_no_money",
        "message": "Row 3: the value “many” is not an amount of money.",
        "row": ROWS[2],
    }
    assert tried["refused"] == [refused]
    metric.refresh_from_db()
    assert (metric.number_format, metric.scale) == ("auto", 1.0)
    assert program.post(address, {}).json()["left_out"] == 0
    assert shop.asked == 1
    assert program.post(address, {"again": True}).json()["ok"]
    assert shop.asked == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"value_path": "data."}, "value_path"),
        ({"rows": "["}, "rows"),
        ({"at_format": "%H"}, "at_format"),
        ({"number_format": "roman"}, "number_format"),
        ({"read_as": "ratio"}, "weight_path"),
        ({"unit": "€"}, "unit"),
        ({"scale": "1"}, "scale"),
    ],
)
def test_what_cannot_be_tried_is_refused_at_its_field(
    program: APIClient, shop: Shop, metric: Metric, change: dict[str, Any], field: str
) -> None:
    answer = program.post(f"/api/v1/growth/metrics/{metric.pk}/try/", change)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert shop.asked == 0


def test_a_program_is_told_why_nothing_comes(program: APIClient, shop: Shop, metric: Metric) -> None:
    address = f"/api/v1/growth/metrics/{metric.pk}/try/"
    nowhere = program.post(address, {"rows": "data.rows"}).json()
    assert (nowhere["ok"], nowhere["points"]) == (False, [])
    assert nowhere["message"] == "Nothing stands at “data.rows” in the answer. Check where the rows are."
    shop.status = 404
    assert "Nothing lives at this address" in program.post(address, {"again": True}).json()["message"]


def test_a_program_cannot_try_what_is_typed_in(program: APIClient, organisation: Organisation) -> None:
    feed = organisation.connections.create(name="By hand", kind="push").feeds.create(name="Daily", due_at=None)
    made = organisation.metrics.create(feed=feed, name="Calls")
    assert program.post(f"/api/v1/growth/metrics/{made.pk}/try/", {}).status_code == 409
