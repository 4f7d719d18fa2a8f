"""How often a pretend service may be called: never more than a number of calls in any stretch of so many seconds."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime

from connectors.sandbox import books

WRITTEN = re.compile(r"(\d{1,4})/(\d{1,5})")
LONGEST = 3600  # seconds


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls in so many seconds."""

    calls: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a call may be made; how many are left, and after how many seconds the next one may be."""

    allowed: bool
    left: int
    wait: int


def written(text: str) -> Rate:
    """Return what `5/60` means: 5 calls in 60 seconds. Raises ValueError."""
    found = WRITTEN.fullmatch(text)
    rate = Rate(int(found[1]), int(found[2])) if found else Rate(0, 0)
    if not rate.calls or not 0 < rate.seconds <= LONGEST:
        raise ValueError(f"Write a limit as calls/seconds, such as 5/60; at most {LONGEST} seconds.")
    return rate


def taken(world: str, service: str, rate: Rate, now: datetime) -> Verdict:
    """Count a call where the rate allows it, and say whether it does. Exact for all processes of a machine."""
    moment = now.timestamp()
    with books.held(world, f"limit-{service}") as book:
        recent = [at for at in book.get("calls", []) if at > moment - rate.seconds]
        allowed = len(recent) < rate.calls
        book["calls"] = recent = [*recent, moment] if allowed else recent
    free_at = recent[0] + rate.seconds if len(recent) >= rate.calls else moment
    return Verdict(allowed=allowed, left=rate.calls - len(recent), wait=math.ceil(max(free_at - moment, 0)))
