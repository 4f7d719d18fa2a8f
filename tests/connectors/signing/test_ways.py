"""What every way of signing in must offer, and the fields that forms, pages, files and the API take from it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from connectors import signing
from connectors.forms import CHOSEN, KeyForm
from connectors.models import Connection
from connectors.signing.contract import Way
from connectors.signing.forms import SignInSecrets, SignInSettings
from connectors.signing.registry import ALL, BY_SLUG
from organisations.models import Organisation, User
from tests.connectors.asking import Api, error_of, trial
from tests.connectors.signing.keys import SHARED

ADDRESS = {"address": "https://api.example.com"}
FILLED = {
    "token_address": "https://login.example.com/token",
    "client_id": "us",
    "issuer": "us",
}
BESIDE = {"address", "sign_in"}


@pytest.fixture(params=ALL, ids=[way.SLUG for way in ALL])
def way(request: pytest.FixtureRequest) -> Way:
    found: Way = request.param
    return found


def test_the_common_ways_come_first_and_none_is_the_usual_one() -> None:
    common = [way.IS_COMMON for way in ALL]
    assert common == sorted(common, reverse=True)
    assert ALL[0].SLUG == signing.NONE
    assert len(BY_SLUG) == len(ALL)
    assert SignInSettings().fields["sign_in"].initial == signing.NONE


def test_it_says_what_it_is_and_goes_by_fields_that_there_are(way: Way) -> None:
    assert way.LABEL
    assert way.__doc__
    assert set(way.SETTINGS) <= set(SignInSettings.base_fields)
    assert set(way.SECRETS) <= set(SignInSecrets.base_fields)
    assert set(way.NEEDED) <= {*way.SETTINGS, *way.SECRETS}
    assert way.SLUG in dict(signing.WAYS)


def test_every_field_belongs_to_a_way_and_is_shown_with_it() -> None:
    fields = {*SignInSettings.base_fields, *SignInSecrets.base_fields} - BESIDE
    assert fields == set(signing.FIELDS)
    for name in fields:
        chooser, ways = CHOSEN[name]
        assert chooser == "sign_in"
        assert ways == [way.SLUG for way in ALL if name in (*way.SETTINGS, *way.SECRETS)]


def test_its_settings_alone_make_a_valid_form(way: Way) -> None:
    needed = {name: value for name, value in FILLED.items() if name in way.SETTINGS}
    form = SignInSettings({**ADDRESS, "sign_in": way.SLUG, **needed})
    assert form.is_valid(), form.errors
    stored = json.loads(json.dumps(form.cleaned_data))
    again = SignInSettings(stored)
    assert again.is_valid()
    assert again.cleaned_data == stored
    assert isinstance(way.places(stored), frozenset)


def test_what_it_needs_is_asked_for_at_its_field(way: Way) -> None:
    form = SignInSettings({**ADDRESS, "sign_in": way.SLUG})
    assert form.is_valid() == (not set(way.NEEDED) & set(way.SETTINGS))
    assert set(form.errors) == set(way.NEEDED) & set(way.SETTINGS)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("claims", "[1]", "Write the claims as JSON"),
        ("claims", "{role", "Write the claims as JSON"),
        ("claims", '{"exp": 1}', "The claim exp has a field of its own."),
        ("signed_text", "{verb}", "{verb} is not known here"),
        ("signature_form", "{path}", "{path} is not known here"),
        ("timestamp_header", "X Time", "is not the name of a header"),
        ("token_address", "crm", None),
        ("token_address", "https://u:p@login.example.com", "The address holds a key."),
        ("life", "7", "cannot be chosen"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(name: str, value: str, said: str | None) -> None:
    form = SignInSettings({**ADDRESS, name: value})
    if said is None:  # a host by itself, and never what follows a gateway's address
        assert form.is_valid()
        assert form.cleaned_data[name] == f"https://{value}"
        return
    assert list(form.errors) == [name]
    assert said in form.errors[name][0]


@pytest.mark.parametrize(
    ("text", "more", "wrong"),
    [
        ("{timestamp}", {}, ["timestamp_header"]),
        ("{timestamp}", {"timestamp_header": "X-Time"}, []),
        ("{timestamp}", {"signature_form": "{timestamp},{signature}"}, []),
        ("{nonce}{timestamp}", {}, ["nonce_header", "timestamp_header"]),
        ("{method}", {}, []),
    ],
)
def test_what_is_signed_has_to_be_told(text: str, more: dict[str, str], wrong: list[str]) -> None:
    form = SignInSettings({**ADDRESS, "sign_in": "hmac", "signed_text": text, **more})
    assert sorted(form.errors) == wrong
    assert SignInSettings({**ADDRESS, "sign_in": "none", "signed_text": text, **more}).is_valid()


def test_lines_are_ended_as_they_are_signed() -> None:
    form = SignInSettings({**ADDRESS, "signed_text": "{method}\r\n{path}\r{query}"})
    assert form.is_valid()
    assert form.cleaned_data["signed_text"] == "{method}\n{path}\n{query}"


def test_without_a_secret_nothing_is_sent(way: Way, httpserver: Any) -> None:
    api = Api(httpserver)
    error_wanted = bool(set(way.NEEDED) & set(way.SECRETS))
    settings: dict[str, Any] = {name: FILLED[name] for name in FILLED if name in way.SETTINGS}
    tried = trial(api.address, sign_in=way.SLUG, **settings)
    if not error_wanted:
        assert tried.error is None
        return
    assert error_of(tried).message == "The connection has no key yet. Enter it."
    assert api.requests == []


def test_the_page_for_a_new_key_asks_for_what_the_way_takes(way: Way, organisation: Organisation) -> None:
    row = Connection(organisation=organisation, kind="http", settings={**ADDRESS, "sign_in": way.SLUG})
    assert sorted(KeyForm.names_for(row)) == sorted(way.SECRETS)


def test_a_key_of_several_lines_has_room_and_is_never_sent_back(
    organisation: Organisation, owner: User, client_of: Any
) -> None:
    row: Connection = organisation.connections.create(
        name="Numbers", kind="http", settings={**ADDRESS, "sign_in": "jwt"}
    )
    row.seal({"signing_key": SHARED})
    row.save()
    browser: Client = client_of(owner)
    for page in ("edit", "key"):
        text = browser.get(f"/growth/connections/{row.pk}/{page}/").content.decode()
        assert 'name="secrets-signing_key"' in text or 'name="signing_key"' in text
        assert "<textarea" in text.partition("signing_key")[0].rpartition("<")[1] + text
        assert SHARED not in text


def test_the_program_stores_any_way_and_gets_no_secret_back(
    way: Way, organisation: Organisation, owner: User, api: Any
) -> None:
    program: APIClient = api(owner)
    settings = {**ADDRESS, "sign_in": way.SLUG, **{name: FILLED[name] for name in FILLED if name in way.SETTINGS}}
    secrets = {name: f"planted-{name}-of-{way.SLUG}" for name in way.SECRETS}
    answer = program.post(
        "/api/v1/growth/connections/",
        {"name": "Numbers", "kind": "http", "settings": settings, "secrets": secrets},
        format="json",
    )
    assert answer.status_code == 201, answer.json()
    told = json.dumps(answer.json()) + json.dumps(program.get("/api/v1/growth/connections/").json())
    assert set(answer.json()["masks"]) == set(way.SECRETS)
    assert not [secret for secret in secrets.values() if secret in told]
    assert Connection.unscoped.get().unseal() == secrets


@pytest.mark.parametrize("name", ["address", "token_address"])
def test_secrets_travel_neither_to_another_service_nor_to_another_login(
    name: str, organisation: Organisation, owner: User, api: Any
) -> None:
    settings = {**ADDRESS, **FILLED, "sign_in": "client_credentials"}
    row: Connection = organisation.connections.create(name="Numbers", kind="http", settings=settings)
    row.seal({"client_secret": "planted"})
    row.save()
    program: APIClient = api(owner)
    moved = {"settings": {name: "https://thief.example/token"}}
    answer = program.patch(f"/api/v1/growth/connections/{row.pk}/", moved, format="json")
    assert answer.status_code == 400
    assert "does not travel" in answer.json()["errors"]["secrets"][0]
    program.patch(f"/api/v1/growth/connections/{row.pk}/", {**moved, "secrets": {"key": "another"}}, format="json")
    row.refresh_from_db()
    assert row.unseal() == {"key": "another"}
