"""An answer that changes its shape: what is gone is noticed, kept, said where people look, and told once by mail."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from pytest_httpserver import HTTPServer
from rest_framework.test import APIClient
from werkzeug import Request, Response

from connectors import shape_words
from connectors.models import Feed, ShapeChange
from connectors.models.feed import Outcome
from connectors.paths.read import affected, is_mended, read_by
from organisations.models import Organisation, User
from targets import collecting
from targets.models import Metric

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


class Source:
    """The pretend source: what it answers now."""

    def __init__(self, server: HTTPServer) -> None:
        self.answers: Any = {"data": {"total": 512, "page": 1}}
        server.expect_request("/total").respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        return Response(json.dumps(self.answers), content_type="application/json")


@pytest.fixture
def source(httpserver: HTTPServer) -> Source:
    return Source(httpserver)


@pytest.fixture
def feed(organisation: Organisation, httpserver: HTTPServer) -> Feed:
    settings = {"address": httpserver.url_for("")}
    connection = organisation.connections.create(name="Shop", kind="http", settings=settings)
    feed: Feed = connection.feeds.create(name="Total", query={"path": "total"}, due_at=NOW)
    return feed


@pytest.fixture
def metric(feed: Feed, organisation: Organisation) -> Metric:
    made: Metric = organisation.metrics.create(feed=feed, name="Stock", value_path="data.total", value_kind="level")
    return made


@pytest.fixture
def told() -> list[int]:
    return []


@pytest.fixture
def collect(feed: Feed, told: list[int], django_capture_on_commit_callbacks: Any) -> Callable[[], Outcome | None]:
    def collect() -> Outcome | None:
        Feed.unscoped.filter(pk=feed.pk).update(due_at=NOW)
        with django_capture_on_commit_callbacks(execute=True):
            outcome = collecting.run(
                feed.pk, NOW, announce=lambda _: None, announce_feed=lambda _: None, announce_shape=told.append
            )
        feed.refresh_from_db()
        return outcome

    return collect


def said(change: ShapeChange) -> list[str]:
    return [shape_words.sentence(change), *shape_words.successors(change)]


def test_a_field_that_is_read_and_gone_is_noticed_and_told_once(
    source: Source, feed: Feed, metric: Metric, collect: Callable[[], Any], told: list[int]
) -> None:
    assert collect() == Outcome.OK
    source.answers = {"data": {"sum": 530, "page": 1}}
    assert collect() == Outcome.FAILED
    assert collect() == Outcome.FAILED
    change = feed.shape_changes.get()
    assert said(change) == [
        "“data.total” is gone; “data.sum” is new.",
        "“data.sum” probably took the place of “data.total”.",
    ]
    assert (change.matters, told, affected(change)) == (True, [change.pk], [metric])


def test_rows_that_moved_are_noticed_though_nothing_could_be_read(
    source: Source, feed: Feed, metric: Metric, collect: Callable[[], Any], told: list[int]
) -> None:
    feed.query = {"path": "total", "rows": "data.items"}
    feed.save()
    Metric.unscoped.update(value_path="n")
    source.answers = {"data": {"items": [{"n": 1, "of": "x"}]}}
    assert collect() == Outcome.OK
    source.answers = {"data": {"rows": [{"n": 1, "of": "x"}]}}
    assert collect() == Outcome.FAILED
    change = feed.shape_changes.get()
    assert said(change) == [
        "“data.items” is gone; “data.rows” is new.",
        "“data.rows” probably took the place of “data.items”.",
    ]
    assert told == [change.pk]


def test_a_field_that_nobody_reads_is_kept_and_not_told(
    source: Source, feed: Feed, metric: Metric, collect: Callable[[], Any], told: list[int]
) -> None:
    for _ in range(3):
        collect()
    source.answers = {"data": {"total": 513, "of": 9}}
    collect()
    change = feed.shape_changes.get()
    assert (said(change)[0], change.matters, told) == ("“data.page” is gone; “data.of” is new.", False, [])


def test_another_question_begins_anew(source: Source, feed: Feed, metric: Metric, collect: Callable[[], Any]) -> None:
    collect()
    feed.query = {"path": "total", "params": "all=1"}
    feed.save()
    source.answers = {"data": {"sum": 530}}
    collect()
    assert not feed.shape_changes.exists()


def test_a_source_that_does_not_answer_has_no_other_shape(
    source: Source, feed: Feed, metric: Metric, collect: Callable[[], Any], httpserver: HTTPServer
) -> None:
    collect()
    before = feed.shape
    httpserver.clear()
    httpserver.expect_request("/total").respond_with_data("gone", 404)
    assert collect() == Outcome.FAILED
    assert (feed.shape, feed.shape_changes.exists()) == (before, False)


def test_a_change_is_mended_once_the_field_is_back_or_read_elsewhere(
    source: Source, feed: Feed, metric: Metric, collect: Callable[[], Any]
) -> None:
    collect()
    source.answers = {"data": {"sum": 530}}
    collect()
    assert not is_mended(feed.shape_changes.get())
    metric.value_path = "data.sum"
    metric.save()
    assert is_mended(ShapeChange.unscoped.get())
    metric.value_path = "data.total"
    metric.save()
    source.answers = {"data": {"total": 5}}
    collect()
    assert is_mended(ShapeChange.unscoped.get())


def test_what_is_read_is_seen_from_the_root_of_the_answer(feed: Feed, metric: Metric) -> None:
    feed.query, feed.at_path, feed.row_filter, feed.record_key = {"rows": "data.items"}, "at", "ok", "id"
    metric.value_path, metric.weight_path, metric.segment_path = "n.of", "all", "broken["
    assert {
        "data", "data.items", "data.items[].at", "data.items[].ok", "data.items[].id", "data.items[].n",
        "data.items[].n.of", "data.items[].all",
    } <= read_by(metric, feed)  # fmt: skip


def test_who_looks_sees_what_is_gone_and_where_to_mend_it(
    source: Source, feed: Feed, metric: Metric, collect: Callable[[], Any], editor: User,
    client_of: Callable[[User], Client],
) -> None:  # fmt: skip
    collect()
    source.answers = {"data": {"sum": 530}}
    collect()
    client, address = client_of(editor), f"/growth/connections/{feed.connection_id}/"
    for page in (address, f"/growth/metrics/{metric.pk}/try/"):
        shown = client.get(page).content.decode()
        assert "“data.total” is gone; “data.sum” is new." in shown
        assert "“data.sum” probably took the place of “data.total”." in shown
    assert f"/growth/metrics/{metric.pk}/try/" in client.get(address).content.decode()
    Metric.unscoped.update(value_path="data.sum")
    assert "is gone" not in client.get(address).content.decode()


def test_programs_read_what_has_changed(
    source: Source, feed: Feed, metric: Metric, collect: Callable[[], Any], viewer: User, outsider: User,
    api: Callable[[User], APIClient],
) -> None:  # fmt: skip
    collect()
    source.answers = {"data": {"sum": 530, "page": 1}}
    collect()
    address = f"/api/v1/growth/feeds/{feed.pk}/shape-changes/"
    change = api(viewer).get(address).json()["results"][0]
    gone = {"path": "data.total", "type": "number", "is_read": True, "instead": "data.sum"}
    assert (change["gone"], change["new"]) == ([gone], [{"path": "data.sum", "type": "number"}])
    assert change["message"] == "“data.total” is gone; “data.sum” is new."
    assert api(viewer).get(f"/api/v1/growth/feeds/{feed.pk + 99}/shape-changes/").status_code == 404


@pytest.mark.parametrize(
    ("gone", "new", "sentence"),
    [
        ([("a", "number")], [], "“a” is gone."),
        ([("[].a", "number")], [("[].b", "text")], "“a” is gone; “b” is new."),
        ([("a", "number"), ("b", "text")], [("c", "list")], "“a” and “b” are gone; “c” is new."),
        ([("a", "number")], [("a", "object")], "“a” is an object now."),
        ([("", "list")], [("", "object")], "“@” is an object now."),
        ([(name, "text") for name in "abcdef"], [], "“a”, “b”, “c” and 3 more are gone."),
        ([], [], ""),
    ],
)
def test_changes_are_said_in_one_sentence(
    gone: list[tuple[str, str]], new: list[tuple[str, str]], sentence: str
) -> None:
    entries = [[{"path": path, "type": kind} for path, kind in part] for part in (gone, new)]
    assert shape_words.sentence(ShapeChange(gone=entries[0], new=entries[1])) == sentence
