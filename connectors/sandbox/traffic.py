"""The numbers of a pretend website: the same every time one asks, and shaped like real ones. Pure."""

from __future__ import annotations

import math
import random
from datetime import date, datetime, timedelta

FIRST_DAY = date(2020, 1, 1)  # nothing was measured before
WEEKDAYS = (1.12, 1.15, 1.13, 1.09, 1.00, 0.74, 0.77)  # Monday to Sunday
START, GROWTH = 240.0, 0.00022  # visitors a day at first, and how much more each day, as a share
NOISE = 0.09  # standard deviation of a day around its expectation, as a share
LOYAL, FORGET_AFTER = 0.42, 6.0  # share of a day's visitors who are new however long one looks back; days
METRICS = {"uniqueVisitors": 1.0, "visits": 1.31, "pageviews": 3.4}  # per unique visitor of the day


def on_day(day: date, metric: str, *, seed: int = 1) -> int:
    """Return what was counted on one whole day."""
    age = (day - FIRST_DAY).days
    season = 1 + 0.08 * math.sin(2 * math.pi * (day.timetuple().tm_yday - 80) / 365.25)
    noise = random.Random(f"{seed}:{day}").gauss(1, NOISE)  # noqa: S311  numbers for show
    visitors = START * (1 + GROWTH) ** age * season * WEEKDAYS[day.weekday()] * max(noise, 0.3)
    return round(visitors * METRICS[metric])


def so_far(now: datetime, metric: str, *, seed: int = 1) -> int:
    """Return what was counted today until now; most people come between nine and eighteen."""
    hour = now.hour + now.minute / 60
    share = (1 - math.cos(math.pi * hour / 24)) / 2
    return round(on_day(now.date(), metric, seed=seed) * share)


def daily(first: date, last: date, metric: str, now: datetime, *, seed: int = 1) -> list[tuple[date, int]]:
    """Return the counts of each day from `first` to `last`, both included; today so far, later days not at all."""
    days = _days(max(first, FIRST_DAY), min(last, now.date()))
    return [
        (day, so_far(now, metric, seed=seed) if day == now.date() else on_day(day, metric, seed=seed)) for day in days
    ]


def distinct(first: date, last: date, now: datetime, *, seed: int = 1) -> int:
    """Return how many different people came from `first` to `last`: fewer than the days add up to, for many return."""
    counts = daily(first, last, "uniqueVisitors", now, seed=seed)
    return round(sum(count * _new_share(number) for number, (_, count) in enumerate(counts)))


def _new_share(days_looked_back: int) -> float:
    return LOYAL + (1 - LOYAL) * math.exp(-days_looked_back / FORGET_AFTER)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
