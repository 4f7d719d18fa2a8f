"""Which letter a delivery carries: read from what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts import notify, reporting

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from alerts.models import Delivery
    from alerts.render import Letter

WRITERS: dict[str, Callable[[Delivery, datetime], Letter | None]] = {
    "report": reporting.letter_of_run,
    "test": reporting.letter_of_test,
    "change": notify.letter_of_change,
    "feed": notify.letter_of_feed,
}


def letter_of(delivery: Delivery, now: datetime) -> Letter | None:
    """Return the letter, written from what is stored now; None when nobody is to get it any more."""
    subject, _, _ = delivery.subject_key.partition(":")
    return WRITERS[subject](delivery, now)
