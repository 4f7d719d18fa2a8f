"""The pages about connections: what they show, who may change what, and that no credential ever comes back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_httpserver import HTTPServer

from connectors import presenting
from connectors.models import Connection, Feed
from connectors.models.feed import Health
from connectors.problems import told
from organisations.models import Organisation, User
from targets.models import Metric

KEY = "sk-live-0123456789abcdef"
REFUSED = {"code": "key_refused", "data": {"status": 401}}
LIST = "/growth/connections/"


@pytest.fixture
def client(editor: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(editor)


def connect(organisation: Organisation, name: str, *, address: str = "https://api.example.com", **feed: Any) -> Feed:
    """Save a connection with a key and one feed with one metric."""
    settings = {"address": address, "sign_in": "bearer"}
    row = Connection(organisation=organisation, name=name, kind="http", settings=settings)
    row.seal({"key": KEY})
    row.save()
    saved: Feed = row.feeds.create(name="Visitors", query={"path": "visitors"}, **feed)
    saved.metrics.create(organisation=organisation, name=f"Visitors of {name}", value_path="visitors")
    return saved


def page(client: Client, address: str) -> str:
    """Return the text of a page that is shown."""
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def of(feed: Feed, part: str = "") -> str:
    """Return the address of a feed's connection, or of a page under it."""
    return f"{LIST}{feed.connection_id}/{part}"


# --- the list ---------------------------------------------------------------------------------------------------------


def test_the_list_says_how_many_answer_and_which_does_not(client: Client, organisation: Organisation) -> None:
    connect(organisation, "Billing", health=Health.FRESH, answered_at=timezone.now())
    connect(organisation, "Warehouse", health=Health.FRESH, paused_at=timezone.now())
    feed = connect(organisation, "Survey tool", health=Health.UNAUTHORISED)
    feed.collections.create(started_at=timezone.now(), outcome="ok")
    feed.collections.create(started_at=timezone.now(), outcome="failed")
    feed.collections.create(started_at=timezone.now() - timedelta(days=8), outcome="failed")
    shown = page(client, LIST)
    assert "1 of 2 answers." in shown
    assert "Survey tool needs a new key." in shown
    assert "https://api.example.com" in shown
    assert "Visitors of Billing" in shown
    assert ">50%<" in shown


def test_where_everything_is_paused_the_list_says_so(client: Client, organisation: Organisation) -> None:
    connect(organisation, "Warehouse", health=Health.FRESH, paused_at=timezone.now())
    organisation.connections.create(name="By hand", kind="push")
    shown = page(client, LIST)
    assert "Nobody is asked at present." in shown
    assert "1 connection is paused." in shown
    assert "Numbers are typed in or pushed." not in shown


def test_where_nothing_can_be_asked_the_list_says_how_numbers_come(client: Client, organisation: Organisation) -> None:
    organisation.connections.create(name="By hand", kind="push")
    shown = page(client, LIST)
    assert "Nobody is asked at present." in shown
    assert "Numbers are typed in or pushed." in shown


def test_an_empty_list_says_what_to_do(client: Client, viewer: User, client_of: Callable[[User], Client]) -> None:
    shown = page(client, LIST)
    assert "No connections yet" in shown
    assert "Paste an address that answers in JSON." in shown
    assert "/growth/connections/new/" in shown
    assert "/growth/connections/new/" not in page(client_of(viewer), LIST)


