"""Lengths of time as sources write them, in seconds.

    1:30 (minutes and seconds) · 1:02:03 · 1 day, 2:03:04 · 1h 30m · 1.5 h · 90 s · 250 ms · PT5M · P1DT2H

Two parts are minutes and seconds, as of a stopwatch; where they are hours and minutes, a scale of 60 says so. A number
without a unit is taken as seconds. A month and a year have no length of their own and are refused.
"""

from __future__ import annotations

import re

from connectors.problems import Unreadable, problem
from connectors.written.numerals import cleaned, quoted

MINUTE, HOUR, DAY, WEEK = 60.0, 3600.0, 86400.0, 604800.0
NUMBER = r"([0-9]+(?:[.,][0-9]+)?|[.,][0-9]+)"
CLOCK = re.compile(r"(?:([0-9]+) ?(?:d|days?|Tage?),? )?(?:([0-9]+):)?([0-9]+):([0-9]{2}(?:[.,][0-9]+)?)")
BACK_FROM_DAYS = re.compile(r"[0-9]+ ?[A-Za-z]+,? [0-9]+:")  # -1 day, 23:59:59 is one second to some
ISO = re.compile(
    rf"P(?:{NUMBER}W)?(?:{NUMBER}D)?(?:T(?=[0-9.,])(?:{NUMBER}H)?(?:{NUMBER}M)?(?:{NUMBER}S)?)?", re.IGNORECASE
)
ISO_OF_MONTHS = re.compile(r"P[0-9.,]+[YM].*", re.IGNORECASE)
ISO_PARTS = (WEEK, DAY, HOUR, MINUTE, 1.0)
WORDS = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "msec": 1e-3, "milliseconds": 1e-3,
    "millisekunden": 1e-3, "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0, "sek": 1.0,
    "sekunde": 1.0, "sekunden": 1.0, "m": MINUTE, "min": MINUTE, "mins": MINUTE, "minute": MINUTE, "minutes": MINUTE,
    "minuten": MINUTE, "h": HOUR, "hr": HOUR, "hrs": HOUR, "hour": HOUR, "hours": HOUR, "std": HOUR, "stunde": HOUR,
    "stunden": HOUR, "d": DAY, "day": DAY, "days": DAY, "tag": DAY, "tage": DAY, "w": WEEK, "week": WEEK,
    "weeks": WEEK, "woche": WEEK, "wochen": WEEK,
}  # fmt: skip
PART = re.compile(rf"{NUMBER} ?([^\W\d_]+)\.?(?:,? |$)?")
BARE = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def seconds(raw: str) -> float:
    """Return the seconds that a text says. Raises Unreadable."""
    text = cleaned(raw)
    bare, is_negative = text.removeprefix("-").lstrip(), text.startswith("-")
    if ISO_OF_MONTHS.fullmatch(bare):
        raise Unreadable(problem("value_of_months", text=quoted(raw)))
    found = None if is_negative and BACK_FROM_DAYS.match(bare) else _seconds(bare)
    if found is None:
        raise Unreadable(problem("value_no_duration", text=quoted(raw)))
    return -found if is_negative else found


def _seconds(text: str) -> float | None:
    if BARE.fullmatch(text):
        return float(text)
    if match := CLOCK.fullmatch(text):
        return _on_the_clock(*match.groups())
    if (match := ISO.fullmatch(text)) and any(match.groups()):
        return sum(_float(part) * length for part, length in zip(match.groups(), ISO_PARTS, strict=True) if part)
    return _in_words(text)


def _on_the_clock(days: str | None, hours: str | None, minutes: str, rest: str) -> float | None:
    """Add up the parts of a clock; 1:75 is none, and 90:00 is an hour and a half."""
    second = _float(rest)
    if second >= MINUTE or (hours and float(minutes) >= MINUTE) or (days and hours is None):
        return None
    return float(days or 0) * DAY + float(hours or 0) * HOUR + float(minutes) * MINUTE + second


def _in_words(text: str) -> float | None:
    """Add up parts such as 1h 30m, from large to small and each once."""
    found, place, before = 0.0, 0, float("inf")
    while place < len(text):
        part = PART.match(text, place)
        length = WORDS.get(part[2].lower()) if part else None
        if part is None or length is None or length >= before:
            return None
        found, place, before = found + _float(part[1]) * length, part.end(), length
    return found if place else None


def _float(text: str) -> float:
    return float(text.replace(",", "."))
