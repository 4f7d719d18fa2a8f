"""The pages and the API about rows that could not be read: nothing is dropped without a word."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from connectors.models import Collection, Feed
from organisations.models import Organisation, User

ROW = '{"day": "2026-11-19", "amount": "<b>many</b>"}'
PROBLEM = {"code": "value_no_number", "data": {"text": "<b>many</b>"}}


@pytest.fixture
def feed(organisation: Organisation) -> Feed:
    connection = organisation.connections.create(name="Shop", kind="http", settings={"address": "https://shop.example"})
    made: Feed = connection.feeds.create(name="Orders")
    return made


@pytest.fixture
def check(feed: Feed) -> Collection:
    made: Collection = feed.collections.create(
        started_at=timezone.now(), finished_at=timezone.now(), outcome="ok", rows=9, refused=2, left_out=3
    )
    made.set_aside.create(feed=feed, metric_name="Revenue", place=7, problem=PROBLEM, row=ROW)
    made.set_aside.create(feed=feed, metric_name="", place=8, problem={"code": "value_missing", "data": {}}, row="{}")
    return made


@pytest.fixture
def client(viewer: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(viewer)


def shown(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_the_connection_says_how_many_rows_could_not_be_read_and_leads_to_them(
    client: Client, feed: Feed, check: Collection
) -> None:
    address = f"/growth/connections/{feed.connection_id}/feeds/{feed.pk}/set-aside/"
    page = shown(client, f"/growth/connections/{feed.connection_id}/")
    assert "2 rows of the last check could not be read" in page
    assert address in page
    rows = shown(client, address)
    assert "Row 7: the value “&lt;b&gt;many&lt;/b&gt;” is not a number." in rows
    assert "Row 8: the value is missing, not a number." in rows
    assert "&quot;amount&quot;: &quot;&lt;b&gt;many&lt;/b&gt;&quot;" in rows
    assert f"/growth/connections/{feed.connection_id}/checks/{check.pk}/" in rows


def test_a_check_that_read_everything_says_nothing_of_rows(client: Client, feed: Feed, check: Collection) -> None:
    feed.collections.create(started_at=timezone.now(), finished_at=timezone.now(), outcome="ok")
    assert "could not be read" not in shown(client, f"/growth/connections/{feed.connection_id}/")


def test_the_rows_of_earlier_checks_stay_to_be_seen(client: Client, feed: Feed, check: Collection) -> None:
    later = feed.collections.create(started_at=timezone.now(), outcome="ok")
    later.set_aside.create(feed=feed, metric_name="Revenue", place=1, problem=PROBLEM, row=ROW)
    page = shown(client, f"/growth/connections/{feed.connection_id}/feeds/{feed.pk}/set-aside/")
    assert page.index(f"/checks/{later.pk}/") < page.index(f"/checks/{check.pk}/")


def test_the_check_shows_its_own_rows(client: Client, feed: Feed, check: Collection) -> None:
    page = shown(client, f"/growth/connections/{feed.connection_id}/checks/{check.pk}/")
    assert "Row 7: the value" in page
    assert "Revenue" in page
    assert "<dt>Not meant</dt><dd>3</dd>" in page


def test_where_every_row_could_be_read_the_page_says_so(client: Client, feed: Feed) -> None:
    page = shown(client, f"/growth/connections/{feed.connection_id}/feeds/{feed.pk}/set-aside/")
    assert "Every row could be read." in page


def test_programs_read_the_rows_of_a_check(
    viewer: User, outsider: User, api: Callable[[User], APIClient], feed: Feed, check: Collection
) -> None:
    address = f"/api/v1/growth/collections/{check.pk}/set-aside/"
    rows = api(viewer).get(address).json()["results"]
    assert {row["metric"] for row in rows} == {"", "Revenue"}
    assert rows[-1] == {
        "metric": "Revenue",
        "place": 7,
        "code": "value_no_number",
        "message": "Row 7: the value “<b>many</b>” is not a number.",
        "row": ROW,
    }
    assert [row["place"] for row in api(viewer).get(address, {"metric_name": "Revenue"}).json()["results"]] == [7]
    assert api(viewer).get(f"/api/v1/growth/collections/{check.pk + 99}/set-aside/").status_code == 404
    assert api(outsider).get(f"/api/v1/elsewhere/collections/{check.pk}/set-aside/").status_code == 404


def test_a_check_tells_programs_how_many_rows_are_not_meant(
    viewer: User, api: Callable[[User], APIClient], check: Collection
) -> None:
    found = api(viewer).get(f"/api/v1/growth/collections/{check.pk}/").json()
    assert (found["refused"], found["left_out"]) == (2, 3)
