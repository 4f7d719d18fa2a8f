"""In which language each mail is written: the person's own, else the organisation's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse
from django.utils.translation import get_language, trans_real
from pytest_django import Settings

from alerts import letters, notify, reporting
from alerts.models import Delivery, Report
from connectors.models import Feed
from connectors.models.feed import Health
from organisations.models import Organisation, User
from targets.domain.terms import Status
from tests.alerts import factories
from tests.alerts.factories import NOW

GERMAN = {
    "Target": "Ziel (deutsch)",
    "Enter a new key": "Neuer Schlüssel (deutsch)",
    "Open this target": "Ziel öffnen (deutsch)",
    "Daily report": "Tagesbericht (deutsch)",
    "Reset your Waymark password": "Neues Passwort (deutsch)",
    "Hello,": "Hallo (deutsch),",
    "Stop this report?": "Abbestellen (deutsch)?",
}


@pytest.fixture
def german(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """A German catalogue of a few sentences, before all others."""
    folder, catalogue = tmp_path / "de" / "LC_MESSAGES", Catalog(locale="de")
    folder.mkdir(parents=True)
    for english, said in GERMAN.items():
        catalogue.add(english, said)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalogue)
    settings.LOCALE_PATHS = [tmp_path]
    vars(trans_real)["_translations"].clear()
    yield
    vars(trans_real)["_translations"].clear()


@pytest.fixture
def report(organisation: Organisation, owner: User) -> Report:
    factories.target(organisation, owner=owner)
    return reporting.ensure_default(organisation, NOW - timedelta(minutes=1))


def issue(report: Report) -> Delivery:
    """Make the report's issue that is due, for its one recipient."""
    [pk] = reporting.open_run(report, NOW)
    delivery: Delivery = Delivery.unscoped.get(pk=pk)
    return delivery


def speaks(person: User | Organisation, language: str) -> None:
    person.language = language
    person.save()


@pytest.mark.parametrize(
    ("own", "organisations", "expected"),
    [("", "en-gb", "en-gb"), ("", "de", "de"), ("de", "en-gb", "de"), ("en-gb", "de", "en-gb")],
)
@pytest.mark.usefixtures("german")
def test_a_report_speaks_the_persons_language_else_the_organisations(
    report: Report, owner: User, own: str, organisations: str, expected: str
) -> None:
    speaks(owner, own)
    speaks(report.organisation, organisations)
    letter = letters.letter_of(issue(report), NOW)
    assert letter is not None
    assert f'<html lang="{expected}">' in letter.html
    in_german = expected == "de"
    for text in (letter.html, letter.text):
        assert ("Ziel (deutsch)" in text) == in_german
        assert ("Freitag" in text) == in_german
        assert ("1.200" in text) == in_german
        assert ("1,200" in text) != in_german
    assert get_language() == "en-gb"


@pytest.mark.usefixtures("german")
def test_a_change_is_told_in_german(organisation: Organisation, owner: User) -> None:
    speaks(organisation, "de")
    change = factories.change(factories.target(organisation, owner=owner), old=Status.ON_TRACK, new=Status.AT_RISK)
    [pk] = notify.announce(change.pk, NOW)
    letter = letters.letter_of(Delivery.unscoped.get(pk=pk), NOW)
    assert letter is not None
    assert "Ziel öffnen (deutsch)" in letter.html
    assert "Freitag" in letter.text


@pytest.mark.usefixtures("german")
def test_a_lost_key_is_told_in_german(organisation: Organisation, owner: User) -> None:
    speaks(owner, "de")
    feed = factories.metric(organisation, "Billing API").feed
    Feed.unscoped.filter(pk=feed.pk).update(health=Health.UNAUTHORISED, failing_since=NOW)
    [pk] = notify.announce_feed(feed.pk, NOW)
    letter = letters.letter_of(Delivery.unscoped.get(pk=pk), NOW)
    assert letter is not None
    assert "Neuer Schlüssel (deutsch)" in letter.html


@pytest.mark.usefixtures("german")
def test_the_first_report_has_a_name_in_the_organisations_language(organisation: Organisation, owner: User) -> None:
    speaks(organisation, "de")
    assert reporting.ensure_default(organisation, NOW).name == "Tagesbericht (deutsch)"


@pytest.mark.usefixtures("german")
def test_the_way_out_speaks_as_the_mail_did(report: Report, owner: User) -> None:
    speaks(owner, "de")
    place = report.recipients.get()
    assert "Abbestellen (deutsch)?" in Client().get(reverse("report-stop", args=[place.token])).content.decode()


@pytest.mark.parametrize(
    ("language", "expected"), [("de", "Neues Passwort (deutsch)"), ("", "Reset your Waymark password")]
)
@pytest.mark.usefixtures("german")
def test_a_new_password_is_offered_in_the_persons_language(owner: User, language: str, expected: str) -> None:
    speaks(owner, language)
    Client().post(reverse("account_reset_password"), {"email": owner.email})
    [sent] = mail.outbox
    assert sent.subject == expected
    assert "/account/reset/" in sent.body


@pytest.mark.usefixtures("german")
def test_an_invitation_speaks_the_organisations_language(
    organisation: Organisation, owner: User, client_of: Callable[[User], Client]
) -> None:
    speaks(organisation, "de")
    address = reverse("people", args=[organisation.slug])
    client_of(owner).post(address, {"email": "somebody@example.com", "role": "viewer"})
    [sent] = mail.outbox
    assert isinstance(sent, EmailMultiAlternatives)
    html = str(sent.alternatives[0][0])
    for text in (sent.body, html):
        assert "Hallo (deutsch)," in text
    assert '<html lang="de">' in html