def test_the_list_asks_the_database_no_more_often_for_more_connections(
    client: Client, organisation: Organisation
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(database) as seen:
            page(client, LIST)
        return len(seen)

    connect(organisation, "First")
    page(client, LIST)
    one = queries()
    for number in range(8):
        connect(organisation, f"Another {number}")
    assert queries() == one


@pytest.mark.parametrize(
    ("healths", "expected"),
    [
        ([Health.FRESH, Health.FAILING], Health.FAILING),
        ([Health.FAILING, Health.UNAUTHORISED], Health.UNAUTHORISED),
        ([Health.FRESH, Health.WAITING], Health.WAITING),
        ([Health.FRESH], Health.FRESH),
        ([], Health.WAITING),
    ],
)
def test_the_feed_that_needs_somebody_most_speaks_for_its_connection(healths: list[Health], expected: Health) -> None:
    assert presenting.worst_of([Feed(health=health) for health in healths], timezone.now()) == expected


@pytest.mark.parametrize(("rate", "shown"), [(None, "–"), (1.0, "100%"), (0.9999, ">99%"), (0.5, "50%"), (0.0, "0%")])
def test_a_success_rate_is_never_rounded_up_to_all(rate: float | None, shown: str) -> None:
    assert presenting.share_words(rate) == shown


# --- one connection ---------------------------------------------------------------------------------------------------


def test_a_refused_key_says_what_to_do(client: Client, organisation: Organisation) -> None:
    message = "It answered 401: the key is missing or wrong."
    feed = connect(organisation, "Billing", health=Health.UNAUTHORISED, problem=REFUSED, due_at=None)
    shown = page(client, of(feed))
    assert "It needs a new key." in shown
    assert message in shown
    assert "Enter a new key" in shown
    assert "Not before somebody mends it" in shown


def test_the_log_of_checks_is_paged_and_leads_to_each(client: Client, organisation: Organisation) -> None:
    feed = connect(organisation, "Billing", health=Health.FRESH)
    for number in range(21):
        at = timezone.now() - timedelta(hours=number)
        feed.collections.create(started_at=at, finished_at=at + timedelta(seconds=0.2124), outcome="ok", observations=3)
    shown = page(client, of(feed))
    assert "1 to 20 of 21" in shown
    assert shown.count("212 ms") == 20
    assert "3 readings" in shown
    assert of(feed, f"checks/{feed.collections.latest('started_at').pk}/") in shown
    assert "21 to 21 of 21" in page(client, of(feed, "?page=2"))


def test_since_when_a_source_fails_stands_within_the_sentence(client: Client, organisation: Organisation) -> None:
    since = timezone.now() - timedelta(minutes=5)
    feed = connect(organisation, "Billing", health=Health.FAILING, problem=REFUSED, failing_since=since)
    assert re.search(r"since (today|yesterday) \d\d:\d\d<", page(client, of(feed)))


def test_a_check_has_a_name_without_words(organisation: Organisation) -> None:
    started = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
    run = connect(organisation, "Billing").collections.create(started_at=started)
    assert str(run) == "Billing: Visitors 2026-11-20T13:30+00:00"


def test_a_failed_check_says_why_in_the_log(client: Client, organisation: Organisation) -> None:
    feed = connect(organisation, "Billing", health=Health.FAILING)
    feed.collections.create(started_at=timezone.now(), outcome="failed", problem=REFUSED)
    assert "It answered 401: the key is missing or wrong." in page(client, of(feed))


def test_the_last_answer_is_shown_as_text(client: Client, organisation: Organisation) -> None:
    feed = connect(organisation, "Billing", health=Health.FRESH)
    call = {"method": "GET", "url": "https://api.example.com/visitors", "status": 200, "took": 0.2124, "size": 1140}
    feed.connection.calls.create(at=timezone.now(), sample='{"visitors": "<b>5</b>"}', **call)
    assert "&lt;b&gt;5&lt;/b&gt;" in page(client, of(feed))


def test_a_connection_that_is_pushed_to_shows_its_last_reading(client: Client, organisation: Organisation) -> None:
    row = organisation.connections.create(name="By hand", kind="push")
    feed = row.feeds.create(name="Daily")
    assert "No reading yet" in page(client, of(feed))
    feed.metrics.create(organisation=organisation, name="Steps", last_at=timezone.now(), last_whole_day=False)
    for address in (LIST, of(feed)):
        shown = page(client, address)
        assert "Typed in or pushed" in shown
        assert "Today " in shown
        assert "No answer yet" not in shown


def test_a_connection_that_is_pushed_to_has_nothing_to_test(client: Client, organisation: Organisation) -> None:
    row = organisation.connections.create(name="Typed in", kind="push")
    feed = row.feeds.create(name="By hand")
    assert "Nobody is asked." in page(client, of(feed))
    assert "Test now" not in page(client, of(feed))
    assert client.post(of(feed, "test/")).status_code == 404
    assert client.post(of(feed, f"feeds/{feed.pk}/pause/")).status_code == 404


def test_testing_shows_the_answer_and_leaves_a_line_in_the_log(
    client: Client, organisation: Organisation, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/visitors", headers={"Authorization": f"Bearer {KEY}"}).respond_with_json(
        {"visitors": 5}
    )
    feed = connect(organisation, "Billing", address=httpserver.url_for("/"))
    shown = client.post(of(feed, "test/")).content.decode()
    assert "200 OK" in shown
    assert "Of this test a line in the call log is kept, and nothing else." in shown
    feed.refresh_from_db()
    assert (feed.health, feed.connection.calls.count()) == (Health.WAITING, 1)


def test_testing_says_in_words_what_is_wrong(
    client: Client, organisation: Organisation, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/visitors").respond_with_data("gone", status=404)
    feed = connect(organisation, "Billing", address=httpserver.url_for("/"))
    shown = client.post(of(feed, "test/"), {"feed": str(feed.pk)}).content.decode()
    assert "Nothing lives at this address (404). Check the path." in shown


def test_collecting_now_makes_the_feed_due(client: Client, organisation: Organisation) -> None:
    feed = connect(organisation, "Billing", due_at=timezone.now() + timedelta(hours=1))
    client.post(of(feed, f"feeds/{feed.pk}/collect/"))
    feed.refresh_from_db()
    assert feed.due_at is not None
    assert feed.due_at <= timezone.now()


def test_a_feed_is_paused_and_resumed(client: Client, organisation: Organisation) -> None:
    feed = connect(organisation, "Billing", health=Health.FRESH, due_at=timezone.now() + timedelta(hours=1))
    client.post(of(feed, f"feeds/{feed.pk}/pause/"))
    feed.refresh_from_db()
    assert feed.paused_at is not None
    assert "It is paused." in page(client, of(feed))
    client.post(of(feed, f"feeds/{feed.pk}/pause/"))
    feed = Feed.unscoped.get()
    assert feed.paused_at is None
    assert feed.due_at is not None
    assert feed.due_at <= timezone.now()


# --- editing ----------------------------------------------------------------------------------------------------------

EDIT = {"name": "Billing", "settings-address": "https://api.example.com", "settings-sign_in": "bearer"}


def test_an_empty_key_keeps_the_stored_one(client: Client, organisation: Organisation) -> None:
    feed = connect(organisation, "Billing")
    shown = page(client, of(feed, "edit/"))
    assert "••••••••cdef" in shown
    assert KEY not in shown
    client.post(of(feed, "edit/"), {**EDIT, "name": "Money"})
    row = Connection.unscoped.get(pk=feed.connection_id)
    assert (row.name, row.unseal()) == ("Money", {"key": KEY})


def test_a_new_key_replaces_the_old_one_and_wakes_the_feed(client: Client, organisation: Organisation) -> None:
    feed = connect(organisation, "Billing", health=Health.UNAUTHORISED, problem=REFUSED, failures=3, due_at=None)
    client.post(of(feed, "edit/"), {**EDIT, "secrets-key": "another-key-9876543210"})
    feed.refresh_from_db()
    assert Connection.unscoped.get(pk=feed.connection_id).unseal() == {"key": "another-key-9876543210"}
    assert (feed.health, feed.message, feed.failures) == (Health.WAITING, "", 0)
    assert feed.due_at is not None


def test_a_new_key_is_entered_on_a_page_of_its_own(client: Client, organisation: Organisation) -> None:
    feed = connect(organisation, "Billing", health=Health.UNAUTHORISED, problem=REFUSED, failures=3, due_at=None)
    shown = page(client, of(feed, "key/"))
    assert "Key or token" in shown
    assert "User name" not in shown
    assert KEY not in shown
    assert client.post(of(feed, "key/"), {"key": "another-key-9876543210"}).headers["Location"] == of(feed)
    feed.refresh_from_db()
    assert Connection.unscoped.get(pk=feed.connection_id).unseal() == {"key": "another-key-9876543210"}
    assert (feed.health, feed.message, feed.failures) == (Health.WAITING, "", 0)


def test_an_empty_new_key_is_refused_and_the_old_one_stays(client: Client, organisation: Organisation) -> None:
    feed = connect(organisation, "Billing")
    assert "Enter the new key." in client.post(of(feed, "key/"), {"key": ""}).content.decode()
    assert Connection.unscoped.get(pk=feed.connection_id).unseal() == {"key": KEY}


def test_of_user_name_and_password_either_may_stay(client: Client, organisation: Organisation) -> None:
    feed = connect(organisation, "Billing")
    row = Connection.unscoped.get(pk=feed.connection_id)
    row.settings["sign_in"] = "basic"
    row.seal({"user_name": "reader", "password": "old"})
    row.save()
    assert "Enter what is to be replaced." in client.post(of(feed, "key/"), {}).content.decode()
    client.post(of(feed, "key/"), {"password": "new"})
    row.refresh_from_db()
    assert row.unseal() == {"user_name": "reader", "password": "new"}


def test_a_connection_without_a_sign_in_has_no_key_to_replace(client: Client, organisation: Organisation) -> None:
    feed = connect(organisation, "Billing")
    Connection.unscoped.update(settings={"address": "https://api.example.com", "sign_in": "none"})
    assert client.get(of(feed, "key/")).status_code == 404
    assert "Enter a new key" not in page(client, of(feed))


def test_only_the_fields_of_the_chosen_sign_in_are_shown(client: Client, organisation: Organisation) -> None:
    shown = page(client, of(connect(organisation, "Billing"), "edit/"))
    assert 'data-when="settings-sign_in" data-is="basic steps"' in shown
    assert 'data-when="settings-sign_in" data-is="header"' in shown
    assert 'data-when="settings-sign_in" data-is="bearer header query steps"' in shown


def test_a_preset_is_never_called_optional(client: Client, organisation: Organisation) -> None:
    feed = connect(organisation, "Billing")
    shown = page(client, of(feed, f"feeds/{feed.pk}/"))
    labels = [text for text in shown.split("<label")[1:] if "Dates are sent as" in text.split("</label>")[0]]
    assert labels
    assert "optional" not in labels[0].split("</label>")[0]


def test_a_stored_key_does_not_travel_to_another_address(client: Client, organisation: Organisation) -> None:
    feed = connect(organisation, "Billing")
    elsewhere = {**EDIT, "settings-address": "https://api.example.org"}
    response = client.post(of(feed, "edit/"), elsewhere)
    assert "A stored key does not travel to another address." in response.content.decode()
    assert Connection.unscoped.get(pk=feed.connection_id).address == "https://api.example.com"
    client.post(of(feed, "edit/"), {**elsewhere, "secrets-key": "another-key-9876543210"})
    assert Connection.unscoped.get(pk=feed.connection_id).address == "https://api.example.org"


def test_what_is_not_entered_anew_stays_behind_when_the_address_moves(
    client: Client, organisation: Organisation
) -> None:
    feed = connect(organisation, "Billing")
    connection = Connection.unscoped.get(pk=feed.connection_id)
    connection.seal({"key": "an-old-key-0123456789", "password": "old"})
    connection.save()
    moved = {**EDIT, "settings-address": "https://api.example.org", "secrets-key": "another-key-9876543210"}
    client.post(of(feed, "edit/"), moved)
    connection.refresh_from_db()
    assert connection.unseal() == {"key": "another-key-9876543210"}


def test_a_lost_key_is_asked_for_again(client: Client, organisation: Organisation) -> None:
    feed = connect(organisation, "Billing")
    Connection.unscoped.filter(pk=feed.connection_id).update(sealed="1.lost.AAAA.AAAA")
    assert "They cannot be opened any more" in page(client, of(feed))
    assert "The stored key cannot be opened any more." in client.post(of(feed, "test/")).content.decode()
    client.post(of(feed, "edit/"), {**EDIT, "secrets-key": "another-key-9876543210"})
    assert Connection.unscoped.get(pk=feed.connection_id).unseal() == {"key": "another-key-9876543210"}


def test_a_name_that_is_taken_is_refused(client: Client, organisation: Organisation) -> None:
    connect(organisation, "Taken")
    feed = connect(organisation, "Billing")
    response = client.post(of(feed, "edit/"), {**EDIT, "name": "Taken"})
    assert "There is a problem" in response.content.decode()


def test_what_a_feed_asks_can_be_changed(client: Client, organisation: Organisation) -> None:
    feed = connect(organisation, "Billing", due_at=timezone.now() + timedelta(hours=1), covered_until=timezone.now())
    address = of(feed, f"feeds/{feed.pk}/")
    assert 'value="visitors"' in page(client, address)
    data = {
        "name": "Visits",
        "every": "1440",
        "asks": "period",
        "running_period": "month",
        "at_path": "",
        "at_format": "auto",
        "history_days": "90",
        "overlap_days": "2",
        "query-path": "visits",
        "query-params": "from={since}",
    }
    client.post(address, data)
    feed.refresh_from_db()
    assert (feed.name, feed.every, feed.asks, feed.running_period) == ("Visits", 1440, "period", "month")
    assert (feed.query["path"], feed.query["params"]) == ("visits", "from={since}")
    assert feed.due_at is not None
    assert feed.due_at <= timezone.now()
    assert feed.covered_until is None


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"asks": "period"}, "Choose the period whose total the source reports."),
        ({"query-params": "from={yesterday}"}, "is not known"),
        ({"at_format": "%d.%m."}, "A time format needs the year"),
        ({"at_path": "[[["}, "is no path we can follow"),
    ],
)
def test_a_feed_that_cannot_ask_is_refused(
    client: Client, organisation: Organisation, wrong: dict[str, str], sentence: str
) -> None:
    feed = connect(organisation, "Billing")
    right = {"name": "V", "every": "60", "asks": "now", "at_format": "auto", "history_days": "9", "overlap_days": "2"}
    response = client.post(of(feed, f"feeds/{feed.pk}/"), {**right, **wrong})
    assert sentence in response.content.decode()


