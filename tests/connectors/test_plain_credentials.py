"""Credentials are refused in plain headers and parameters, and so are headers that each call sets by itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from rest_framework.test import APIClient

from blueprints.applying import Order, apply
from blueprints.mistakes import Mistaken
from connectors.enrichers.http import Enrichment
from connectors.kinds.http import Query, Settings
from connectors.kinds.prompt import Settings as PromptSettings
from connectors.models import Connection, Feed
from connectors.signing.forms import SignInSettings
from organisations.access import Access
from organisations.models import Organisation, User

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CREDENTIALS = [
    "Authorization", "Cookie", "X-Api-Key", "X-API-Key", "apikey", "X-Auth-Token", "Private-Token", "X-MBX-APIKEY",
    "Ocp-Apim-Subscription-Key", "DD-APPLICATION-KEY", "X-Shopify-Access-Token", "X-Password", "Proxy-Authorization",
]  # fmt: skip
OURS = ["Host", "Content-Length", "Transfer-Encoding", "Expect", "Connection", "keep-alive", "TE", "Upgrade"]
PLAIN = ["Accept-Language", "X-Api-Version", "X-Keyword", "Idempotency-Key", "X-CSRF-Token", "X-Tenant", "User-Agent"]
PARAMETERS = ["api_key", "token", "access_token", "password", "APIKEY", "key", "client_secret", "token_auth"]
IS_CREDENTIAL, IS_OURS = "is a credential. Enter it as the sign-in", "is set by the connection itself. Remove it."


def errors_of(form: type, **data: str) -> str:
    return str(form(data).errors)


@pytest.mark.parametrize("name", CREDENTIALS)
def test_a_header_with_a_credential_is_refused_wherever_headers_are_entered(name: str) -> None:
    line = f"{name}: planted"
    for form in (Settings, PromptSettings, Query, Enrichment):
        assert IS_CREDENTIAL in errors_of(form, headers=line), form
    assert IS_CREDENTIAL in errors_of(Query, steps=f"GET login\nheader {line}\nkeep token = token")


@pytest.mark.parametrize("name", OURS)
def test_a_header_that_each_call_sets_is_refused_wherever_headers_are_entered(name: str) -> None:
    line = f"{name}: planted"
    for form in (Settings, PromptSettings, Query, Enrichment):
        assert IS_OURS in errors_of(form, headers=line), form
    assert IS_OURS in errors_of(Query, headers=f"{name}: {{since}}")
    assert IS_OURS in errors_of(SignInSettings, sign_in="header", header_name=name)


@pytest.mark.parametrize("name", PLAIN)
def test_any_other_header_is_taken(name: str) -> None:
    line = f"{name}: something"
    for form in (Settings, PromptSettings, Query, Enrichment):
        assert "headers" not in form({"headers": line}).errors, form


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_with_a_credential_is_refused(name: str) -> None:
    for form in (Query, Enrichment):
        assert IS_CREDENTIAL in errors_of(form, params=f"{name}=planted"), form
    assert IS_CREDENTIAL in errors_of(Query, details_path="a/{id}", details_params=f"{name}=planted")
    assert IS_CREDENTIAL in errors_of(Query, steps=f"GET login\nparam {name}=planted\nkeep token = token")


def test_what_is_filled_by_its_name_and_what_is_only_named_so_is_taken() -> None:
    steps = "POST login\nparam password={password}\nparam key={key}\nkeep token = token"
    query = Query(
        {"steps": steps, "params": "token={token}\nkey=\ngroup_by=key", "headers": "X-Api-Key: {token}"}
    )  # fmt: skip
    assert query.is_valid(), query.errors
    enrichment = Enrichment({"sends": "token=text\nkey2=id", "body": '{"a": "{token}"}', "keeps": "key=id"})
    assert enrichment.is_valid(), enrichment.errors


@pytest.fixture
def program(editor: User) -> APIClient:
    client = APIClient()
    client.force_login(editor)
    return client


@pytest.fixture
def feed(organisation: Organisation) -> Feed:
    connection: Connection = organisation.connections.create(
        name="Shop", kind="http", settings={"address": "https://shop.example.com", "sign_in": "none"}
    )
    made: Feed = connection.feeds.create(name="Orders", query={"path": "orders"})
    return made


def test_the_api_refuses_them_with_the_same_sentences(program: APIClient, feed: Feed) -> None:
    there = f"/api/v1/growth/feeds/{feed.pk}/"
    answer = program.patch(there, {"query": {"path": "orders", "params": "api_key=planted"}}, format="json")
    assert answer.status_code == 400
    assert f"api_key {IS_CREDENTIAL}" in str(answer.json())
    connection = f"/api/v1/growth/connections/{feed.connection_id}/"
    for line, said in (
        ("X-Api-Key: planted", f"X-Api-Key {IS_CREDENTIAL}"),
        ("Host: a.example.com", f"Host {IS_OURS}"),
    ):
        settings = {"address": "https://shop.example.com", "sign_in": "none", "headers": line}
        answer = program.patch(connection, {"settings": settings}, format="json")
        assert answer.status_code == 400
        assert said in str(answer.json())


SHOP = """\
blueprint: 1
connections:
  Shop:
    kind: http
    settings: {address: "https://shop.example.com", sign_in: none, headers: {%s}}
feeds:
  Shop / Orders:
    query: {path: orders, params: {%s}}
"""


@pytest.mark.parametrize(
    ("header", "parameter", "said"),
    [
        ("X-Api-Key: planted", "", f"X-Api-Key {IS_CREDENTIAL}"),
        ("Host: a.example.com", "", f"Host {IS_OURS}"),
        ("", "api_key: planted", f"api_key {IS_CREDENTIAL}"),
    ],
)
def test_a_file_is_refused_with_the_same_sentences(access: Access, header: str, parameter: str, said: str) -> None:
    with pytest.raises(Mistaken) as caught:
        apply(access, Order(texts={"x.yaml": SHOP % (header, parameter)}), now=NOW)
    assert said in str([mistake.sentence for mistake in caught.value.mistakes])
