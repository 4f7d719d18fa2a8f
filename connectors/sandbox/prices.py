"""The prices of a pretend exchange: one a minute, the same every time one asks. Pure.

A price is the exponential of noise on several scales, from a minute to a month: each scale draws a number at its
corners and goes from one to the next, which is value noise, and looks like a market from near and from far.
"""

from __future__ import annotations

import hashlib
import math
from datetime import datetime
from typing import Any

USUAL = {"BTC": 64_000.0, "ETH": 3_200.0, "SOL": 150.0, "ADA": 0.45, "GOLD": 2_350.0}  # EUR
SCALES = ((1, 0.0006), (12, 0.002), (120, 0.006), (1440, 0.02), (10_080, 0.05), (43_200, 0.1))  # minutes, share
CURRENCY = "EUR"


def quoted(symbols: list[str], now: datetime) -> list[dict[str, Any]]:
    """Return a row for each symbol: its price in this minute. Raises KeyError for a symbol that is not traded."""
    minute = int(now.timestamp() // 60)
    at = now.replace(second=0, microsecond=0).isoformat()
    return [{"symbol": name, "price": price(name, minute), "currency": CURRENCY, "at": at} for name in symbols]


def price(symbol: str, minute: int) -> float:
    """Return the price of a symbol in a minute, counted from 1970. Raises KeyError."""
    drift = sum(share * _noise(f"{symbol}:{scale}", minute / scale) for scale, share in SCALES)
    return float(f"{USUAL[symbol] * math.exp(drift):.6g}")


def _noise(name: str, place: float) -> float:
    """Return a number from −1 to 1 that goes smoothly from corner to corner."""
    corner, part = math.floor(place), place - math.floor(place)
    eased = part * part * (3 - 2 * part)
    return _drawn(name, corner) * (1 - eased) + _drawn(name, corner + 1) * eased


def _drawn(name: str, corner: int) -> float:
    digest = hashlib.sha256(f"{name}:{corner}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**47 - 1
