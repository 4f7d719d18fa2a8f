"""The pretend CRM, room, exchange and stock: the same every time one asks, and moved by what one does."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine

from connectors.outbound.links import next_link
from connectors.sandbox import deals, prices, room, stock
from connectors.sandbox.stock import WARES, Level
from connectors.sandbox.views import shop
from tests.connectors.sandbox.pretending import (
    CRM,
    NOW,
    ROOM,
    SHOP,
    Services,
)


@time_machine.travel(NOW, tick=False)
def test_the_deals_are_followed_page_by_page_to_their_end(services: Services) -> None:
    answer = services.get("crm/deals", CRM, per_page=100, closed_since="2026-10-01")
    rows, pages, total = answer.json()["data"], 1, answer.json()["meta"]["total"]
    while following := next_link(answer.headers):
        answer = services.ask("GET", following.split("/sandbox/")[1], CRM)
        rows, pages = rows + answer.json()["data"], pages + 1
    assert len(rows) == len({row["id"] for row in rows}) == total
    assert pages == answer.json()["meta"]["pages"] == -(-total // 100)
    assert rows == sorted(rows, key=lambda row: row["closed_at"])
    assert min(row["closed_at"] for row in rows) >= "2026-10-01"
    assert all(isinstance(row["amount"], int) and row["currency"] == "EUR" for row in rows)
    assert {row["stage"] for row in rows} == {"won", "lost"}


def test_deals_are_closed_on_working_days_and_none_in_the_future() -> None:
    rows = deals.sheet(NOW, number=1, per_page=5000, closed_since=None).rows
    closed = [datetime.fromisoformat(row["closed_at"]) for row in rows]
    assert max(closed) <= NOW
    assert {at.weekday() for at in closed} == {0, 1, 2, 3, 4}


@pytest.mark.parametrize("params", [{"page": "0"}, {"per_page": "101"}, {"closed_since": "lately"}, {"page": "x"}])
def test_a_bad_question_about_deals_is_refused(services: Services, params: dict[str, str]) -> None:
    assert services.get("crm/deals", CRM, **params).status_code == 400


def test_the_room_follows_the_law_of_cooling() -> None:
    """Checked against small steps of dT/dt = (pull − T) / TAU."""
    begun = room.Room(25.0, 19.0, NOW)
    degrees, step = begun.was, 1.0
    for second in range(3600):
        outside = room.MEAN + room.SWING * math.cos(room.TURNS * (15.5 * 3600 + second - room.WARMEST))
        pull = begun.set_to + room.LEAK * (outside - begun.set_to)
        degrees += (pull - degrees) / room.TAU * step
    assert room.temperature(begun, NOW + timedelta(hours=1)) == pytest.approx(degrees, abs=0.02)


def test_setting_the_thermostat_moves_the_temperature_over_time(services: Services) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        before = services.get("room/temperature").json()["temperature"]
        assert services.ask("PUT", "room/thermostat", ROOM, json={"set_to": 26}).json()["set_to"] == 26
        assert services.get("room/temperature").json()["temperature"] == before
        course = []
        for _ in range(4):
            clock.shift(300)
            course.append(services.get("room/temperature").json()["temperature"])
    assert before < course[0] < course[1] < course[2] < course[3]
    assert course[3] - before > 2.5
    assert services.get("room/thermostat", ROOM).json()["set_to"] == 26


@pytest.mark.parametrize("degrees", [4, 31, "warm", True, None])
def test_a_thermostat_cannot_be_set_to_anything(services: Services, degrees: Any) -> None:
    assert services.ask("PUT", "room/thermostat", ROOM, json={"set_to": degrees}).status_code == 422


@time_machine.travel(NOW, tick=False)
def test_prices_are_those_of_the_minute(services: Services) -> None:
    rows = services.get("prices", symbols="btc,ETH").json()["data"]
    assert [row["symbol"] for row in rows] == ["BTC", "ETH"]
    assert rows == services.get("prices", symbols="BTC,ETH").json()["data"]
    assert rows[0]["at"] == "2026-11-20T15:30:00+00:00"
    assert services.get("prices", symbols="XYZ").status_code == 400


def test_prices_move_a_little_in_a_minute_and_more_in_a_month() -> None:
    course = [prices.price("BTC", minute) for minute in range(0, 60 * 24 * 60, 7)]
    steps = [abs(after / before - 1) for before, after in pairwise(course)]
    assert max(steps) < 0.02
    assert 1.05 < max(course) / min(course) < 2


def test_the_stock_falls_and_an_order_raises_it_after_a_while(services: Services) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        assert in_stock(services) == {"on_hand": 60, "on_order": 0}
        clock.shift(timedelta(hours=10))
        fallen = in_stock(services)["on_hand"]
        assert fallen == pytest.approx(20, abs=2)
        order = services.post("stock/orders", SHOP, json={"sku": "beans-1kg", "quantity": 50})
        assert order.status_code == 201
        assert in_stock(services) == {"on_hand": fallen, "on_order": 50}
        clock.shift(timedelta(minutes=31))
        assert in_stock(services)["on_hand"] == pytest.approx(fallen + 50 - 2, abs=2)
        assert in_stock(services)["on_order"] == 0


def in_stock(services: Services) -> dict[str, int]:
    """Return how many coffee beans there are, and how many are coming."""
    rows = services.get("stock", SHOP).json()["items"]
    return {name: rows[0][name] for name in ("on_hand", "on_order")}


def test_an_order_under_the_same_key_is_taken_once(services: Services) -> None:
    headers = SHOP | {"Idempotency-Key": "restock-1"}
    orders = [services.post("stock/orders", headers, json={"sku": "mug-blue", "quantity": 3}) for _ in range(3)]
    assert len({order.text for order in orders}) == 1
    assert len(services.get("stock/orders", SHOP).json()["orders"]) == 1
    assert services.ledger()["stock"]["charged"] == 3 * 620
    assert services.post("stock/orders", headers, json={"sku": "mug-blue", "quantity": 4}).status_code == 422


@pytest.mark.parametrize(
    "body",
    [{}, {"sku": "none", "quantity": 1}, {"sku": "mug-blue", "quantity": 0}, {"sku": "mug-blue", "quantity": "9"}],
)
def test_an_order_that_means_nothing_is_refused(services: Services, body: dict[str, Any]) -> None:
    assert services.post("stock/orders", SHOP, json=body).status_code == 422


def test_an_empty_shelf_stays_empty_until_the_next_order_arrives() -> None:
    ware = WARES["beans-1kg"]
    order = stock.order(ware, 40, "one", NOW + timedelta(days=2))
    levels = [
        stock.counted(ware, Level(10, NOW), [order], NOW + after)
        for after in (timedelta(), timedelta(days=1), timedelta(days=2, minutes=30))
    ]
    assert levels == [10, 0, 40]


@time_machine.travel(NOW, tick=False)
def test_old_orders_are_put_away_and_the_stock_stays_right(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop, "ORDERS_KEPT", 4)
    for number in range(10):
        with time_machine.travel(NOW + timedelta(hours=number), tick=False):
            services.post("stock/orders", SHOP, json={"sku": "filters-100", "quantity": 100})
    with time_machine.travel(NOW + timedelta(hours=10), tick=False):
        kept = services.get("stock/orders", SHOP).json()["orders"]
        [row] = [row for row in services.get("stock", SHOP).json()["items"] if row["sku"] == "filters-100"]
    assert len(kept) < 6
    assert row["on_hand"] == 200 + 10 * 100 - stock.sold(WARES["filters-100"], NOW, NOW + timedelta(hours=10))
