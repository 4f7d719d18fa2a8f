"""From the tick to the mailbox: one issue a slot, one mail a person, whatever happens in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine

from alerts import notify, reporting, sending, tasks
from alerts.models import Delivery, DeliveryState, Report, ReportRun
from connectors import asking
from connectors.models import Feed
from connectors.models.feed import Health
from organisations.models import Organisation, User
from targets.domain.terms import Status
from tests.alerts import factories
from tests.alerts.conftest import Inbox
from tests.alerts.factories import NOW

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The clock that tasks look at, standing at 08:00 in Berlin on a Friday."""
    with time_machine.travel(NOW, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def report(organisation: Organisation, owner: User) -> Report:
    """The default report of an organisation with one target, due now."""
    factories.target(organisation, owner=owner)
    return reporting.ensure_default(organisation, NOW - MINUTE)


def deliver_all() -> None:
    """Do what workers do: send everything that waits."""
    for pk in Delivery.unscoped.filter(state=DeliveryState.WAITING).values_list("pk", flat=True):
        tasks.deliver(pk)


def test_an_organisation_without_a_report_gets_one_to_its_owners(
    organisation: Organisation, owner: User, admin: User, clock: time_machine.Traveller
) -> None:
    tasks.dispatch_reports()
    tasks.dispatch_reports()
    report = organisation.reports.get()
    assert (report.name, report.at, report.weekdays) == ("Daily report", time(8), [0, 1, 2, 3, 4])
    assert report.due_at == datetime(2026, 11, 23, 7, tzinfo=UTC)  # Monday: a slot is never the moment itself
    assert [recipient.user for recipient in report.recipients.all()] == [owner]


def test_a_due_report_is_sent_to_each_recipient_once(
    report: Report, viewer: User, owner: User, inbox: Inbox, clock: time_machine.Traveller
) -> None:
    reporting.arrange(report, [owner, viewer], now=NOW - MINUTE)
    tasks.dispatch_reports()
    tasks.dispatch_reports()
    deliver_all()
    deliver_all()
    assert inbox.addresses == [owner.email, viewer.email]
    assert {delivery.state for delivery in Delivery.unscoped.all()} == {DeliveryState.SENT}
    run = report.runs.get()
    assert (run.slot_at, run.finished_at) == (NOW, NOW)
    assert {mail["Subject"] for mail in inbox.mails} == {"The target needs attention"}


def test_the_mail_arrives_whole(
    organisation: Organisation, owner: User, inbox: Inbox, clock: time_machine.Traveller
) -> None:
    targets = [factories.target(organisation, name) for name in ("Größe – 数", "Sales")]
    reporting.ensure_default(organisation, NOW - MINUTE)
    tasks.dispatch_reports()
    deliver_all()
    mail, recipient = inbox.mails[0], organisation.reports.get().recipients.get()
    text, html, *images = [part for part in mail.walk() if not part.is_multipart()]
    assert mail["Subject"] == "2 of 2 targets need attention"
    assert mail["List-Unsubscribe"].strip() == f"<http://localhost:8000/stop/{recipient.token}/>"
    assert [part.get_content_type() for part in (text, html, *images)] == [
        "text/plain",
        "text/html",
        *["image/png"] * 2,
    ]
    assert all(target.name in part.get_content() for target in targets for part in (text, html))
    assert {image["Content-ID"] for image in images} == {f"<target-{target.pk}>" for target in targets}
    assert all(image.get_content().startswith(b"\x89PNG") for image in images)
    assert all(f"cid:target-{target.pk}" in html.get_content() for target in targets)
    assert inbox.sizes[0] < 400_000


def test_two_ticks_at_once_make_one_issue(report: Report) -> None:
    first, second = reporting.due(NOW), reporting.due(NOW)
    assert len(reporting.open_run(first[0], NOW)) == 1
    assert reporting.open_run(second[0], NOW) == []
    assert report.runs.count() == 1
    report.runs.all().delete()
    assert reporting.open_run(second[0], NOW) == []  # whoever moves the due moment wins, and nobody else


def test_missed_slots_become_one_issue(report: Report, clock: time_machine.Traveller) -> None:
    clock.move_to(NOW + 10 * DAY + MINUTE)  # a Monday
    tasks.dispatch_reports()
    tasks.dispatch_reports()
    report.refresh_from_db()
    assert [run.slot_at for run in report.runs.all()] == [NOW + 10 * DAY]
    assert report.due_at == NOW + 11 * DAY


def test_each_day_has_its_own_issue_in_the_same_thread(
    report: Report, inbox: Inbox, clock: time_machine.Traveller
) -> None:
    for days in (0, 3, 4):
        clock.move_to(NOW + days * DAY)
        tasks.dispatch_reports()
        deliver_all()
    assert len({mail["Message-ID"] for mail in inbox.mails}) == 3
    assert {mail["References"] for mail in inbox.mails} == {f"<report-{report.pk}@localhost>"}


def test_an_organisation_without_targets_gets_no_mail_but_an_issue(
    organisation: Organisation, owner: User, inbox: Inbox, clock: time_machine.Traveller
) -> None:
    report = reporting.ensure_default(organisation, NOW - MINUTE)
    tasks.dispatch_reports()
    deliver_all()
    assert inbox.mails == []
    assert report.runs.get().finished_at == NOW


def test_paused_targets_alone_are_nothing_to_tell(report: Report, inbox: Inbox, clock: time_machine.Traveller) -> None:
    report.organisation.targets.update(paused_at=NOW)
    tasks.dispatch_reports()
    deliver_all()
    assert inbox.mails == []


def test_a_report_that_is_switched_off_is_not_sent(report: Report, owner: User, clock: time_machine.Traveller) -> None:
    report.is_active = False
    reporting.arrange(report, [owner], now=NOW - MINUTE)
    tasks.dispatch_reports()
    assert report.due_at is None
    assert not report.runs.exists()


@pytest.mark.parametrize("when", ["before the tick", "before sending"])
def test_a_removed_member_gets_nothing(
    report: Report, owner: User, viewer: User, inbox: Inbox, clock: time_machine.Traveller, when: str
) -> None:
    reporting.arrange(report, [owner, viewer], now=NOW - MINUTE)
    if when == "before sending":
        tasks.dispatch_reports()
    viewer.memberships.all().delete()
    tasks.dispatch_reports()
    deliver_all()
    assert inbox.addresses == [owner.email]
    assert report.runs.get().finished_at == NOW


def test_an_organisation_deleted_in_flight_gets_nothing(
    report: Report, inbox: Inbox, clock: time_machine.Traveller
) -> None:
    tasks.dispatch_reports()
    pk = Delivery.unscoped.get().pk
    report.organisation.delete()
    tasks.deliver(pk)
    assert inbox.mails == []


def test_a_sender_killed_before_marking_sends_again_with_the_same_id(
    report: Report, inbox: Inbox, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks.dispatch_reports()
    with monkeypatch.context() as patch:
        patch.setattr(sending, "settle", _die)
        with pytest.raises(SystemExit):
            deliver_all()
    deliver_all()
    assert len(inbox.mails) == 1  # the lease holds
    clock.shift(sending.LEASE)
    tasks.sweep()
    deliver_all()
    assert len(inbox.mails) == 2
    assert len({mail["Message-ID"] for mail in inbox.mails}) == 1
    assert Delivery.unscoped.get().state == DeliveryState.SENT


def _die(*args: object, **kwargs: object) -> None:
    raise SystemExit


@pytest.mark.usefixtures("dead_server")
def test_a_dead_server_keeps_the_mail_waiting(report: Report, clock: time_machine.Traveller) -> None:
    tasks.dispatch_reports()
    deliver_all()
    delivery = Delivery.unscoped.get()
    assert (delivery.state, delivery.attempts) == (DeliveryState.WAITING, 1)
    assert ReportRun.unscoped.get().finished_at is None


def test_a_change_is_told_to_the_targets_owner_once(
    organisation: Organisation, owner: User, editor: User, inbox: Inbox, clock: time_machine.Traveller
) -> None:
    target = factories.target(organisation, owner=editor)
    change = factories.change(target, old=Status.ON_TRACK, new=Status.AT_RISK)
    assert len(notify.announce(change.pk, NOW)) == 1
    assert notify.announce(change.pk, NOW + MINUTE) == []
    tasks.announce_change(change.pk)
    deliver_all()
    change.refresh_from_db()
    assert inbox.addresses == [editor.email]
    assert change.announced_at == NOW


def test_an_unannounced_change_is_taken_up_by_the_sweep(
    organisation: Organisation, owner: User, inbox: Inbox, clock: time_machine.Traveller
) -> None:
    factories.change(factories.target(organisation, owner=owner), old=Status.ON_TRACK, new=Status.AT_RISK)
    tasks.sweep()
    assert not Delivery.unscoped.exists()  # the task that wrote it is still about to announce it
    clock.shift(2 * MINUTE)
    tasks.sweep()
    deliver_all()
    assert inbox.addresses == [owner.email]


@pytest.mark.parametrize("why", ["no owner", "left", "sample", "paused", "overtaken"])
def test_a_change_that_concerns_nobody_is_marked_and_not_sent(
    organisation: Organisation, owner: User, viewer: User, clock: time_machine.Traveller, why: str
) -> None:
    target = factories.target(organisation, owner=None if why == "no owner" else viewer, is_sample=why == "sample")
    change = factories.change(target, old=Status.ON_TRACK, new=Status.AT_RISK)
    if why == "left":
        viewer.memberships.all().delete()
    if why == "paused":
        organisation.targets.update(paused_at=NOW)
    if why == "overtaken":
        factories.change(target, old=Status.AT_RISK, new=Status.ON_TRACK, at=NOW + MINUTE)
    tasks.announce_change(change.pk)
    change.refresh_from_db()
    assert change.announced_at == NOW
    assert not Delivery.unscoped.exists()


@pytest.fixture
def keyless_feed(organisation: Organisation) -> Feed:
    """A feed whose key is taken no more."""
    feed = factories.metric(organisation, "Billing API").feed
    feed.problem = {"code": "key_refused", "data": {"status": 401}}
    feed.health, feed.failing_since = Health.UNAUTHORISED, NOW - MINUTE
    feed.save()
    return feed


def test_a_lost_key_is_told_once_to_those_who_manage(
    keyless_feed: Feed, owner: User, admin: User, editor: User, inbox: Inbox, clock: time_machine.Traveller
) -> None:
    tasks.announce_feed(keyless_feed.pk)
    assert notify.announce_feed(keyless_feed.pk, NOW) == []
    tasks.sweep()
    deliver_all()
    keyless_feed.refresh_from_db()
    assert inbox.addresses == [admin.email, owner.email]
    assert keyless_feed.owners_told_at == NOW


def beside(feed: Feed, name: str) -> Feed:
    """Another feed of the same connection, whose key was refused a minute earlier."""
    made: Feed = feed.connection.feeds.create(
        name=name, problem=feed.problem, health=Health.UNAUTHORISED, failing_since=NOW - 2 * MINUTE
    )
    return made


def test_one_key_of_several_feeds_is_told_of_once_and_again_when_the_next_one_is_refused(
    keyless_feed: Feed, owner: User, inbox: Inbox, clock: time_machine.Traveller
) -> None:
    feeds = [keyless_feed, *(beside(keyless_feed, name) for name in ("Orders", "Refunds"))]
    for feed in feeds:
        tasks.announce_feed(feed.pk)
    tasks.sweep()
    deliver_all()
    assert inbox.addresses == [owner.email]
    assert not Feed.unscoped.filter(owners_told_at=None).exists()
    asking.again(keyless_feed.connection, NOW)  # a new key
    Feed.unscoped.update(health=Health.UNAUTHORISED, failing_since=NOW + MINUTE)
    for feed in reversed(feeds):
        tasks.announce_feed(feed.pk)
    deliver_all()
    assert inbox.addresses == [owner.email] * 2


def test_a_feed_that_is_set_aside_is_told_of_beside_a_refused_key(
    keyless_feed: Feed, owner: User, inbox: Inbox, clock: time_machine.Traveller
) -> None:
    gone = beside(keyless_feed, "Gone")
    Feed.unscoped.filter(pk=gone.pk).update(health=Health.FAILING, set_aside_at=NOW)
    for feed in (keyless_feed, gone):
        tasks.announce_feed(feed.pk)
    deliver_all()
    assert inbox.addresses == [owner.email] * 2


def test_a_lost_key_nobody_was_told_of_is_taken_up_by_the_sweep(
    keyless_feed: Feed, owner: User, inbox: Inbox, clock: time_machine.Traveller
) -> None:
    tasks.sweep()
    deliver_all()
    assert inbox.addresses == [owner.email]


def test_a_key_mended_before_the_mail_went_out_is_not_mentioned(
    keyless_feed: Feed, owner: User, inbox: Inbox, clock: time_machine.Traveller
) -> None:
    tasks.announce_feed(keyless_feed.pk)
    Feed.unscoped.filter(pk=keyless_feed.pk).update(health=Health.FRESH)
    deliver_all()
    assert inbox.mails == []


def test_a_test_goes_to_the_one_who_asked_for_it(
    report: Report, viewer: User, inbox: Inbox, clock: time_machine.Traveller
) -> None:
    tasks.deliver(reporting.order_test(report, viewer, NOW).pk)
    assert inbox.addresses == [viewer.email]
    assert "List-Unsubscribe" not in inbox.mails[0]
