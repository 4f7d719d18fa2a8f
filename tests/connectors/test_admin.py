"""The admin screens of connections: what staff can do there, and that no credential is shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connectors.models import CallRecord, Collection, Connection, Feed
from connectors.models.feed import Health
from organisations.models import Organisation, User

KEY = "sk-live-0123456789abcdef"
SETTINGS = {"address": "https://api.example.com", "sign_in": "bearer"}


@pytest.fixture
def feed(organisation: Organisation) -> Feed:
    row = Connection(organisation=organisation, name="Billing", kind="http", settings=SETTINGS)
    row.seal({"key": KEY})
    row.save()
    saved: Feed = row.feeds.create(name="Visitors", query={"path": "visitors"})
    collection = saved.collections.create(started_at=timezone.now())
    row.calls.create(collection=collection, at=timezone.now(), method="GET", url="https://api.example.com/", took=0.2)
    return saved


@pytest.fixture
def client(superuser: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(superuser)


def staff(person: User) -> User:
    """Let a member into the admin."""
    person.is_staff = True
    person.save()
    return person


def change(row: Any) -> str:
    """Return the address of a row's screen."""
    return reverse(f"admin:connectors_{row._meta.model_name}_change", args=[row.pk])


def edit(client: Client, row: Connection, **changes: Any) -> Any:
    """Save a connection's screen."""
    return client.post(change(row), {"name": "Billing", "settings": json.dumps(SETTINGS), "credentials": "", **changes})


@pytest.mark.parametrize("model", [Connection, Feed, Collection, CallRecord])
def test_every_list_and_screen_opens_without_a_credential(client: Client, feed: Feed, model: Any) -> None:
    row = model.unscoped.get()
    for address in (reverse(f"admin:connectors_{model._meta.model_name}_changelist") + "?q=billing", change(row)):
        response = client.get(address)
        assert response.status_code == 200
        assert KEY not in response.content.decode()
        assert feed.connection.sealed not in response.content.decode()


def test_new_credentials_replace_the_stored_ones_and_wake_the_feed(client: Client, feed: Feed) -> None:
    Feed.unscoped.update(health=Health.UNAUTHORISED, due_at=None)
    assert edit(client, feed.connection, credentials='{"key": "another-key-9876543210"}').status_code == 302
    assert Connection.unscoped.get().unseal() == {"key": "another-key-9876543210"}
    feed.refresh_from_db()
    assert (feed.health, feed.due_at is None) == (Health.WAITING, False)


def test_empty_credentials_keep_the_stored_ones(client: Client, feed: Feed) -> None:
    assert edit(client, feed.connection, name="Money").status_code == 302
    assert (Connection.unscoped.get().name, Connection.unscoped.get().unseal()) == ("Money", {"key": KEY})


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"settings": '{"address": "nonsense here"}'}, "not a complete address"),
        ({"credentials": '{"wrong": "x"}'}, "This kind takes key"),
        ({"credentials": '["x"]'}, "Write the credentials as JSON"),
        ({"settings": '{"address": "https://api.example.org"}'}, "does not travel to another address"),
    ],
)
def test_what_the_page_refuses_the_admin_refuses(
    client: Client, feed: Feed, changes: dict[str, str], sentence: str
) -> None:
    response = edit(client, feed.connection, **changes)
    assert sentence in response.content.decode()
    assert Connection.unscoped.get().settings == SETTINGS


def test_a_connection_is_made_with_sealed_credentials(client: Client, organisation: Organisation) -> None:
    data = {"organisation": organisation.pk, "name": "New", "kind": "http", "settings": json.dumps(SETTINGS)}
    address = reverse("admin:connectors_connection_add")
    assert client.post(address, {**data, "credentials": json.dumps({"key": KEY})}).status_code == 302
    row = Connection.unscoped.get()
    assert row.unseal() == {"key": KEY}
    assert row.settings["header_name"] == "X-API-Key"


FEED = {
    "name": "Visits",
    "query": '{"path": "visits"}',
    "every": "60",
    "asks": "now",
    "running_period": "",
    "history_days": "30",
    "overlap_days": "3",
    "at_path": "",
    "at_format": "auto",
}


def test_a_feed_is_changed(client: Client, feed: Feed) -> None:
    assert client.post(change(feed), FEED).status_code == 302
    feed.refresh_from_db()
    assert (feed.name, feed.query["path"], feed.query["method"]) == ("Visits", "visits", "GET")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"query": '{"path": "https://example.org"}'}, "path: Write only what follows"),
        ({"asks": "period"}, "Choose the"),
    ],
)
def test_a_feed_that_cannot_ask_is_refused(client: Client, feed: Feed, wrong: dict[str, str], sentence: str) -> None:
    assert sentence in client.post(change(feed), {**FEED, **wrong}).content.decode()


def act(client: Client, name: str, feed: Feed) -> Feed:
    """Run an action on a feed and return it as it is afterwards."""
    address = reverse("admin:connectors_feed_changelist")
    client.post(address, {"action": name, "_selected_action": [feed.pk]})
    feed.refresh_from_db()
    return feed


def test_feeds_are_collected_paused_and_resumed_by_actions(client: Client, feed: Feed) -> None:
    later = timezone.now() + timedelta(hours=1)
    Feed.unscoped.update(due_at=later)
    assert act(client, "collect_now", feed).due_at < later  # type: ignore[operator]
    assert act(client, "pause", feed).paused_at is not None
    Feed.unscoped.update(due_at=later)
    assert act(client, "collect_now", feed).due_at == later
    assert act(client, "resume", feed).paused_at is None
    assert feed.due_at < later  # type: ignore[operator]


def test_actions_reach_only_what_one_may_change(
    feed: Feed, viewer: User, elsewhere: Organisation, client_of: Callable[[User], Client]
) -> None:
    elsewhere.memberships.create(user=viewer, role="owner")
    assert act(client_of(staff(viewer)), "pause", feed).paused_at is None


@pytest.mark.parametrize("model", [Collection, CallRecord])
def test_logs_are_only_read(client: Client, feed: Feed, model: Any) -> None:
    row = model.unscoped.get()
    assert client.post(change(row), {}).status_code == 403
    name = model._meta.model_name
    assert client.post(reverse(f"admin:connectors_{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert client.get(reverse(f"admin:connectors_{name}_add")).status_code == 403


def test_a_connection_is_deleted_with_its_logs(client: Client, feed: Feed) -> None:
    address = reverse("admin:connectors_connection_delete", args=[feed.connection_id])
    assert client.post(address, {"post": "yes"}).status_code == 302
    assert not CallRecord.unscoped.exists()


@pytest.mark.parametrize("model", [Connection, Feed, Collection, CallRecord])
def test_staff_of_another_organisation_find_nothing(
    feed: Feed, outsider: User, client_of: Callable[[User], Client], model: Any
) -> None:
    client = client_of(staff(outsider))
    listing = client.get(reverse(f"admin:connectors_{model._meta.model_name}_changelist"))
    assert "Billing" not in listing.content.decode()
    assert client.get(change(model.unscoped.get())).status_code == 302


def test_a_viewer_among_staff_sees_and_changes_nothing(
    feed: Feed, viewer: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(staff(viewer))
    assert client.get(change(feed.connection)).status_code == 200
    assert edit(client, feed.connection, name="Money").status_code == 403
