"""What the wizard says about every answer, over real connections, and the next step it offers."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from pytest_httpserver import HTTPServer
from werkzeug import Response

from connectors.models import Feed
from organisations.models import User
from targets import tasks
from targets.models import Metric
from targets.set_up import wizard
from tests.connectors.outbound.authority import founded
from tests.targets.set_up.test_wizard import ADDRESS, CHANGE, KEY, PICK, SIGN_IN, page, save, session_text, type_in

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Shown

CHANGE_ADDRESS, CHANGE_SIGN_IN, TEST_AGAIN = "Change address", "Change sign-in", "Test again"


@pytest.fixture
def client(editor: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(editor)


@pytest.fixture
def untrusted(tmp_path: Path) -> Iterator[HTTPServer]:
    """A server whose certificate nobody trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(founded(tmp_path).issue("localhost", tmp_path))
    with HTTPServer(ssl_context=context) as server:
        yield server


def steps_in(shown: str) -> list[str]:
    """Return what the panel of a failed try offers, in order."""
    panel = shown[shown.index('id="trial"') :].partition("</section>")[0]
    return re.findall(r"(?:</svg>|>)([A-Z][a-z]+ [a-z-]+)</(?:a|button)>", panel)


def answering(server: HTTPServer, status: int, body: str = "", **headers: str) -> str:
    """Let a server answer so, and return where."""
    server.expect_request("/n").respond_with_response(Response(body, status, headers, content_type="text/plain"))
    return server.url_for("/n")


# --- the line under Answer, and what to do next ----------------------------------------------------------------------


