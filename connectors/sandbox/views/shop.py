"""A pretend shop: what it sold, written in every way, and its stock, which can be ordered anew."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from typing import Any

from connectors.sandbox import books, keys, shop, stock
from connectors.sandbox.limits import Rate
from connectors.sandbox.stock import WARES, Level
from connectors.sandbox.views.door import Asked, Refusal, Served, json_of, key_in, service

RATE = Rate(120, 60)
ORDERS_KEPT = 500

signed_in = key_in("X-API-Key", keys.SHOP)


@service("shop")
def orders(asked: Asked) -> Served:
    """Answer without a key, with a record for each of the last days."""
    rows = shop.records(asked.now)
    return Served(document=rows, ids=[row["date"] for row in rows])


@service("shop")
def orders_csv(asked: Asked) -> Served:
    """Answer with the same as a table."""
    return Served(text=shop.table(asked.now), content_type="text/csv")


@service("shop")
def revenue_csv(asked: Asked) -> Served:
    """Answer with the same as German programs write it."""
    return Served(text=shop.german_table(asked.now), content_type="text/csv")


@service("shop")
def prometheus(asked: Asked) -> Served:
    """Answer as services do for Prometheus."""
    return Served(text=shop.prometheus(asked.now), content_type="text/plain; version=0.0.4")


@service("shop")
def online(asked: Asked) -> Served:
    """Answer with nothing but a number."""
    return Served(text=f"{shop.online(asked.now)}\n")


@service("stock", sign_in=signed_in, rate=RATE)
def in_stock(asked: Asked) -> Served:
    """Answer with each ware: pieces there, and pieces on their way."""
    with books.held(asked.world, "stock") as book:
        levels = _levels(book, asked.now)
        ordered = list(book.get("orders", []))
    rows = [stock.row(ware, levels[sku], ordered, asked.now) for sku, ware in WARES.items()]
    return Served(document={"items": rows}, ids=[row["sku"] for row in rows])


@service("stock", methods=("GET", "POST"), sign_in=signed_in, rate=RATE)
def stock_orders(asked: Asked) -> Served:
    """Answer with the orders, or take a new one; the same `Idempotency-Key` orders once."""
    if asked.request.method == "GET":
        ordered = books.looked_up(asked.world, "stock").get("orders", [])
        return Served(document={"orders": ordered}, ids=[order["id"] for order in ordered])
    body = json_of(asked)
    ware, quantity = WARES.get(str(body.get("sku"))), body.get("quantity")
    if ware is None or not isinstance(quantity, int) or isinstance(quantity, bool):
        raise Refusal(422, f"Send a quantity, and as sku one of {', '.join(WARES)}.")
    try:
        order = stock.order(ware, quantity, _number_of(asked), asked.now)
    except ValueError as error:
        raise Refusal(422, str(error)) from None
    return _ordered(asked, order)


def _ordered(asked: Asked, order: dict[str, Any]) -> Served:
    """Write an order down, unless it is there already. Raises Refusal for another one under its key."""
    with books.held(asked.world, "stock") as book:
        levels = _levels(book, asked.now)
        ordered = book.setdefault("orders", [])
        before = next((old for old in ordered if old["id"] == order["id"]), None)
        if before is None:
            ordered.append(order)
            _put_away(book, levels, asked.now)
            return Served(document=order, status=201, ids=[order["id"]], charged=order["cost"])
    if (before["sku"], before["quantity"]) != (order["sku"], order["quantity"]):
        raise Refusal(422, "This Idempotency-Key was sent with another order before.")
    return Served(document=before, status=201, ids=[before["id"]], headers={"Idempotent-Replayed": "true"})


def _number_of(asked: Asked) -> str:
    """Return the number of an order: it follows from the key, so that an order is found again."""
    key = asked.request.headers.get("Idempotency-Key") or str(uuid.uuid4())
    return hashlib.sha256(key.encode()).hexdigest()[:12]


def _levels(book: dict[str, Any], now: datetime) -> dict[str, Level]:
    """Return how many pieces there were when last counted; a shop that opens now has what it starts with."""
    for sku, ware in WARES.items():
        book.setdefault("levels", {}).setdefault(sku, [ware.at_first, now.isoformat()])
    return {sku: Level(pieces, datetime.fromisoformat(at)) for sku, (pieces, at) in book["levels"].items()}


def _put_away(book: dict[str, Any], levels: dict[str, Level], now: datetime) -> None:
    """Count the stock anew and forget the oldest orders that arrived, once there are too many."""
    ordered = book["orders"]
    if len(ordered) <= ORDERS_KEPT:
        return
    for sku, ware in WARES.items():
        ours = [order for order in ordered if order["sku"] == sku]
        book["levels"][sku] = [stock.counted(ware, levels[sku], ours, now), now.isoformat()]
    coming = [order for order in ordered if stock.arrives_at(order) > now]
    book["orders"] = [order for order in ordered if order not in coming][-ORDERS_KEPT // 2 :] + coming
