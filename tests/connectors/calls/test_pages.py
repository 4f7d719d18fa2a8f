"""The pages about the call log: figures with their trend, why calls failed, the log with its filters, one call."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connectors.calls.chart import Point, drawn
from connectors.calls.figures import figures, rate_words, sentence
from connectors.calls.hours import add_up
from connectors.calls.spans import Span
from connectors.calls.tallies import Tally
from connectors.models import CallRecord, Connection
from organisations.models import Organisation, User

NOW = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)  # a Friday afternoon in Berlin
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)


@pytest.fixture(autouse=True)
def friday() -> Iterator[None]:
    """Stop the clock on Friday 20 November 2026 at 14:30 in Berlin."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def client(viewer: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(viewer)


@pytest.fixture
def analytics(organisation: Organisation) -> Connection:
    return connected(organisation, "Analytics")


def connected(organisation: Organisation, name: str, **fields: Any) -> Connection:
    settings = {"address": "https://api.example.com", "sign_in": "none"}
    row: Connection = organisation.connections.create(name=name, **{"kind": "http", "settings": settings} | fields)
    return row


def called(connection: Connection, at: datetime, *, took: float = 0.2, reason: str = "", **fields: Any) -> CallRecord:
    """Write a call into the log."""
    usual: dict[str, Any] = {
        "method": "GET",
        "url": "https://api.example.com/visitors",
        "status": 503 if reason else 200,
        "size": 1200,
        "correlation_id": "abc",
        "problem": {"code": "own_problem", "data": {"status": 503}} if reason else {},
    }
    row: CallRecord = connection.calls.create(at=at, took=took, reason=reason, **usual | fields)
    return row


def of(connection: Connection, part: str = "") -> str:
    return f"/growth/connections/{connection.pk}/calls/{part}"


