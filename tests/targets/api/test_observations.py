"""Readings that programs push: stored as meant, or refused by place and field; once, whatever is repeated."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from organisations.models import Organisation, User
from targets.models import Metric, Target
from targets.pushing import MOST, NotReadable, points_in

Api = Callable[[User], APIClient]
BASE = "/api/v1/growth/"
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def program(api: Api, editor: User) -> APIClient:
    return api(editor)


@pytest.fixture
def metric(organisation: Organisation) -> Metric:
    feed = organisation.connections.create(name="Typed in", kind="push").feeds.create(name="Daily", due_at=None)
    made: Metric = organisation.metrics.create(feed=feed, name="Visitors")
    return made


@pytest.fixture
def address(metric: Metric) -> str:
    return f"{BASE}metrics/{metric.pk}/observations/"


def errors(answer: Any) -> dict[str, list[str]]:
    """Return what is wrong by field, having checked that the answer is a problem."""
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    found: dict[str, list[str]] = answer.json()["errors"]
    return found


def stored(metric: Metric) -> set[tuple[str, bool, str, float]]:
    """Return every reading: UTC time, whether it is for the whole day, segment and value."""
    return {(f"{row.at:%m-%d %H:%M}", row.whole_day, row.segment, row.value) for row in metric.observations.all()}


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ({"at": "2026-11-19", "value": 5}, ("11-19 00:00", True, "", 5.0)),
        ({"at": "2026-11-19T14:30:00Z", "value": 5}, ("11-19 14:30", False, "", 5.0)),
        ({"at": "2026-11-19T14:30:00+01:00", "value": 5.5}, ("11-19 13:30", False, "", 5.5)),
        ({"at": "2026-11-19 14:30", "value": -5}, ("11-19 13:30", False, "", -5.0)),  # Berlin, as the organisation
        ({"at": "2026-07-01T14:30", "value": 0}, ("07-01 12:30", False, "", 0.0)),
        ({"at": "2026-11-19", "value": 1e300, "segment": "Bücher"}, ("11-19 00:00", True, "Bücher", 1e300)),
    ],
)
def test_a_reading_is_stored_as_meant(
    program: APIClient, metric: Metric, address: str, sent: dict[str, Any], meant: tuple[str, bool, str, float]
) -> None:
    answer = program.post(address, sent)
    assert (answer.status_code, answer.json()) == (201, {"recorded": 1})
    assert stored(metric) == {meant}


def test_a_reading_without_a_time_is_of_now(program: APIClient, metric: Metric, address: str) -> None:
    before = timezone.now()
    program.post(address, {"value": 5})
    reading = metric.observations.get()
    assert before <= reading.at <= timezone.now()
    assert not reading.whole_day


def test_many_readings_go_in_one_request_and_again_without_effect(
    program: APIClient, metric: Metric, address: str
) -> None:
    many = [{"at": f"2026-10-{day:02}", "value": day} for day in range(1, 29)]
    for _ in range(2):
        assert program.post(address, many).json() == {"recorded": 28}
    assert metric.observations.count() == 28
    assert program.get(address).json()["count"] == 28
    days = program.get(f"{BASE}metrics/{metric.pk}/days/").json()
    assert sum(day["total"] for day in days["results"]) == sum(range(1, 29))


def test_a_new_value_replaces_the_old_one_of_its_time_and_segment(
    program: APIClient, metric: Metric, address: str
) -> None:
    for value, segment in ((1, ""), (2, ""), (3, "Books")):
        program.post(address, {"at": "2026-11-19", "value": value, "segment": segment})
    assert stored(metric) == {("11-19 00:00", True, "", 2.0), ("11-19 00:00", True, "Books", 3.0)}


def test_a_reading_weighs_as_much_as_is_said_and_comes_back_so(
    program: APIClient, metric: Metric, address: str
) -> None:
    program.post(address, [{"at": "2026-11-18", "value": 0.5, "weight": 40}, {"at": "2026-11-19", "value": 0.25}])
    weights = [row["weight"] for row in program.get(address).json()["results"]]
    assert weights == [1.0, 40.0]
    days = program.get(address.replace("observations", "days")).json()["results"]
    assert [(day["weighted"], day["weight"]) for day in days] == [(20.0, 40.0), (0.25, 1.0)]


def test_targets_are_judged_before_the_answer(program: APIClient, metric: Metric, address: str) -> None:
    made = program.post(f"{BASE}targets/", {"metric": metric.pk, "name": "Many", "goal": 100}).json()
    program.post(address, [{"value": 60}, {"at": timezone.now().isoformat(), "value": 60}])
    target = Target.unscoped.get(pk=made["id"])
    assert (target.value, target.status) == (120, "met")


def test_the_same_key_has_one_effect(program: APIClient, metric: Metric, address: str) -> None:
    answers = [program.post(address, {"value": 5}, headers={"Idempotency-Key": "run-17"}) for _ in range(3)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, b'{"recorded":1}')}
    assert metric.observations.count() == 1
    program.post(address, {"value": 5}, headers={"Idempotency-Key": "run-18"})
    assert metric.observations.count() == 2


def test_the_same_key_for_another_metric_is_another_request(
    program: APIClient, metric: Metric, organisation: Organisation
) -> None:
    other = organisation.metrics.create(feed=metric.feed, name="Other")
    for row in (metric, other):
        body, key = {"value": 5}, {"Idempotency-Key": "run-17"}
        program.post(f"{BASE}metrics/{row.pk}/observations/", body, headers=key)
    assert metric.observations.get().at < other.observations.get().at


GOOD = {"at": "2026-11-19", "value": 1}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"value": true}', "value"),
        ('{"value": "5"}', "value"),
        ('{"value": null}', "value"),
        ('{"value": [5]}', "value"),
        ('{"value": 1e999}', "value"),
        ('{"value": NaN}', "body"),
        ('{"value": Infinity}', "body"),
        ("{}", "value"),
        ('{"at": "2026-11-19"}', "value"),
        ('{"value": 5, "at": 1763560000}', "at"),
        ('{"value": 5, "at": null}', "at"),
        ('{"value": 5, "at": "yesterday"}', "at"),
        ('{"value": 5, "at": "2026-02-30"}', "at"),
        ('{"value": 5, "at": "2999-01-01"}', "at"),
        ('{"value": 5, "at": "1776-07-04"}', "at"),
        ('{"value": 5, "segment": 5}', "segment"),
        (json.dumps({"value": 5, "segment": "x" * 101}), "segment"),
        ('{"value": 5, "segment": "a\\u0000b"}', "segment"),
        ('{"value": 5, "metric": 7}', "metric"),
        ('{"value": 5, "weight": 0}', "weight"),
        ('{"value": 5, "weight": -1}', "weight"),
        ('{"value": 5, "weight": "2"}', "weight"),
        ('{"value": 1e300, "weight": 1e300}', "weight"),
        (json.dumps([GOOD, GOOD, {"value": True}]), "2.value"),
        (json.dumps([GOOD, {"at": "soon", "value": 1}]), "1.at"),
        (json.dumps([GOOD, {"at": "2999-01-01", "value": 1}, {"at": "x", "value": 1}]), "1.at 2.at"),
        (json.dumps([GOOD, {"value": 5, "segment": "a\x00b"}]), "1.segment"),
        (json.dumps([GOOD, {"value": 5, "note": "x"}]), "1.note"),
        (json.dumps([GOOD, {"at": "2026-11-19"}]), "1.value"),
        (json.dumps([GOOD, 5]), "1"),
        (json.dumps([GOOD] * (MOST + 1)), "body"),
        ("", "body"),
        ("5", "body"),
        ('"5"', "body"),
        ("null", "body"),
        ("{", "body"),
        ("[" * 100_000, "0"),
        ('{"value": 5} {"value": 6}', "body"),
        ("value=5", "body"),
    ],
)
def test_one_bad_reading_refuses_all_of_them_by_place_and_field(
    program: APIClient, metric: Metric, address: str, body: str, field: str
) -> None:
    answer = program.generic("POST", address, body, content_type="application/json")
    assert list(errors(answer)) == field.split()
    assert not metric.observations.exists()
    metric.refresh_from_db()
    assert metric.last_at is None


def test_bytes_that_are_no_text_are_refused(program: APIClient, address: str) -> None:
    body: Any = b'{"value": 5, "segment": "\xff"}'
    answer = program.generic("POST", address, body, content_type="application/json")
    assert list(errors(answer)) == ["body"]


def test_an_empty_list_is_nothing_to_do(program: APIClient, metric: Metric, address: str) -> None:
    assert program.post(address, []).json() == {"recorded": 0}
    assert not metric.observations.exists()


def test_ten_thousand_readings_are_decoded_and_one_more_is_refused() -> None:
    body = json.dumps([GOOD] * MOST).encode()
    assert len(points_in(body, zone=BERLIN, now=NOW)) == MOST
    with pytest.raises(NotReadable):
        points_in(body[:-1] + b"," + json.dumps(GOOD).encode() + b"]", zone=BERLIN, now=NOW)


def test_a_pushed_thousand_costs_hardly_more_queries_than_ten(program: APIClient, address: str) -> None:
    costs = []
    for wanted in (10, 1000):
        many = [{"at": (NOW - timedelta(seconds=number)).isoformat(), "value": number} for number in range(wanted)]
        with CaptureQueriesContext(database) as queries:
            assert program.post(address, many).status_code == 201
        costs.append(len(queries))
    assert costs[1] <= costs[0] + 10  # databases take so many values in one statement


@pytest.mark.parametrize(
    ("span", "found"),
    [
        ("since=2026-11-18", ["2026-11-18", "2026-11-17T23:30:00Z"]),  # half past midnight of the 18th in Berlin
        ("until=2026-11-18", ["2026-11-17"]),
        ("since=2026-11-17&until=2026-11-18", ["2026-11-17"]),
        ("since=2026-11-17T23:30:00Z", ["2026-11-18", "2026-11-17T23:30:00Z"]),
        ("until=2026-11-17T23:30:00Z", ["2026-11-17"]),
        ("ordering=at", ["2026-11-17", "2026-11-17T23:30:00Z", "2026-11-18"]),
        ("segment=Books", []),
    ],
)
def test_readings_are_found_by_their_time(
    program: APIClient, metric: Metric, address: str, span: str, found: list[str]
) -> None:
    program.post(address, [{"at": at, "value": 1} for at in ("2026-11-17", "2026-11-17T23:30:00Z", "2026-11-18")])
    assert [row["at"] for row in program.get(f"{address}?{span}").json()["results"]] == found


def test_what_was_answered_can_be_pushed_again(program: APIClient, metric: Metric, address: str) -> None:
    program.post(address, [{"at": "2026-11-17", "value": 1}, {"at": "2026-11-17T23:30:00.5Z", "value": 2}])
    before = stored(metric)
    assert program.post(address, program.get(address).json()["results"]).status_code == 201
    assert stored(metric) == before


def test_readings_are_deleted_by_their_time_and_the_days_follow(
    program: APIClient, metric: Metric, address: str
) -> None:
    target = program.post(f"{BASE}targets/", {"metric": metric.pk, "name": "Many", "goal": 100}).json()["id"]
    today = timezone.now().astimezone(BERLIN).date()
    program.post(address, [{"at": f"{day:%Y-%m-%d}", "value": 60} for day in (date(2026, 1, 1), today)])
    answer = program.delete(f"{address}?since={today:%Y-%m-%d}&until={today + timedelta(days=1):%Y-%m-%d}")
    assert answer.json() == {"deleted": 1}
    days = program.get(f"{BASE}metrics/{metric.pk}/days/").json()["results"]
    assert [day["on"] for day in days] == ["2026-01-01"]
    assert Target.unscoped.get(pk=target).value != 60


def test_one_reading_is_deleted_by_its_time_and_segment(program: APIClient, metric: Metric, address: str) -> None:
    kept = [("2026-11-18", "Books"), ("2026-11-19T00:00:00Z", ""), ("2026-11-19", "Music")]
    for at, segment in [*kept, ("2026-11-19", "Books")]:
        program.post(address, {"at": at, "value": 5, "segment": segment})
    assert program.get(f"{address}?at=2026-11-19").json()["count"] == 2
    assert program.delete(f"{address}?at=2026-11-19&segment=Books").json() == {"deleted": 1}
    assert {segment for _at, _whole, segment, _value in stored(metric)} == {"Books", "", "Music"}
    assert metric.rollups.filter(on="2026-11-19", segment="Books").count() == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [("", "since until"), ("since=2026-01-01", "until"), ("since=x&until=2026-01-01", "since")],
)
def test_nothing_is_deleted_without_saying_from_when_to_when(
    program: APIClient, metric: Metric, address: str, query: str, field: str
) -> None:
    program.post(address, GOOD)
    assert list(errors(program.delete(f"{address}?{query}"))) == field.split()
    assert metric.observations.count() == 1


@pytest.mark.parametrize("part", ["observations", "days"])
def test_lists_cost_the_same_whatever_their_length(program: APIClient, metric: Metric, address: str, part: str) -> None:
    costs = []
    for wanted in (10, 200):
        program.post(address, [{"at": f"{NOW - timedelta(days=ago):%Y-%m-%d}", "value": 1} for ago in range(wanted)])
        with CaptureQueriesContext(database) as queries:
            rows = program.get(f"{BASE}metrics/{metric.pk}/{part}/?page_size=1000").json()["results"]
        assert len(rows) == wanted
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 6
