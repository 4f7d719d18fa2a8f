"""The page of one check: the way back from a number to the calls that brought it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from connectors.models import Collection
from connectors.models.feed import Asks, Outcome
from connectors.problems import problem
from organisations.models import Organisation, User
from targets.models import Metric
from targets.recording import record_points
from tests.targets.stage import NOW, TODAY, a_feed, a_metric, friday, whole_day

__all__ = ["friday"]
pytestmark = pytest.mark.usefixtures("friday")


@pytest.fixture
def metric(organisation: Organisation) -> Metric:
    feed = a_feed(organisation, kind="http", name="Analytics", asks=Asks.WINDOW)
    return a_metric(organisation, "Visitors", feed=feed, unit="€")


def a_check(metric: Metric, **fields: object) -> Collection:
    """Return a check of the metric's feed that began a quarter of an hour ago."""
    begun = NOW - timedelta(minutes=15)
    usual = {"since": begun - timedelta(days=3), "until": begun, "outcome": Outcome.OK, "rows": 3, "observations": 3}
    row: Collection = metric.feed.collections.create(
        started_at=begun, finished_at=begun + timedelta(seconds=2), **(usual | fields)
    )
    return row


def address(run: Collection) -> str:
    return f"/growth/connections/{run.feed.connection_id}/checks/{run.pk}/"


def shown(client: Client, run: Collection) -> str:
    response = client.get(address(run))
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def client(viewer: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(viewer)


def test_it_says_when_what_was_asked_and_what_came(client: Client, metric: Metric) -> None:
    run = a_check(metric)
    record_points(metric, [whole_day(TODAY, 651)], now=NOW, collection=run)
    page = shown(client, run)
    assert "Check of today 14:15" in page
    assert "It was answered." in page
    assert "It brought 3 readings." in page
    assert "17 Nov 14:15 to Today 14:15" in page
    assert "€651" in page
    assert "2.0 s" in page


def test_records_that_wait_for_their_answers_are_what_a_check_brought(client: Client, metric: Metric) -> None:
    type(metric.feed).unscoped.filter(pk=metric.feed_id).update(keeps_records=True, record_key="id")
    metric.refresh_from_db()
    run = a_check(metric, observations=0)
    assert "It brought 3 records." in shown(client, run)
    assert "3 records" in client.get(f"/growth/connections/{metric.feed.connection_id}/").content.decode()


def test_a_check_that_was_held_back_says_why(client: Client, metric: Metric) -> None:
    held = problem("held_by_quota", allowed=5).as_stored()
    page = shown(client, a_check(metric, outcome=Outcome.HELD, problem=held, observations=0))
    assert "It was held back." in page
    assert "quota of 5 calls is used up" in page


def test_it_shows_each_call_with_its_attempt(client: Client, metric: Metric) -> None:
    run = a_check(metric)
    for attempt, status in ((1, None), (2, 200)):
        run.calls.create(
            connection=metric.feed.connection,
            at=NOW,
            method="GET",
            url="https://api.example.com/visitors?key=•••",
            status=status,
            took=0.212,
            size=1100,
            attempt=attempt,
            sample='{"visitors": 651}' if status else "",
        )
    page = shown(client, run)
    assert page.index("No answer") < page.index("200 OK")
    assert "attempt 2" in page
    assert "212 ms" in page
    assert "1.1 kB" in page
    assert "&quot;visitors&quot;: 651" in page


def test_a_check_whose_readings_came_anew_says_so(client: Client, metric: Metric) -> None:
    run = a_check(metric)
    assert "a later one brought them anew" in shown(client, run)


def test_a_check_of_another_connection_is_not_found(client: Client, metric: Metric, organisation: Organisation) -> None:
    run = a_check(metric)
    other = a_feed(organisation, kind="http", name="Billing")
    assert (
        client.get(address(run).replace(f"/{run.feed.connection_id}/", f"/{other.connection_id}/")).status_code == 404
    )


def test_one_walks_from_check_to_check(client: Client, metric: Metric) -> None:
    first, second = a_check(metric), a_check(metric)
    assert address(second) in shown(client, first)
    assert address(first) in shown(client, second)
    assert "Later check" not in shown(client, second)
