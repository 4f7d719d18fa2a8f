"""The header `Idempotency-Key`: the same request sent again is answered again, and neither charged nor done again.

Remembered for a day. The answers themselves are not kept: those of the pretend services follow from what was asked.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from enum import Enum, auto

from connectors.sandbox import books

REMEMBERED = 24 * 3600  # seconds


class Use(Enum):
    """What a key was seen to be."""

    FIRST = auto()
    AGAIN = auto()
    FOR_SOMETHING_ELSE = auto()


def used(world: str, service: str, key: str, body: bytes, now: datetime) -> tuple[Use, datetime]:
    """Remember a key with what was sent under it; return whether it was there before, and since when.

    Of many calls at the same time one is the first.
    """
    name, said, moment = _digest(key.encode()), _digest(body), now.timestamp()
    with books.held(world, f"repeats-{service}-{name[:2]}") as book:
        for old in [old for old, (_, at) in book.items() if at < moment - REMEMBERED]:
            del book[old]
        if name not in book:
            book[name] = [said, moment]
            return Use.FIRST, now
        before, at = book[name]
    return Use.AGAIN if before == said else Use.FOR_SOMETHING_ELSE, datetime.fromtimestamp(at, UTC)


def _digest(said: bytes) -> str:
    return hashlib.sha256(said).hexdigest()[:32]
