"""What page, API and admin say of limits and circuits, who may let calls out again, and what trying by hand counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_httpserver import HTTPServer
from rest_framework.test import APIClient

from connectors.models import Connection, Throttle
from connectors.models.feed import Health
from connectors.outbound.breaker import MOST_FAILURES
from connectors.problems import problem
from organisations.models import Organisation, User

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)  # one o'clock in Berlin
MINUTE = timedelta(minutes=1)
Browser = Callable[[User], Client]
Program = Callable[[User], APIClient]
LIMITED = {"calls_limit": 60, "calls_per": 60, "most_at_once": 3, "daily_quota": 1000}
OPEN = {
    "failures": 5,
    "failing_since": NOON - 9 * MINUTE,
    "times_opened": 2,
    "open_until": NOON + 2 * MINUTE,
    "reason": "server_error",
    "problem": problem("own_problem", status=500).as_stored(),
}


@pytest.fixture
def noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def connect(organisation: Organisation) -> Callable[..., Connection]:
    def make(address: str = "https://a.example", **fields: Any) -> Connection:
        made: Connection = organisation.connections.create(
            name="Analytics", kind="http", settings={"address": address, "sign_in": "none"}, **fields
        )
        return made

    return make


def page_of(client: Client, connection: Connection) -> str:
    return client.get(f"/growth/connections/{connection.pk}/").content.decode()


def used(connection: Connection, **state: Any) -> None:
    Throttle.unscoped.create(connection=connection, **state)


def test_the_page_says_how_much_is_used_up(
    noon: None, connect: Callable[..., Connection], viewer: User, client_of: Browser
) -> None:
    connection = connect(**LIMITED)
    slots = {"a": NOON.timestamp() + 9, "b": NOON.timestamp() + 9, "dead": NOON.timestamp() - 1}
    used(connection, free_at=NOON + timedelta(seconds=7), slots=slots, quota_on=date(2026, 11, 20), quota_used=250)
    shown = page_of(client_of(viewer), connection)
    assert "At most 60 calls a minute" in shown
    assert "The next may go out in 1.5 s." in shown
    assert "2 of 3 are running" in shown
    assert "250 of 1,000 calls" in shown
    assert '<progress max="100" value="25"' in shown
    assert "Closed: calls go out" in shown
    assert "Try again now" not in shown


def test_a_long_wait_is_said_as_a_time(
    noon: None, connect: Callable[..., Connection], viewer: User, client_of: Browser
) -> None:
    connection = connect(calls_limit=1, calls_per=3600)
    used(connection, free_at=NOON + timedelta(minutes=59))
    assert "The next may go out today 13:59." in page_of(client_of(viewer), connection)


def test_yesterdays_calls_are_not_todays(
    noon: None, connect: Callable[..., Connection], viewer: User, client_of: Browser
) -> None:
    connection = connect(**LIMITED)
    used(connection, quota_on=date(2026, 11, 19), quota_used=1000)
    shown = page_of(client_of(viewer), connection)
    assert "0 of 1,000 calls" in shown
    assert "The next may go out at once." in shown


def test_without_limits_the_circuit_alone_is_shown(
    noon: None, connect: Callable[..., Connection], viewer: User, client_of: Browser
) -> None:
    shown = page_of(client_of(viewer), connect())
    assert "Closed: calls go out" in shown
    assert "At most" not in shown


def test_nothing_is_said_where_nobody_is_called(organisation: Organisation, viewer: User, client_of: Browser) -> None:
    connection = organisation.connections.create(name="Typed in", kind="push")
    assert "Circuit breaker" not in page_of(client_of(viewer), connection)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (OPEN, "Open: no call goes out"),
        ({**OPEN, "open_until": NOON}, "Half open: the next call is the trial"),
        ({**OPEN, "open_until": NOON, "trial_until": NOON + MINUTE}, "Half open: one call is the trial"),
        ({"wait_until": NOON + 5 * MINUTE}, "No calls until today 13:05"),
    ],
)
def test_who_may_edit_can_let_calls_out_again(
    noon: None,
    connect: Callable[..., Connection],
    editor: User,
    viewer: User,
    client_of: Browser,
    state: dict[str, Any],
    said: str,
) -> None:
    connection = connect()
    used(connection, **state)
    assert said in page_of(client_of(viewer), connection)
    assert "Try again now" not in page_of(client_of(viewer), connection)
    assert "Try again now" in page_of(client_of(editor), connection)
    address = f"/growth/connections/{connection.pk}/try-again/"
    assert client_of(viewer).post(address).status_code == 403
    assert client_of(editor).get(address).status_code == 405
    assert said in page_of(client_of(viewer), connection)
    shown = client_of(editor).post(address, follow=True).content.decode()
    assert "Calls to Analytics go out again." in shown
    assert "Closed: calls go out" in shown
    assert "Try again now" not in shown


def test_an_open_circuit_tells_its_whole_story(
    noon: None, connect: Callable[..., Connection], viewer: User, client_of: Browser
) -> None:
    connection = connect()
    used(connection, **OPEN)
    assert (
        "It has failed 5 times in a row since 12:51, so it is left alone. It is tried again at 13:02. "
        "What it said last: It answered 500: the service has a problem of its own. We try again later."
    ) in page_of(client_of(viewer), connection)


def test_failures_are_counted_before_it_opens(
    noon: None, connect: Callable[..., Connection], viewer: User, client_of: Browser
) -> None:
    connection = connect()
    used(connection, failures=2)
    assert "2 calls in a row failed; at 5 it opens." in page_of(client_of(viewer), connection)


def test_a_connection_behind_a_gateway_leads_to_its_limits(
    organisation: Organisation, connect: Callable[..., Connection], viewer: User, client_of: Browser
) -> None:
    gateway = organisation.connections.create(name="Front door", kind="http", settings={"address": "https://g.example"})
    shown = page_of(client_of(viewer), connect(gateway=gateway))
    assert f'<a href="/growth/connections/{gateway.pk}/">Front door</a>' in shown


def test_the_api_says_the_same_for_programs(
    noon: None, connect: Callable[..., Connection], viewer: User, api: Program
) -> None:
    connection = connect(**LIMITED)
    used(connection, quota_on=date(2026, 11, 20), quota_used=250, wait_until=NOON + MINUTE, **OPEN)
    answer = api(viewer).get(f"/api/v1/growth/connections/{connection.pk}/limits/")
    assert answer.json() == {
        "calls_limit": 60,
        "calls_per": 60,
        "next_call_at": None,
        "most_at_once": 3,
        "running": 0,
        "daily_quota": 1000,
        "used_today": 250,
        "quota_anew_at": "2026-11-20T23:00:00Z",
        "wait_until": "2026-11-20T12:01:00Z",
        "circuit": "open",
        "failures": 5,
        "failing_since": "2026-11-20T11:51:00Z",
        "open_until": "2026-11-20T12:02:00Z",
        "problem": "own_problem",
        "message": "It answered 500: the service has a problem of its own. We try again later.",
    }


def test_the_api_lets_calls_out_again_for_who_may_edit(
    noon: None, connect: Callable[..., Connection], viewer: User, editor: User, outsider: User, api: Program
) -> None:
    connection = connect()
    used(connection, **OPEN)
    waiting = connection.feeds.create(name="Waiting", health=Health.FAILING, due_at=NOON + MINUTE)
    address = f"/api/v1/growth/connections/{connection.pk}/limits/reset/"
    assert api(viewer).post(address).status_code == 403
    assert api(outsider).post(address).status_code == 404
    answer = api(editor).post(address)
    assert (answer.status_code, answer.json()["circuit"], answer.json()["failures"]) == (200, "closed", 0)
    waiting.refresh_from_db()
    assert waiting.due_at == NOON


def test_the_admin_shows_it_and_changes_nothing(
    noon: None, connect: Callable[..., Connection], superuser: User, client_of: Browser
) -> None:
    connection = connect(**LIMITED)
    used(connection, quota_on=date(2026, 11, 20), quota_used=250, **OPEN)
    client = client_of(superuser)
    listed = client.get("/admin/connectors/throttle/").content.decode()
    assert "Open: no call goes out" in listed
    assert "250" in listed
    one = client.get(f"/admin/connectors/throttle/{connection.pk}/change/").content.decode()
    assert "It answered 500" in one
    assert 'name="_save"' not in one
    assert client.get("/admin/connectors/throttle/add/").status_code == 403


def test_trying_by_hand_counts_and_is_held_back_like_any_call(
    connect: Callable[..., Connection], httpserver: HTTPServer, editor: User, client_of: Browser
) -> None:
    httpserver.expect_request("/number").respond_with_json({"value": 7})
    connection = connect(httpserver.url_for(""), daily_quota=1)
    connection.feeds.create(name="Number", query={"path": "number"})
    client = client_of(editor)
    assert "It answers." in client.post(f"/growth/connections/{connection.pk}/test/").content.decode()
    again = client.post(f"/growth/connections/{connection.pk}/test/").content.decode()
    assert "Today’s quota of 1 call is used up. Test again after midnight." in again
    assert len(httpserver.log) == 1


def test_trying_by_hand_is_the_trial_of_who_is_left_alone(
    connect: Callable[..., Connection], httpserver: HTTPServer, editor: User, api: Program
) -> None:
    httpserver.expect_oneshot_request("/").respond_with_data("", 500)
    httpserver.expect_request("/").respond_with_json({"value": 7})
    connection = connect(httpserver.url_for(""))
    used(connection, **{**OPEN, "open_until": timezone.now() + 9 * MINUTE})
    program, address = api(editor), f"/api/v1/growth/connections/{connection.pk}"
    assert not program.post(f"{address}/test/", {"query": {}}).json()["ok"]
    assert program.get(f"{address}/limits/").json()["failures"] == MOST_FAILURES + 1
    assert program.post(f"{address}/test/", {"query": {}}).json()["ok"]
    assert program.get(f"{address}/limits/").json()["circuit"] == "closed"