# --- deleting ---------------------------------------------------------------------------------------------------------


def test_deleting_counts_what_would_be_lost_and_wants_the_name(client: Client, organisation: Organisation) -> None:
    feed = connect(organisation, "Billing")
    metric = Metric.unscoped.get()
    now = timezone.now()
    metric.observations.create(at=now, value=5, recorded_at=now)
    metric.observations.create(at=now - timedelta(days=1), value=5, recorded_at=now)
    metric.targets.create(organisation=organisation, name="More", goal=9, tracking_since=now.date())
    shown = page(client, of(feed, "delete/"))
    assert all(f"<li>{lost}</li>" in shown for lost in ("1 metric", "2 readings", "1 target"))
    assert "This is not its name." in client.post(of(feed, "delete/"), {"name": "billing"}).content.decode()
    assert client.post(of(feed, "delete/"), {"name": "Billing"}).headers["Location"] == LIST
    assert not Connection.unscoped.exists()


# --- who may ----------------------------------------------------------------------------------------------------------

CHANGING = ["edit/", "key/", "delete/", "feeds/{feed}/"]
ACTING = ["test/", "feeds/{feed}/pause/", "feeds/{feed}/collect/"]


def test_a_viewer_sees_everything_and_no_button(
    organisation: Organisation, viewer: User, client_of: Callable[[User], Client]
) -> None:
    feed = connect(organisation, "Billing", health=Health.UNAUTHORISED)
    shown = page(client_of(viewer), of(feed))
    assert "It needs a new key." in shown
    for word in ("Test now", "Enter a new key", "Pause", "Edit", "Delete", "Check now"):
        assert word not in shown


