"""A shop that is asked for its numbers, and no pause between two attempts."""

from __future__ import annotations

import pytest
from pytest_httpserver import HTTPServer

from connectors.models import Connection
from organisations.access import Access


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


@pytest.fixture
def connection(access: Access, httpserver: HTTPServer) -> Connection:
    settings = {"address": httpserver.url_for(""), "sign_in": "none"}
    made: Connection = access.organisation.connections.create(name="Shop", kind="http", settings=settings)
    return made
