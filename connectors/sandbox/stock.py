"""The stock of a pretend shop: it is sold by the hour, and what is ordered arrives after a while. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

ARRIVES_AFTER = timedelta(minutes=30)
MOST_ORDERED = 1000  # pieces of one order


@dataclass(frozen=True, slots=True)
class Ware:
    """Something that is sold: how many there were at first, how many go in an hour, what a piece costs in cents."""

    sku: str
    name: str
    at_first: int
    an_hour: int
    costs: int


WARES = {
    ware.sku: ware
    for ware in (
        Ware("beans-1kg", "Coffee beans, 1 kg", 60, 4, 1450),
        Ware("filters-100", "Paper filters, 100", 200, 6, 290),
        Ware("mug-blue", "Blue mug", 35, 1, 620),
    )
}


@dataclass(frozen=True, slots=True)
class Level:
    """How many pieces of a ware there were at a moment."""

    pieces: int
    at: datetime


Order = Mapping[str, Any]  # id, sku, quantity, arrives_at


def row(ware: Ware, level: Level, orders: Iterable[Order], now: datetime) -> dict[str, Any]:
    """Return a ware as the shop shows it: pieces there, and pieces on their way."""
    ours = [order for order in orders if order["sku"] == ware.sku]
    coming = sum(order["quantity"] for order in ours if arrives_at(order) > now)
    return {
        "sku": ware.sku,
        "name": ware.name,
        "on_hand": counted(ware, level, ours, now),
        "on_order": coming,
        "at": now.isoformat(timespec="seconds"),
    }


def counted(ware: Ware, level: Level, orders: Iterable[Order], now: datetime) -> int:
    """Return how many pieces are there: what was, less what was sold, and more with every order that arrived.

    Nobody buys what is not there: an empty shelf stays at nothing until the next order arrives.
    """
    arrived = sorted((order for order in orders if level.at < arrives_at(order) <= now), key=arrives_at)
    pieces, since = level.pieces, level.at
    for order in arrived:
        pieces = max(0, pieces - sold(ware, since, arrives_at(order))) + order["quantity"]
        since = arrives_at(order)
    return max(0, pieces - sold(ware, since, now))


def sold(ware: Ware, since: datetime, until: datetime) -> int:
    """Return how many pieces people wanted from one moment to another."""
    return _wanted(ware, until) - _wanted(ware, since)


def order(ware: Ware, quantity: int, number: str, now: datetime) -> dict[str, Any]:
    """Return a new order. Raises ValueError for a quantity that nobody delivers."""
    if not 1 <= quantity <= MOST_ORDERED:
        raise ValueError(f"Order 1 to {MOST_ORDERED} pieces.")
    return {
        "id": number,
        "sku": ware.sku,
        "quantity": quantity,
        "cost": quantity * ware.costs,
        "ordered_at": now.isoformat(timespec="seconds"),
        "arrives_at": (now + ARRIVES_AFTER).isoformat(timespec="seconds"),
    }


def arrives_at(order: Order) -> datetime:
    """Return when an order arrives."""
    return datetime.fromisoformat(order["arrives_at"])


def _wanted(ware: Ware, at: datetime) -> int:
    """Return how many pieces people wanted since long ago: the same each hour, at minutes of their own."""
    hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    chance = random.Random(f"{ware.sku}:{hour.isoformat()}")  # noqa: S311  numbers for show
    moments = [chance.random() * 3600 for _ in range(ware.an_hour)]
    passed = (at - hour).total_seconds()
    return int(hour.timestamp() // 3600) * ware.an_hour + sum(moment <= passed for moment in moments)
