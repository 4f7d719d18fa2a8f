"""What names and values in an answer suggest: dates, money in cents, shares, people. Pure.

Every hint can be overruled on the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from connectors.paths.trails import DEEPEST, Trail, steps
from connectors.written import times

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+|\d+")
ISO = re.compile(r"(19|20)\d\d-?(0[1-9]|1[0-2])-?([0-2]\d|3[01])")  # how an ISO date begins, also without its dashes
DOTTED = re.compile(r"\d\d\.\d\d\.\d{4}")
UTC = ZoneInfo("UTC")

TIME_WORDS = frozenset({"at", "created", "date", "datetime", "day", "time", "timestamp", "ts", "when"})
PEOPLE = frozenset({"customers", "people", "unique", "uniques", "users", "visitors", "wau", "mau", "dau"})
SHARES = frozenset({"fraction", "percent", "percentage", "pct", "rate", "ratio", "share"})
LEVELS = SHARES | {
    "active", "age", "average", "avg", "balance", "days", "duration", "latency", "load", "mean", "median", "ms", "open",
    "price", "rating", "score", "seconds", "size", "stock", "temperature", "uptime",
}  # fmt: skip
NOT_MEASURED = frozenset(
    {"code", "id", "lat", "latitude", "limit", "lon", "longitude", "offset", "page", "port", "status", "year"}
)
IDS = frozenset({"code", "id", "key", "nr", "number", "sku", "uid", "uuid"})
CURRENCIES = {"eur": "€", "usd": "$", "gbp": "£", "jpy": "¥"}
LEAST_CENTS = 10_000  # a smaller whole number beside a currency may well be whole euros


def words(name: str) -> list[str]:
    """Split a key into lower-case words: `uniqueVisitors` and `unique_visitors` are both unique, visitors."""
    return [word.lower() for word in WORD.findall(name)]


def last_key(trail: Trail) -> str:
    """Return the key that names a value: the last one on the way to it."""
    return next((step for step in reversed(trail) if isinstance(step, str)), "")


def time_format(key: str, value: Any) -> str:
    """Return the format in which a value is a date or time, as feeds know it; empty if it is none."""
    if isinstance(value, str) and DOTTED.fullmatch(value):
        return "%d.%m.%Y"
    named_so = bool(TIME_WORDS & set(words(key)))
    if isinstance(value, bool) or not (
        (isinstance(value, str) and ISO.match(value)) or (isinstance(value, int) and named_so)
    ):
        return ""
    try:
        times.read(value, fmt=times.AUTO, zone=UTC)
    except ValueError:
        return ""
    return times.AUTO


def is_day(value: Any) -> bool:
    """Say whether a date has no time of day."""
    return isinstance(value, str) and ":" not in value


def in_cents(trail: Trail, value: Any, beside: dict[str, Any]) -> bool:
    """Say whether a number is probably money in cents: by its name, or large and whole beside a currency."""
    if "cents" in words(last_key(trail)):
        return True
    whole = isinstance(value, int) and value > LEAST_CENTS
    return whole and isinstance(beside.get("currency"), str)


def is_share(trail: Trail, value: float) -> bool:
    """Say whether a number between 0 and 1 is named like a share of something."""
    return 0 <= value <= 1 and bool(SHARES & set(words(last_key(trail))))


def counts_people(trail: Trail) -> bool:
    """Say whether a number is named like a count of different people."""
    return bool(PEOPLE & set(words(last_key(trail))))


def is_level(trail: Trail) -> bool:
    """Say whether a number is named like something that goes up and down."""
    return bool(LEVELS & set(words(last_key(trail))))


def is_measured(trail: Trail) -> bool:
    """Say whether a number is named like something one would track, and not like an id or a page number."""
    return not (NOT_MEASURED | TIME_WORDS) & set(words(last_key(trail)))


def is_id(key: str) -> bool:
    """Say whether a key is named like what tells entries apart."""
    return bool(IDS & set(words(key)))


def currency_in(answer: Any) -> str:
    """Return the sign of the currency that the answer names anywhere; empty if it names none."""
    for key, value in _pairs(answer):
        if key == "currency" and isinstance(value, str):
            return CURRENCIES.get(value.lower(), value.upper()[:3])
    return ""


def title(trail: Trail) -> str:
    """Return a name for the number in words: its key, with the one above it where that says more."""
    keys = [step for step in trail if isinstance(step, str)]
    if len(keys) > 1 and keys[-1].lower() == "value":
        keys.pop()  # says nothing
    spoken = [word for word in words(keys[-1]) if word != "cents"] if keys else []
    if len(spoken) == 1 and len(keys) > 1:
        spoken = words(keys[-2]) + spoken
    return " ".join(spoken).capitalize()


def _pairs(answer: Any) -> Iterator[tuple[str, Any]]:
    waiting = [(0, answer)]
    while waiting:
        depth, value = waiting.pop()
        if not isinstance(value, dict | list) or depth > DEEPEST:
            continue
        for step, child in steps(value):
            if isinstance(step, str):
                yield step, child
            waiting.append((depth + 1, child))
