"""The wizard signs in by every way, and sets up connections behind a gateway."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_httpserver import HTTPServer

from connectors import signing
from connectors.models import Connection
from connectors.sign_in_forms import SignInForm
from organisations.models import Organisation, User
from tests.connectors.asking import Api
from tests.connectors.signing.login import Login

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Shown

ADDRESS, SIGN_IN, PICK = "/growth/connections/new/", "/growth/connections/new/sign-in/", "/growth/connections/new/pick/"
SECRET = "planted-client-secret"
SAVING = {"path": "[0].value", "nature": "level", "name": "Numbers", "unit": "", "decimals": "0", "every": "60"}


@pytest.fixture
def client(editor: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(editor)


@pytest.fixture
def login(httpserver: HTTPServer) -> Login:
    return Login(httpserver)


def page(response: Shown) -> str:
    return response.content.decode()


def entered(login: Login, way: str, **more: str) -> dict[str, str]:
    told = {"token_address": login.token_address, "client_id": "our client", "client_secret": SECRET}
    return {**SignInForm().initial, "sign_in": way, **told, **more}


def saved(client: Client) -> Connection:
    """Save what was picked; returns the connection."""
    shown = page(client.get(PICK))
    fields = dict(re.findall(r'name="(how)" value="(\w+)"', shown))
    response = client.post(PICK, {**SAVING, **fields})
    assert response.status_code == 302, page(response)
    return Connection.unscoped.get(name__startswith="localhost")


def test_the_common_ways_stand_first_and_the_others_are_folded_away(client: Client, login: Login) -> None:
    client.post(ADDRESS, {"address": f"{login.address}/numbers"})
    shown = page(client.get(SIGN_IN))
    common, more = shown.split("More ways to sign in")
    values = re.compile(r'name="sign_in" value="(\w+)"')
    assert values.findall(common) == ["none", "bearer", "header", "query", "basic"]
    assert values.findall(more) == [way for way, _ in signing.WITHOUT_STEPS][5:]
    assert '<details class="more">' in shown
    assert "Client secret" in shown


def test_each_field_is_shown_with_the_ways_that_go_by_it(client: Client, login: Login) -> None:
    client.post(ADDRESS, {"address": f"{login.address}/numbers"})
    shown = page(client.get(SIGN_IN))
    rules = (Path(__file__).parents[3] / "static/css/connections.css").read_text(encoding="utf-8")
    for way, _ in signing.WITHOUT_STEPS[1:]:
        assert f'.sign-in:has(input[value="{way}"]:checked) .for-{way}' in rules
    of_secret = shown.partition("Client secret")[0].split('<div class="of-way ')[-1]
    assert of_secret.startswith('for-client_credentials for-refresh_token">')


def test_a_client_signs_in_and_the_connection_is_saved_with_it(client: Client, login: Login) -> None:
    client.post(ADDRESS, {"address": f"{login.address}/numbers"})
    response = client.post(SIGN_IN, entered(login, "client_credentials", scope="read"), follow=True)
    assert response.request["PATH_INFO"] == PICK
    assert "OAuth 2 with client name and secret: <code>" in page(response)
    connection = saved(client)
    assert connection.settings["token_address"] == login.token_address
    assert connection.settings["scope"] == "read"
    assert connection.unseal() == {"client_secret": SECRET}


def test_what_is_missing_is_asked_for_and_the_others_stay_open(client: Client, login: Login) -> None:
    client.post(ADDRESS, {"address": f"{login.address}/numbers"})
    shown = page(client.post(SIGN_IN, entered(login, "client_credentials", token_address="", client_secret="")))
    assert "This sign-in needs it. Enter it." in shown
    assert "Enter it, or choose No." in shown
    assert '<details class="more" open>' in shown
    assert login.granted == []


def test_a_refresh_token_that_is_replaced_while_trying_is_not_lost(client: Client, login: Login) -> None:
    client.post(ADDRESS, {"address": f"{login.address}/numbers"})
    response = client.post(SIGN_IN, entered(login, "refresh_token", refresh_token="refresh-token-0"), follow=True)
    assert response.request["PATH_INFO"] == PICK
    assert login.refresh == "refresh-token-1"
    connection = saved(client)
    assert connection.unseal() == {"refresh_token": "refresh-token-1", "client_secret": SECRET}


def test_another_try_goes_on_with_the_latest_refresh_token(client: Client, login: Login) -> None:
    client.post(ADDRESS, {"address": f"{login.address}/numbers"})
    client.post(SIGN_IN, entered(login, "refresh_token", refresh_token="refresh-token-0"))
    again = client.post(SIGN_IN, entered(login, "refresh_token", client_secret=""), follow=True)
    assert again.request["PATH_INFO"] == PICK
    assert [asked["refresh_token"] for asked in login.granted] == ["refresh-token-0", "refresh-token-1"]
    kept = " ".join(f"{row.session_data} {row.get_decoded()}" for row in Session.objects.all())
    assert "refresh-token-2" not in kept
    assert SECRET not in kept


def test_a_refused_sign_in_is_said_and_can_be_changed(client: Client, login: Login) -> None:
    client.post(ADDRESS, {"address": f"{login.address}/numbers"})
    shown = page(client.post(SIGN_IN, entered(login, "refresh_token", refresh_token="an old one")))
    assert "The token address answered 400, “invalid_grant”" in shown
    assert "Change sign-in" in shown
    assert "an old one" not in shown


# --- behind a gateway -------------------------------------------------------------------------------------------------


@pytest.fixture
def gateway(httpserver: HTTPServer, organisation: Organisation) -> tuple[Connection, Api]:
    api = Api(httpserver)
    api.answers_json('[{"value": 7}]')
    settings = {"address": f"{api.address}/v1", "sign_in": "header", "header_name": "X-Gateway-Key"}
    row: Connection = organisation.connections.create(name="Gateway", kind="http", settings=settings)
    row.seal({"key": "planted-gateway-key"})
    row.save()
    return row, api


@pytest.mark.parametrize("typed", ["crm/deals?since=1", "/crm/deals?since=1", "{gateway}/crm/deals?since=1"])
def test_an_address_behind_a_gateway_is_what_follows_it(
    client: Client, gateway: tuple[Connection, Api], typed: str
) -> None:
    row, api = gateway
    address = typed.replace("{gateway}", row.settings["address"])
    response = client.post(ADDRESS, {"address": address, "method": "GET", "gateway": row.pk}, follow=True)
    assert response.request["PATH_INFO"] == PICK, page(response)
    assert f"{row.settings['address']}/crm/deals?since=1" in page(response)
    assert api.requests[0].path == "/api/v1/crm/deals"
    assert api.requests[0].headers["X-Gateway-Key"] == "planted-gateway-key"
    connection = saved(client)
    assert connection.gateway == row
    assert connection.settings["address"] == "/"
    assert connection.feeds.get().query["path"] == "crm/deals"
    assert connection.sealed == ""


@pytest.mark.parametrize("typed", ["https://crm.example.com/deals", "{host}/other"])
def test_an_address_past_the_gateway_is_refused(client: Client, gateway: tuple[Connection, Api], typed: str) -> None:
    row, api = gateway
    address = typed.replace("{host}", api.address)
    shown = page(client.post(ADDRESS, {"address": address, "method": "GET", "gateway": row.pk}))
    assert "The address leads past its gateway." in shown
    assert '<details class="more" open>' in shown
    assert api.requests == []


def test_only_connections_of_the_organisation_are_offered_as_gateways(
    client: Client, gateway: tuple[Connection, Api], elsewhere: Organisation, organisation: Organisation
) -> None:
    foreign = elsewhere.connections.create(name="Foreign", kind="http", settings={"address": "https://x.example"})
    organisation.connections.create(name="Typed in", kind="push")
    shown = page(client.get(ADDRESS))
    assert ">Gateway</option>" in shown
    assert "Foreign" not in shown
    assert "Typed in" not in shown
    refused: Any = client.post(ADDRESS, {"address": "crm", "method": "GET", "gateway": foreign.pk})
    assert "cannot be chosen here" in page(refused)


def test_a_key_does_not_stay_when_another_gateway_is_chosen(client: Client, gateway: tuple[Connection, Api]) -> None:
    row, api = gateway
    client.post(ADDRESS, {"address": "crm", "method": "GET", "gateway": row.pk})
    client.post(SIGN_IN, {"sign_in": "bearer", "key": "planted-own-key"})
    client.post(ADDRESS, {"address": f"{row.settings['address']}/crm", "method": "GET", "gateway": "", "change": "1"})
    assert "Authorization" not in api.requests[-1].headers
