"""Which letter a delivery carries, and in which language: read from what it is about, and from who gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts import notify, reporting
from organisations.models import User
from organisations.reader import speaking

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
    "enrichment": notify.letter_of_enrichment,
    "shape": notify.letter_of_shape,
}


def letter_of(delivery: Delivery, now: datetime) -> Letter | None:
    """Return the letter, written from what is stored now; None when nobody is to get it any more."""
    subject, _, _ = delivery.subject_key.partition(":")
    with speaking(language_of(delivery)):
        return WRITERS[subject](delivery, now)


def language_of(delivery: Delivery) -> str:
    """Return the language in which somebody is written to: their own choice, else the organisation's."""
    own = User.objects.filter(email=delivery.address).values_list("language", flat=True).first()
    return own or delivery.organisation.language
