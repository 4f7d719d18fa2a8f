"""One message and a real mail server: taken, deferred, refused, gone, and a sender that dies in between."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.core.mail import EmailMultiAlternatives

from alerts import sending
from alerts.models import Delivery, DeliveryState, Unsent
from alerts.render import Letter, Picture
from organisations.models import Organisation
from tests.alerts.conftest import Inbox
from tests.alerts.factories import NOW

PNG = b"\x89PNG\r\n\x1a\n"
LETTER = Letter(
    subject="The target needs attention",
    html='<p>Look: <img src="cid:target-1" alt=""></p>',
    text="Look.",
    thread="report-1",
    pictures=(Picture(cid="target-1", png=PNG),),
    stop_url="https://targets.example.org/stop/1/",
)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def delivery(organisation: Organisation) -> Delivery:
    row: Delivery = organisation.deliveries.create(subject_key="report:1", address="owner@example.com", due_at=NOW)
    Delivery.unscoped.filter(pk=row.pk).update(created_at=NOW)
    return row


def send(delivery: Delivery, *, now: datetime = NOW) -> Delivery:
    """Claim, send and settle; return the delivery as it then stands."""
    claimed = sending.claim(delivery.pk, now=now)
    assert claimed is not None
    sending.settle(claimed, sending.post(sending.message_of(claimed, LETTER)), now=now)
    delivery.refresh_from_db()
    return delivery


def test_a_taken_message_is_sent_once(delivery: Delivery, inbox: Inbox) -> None:
    assert send(delivery).state == DeliveryState.SENT
    assert delivery.sent_at == NOW
    assert delivery.due_at is None
    assert sending.claim(delivery.pk, now=NOW + timedelta(days=1)) is None
    assert len(inbox.mails) == 1


def test_a_mail_is_text_and_html_with_its_pictures(delivery: Delivery, inbox: Inbox) -> None:
    send(delivery)
    mail = inbox.mails[0]
    assert mail.get_content_type() == "multipart/related"
    assert [part.get_content_type() for part in mail.walk() if not part.is_multipart()] == [
        "text/plain",
        "text/html",
        "image/png",
    ]
    picture = list(mail.walk())[-1]
    assert picture["Content-ID"] == "<target-1>"
    assert picture.get_content_disposition() == "inline"
    assert picture.get_content() == PNG


def test_a_mail_says_what_programs_need(delivery: Delivery, inbox: Inbox) -> None:
    send(delivery)
    mail = inbox.mails[0]
    assert mail["Message-ID"] == f"<{delivery.message_id}@localhost>"
    assert mail["References"] == mail["In-Reply-To"] == "<report-1@localhost>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] == "<https://targets.example.org/stop/1/>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize("reply", ["450 try later", "421 too many", "451 4.7.1 greylisted"])
def test_a_deferred_message_is_sent_later(delivery: Delivery, inbox: Inbox, reply: str) -> None:
    inbox.replies = [reply]
    assert send(delivery).state == DeliveryState.WAITING
    assert delivery.error == reply
    assert delivery.due_at is not None
    assert NOW < delivery.due_at <= NOW + 2 * MINUTE
    assert send(delivery, now=delivery.due_at).state == DeliveryState.SENT
    assert [mail["Message-ID"] for mail in inbox.mails] == [f"<{delivery.message_id}@localhost>"]
    assert delivery.error == ""


def test_a_deferred_address_is_tried_later(delivery: Delivery, inbox: Inbox) -> None:
    inbox.recipient_replies = ["452 mailbox full"]
    assert send(delivery).state == DeliveryState.WAITING
    assert delivery.error == "452 mailbox full"


def test_a_refused_address_is_given_up_in_the_servers_words(delivery: Delivery, inbox: Inbox) -> None:
    inbox.recipient_replies = ["550 no such mailbox"]
    assert send(delivery).state == DeliveryState.FAILED
    assert delivery.error == "550 no such mailbox"
    assert delivery.due_at is None
    assert inbox.mails == []


def test_a_refused_message_is_given_up(delivery: Delivery, inbox: Inbox) -> None:
    inbox.replies = ["554 5.7.1 not wanted here"]
    assert send(delivery).state == DeliveryState.FAILED
    assert delivery.error == "554 5.7.1 not wanted here"


@pytest.mark.usefixtures("dead_server")
def test_a_dead_server_is_tried_for_three_days(delivery: Delivery) -> None:
    tried = [NOW]
    while send(delivery, now=tried[-1]).state == DeliveryState.WAITING:
        assert delivery.due_at is not None
        tried.append(delivery.due_at)
    waits = [later - earlier for earlier, later in pairwise(tried)]
    assert delivery.state == DeliveryState.FAILED
    assert "refused" in delivery.error.lower()
    assert timedelta(days=3) <= tried[-1] - NOW <= timedelta(days=3, hours=4)
    assert waits[0] <= 2 * MINUTE
    assert waits == sorted(waits)
    assert len(tried) < 60


def test_a_sender_that_dies_after_sending_loses_nothing_and_the_repeat_has_the_same_id(
    delivery: Delivery, inbox: Inbox
) -> None:
    claimed = sending.claim(delivery.pk, now=NOW)
    assert claimed is not None
    assert sending.post(sending.message_of(claimed, LETTER)) is None  # … and here the process ends
    assert sending.claim(delivery.pk, now=NOW + MINUTE) is None  # the lease still holds
    assert sending.waiting(now=NOW + sending.LEASE) == [delivery.pk]
    assert send(delivery, now=NOW + sending.LEASE).state == DeliveryState.SENT
    assert len({mail["Message-ID"] for mail in inbox.mails}) == 1
    assert len(inbox.mails) == 2


def test_a_sender_that_was_overtaken_does_not_undo_what_the_other_did(delivery: Delivery) -> None:
    slow = sending.claim(delivery.pk, now=NOW)
    fast = sending.claim(delivery.pk, now=NOW + sending.LEASE)
    assert slow is not None
    assert fast is not None
    sending.settle(fast, None, now=NOW)
    sending.settle(slow, sending.Failure("timed out", permanent=True), now=NOW)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT


def test_what_nobody_could_send_in_three_days_is_given_up_by_the_sweep(delivery: Delivery) -> None:
    assert sending.waiting(now=NOW + timedelta(days=3)) == []
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.FAILED
    assert delivery.error == Unsent.LATE
    assert delivery.trouble == "It could not be sent within three days."


def test_a_given_up_delivery_can_be_sent_again(delivery: Delivery, inbox: Inbox) -> None:
    inbox.recipient_replies = ["550 no such mailbox"]
    send(delivery)
    later = NOW + timedelta(days=9)
    assert sending.send_again(delivery, now=later)
    assert not sending.send_again(delivery, now=later)
    assert send(delivery, now=later).state == DeliveryState.SENT


def test_a_delivery_whose_organisation_is_gone_ends_quietly(delivery: Delivery, inbox: Inbox) -> None:
    claimed = sending.claim(delivery.pk, now=NOW)
    assert claimed is not None
    delivery.organisation.delete()
    sending.settle(claimed, None, now=NOW)
    assert sending.claim(delivery.pk, now=NOW + sending.LEASE) is None
    assert inbox.mails == []


@pytest.mark.parametrize("text", ["Sales\r\nBcc: all@example.com", "Sales\nX: y", "Sales\r\n\r\n<p>"])
def test_a_line_break_in_a_name_adds_no_header(delivery: Delivery, text: str) -> None:
    mail = sending.message_of(delivery, Letter(subject=text, html="", text="", thread="t"))
    assert isinstance(mail, EmailMultiAlternatives)
    assert set(mail.message().keys()) & {"Bcc", "X"} == set()
    assert "\n" not in mail.message()["Subject"]


def test_waiting_grows_to_hours_and_differs_between_deliveries() -> None:
    assert sending.wait(1, spread=0) == 2 * MINUTE
    assert sending.wait(1, spread=1) == MINUTE
    assert sending.wait(30, spread=0) == timedelta(hours=4)
