"""One more number from a feed that is there: picked from its rows, against a real server."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors.models import CallRecord, Feed
from connectors.models.feed import Asks
from organisations.models import Organisation, User
from targets.models import Metric

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Shown

KEY = "sk-live-0123456789abcdef"
DAYS = 120  # of history: more than one collection asks for
BUTTON = "Add a number"
SAVING = {"nature": "count", "name": "Visits", "unit": "", "decimals": "0", "then": "target"}


@pytest.fixture
def client(editor: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(editor)


@pytest.fixture
def feed(organisation: Organisation, httpserver: HTTPServer) -> Feed:
    """Return a feed that reads a row a day, up to date, with one metric."""
    httpserver.expect_request("/daily").respond_with_handler(analytics)
    query = {"path": "daily", "params": "from={since}\nto={until}", "rows": "data.days"}
    row = connect(organisation, httpserver, query, asks=Asks.WINDOW, at_path="date", history_days=DAYS)
    row.metrics.create(organisation=organisation, name="Visitors", value_path="visitors")
    return row


def connect(organisation: Organisation, server: HTTPServer, query: dict[str, Any], **more: Any) -> Feed:
    """Save a connection with a key, and a feed that has collected everything."""
    settings = {"address": server.url_for("").rstrip("/"), "sign_in": "bearer"}
    connection = organisation.connections.model(organisation=organisation, name="Shop", kind="http", settings=settings)
    connection.seal({"key": KEY})
    connection.save()
    now = timezone.now()
    fields = {"covered_until": now, "due_at": now + timedelta(hours=1), **more}
    row: Feed = connection.feeds.create(name="Traffic", query=query, **fields)
    return row


def analytics(request: Request) -> Response:
    """Answer with a row for each day asked for, and say who asked."""
    if request.headers.get("Authorization") != f"Bearer {KEY}":
        return Response('{"error": "no key"}', 401, content_type="application/json")
    first, last = (date.fromisoformat(request.args[name]) for name in ("from", "to"))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    rows = [{"date": day.isoformat(), "visitors": 300, "visits": 400 + day.day} for day in days]
    answer = {"data": {"days": rows, "online": 12}, "you": dict(request.headers)}
    return Response(json.dumps(answer), content_type="application/json")


def of(feed: Feed) -> str:
    """Return the address of the page."""
    return f"/growth/connections/{feed.connection_id}/feeds/{feed.pk}/numbers/new/"


def page(response: Shown) -> str:
    """Return the text of a page that is shown."""
    assert response.status_code == 200
    return response.content.decode()


def save(client: Client, feed: Feed, path: str, **more: str) -> Shown:
    """Pick the number at a path of the rows, answer the questions, and save."""
    return client.post(of(feed), {**SAVING, "at": path, "path": path, **more})


# --- from the button to a metric --------------------------------------------------------------------------------------


def test_the_connections_page_leads_to_the_rows_of_its_feed(client: Client, feed: Feed) -> None:
    shown = page(client.get(f"/growth/connections/{feed.connection_id}/"))
    assert BUTTON in shown
    assert f'href="{of(feed)}"' in shown
    shown = page(client.get(of(feed)))
    assert "Click the number you want to track" in shown
    assert "14 numbers to choose from" in shown
    assert "Each row is dated by <code>date</code>" in shown


def test_a_second_metric_is_made_with_its_history(client: Client, feed: Feed) -> None:
    client.get(of(feed))
    response = save(client, feed, "[0].visits", name="Visits", unit="visits")
    metric = Metric.unscoped.get(name="Visits")
    assert response.headers["Location"] == f"/growth/targets/new/?metric={metric.pk}"
    assert (metric.feed, metric.value_path, metric.value_kind, metric.unit) == (feed, "visits", "flow", "visits")
    assert metric.observations.count() >= DAYS
    assert {reading.value for reading in metric.observations.all()} == {400.0 + day for day in range(1, 32)}
    assert Metric.unscoped.get(name="Visitors").observations.count() == metric.observations.count()


def test_save_only_leads_to_the_metric(client: Client, feed: Feed) -> None:
    response = save(client, feed, "[0].visits", then="metric")
    metric = Metric.unscoped.get(name="Visits")
    assert response.headers["Location"] == f"/growth/metrics/{metric.pk}/"
    assert "Visits is being collected." in page(client.get(response.headers["Location"]))


def test_a_paused_feed_is_not_asked_for_the_new_metric_before_it_is_resumed(client: Client, feed: Feed) -> None:
    Feed.unscoped.update(paused_at=timezone.now())
    response = save(client, feed, "[0].visits", then="metric")
    assert "Visits is collected once its feed is resumed." in page(client.get(response.headers["Location"]))
    assert not Metric.unscoped.get(name="Visits").observations.exists()


def test_looking_asks_once_and_leaves_nothing_but_a_line_in_the_log(
    client: Client, feed: Feed, httpserver: HTTPServer
) -> None:
    client.get(of(feed))
    client.get(of(feed), {"at": "[1].visits", "part": "panel"})
    client.get(of(feed), {"at": "[1].visits"})
    assert len(httpserver.log) == 1
    assert CallRecord.unscoped.get().collection is None
    assert not feed.collections.exists()
    client.get(of(feed))
    assert len(httpserver.log) == 2


def test_test_again_asks_again_about_the_same_number(client: Client, feed: Feed, httpserver: HTTPServer) -> None:
    client.get(of(feed))
    response = client.post(of(feed), {"at": "[1].visits", "then": "again"}, follow=True)
    assert '<code class="path">[1].visits</code>' in page(response)
    assert len(httpserver.log) == 2


def test_testing_again_keeps_what_was_entered(client: Client, feed: Feed) -> None:
    client.get(of(feed))
    entered = {**SAVING, "name": "My own name", "nature": "level", "path": "[1].visits", "at": "[1].visits"}
    response = client.post(of(feed), {**entered, "then": "again"}, follow=True)
    assert 'name="name" value="My own name"' in page(response)
    assert 'value="level" checked' in page(response)


def test_a_typed_name_stays_with_another_number_and_a_proposed_one_does_not(client: Client, feed: Feed) -> None:
    client.get(of(feed))
    entered = {"path": "[1].visits", "at": "[1].visitors", "unit": "", "decimals": "0", "then": "choose"}
    for name, kept in {"My own name": "My own name", "Visits": "Visitors 2"}.items():
        response = client.post(of(feed), {**entered, "name": name}, follow=True)
        assert f'name="name" value="{kept}"' in page(response)


# --- which numbers, and how they are found again ----------------------------------------------------------------------


def test_only_the_rows_of_the_feed_are_offered(client: Client, feed: Feed) -> None:
    shown = page(client.get(of(feed)))
    assert "This feed reads the rows of <code>data.days</code>; for another part of the answer" in shown
    assert "online" not in shown
    assert "The answer has changed since." in page(save(client, feed, "data.online"))
    assert Metric.unscoped.count() == 1


def test_a_number_of_one_answer_is_found_by_name_sum_or_place(
    client: Client, organisation: Organisation, httpserver: HTTPServer
) -> None:
    answer = {"seats": 9, "plans": [{"name": "Starter", "new": 338}, {"name": "Team", "new": 247}]}
    httpserver.expect_request("/summary").respond_with_json(answer)
    feed = connect(organisation, httpserver, {"path": "summary"})
    for how, value_path in (
        ("match", "plans[?name=='Team'].new | [0]"),
        ("sum", "sum(plans[*].new)"),
        ("place", "plans[1].new"),
    ):
        save(client, feed, "plans[1].new", how=how, name=how, nature="level")
        metric = Metric.unscoped.get(name=how)
        assert (metric.value_path, metric.segment_path) == (value_path, "")
        assert metric.observations.count() == 1


def test_an_answer_that_is_one_row_stays_one_row(
    client: Client, organisation: Organisation, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/plans").respond_with_json([{"name": "Starter", "new": 338}, {"name": "Team", "new": 2}])
    feed = connect(organisation, httpserver, {"path": "plans", "rows": "[@]"})
    assert "the sum of all: <b>340</b>" in page(client.get(of(feed)))
    save(client, feed, "[1].new", how="sum", nature="level")
    metric = Metric.unscoped.get()
    assert metric.value_path == "sum([*].new)"
    assert metric.observations.get().value == 340


@pytest.mark.parametrize("first", [True, False])
def test_rows_are_kept_apart_as_for_the_first_metric_or_as_their_dates_want_it(
    client: Client, organisation: Organisation, httpserver: HTTPServer, first: bool
) -> None:
    rows = [{"day": "2026-01-01", "land": land, "till": land, "n": 1, "m": 2} for land in ("AT", "DE")]
    httpserver.expect_request("/lands").respond_with_json(rows)
    feed = connect(organisation, httpserver, {"path": "lands"}, asks=Asks.WINDOW, at_path="day", history_days=1)
    if first:
        feed.metrics.create(organisation=organisation, name="First", value_path="n", segment_path="till")
    segment = "till" if first else "land"
    assert f"Kept apart by <code>{segment}</code>" in page(client.get(of(feed)))
    save(client, feed, "[1].m")
    assert Metric.unscoped.get(name="Visits").segment_path == segment


def test_a_feed_that_asks_for_the_period_so_far_gives_running_totals_only(client: Client, feed: Feed) -> None:
    Feed.unscoped.update(asks=Asks.PERIOD, running_period="month", at_path="")
    shown = page(client.get(of(feed)))
    assert 'value="running" checked' in shown
    refused = page(save(client, feed, "[0].visits", nature="count"))
    assert "The feed asks for the month so far, so its number is a running total." in refused
    assert Metric.unscoped.count() == 1


def test_dated_rows_are_first_taken_for_counts(client: Client, feed: Feed) -> None:
    shown = page(client.get(of(feed)))
    assert 'value="count" checked' in shown
    assert "How often" not in shown
    assert "Total of the" not in shown


def test_a_name_that_is_taken_is_refused(client: Client, feed: Feed) -> None:
    refused = page(save(client, feed, "[0].visits", name="Visitors", unit="visits"))
    assert "There is another metric of this name." in refused
    assert 'value="visits"' in refused
    assert Metric.unscoped.count() == 1


def test_it_works_without_a_script(client: Client, feed: Feed) -> None:
    client.get(of(feed))
    chosen = client.post(of(feed), {"at": "[2].visits", "then": "choose"}, follow=True)
    assert '<code class="path">[2].visits</code>' in page(chosen)
    other = client.post(of(feed), {**SAVING, "at": "[3].visits", "path": "[2].visits"})
    assert "You picked another number. Check what it is, then save." in page(other)
    assert Metric.unscoped.count() == 1


def test_the_panel_comes_alone_for_the_script(client: Client, feed: Feed) -> None:
    shown = page(client.get(of(feed), {"at": "[0].visits", "part": "panel"}))
    assert "You picked" in shown
    assert "<html" not in shown


# --- what can go wrong ------------------------------------------------------------------------------------------------


def test_a_source_that_is_down_is_said_in_words(client: Client, feed: Feed, httpserver: HTTPServer) -> None:
    httpserver.clear()
    httpserver.expect_request("/daily").respond_with_data("", status=500)
    shown = page(client.get(of(feed)))
    assert "It answered 500" in shown
    assert "Test again" in shown
    assert "Save and set a target" not in shown
    assert "The answer has changed" not in page(save(client, feed, "[0].visits"))
    assert Metric.unscoped.count() == 1


def test_a_refused_key_leads_to_the_connections_credentials(client: Client, feed: Feed) -> None:
    feed.connection.seal({"key": "another-key-0123456789"})
    feed.connection.save()
    shown = page(client.get(of(feed)))
    assert "It answered 401: the key is missing or wrong." in shown
    assert f'href="/growth/connections/{feed.connection_id}/key/"' in shown


def test_a_key_that_cannot_be_opened_is_said_in_words(client: Client, feed: Feed, httpserver: HTTPServer) -> None:
    feed.connection.sealed = "1.tests.nonsense"
    feed.connection.save()
    assert "The stored key cannot be opened any more." in page(client.get(of(feed)))
    assert httpserver.log == []


@pytest.mark.parametrize("rows", ["data.nothing", "data.days[?visits > `10000`]"])
def test_rows_that_are_not_there_lead_to_the_feed(client: Client, feed: Feed, rows: str) -> None:
    Feed.unscoped.update(query={**feed.query, "rows": rows})
    shown = page(client.get(of(feed)))
    assert f'href="/growth/connections/{feed.connection_id}/feeds/{feed.pk}/"' in shown
    assert "Change what is asked" in shown


def test_the_key_stands_nowhere_on_the_page(client: Client, feed: Feed) -> None:
    shown = page(client.get(of(feed))) + page(client.get(of(feed), {"part": "panel"}))
    Feed.unscoped.update(query={**feed.query, "rows": ""})
    shown += page(client.get(of(feed)))
    assert "Authorization" in shown  # the source repeats what it was sent
    assert KEY not in shown


# --- who may ----------------------------------------------------------------------------------------------------------


def test_a_viewer_has_no_button_and_no_page(viewer: User, client_of: Callable[[User], Client], feed: Feed) -> None:
    client = client_of(viewer)
    assert BUTTON not in page(client.get(f"/growth/connections/{feed.connection_id}/"))
    assert client.get(of(feed)).status_code == 403
    assert save(client, feed, "[0].visits").status_code == 403
    assert Metric.unscoped.count() == 1


def test_a_foreign_feed_a_missing_one_and_one_of_another_connection_are_not_found(
    outsider: User, client_of: Callable[[User], Client], client: Client, feed: Feed, organisation: Organisation
) -> None:
    foreign = of(feed).replace("growth", "elsewhere")
    missing = of(feed).replace(f"feeds/{feed.pk}/", "feeds/999999/")
    other = organisation.connections.create(name="Other", kind="http")
    astray = of(feed).replace(f"connections/{feed.connection_id}/", f"connections/{other.pk}/")
    assert client_of(outsider).get(foreign).status_code == 404
    assert client_of(outsider).get(of(feed)).status_code == 404
    assert [client.get(address).status_code for address in (missing, astray)] == [404, 404]


def test_nobody_is_asked_where_values_arrive_by_themselves(client: Client, organisation: Organisation) -> None:
    feed = organisation.connections.create(name="Typed in", kind="push").feeds.create(name="Daily")
    assert client.get(of(feed)).status_code == 404
    assert BUTTON not in page(client.get(f"/growth/connections/{feed.connection_id}/"))
