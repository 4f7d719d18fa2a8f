"""Sends one message: claim it, hand it to the mail server, note what the server said.

At least once and never lost: a sender that dies between handing over and noting leaves the delivery waiting, and
whoever takes it up sends it under the same Message-ID. No transaction is open while the mail server is spoken to.
"""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from datetime import timedelta
from email.mime.image import MIMEImage
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F, Value
from django.db.models.functions import Coalesce, NullIf

from alerts.models import Delivery, DeliveryState, Unsent

if TYPE_CHECKING:
    from datetime import datetime

    from alerts.render import Letter

LEASE = timedelta(minutes=10)  # longer than the slowest hand-over
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=3)
MOST_DOUBLINGS = 16  # far beyond the longest wait
RUNG_AT_ONCE = 500
PERMANENT_FROM = 500  # SMTP replies from here on say that trying again is of no use (RFC 5321, 4.2.1)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a message was not taken, in the server's words, and whether it ever may be."""

    words: str
    permanent: bool


class RelatedMail(EmailMultiAlternatives):
    """A mail whose pictures belong to its HTML instead of hanging below it."""

    mixed_subtype = "related"


def claim(pk: int, *, now: datetime) -> Delivery | None:
    """Take a waiting delivery up for `LEASE`; None when it is not due, done, gone, or somebody else has it."""
    due = Delivery.unscoped.filter(pk=pk, state=DeliveryState.WAITING, due_at__lte=now)
    if not due.won(attempts=F("attempts") + 1, due_at=now + LEASE):
        return None
    delivery: Delivery | None = (
        Delivery.unscoped.select_related("organisation", "run__report__organisation", "change__target__metric")
        .filter(pk=pk)
        .first()
    )
    return delivery


def post(message: EmailMultiAlternatives) -> Failure | None:
    """Hand a message to the mail server. Return why it was not taken, or None."""
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        return _refusal(*next(iter(error.recipients.values())))
    except smtplib.SMTPDataError as error:
        return _refusal(error.smtp_code, error.smtp_error)
    except (smtplib.SMTPException, OSError) as error:
        # no connection, no greeting, a refused sign-in: nothing that this address is to blame for
        return Failure(_said(error), permanent=False)
    return None


def settle(delivery: Delivery, failure: Failure | None, *, now: datetime) -> None:
    """Note how handing over went: sent, to be tried again later, or given up."""
    rows = Delivery.unscoped.filter(pk=delivery.pk)
    if failure is None:
        rows.update(state=DeliveryState.SENT, sent_at=now, due_at=None, error="")
        return
    mine = rows.filter(state=DeliveryState.WAITING, attempts=delivery.attempts)
    if failure.permanent or now >= delivery.created_at + GIVE_UP_AFTER:
        mine.update(state=DeliveryState.FAILED, due_at=None, error=failure.words[:300])
    else:
        mine.update(due_at=now + wait(delivery.attempts, spread=_spread(delivery)), error=failure.words[:300])


def wait(attempts: int, *, spread: float) -> timedelta:
    """Return how long to wait after so many attempts: twice as long each time, less up to half by `spread` (0 to 1)."""
    doublings: int = min(attempts, MOST_DOUBLINGS)
    longest = min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
    return longest * (1 - spread / 2)


def waiting(*, now: datetime) -> list[int]:
    """Return deliveries that are due, the longest waiting first; what waited for `GIVE_UP_AFTER` is given up."""
    due = Delivery.unscoped.filter(state=DeliveryState.WAITING, due_at__lte=now)
    due.filter(created_at__lte=now - GIVE_UP_AFTER).update(
        state=DeliveryState.FAILED,
        due_at=None,
        error=Coalesce(NullIf("error", Value("")), Value(Unsent.LATE.value)),
    )
    return list(due.order_by("due_at").values_list("pk", flat=True)[:RUNG_AT_ONCE])


def send_again(delivery: Delivery, *, now: datetime) -> bool:
    """Let a given-up delivery wait once more, its three days beginning anew; False when it was not given up."""
    given_up = Delivery.unscoped.filter(pk=delivery.pk, state=DeliveryState.FAILED)
    return bool(given_up.won(state=DeliveryState.WAITING, attempts=0, created_at=now, due_at=now, error=""))


def drop(delivery: Delivery) -> None:
    """Note that nobody is to get this any more: a member left, a report was stopped, a target is gone."""
    waiting = Delivery.unscoped.filter(pk=delivery.pk, state=DeliveryState.WAITING)
    waiting.update(state=DeliveryState.FAILED, due_at=None, error=Unsent.UNWANTED.value)


def message_of(delivery: Delivery, letter: Letter) -> EmailMultiAlternatives:
    """Return the mail: plain text, the same in HTML, its pictures, and the headers that programs read."""
    mail = RelatedMail(
        subject=one_line(letter.subject),
        body=letter.text,
        to=[delivery.address],
        headers=_headers(delivery, letter),
    )
    mail.attach_alternative(letter.html, "text/html")
    for picture in letter.pictures:
        image = MIMEImage(picture.png, "png")
        image.add_header("Content-ID", f"<{picture.cid}>")
        image.add_header("Content-Disposition", "inline", filename=f"{picture.cid}.png")
        mail.attach(image)
    return mail


def one_line(text: str) -> str:
    """Return text that may stand in a mail header: names are people's own and may hold line breaks."""
    return " ".join(text.split())


def _headers(delivery: Delivery, letter: Letter) -> dict[str, str]:
    host = urlsplit(settings.SITE_URL).hostname
    thread = f"<{letter.thread}@{host}>"
    headers = {
        "Message-ID": f"<{delivery.message_id}@{host}>",
        "In-Reply-To": thread,
        "References": thread,
        "Auto-Submitted": "auto-generated",
    }
    if letter.stop_url:
        headers |= {"List-Unsubscribe": f"<{letter.stop_url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return headers


def _refusal(code: int, words: bytes | str) -> Failure:
    return Failure(f"{code} {_text(words)}", permanent=code >= PERMANENT_FROM)


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return str(error) or type(error).__name__


def _text(words: bytes | str) -> str:
    return one_line(words.decode("utf-8", "replace") if isinstance(words, bytes) else words)


def _spread(delivery: Delivery) -> float:
    # as good as random between deliveries, and the same again for this one
    return delivery.message_id.int / 2**128
