"""Metrics over the API, by the rules of the pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from connectors.models import Feed
from connectors.models.feed import Asks
from organisations.access import access_for
from organisations.models import Organisation, User
from targets.models import Metric

Api = Callable[[User], APIClient]
BASE = "/api/v1/growth/"
METRICS = f"{BASE}metrics/"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def program(api: Api, editor: User) -> APIClient:
    return api(editor)


@pytest.fixture
def feed(organisation: Organisation) -> Feed:
    connection = organisation.connections.create(name="Analytics", kind="http")
    made: Feed = connection.feeds.create(name="Visitors", covered_until=LONG_AGO, due_at=LONG_AGO)
    return made


@pytest.fixture
def foreign(outsider: User) -> Metric:
    elsewhere = access_for(outsider, "elsewhere").organisation
    feed = elsewhere.connections.create(name="Canary", kind="push").feeds.create(name="Canary")
    made: Metric = elsewhere.metrics.create(feed=feed, name="Canary")
    return made


def errors(answer: Any) -> dict[str, list[str]]:
    """Return what is wrong by field, having checked that the answer is a problem."""
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    found: dict[str, list[str]] = answer.json()["errors"]
    return found


def test_a_metric_says_where_it_stands_in_its_feed(program: APIClient, feed: Feed) -> None:
    answer = program.post(METRICS, {"feed": feed.pk, "name": "Visitors", "value_path": "uniqueVisitors", "scale": 0.01})
    assert answer.status_code == 201
    metric = Metric.unscoped.get(pk=answer.json()["id"])
    assert (metric.feed, metric.value_path, metric.scale, metric.value_kind) == (feed, "uniqueVisitors", 0.01, "flow")


RATIO = {"read_as": "ratio", "weight_path": "visits", "value_kind": "level", "value_path": "orders"}


def test_a_ratio_says_by_what_it_is_divided_and_is_a_mean(program: APIClient, feed: Feed) -> None:
    made = program.post(METRICS, {"feed": feed.pk, "name": "Conversion", **RATIO, "number_format": "comma"})
    assert made.status_code == 201
    assert [made.json()[name] for name in ("read_as", "weight_path", "number_format")] == ["ratio", "visits", "comma"]
    target = program.post(f"{BASE}targets/", {"metric": made.json()["id"], "name": "Enough", "goal": 0.02}).json()
    assert target["aggregation"] == "mean"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({**RATIO, "weight_path": ""}, "weight_path"),
        ({**RATIO, "value_kind": "flow"}, "read_as"),
        ({**RATIO, "missing_is_zero": True}, "missing_is_zero"),
        ({"weight_path": "visits"}, "weight_path"),
        ({"read_as": "counter", "value_kind": "level"}, "read_as"),
        ({"read_as": "sum"}, "read_as"),
        ({"number_format": "roman"}, "number_format"),
        ({"value_path": "a..b"}, "value_path"),
        ({**RATIO, "weight_path": "sum("}, "weight_path"),
        ({"segment_path": "["}, "segment_path"),
        ({"row_filter": "status = 'paid'"}, "row_filter"),
    ],
)
def test_how_a_metric_is_read_is_refused_at_its_field(
    program: APIClient, feed: Feed, change: dict[str, Any], field: str
) -> None:
    answer = program.post(METRICS, {"feed": feed.pk, "name": "Visitors", **change})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert not feed.metrics.exists()


@pytest.mark.parametrize("change", [RATIO, {"read_as": "counter"}])
def test_what_is_typed_in_is_neither_divided_nor_counted(program: APIClient, change: dict[str, Any]) -> None:
    answer = program.post(METRICS, {"name": "Visitors", **change})
    assert list(answer.json()["errors"]) == ["read_as"]


def test_a_counter_needs_its_rows_in_the_order_of_time(program: APIClient, feed: Feed) -> None:
    Feed.unscoped.filter(pk=feed.pk).update(keeps_records=True, record_key="id")
    answer = program.post(METRICS, {"feed": feed.pk, "name": "Requests", "read_as": "counter"})
    assert list(answer.json()["errors"]) == ["read_as"]


def test_what_was_read_as_a_value_does_not_become_a_counter(program: APIClient, feed: Feed) -> None:
    address = f"{METRICS}{program.post(METRICS, {'feed': feed.pk, 'name': 'Requests'}).json()['id']}/"
    assert program.patch(address, {"read_as": "counter"}).status_code == 200
    Metric.unscoped.update(last_at=LONG_AGO)
    assert list(program.patch(address, {"read_as": "value"}).json()["errors"]) == ["read_as"]
    assert program.patch(address, {"name": "Requests served"}).status_code == 200


def test_a_counter_that_is_read_in_another_way_begins_anew(program: APIClient, feed: Feed) -> None:
    made = program.post(METRICS, {"feed": feed.pk, "name": "Requests", "read_as": "counter"}).json()
    row = Metric.unscoped.get(pk=made["id"])
    row.counters = state = {"": {"at": "2026-11-20T00:00:00+00:00", "value": 5.0, "before": None}}
    row.save()
    program.patch(f"{METRICS}{row.pk}/", {"name": "Requests served"})
    row.refresh_from_db()
    assert row.counters == state
    program.patch(f"{METRICS}{row.pk}/", {"value_path": "requests"})
    row.refresh_from_db()
    assert row.counters == {}


def test_a_new_metric_has_its_feed_asked_for_the_whole_history(program: APIClient, feed: Feed) -> None:
    program.post(METRICS, {"feed": feed.pk, "name": "Visitors"})
    feed.refresh_from_db()
    assert feed.covered_until is None
    assert feed.due_at is not None
    assert feed.due_at > LONG_AGO


def test_only_another_way_of_reading_asks_for_the_history_again(program: APIClient, feed: Feed) -> None:
    own = f"{METRICS}{program.post(METRICS, {'feed': feed.pk, 'name': 'Visitors'}).json()['id']}/"
    for change, asked_again in (({"unit": "visitors"}, False), ({"value_path": "visits"}, True)):
        Feed.unscoped.update(covered_until=LONG_AGO)
        assert program.patch(own, change).status_code == 200
        feed.refresh_from_db()
        assert (feed.covered_until is None) == asked_again


def test_a_metric_without_a_feed_is_typed_in_or_pushed(program: APIClient) -> None:
    for name, more, rhythm in (
        ("Stock", {}, 1440),
        ("Staff", {"every": 10080}, 10080),
        ("Rent", {"every": 44640}, 44640),
    ):
        made = program.post(METRICS, {"name": name, **more})
        assert made.status_code == 201
        feed = Metric.unscoped.get(pk=made.json()["id"]).feed
        assert (feed.connection.name, feed.collects, feed.every, feed.due_at) == ("Typed in", False, rhythm, None)
    assert Feed.unscoped.count() == 3


def test_typed_in_numbers_find_a_place_where_their_name_is_taken(
    program: APIClient, organisation: Organisation
) -> None:
    organisation.connections.create(name="Typed in", kind="http")
    for name in ("Stock", "Staff"):
        made = program.post(METRICS, {"name": name})
        assert Metric.unscoped.get(pk=made.json()["id"]).feed.connection.name == "Typed in 2"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": 3}, "name"),
        ({"name": "Taken"}, "name"),
        ({"value_kind": "magic"}, "value_kind"),
        ({"value_kind": "running"}, "value_kind"),
        ({"decimals": 7}, "decimals"),
        ({"decimals": -1}, "decimals"),
        ({"decimals": 1.5}, "decimals"),
        ({"decimals": True}, "decimals"),
        ({"scale": "0.01"}, "scale"),
        ({"scale": None}, "scale"),
        ({"scale_min": 5, "scale_max": 5}, "scale_max"),
        ({"higher_is_better": "no"}, "higher_is_better"),
        ({"higher_is_better": None}, "higher_is_better"),
        ({"unit": "x" * 21}, "unit"),
        ({"unit": {"a": 1}}, "unit"),
        ({"every": 60}, "every"),
        ({"feed": 999_999}, "feed"),
        ({"feed": "x"}, "feed"),
        ({"feed": [1]}, "feed"),
        ({"last_value_": 1}, "last_value_"),
    ],
)
def test_what_makes_no_metric_is_refused_at_its_field(
    program: APIClient, organisation: Organisation, feed: Feed, change: dict[str, Any], field: str
) -> None:
    organisation.metrics.create(feed=feed, name="Taken")
    assert list(errors(program.post(METRICS, {"name": "Visitors", **change}))) == [field]
    assert organisation.metrics.count() == 1


def test_a_running_total_and_its_feed_go_together(program: APIClient, feed: Feed) -> None:
    body = {"feed": feed.pk, "name": "Visitors", "value_kind": "running"}
    assert list(errors(program.post(METRICS, body))) == ["value_kind"]
    Feed.unscoped.update(asks=Asks.PERIOD, running_period="month")
    assert list(errors(program.post(METRICS, {**body, "value_kind": "flow"}))) == ["value_kind"]
    assert program.post(METRICS, body).status_code == 201


def test_the_rhythm_is_the_feeds(program: APIClient, feed: Feed) -> None:
    assert list(errors(program.post(METRICS, {"name": "Visitors", "feed": feed.pk, "every": 1440}))) == ["every"]


def test_what_targets_rest_on_stays(program: APIClient, organisation: Organisation, feed: Feed) -> None:
    made = program.post(METRICS, {"name": "Visitors", "feed": feed.pk}).json()
    program.post(f"{BASE}targets/", {"metric": made["id"], "name": "Many", "goal": 10})
    own = f"{METRICS}{made['id']}/"
    other = feed.connection.feeds.create(name="Other")
    assert list(errors(program.patch(own, {"value_kind": "level"}))) == ["value_kind"]
    assert list(errors(program.patch(own, {"feed": other.pk}))) == ["feed"]
    assert program.patch(own, {"value_kind": "flow", "feed": feed.pk, "unit": "visitors"}).status_code == 200


def test_a_changed_metric_has_its_targets_judged(program: APIClient) -> None:
    metric = program.post(METRICS, {"name": "Incidents"}).json()["id"]
    target = program.post(
        f"{BASE}targets/", {"metric": metric, "name": "Few", "goal": 3, "comparison": "at_most"}
    ).json()
    program.patch(f"{METRICS}{metric}/", {"decimals": 1})
    assert program.get(f"{BASE}targets/{target['id']}/").json()["evaluated_at"] > target["evaluated_at"]


def test_foreign_metrics_and_feeds_are_missing_ones(program: APIClient, foreign: Metric) -> None:
    for method in (program.get, program.delete):
        assert method(f"{METRICS}{foreign.pk}/").content == method(f"{METRICS}999999/").content
    named = [program.post(METRICS, {"name": "Spy", "feed": pk}) for pk in (foreign.feed_id, 999_999)]
    assert errors(named[0]) == errors(named[1])
    filtered = [program.get(f"{METRICS}?feed={pk}") for pk in (foreign.feed_id, 999_999)]
    assert filtered[0].content == filtered[1].content
    for address in ("observations", "days"):
        found = [program.get(f"{METRICS}{pk}/{address}/") for pk in (foreign.pk, 999_999)]
        assert (found[0].status_code, found[0].content) == (404, found[1].content)
    assert program.post(f"{METRICS}{foreign.pk}/observations/", {"value": 1}).status_code == 404
    assert not foreign.observations.exists()


def test_a_viewer_changes_nothing(api: Api, viewer: User, organisation: Organisation, feed: Feed) -> None:
    metric = organisation.metrics.create(feed=feed, name="Visitors")
    program, own = api(viewer), f"{METRICS}{metric.pk}/"
    assert [program.get(address).status_code for address in (own, f"{own}observations/", f"{own}days/")] == [200] * 3
    refused = [
        program.post(METRICS, {"name": "Mine"}),
        program.patch(own, {"name": "Mine"}),
        program.delete(own),
        program.post(f"{own}observations/", {"value": 1}),
        program.delete(f"{own}observations/?since=2026-01-01&until=2027-01-01"),
        program.post(f"{BASE}sample/"),
        program.delete(f"{BASE}sample/"),
    ]
    assert [answer.status_code for answer in refused] == [403] * 7


def test_the_list_costs_the_same_whatever_its_length(
    program: APIClient, organisation: Organisation, feed: Feed
) -> None:
    costs = []
    for wanted in (10, 200):
        for number in range(organisation.metrics.count(), wanted):
            organisation.metrics.create(feed=feed, name=f"M{number}")
        with CaptureQueriesContext(database) as queries:
            assert len(program.get(f"{METRICS}?page_size=1000").json()["results"]) == wanted
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 6


def test_the_sample_comes_and_goes(program: APIClient) -> None:
    assert program.get(f"{BASE}sample/").json() == {"exists": False}
    assert program.post(f"{BASE}sample/").status_code == 201
    assert program.get(f"{BASE}sample/").json() == {"exists": True}
    assert program.get(f"{BASE}targets/").json()["count"] == 12
    assert program.delete(f"{BASE}sample/").status_code == 204
    assert program.get(f"{BASE}targets/").json()["count"] == 0
