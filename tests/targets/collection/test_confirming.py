"""Collections that go on from the answer before: cursors, and answers that say that nothing has changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors import asking
from connectors.fetching import fetch
from connectors.models import Connection, Feed
from connectors.models.feed import Asks, Health, Outcome, RunningPeriod
from connectors.protocol import Page
from organisations.access import Access
from targets import collecting
from targets.correcting import correct
from targets.domain.terms import ValueKind
from targets.models import Metric
from targets.models.metric import ReadAs
from tests.targets.analytics import NOW

HOUR = timedelta(hours=1)
Collect = Callable[..., Feed]


class Source:
    """Answers with a document, and 304 to whoever has it already; keeps what it was asked."""

    def __init__(self, server: HTTPServer) -> None:
        self.document: Any = {"temperature": 21.5}
        self.requests: list[Request] = []
        self.url = server.url_for("")
        server.expect_request("/n").respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        self.requests.append(request)
        text = json.dumps(self.document)
        tag = f'"{len(text)}-{hash(text)}"'
        if request.headers.get("If-None-Match") == tag:
            return Response("", 304)
        return Response(text, content_type="application/json", headers={"ETag": tag})

    @property
    def conditional(self) -> list[bool]:
        """Which requests were conditional."""
        return ["If-None-Match" in request.headers for request in self.requests]


@pytest.fixture
def source(httpserver: HTTPServer) -> Source:
    return Source(httpserver)


@pytest.fixture
def feed_of(access: Access, source: Source) -> Callable[..., Feed]:
    def make(**fields: Any) -> Feed:
        connection = Connection.unscoped.create(
            organisation=access.organisation, name="Source", kind="http", settings={"address": source.url}
        )
        given = {"name": "n", "query": {"path": "n"}, "every": 60, "due_at": NOW, **fields}
        return Feed.unscoped.create(connection=connection, **given)

    return make


@pytest.fixture
def metric_of(access: Access) -> Callable[..., Metric]:
    def make(feed: Feed, **fields: Any) -> Metric:
        given = {"name": "Temperature", "value_path": "temperature", "value_kind": ValueKind.LEVEL, **fields}
        return Metric.unscoped.create(organisation=access.organisation, feed=feed, **given)

    return make


def collect(feed: Feed, at: datetime = NOW, *, expect: Outcome = Outcome.OK) -> Feed:
    """Collect a feed at a moment, and return it as it is then."""
    Feed.unscoped.filter(pk=feed.pk).update(due_at=at)
    assert collecting.run(feed.pk, at, announce=lambda _: None, announce_feed=lambda _: None) == expect
    return Feed.unscoped.select_related("connection__organisation").get(pk=feed.pk)


def readings(metric: Metric) -> list[tuple[datetime, str, float]]:
    return list(metric.observations.order_by("at", "segment").values_list("at", "segment", "value"))


# --- nothing has changed ---------------------------------------------------------------------------------------------


def test_a_level_that_has_not_changed_is_confirmed_at_the_moment_of_the_call(
    source: Source, feed_of: Callable[..., Feed], metric_of: Callable[..., Metric]
) -> None:
    feed = feed_of()
    metric = metric_of(feed)
    collect(feed)
    later = collect(feed, NOW + HOUR)
    assert source.conditional == [False, True]
    assert readings(metric) == [(NOW, "", 21.5), (NOW + HOUR, "", 21.5)]
    assert (later.health, later.answered_at) == (Health.FRESH, NOW + HOUR)
    metric.refresh_from_db()
    assert (metric.last_at, metric.read_until) == (NOW + HOUR, NOW + HOUR)
    run = later.collections.latest("started_at")
    assert (run.outcome, run.rows, run.observations) == ("ok", 0, 1)
    assert [call.status for call in run.calls.all()] == [304]


def test_once_a_day_the_whole_answer_is_asked_for_whatever_the_service_says(
    source: Source, feed_of: Callable[..., Feed], metric_of: Callable[..., Metric]
) -> None:
    feed = feed_of()
    metric_of(feed)
    for hours in (0, 23, 25, 47, 50):
        collect(feed, NOW + hours * HOUR)
    assert source.conditional == [False, True, False, True, False]


def test_once_it_has_changed_the_new_value_counts_and_is_asked_for_again(
    source: Source, feed_of: Callable[..., Feed], metric_of: Callable[..., Metric]
) -> None:
    feed = feed_of()
    metric = metric_of(feed)
    for number, degrees in enumerate([21.5, 21.5, 23.0, 23.0]):
        source.document = {"temperature": degrees}
        collect(feed, NOW + number * HOUR)
    assert [value for _at, _segment, value in readings(metric)] == [21.5, 21.5, 23.0, 23.0]
    assert source.conditional == [False, True, True, True]


def test_every_segment_and_every_metric_is_confirmed(
    source: Source, feed_of: Callable[..., Feed], metric_of: Callable[..., Metric]
) -> None:
    source.document = [{"room": "a", "temperature": 20, "open": 1}, {"room": "b", "temperature": 22, "open": 0}]
    feed = feed_of()
    warm = metric_of(feed, segment_path="room")
    doors = metric_of(feed, name="Open doors", value_path="open", segment_path="room")
    collect(feed)
    collect(feed, NOW + HOUR)
    assert [(segment, value) for at, segment, value in readings(warm) if at > NOW] == [("a", 20.0), ("b", 22.0)]
    assert [(segment, value) for at, segment, value in readings(doors) if at > NOW] == [("a", 1.0), ("b", 0.0)]


def test_a_total_of_the_period_is_one_of_this_moment(
    source: Source, feed_of: Callable[..., Feed], metric_of: Callable[..., Metric]
) -> None:
    feed = feed_of(asks=Asks.PERIOD, running_period=RunningPeriod.DAY, history_days=0, overlap_days=0)
    metric = metric_of(feed, value_kind=ValueKind.RUNNING)
    collect(feed)
    collect(feed, NOW + HOUR)
    assert readings(metric)[-2:] == [(NOW, "", 21.5), (NOW + HOUR, "", 21.5)]


def test_a_counter_that_has_not_changed_has_counted_nothing(
    source: Source, feed_of: Callable[..., Feed], metric_of: Callable[..., Metric]
) -> None:
    feed = feed_of()
    metric = metric_of(feed, value_kind=ValueKind.FLOW, read_as=ReadAs.COUNTER)
    for number, count in enumerate([100, 105, 105, 109]):
        source.document = {"temperature": count}
        collect(feed, NOW + number * HOUR)
    assert sum(value for _at, _segment, value in readings(metric)) == 9
    assert source.conditional == [False, True, True, True]


def test_rows_that_say_their_time_stay_and_their_amounts_are_known_up_to_now(
    source: Source, feed_of: Callable[..., Feed], metric_of: Callable[..., Metric]
) -> None:
    source.document = [{"at": "2026-11-20T09:00:00Z", "temperature": 5}]
    feed = feed_of(at_path="at", asks=Asks.WINDOW)
    metric = metric_of(feed, value_kind=ValueKind.FLOW)
    collect(feed)
    before = readings(metric)
    collect(feed, NOW + HOUR)
    assert source.conditional == [False, True]
    assert readings(metric) == before
    metric.refresh_from_db()
    assert metric.read_until == NOW + HOUR


def test_whole_days_do_not_reach_further_because_nothing_has_changed(
    source: Source, feed_of: Callable[..., Feed], metric_of: Callable[..., Metric]
) -> None:
    source.document = [{"at": "2026-11-18", "temperature": 5}]
    feed = feed_of(at_path="at", asks=Asks.WINDOW)
    metric = metric_of(feed, value_kind=ValueKind.FLOW)
    collect(feed)
    metric.refresh_from_db()
    before = (metric.read_through, metric.read_until)
    collect(feed, NOW + HOUR)
    metric.refresh_from_db()
    assert source.conditional == [False, True]
    assert (metric.read_through, metric.read_until) == before


# --- when the whole answer is asked for ------------------------------------------------------------------------------


def change_metric(feed: Feed, metric: Metric) -> None:
    Metric.unscoped.filter(pk=metric.pk).update(scale=2)


def change_feed(feed: Feed, metric: Metric) -> None:
    Feed.unscoped.filter(pk=feed.pk).update(row_filter="temperature > `0`")


def change_query(feed: Feed, metric: Metric) -> None:
    Feed.unscoped.filter(pk=feed.pk).update(query={"path": "n", "rows": "@"})


def add_metric(feed: Feed, metric: Metric) -> None:
    Metric.unscoped.create(organisation=metric.organisation, feed=feed, name="More", value_path="temperature")


def correct_reading(feed: Feed, metric: Metric) -> None:
    correct(metric, metric.observations.latest("at"), 19.0, now=NOW)


def delete_readings(feed: Feed, metric: Metric) -> None:
    metric.observations.all().delete()


@pytest.mark.parametrize(
    "change", [change_metric, change_feed, change_query, add_metric, correct_reading, delete_readings]
)
def test_whatever_changes_how_the_answer_is_read_asks_for_all_of_it(
    source: Source,
    feed_of: Callable[..., Feed],
    metric_of: Callable[..., Metric],
    change: Callable[[Feed, Metric], None],
) -> None:
    feed = feed_of()
    metric = metric_of(feed)
    collect(feed)
    change(feed, metric)
    collect(feed, NOW + HOUR)
    assert source.conditional == [False, False]
    assert metric.observations.latest("at").at == NOW + HOUR
    collect(feed, NOW + 2 * HOUR)
    assert source.conditional[-1], "then it is known again"


def test_after_a_failure_the_whole_answer_is_asked_for_or_what_is_kept_still_holds(
    source: Source, feed_of: Callable[..., Feed], metric_of: Callable[..., Metric], httpserver: HTTPServer
) -> None:
    feed = feed_of()
    metric = metric_of(feed)
    collect(feed)
    whole, source.document = source.document, {"temperature": "none"}
    collect(feed, NOW + HOUR, expect=Outcome.FAILED)
    source.document = whole
    collect(feed, NOW + 2 * HOUR)
    assert readings(metric) == [(NOW, "", 21.5), (NOW + 2 * HOUR, "", 21.5)]


def test_rows_that_are_kept_as_records_are_asked_for_whole(
    source: Source, feed_of: Callable[..., Feed], metric_of: Callable[..., Metric]
) -> None:
    source.document = [{"id": 1, "temperature": 5}]
    feed = feed_of(keeps_records=True, record_key="id")
    metric_of(feed)
    collect(feed)
    collect(feed, NOW + HOUR)
    assert source.conditional == [False, False]


# --- only what is new ------------------------------------------------------------------------------------------------

SINCE_ID = {"path": "n", "cursor": "id", "cursor_use": "greatest", "params": "since_id={cursor}"}


def answer_rows(source: Source, *ids: int) -> None:
    source.document = [{"id": one, "temperature": 1, "at": f"2026-11-20T09:00:{one % 60:02}Z"} for one in ids]


@pytest.fixture
def posts(source: Source, feed_of: Callable[..., Feed], metric_of: Callable[..., Metric]) -> tuple[Feed, Metric]:
    feed = feed_of(query=SINCE_ID, at_path="at")
    return feed, metric_of(feed, value_kind=ValueKind.FLOW)


def test_the_cursor_is_kept_with_the_data(source: Source, posts: tuple[Feed, Metric]) -> None:
    feed, metric = posts
    answer_rows(source, 1, 2, 3)
    assert collect(feed).cursor == 3
    answer_rows(source, 4)
    assert collect(feed, NOW + HOUR).cursor == 4
    assert metric.observations.count() == 4
    assert [request.args.get("since_id") for request in source.requests][::2] == [None, "3"]


def test_amounts_of_one_time_add_up_over_answers_where_ids_tell_what_is_new(
    source: Source, posts: tuple[Feed, Metric]
) -> None:
    feed, metric = posts
    source.document = [{"id": 1, "temperature": 5, "at": "2026-11-20"}, {"id": 2, "temperature": 7, "at": "2026-11-20"}]
    collect(feed)
    source.document = [
        {"id": 2, "temperature": 7, "at": "2026-11-20"},
        {"id": 3, "temperature": 10, "at": "2026-11-20"},
    ]
    collect(feed, NOW + HOUR)
    collect(feed, NOW + 2 * HOUR)  # a source that knows nothing of ids says it all again
    assert [row.value for row in metric.observations.all()] == [22]


def test_a_source_that_is_read_anew_is_not_added_to_what_was_there(source: Source, posts: tuple[Feed, Metric]) -> None:
    feed, metric = posts
    source.document = [{"id": 1, "temperature": 5, "at": "2026-11-20"}]
    collect(feed)
    source.document.append({"id": 2, "temperature": 7, "at": "2026-11-20"})
    collect(feed, NOW + HOUR)
    asking.anew(feed, NOW + 2 * HOUR)
    collect(feed, NOW + 2 * HOUR)
    assert [row.value for row in metric.observations.all()] == [12]
    source.document.append({"id": 3, "temperature": 1, "at": "2026-11-20"})
    collect(feed, NOW + 3 * HOUR)
    assert [row.value for row in metric.observations.all()] == [13]


def test_readings_of_one_time_replace_each_other_where_they_do_not_add_up(
    source: Source, feed_of: Callable[..., Feed], metric_of: Callable[..., Metric]
) -> None:
    feed = feed_of(query=SINCE_ID, at_path="at")
    metric = metric_of(feed)
    for place, value in enumerate([20, 21]):
        source.document = [{"id": place, "temperature": value, "at": "2026-11-20"}]
        collect(feed, NOW + place * HOUR)
    assert [row.value for row in metric.observations.all()] == [21]


def test_rows_that_do_not_all_say_their_id_are_not_added_twice(source: Source, posts: tuple[Feed, Metric]) -> None:
    feed, metric = posts
    source.document = [{"id": 1, "temperature": 5, "at": "2026-11-20T09:00:00Z"}]
    collect(feed)
    source.document = [
        {"temperature": 5, "at": "2026-11-20T09:00:00Z"},
        {"id": 2, "temperature": 1, "at": NOW.isoformat()},
    ]
    collect(feed, NOW + HOUR)
    assert [row.value for row in metric.observations.order_by("at")] == [5, 1]


def test_amounts_of_whole_days_are_refused_where_rows_may_come_again(
    source: Source, feed_of: Callable[..., Feed], metric_of: Callable[..., Metric]
) -> None:
    by_time = {"path": "n", "cursor": "at", "cursor_use": "latest", "params": "since={cursor}"}
    feed = feed_of(query=by_time, at_path="at")
    metric_of(feed, value_kind=ValueKind.FLOW)
    source.document = [{"id": 1, "temperature": 5, "at": "2026-11-20"}]
    assert "keep its rows as records" in collect(feed, expect=Outcome.FAILED).message


def test_a_feed_says_that_a_limit_cut_its_history_short(source: Source, feed_of: Callable[..., Feed]) -> None:
    feed = feed_of(query={**SINCE_ID, "most_pages": 1}, at_path="at")
    answer_rows(source, 1, 2, 3)
    cut = collect(feed)
    assert (cut.is_cut_short, cut.due_at) == (True, NOW)
    answer_rows(source)
    assert not collect(feed, NOW + HOUR).is_cut_short


def test_an_empty_answer_leaves_the_cursor_and_is_good(source: Source, posts: tuple[Feed, Metric]) -> None:
    feed, _metric = posts
    answer_rows(source, 7)
    collect(feed)
    answer_rows(source)
    later = collect(feed, NOW + HOUR)
    assert (later.cursor, later.health) == (7, Health.FRESH)


def test_nothing_is_kept_where_the_data_could_not_be_written(
    source: Source, posts: tuple[Feed, Metric], monkeypatch: pytest.MonkeyPatch
) -> None:
    feed, metric = posts
    answer_rows(source, 7)

    def fail(*_: Any, **__: Any) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(collecting, "record_found", fail)
        with pytest.raises(OSError, match="disk"):
            collecting.run(feed.pk, NOW, announce=lambda _: None, announce_feed=lambda _: None)
    feed.refresh_from_db()
    assert (feed.cursor, metric.observations.count()) == (None, 0)
    Feed.unscoped.filter(pk=feed.pk).update(lease_until=NOW)
    assert collect(feed, NOW + HOUR).cursor == 7
    assert metric.observations.count() == 1


def test_an_unreadable_answer_moves_no_cursor(source: Source, posts: tuple[Feed, Metric]) -> None:
    feed, metric = posts
    answer_rows(source, 7)
    collect(feed)
    source.document = [{"id": 8, "temperature": "many", "at": "2026-11-20T09:00:08Z"}]
    later = collect(feed, NOW + HOUR, expect=Outcome.FAILED)
    assert later.cursor == 7
    assert metric.observations.count() == 1


def test_another_query_begins_anew(source: Source, posts: tuple[Feed, Metric]) -> None:
    feed, _metric = posts
    answer_rows(source, 7)
    collect(feed)
    Feed.unscoped.filter(pk=feed.pk).update(query={**SINCE_ID, "params": "since_id={cursor}\nq=coffee"})
    source.requests.clear()
    collect(feed, NOW + HOUR)
    assert "since_id" not in source.requests[0].args


def test_a_query_that_is_changed_while_it_is_asked_begins_anew(
    source: Source, posts: tuple[Feed, Metric], monkeypatch: pytest.MonkeyPatch
) -> None:
    feed, _metric = posts
    answer_rows(source, 7)

    def changed_meanwhile(*args: Any, **kwargs: Any) -> Page:
        Feed.unscoped.filter(pk=feed.pk).update(query={**SINCE_ID, "rows": "@"})
        return fetch(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(collecting, "fetch", changed_meanwhile)
        collect(feed)
    source.requests.clear()
    collect(feed, NOW + HOUR)
    assert "since_id" not in source.requests[0].args


def test_where_a_limit_left_something_the_log_says_so_and_it_is_due_at_once(
    httpserver: HTTPServer, source: Source, posts: tuple[Feed, Metric]
) -> None:
    feed, metric = posts
    Feed.unscoped.filter(pk=feed.pk).update(query={**SINCE_ID, "path": "all", "most_pages": 2})

    def three(request: Request) -> Response:
        since = int(request.args.get("since_id", 0))
        answer_rows(source, *range(since + 1, min(since + 4, 9)))
        return Response(json.dumps(source.document), content_type="application/json")

    httpserver.expect_request("/all").respond_with_handler(three)
    first = collect(feed)
    run = first.collections.get()
    assert (first.cursor, first.due_at, run.outcome) == (6, NOW, "ok")
    assert run.message == "Only the first 2 pages were read; the rest is asked for next."
    second = collect(feed)
    assert (second.cursor, metric.observations.count()) == (8, 8)
    assert second.due_at == NOW + HOUR
    assert second.collections.latest("pk").message == ""
