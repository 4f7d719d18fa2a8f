"""Correcting and deleting single readings: what rests on them follows, and nothing happens by a slip."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from organisations.models import Organisation, User
from targets.models import Metric, Observation
from targets.recording import record_points
from tests.targets.stage import NOW, TODAY, a_feed, a_metric, a_target, friday, whole_day

__all__ = ["friday"]
pytestmark = pytest.mark.usefixtures("friday")


@pytest.fixture
def client(editor: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(editor)


@pytest.fixture
def metric(organisation: Organisation) -> Metric:
    return a_metric(organisation, days=[10, 20, 30])


def latest(metric: Metric) -> Observation:
    reading = metric.observations.first()
    assert reading is not None
    return reading


def address(metric: Metric, part: str = "") -> str:
    return f"/growth/metrics/{metric.pk}/readings/{latest(metric).pk}/{part}"


def test_a_reading_is_corrected_and_its_target_judged_anew(client: Client, metric: Metric) -> None:
    target = a_target(metric, goal=100)
    assert target.value == 60
    assert 'value="30"' in client.get(address(metric)).content.decode()
    client.post(address(metric), {"value": "40"})
    target.refresh_from_db()
    metric.refresh_from_db()
    assert (target.value, metric.last_value, metric.observations.count()) == (70, 40, 3)


def test_what_is_no_number_is_refused_and_stays_in_the_field(client: Client, metric: Metric) -> None:
    shown = client.post(address(metric), {"value": "forty"}).content.decode()
    assert "Write a number" in shown
    assert 'value="forty"' in shown
    assert latest(metric).value == 30


def test_deleting_asks_first(client: Client, metric: Metric) -> None:
    target = a_target(metric, goal=100)
    shown = client.get(address(metric, "delete/")).content.decode()
    assert "Delete this reading of Sign-ups?" in shown
    assert "This cannot be undone." in shown
    assert metric.observations.count() == 3
    client.post(address(metric, "delete/"))
    target.refresh_from_db()
    metric.refresh_from_db()
    assert (target.value, metric.last_value, metric.observations.count()) == (30, 20, 2)


def test_a_collected_reading_says_that_it_comes_back(client: Client, organisation: Organisation) -> None:
    metric = a_metric(organisation, feed=a_feed(organisation, kind="http", name="Analytics"))
    run = metric.feed.collections.create(started_at=NOW - timedelta(minutes=5))
    record_points(metric, [whole_day(TODAY, 5)], now=NOW, collection=run)
    assert "a later check of the same time brings it back" in client.get(address(metric, "delete/")).content.decode()
    assert "brings the old value back" in client.get(address(metric)).content.decode()
    page = client.get(f"/growth/metrics/{metric.pk}/").content.decode()
    assert f"/growth/connections/{metric.feed.connection_id}/checks/{run.pk}/" in page


def test_a_reading_is_found_only_under_its_own_metric(
    client: Client, metric: Metric, organisation: Organisation
) -> None:
    other = a_metric(organisation, "Other")
    assert client.get(f"/growth/metrics/{other.pk}/readings/{latest(metric).pk}/").status_code == 404


def test_a_viewer_sees_no_way_to_correct(metric: Metric, viewer: User, client_of: Callable[[User], Client]) -> None:
    page = client_of(viewer).get(f"/growth/metrics/{metric.pk}/").content.decode()
    assert "Correct" not in page
    for part in ("", "delete/"):
        assert client_of(viewer).post(address(metric, part), {"value": "1"}).status_code == 403


def test_a_line_that_cannot_be_read_adds_nothing_and_loses_nothing(client: Client, metric: Metric) -> None:
    lines = "2026-11-16,12\nnonsense\n2026-11-15,fifteen"
    shown = client.post(f"/growth/metrics/{metric.pk}/type-in/", {"way": "many", "lines": lines}).content.decode()
    assert "2 of 3 lines cannot be read, so nothing was added." in shown
    assert "Line 2: Write a date" in shown
    assert "“fifteen” is not a number." in shown
    assert lines in shown.replace("&#x27;", "'")
    assert metric.observations.count() == 3
