"""A feed that collects from a pretend analytics service, and what hangs on it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from connectors.models import Feed
from connectors.models.feed import Asks, Outcome
from organisations.access import Access
from targets import collecting
from targets.models import Metric, Target
from tests.targets.analytics import NOW, Analytics, Run


@pytest.fixture
def analytics(httpserver: HTTPServer) -> Analytics:
    return Analytics(httpserver)


@pytest.fixture
def feed(access: Access, httpserver: HTTPServer) -> Feed:
    connection = access.organisation.connections.create(
        name="Analytics", kind="http", settings={"address": httpserver.url_for(""), "sign_in": "bearer"}
    )
    connection.seal({"key": "a-very-secret-key"})
    connection.save()
    query = {
        "path": "visitors",
        "params": "startDate={since}\nendDate={until}\nmetric=uniqueVisitors",
        "since_format": "date",
    }
    feed: Feed = connection.feeds.create(
        name="Visitors", query=query, asks=Asks.WINDOW, at_path="date", due_at=NOW, history_days=60
    )
    return feed


@pytest.fixture
def metric(feed: Feed, access: Access) -> Metric:
    return access.organisation.metrics.create(feed=feed, name="Visitors", value_path="uniqueVisitors")


@pytest.fixture
def target(metric: Metric, access: Access) -> Target:
    return access.organisation.targets.create(
        metric=metric, name="Enough visitors", goal=8_000, tracking_since=date(2026, 9, 1), owner=access.user
    )


@pytest.fixture
def told() -> list[int]:
    return []


@pytest.fixture
def run(feed: Feed, told: list[int], django_capture_on_commit_callbacks: Any) -> Run:
    def collect(now: datetime = NOW) -> Outcome | None:
        with django_capture_on_commit_callbacks(execute=True):
            outcome = collecting.run(feed.pk, now, announce=told.append, announce_feed=lambda pk: told.append(-pk))
        feed.refresh_from_db()
        return outcome

    return collect
