"""From an address to a saved metric: the new-connection wizard against a real server."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import Settings
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors import addressing
from connectors.models import CallRecord, Connection, Feed
from organisations.access import Access
from organisations.models import User
from targets.models import Metric
from targets.set_up import wizard

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Shown

KEY = "sk-live-0123456789abcdef"
ADDRESS, SIGN_IN, PICK = "/growth/connections/new/", "/growth/connections/new/sign-in/", "/growth/connections/new/pick/"
CHANGE = f"{ADDRESS}?change=1"
SUMMARY = {
    "currency": "eur",
    "subscriptions": {"active": 4187, "new": 651},
    "revenue": {"mrr_cents": 8240000},
    "plans": [{"name": "Starter", "new": 338}, {"name": "Team", "new": 247}],
    "health": {"payment_success_rate": 0.9873},
}
SAVING = {"nature": "running", "running_period": "month", "name": "New", "unit": "", "decimals": "0", "every": "60"}

TYPED = {**SAVING, "path": "subscriptions.active", "nature": "level"}
TYPED |= {"name": "My own name", "unit": "seats", "every": "1440"}


@pytest.fixture
def client(editor: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(editor)


def analytics(request: Request) -> Response:
    """Answer like an analytics API: a bearer key, two dates, and a row a day."""
    if request.headers.get("Authorization") != f"Bearer {KEY}":
        return Response('{"error": "no key"}', 401, content_type="application/json")
    first, last = (date.fromisoformat(request.args[name]) for name in ("startDate", "endDate"))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    rows = [{"date": day.isoformat(), "uniqueVisitors": 300 + number} for number, day in enumerate(days)]
    return Response(json.dumps(rows), content_type="application/json")


def type_in(client: Client, address: str, **more: str) -> Shown:
    """Paste an address and continue."""
    return client.post(ADDRESS, {"address": address, "method": "GET", **more}, follow=True)


def at_pick(client: Client, server: HTTPServer, answer: Any) -> Shown:
    """Go straight to picking, with a server that answers without a key."""
    server.expect_request("/summary").respond_with_json(answer)
    return type_in(client, server.url_for("/summary"))


def page(response: Shown) -> str:
    """Return the text of a page."""
    return response.content.decode()


def session_text() -> str:
    """Return everything that every session holds, as stored and decoded."""
    return " ".join(f"{row.session_data} {row.get_decoded()}" for row in Session.objects.all())


# --- the address --------------------------------------------------------------------------------------------------


def test_an_address_that_answers_leads_straight_to_picking(client: Client, httpserver: HTTPServer) -> None:
    response = at_pick(client, httpserver, SUMMARY)
    assert response.request["PATH_INFO"] == PICK
    assert "Click the number you want to track" in page(response)
    assert "It answers without a key." in page(response)
    assert "200 OK" in page(response)
    assert "6 numbers to choose from" in page(response)


def test_the_sandbox_is_offered_where_it_is_switched_on(client: Client, settings: Settings) -> None:
    assert "/sandbox/analytics/visitors?startDate=" in page(client.get(ADDRESS))
    settings.SANDBOX = False
    assert "/sandbox/" not in page(client.get(ADDRESS))


@pytest.mark.parametrize("status", [401, 403])
def test_an_address_that_wants_a_key_leads_to_the_sign_in(client: Client, httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/numbers").respond_with_data("no", status=status)
    response = type_in(client, httpserver.url_for("/numbers"))
    assert response.request["PATH_INFO"] == SIGN_IN
    assert "Does it need a key?" in page(response)
    assert "Nobody can read it back here, not even you." in page(response)


def test_a_wrong_path_is_said_in_words_and_the_address_stays(client: Client, httpserver: HTTPServer) -> None:
    address = httpserver.url_for("/wrong")
    httpserver.expect_request("/wrong").respond_with_data("", status=404)
    response = type_in(client, address, params="metric=visitors")
    assert response.request["PATH_INFO"] == ADDRESS
    assert "Nothing lives at this address (404). Check the path." in page(response)
    assert "Change address" in page(response)
    assert f'value="{address}"' in page(response)
    assert "metric=visitors" in page(response)
    assert '<details class="more" open>' in page(response)


def test_a_page_of_html_is_shown_by_its_beginning(client: Client, httpserver: HTTPServer) -> None:
    text = "<html><script>alert(1)</script>" + "x" * 900
    httpserver.expect_request("/html").respond_with_data(text, content_type="text/html")
    shown = page(type_in(client, httpserver.url_for("/html")))
    assert "It answered with HTML, not JSON. Many APIs need /api or an Accept header." in shown
    assert "&lt;html&gt;&lt;script&gt;alert(1)" in shown
    assert "<script>alert" not in shown
    assert "x" * 301 not in shown


def test_an_address_inside_the_network_is_refused_in_words(
    client: Client, httpserver: HTTPServer, settings: Settings
) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = []
    shown = page(type_in(client, httpserver.url_for("/x").replace("localhost", "127.0.0.1")))
    assert "This address is inside the network; an administrator must allow it." in shown
    assert "OUTBOUND_ALLOWED_HOSTS" in shown
    assert httpserver.log == []


def test_silence_is_said_in_words_and_can_be_tried_again(
    client: Client, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.fetching.SECONDS_OF_A_TRIAL", 0.2)
    drip = iter(lambda: b" ", None)
    httpserver.expect_request("/slow").respond_with_handler(lambda _: Response(drip, content_type="application/json"))
    shown = page(type_in(client, httpserver.url_for("/slow")))
    assert "No answer within" in shown
    assert "Is the address reachable from this server?" in shown
    assert "Test again" in shown


def test_a_server_with_a_problem_can_be_tried_again(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/broken").respond_with_data("", status=500)
    shown = page(type_in(client, httpserver.url_for("/broken")))
    assert "It answered 500" in shown
    assert "Test again" in shown


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("nonsense here", "This is not a complete address"),
        ("ftp://example.com/x", "This is not a complete address"),
        ("https://someone:pass@example.com/x", "The address holds a user name or password"),
        ("https://example.com/x?key=a&token=b", "The address holds more than one key"),
        ("https://example.com/a/../b", "without spaces and without"),
    ],
)
def test_an_address_that_cannot_be_called_is_refused(client: Client, address: str, sentence: str) -> None:
    response = type_in(client, address)
    assert sentence in page(response)
    assert "There is a problem" in page(response)
    assert wizard.KEY not in client.session


def test_a_credential_header_belongs_to_the_next_step(client: Client) -> None:
    shown = page(type_in(client, "https://example.com/x", headers=f"Authorization: Bearer {KEY}"))
    assert "Authorization is a credential" in shown
    assert KEY not in session_text()


def test_a_body_goes_with_post(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/ask", method="POST", json={"metric": "visits"}).respond_with_json({"visits": 5})
    address = httpserver.url_for("/ask")
    assert "A body goes with POST." in page(type_in(client, address, body='{"metric": "visits"}'))
    response = type_in(client, address, method="POST", body='{"metric": "visits"}')
    assert response.request["PATH_INFO"] == PICK


# --- dates in the address --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "since", "until", "written"),
    [
        ("startDate=2026-11-01&endDate=2026-11-30", "startDate", "endDate", "date"),
        ("start_date=20261101&end_date=20261130", "start_date", "end_date", "%Y%m%d"),
        ("from=2026-11-01T00:00:00Z", "from", "", "datetime"),
        ("since=1793527200", "since", "", "unix"),
        ("dateFrom=01.11.2026&dateTo=30.11.2026", "dateFrom", "dateTo", "%d.%m.%Y"),
        ("startdate=2026-11-01&enddate=2026-11-30", "startdate", "enddate", "date"),
    ],
)
def test_dates_in_an_address_are_recognised(query: str, since: str, until: str, written: str) -> None:
    typed = addressing.take_apart(f"https://example.com/api?{query}")
    assert addressing.dates_in(typed.params) == addressing.Dates(since=since, until=until, written=written)


@pytest.mark.parametrize("query", ["from=berlin", "limit=2026", "start=20", "version=2026-11-01", ""])
def test_other_parameters_are_not_dates(query: str) -> None:
    assert addressing.dates_in(addressing.take_apart(f"https://example.com/api?{query}").params) is None


def test_the_dates_are_filled_in_anew_unless_one_keeps_them(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/n").respond_with_json({"n": 5})
    response = type_in(client, httpserver.url_for("/n?from=2020-01-05&to=2020-02-05"))
    assert "It asks for dates. Waymark will fill in <code>from</code> and <code>to</code>" in page(response)
    assert httpserver.log[-1][0].args["from"] > "2026-01-01"
    response = client.post(PICK, {"then": "dates"}, follow=True)
    assert "The dates stay as you typed them." in page(response)
    assert httpserver.log[-1][0].args["from"] == "2020-01-05"


# --- the sign-in ------------------------------------------------------------------------------------------------------


def sign_in(client: Client, way: str, **more: str) -> Shown:
    """Choose a way to sign in."""
    return client.post(SIGN_IN, {"sign_in": way, **more}, follow=True)


def test_a_wrong_key_is_said_in_words(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/n").respond_with_handler(analytics)
    type_in(client, httpserver.url_for("/n"))
    response = sign_in(client, "bearer", key="wrong-key-0123456789")
    assert response.request["PATH_INFO"] == SIGN_IN
    assert "It answered 401: the key is missing or wrong." in page(response)
    assert "wrong-key-0123456789" not in page(response)


@pytest.mark.parametrize(
    ("way", "more", "sent"),
    [
        ("bearer", {"key": KEY}, {"headers": {"Authorization": f"Bearer {KEY}"}}),
        ("header", {"key": KEY, "header_name": "X-Key"}, {"headers": {"X-Key": KEY}}),
        ("query", {"key": KEY, "query_name": "k"}, {"query_string": {"k": KEY}}),
        ("basic", {"user_name": "robot", "password": KEY}, {"headers": None}),
    ],
)
def test_each_way_to_sign_in_reaches_the_source(
    client: Client, httpserver: HTTPServer, way: str, more: dict[str, str], sent: dict[str, Any]
) -> None:
    def guarded(request: Request) -> Response:
        given = (request.authorization and request.authorization.password) or request.args.get("k")
        given = given or request.headers.get("X-Key") or request.headers.get("Authorization", "")
        right = str(given).removeprefix("Bearer ") == KEY
        return Response('{"n": 5}' if right else "no", 200 if right else 401, content_type="application/json")

    httpserver.expect_request("/n").respond_with_handler(guarded)
    type_in(client, httpserver.url_for("/n"))
    response = sign_in(client, way, **more)
    assert response.request["PATH_INFO"] == PICK
    assert "stored encrypted" in page(response)
    assert KEY not in page(response)


def test_a_way_without_its_key_is_refused(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/n").respond_with_data("no", status=401)
    type_in(client, httpserver.url_for("/n"))
    assert "Enter it, or choose No." in page(sign_in(client, "bearer"))


def test_going_back_keeps_the_key_without_showing_it(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/n").respond_with_handler(analytics)
    address = httpserver.url_for("/n?startDate=2026-11-01&endDate=2026-11-30")
    type_in(client, address)
    sign_in(client, "bearer", key=KEY)
    back = page(client.get(CHANGE))
    assert f'value="{address.replace("&", "&amp;")}"' in back
    assert 'name="change"' in back
    again = page(client.get(SIGN_IN))
    assert "Empty keeps the one you entered." in again
    assert KEY not in again
    assert sign_in(client, "bearer").request["PATH_INFO"] == PICK
    assert type_in(client, address, change="1").request["PATH_INFO"] == PICK


def test_a_key_does_not_travel_to_another_address(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/n").respond_with_handler(analytics)
    type_in(client, httpserver.url_for("/n?startDate=2026-11-01&endDate=2026-11-30"))
    sign_in(client, "bearer", key=KEY)
    elsewhere = httpserver.url_for("/n").replace("localhost", "127.0.0.1")
    assert type_in(client, elsewhere, change="1").request["PATH_INFO"] == SIGN_IN
    assert "Authorization" not in httpserver.log[-1][0].headers


def test_a_key_in_the_address_is_sealed_at_once(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/n", query_string={"api_key": KEY, "m": "1"}).respond_with_json({"n": 5})
    response = type_in(client, httpserver.url_for(f"/n?m=1&api_key={KEY}"))
    assert response.request["PATH_INFO"] == PICK
    assert KEY not in page(response) + page(client.get(CHANGE)) + session_text()


def test_the_session_holds_the_key_only_under_seal(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/n").respond_with_handler(analytics)
    type_in(client, httpserver.url_for("/n"))
    sign_in(client, "bearer", key=KEY)
    assert '"sealed"' in json.dumps(client.session[wizard.KEY])
    assert client.session[wizard.KEY]["sealed"].startswith("1.tests.")
    assert KEY not in session_text()


# --- picking ----------------------------------------------------------------------------------------------------------


def save(client: Client, path: str, **more: str) -> Shown:
    """Pick the number at a path, answer the questions, and save."""
    return client.post(PICK, {**SAVING, "at": path, "path": path, "then": "target", **more})


def saved() -> tuple[Connection, Feed, Metric]:
    """Return the rows of the one connection that was saved."""
    metric = Metric.unscoped.select_related("feed__connection").get()
    return metric.feed.connection, metric.feed, metric


def test_an_analytics_api_becomes_a_metric_of_one_reading_a_day(
    client: Client, httpserver: HTTPServer, access: Access
) -> None:
    httpserver.expect_request("/v1/visitors").respond_with_handler(analytics)
    query = "startDate=2026-11-01&endDate=2026-11-30&metric=uniqueVisitors"
    type_in(client, httpserver.url_for(f"/v1/visitors?{query}"))
    shown = page(sign_in(client, "bearer", key=KEY))
    assert "every row: one reading a day, dated by <code>date</code>" in shown
    assert 'name="name" value="Unique visitors"' in shown
    response = save(
        client, "[0].uniqueVisitors", how="rows", nature="count", name="Visitors", counts_distinct="on", every="360"
    )
    connection, feed, metric = saved()
    assert response.headers["Location"] == f"/growth/targets/new/?metric={metric.pk}&from=connection"
    assert (connection.kind, connection.name) == ("http", f"localhost:{httpserver.port}")
    assert connection.address == httpserver.url_for("").rstrip("/")
    assert connection.unseal() == {"key": KEY}
    assert KEY not in connection.sealed + json.dumps(connection.settings) + json.dumps(feed.query)
    assert feed.query["path"] == "v1/visitors"
    assert feed.query["params"] == "startDate={since}\nendDate={until}\nmetric=uniqueVisitors"
    assert (feed.asks, feed.at_path, feed.query["rows"], feed.every) == ("window", "date", "", 360)
    assert (metric.value_path, metric.value_kind, metric.counts_distinct) == ("uniqueVisitors", "flow", True)
    assert feed.due_at is not None
    assert wizard.KEY not in client.session


def test_the_true_distinct_count_is_asked_for_the_period_so_far(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/n").respond_with_json({"uniqueVisitors": 7000})
    type_in(client, httpserver.url_for("/n?startDate=2026-11-01&endDate=2026-11-30"))
    save(client, "uniqueVisitors", running_period="quarter")
    _, feed, metric = saved()
    assert (feed.asks, feed.running_period, metric.value_kind) == ("period", "quarter", "running")


def test_a_level_needs_no_dates(client: Client, httpserver: HTTPServer) -> None:
    at_pick(client, httpserver, SUMMARY)
    save(client, "subscriptions.active", nature="level", name="Active subscriptions")
    _, feed, metric = saved()
    assert (feed.asks, feed.running_period, feed.at_path) == ("now", "", "")
    assert (metric.value_path, metric.value_kind, metric.counts_distinct) == ("subscriptions.active", "level", False)


def test_the_first_readings_are_there_on_the_next_page(client: Client, httpserver: HTTPServer) -> None:
    at_pick(client, httpserver, SUMMARY)
    save(client, "subscriptions.new")
    _, feed, metric = saved()
    assert feed.health == "fresh"
    assert metric.observations.count() == 1


def test_save_only_leads_to_the_metric(client: Client, httpserver: HTTPServer) -> None:
    at_pick(client, httpserver, SUMMARY)
    response = save(client, "subscriptions.new", then="metric")
    assert response.headers["Location"] == f"/growth/metrics/{saved()[2].pk}/"


@pytest.mark.parametrize(
    ("how", "value_path"),
    [("match", "plans[?name=='Team'].new | [0]"), ("sum", "sum(plans[*].new)"), ("place", "plans[1].new")],
)
def test_a_number_in_a_list_is_found_by_name_sum_or_place(
    client: Client, httpserver: HTTPServer, how: str, value_path: str
) -> None:
    at_pick(client, httpserver, SUMMARY)
    shown = page(client.get(PICK, {"at": "plans[1].new"}))
    assert "the entry where <code>name</code> is <code>Team</code>" in shown
    assert "the sum of all: <b>585</b>" in shown
    assert "whatever is in place 2" in shown
    save(client, "plans[1].new", how=how)
    assert saved()[2].value_path == value_path


def test_cents_become_euros_unless_one_says_no(client: Client, httpserver: HTTPServer) -> None:
    at_pick(client, httpserver, SUMMARY)
    shown = page(client.get(PICK, {"at": "revenue.mrr_cents"}))
    assert "Divide by 100: <b>82,400.00</b>" in shown
    assert 'name="unit" value="€"' in shown
    save(client, "revenue.mrr_cents", cents="on", unit="€", decimals="2")
    metric = saved()[2]
    assert (metric.scale, metric.unit, metric.decimals) == (0.01, "€", 2)


def test_a_share_is_shown_as_percent(client: Client, httpserver: HTTPServer) -> None:
    at_pick(client, httpserver, SUMMARY)
    shown = page(client.get(PICK, {"at": "health.payment_success_rate"}))
    assert "Show as percent: <b>98.73%</b>" in shown
    save(client, "health.payment_success_rate", percent="on", unit="%", nature="level")
    metric = saved()[2]
    assert (metric.scale, metric.unit, metric.value_kind) == (100.0, "%", "level")


def test_text_that_looks_like_a_number_can_be_picked(client: Client, httpserver: HTTPServer) -> None:
    shown = page(at_pick(client, httpserver, {"total": "12.50"}))
    assert "Text that looks like a number is marked ≈; click it to convert." in shown
    save(client, "total")
    assert saved()[2].value_path == "to_number(total)"


def test_an_answer_without_numbers_says_so(client: Client, httpserver: HTTPServer) -> None:
    shown = page(at_pick(client, httpserver, {"note": "hello"}))
    assert "The answer has no numbers." in shown
    assert "Change address" in shown
    assert "Save and set a target" not in shown


def test_a_large_answer_is_cut_and_says_so(client: Client, httpserver: HTTPServer) -> None:
    answer = {"all": [{"filler": "x" * 400, "n": number} for number in range(3000)]}
    shown = page(at_pick(client, httpserver, answer))
    assert "3,000 numbers to choose from" in shown
    assert "MB; only the start of it is shown. A narrower address is faster." in shown
    assert len(shown) < 1_500_000


def test_long_lists_fold(client: Client, httpserver: HTTPServer) -> None:
    shown = page(at_pick(client, httpserver, {"all": list(range(25))}))
    assert "<summary>5 more</summary>" in shown


def test_another_number_posted_without_a_script_is_asked_about_first(client: Client, httpserver: HTTPServer) -> None:
    at_pick(client, httpserver, SUMMARY)
    response = client.post(PICK, {**TYPED, "at": "subscriptions.new", "then": "target"})
    assert "You picked another number. Check what it is, then save." in page(response)
    assert not Metric.unscoped.exists()


@pytest.mark.parametrize("then", ["target", "choose"])
def test_what_was_typed_stays_with_another_number(client: Client, httpserver: HTTPServer, then: str) -> None:
    at_pick(client, httpserver, SUMMARY)
    shown = page(client.post(PICK, {**TYPED, "at": "plans[1].new", "then": then}, follow=True))
    assert '<code class="path">plans[1].new</code>' in shown
    assert 'name="name" value="My own name"' in shown
    assert 'name="unit" value="seats"' in shown
    assert '<option value="1440" selected>' in shown
    assert 'value="running" checked' in shown, "what it is, is asked of each number anew"


@pytest.mark.parametrize("then", ["target", "choose"])
def test_what_was_only_proposed_is_proposed_anew(client: Client, httpserver: HTTPServer, then: str) -> None:
    at_pick(client, httpserver, SUMMARY)
    proposed = {**TYPED, "name": "Subscriptions active", "unit": "", "decimals": "0"}
    response = client.post(PICK, {**proposed, "at": "revenue.mrr_cents", "then": then}, follow=True)
    assert 'name="name" value="Revenue mrr"' in page(response)
    assert 'name="unit" value="€"' in page(response)
    assert 'name="decimals" value="2"' in page(response)


def test_use_this_number_shows_its_panel(client: Client, httpserver: HTTPServer) -> None:
    at_pick(client, httpserver, SUMMARY)
    response = client.post(PICK, {"at": "plans[0].new", "then": "choose"}, follow=True)
    assert '<code class="path">plans[0].new</code>' in page(response)
    assert 'value="plans[0].new" aria-label="338, plans 1 new" checked' in page(response)
    assert len(httpserver.log) == 1


def test_the_panel_comes_alone_for_the_script(client: Client, httpserver: HTTPServer) -> None:
    at_pick(client, httpserver, SUMMARY)
    shown = page(client.get(PICK, {"at": "plans[0].new", "part": "panel"}))
    assert "You picked" in shown
    assert "<html" not in shown


def test_test_again_asks_again(client: Client, httpserver: HTTPServer) -> None:
    at_pick(client, httpserver, SUMMARY)
    client.get(PICK)
    assert len(httpserver.log) == 1
    client.post(PICK, {"then": "again"}, follow=True)
    assert len(httpserver.log) == 2


def test_testing_again_keeps_everything_that_was_entered(client: Client, httpserver: HTTPServer) -> None:
    at_pick(client, httpserver, SUMMARY)
    entered = {**TYPED, "path": "plans[1].new", "how": "sum"}
    shown = page(client.post(PICK, {**entered, "at": "plans[1].new", "then": "again"}, follow=True))
    assert 'name="name" value="My own name"' in shown
    assert '<option value="1440" selected>' in shown
    assert 'value="sum" checked' in shown
    assert 'value="level" checked' in shown


def test_testing_again_leaves_a_box_as_it_was_left(client: Client, httpserver: HTTPServer) -> None:
    at_pick(client, httpserver, SUMMARY)
    assert 'name="cents" checked' in page(client.get(PICK, {"at": "revenue.mrr_cents"}))
    again = {**TYPED, "path": "revenue.mrr_cents", "at": "revenue.mrr_cents", "then": "again"}
    assert 'name="cents">' in page(client.post(PICK, again, follow=True))
    assert 'name="cents" checked' in page(client.post(PICK, {**again, "cents": "on"}, follow=True))


def test_what_was_entered_waits_for_the_next_answer(client: Client, httpserver: HTTPServer) -> None:
    at_pick(client, httpserver, SUMMARY)
    httpserver.clear()
    httpserver.expect_request("/summary").respond_with_data("", status=500)
    shown = page(client.post(PICK, {**TYPED, "at": "subscriptions.active", "then": "again"}, follow=True))
    assert "It answered 500" in shown
    httpserver.clear()
    httpserver.expect_request("/summary").respond_with_json(SUMMARY)
    kept = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', shown))
    shown = page(client.post(PICK, {**kept, "then": "again"}, follow=True))
    assert '<code class="path">subscriptions.active</code>' in shown
    assert 'name="name" value="My own name"' in shown


def test_leaving_the_dates_as_typed_keeps_what_was_entered(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/n").respond_with_json({"n": 5})
    type_in(client, httpserver.url_for("/n?from=2020-01-05&to=2020-02-05"))
    response = client.post(PICK, {**TYPED, "path": "n", "at": "n", "then": "dates"}, follow=True)
    assert 'name="name" value="My own name"' in page(response)


def test_a_number_that_is_gone_is_asked_for_again(client: Client, httpserver: HTTPServer) -> None:
    at_pick(client, httpserver, SUMMARY)
    assert "The answer has changed since. Pick the number again." in page(save(client, "no.such.number"))
    assert not Metric.unscoped.exists()


def test_a_name_that_is_taken_is_refused_and_nothing_is_saved(client: Client, httpserver: HTTPServer) -> None:
    at_pick(client, httpserver, SUMMARY)
    save(client, "subscriptions.new", name="Taken")
    type_in(client, httpserver.url_for("/summary"))
    response = save(client, "plans[0].new", name="Taken", unit="seats")
    assert "There is another metric of this name." in page(response)
    assert 'value="seats"' in page(response)
    assert Connection.unscoped.count() == 1


def test_two_connections_to_one_host_get_two_names(client: Client, httpserver: HTTPServer) -> None:
    at_pick(client, httpserver, SUMMARY)
    save(client, "subscriptions.new", name="One")
    type_in(client, httpserver.url_for("/summary"))
    save(client, "subscriptions.new", name="Two")
    names = list(Connection.unscoped.values_list("name", flat=True))
    assert names == [f"localhost:{httpserver.port}", f"localhost:{httpserver.port} 2"]


def test_names_and_values_of_an_answer_are_text(client: Client, httpserver: HTTPServer) -> None:
    evil = '"><script>alert(1)</script>'
    answer = {evil: 5, "list": [{"name": evil, "n": 1}, {"name": "b", "n": 2}], "text": evil, "currency": evil}
    shown = page(at_pick(client, httpserver, answer)) + page(client.get(PICK, {"at": "list[0].n"}))
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)" in shown


def test_a_source_that_repeats_the_key_does_not_show_it(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/echo").respond_with_handler(
        lambda request: Response(json.dumps({"you": dict(request.headers), "n": 5}), content_type="application/json")
    )
    type_in(client, httpserver.url_for("/echo"))
    response = sign_in(client, "bearer", key=KEY)
    assert "Authorization" in page(response)
    assert KEY not in page(response)


def test_the_key_is_in_no_page_no_row_and_no_log(client: Client, httpserver: HTTPServer, owner: User) -> None:
    httpserver.expect_request("/n").respond_with_handler(analytics)
    type_in(client, httpserver.url_for("/n?startDate=2026-11-01&endDate=2026-11-30"))
    sign_in(client, "bearer", key=KEY)
    save(client, "[0].uniqueVisitors", how="rows", nature="count")
    connection = saved()[0]
    pages = [f"/growth/connections/{connection.pk}/{part}" for part in ("", "edit/", "delete/")]
    everything = "".join(page(client.get(address)) for address in [*pages, "/growth/connections/"])
    everything += page(client.post(f"/growth/connections/{connection.pk}/test/"))
    assert "200 OK" in everything
    assert KEY not in everything + session_text()
    assert KEY not in "".join(str(row) for row in CallRecord.unscoped.values())


# --- who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [ADDRESS, SIGN_IN, PICK])
def test_a_viewer_cannot_connect_anything(viewer: User, client_of: Callable[[User], Client], address: str) -> None:
    assert client_of(viewer).get(address).status_code == 403
    assert client_of(viewer).post(address, {"address": "https://example.com"}).status_code == 403


@pytest.mark.parametrize("address", [ADDRESS, SIGN_IN, PICK])
def test_an_outsider_finds_nothing(
    organisation: object, outsider: User, client_of: Callable[[User], Client], address: str
) -> None:
    assert client_of(outsider).get(address).status_code == 404


@pytest.mark.parametrize("address", [SIGN_IN, PICK])
def test_a_later_step_without_a_draft_leads_to_the_first(client: Client, address: str) -> None:
    assert client.get(address).headers["Location"] == ADDRESS


def test_a_draft_stays_in_its_organisation(
    client: Client, httpserver: HTTPServer, elsewhere: Any, editor: User
) -> None:
    at_pick(client, httpserver, SUMMARY)
    elsewhere.memberships.create(user=editor, role="editor")
    assert client.get("/elsewhere/connections/new/pick/").headers["Location"] == "/elsewhere/connections/new/"
    assert str(httpserver.port) not in page(client.get("/elsewhere/connections/new/"))
