"""The pages of reports: who may see and change what, the preview, and the way out that needs no sign-in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from alerts import reporting
from alerts.models import Delivery, DeliveryState, Recipient, Report
from organisations.models import Organisation, User
from tests.alerts import factories
from tests.alerts.factories import NOW

ClientOf = Callable[[User], Client]
TO_CHANGE = [("report-edit", True), ("report-new", False), ("report-edit-mail", True), ("report-new-mail", False)]


@pytest.fixture
def report(organisation: Organisation, owner: User) -> Report:
    return reporting.ensure_default(organisation, NOW)


@pytest.fixture
def place(report: Report) -> Recipient:
    recipient: Recipient = report.recipients.get()
    return recipient


def page(name: str, report: Report, *args: object) -> str:
    return reverse(name, args=[report.organisation.slug, *args])


def is_stopped(place: Recipient) -> bool:
    return Recipient.unscoped.filter(pk=place.pk, stopped_at__isnull=False).exists()


def answers(*people: User, **changes: object) -> dict[str, object]:
    """Return the form as filled in, with these people ticked."""
    filled = {"targets": "", "name": "Daily report", "at": "08:00", "weekdays": [0, 1, 2, 3, 4], "is_active": "on"}
    return {**filled, "people": [person.pk for person in people], **changes}


def test_the_first_look_makes_the_default_report(
    organisation: Organisation, owner: User, viewer: User, client_of: ClientOf
) -> None:
    response = client_of(viewer).get(reverse("reports", args=[organisation.slug]))
    assert response.status_code == 200
    assert [recipient.user for recipient in organisation.reports.get().recipients.all()] == [owner]
    assert "Monday to Friday at 08:00" in response.content.decode()


def test_the_page_says_how_each_mail_went(report: Report, viewer: User, client_of: ClientOf) -> None:
    for state, error in (("sent", ""), ("failed", "550 no such mailbox"), ("waiting", "451 greylisted")):
        report.organisation.deliveries.create(
            subject_key=f"test:{report.pk}:{state}", address="x@example.com", state=state, error=error, due_at=NOW
        )
    text = client_of(viewer).get(page("reports", report)).content.decode()
    assert "Given up. 550 no such mailbox" in text
    assert "451 greylisted" in text
    assert "Send again" not in text  # a viewer may look


def test_a_manager_changes_schedule_and_people(
    report: Report, owner: User, admin: User, viewer: User, client_of: ClientOf
) -> None:
    changes = {"at": "15:30", "weekdays": [4]}
    response = client_of(admin).post(page("report-edit", report, report.pk), answers(admin, viewer, **changes))
    assert response.status_code == 302
    report.refresh_from_db()
    assert (report.at, report.weekdays) == (time(15, 30), [4])
    assert report.due_at is not None
    assert report.due_at > datetime.now(UTC)
    assert {recipient.user for recipient in report.recipients.all()} == {admin, viewer}


def test_only_members_can_be_chosen(report: Report, owner: User, outsider: User, client_of: ClientOf) -> None:
    response = client_of(owner).post(page("report-edit", report, report.pk), answers(outsider))
    assert response.status_code == 200
    assert not report.recipients.filter(user=outsider).exists()


@pytest.mark.parametrize("wrong", [{"weekdays": []}, {"at": "25:00"}, {"name": ""}, {"name": "Weekly"}])
def test_a_wrong_answer_is_refused_where_it_stands(
    report: Report, owner: User, client_of: ClientOf, wrong: dict[str, object]
) -> None:
    report.organisation.reports.create(name="Weekly")
    response = client_of(owner).post(page("report-edit", report, report.pk), answers(owner, **wrong))
    assert response.status_code == 200
    assert "There is a problem" in response.content.decode()


def test_a_new_report_is_scheduled(organisation: Organisation, owner: User, client_of: ClientOf) -> None:
    client_of(owner).post(reverse("report-new", args=[organisation.slug]), answers(owner, name="Fridays", weekdays=[4]))
    created = organisation.reports.get(name="Fridays")
    assert created.due_at is not None
    assert created.due_at.weekday() == 4


def test_a_new_report_of_a_team_is_scheduled_and_tested_at_once(
    organisation: Organisation, owner: User, client_of: ClientOf
) -> None:
    growth = factories.target(organisation, "Sign-ups")
    growth.team = "Growth & more"
    growth.save()
    browser, address = client_of(owner), reverse("report-new", args=[organisation.slug])
    assert "the targets of Growth &amp; more" in browser.get(address).content.decode()
    browser.post(address, answers(owner, name="Fridays", targets="team=Growth+%26+more", test="yes"))
    created = organisation.reports.get(name="Fridays")
    assert (created.team, created.tag) == ("Growth & more", "")
    assert Delivery.unscoped.get().subject_key.startswith(f"test:{created.pk}:")


def test_a_team_that_is_gone_stays_chosen_until_another_is(report: Report, owner: User, client_of: ClientOf) -> None:
    report.team = "Growth"
    report.save()
    browser, address = client_of(owner), page("report-edit", report, report.pk)
    assert '<option value="team=Growth" selected>' in browser.get(address).content.decode()
    assert browser.post(address, answers(owner, targets="team=Growth")).status_code == 302
    report.refresh_from_db()
    assert report.team == "Growth"
    assert browser.post(address, answers(owner)).status_code == 302
    report.refresh_from_db()
    assert report.team == ""
    refused = browser.post(address, answers(owner, targets="team=Growth"))
    assert "This team or tag is not there any more" in refused.content.decode()


def test_the_mail_beside_the_form_follows_what_stands_in_it(report: Report, owner: User, client_of: ClientOf) -> None:
    for name, team in (("Sign-ups", "Growth"), ("Uptime", "Platform")):
        target = factories.target(report.organisation, name)
        target.team = team
        target.save()
    browser, address = client_of(owner), page("report-edit-mail", report, report.pk)
    changes = {"targets": "team=Platform", "weekdays": [4], "at": "15:00", "name": ""}
    asked = urlencode(answers(owner, **changes), doseq=True)
    for answer in (browser.get(f"{address}?{asked}"), browser.post(address, answers(owner, **changes))):
        text = answer.content.decode()
        assert "Uptime" in text
        assert "Sign-ups" not in text
        assert "every Friday at 15:00" in text
        assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    report.refresh_from_db()
    assert (report.team, report.weekdays) == ("", [0, 1, 2, 3, 4])


def test_the_page_of_a_new_report_shows_its_mail(report: Report, owner: User, client_of: ClientOf) -> None:
    factories.target(report.organisation, "Uptime")
    response = client_of(owner).get(page("report-new", report))
    assert page("report-new-mail", report) in response.content.decode()
    assert "frame-src 'self'" in response["Content-Security-Policy"]
    assert "Uptime" in client_of(owner).get(page("report-new-mail", report)).content.decode()


def test_the_sentence_holds_each_control_once(report: Report, owner: User, client_of: ClientOf) -> None:
    text = client_of(owner).get(page("report-edit", report, report.pk)).content.decode()
    assert [text.count(f'name="{name}"') for name in ("targets", "people", "weekdays", "at")] == [1, 1, 7, 1]
    assert "(Europe/Berlin)." in text


def test_who_stopped_a_report_is_named(report: Report, place: Recipient, viewer: User, client_of: ClientOf) -> None:
    address = page("report-preview", report, report.pk)
    assert "Stopped it" not in client_of(viewer).get(address).content.decode()
    reporting.stop(place, NOW)
    assert "Stopped it" in client_of(viewer).get(address).content.decode()


def test_whoever_lives_by_another_clock_reads_whose_clock_it_is(
    report: Report, viewer: User, client_of: ClientOf
) -> None:
    viewer.time_zone = "America/New_York"
    viewer.save()
    text = client_of(viewer).get(page("reports", report)).content.decode()
    assert "Monday to Friday at 08:00 (Europe/Berlin)" in text
    assert ", 02:00</time>" in text


def test_somebody_who_stopped_it_stays_stopped_when_it_is_saved(
    report: Report, place: Recipient, owner: User, client_of: ClientOf
) -> None:
    reporting.stop(place, NOW)
    client_of(owner).post(page("report-edit", report, report.pk), answers(owner))
    place.refresh_from_db()
    assert place.stopped_at == NOW


@pytest.mark.parametrize(("name", "takes_pk"), TO_CHANGE)
@pytest.mark.parametrize("role", ["editor", "viewer"])
def test_only_managers_change_reports(
    report: Report, request: pytest.FixtureRequest, client_of: ClientOf, name: str, takes_pk: bool, role: str
) -> None:
    address = page(name, report, *([report.pk] if takes_pk else []))
    browser = client_of(request.getfixturevalue(role))
    assert browser.get(address).status_code == 403
    assert browser.post(address, answers()).status_code == 403


@pytest.mark.parametrize("name", ["report-edit", "report-preview", "report-mail", "report-test"])
def test_a_report_of_another_organisation_is_not_there(
    report: Report, outsider: User, elsewhere: Organisation, client_of: ClientOf, name: str
) -> None:
    browser = client_of(outsider)
    assert browser.get(page(name, report, report.pk)).status_code == 404
    assert browser.post(reverse(name, args=[elsewhere.slug, report.pk])).status_code == 404


def test_the_preview_shows_the_mail_in_a_frame_that_can_do_nothing(
    report: Report, viewer: User, client_of: ClientOf
) -> None:
    factories.target(report.organisation)
    response = client_of(viewer).get(page("report-preview", report, report.pk))
    text = response.content.decode()
    assert page("report-mail", report, report.pk) in text
    assert "allow-scripts" not in text
    assert "frame-src 'self'" in response["Content-Security-Policy"]


def test_the_mail_in_the_frame_has_its_own_policy(report: Report, viewer: User, client_of: ClientOf) -> None:
    target = factories.target(report.organisation, name="<script>alert(1)</script>")
    response = client_of(viewer).get(page("report-mail", report, report.pk))
    text = response.content.decode()
    policy = response["Content-Security-Policy"]
    assert "style-src 'unsafe-inline'" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'self'" in policy
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert "<script" not in text
    assert reverse("target-png", args=[report.organisation.slug, target.pk]) in text
    assert "cid:" not in text


def test_the_charts_of_the_mail_speak_its_language_whatever_the_readers_is(
    report: Report, viewer: User, client_of: ClientOf
) -> None:
    target, browser = factories.target(report.organisation), client_of(viewer)
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    here = reverse("target-png", args=[report.organisation.slug, target.pk])
    mail = browser.get(page("report-mail", report, report.pk)).content.decode()
    assert f'src="{here}?language=en-gb"' in mail
    english, german = browser.get(f"{here}?language=en-gb"), browser.get(here)
    assert "-en-gb-" in english["ETag"]
    assert "-de-" in german["ETag"]
    assert english.content != german.content
    assert browser.get(f"{here}?language=tlh")["ETag"] == german["ETag"]


def test_the_policy_of_the_mail_reaches_no_other_page(report: Report, viewer: User, client_of: ClientOf) -> None:
    assert "unsafe-inline" not in client_of(viewer).get(page("reports", report))["Content-Security-Policy"]


def test_without_targets_the_preview_says_so(report: Report, viewer: User, client_of: ClientOf) -> None:
    browser = client_of(viewer)
    for name in ("report-preview", "report-mail"):
        assert "No target is in this report yet" in browser.get(page(name, report, report.pk)).content.decode()


def test_a_test_is_ordered_by_post_alone(report: Report, viewer: User, client_of: ClientOf) -> None:
    address = page("report-test", report, report.pk)
    assert client_of(viewer).get(address).status_code == 405
    assert client_of(viewer).post(address).status_code == 302
    delivery = Delivery.unscoped.get()
    assert (delivery.address, delivery.state) == (viewer.email, DeliveryState.WAITING)


def test_a_given_up_mail_is_sent_again_by_a_manager(
    report: Report, owner: User, viewer: User, client_of: ClientOf
) -> None:
    delivery = reporting.order_test(report, owner, NOW)
    Delivery.unscoped.update(state=DeliveryState.FAILED)
    address = page("delivery-again", report, delivery.pk)
    assert client_of(viewer).post(address).status_code == 403
    assert client_of(owner).post(address).status_code == 302
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.WAITING


def test_the_stop_link_asks_first_and_works_signed_out(place: Recipient) -> None:
    address = reverse("report-stop", args=[place.token])
    browser = Client(enforce_csrf_checks=True)
    assert "Stop this report" in browser.get(address).content.decode()
    assert not is_stopped(place)  # programs that look at links stop nothing
    browser.post(address)
    assert is_stopped(place)
    assert "Send it to me again" in browser.get(address).content.decode()
    browser.post(address, {"again": "yes"})
    assert not is_stopped(place)


def test_a_mail_program_stops_it_in_one_click(place: Recipient) -> None:
    response = Client(enforce_csrf_checks=True).post(
        reverse("report-stop", args=[place.token]), {"List-Unsubscribe": "One-Click"}
    )
    assert response.status_code == 200
    assert is_stopped(place)


def test_stopping_twice_keeps_the_first_time(place: Recipient) -> None:
    reporting.stop(place, NOW)
    Client().post(reverse("report-stop", args=[place.token]))
    place.refresh_from_db()
    assert place.stopped_at == NOW


@pytest.mark.django_db
def test_an_unknown_token_leads_nowhere() -> None:
    address = reverse("report-stop", args=[uuid4()])
    assert Client().get(address).status_code == 404
    assert Client().post(address).status_code == 404
