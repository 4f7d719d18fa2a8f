"""What a feed asks as a curl command: a shell asks the same with it, and the wizard takes it for the same query."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from rest_framework.test import APIClient

from connectors import curl
from connectors.address_forms import AddressForm
from connectors.answers import ACCEPT
from connectors.calling import Request
from connectors.curl_writing import signed, variable, written
from connectors.fetching import cleaned, trial_window
from connectors.kinds import http
from connectors.models import Connection, Feed
from connectors.panels.curls import command_of
from connectors.signing.registry import ALL
from organisations.models import Organisation, User
from targets.set_up.wizard import started
from tests.connectors.asking import BERLIN, NOW, Api, page_of, trial

SECRET = "planted-secret-of-the-feed"
ADDRESS = "https://api.example.com/v1"


def sign_in(way: str, **more: str) -> dict[str, Any]:
    told = {"token_address": "https://login.example.com/t", "client_id": "us", "issuer": "us"}
    return cleaned(http.Settings, {"address": ADDRESS, "sign_in": way, **told, **more})


# --- what is written --------------------------------------------------------------------------------------------------


def test_a_command_has_a_line_for_each_part() -> None:
    request = Request(
        method="POST",
        url=f"{ADDRESS}/deals",
        params=[("q", "a b"), ("q", "it's")],
        headers={"Accept": ACCEPT, "Content-Type": "application/json"},
        body=b'{"name": "it\'s"}',
    )
    assert written(request, signed(sign_in("bearer"))).splitlines() == [
        "curl 'https://api.example.com/v1/deals?q=a+b&q=it%27s' \\",
        "  --header 'Accept: application/json, text/csv;q=0.5, */*;q=0.1' \\",
        "  --header 'Content-Type: application/json' \\",
        "  --header 'Authorization: Bearer '\"$KEY\" \\",
        '  --data-raw \'{"name": "it\'"\'"\'s"}\'',
    ]


@pytest.mark.parametrize(
    ("way", "more", "words"),
    [
        ("none", {}, []),
        ("steps", {}, []),
        ("bearer", {}, ["--header", "Authorization: Bearer $KEY"]),
        ("header", {"header_name": "X-Own"}, ["--header", "X-Own: $KEY"]),
        ("basic", {}, ["--user", "$USER_NAME:$PASSWORD"]),
        ("client_credentials", {}, ["--header", "Authorization: Bearer $ACCESS_TOKEN"]),
        ("refresh_token", {}, ["--header", "Authorization: Bearer $ACCESS_TOKEN"]),
        ("jwt", {}, ["--header", "Authorization: Bearer $ACCESS_TOKEN"]),
        ("jwt_exchange", {}, ["--header", "Authorization: Bearer $ACCESS_TOKEN"]),
        ("hmac", {"nonce_header": "X-Nonce"}, ["--header", "X-Nonce: $NONCE", "--header", "X-Signature: $SIGNATURE"]),
        ("certificate", {}, ["--cert", "$CERTIFICATE", "--key", "$PRIVATE_KEY"]),
    ],
)
def test_in_place_of_a_secret_stands_a_variable(way: str, more: dict[str, str], words: list[str]) -> None:
    command = written(Request(url=ADDRESS), signed(sign_in(way, **more)))
    assert shlex.split(command.replace("\\\n", " ")) == ["curl", ADDRESS, *words]
    assert SECRET not in command


def test_every_way_is_written() -> None:
    for way in ALL:
        assert written(Request(url=ADDRESS), signed(sign_in(way.SLUG)), signed(sign_in(way.SLUG), prefix="gateway_"))


def test_a_variable_stands_outside_the_quotation_marks_of_an_address() -> None:
    command = written(Request(url=ADDRESS, params=[("a", "1 2")]), signed(sign_in("query", query_name="key")))
    assert command == "curl 'https://api.example.com/v1?a=1+2&key='\"$KEY\""


@pytest.mark.parametrize(
    ("name", "called"), [("token", "TOKEN"), ("user id", "USER_ID"), ("_", "VALUE"), ("é", "VALUE")]
)
def test_variables_have_names_that_a_shell_takes(name: str, called: str) -> None:
    assert written(Request(url=ADDRESS, headers={"X": variable(name)})).endswith(f"'X: '\"${called}\"")


# --- there and back ---------------------------------------------------------------------------------------------------

SIGNS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cn"], exclude_characters="{}")
VALUES = st.text(SIGNS.filter(str.isprintable)).map(str.strip).filter(bool)
NAMES = st.sampled_from(["q", "metric", "from", "filter[region]", "Größe", "a.b", "page-size"])
HEADERS = st.sampled_from(["Accept-Language", "X-Region", "Prefer", "Accept"])
PATHS = st.lists(
    st.text("abcXYZ019-._~!$'()*+,;:@", min_size=1).filter(lambda piece: piece not in (".", "..")), max_size=4
).map("/".join)
PLAIN = st.text("abc XYZ019-._~!$'\"()*+,;:@&=?/\\<>|`#%", max_size=40).map(str.strip)


@st.composite
def queries(draw: st.DrawFn) -> dict[str, Any]:
    """Return queries without placeholders, as somebody could have typed them."""
    body = draw(st.sampled_from(["", '{"a": [1, "x\'y", null]}', "a=1&b=it's", "<q>\n  <r/>\n</q>"]))
    kind = {"{": "application/json", "a": "application/x-www-form-urlencoded", "<": "application/xml"}
    params = draw(st.lists(st.tuples(NAMES, VALUES), max_size=4))
    headers = draw(st.dictionaries(HEADERS, PLAIN.filter(bool), max_size=3))
    return {
        "method": "POST" if body else draw(st.sampled_from(["GET", "POST"])),
        "path": draw(PATHS),
        "params": "\n".join(f"{name}={value}" for name, value in params),
        "headers": "\n".join(f"{name}: {value}" for name, value in headers.items()),
        "body": body,
        "content_type": kind.get(body[:1], "application/json"),
    }


def feed_of(query: dict[str, Any], way: str = "none", **more: str) -> Feed:
    connection = Connection(organisation=Organisation(time_zone="Europe/Berlin"), kind="http")
    connection.settings = {"address": ADDRESS, "sign_in": way, **more}
    return Feed(connection=connection, query=query)


def pasted(command: str) -> AddressForm:
    form = AddressForm({"address": command})
    assert form.is_valid(), form.errors
    return form


ASKED = ("method", "params", "headers", "body", "content_type")


@settings(max_examples=80)
@given(query=queries())
def test_a_command_pasted_into_the_wizard_is_the_same_query(query: dict[str, Any]) -> None:
    stored = cleaned(http.Query, query)
    command = command_of(feed_of(stored), NOW)
    form = pasted(command)
    again = {name: form.query[name] for name in ASKED}
    wanted = {name: stored[name] for name in ASKED}
    if not stored["body"]:  # nobody says then what it would be
        wanted["content_type"] = again["content_type"]
    assert sorted(again.pop("headers").splitlines()) == sorted(wanted.pop("headers").splitlines())
    assert again == wanted
    base = f"{form.typed.origin}/{form.typed.path}"
    assert base.rstrip("/") == f"{ADDRESS}/{stored['path']}".rstrip("/")


@settings(max_examples=30)
@given(query=queries())
def test_and_is_written_as_the_same_command_again(query: dict[str, Any]) -> None:
    command = command_of(feed_of(cleaned(http.Query, query)), NOW)
    form = pasted(command)
    feed = feed_of(form.query)
    feed.connection.settings["address"] = form.typed.origin
    again = command_of(feed, NOW)
    assert sorted(again.replace(" \\", "").splitlines()) == sorted(command.replace(" \\", "").splitlines())


def test_dates_are_filled_in_and_found_again(access: Any) -> None:
    query = cleaned(http.Query, {"path": "visitors", "params": "startDate={since}\nendDate={until}\nmetric=v"})
    command = command_of(feed_of(query), NOW)
    assert "startDate=2026-11-14&endDate=2026-11-20" in command
    draft = started(pasted(command), None, access)
    assert {name: draft.to_ask()[name] for name in ASKED} == {name: query[name] for name in ASKED}
    assert draft.asks_for_dates


@pytest.mark.parametrize(
    ("way", "more"),
    [
        ("bearer", {}),
        ("header", {"header_name": "X-Appid"}),
        ("query", {"query_name": "appid"}),
        ("basic", {}),
        ("certificate", {}),
    ],
)
def test_the_sign_in_comes_back_without_its_secret(way: str, more: dict[str, str]) -> None:
    form = pasted(command_of(feed_of(cleaned(http.Query, {"params": "a=1"}), way, **more), NOW))
    assert form.sign_in() == ({"sign_in": way, **more}, {})
    assert (form.query["params"], form.query["headers"]) == ("a=1", "")
    assert form.command is not None
    assert form.command.left_out == ()


def test_what_is_made_anew_for_each_request_does_not_become_a_header() -> None:
    form = pasted(command_of(feed_of(cleaned(http.Query, {}), "hmac", timestamp_header="X-Time"), NOW))
    assert form.query["headers"] == ""
    assert curl.parse("curl https://a.example -H 'X-Time: $TIMESTAMP'").headers == ()


def test_counted_pages_begin_with_the_first_and_a_cursor_is_left_out() -> None:
    counted = cleaned(http.Query, {"params": "page={page}", "cursor_use": "page_number"})
    assert "?page=1'" in command_of(feed_of(counted), NOW)
    cursor = cleaned(http.Query, {"params": "after={cursor}\nn=1", "cursor": "next", "cursor_use": "next_time"})
    assert command_of(feed_of(cursor), NOW).splitlines()[0] == "curl 'https://api.example.com/v1?n=1' \\"


def test_what_steps_would_bring_is_a_variable() -> None:
    steps = "POST login\nkeep token = data.token"
    query = cleaned(http.Query, {"steps": steps, "path": "of/{token}", "headers": "X-Session: {token}"})
    command = command_of(feed_of(query), NOW)
    assert 'curl https://api.example.com/v1/of/"$TOKEN"' in command
    assert "--header 'X-Session: '\"$TOKEN\"" in command


def test_behind_a_gateway_both_sign_in() -> None:
    feed = feed_of(cleaned(http.Query, {"path": "deals"}), "bearer")
    gateway = Connection(kind="http", settings={"address": ADDRESS, "sign_in": "header", "headers": "X-Team: growth"})
    feed.connection.gateway = gateway
    feed.connection.settings["address"] = "crm"
    words = shlex.split(command_of(feed, NOW).replace("\\\n", " "))
    assert words[1] == f"{ADDRESS}/crm/deals"
    assert {"X-Team: growth", "Authorization: Bearer $KEY", "X-API-Key: $GATEWAY_KEY"} < set(words)


@pytest.mark.parametrize(
    ("kind", "stored"), [("push", {}), ("http", {"address": "not an address"}), ("http", {"address": "crm"})]
)
def test_where_there_is_no_request_there_is_no_command(kind: str, stored: dict[str, str]) -> None:
    connection = Connection(organisation=Organisation(time_zone="UTC"), kind=kind, settings=stored)
    assert command_of(Feed(connection=connection, query={}), NOW) == ""


# --- on the wire ------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
@pytest.mark.parametrize(
    "query",
    [
        {"path": "a/b", "params": 'q=it\'s "x" $HOME `id` ü\nfilter[a]=1'},
        {
            "method": "POST",
            "body": '{"since": "{since}", "text": "it\'s $HOME\\n"}',
            "headers": 'X-Region: d\'e "f" $PATH',
        },
        {"method": "POST", "params": "a=1"},
    ],
)
def test_a_shell_asks_the_same_as_we_do(httpserver: HTTPServer, query: dict[str, Any]) -> None:
    api = Api(httpserver)
    settings_: dict[str, Any] = {"sign_in": "header", "header_name": "X-Own"}
    week = trial_window(BERLIN, NOW)
    page_of(trial(api.address, query=query, secrets={"key": SECRET}, window=week, **settings_))
    feed = feed_of(cleaned(http.Query, query), way="header", header_name="X-Own")
    feed.connection.settings["address"] = api.address
    command = command_of(feed, NOW)
    subprocess.run(
        ["bash", "-c", command], env={"KEY": SECRET, "PATH": "/usr/bin:/bin"}, check=True, capture_output=True
    )
    ours, theirs = api.requests
    assert (theirs.method, theirs.environ["REQUEST_URI"]) == (ours.method, ours.environ["REQUEST_URI"])
    assert theirs.get_data() == ours.get_data()
    for name in ("Accept", "Content-Type", "X-Region", "X-Own"):
        assert theirs.headers.get(name) == ours.headers.get(name)


# --- page and API -----------------------------------------------------------------------------------------------------


@pytest.fixture
def stored(organisation: Organisation) -> Feed:
    connection: Connection = organisation.connections.create(
        name="CRM", kind="http", settings={"address": ADDRESS, "sign_in": "bearer"}
    )
    connection.seal({"key": SECRET})
    connection.save()
    feed: Feed = connection.feeds.create(name="Deals", query={"path": "deals", "params": "from={since}"})
    return feed


def test_the_page_holds_it_to_be_copied(stored: Feed, viewer: User, client_of: Callable[[User], Client]) -> None:
    shown = client_of(viewer).get(f"/growth/connections/{stored.connection_id}/").content.decode()
    assert "As a curl command" in shown
    assert "curl &#x27;https://api.example.com/v1/deals?from=" in shown
    assert f'data-copy="curl-{stored.pk}"' in shown
    assert "Bearer &#x27;&quot;$KEY&quot;" in shown
    assert SECRET not in shown


def test_a_connection_that_is_pushed_has_none(
    organisation: Organisation, viewer: User, client_of: Callable[[User], Client]
) -> None:
    row = organisation.connections.create(name="Typed in", kind="push")
    row.feeds.create(name="Daily")
    assert "As a curl command" not in client_of(viewer).get(f"/growth/connections/{row.pk}/").content.decode()


def test_a_program_gets_it(stored: Feed, viewer: User, api: Callable[[User], APIClient]) -> None:
    answer = api(viewer).get(f"/api/v1/growth/feeds/{stored.pk}/curl/")
    assert answer.status_code == 200
    assert answer.json()["command"].startswith("curl 'https://api.example.com/v1/deals?from=")
    assert SECRET not in answer.content.decode()


def test_a_program_is_told_where_there_is_none(
    organisation: Organisation, viewer: User, api: Callable[[User], APIClient]
) -> None:
    feed = organisation.connections.create(name="Typed in", kind="push").feeds.create(name="Daily")
    answer = api(viewer).get(f"/api/v1/growth/feeds/{feed.pk}/curl/")
    assert (answer.status_code, answer.json()) == (200, {"command": ""})
