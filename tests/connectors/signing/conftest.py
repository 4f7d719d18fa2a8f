"""The service with a login, and feeds that are asked of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from connectors.fetching import fetch
from connectors.models import Connection, Feed
from connectors.protocol import Page
from organisations.models import Organisation
from tests.connectors.asking import NOVEMBER, NOW
from tests.connectors.signing.login import Login

Connect = Callable[..., Feed]
Fetch = Callable[..., Page]


@pytest.fixture
def login(httpserver: HTTPServer) -> Login:
    return Login(httpserver)


@pytest.fixture(autouse=True)
def one_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait between attempts: how often and when is the session's matter, and tested there."""
    monkeypatch.setattr("connectors.outbound.session.pause_before_next", lambda *_, **__: None)


@pytest.fixture
def connect(organisation: Organisation) -> Connect:
    """Store a connection with its credentials, and a feed that asks for the numbers."""

    def store(settings: Mapping[str, Any], secrets: Mapping[str, str], *, name: str = "Numbers", **more: Any) -> Feed:
        connection: Connection = organisation.connections.create(
            name=name, kind="http", settings=dict(settings), **more
        )
        connection.seal(dict(secrets))
        connection.save()
        feed: Feed = connection.feeds.create(name="Numbers", query={"path": "numbers"})
        return feed

    return store


@pytest.fixture
def collected() -> Fetch:
    """Fetch for a feed as a worker does: the rows as they stand in the database now."""

    def once(feed: Feed, now: datetime = NOW) -> Page:
        fresh = Feed.unscoped.select_related("connection__gateway", "connection__organisation").get(pk=feed.pk)
        return fetch(fresh, NOVEMBER, now=now, collection=fresh.collections.create(started_at=now))

    return once