@pytest.mark.parametrize("part", [*CHANGING, *ACTING])
def test_a_viewer_can_change_nothing(
    organisation: Organisation, viewer: User, client_of: Callable[[User], Client], part: str
) -> None:
    feed = connect(organisation, "Billing")
    assert client_of(viewer).post(of(feed, part.format(feed=feed.pk)), {"name": "Billing"}).status_code == 403


@pytest.mark.parametrize("part", ["", *CHANGING, *ACTING])
def test_an_outsider_finds_nothing(
    organisation: Organisation, outsider: User, client_of: Callable[[User], Client], part: str
) -> None:
    feed = connect(organisation, "Billing")
    address = of(feed, part.format(feed=feed.pk))
    for where in (address, address.replace("/growth/", "/elsewhere/")):
        assert client_of(outsider).post(where, {"name": "Billing"}).status_code == 404


def test_a_feed_is_found_only_under_its_own_connection(client: Client, organisation: Organisation) -> None:
    one, other = connect(organisation, "One"), connect(organisation, "Other")
    assert client.get(of(one, f"feeds/{other.pk}/")).status_code == 404
    assert client.post(of(one, "test/"), {"feed": str(other.pk)}).status_code == 404


def test_names_are_text_on_every_page(client: Client, organisation: Organisation) -> None:
    evil = "<script>alert(1)</script>"
    feed = connect(organisation, evil, health=Health.FAILING, problem=told(evil).as_stored())
    for address in (LIST, of(feed), of(feed, "edit/"), of(feed, "delete/"), of(feed, f"feeds/{feed.pk}/")):
        assert evil not in page(client, address)
