"""How a feed is doing: one definition for pages, API and admin, and the same in the database as in Python."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from connectors.models import Feed
from connectors.models.feed import Health, of_health
from organisations.models import Organisation, User

NOW = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
HOUR, DAY = 60, 24 * 60


@pytest.fixture
def feed_that(organisation: Organisation) -> Callable[..., Feed]:
    """Return a function that makes a feed that answered so many hours ago."""
    connection = organisation.connections.create(
        name="Analytics", kind="http", settings={"address": "https://a.example"}
    )

    def make(hours: float | None, **fields: object) -> Feed:
        answered = None if hours is None else NOW - timedelta(hours=hours)
        usual = {"every": HOUR, "health": Health.FRESH, "name": f"Feed {connection.feeds.count()}"}
        feed: Feed = connection.feeds.create(answered_at=answered, **(usual | fields))
        return feed

    return make


CASES: list[tuple[float | None, dict[str, Any], Health]] = [
    (23, {}, Health.FRESH),
    (25, {}, Health.STALE),
    (25, {"every": DAY}, Health.FRESH),
    (73, {"every": DAY}, Health.STALE),
    (25, {"health": Health.FAILING}, Health.FAILING),
    (25, {"health": Health.UNAUTHORISED}, Health.UNAUTHORISED),
    (25, {"health": Health.WAITING}, Health.STALE),
    (25, {"paused_at": NOW}, Health.PAUSED),
    (None, {"health": Health.WAITING}, Health.WAITING),
]


@pytest.mark.parametrize(("hours", "fields", "expected"), CASES)
def test_silence_counts_after_three_intervals_and_a_day(
    feed_that: Callable[..., Feed], hours: float | None, fields: dict[str, Any], expected: Health
) -> None:
    assert feed_that(hours, **fields).health_at(NOW) == expected


def test_the_database_tells_the_same(feed_that: Callable[..., Feed]) -> None:
    feeds = [feed_that(hours, **fields) for hours, fields, _ in CASES]
    for health in Health:
        told = {feed.pk for feed in feeds if feed.health_at(NOW) == health}
        assert set(Feed.unscoped.filter(of_health(health, NOW)).values_list("pk", flat=True)) == told, health


def test_pages_and_api_say_that_a_source_is_silent(
    feed_that: Callable[..., Feed],
    owner: User,
    client_of: Callable[[User], Client],
    api: Callable[[User], APIClient],
) -> None:
    feed = feed_that(30)
    fresh = feed_that(1)
    with time_machine.travel(NOW, tick=False):
        assert "Analytics has been silent." in client_of(owner).get("/growth/connections/").content.decode()
        answer = api(owner).get("/api/v1/growth/feeds/?health=stale").json()
        assert [(row["id"], row["health"]) for row in answer["results"]] == [(feed.pk, "stale")]
        answer = api(owner).get("/api/v1/growth/feeds/?health=fresh").json()
        assert [row["id"] for row in answer["results"]] == [fresh.pk]


def test_the_admin_lists_and_filters_by_how_a_feed_is_doing_now(
    feed_that: Callable[..., Feed], superuser: User, client_of: Callable[[User], Client]
) -> None:
    feed_that(30, name="Long silent")
    feed_that(1, name="Just answered")
    with time_machine.travel(NOW, tick=False):
        shown = client_of(superuser).get("/admin/connectors/feed/?health=stale").content.decode()
    assert "Long silent" in shown
    assert "Just answered" not in shown
