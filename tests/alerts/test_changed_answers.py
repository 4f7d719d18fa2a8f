"""The mail about answers that have changed: to those who manage the organisation, once, while it is not mended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pytest
import time_machine

from alerts import notify, tasks
from alerts.models import Delivery, DeliveryState
from connectors.models import Feed, ShapeChange
from organisations.models import Organisation, User
from organisations.roles import Role
from targets.models import Metric
from tests.alerts.conftest import Inbox
from tests.alerts.factories import NOW

GONE = [{"path": "data.total", "type": "number", "is_read": True, "instead": "data.sum"}]
NEW = [{"path": "data.sum", "type": "number"}]


def plain(mail: EmailMessage) -> str:
    """Return the plain text of a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def feed(organisation: Organisation) -> Feed:
    connection = organisation.connections.create(name="Shop", kind="http", settings={"address": "https://shop.example"})
    seen = {"data.total": {"number": 2}, "data.sum": {"number": 1}}
    made: Feed = connection.feeds.create(name="Total", shape={"of": "", "answers": 2, "seen": seen, "numbers": {}})
    return made


@pytest.fixture
def metric(feed: Feed) -> Metric:
    made: Metric = feed.connection.organisation.metrics.create(feed=feed, name="Stock", value_path="data.total")
    return made


@pytest.fixture
def change(feed: Feed, metric: Metric) -> ShapeChange:
    made: ShapeChange = feed.shape_changes.create(at=NOW, gone=GONE, new=NEW, matters=True)
    return made


def deliver_all() -> None:
    for pk in Delivery.unscoped.filter(state=DeliveryState.WAITING).values_list("pk", flat=True):
        tasks.deliver(pk)


def test_those_who_manage_are_told_once_what_is_gone_and_where_to_mend_it(
    change: ShapeChange, metric: Metric, owner: User, admin: User, editor: User, viewer: User, inbox: Inbox
) -> None:
    for _ in range(2):
        tasks.announce_shape(change.pk)
        tasks.sweep()
    deliver_all()
    assert inbox.addresses == sorted([owner.email, admin.email])
    mail = inbox.mails[0]
    text = plain(mail)
    assert mail["Subject"] == "The answers of Shop have changed"
    assert "“data.total” is gone; “data.sum” is new." in text
    assert "“data.sum” probably took the place of “data.total”." in text
    assert "Stock reads what is gone." in text
    assert f"http://localhost:8000/growth/metrics/{metric.pk}/try/" in text
    change.refresh_from_db()
    assert change.told_at == NOW


def test_what_the_worker_left_untold_is_told_by_the_sweep(change: ShapeChange, owner: User, inbox: Inbox) -> None:
    tasks.sweep()
    deliver_all()
    assert inbox.addresses == [owner.email]


def test_a_german_reader_gets_a_mail_of_his_own(change: ShapeChange, owner: User, inbox: Inbox) -> None:
    owner.language = "de"
    owner.save()
    tasks.announce_shape(change.pk)
    delivery = Delivery.unscoped.get()
    assert delivery.subject_key == f"shape:{change.pk}"
    deliver_all()
    assert "data.total" in plain(inbox.mails[0])


def silent(change: ShapeChange, **values: Any) -> None:
    ShapeChange.unscoped.filter(pk=change.pk).update(**values)


@pytest.mark.parametrize(
    "mend",
    [
        lambda _change: Metric.unscoped.update(value_path="data.sum"),
        lambda _change: Feed.unscoped.update(shape={"seen": {"data.total": {"number": 1}}}),
        lambda change: change.feed.connection.organisation.memberships.update(role=Role.VIEWER),
    ],
    ids=["it is read elsewhere", "it is back", "the address manages no more"],
)
def test_nobody_is_told_of_what_is_mended(
    change: ShapeChange, owner: User, inbox: Inbox, mend: Callable[[ShapeChange], object]
) -> None:
    tasks.announce_shape(change.pk)
    mend(change)
    deliver_all()
    assert inbox.mails == []


def test_what_does_not_matter_and_what_is_a_sample_is_not_told(change: ShapeChange, owner: User) -> None:
    silent(change, matters=False)
    assert notify.announce_shape(change.pk, NOW) == []
    silent(change, matters=True)
    change.feed.connection.is_sample = True
    change.feed.connection.save()
    assert notify.announce_shape(change.pk, NOW) == []
    assert notify.untold_shapes() == []