def page(client: Client, address: str) -> str:
    """Return the text of a page that is shown."""
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def words(html: str) -> str:
    """Return the text of a page as it is read."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


# --- what they add up to ----------------------------------------------------------------------------------------------


def test_figures_are_told_with_their_change_against_the_week_before(client: Client, analytics: Connection) -> None:
    for place in range(20):
        called(analytics, NOW - HOUR - timedelta(minutes=place), took=0.5, reason="server_error" if place < 1 else "")
    for place in range(10):
        called(analytics, NOW - WEEK - HOUR - timedelta(minutes=place), took=1.0)
    shown = words(page(client, of(analytics, "?days=1")))
    assert "20 calls in the last 24 hours; 5.0% failed." in shown
    assert "Calls 20 100% more than a week before" in shown
    assert "Error rate 5.0% 5.0 pt higher than a week before" in shown
    assert "Data 24 kB 100% more than a week before" in shown
    assert re.search(r"95 of 100 within (4\d\d|5\d\d) ms (4\d|5\d)% faster than a week before", shown)


@pytest.mark.parametrize("added_up", [False, True])
def test_the_stretch_is_chosen_and_days_are_those_of_the_organisation(
    client: Client, analytics: Connection, added_up: bool
) -> None:
    for at in (NOW - HOUR, NOW - 3 * DAY, NOW - 20 * DAY, NOW - 40 * DAY):
        called(analytics, at)
    if added_up:
        add_up(NOW)
    assert "1 call in the last 24 hours, and it did not fail." in page(client, of(analytics, "?days=1"))
    assert "2 calls in the last 7 days, and none failed." in page(client, of(analytics))
    assert "3 calls in the last 30 days" in page(client, of(analytics, "?days=30"))
    assert "2 calls in the last 7 days" in page(client, of(analytics, "?days=1e9"))


def test_a_chart_has_its_table_for_those_who_cannot_see_it(client: Client, analytics: Connection) -> None:
    called(analytics, NOW - HOUR, took=0.1)
    called(analytics, NOW - HOUR, took=0.1, reason="timeout")
    shown = page(client, of(analytics, "?days=1"))
    assert shown.count('<rect class="went-well"') == 1 + 1  # and one in the legend
    assert "13:00 2 1 50.0%" in words(shown)
    assert "The same numbers are in the table." in shown


def test_a_chart_draws_failures_at_the_foot_and_no_line_where_nothing_is_known() -> None:
    points = [
        Point(label="1", calls=10, failed=5, slow=1.0),
        Point(label="2", calls=0, failed=0, slow=None),
        Point(label="3", calls=4, failed=0, slow=2.0),
        Point(label="4", calls=1, failed=0, slow=1.0),
    ]
    drawing = drawn(points, step=2)
    assert [(bar.y, bar.height, bar.failed_y, bar.failed_height) for bar in drawing.bars] == [
        ("16.0", "50.0", "66.0", "50.0"),
        ("76.0", "40.0", "116.0", ""),
        ("106.0", "10.0", "116.0", ""),
    ]
    assert [(line.x1, line.y1, line.x2, line.y2) for line in drawing.lines] == [("62.50%", "16.0", "87.50%", "66.0")]
    assert [tick.text for tick in drawing.ticks] == ["2", "4"]
    assert (drawing.most, drawing.slowest) == ("10", "2.0 s")


@pytest.mark.parametrize(
    ("share", "shown"),
    [(None, "–"), (0, "0%"), (0.0001, "<0.1%"), (0.05, "5.0%"), (0.9999, ">99.9%"), (1, "100%")],
)
def test_an_error_rate_is_never_none_while_a_call_failed_nor_all_while_one_went_well(
    share: float | None, shown: str
) -> None:
    assert rate_words(share) == shown


def test_where_there_was_nothing_before_nothing_is_compared() -> None:
    changes = {figure.change for figure in figures(Tally.of([(0.2, 10, "")]), Tally())}
    assert changes == {"nothing to compare a week before"}
    assert sentence(Tally(), Span(30)) == ("No call in the last 30 days.", "")


def test_a_large_change_is_told_in_times() -> None:
    more = figures(Tally.of([(10.0, 1000, "")] * 20), Tally.of([(0.5, 100, "")]))
    assert [figure.change for figure in more][:3] == [
        "20 times as many as a week before",
        "as a week before",
        "200 times as much as a week before",
    ]
    same = figures(Tally.of([(0.5, 100, "")]), Tally.of([(0.5, 100, "")]))
    assert [figure.change for figure in same][0::2][:2] == ["as many as a week before", "as much as a week before"]


def test_an_empty_log_says_how_long_calls_stay(client: Client, organisation: Organisation) -> None:
    shown = page(client, of(connected(organisation, "New", keep_calls_days=7)))
    assert "No call in the last 7 days." in shown
    assert "No call is in the log. Each stays for 7 days." in shown


# --- why calls failed, which were slow, the quota ---------------------------------------------------------------------


def test_failures_are_gathered_by_reason_with_the_sentence_of_the_latest(client: Client, analytics: Connection) -> None:
    latest = called(analytics, NOW - HOUR, reason="server_error")
    called(analytics, NOW - 2 * HOUR, reason="server_error")
    shown = page(client, of(analytics))
    assert "A problem of the service" in shown
    assert "It answered 503: the service has a problem of its own." in shown
    assert "2 times" in shown
    assert of(analytics, f"{latest.pk}/") in shown
    assert "2 calls in the last 7 days; 100% failed." in shown


def test_the_slowest_calls_lead_to_themselves(client: Client, analytics: Connection) -> None:
    rows = [called(analytics, NOW - HOUR, took=took) for took in (0.1, 7.0, 3.0)]
    shown = page(client, of(analytics)).split("Slowest calls")[1].split("The log</h2>")[0]
    assert [f"/calls/{rows[place].pk}/" in shown for place in range(3)] == [True, True, True]
    assert shown.index("7.0 s") < shown.index("3.0 s") < shown.index("100 ms")


def test_the_quota_is_held_against_each_day(client: Client, organisation: Organisation) -> None:
    row = connected(organisation, "Analytics", daily_quota=4)
    for at in [NOW - HOUR, NOW - 2 * HOUR, *([NOW - DAY] * 5)]:
        called(row, at)
    shown = words(page(client, of(row, "?days=1")))
    assert "4 calls a day" in shown
    assert "20 Nov 2 50%" in shown
    assert "19 Nov 5 125%" in shown
    assert "Daily quota" not in page(client, of(connected(organisation, "Billing")))


# --- the log ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def log(analytics: Connection) -> Connection:
    first, second = analytics.feeds.create(name="Visitors"), analytics.feeds.create(name="Orders")
    for place, (feed, status, reason, url) in enumerate(
        [
            (first, 200, "", "https://api.example.com/visitors?day=1"),
            (first, 503, "server_error", "https://api.example.com/visitors?day=2"),
            (second, 404, "not_found", "https://api.example.com/orders"),
            (second, None, "timeout", "https://api.example.com/orders?page=2"),
            (second, 302, "", "https://api.example.com/elsewhere"),
        ]
    ):
        run = feed.collections.create(started_at=NOW)
        called(analytics, NOW - place * HOUR, status=status, reason=reason, url=url, collection=run)
    return analytics


def listed(html: str) -> list[str]:
    """Return the addresses in the log, as they are listed."""
    return re.findall(r'<p class="address">GET https://api.example.com/([^<]*)</p>', html.split("The log</h2>")[1])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", ["visitors?day=1", "visitors?day=2", "orders", "orders?page=2", "elsewhere"]),
        ("status=2xx", ["visitors?day=1"]),
        ("status=3xx", ["elsewhere"]),
        ("status=4xx", ["orders"]),
        ("status=5xx", ["visitors?day=2"]),
        ("status=none", ["orders?page=2"]),
        ("failed=1", ["visitors?day=2", "orders", "orders?page=2"]),
        ("reason=timeout", ["orders?page=2"]),
        ("q=ORDERS", ["orders", "orders?page=2"]),
        ("q=orders&failed=1&status=4xx", ["orders"]),
        ("q=%00", ["visitors?day=1", "visitors?day=2", "orders", "orders?page=2", "elsewhere"]),
        ("feed=99999999999999999999999", ["visitors?day=1", "visitors?day=2", "orders", "orders?page=2", "elsewhere"]),
    ],
)
def test_the_log_is_filtered(client: Client, log: Connection, asked: str, expected: list[str]) -> None:
    assert listed(page(client, of(log, f"?{asked}"))) == expected


def test_the_log_is_filtered_by_feed(client: Client, log: Connection) -> None:
    feed = log.feeds.get(name="Orders")
    shown = page(client, of(log, f"?feed={feed.pk}"))
    assert listed(shown) == ["orders", "orders?page=2", "elsewhere"]
    assert f'<option value="{feed.pk}" selected>Orders</option>' in shown


def test_a_filter_that_finds_nothing_says_so(client: Client, log: Connection) -> None:
    assert "No call in the log is like this. Try fewer filters." in page(client, of(log, "?q=nothing"))


def test_the_log_is_paged_and_keeps_its_filters(client: Client, analytics: Connection) -> None:
    for place in range(51):
        called(analytics, NOW - timedelta(minutes=place), reason="timeout")
    shown = page(client, of(analytics, "?failed=1&days=30"))
    assert "1 to 50 of 51" in shown
    assert "?failed=1&amp;days=30&amp;page=2" in shown
    assert len(listed(page(client, of(analytics, "?failed=1&page=2")))) == 1


def test_the_page_asks_the_database_no_more_often_for_more_calls(client: Client, analytics: Connection) -> None:
    def queries() -> int:
        with CaptureQueriesContext(database) as seen:
            page(client, of(analytics, "?days=30"))
        return len(seen)

    called(analytics, NOW - HOUR, reason="timeout")
    page(client, of(analytics))
    few = queries()
    for place in range(40):
        called(analytics, NOW - place * DAY, reason="timeout" if place % 2 else "server_error")
    assert queries() == few
    add_up(NOW)
    assert queries() == few


def test_the_download_holds_what_is_filtered_and_runs_nothing(client: Client, log: Connection) -> None:
    called(log, NOW, url='=HYPERLINK("https://evil.example")')
    response = client.get(of(log, "?as=csv"))
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert response.headers["Content-Disposition"] == f'attachment; filename="calls-{log.pk}.csv"'
    assert rows[0][:6] == ["Time", "Connection", "Feed", "Method", "Address", "Status"]
    assert len(rows) == 1 + 6
    assert rows[1][4] == '\'=HYPERLINK("https://evil.example")'
    narrow = client.get(of(log, "?as=csv&status=5xx")).content.decode("utf-8-sig")
    assert [row[2:6] for row in csv.reader(io.StringIO(narrow))][1:] == [
        ["Visitors", "GET", "https://api.example.com/visitors?day=2", "503"]
    ]


def test_a_gateways_page_has_the_calls_of_what_is_behind_it(client: Client, organisation: Organisation) -> None:
    gateway = connected(organisation, "Gateway")
    behind = connected(organisation, "Behind", gateway=gateway)
    row = called(behind, NOW - HOUR)
    shown = page(client, of(gateway))
    assert "1 call in the last 7 days" in shown
    assert "Those of the connections behind it are counted too." in shown
    assert of(behind, f"{row.pk}/") in shown
    assert "<span>Behind</span>" in shown


# --- one call ---------------------------------------------------------------------------------------------------------


def test_one_call_is_shown_with_everything_that_is_kept(client: Client, log: Connection) -> None:
    row = called(log, NOW - HOUR, reason="server_error", took=1.25, sample='{"a": "<b>"}', attempt=2)
    other = called(log, NOW - HOUR - timedelta(seconds=3), attempt=1)
    shown = page(client, of(log, f"{row.pk}/"))
    read = words(shown)
    assert "It answered 503: the service has a problem of its own." in shown
    assert "Method GET Address https://api.example.com/visitors Time Today 13:30 Attempt 2" in read
    assert "Correlation id abc sent along as X-Request-Id" in read
    assert "Status 503 Took 1.3 s Size 1.2 kB Reason A problem of the service" in read
    assert "&lt;b&gt;" in shown
    assert of(log, f"{other.pk}/") in shown


def test_a_call_leads_to_its_check(client: Client, log: Connection) -> None:
    row = log.calls.exclude(collection=None).latest("at")
    assert f"/growth/connections/{log.pk}/checks/{row.collection_id}/" in page(client, of(log, f"{row.pk}/"))


def test_a_call_of_another_connection_or_organisation_is_not_there(
    client: Client, analytics: Connection, organisation: Organisation, elsewhere: Organisation
) -> None:
    other, foreign = connected(organisation, "Other"), connected(elsewhere, "Foreign")
    for row in (called(other, NOW), called(foreign, NOW)):
        assert client.get(of(analytics, f"{row.pk}/")).status_code == 404
    assert client.get(f"/growth/connections/{foreign.pk}/calls/").status_code == 404


# --- elsewhere on the pages -------------------------------------------------------------------------------------------


def test_the_connections_page_has_the_main_figures_and_the_way_to_the_log(
    client: Client, analytics: Connection
) -> None:
    called(analytics, NOW - HOUR, reason="timeout")
    called(analytics, NOW - HOUR)
    shown = page(client, f"/growth/connections/{analytics.pk}/")
    assert of(analytics) in shown
    assert "2 calls in the last 7 days; 50.0% failed." in shown
    assert "95 of 100 within" in shown


def test_where_nobody_is_called_there_is_no_panel(client: Client, organisation: Organisation) -> None:
    row = connected(organisation, "By hand", kind="push", settings={})
    assert "The call log" not in page(client, f"/growth/connections/{row.pk}/")
    reader = connected(organisation, "Log", kind="calls", settings={"of": "By hand"})
    assert "The call log" not in page(client, f"/growth/connections/{reader.pk}/")


def test_all_connections_are_listed_the_worst_first(client: Client, organisation: Organisation) -> None:
    good, bad, gateway = (connected(organisation, name) for name in ("Good", "Bad", "Gateway"))
    behind = connected(organisation, "Behind", gateway=gateway)
    connected(organisation, "By hand", kind="push", settings={})
    for row, reason in [(good, ""), (bad, "timeout"), (behind, "timeout"), (behind, ""), (gateway, "")]:
        called(row, NOW - HOUR, reason=reason)
    called(bad, NOW - HOUR - WEEK)
    shown = words(page(client, "/growth/connections/calls/"))
    assert "5 calls in the last 7 days; 40.0% failed." in shown
    assert "By hand" not in shown
    assert re.search(
        r"Bad 1 100% 100.0 pt higher than a week before.* Behind 2 50.0% .*Gateway 3 33.3% .*Good 1 0%", shown
    )


def test_the_pages_of_an_empty_organisation_say_so(client: Client, organisation: Organisation) -> None:
    assert "Nobody is called" in page(client, "/growth/connections/calls/")


def test_only_whoever_may_edit_is_offered_a_target(
    client: Client, analytics: Connection, editor: User, client_of: Callable[[User], Client]
) -> None:
    called(analytics, timezone.now() - HOUR)
    assert "Make it a target" not in page(client, of(analytics))
    shown = page(client_of(editor), of(analytics))
    assert [rule for rule in ("errors", "slow", "quota") if of(analytics, f"target/{rule}/") in shown] == [
        "errors",
        "slow",
        "quota",
    ]