def test_an_answer_is_summed_up_in_one_line(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/n").respond_with_json({"a": 1, "b": 2, "c": "12.5"})
    shown = page(type_in(client, httpserver.url_for("/n")))
    line = re.sub(r"<[^>]+>", " ", shown[shown.index('class="wire" role="status"') :].partition("</p>")[0])
    assert re.search(r"200 OK\s+\d+ ms\s+\d+ B JSON\s+3 numbers to choose from", line)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_leads_to_the_sign_in(client: Client, httpserver: HTTPServer, status: int) -> None:
    assert type_in(client, answering(httpserver, status)).request["PATH_INFO"] == SIGN_IN
    shown = page(client.post(SIGN_IN, {"sign_in": "bearer", "key": KEY}))
    assert f"It answered {status}: the key is missing or wrong." in shown
    assert steps_in(shown) == [CHANGE_SIGN_IN, TEST_AGAIN]


@pytest.mark.parametrize(
    ("status", "headers", "sentence", "steps"),
    [
        (404, {}, "Nothing lives at this address (404). Check the path.", [CHANGE_ADDRESS, TEST_AGAIN]),
        (400, {}, "It answered 400: it does not accept this request.", [CHANGE_ADDRESS, TEST_AGAIN]),
        (429, {"Retry-After": "30"}, "It answered 429: it wants fewer calls.", [TEST_AGAIN, CHANGE_ADDRESS]),
        (500, {}, "It answered 500: the service has a problem of its own.", [TEST_AGAIN, CHANGE_ADDRESS]),
        (503, {}, "It answered 503", [TEST_AGAIN, CHANGE_ADDRESS]),
    ],
)
def test_a_refusal_is_said_in_words_with_the_next_step(
    client: Client, httpserver: HTTPServer, status: int, headers: dict[str, str], sentence: str, steps: list[str]
) -> None:
    shown = page(type_in(client, answering(httpserver, status, **headers)))
    assert sentence in shown
    assert steps_in(shown) == steps
    assert "<title>Error: " in shown


def test_how_long_a_service_wants_to_be_left_alone_is_said(client: Client, httpserver: HTTPServer) -> None:
    shown = page(type_in(client, answering(httpserver, 429, **{"Retry-After": "30"})))
    assert "It asks to be left alone for 30 seconds" in shown


def test_no_answer_in_time_can_be_tried_again(
    client: Client, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.fetching.SECONDS_OF_A_TRIAL", 0.2)
    drip = iter(lambda: b" ", None)
    httpserver.expect_request("/n").respond_with_handler(lambda _: Response(drip, content_type="application/json"))
    shown = page(type_in(client, httpserver.url_for("/n")))
    assert "No answer within 0.2 seconds. Is the address reachable from this server?" in shown
    assert steps_in(shown) == [TEST_AGAIN, CHANGE_ADDRESS]


def test_an_address_inside_the_network_names_the_setting(client: Client, settings: Settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = settings.OUTBOUND_ALLOWED_HOSTS = []
    shown = page(type_in(client, "http://127.0.0.1:8099/n"))
    assert "This address is inside the network; an administrator must allow it." in shown
    assert "OUTBOUND_ALLOWED_HOSTS" in shown
    assert steps_in(shown) == [CHANGE_ADDRESS, TEST_AGAIN]


def test_html_is_shown_by_its_beginning(client: Client, httpserver: HTTPServer) -> None:
    shown = page(type_in(client, answering(httpserver, 200, "<html>" + "x" * 900)))
    assert "It answered with HTML, not JSON." in shown
    assert "x" * 290 in shown
    assert "x" * 301 not in shown
    assert steps_in(shown) == [CHANGE_ADDRESS, TEST_AGAIN]


def test_a_sign_in_page_leads_to_the_sign_in(client: Client, httpserver: HTTPServer) -> None:
    address = answering(httpserver, 302, Location="/login")
    httpserver.expect_request("/login").respond_with_data("<html>Welcome</html>", content_type="text/html")
    assert type_in(client, address).request["PATH_INFO"] == SIGN_IN
    shown = page(client.post(SIGN_IN, {"sign_in": "none"}))
    assert "It leads to a page on which people sign in: the key is missing or wrong." in shown
    assert steps_in(shown) == [CHANGE_SIGN_IN, TEST_AGAIN]


def test_a_certificate_that_is_not_trusted_is_said_in_words(client: Client, untrusted: HTTPServer) -> None:
    shown = page(type_in(client, untrusted.url_for("/n")))
    assert "The certificate of this address is not trusted" in shown
    assert steps_in(shown) == [TEST_AGAIN, CHANGE_ADDRESS]
    assert untrusted.log == []


def test_a_server_without_encryption_is_said_in_words(client: Client, httpserver: HTTPServer) -> None:
    shown = page(type_in(client, httpserver.url_for("/n").replace("http://", "https://")))
    assert "No secure connection could be made. Does this address speak https?" in shown
    assert steps_in(shown) == [TEST_AGAIN, CHANGE_ADDRESS]


def test_a_name_that_does_not_exist_is_said_in_words(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    shown = page(type_in(client, "https://no-such-name.example/n"))
    assert "The name no-such-name.example was not found. Check the spelling." in shown
    assert steps_in(shown) == [TEST_AGAIN, CHANGE_ADDRESS]


def test_nothing_listening_is_said_in_words(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    shown = page(type_in(client, f"http://localhost:{port}/n"))
    assert f"Nothing answers at localhost, port {port}. Is the service running?" in shown


def test_an_answer_without_numbers_leads_back(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/n").respond_with_json({"note": "hello"})
    shown = page(type_in(client, httpserver.url_for("/n")))
    assert "The answer has no numbers." in shown
    assert CHANGE_ADDRESS in shown


def test_a_large_answer_says_that_it_is_cut(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/n").respond_with_json({"filler": "x" * 1_200_000, "n": 5})
    shown = page(type_in(client, httpserver.url_for("/n")))
    assert "The answer is 1.2 MB; only the start of it is shown. A narrower address is faster." in shown


def test_test_again_works_without_a_script_and_with_one(client: Client, httpserver: HTTPServer) -> None:
    address = answering(httpserver, 500)
    shown = page(type_in(client, address))
    assert 'form="address" name="then" value="again"' in shown
    assert f'hx-post="{ADDRESS}" hx-include="#address" hx-target="#trial" hx-select="#trial"' in shown
    httpserver.clear()
    httpserver.expect_request("/n").respond_with_json({"n": 5})
    again = client.post(ADDRESS, {"address": address, "method": "GET", "then": "again"}, follow=True)
    assert again.request["PATH_INFO"] == PICK


# --- commands ---------------------------------------------------------------------------------------------------------


def test_a_command_is_asked_as_it_stands_and_its_key_is_sealed(client: Client, httpserver: HTTPServer) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "X-Region": "eu", "Content-Type": "application/json"}
    asked = httpserver.expect_request("/n", method="POST", json={"day": 1}, headers=headers)
    asked.respond_with_json({"n": 5})
    command = f"""curl '{httpserver.url_for("/n")}' \\
      -H 'Authorization: Bearer {KEY}' -H 'X-Region: eu' --json '{{"day": 1}}'"""
    response = type_in(client, command)
    assert response.request["PATH_INFO"] == PICK
    assert "Bearer token <code>••••••••cdef</code>, stored encrypted" in page(response)
    everything = page(response) + page(client.get(CHANGE)) + page(client.get(SIGN_IN)) + session_text()
    assert KEY not in everything
    assert "X-Region: eu" in page(client.get(CHANGE))
    save(client, "n")
    connection = Metric.unscoped.select_related("feed__connection").get().feed.connection
    assert connection.unseal() == {"key": KEY}


def test_a_wrong_key_of_a_command_waits_at_the_sign_in(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/n").respond_with_data("no", status=401)
    response = type_in(client, f"curl {httpserver.url_for('/n')} -H 'X-API-Key: {KEY}'")
    assert response.request["PATH_INFO"] == SIGN_IN
    shown = page(response)
    assert 'value="header"' in shown
    assert 'value="X-API-Key"' in shown
    assert 'placeholder="••••••••cdef"' in shown
    assert "Empty keeps the one you entered." in shown
    assert "It answered 401: the key is missing or wrong." in shown
    assert KEY not in shown


def test_a_key_that_was_never_shown_is_asked_for_without_a_word_of_refusal(
    client: Client, httpserver: HTTPServer
) -> None:
    assert 'id="trial"' not in page(type_in(client, answering(httpserver, 401)))


def test_a_new_connection_begins_with_nothing_of_one_that_was_left(client: Client, httpserver: HTTPServer) -> None:
    url = answering(httpserver, 404)
    type_in(client, f"curl -X POST {url} -H 'Authorization: Bearer {KEY}' -H 'X-Region: eu' -d '{{}}'")
    begun = page(client.get(ADDRESS))
    assert [word for word in (url, "X-Region", "selected>POST") if word in begun] == []
    type_in(client, url)
    sent = httpserver.log[-1][0]
    assert (sent.method, "Authorization" in sent.headers, "X-Region" in sent.headers) == ("GET", False, False)


def test_a_command_that_fails_is_shown_as_it_was_understood(client: Client, httpserver: HTTPServer) -> None:
    address = answering(httpserver, 404)
    shown = page(type_in(client, f"curl '{address}?key={KEY}' -H 'X-Region: eu'"))
    assert f'value="{address}"' in shown
    assert "X-Region: eu" in shown
    assert '<details class="more" open>' in shown
    assert KEY not in shown + session_text()


def test_a_command_that_is_not_understood_says_why_and_stays(client: Client) -> None:
    shown = page(type_in(client, "curl --proxy http://p https://a.example/x"))
    assert "--proxy is not supported here. Leave it out." in shown
    assert 'value="curl --proxy http://p https://a.example/x"' in shown
    assert wizard.KEY not in client.session


def test_what_a_command_sends_besides_its_key_is_named(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/n").respond_with_json({"n": 5})
    command = f"curl {httpserver.url_for('/n')} -H 'Authorization: Bearer {KEY}' -b 'session=1'"
    assert "One is sent; left out: Cookie." in page(type_in(client, command))
    assert "Cookie" not in httpserver.log[-1][0].headers


# --- tables, Prometheus text, plain numbers ---------------------------------------------------------------------------

GERMAN = "Datum;Bestellungen;Umsatz\n18.11.2026;3;1.234,50\n19.11.2026;4;980,10\n"


def at_pick(client: Client, server: HTTPServer, body: str, kind: str = "text/csv") -> Shown:
    """Go straight to picking, with a server that answers so."""
    server.expect_request("/n").respond_with_data(body, content_type=kind)
    return type_in(client, server.url_for("/n"))


def collected_again(feed: Feed) -> None:
    """Let the schedule collect a feed once more."""
    Feed.unscoped.filter(pk=feed.pk).update(due_at=timezone.now())
    tasks.collect(feed.pk)


def test_a_table_is_shown_as_one_and_every_row_becomes_a_reading(client: Client, httpserver: HTTPServer) -> None:
    response = at_pick(client, httpserver, GERMAN)
    shown = page(response)
    assert response.request["PATH_INFO"] == PICK
    assert '<th scope="col" class="num">Umsatz</th>' in shown
    assert "2 rows" in shown
    assert "every row: one reading a day, dated by <code>Datum</code>" in shown
    save(client, "[0].Umsatz", how="rows", nature="count", decimals="2")
    metric = Metric.unscoped.select_related("feed").get()
    assert (metric.feed.query["answer"], metric.feed.query["decimal"]) == ("table", "comma")
    assert (metric.feed.at_path, metric.feed.at_format) == ("Datum", "%d.%m.%Y")
    assert sorted(metric.observations.values_list("value", flat=True)) == [980.1, 1234.5]


def test_the_schedule_goes_on_reading_a_table(client: Client, httpserver: HTTPServer) -> None:
    at_pick(client, httpserver, GERMAN)
    save(client, "[0].Umsatz", how="rows", nature="count")
    metric = Metric.unscoped.select_related("feed").get()
    httpserver.clear()
    httpserver.expect_request("/n").respond_with_data("Datum;Umsatz\n20.11.2026;1.500\n", content_type="text/csv")
    collected_again(metric.feed)
    assert metric.observations.get(value=1500).whole_day, "the sign before decimals is known from the first time"
    assert metric.observations.count() == 3


@pytest.mark.parametrize(
    ("how", "rows", "value_path", "values"),
    [
        ("latest", "[-1:]", "n", [4.0]),
        ("sum", "[@]", "sum([*].n)", [7.0]),
        ("count", "[@]", "length(@)", [2.0]),
        ("place", "[@]", "[0].n", [3.0]),
    ],
)
def test_a_table_gives_its_latest_row_its_sum_and_its_length(
    client: Client, httpserver: HTTPServer, how: str, rows: str, value_path: str, values: list[float]
) -> None:
    at_pick(client, httpserver, "day,n\n18.11.2026,3\n19.11.2026,4\n")
    save(client, "[0].n", how=how, nature="level")
    metric = Metric.unscoped.select_related("feed").get()
    assert (metric.feed.query["rows"], metric.value_path) == (rows, value_path)
    assert list(metric.observations.values_list("value", flat=True)) == values


def test_a_list_of_records_is_shown_as_a_table(client: Client, httpserver: HTTPServer) -> None:
    records = '[{"day": "2026-11-18", "n": 3}, {"day": "2026-11-19", "n": 4}]'
    shown = page(at_pick(client, httpserver, records, "application/json"))
    assert '<th scope="col">day</th>' in shown
    save(client, "[0].n", how="latest", nature="level")
    metric = Metric.unscoped.get()
    assert (metric.feed.query["answer"], metric.feed.query["rows"]) == ("json", "[max_by(@, &day)]")
    assert [row.value for row in metric.observations.all()] == [4.0]


def test_only_the_first_rows_of_a_long_table_are_shown(client: Client, httpserver: HTTPServer) -> None:
    shown = page(at_pick(client, httpserver, "name,n\n" + "".join(f"entry {n},{n}\n" for n in range(1500))))
    assert "1,500 rows" in shown
    assert "The first 20 rows are shown; what you pick holds for all." in shown
    assert shown.count('name="at"') == 20


def test_prometheus_text_goes_straight_to_picking(client: Client, httpserver: HTTPServer) -> None:
    text = 'busy{host="a",core="1"} 0.5\nbusy{host="a",core="2"} 0.75\nup 1\n'
    shown = page(at_pick(client, httpserver, text, "text/plain; version=0.0.4"))
    assert "Prometheus text" in shown
    assert "<code>host=a</code> <code>core=1</code>" in shown
    save(client, "busy[1].value", how="match", nature="level")
    metric = Metric.unscoped.select_related("feed").get()
    assert metric.value_path == "busy[?host=='a' && core=='2'].value | [0]"
    assert [row.value for row in metric.observations.all()] == [0.75]
    httpserver.clear()
    other = 'busy{host="a",core="2"} 0.9\nbusy{host="a",core="1"} 0.1\n'
    httpserver.expect_request("/n").respond_with_data(other, content_type="text/plain")
    collected_again(metric.feed)
    assert metric.observations.latest("at").value == 0.9


def test_a_plain_number_goes_straight_to_picking(client: Client, httpserver: HTTPServer) -> None:
    shown = page(at_pick(client, httpserver, "1.234,5\n", "text/plain"))
    assert "You picked" in shown
    assert '<input type="radio" name="nature" value="level" checked>' in shown
    assert 'name="name" value="N"' in shown, "it is called as its address is"
    save(client, "@", nature="level")
    metric = Metric.unscoped.get()
    assert [row.value for row in metric.observations.all()] == [1234.5]
    collected_again(metric.feed)
    metric.feed.refresh_from_db()
    assert metric.feed.health == "fresh"


def test_an_entry_is_known_by_its_id_where_it_has_no_name(client: Client, httpserver: HTTPServer) -> None:
    text = '{"shops": [{"id": 7, "n": 3}, {"id": 9, "n": 4}]}'
    at_pick(client, httpserver, text, "application/json")
    shown = page(client.get(PICK, {"at": "shops[1].n"}))
    assert "the entry where <code>id</code> is <code>9</code>" in shown
    save(client, "shops[1].n", how="match")
    assert Metric.unscoped.get().value_path == "shops[?id==`9`].n | [0]"


ORDERS = """<?xml version="1.0"?><shop><orders>
<order id="7"><amount>12.50</amount></order><order id="8"><amount>9.90</amount></order>
</orders></shop>"""
ONE_ORDER = '<shop><orders><order id="8"><amount>10.10</amount></order></orders></shop>'


def test_xml_goes_straight_to_picking_and_one_entry_stays_a_list(client: Client, httpserver: HTTPServer) -> None:
    shown = page(at_pick(client, httpserver, ORDERS, "application/xml"))
    assert "B XML</span>" in shown
    assert "amount" in shown
    save(client, "shop.orders.order[1].amount", how="match", nature="level", decimals="2")
    metric = Metric.unscoped.select_related("feed").get()
    assert (metric.feed.query["answer"], metric.feed.query["lists"]) == ("xml", "order")
    assert [row.value for row in metric.observations.all()] == [9.9]
    httpserver.clear()
    httpserver.expect_request("/n").respond_with_data(ONE_ORDER, content_type="application/xml")
    collected_again(metric.feed)
    assert metric.observations.latest("at").value == 10.1
