"""Connections behind a gateway: one address, both sign-ins, and secrets that go nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_httpserver import HTTPServer
from rest_framework.test import APIClient
from werkzeug import Response

from connectors import addressing
from connectors.errors import FetchError, Misconfigured, Reason
from connectors.fetching import fetch
from connectors.fields import Address
from connectors.models import CallRecord, Connection, Feed, SignInToken
from connectors.models.feed import Health
from connectors.trials import tried_feed
from organisations.models import Organisation, User
from tests.connectors.asking import NOVEMBER, NOW, Api
from tests.connectors.signing.login import Login

KEY, GATEWAY_KEY = "planted-key-of-the-crm", "planted-key-of-the-gateway"
API = "/api/v1/growth/connections/"


@pytest.fixture
def api(httpserver: HTTPServer) -> Api:
    return Api(httpserver)


@pytest.fixture
def connect(organisation: Organisation) -> Callable[..., Connection]:
    """Store a connection with its credentials."""

    def store(name: str, settings: dict[str, Any], secrets: dict[str, str] | None = None, **more: Any) -> Connection:
        row: Connection = organisation.connections.create(name=name, kind="http", settings=settings, **more)
        row.seal(secrets or {})
        row.save()
        return row

    return store


@pytest.fixture
def gateway(api: Api, connect: Callable[..., Connection]) -> Connection:
    settings = {
        "address": f"{api.address}/v1/",
        "sign_in": "header",
        "header_name": "X-Gateway-Key",
        "headers": "X-Team: Growth\nAccept-Language: de",
    }
    return connect("Gateway", settings, {"key": GATEWAY_KEY})


@pytest.fixture
def crm(gateway: Connection, connect: Callable[..., Connection]) -> Connection:
    return connect("CRM", {"address": "crm", "sign_in": "bearer"}, {"key": KEY}, gateway=gateway)


@pytest.fixture
def deals(crm: Connection) -> Feed:
    made: Feed = crm.feeds.create(name="Deals", query={"path": "deals", "headers": "Accept-Language: en"})
    return made


@pytest.fixture
def program(api_of: Callable[[User], APIClient], editor: User) -> APIClient:
    return api_of(editor)


@pytest.fixture
def api_of() -> Callable[[User], APIClient]:
    def program(person: User) -> APIClient:
        client = APIClient()
        client.force_login(person)
        return client

    return program


@pytest.fixture
def browser(editor: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(editor)


def collected(feed: Feed) -> list[Any]:
    fresh = Feed.unscoped.select_related("connection__gateway", "connection__organisation").get(pk=feed.pk)
    return fetch(fresh, NOVEMBER, now=NOW, collection=fresh.collections.create(started_at=NOW)).rows


# --- where a call goes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gateway", "own", "leads_to"),
    [
        ("https://gw.example", "crm", "https://gw.example/crm"),
        ("https://gw.example/", "crm/", "https://gw.example/crm/"),
        ("https://gw.example/v1", "crm/deals", "https://gw.example/v1/crm/deals"),
        ("https://gw.example/v1/", "/v1.2/crm", "https://gw.example/v1/v1.2/crm"),
        ("https://gw.example/v1?tenant=1", "crm", "https://gw.example/v1/crm?tenant=1"),
        ("https://gw.example/v1", "/", "https://gw.example/v1"),
        ("https://gw.example/v1", "https://gw.example/other", "https://gw.example/other"),
        ("https://gw.example", "https://GW.example/other", "https://GW.example/other"),
    ],
)
def test_a_path_follows_the_gateway(gateway: str, own: str, leads_to: str) -> None:
    assert addressing.is_behind(own, gateway)
    assert addressing.behind(own, gateway) == leads_to


@pytest.mark.parametrize("own", ["https://crm.example", "http://gw.example", "https://gw.example:8443"])
def test_another_service_is_not_behind_it(own: str) -> None:
    assert not addressing.is_behind(own, "https://gw.example/v1")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("crm", "crm"),
        ("/crm", "crm"),
        ("crm/v1.2/x", "crm/v1.2/x"),
        ("/v1.2/crm", "/v1.2/crm"),
        ("/", "/"),
        ("/localhost/x", "/localhost/x"),
        ("api.example.com/x", "https://api.example.com/x"),
        ("localhost/x", "https://localhost/x"),
        ("gw:8080/x", "https://gw:8080/x"),
        ("https://api.example.com", "https://api.example.com"),
    ],
)
def test_an_address_may_be_a_path_and_stays_as_it_is_kept(typed: str, kept: str) -> None:
    field = Address(may_be_path=True)
    assert field.clean(typed) == kept
    assert field.clean(kept) == kept


@pytest.mark.parametrize("typed", ["crm/../admin", "/crm?x=1", "//evil.example/x", "crm/{since}", "crm/#top"])
def test_a_path_that_leads_astray_is_refused(typed: str) -> None:
    with pytest.raises(Exception, match=r"path|parameters|connection|Placeholders"):
        Address(may_be_path=True).clean(typed)


# --- what goes along --------------------------------------------------------------------------------------------------


def test_both_sign_in_and_the_gateways_headers_go_along(deals: Feed, api: Api) -> None:
    api.answers_json('[{"value": 1}]')
    assert collected(deals) == [{"value": 1}]
    (request,) = api.requests
    assert request.path == "/api/v1/crm/deals"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.headers["X-Gateway-Key"] == GATEWAY_KEY
    assert request.headers["X-Team"] == "Growth"
    assert request.headers["Accept-Language"] == "en"


def test_neither_secret_stands_in_the_log(deals: Feed, api: Api) -> None:
    api.answers(lambda _: Response(f"{KEY} and {GATEWAY_KEY}", status=500))
    with pytest.raises(FetchError) as caught:
        collected(deals)
    logged = repr(list(CallRecord.unscoped.values())) + repr(caught.value) + caught.value.sample
    assert KEY not in logged
    assert GATEWAY_KEY not in logged
    assert "••• and •••" in logged


@pytest.mark.parametrize(
    ("own", "of_gateway", "place"),
    [
        ({"sign_in": "bearer"}, {"sign_in": "basic"}, "Authorization"),
        ({"sign_in": "header", "header_name": "x-gateway-key"}, {}, "X-Gateway-Key"),
        ({"sign_in": "query", "query_name": "k"}, {"sign_in": "query", "query_name": "k"}, "?k"),
        ({"sign_in": "hmac", "nonce_header": "X-Gateway-Key"}, {}, "X-Gateway-Key"),
        ({"sign_in": "certificate"}, {"sign_in": "certificate"}, "Certificate"),
    ],
)
def test_two_sign_ins_in_one_place_are_refused_and_nothing_is_sent(
    deals: Feed, crm: Connection, gateway: Connection, api: Api,
    own: dict[str, str], of_gateway: dict[str, str], place: str, shown: dict[str, str],
) -> None:  # fmt: skip
    for row, changes in ((crm, own), (gateway, of_gateway)):
        row.settings = {**row.settings, **changes}
        row.seal({"key": KEY, "user_name": KEY, "signing_key": KEY, **shown})
        row.save()
    with pytest.raises(Misconfigured) as caught:
        collected(deals)
    assert caught.value.message.startswith(f"The gateway signs in with {place}, and so does the connection behind it")
    assert api.requests == []


@pytest.fixture
def shown(tmp_path: Any) -> dict[str, str]:
    from tests.connectors.outbound.authority import founded

    certificate, begin, key = (
        founded(tmp_path).issue("client.example", tmp_path).read_text().partition("-----BEGIN PRIVATE KEY-----")
    )
    return {"certificate": certificate, "private_key": begin + key}


def test_keys_in_parameters_of_both_go_along_and_not_into_the_next_page(
    deals: Feed, crm: Connection, gateway: Connection, api: Api
) -> None:
    for row, name in ((crm, "own"), (gateway, "outer")):
        row.settings = {**row.settings, "sign_in": "query", "query_name": name}
        row.save()
    deals.query = {"path": "deals", "rows": "rows", "cursor": "next", "cursor_use": "next_address"}
    deals.save()
    api.answers_json('{"rows": [], "next": "?page=2&own=leaked&outer=leaked"}', '{"rows": [1], "next": ""}')
    assert collected(deals) == [1]
    for request in api.requests:
        assert request.args.getlist("own") == [KEY]
        assert request.args.getlist("outer") == [GATEWAY_KEY]


def test_the_gateways_token_is_one_for_all_behind_it(
    login: Login, connect: Callable[..., Connection], organisation: Organisation
) -> None:
    settings = {**login.settings, "sign_in": "client_credentials"}
    gateway = connect("Gateway", settings, {"client_secret": "planted secret"})
    for name in ("One", "Two"):
        behind = connect(name, {"address": "/", "sign_in": "header"}, {"key": KEY}, gateway=gateway)
        feed = behind.feeds.create(name="Numbers", query={"path": "numbers"})
        assert collected(feed)[0]["value"] == 7
    assert len(login.granted) == 1
    assert [request.headers["X-API-Key"] for request in login.called] == [KEY, KEY]
    assert SignInToken.unscoped.get().connection == gateway


def test_a_token_of_the_gateway_that_is_refused_is_fetched_anew(
    login: Login, connect: Callable[..., Connection]
) -> None:
    settings = {**login.settings, "sign_in": "client_credentials"}
    gateway = connect("Gateway", settings, {"client_secret": "planted secret"})
    feed = connect("One", {"address": "/"}, gateway=gateway).feeds.create(name="N", query={"path": "numbers"})
    collected(feed)
    login.revoke()
    collected(feed)
    assert len(login.granted) == 2


@pytest.fixture
def login(httpserver: HTTPServer) -> Login:
    return Login(httpserver)


def test_a_signature_of_the_gateway_covers_what_the_connection_adds(
    deals: Feed, crm: Connection, gateway: Connection, api: Api
) -> None:
    import hashlib
    import hmac

    crm.settings = {**crm.settings, "sign_in": "query", "query_name": "k"}
    crm.save()
    gateway.settings = {**gateway.settings, "sign_in": "hmac", "signed_text": "{path}?{query}"}
    gateway.seal({"signing_key": "shared"})
    gateway.save()
    collected(deals)
    text = f"/api/v1/crm/deals?k={KEY}".encode()
    assert api.requests[0].headers["X-Signature"] == hmac.new(b"shared", text, hashlib.sha256).hexdigest()


def test_a_try_goes_through_the_gateway_and_shows_no_secret(deals: Feed, api: Api) -> None:
    api.answers_json(f'[{{"echo": "{KEY}", "outer": "{GATEWAY_KEY}"}}]')
    result = tried_feed(deals, NOW)
    assert result.answer == [{"echo": "•••", "outer": "•••"}]
    assert api.requests[0].headers["X-Gateway-Key"] == GATEWAY_KEY


def test_a_gateway_that_moved_away_is_said_and_gets_nothing(
    deals: Feed, crm: Connection, gateway: Connection, api: Api
) -> None:
    crm.settings = {**crm.settings, "address": f"{api.address}/crm"}
    crm.save()
    gateway.settings = {**gateway.settings, "address": "http://127.0.0.1:9/"}
    gateway.save()
    with pytest.raises(FetchError) as caught:
        collected(deals)
    assert caught.value.message.startswith("The address leads past its gateway.")
    assert caught.value.reason == Reason.MISCONFIGURED
    assert api.requests == []


def test_a_lost_seal_of_the_gateway_is_said(deals: Feed, gateway: Connection) -> None:
    Connection.unscoped.filter(pk=gateway.pk).update(sealed="1.lost.AA==.AA==")
    with pytest.raises(FetchError) as caught:
        collected(deals)
    assert caught.value.message == "The stored key cannot be opened any more. Enter it again."
    assert tried_feed(Feed.unscoped.get(pk=deals.pk), NOW).message == caught.value.message


# --- what may stand where ---------------------------------------------------------------------------------------------


def refusal(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 400, answer.content
    errors: dict[str, list[str]] = answer.json()["errors"]
    return errors


def test_a_program_puts_a_connection_behind_a_gateway(program: APIClient, gateway: Connection) -> None:
    new = {"name": "CRM", "kind": "http", "settings": {"address": "/crm"}, "gateway": gateway.pk}
    answer = program.post(API, new, format="json")
    assert answer.status_code == 201, answer.json()
    assert answer.json()["gateway"] == gateway.pk
    assert answer.json()["settings"]["address"] == "crm"
    assert answer.json()["address"] == f"{gateway.settings['address']}crm"


@pytest.mark.parametrize(
    ("stands", "field", "said"),
    [
        ({"address": "https://crm.example.com"}, "settings.address", "leads past its gateway"),
        ({"address": "crm", "sign_in": "header", "header_name": "X-GATEWAY-KEY"}, "settings.sign_in", "signs in with"),
    ],
)
def test_what_does_not_go_through_the_gateway_is_refused(
    program: APIClient, gateway: Connection, stands: dict[str, str], field: str, said: str
) -> None:
    new = {"name": "CRM", "kind": "http", "settings": stands, "gateway": gateway.pk}
    errors = refusal(program.post(API, new, format="json"))
    assert list(errors) == [field]
    assert said in errors[field][0]


def test_a_path_needs_a_gateway(program: APIClient, crm: Connection) -> None:
    new = {"name": "Alone", "kind": "http", "settings": {"address": "crm"}}
    assert "needs a gateway before it" in refusal(program.post(API, new, format="json"))["settings.address"][0]
    alone = program.patch(f"{API}{crm.pk}/", {"gateway": None}, format="json")
    assert "needs a gateway before it" in refusal(alone)["settings.address"][0]


@pytest.mark.parametrize("kind", ["push"])
def test_what_has_no_address_neither_is_a_gateway_nor_stands_behind_one(
    program: APIClient, gateway: Connection, crm: Connection, organisation: Organisation, kind: str
) -> None:
    typed_in = organisation.connections.create(name="Typed in", kind=kind)
    behind = program.patch(f"{API}{typed_in.pk}/", {"gateway": gateway.pk}, format="json")
    assert "does not go through a gateway" in refusal(behind)["gateway"][0]
    before = program.patch(f"{API}{crm.pk}/", {"gateway": typed_in.pk}, format="json")
    assert "Choose a connection that has an address." in refusal(before)["gateway"]


def test_a_gateway_is_not_changed_so_that_those_behind_it_clash(
    program: APIClient, gateway: Connection, crm: Connection
) -> None:
    answer = program.patch(f"{API}{gateway.pk}/", {"settings": {"sign_in": "bearer"}}, format="json")
    assert refusal(answer)["settings.sign_in"][0].startswith("CRM: The gateway signs in with Authorization")


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_a_key_does_not_go_along_through_another_gateway(
    program: APIClient, connect: Callable[..., Connection], crm: Connection
) -> None:
    other = connect("Other", {"address": "https://thief.example"})
    answer = program.patch(f"{API}{crm.pk}/", {"gateway": other.pk}, format="json")
    assert "does not travel" in refusal(answer)["secrets"][0]
    program.patch(f"{API}{crm.pk}/", {"gateway": other.pk, "secrets": {"key": "new"}}, format="json")
    crm.refresh_from_db()
    assert crm.unseal() == {"key": "new"}


def test_a_key_stays_where_the_gateway_is_the_same_service(
    program: APIClient, connect: Callable[..., Connection], gateway: Connection, api: Api
) -> None:
    settings = {"address": f"{api.address}/crm", "sign_in": "bearer"}
    row = connect("CRM", settings, {"key": KEY})
    answer = program.patch(f"{API}{row.pk}/", {"gateway": gateway.pk}, format="json")
    assert answer.status_code == 200, answer.json()
    row.refresh_from_db()
    assert row.unseal() == {"key": KEY}


def test_keys_behind_a_gateway_do_not_move_with_it(program: APIClient, gateway: Connection, crm: Connection) -> None:
    moved = {"settings": {"address": "https://thief.example"}, "secrets": {"key": "new"}}
    assert program.patch(f"{API}{gateway.pk}/", moved, format="json").status_code == 200
    crm.refresh_from_db()
    assert crm.sealed == ""


def test_keys_behind_a_gateway_stay_where_only_its_path_moves(
    program: APIClient, gateway: Connection, crm: Connection, api: Api
) -> None:
    moved = {"settings": {"address": f"{api.address}/v2"}}
    assert program.patch(f"{API}{gateway.pk}/", moved, format="json").status_code == 200
    crm.refresh_from_db()
    assert crm.unseal() == {"key": KEY}


# --- pages ------------------------------------------------------------------------------------------------------------


def text_of(browser: Client, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_each_page_leads_to_the_other(browser: Client, gateway: Connection, crm: Connection, deals: Feed) -> None:
    of_gateway = text_of(browser, f"/growth/connections/{gateway.pk}/")
    assert "Behind this gateway" in of_gateway
    assert f'<a href="/growth/connections/{crm.pk}/">CRM</a>' in of_gateway
    of_crm = text_of(browser, f"/growth/connections/{crm.pk}/")
    assert "Behind this gateway" not in of_crm
    assert f'<a href="/growth/connections/{gateway.pk}/">through Gateway</a>' in of_crm
    assert f"{gateway.settings['address']}crm/deals" in of_crm
    assert f"{gateway.settings['address']}crm" in text_of(browser, "/growth/connections/")


def edited(row: Connection, **changes: Any) -> dict[str, Any]:
    settings = {f"settings-{name}": value for name, value in row.settings.items()}
    return {"name": row.name, **settings, "gateway": row.gateway_id or "", **changes}


def test_the_page_puts_a_connection_behind_a_gateway(
    browser: Client, connect: Callable[..., Connection], gateway: Connection
) -> None:
    row = connect("CRM", {"address": "https://crm.example.com", "sign_in": "none"})
    address = f"/growth/connections/{row.pk}/edit/"
    assert ">Gateway</option>" in text_of(browser, address)
    past = browser.post(address, edited(row, gateway=gateway.pk))
    assert "The address leads past its gateway." in past.content.decode()
    assert browser.post(address, edited(row, gateway=gateway.pk, **{"settings-address": "crm"})).status_code == 302
    row.refresh_from_db()
    assert (row.gateway, row.settings["address"]) == (gateway, "crm")


def test_the_page_offers_as_gateways_what_can_be_one(
    browser: Client, organisation: Organisation, gateway: Connection, crm: Connection
) -> None:
    typed_in = organisation.connections.create(name="Typed in", kind="push")
    offered = text_of(browser, f"/growth/connections/{crm.pk}/edit/")
    assert f'<option value="{gateway.pk}" selected>Gateway</option>' in offered
    assert ">Typed in</option>" not in offered
    assert ">CRM</option>" not in offered
    assert 'name="gateway"' not in text_of(browser, f"/growth/connections/{typed_in.pk}/edit/")


def test_the_page_says_whose_keys_stayed_behind(browser: Client, gateway: Connection, crm: Connection) -> None:
    moved = edited(gateway, **{"settings-address": "https://new.example.com", "secrets-key": "new"})
    response = browser.post(f"/growth/connections/{gateway.pk}/edit/", moved, follow=True)
    assert "Enter them anew: CRM." in response.content.decode()
    crm.refresh_from_db()
    assert crm.sealed == ""


def test_test_now_goes_through_the_gateway(browser: Client, deals: Feed, crm: Connection, api: Api) -> None:
    response = browser.post(f"/growth/connections/{crm.pk}/test/")
    assert "It answers." in response.content.decode()
    assert api.requests[0].path == "/api/v1/crm/deals"
    assert api.requests[0].headers["X-Gateway-Key"] == GATEWAY_KEY


def test_a_programs_test_goes_through_the_gateway(program: APIClient, deals: Feed, crm: Connection, api: Api) -> None:
    assert program.post(f"{API}{crm.pk}/test/", {}, format="json").json()["ok"]
    assert api.requests[0].headers["X-Gateway-Key"] == GATEWAY_KEY


def test_a_new_key_of_the_gateway_wakes_what_stopped_behind_it(
    browser: Client, gateway: Connection, deals: Feed
) -> None:
    Feed.unscoped.filter(pk=deals.pk).update(health=Health.UNAUTHORISED, due_at=None)
    browser.post(f"/growth/connections/{gateway.pk}/key/", {"key": "a new key"})
    deals.refresh_from_db()
    assert deals.health == Health.WAITING
    assert deals.due_at is not None


# --- deleting ---------------------------------------------------------------------------------------------------------


def test_a_gateway_in_use_is_deleted_by_nobody(
    browser: Client, program: APIClient, superuser: User, client_of: Any, gateway: Connection, crm: Connection
) -> None:
    said = "CRM goes through this connection. Give it another gateway or none, then delete this."
    page = browser.get(f"/growth/connections/{gateway.pk}/delete/").content.decode()
    assert said in page
    assert '<form method="post" class="panel' not in page
    browser.post(f"/growth/connections/{gateway.pk}/delete/", {"name": "Gateway"})
    answer = program.delete(f"{API}{gateway.pk}/")
    assert (answer.status_code, answer.json()["detail"]) == (409, said)
    admin = client_of(superuser)
    address = f"/admin/connectors/connection/{gateway.pk}/delete/"
    assert said in admin.get(address).content.decode()
    admin.post(address, {"post": "yes"})
    assert Connection.unscoped.filter(pk=gateway.pk).exists()


def test_many_behind_it_are_counted(browser: Client, gateway: Connection, connect: Callable[..., Connection]) -> None:
    for number in range(8):
        connect(f"Behind {number}", {"address": f"path-{number}"}, gateway=gateway)
    page = browser.get(f"/growth/connections/{gateway.pk}/delete/").content.decode()
    assert "Behind 0, Behind 1, Behind 2, Behind 3, Behind 4 and 3 others go through this connection." in page


def test_a_gateway_nobody_uses_can_go(program: APIClient, gateway: Connection, crm: Connection) -> None:
    assert program.delete(f"{API}{crm.pk}/").status_code == 204
    assert program.delete(f"{API}{gateway.pk}/").status_code == 204


def test_the_admin_keeps_to_the_same_rules(superuser: User, client_of: Any, gateway: Connection) -> None:
    import json

    admin = client_of(superuser)
    new = {
        "organisation": gateway.organisation_id, "name": "CRM", "kind": "http", "calls_per": 60,
        "keep_calls_days": 30, "samples": "all", "settings": json.dumps({"address": "crm"}), "gateway": "",
    }  # fmt: skip
    address = "/admin/connectors/connection/add/"
    assert "needs a gateway before it" in admin.post(address, new).content.decode()
    assert admin.post(address, {**new, "gateway": gateway.pk}).status_code == 302
    made = Connection.unscoped.get(name="CRM")
    assert (made.gateway, made.settings["address"]) == (gateway, "crm")
