"""Connections and feeds over the API: the same rules as on the pages, and no secret ever comes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_httpserver import HTTPServer
from rest_framework.test import APIClient

from connectors.forms import STAYS
from connectors.models import Connection, Feed
from connectors.models.feed import Health
from organisations.access import Access, access_for
from organisations.keys import new_key
from organisations.models import Organisation, User
from organisations.roles import Role

Api = Callable[[User], APIClient]
BASE = "/api/v1/growth/"
SECRET = "sk-analytics-0123456789-canary"
ANALYTICS: dict[str, Any] = {
    "name": "Analytics",
    "kind": "http",
    "settings": {"address": "https://analytics.example.com/api", "sign_in": "bearer"},
    "secrets": {"key": SECRET},
}
VISITORS = {"name": "Visitors", "query": {"path": "visitors", "params": "from={since}\nto={until}"}, "asks": "window"}
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def program(api: Api, editor: User) -> APIClient:
    return api(editor)


@pytest.fixture
def analytics(program: APIClient) -> Connection:
    return Connection.unscoped.get(pk=program.post(f"{BASE}connections/", ANALYTICS).json()["id"])


@pytest.fixture
def feed(program: APIClient, analytics: Connection) -> Feed:
    return Feed.unscoped.get(pk=program.post(f"{BASE}feeds/", {"connection": analytics.pk, **VISITORS}).json()["id"])


@pytest.fixture
def foreign(outsider: User) -> Feed:
    connection = access_for(outsider, "elsewhere").organisation.connections.create(name="Canary", kind="http")
    made: Feed = connection.feeds.create(name="Canary feed")
    return made


def errors(answer: Any) -> dict[str, list[str]]:
    """Return what is wrong by field, having checked that the answer is a problem."""
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    found: dict[str, list[str]] = answer.json()["errors"]
    return found


def test_a_connection_is_made_and_its_secret_is_sealed(program: APIClient) -> None:
    answer = program.post(f"{BASE}connections/", ANALYTICS)
    assert answer.status_code == 201
    assert answer.json()["address"] == "https://analytics.example.com/api"
    assert answer.json()["masks"] == {"key": "••••••••nary"}
    assert Connection.unscoped.get().unseal() == {"key": SECRET}


def test_no_answer_holds_the_secret(program: APIClient, analytics: Connection, feed: Feed) -> None:
    own = f"{BASE}connections/{analytics.pk}/"
    answers = [
        program.get(own),
        program.get(f"{BASE}connections/"),
        program.get(f"{BASE}feeds/{feed.pk}/"),
        program.patch(own, {"name": "Ours", "secrets": {"key": SECRET, "password": 5}}),
        program.patch(own, {"name": "Ours"}),
        program.post(f"{own}test/"),
    ]
    for answer in answers:
        assert SECRET not in answer.content.decode()
        assert analytics.sealed not in answer.content.decode()


def test_only_the_secrets_that_are_sent_are_replaced(program: APIClient, analytics: Connection) -> None:
    own = f"{BASE}connections/{analytics.pk}/"
    assert program.patch(own, {"secrets": {"user_name": "reader", "key": ""}}).status_code == 200
    analytics.refresh_from_db()
    assert analytics.unseal() == {"key": SECRET, "user_name": "reader"}


@pytest.mark.parametrize("address", ["https://elsewhere.example.org/api", "http://analytics.example.com/api"])
def test_a_stored_secret_does_not_travel_to_another_address(
    program: APIClient, analytics: Connection, address: str
) -> None:
    own = f"{BASE}connections/{analytics.pk}/"
    assert errors(program.patch(own, {"settings": {"address": address}})) == {"secrets": [str(STAYS)]}
    moved = {"settings": {"address": address}, "secrets": {"user_name": "reader"}}
    assert program.patch(own, moved).status_code == 200
    analytics.refresh_from_db()
    assert analytics.unseal() == {"user_name": "reader"}


def test_settings_that_are_not_sent_stay(program: APIClient, analytics: Connection) -> None:
    answer = program.patch(
        f"{BASE}connections/{analytics.pk}/", {"settings": {"headers": "Accept-Language: en"}}
    ).json()
    assert answer["settings"]["address"] == "https://analytics.example.com/api"
    assert answer["settings"]["headers"] == "Accept-Language: en"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"settings": {"address": "not an address"}}, "settings.address"),
        ({"settings": {"address": "https://a.example.com/?api_key=1"}}, "settings.address"),
        ({"settings": {"address": ["https://a.example.com"]}}, "settings.address"),
        ({"settings": {"address": None}}, "settings.address"),
        ({"settings": {**ANALYTICS["settings"], "sign_in": "magic"}}, "settings.sign_in"),
        ({"settings": {"addres": "https://a.example.com"}}, "settings.addres"),
        ({"settings": "https://a.example.com"}, "settings"),
        ({"settings": {**ANALYTICS["settings"], "headers": "Authorization: Bearer 1"}}, "settings.headers"),
        ({"secrets": {"token": "1"}}, "secrets.token"),
        ({"secrets": ["1"]}, "secrets"),
        ({"secrets": {"key": {"a": 1}}}, "secrets.key"),
        ({"secrets": {"key": "a\x00b"}}, "secrets.key"),
        ({"kind": "magic"}, "kind"),
        ({"kind": 7}, "kind"),
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": 7}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_what_makes_no_connection_is_refused_at_its_field(
    program: APIClient, change: dict[str, Any], field: str
) -> None:
    assert list(errors(program.post(f"{BASE}connections/", {**ANALYTICS, **change}))) == [field]
    assert not Connection.unscoped.exists()


def test_a_name_is_taken_once_in_an_organisation(program: APIClient, analytics: Connection, foreign: Feed) -> None:
    assert errors(program.post(f"{BASE}connections/", ANALYTICS)) == {
        "name": ["This is taken already. Choose another."]
    }
    assert program.post(f"{BASE}connections/", {**ANALYTICS, "name": "Canary"}).status_code == 201


def test_the_kind_of_a_connection_stays(program: APIClient, analytics: Connection) -> None:
    own = f"{BASE}connections/{analytics.pk}/"
    assert list(errors(program.patch(own, {"kind": "push"}))) == ["kind"]
    assert program.patch(own, {"kind": "http"}).status_code == 200


def test_what_was_answered_can_be_sent_back(program: APIClient, analytics: Connection, feed: Feed) -> None:
    for own in (f"{BASE}connections/{analytics.pk}/", f"{BASE}feeds/{feed.pk}/"):
        before = program.get(own).json()
        after = program.patch(own, before).json()
        assert {**after, "due_at": ""} == {**before, "due_at": ""}


def test_a_new_secret_wakes_the_feed_that_was_refused(program: APIClient, analytics: Connection, feed: Feed) -> None:
    Feed.unscoped.update(health=Health.UNAUTHORISED, due_at=None, failures=3)
    program.patch(f"{BASE}connections/{analytics.pk}/", {"secrets": {"key": "another"}})
    feed.refresh_from_db()
    assert (feed.health, feed.failures, feed.due_at is None) == (Health.WAITING, 0, False)


def test_a_feed_asks_in_any_rhythm_and_keeps_its_query(program: APIClient, analytics: Connection) -> None:
    answer = program.post(f"{BASE}feeds/", {"connection": analytics.pk, **VISITORS, "every": 30})
    assert answer.status_code == 201
    assert (answer.json()["every"], answer.json()["query"]["path"]) == (30, "visitors")
    changed = program.patch(f"{BASE}feeds/{answer.json()['id']}/", {"query": {"rows": "data"}}).json()
    assert (changed["query"]["path"], changed["query"]["rows"]) == ("visitors", "data")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"query": {"path": "../admin"}}, "query.path"),
        ({"query": {"rows": "data["}}, "query.rows"),
        ({"query": {"sql": "select 1"}}, "query.sql"),
        ({"query": {"params": "a={today}"}}, "query"),
        ({"query": []}, "query"),
        ({"every": 0}, "every"),
        ({"every": 1.5}, "every"),
        ({"every": "60"}, "every"),
        ({"every": True}, "every"),
        ({"every": 10**30}, "every"),
        ({"asks": "everything"}, "asks"),
        ({"asks": "period"}, "running_period"),
        ({"at_format": "%Q"}, "at_format"),
        ({"at_path": "a["}, "at_path"),
        ({"history_days": -1}, "history_days"),
        ({"connection": None}, "connection"),
        ({"connection": "1"}, "connection"),
        ({"connection": 1.0}, "connection"),
        ({"connection": 10**30}, "connection"),
        ({"connection": 999_999}, "connection"),
    ],
)
def test_what_makes_no_feed_is_refused_at_its_field(
    program: APIClient, analytics: Connection, change: dict[str, Any], field: str
) -> None:
    assert list(errors(program.post(f"{BASE}feeds/", {"connection": analytics.pk, **VISITORS, **change}))) == [field]
    assert not Feed.unscoped.exists()


@pytest.mark.parametrize(
    ("change", "is_read_otherwise"),
    [
        ({"every": 1440, "name": "Visits"}, False),
        ({"overlap_days": 5}, False),
        ({"row_filter": "visits > `0`"}, True),
        ({"at_path": "date"}, True),
        ({"query": {"path": "visits"}}, True),
        ({"history_days": 800}, True),
    ],
)
def test_a_feed_whose_rows_are_read_otherwise_is_asked_for_its_history_again(
    program: APIClient, feed: Feed, change: dict[str, Any], is_read_otherwise: bool
) -> None:
    feed.covered_until, feed.due_at = timezone.now(), timezone.now() + timedelta(hours=1)
    feed.save()
    assert program.patch(f"{BASE}feeds/{feed.pk}/", change, format="json").status_code == 200
    feed.refresh_from_db()
    assert feed.due_at is not None
    assert feed.due_at <= timezone.now()
    assert (feed.covered_until is None) == is_read_otherwise


AS_OBJECTS = {
    "path": "visitors", "params": {"from": "{since}", "page": 2, "all": True}, "headers": {"Accept-Language": "en"}
}  # fmt: skip


def test_names_with_values_may_be_sent_as_objects_and_are_answered_as_lines(
    program: APIClient, analytics: Connection
) -> None:
    sent = {"connection": analytics.pk, **VISITORS, "query": AS_OBJECTS}
    answer = program.post(f"{BASE}feeds/", sent, format="json")
    assert answer.status_code == 201, answer.json()
    assert answer.json()["query"]["params"] == "from={since}\npage=2\nall=true"
    assert answer.json()["query"]["headers"] == "Accept-Language: en"
    own = f"{BASE}connections/{analytics.pk}/"
    changed = program.patch(own, {"settings": {"headers": {"X-Team": "Growth"}}}, format="json").json()
    assert changed["settings"]["headers"] == "X-Team: Growth"


@pytest.mark.parametrize("value", [{"in": 1}, [1, 2], None, "two\nlines"])
def test_an_object_in_such_an_object_is_refused_where_it_stands(
    program: APIClient, analytics: Connection, value: Any
) -> None:
    sent = {"connection": analytics.pk, **VISITORS, "query": {"path": "visitors", "params": {"from": value}}}
    answer = program.post(f"{BASE}feeds/", sent, format="json")
    assert errors(answer) == {"query.params.from": ["Write a text or a number."]}


def test_a_credential_in_such_an_object_is_refused_too(program: APIClient, analytics: Connection) -> None:
    sent = {"connection": analytics.pk, **VISITORS, "query": {"path": "visitors", "params": {"token": "planted"}}}
    [[sentence]] = errors(program.post(f"{BASE}feeds/", sent, format="json")).values()
    assert sentence.startswith("token is a credential.")


def test_a_feed_stays_with_its_connection(program: APIClient, feed: Feed) -> None:
    other = program.post(f"{BASE}connections/", {**ANALYTICS, "name": "Other"}).json()["id"]
    assert list(errors(program.patch(f"{BASE}feeds/{feed.pk}/", {"connection": other}))) == ["connection"]


def test_nobody_is_asked_for_what_is_pushed(program: APIClient) -> None:
    pushed = program.post(f"{BASE}connections/", {"name": "Warehouse", "kind": "push"}).json()["id"]
    feed = program.post(f"{BASE}feeds/", {"connection": pushed, "name": "Stock"}).json()
    assert feed["due_at"] is None
    assert program.post(f"{BASE}feeds/{feed['id']}/collect/").status_code == 409
    assert program.post(f"{BASE}connections/{pushed}/test/").status_code == 409


def test_a_feed_is_asked_now_paused_and_resumed(program: APIClient, feed: Feed) -> None:
    Feed.unscoped.update(due_at=LONG_AGO)
    own = f"{BASE}feeds/{feed.pk}/"
    assert program.post(f"{own}collect/").status_code == 202
    feed.refresh_from_db()
    assert feed.due_at is not None
    assert feed.due_at > LONG_AGO
    assert program.post(f"{own}pause/").json()["paused_at"] is not None
    refused = program.post(f"{own}collect/")
    assert (refused.status_code, refused["Content-Type"]) == (409, "application/problem+json")
    assert refused.json()["detail"] == "Analytics is paused. Resume it first."
    assert program.post(f"{own}resume/").json()["paused_at"] is None


def test_a_try_shows_the_answer_with_its_facts_and_leaves_a_line_in_the_log(
    program: APIClient, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/visitors", headers={"Authorization": f"Bearer {SECRET}"}).respond_with_json(
        {"rows": [1, 2], "echo": f"you sent {SECRET}"}
    )
    own = f"{BASE}connections/{_at(program, httpserver)}/"
    answer = program.post(f"{own}test/", {"query": {"path": "visitors"}})
    found = answer.json()
    assert (found["ok"], found["status"], found["answer"]["rows"]) == (True, 200, [1, 2])
    assert found["size"] > 0
    assert SECRET not in answer.content.decode()
    assert program.get(f"{BASE}calls/").json()["count"] == 1


def test_a_try_that_fails_says_why(program: APIClient, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_json({"error": f"{SECRET} is revoked"}, status=401)
    answer = program.post(f"{BASE}connections/{_at(program, httpserver)}/test/")
    assert (answer.json()["ok"], answer.json()["status"]) == (False, 401)
    assert answer.json()["message"]
    assert SECRET not in answer.content.decode()


def test_a_try_asks_what_the_named_feed_asks(program: APIClient, httpserver: HTTPServer, foreign: Feed) -> None:
    httpserver.expect_request("/second").respond_with_json([2])
    connection = _at(program, httpserver)
    for name in ("first", "second"):
        program.post(f"{BASE}feeds/", {"connection": connection, "name": name, "query": {"path": name}})
    second = Feed.unscoped.get(name="second")
    own = f"{BASE}connections/{connection}/test/"
    assert program.post(own, {"feed": second.pk}).json()["answer"] == [2]
    assert errors(program.post(own, {"feed": foreign.pk})) == errors(program.post(own, {"feed": 999_999}))


def test_a_viewer_reads_and_changes_nothing(api: Api, viewer: User, analytics: Connection, feed: Feed) -> None:
    program = api(viewer)
    own = {f"{BASE}connections/": analytics.pk, f"{BASE}feeds/": feed.pk}
    for address, pk in own.items():
        assert program.get(address).json()["count"] == 1
        assert program.post(address, {}).status_code == 403
        assert program.patch(f"{address}{pk}/", {"name": "Mine"}).status_code == 403
        assert program.delete(f"{address}{pk}/").status_code == 403
    for action in (f"connections/{analytics.pk}/test/", f"feeds/{feed.pk}/collect/", f"feeds/{feed.pk}/pause/"):
        assert program.post(f"{BASE}{action}").status_code == 403
    feed.refresh_from_db()
    assert (feed.name, feed.paused_at) == ("Visitors", None)


def test_foreign_rows_are_missing_rows(program: APIClient, analytics: Connection, foreign: Feed) -> None:
    connection = foreign.connection_id
    for address, theirs in ((f"{BASE}connections/", connection), (f"{BASE}feeds/", foreign.pk)):
        for method in (program.get, program.delete):
            found, missing = method(f"{address}{theirs}/"), method(f"{address}999999/")
            assert (found.status_code, found.content) == (404, missing.content)
    body = {**VISITORS, "name": "Spy"}
    named = [program.post(f"{BASE}feeds/", {**body, "connection": pk}) for pk in (connection, 999_999)]
    assert errors(named[0]) == errors(named[1])
    filtered = [program.get(f"{BASE}feeds/?connection={pk}") for pk in (connection, 999_999)]
    assert filtered[0].content == filtered[1].content
    assert Feed.unscoped.filter(pk=foreign.pk).exists()


def test_a_key_opens_its_own_organisation_and_no_other(access: Access, outsider: User, feed: Feed) -> None:
    _, token = new_key(access, name="Warehouse", role=Role.EDITOR, expires_at=None)
    program = APIClient(headers={"Authorization": f"Bearer {token}"}, enforce_csrf_checks=True)
    assert program.get(f"{BASE}feeds/{feed.pk}/").status_code == 200
    assert program.post(f"{BASE}feeds/{feed.pk}/pause/").status_code == 200
    assert program.get("/api/v1/elsewhere/feeds/").status_code == 404


def test_a_session_writes_only_with_its_token(editor: User, feed: Feed) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(editor)
    refused = browser.post(f"{BASE}feeds/{feed.pk}/pause/")
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")


@pytest.mark.parametrize("address", ["connections/", "feeds/", "collections/", "calls/"])
def test_lists_cost_the_same_whatever_their_length(
    program: APIClient, organisation: Organisation, address: str
) -> None:
    costs = []
    for wanted in (10, 200):
        _fill(organisation, wanted)
        with CaptureQueriesContext(database) as queries:
            assert len(program.get(f"{BASE}{address}?page_size=1000").json()["results"]) == wanted
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 6


def test_the_kinds_say_what_they_take(program: APIClient) -> None:
    kinds = {kind["kind"]: kind for kind in program.get(f"{BASE}kinds/").json()}
    assert [field["name"] for field in kinds["http"]["secrets"]][:4] == [
        "key",
        "user_name",
        "password",
        "client_secret",
    ]
    choices = next(field for field in kinds["http"]["settings"] if field["name"] == "sign_in")["choices"]
    only_with = {field["name"]: field["only_with"] for field in kinds["http"]["settings"] + kinds["http"]["secrets"]}
    assert only_with["query_name"] == {"sign_in": ["query"]}
    assert only_with["certificate"] == {"sign_in": ["certificate"]}
    assert only_with["address"] == {}
    assert choices[0] == "none"
    assert {"bearer", "client_credentials", "hmac", "certificate"} < set(choices)
    assert kinds["push"]["collects"] is False


def _at(program: APIClient, httpserver: HTTPServer) -> int:
    """Make a connection to the test's own server."""
    settings = {"address": httpserver.url_for("/"), "sign_in": "bearer"}
    made = program.post(f"{BASE}connections/", {**ANALYTICS, "settings": settings})
    pk: int = made.json()["id"]
    return pk


def _fill(organisation: Organisation, wanted: int) -> None:
    """Bring the organisation to so many connections, each with a sealed key, a feed, a collection and a call."""
    for number in range(organisation.connections.count(), wanted):
        connection = Connection(organisation=organisation, name=f"C{number}", kind="http")
        connection.settings = {"address": "https://a.example.com"}
        connection.seal({"key": SECRET})
        connection.save()
        feed = connection.feeds.create(name="Feed")
        collection = feed.collections.create(started_at=LONG_AGO)
        connection.calls.create(collection=collection, at=LONG_AGO, method="GET", url="https://a.example.com", took=0.1)
