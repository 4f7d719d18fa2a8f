"""Imports that end part-way: what came is kept, the next collection goes on from there, and it is said why."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors.models import BackFill, Connection, Feed, Throttle
from connectors.models.feed import Asks, Health, Outcome
from targets import back_filling, collecting
from targets.domain.terms import ValueKind
from targets.models import Metric

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SIZE, PAGES = 3, 20
WAYS = {
    "greatest": {"cursor": "id", "cursor_use": "greatest", "params": "after={cursor}"},
    "latest": {"cursor": "at", "cursor_use": "latest", "params": "since={cursor}", "date_format": "datetime_utc"},
    "next_time": {"cursor": "next", "cursor_use": "next_time", "params": "after={cursor}"},
}
Collect = Callable[..., Outcome | None]


class Orders:
    """Hands out rows with ids and times, a few a page, after an id or from a time on; may fail at the n-th call."""

    def __init__(self, server: HTTPServer) -> None:
        self.ids = list(range(1, SIZE * PAGES + 1))
        self.asked: list[str] = []
        self.fails: dict[int, Response] = {}
        server.expect_request("/orders").respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        self.asked.append(request.args.get("after", request.args.get("since", "")))
        if len(self.asked) in self.fails:
            return self.fails[len(self.asked)]
        found = [one for one in self.ids if self._is_asked_for(one, request)][:SIZE]
        rows = [{"id": one, "at": written(one)} for one in found]
        return Response(json.dumps({"rows": rows, "next": found[-1] if found else None}), mimetype="application/json")

    def _is_asked_for(self, one: int, request: Request) -> bool:
        return one > int(request.args.get("after", 0)) and written(one) > request.args.get("since", "")


def written(one: int) -> str:
    return f"{NOW - DAY + one * MINUTE:%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
def orders(httpserver: HTTPServer) -> Orders:
    return Orders(httpserver)


@pytest.fixture
def feed_of(connection: Connection, orders: Orders) -> Callable[..., Feed]:
    def make(way: str = "greatest", *, params: str = "", **fields: Any) -> Feed:
        query = {"path": "orders", "rows": "rows", **WAYS[way]}
        query["params"] += params
        feed: Feed = connection.feeds.create(name="Orders", query=query, at_path="at", due_at=NOW, **fields)
        connection.organisation.metrics.create(
            feed=feed, name="Orders", value_path="`1`", value_kind=ValueKind.FLOW, unit=""
        )
        return feed

    return make


@pytest.fixture
def collect(django_capture_on_commit_callbacks: Any) -> Collect:
    def run(feed: Feed, now: datetime = NOW) -> Outcome | None:
        outcome = collecting.run(feed.pk, now, announce=lambda _pk: None, announce_feed=lambda _pk: None)
        feed.refresh_from_db()
        return outcome

    return run


def total() -> float:
    return sum(row.value for row in Metric.unscoped.get(name="Orders").observations.all())


def limited(connection: Connection, **limits: int) -> None:
    Connection.unscoped.filter(pk=connection.pk).update(**limits)


def another_day() -> None:
    """Have the quota counted anew, as after midnight by the clock of all workers."""
    Throttle.unscoped.update(quota_on=None, quota_used=0)


# --- what is kept ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_an_import_that_our_own_quota_ends_goes_on_the_next_day(
    orders: Orders, connection: Connection, feed_of: Callable[..., Feed], collect: Collect, way: str
) -> None:
    feed = feed_of(way)
    limited(connection, daily_quota=5)
    assert collect(feed) == Outcome.HELD
    assert (len(orders.asked), total()) == (5, 5 * SIZE)
    assert (feed.health, feed.failures, feed.answered_at, feed.is_cut_short) == (Health.FRESH, 0, NOW, True)
    run = feed.collections.get()
    assert (run.outcome, run.rows, run.observations, run.reason) == ("held", 15, 15, "held_back")
    assert run.message == (
        "Only the first 5 pages were read; the rest is asked for next. "
        "Today’s quota of 5 calls is used up. The next call goes out after midnight."
    )
    assert feed.due_at is not None
    assert feed.due_at > NOW
    another_day()
    assert collect(feed, NOW + DAY) == Outcome.HELD
    assert orders.asked[5] not in orders.asked[:5], "it went on and did not begin anew"
    assert total() == 10 * SIZE


@pytest.mark.parametrize("way", WAYS)
def test_an_import_is_whole_in_the_end_and_nothing_is_counted_twice(
    orders: Orders, connection: Connection, feed_of: Callable[..., Feed], collect: Collect, way: str
) -> None:
    feed = feed_of(way)
    limited(connection, daily_quota=6)
    outcomes = [collect(feed)]
    while outcomes[-1] == Outcome.HELD and len(outcomes) < 9:
        another_day()
        outcomes.append(collect(feed, NOW + len(outcomes) * DAY))
    assert outcomes == [*[Outcome.HELD] * 3, Outcome.OK]
    assert total() == SIZE * PAGES
    assert not feed.is_cut_short


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("status", "headers", "reason"),
    [(429, {"Retry-After": "1800"}, "rate_limited"), (500, {}, "server_error"), (401, {}, "unauthorised")],
)
def test_pages_that_came_before_a_failure_are_kept_and_the_failure_is_seen(
    orders: Orders,
    feed_of: Callable[..., Feed],
    collect: Collect,
    way: str,
    status: int,
    headers: dict[str, str],
    reason: str,
) -> None:
    feed = feed_of(way)
    orders.fails = {number: Response("no", status, headers) for number in (9, 10, 11)}
    assert collect(feed) == Outcome.FAILED
    assert (total(), feed.answered_at, feed.failures, feed.reason) == (8 * SIZE, NOW, 1, reason)
    assert feed.health in (Health.FAILING, Health.UNAUTHORISED)
    assert feed.collections.get().message.startswith(
        f"Only the first 8 pages were read; the rest is asked for next. It answered {status}: "
    )
    orders.fails = {}
    Feed.unscoped.filter(pk=feed.pk).update(due_at=NOW + HOUR)
    assert collect(feed, NOW + HOUR) == Outcome.OK
    assert total() == SIZE * PAGES
    assert (feed.health, feed.failures) == (Health.FRESH, 0)


def test_pauses_grow_only_where_nothing_comes_any_more(
    orders: Orders, feed_of: Callable[..., Feed], collect: Collect
) -> None:
    feed = feed_of()
    failing = Response("no", 500)
    orders.fails = dict.fromkeys([*range(2, 5), *range(6, 9), *range(9, 12)], failing)
    failures = []
    for hours in range(3):
        Feed.unscoped.filter(pk=feed.pk).update(due_at=NOW + hours * HOUR)
        collect(feed, NOW + hours * HOUR)
        failures.append(feed.failures)
    assert failures == [1, 1, 2]


def test_what_is_refused_for_what_it_says_keeps_nothing(
    orders: Orders, feed_of: Callable[..., Feed], collect: Collect
) -> None:
    feed = feed_of()
    orders.fails = {3: Response("<html>", 200)}
    assert collect(feed) == Outcome.FAILED
    assert (total(), feed.cursor) == (0, None)


def test_where_the_newest_come_first_half_is_not_kept(
    orders: Orders, connection: Connection, feed_of: Callable[..., Feed], collect: Collect
) -> None:
    feed = feed_of()
    feed.query |= {"pages": "backward", "params": "before={before}\nx={cursor}"}
    feed.save()
    limited(connection, daily_quota=1)
    assert collect(feed) in (Outcome.HELD, Outcome.FAILED)
    assert (total(), feed.cursor) == (0, None)


def test_a_metric_that_cannot_be_read_leaves_the_cursor_where_it_was(
    orders: Orders, connection: Connection, feed_of: Callable[..., Feed], collect: Collect
) -> None:
    feed = feed_of()
    Metric.unscoped.update(value_path="price")
    limited(connection, daily_quota=5)
    assert collect(feed) == Outcome.FAILED
    assert feed.cursor is None


def test_the_rest_of_a_stretch_is_asked_for_as_the_same_stretch(
    orders: Orders, feed_of: Callable[..., Feed], collect: Collect
) -> None:
    feed = feed_of(params="\nfrom={since}", asks=Asks.WINDOW, history_days=30, overlap_days=0)
    feed.query["most_pages"] = 2
    feed.save()
    assert collect(feed) == Outcome.OK
    assert (feed.covered_until, feed.due_at) == (None, NOW)
    while feed.due_at is not None and feed.due_at <= NOW:
        collect(feed)
    assert feed.covered_until == NOW
    assert total() == SIZE * PAGES


def test_a_list_without_end_is_asked_for_with_growing_pauses_up_to_the_usual_rhythm(
    orders: Orders, feed_of: Callable[..., Feed], collect: Collect
) -> None:
    feed = feed_of(every=5)
    feed.query["most_pages"] = 1
    feed.save()
    orders.ids = list(range(1, 10**4))
    now, pauses = NOW, []
    for _ in range(22):
        assert collect(feed, now) == Outcome.OK
        assert feed.due_at is not None
        pauses.append((feed.due_at - now).total_seconds())
        now = feed.due_at
    assert pauses == [0] * 10 + [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    orders.ids = []
    collect(feed, now)
    orders.ids = list(range(1, 10**4))
    assert feed.due_at is not None
    now = feed.due_at
    collect(feed, now)
    assert feed.due_at == now


def test_a_past_range_of_which_a_part_would_be_missed_is_not_taken_for_whole(
    orders: Orders, feed_of: Callable[..., Feed]
) -> None:
    feed = feed_of(params="\nfrom={since}", asks=Asks.WINDOW)
    feed.query["most_pages"] = 2
    feed.save()
    fill = back_filling.start(feed, NOW.date() - DAY, NOW.date(), NOW)
    back_filling.run(fill.pk, NOW, announce=lambda _pk: None, announce_feed=lambda _pk: None)
    fill.refresh_from_db()
    assert (fill.done_until, total()) == (fill.since, 0)
    assert "There are more than 2 pages" in fill.message
    feed.query["most_pages"] = 100
    feed.save()
    BackFill.unscoped.update(due_at=NOW + HOUR)
    back_filling.run(fill.pk, NOW + HOUR, announce=lambda _pk: None, announce_feed=lambda _pk: None)
    assert total() == SIZE * PAGES
