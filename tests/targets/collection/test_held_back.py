"""Collections that limits hold back, or that find their source left alone: what a feed then says, and when it goes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors import asking
from connectors.models import Connection, Enrichment, Feed, Throttle
from connectors.models.feed import Asks, Health, Outcome
from connectors.outbound.breaker import MOST_FAILURES
from connectors.problems import problem
from organisations.access import Access
from targets import collecting
from targets.models import Metric

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
Collect = Callable[..., Outcome | None]


class Source:
    """Answers with a number until it is told to fail."""

    def __init__(self, server: HTTPServer) -> None:
        self.fails_with: Response | None = None
        self.asked = 0
        server.expect_request("/number").respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        self.asked += 1
        return self.fails_with or Response('{"value": 7}')


@pytest.fixture
def source(httpserver: HTTPServer) -> Source:
    return Source(httpserver)


@pytest.fixture
def feed(connection: Connection) -> Feed:
    return feed_of(connection, "Orders")


def feed_of(connection: Connection, name: str, **fields: Any) -> Feed:
    feed: Feed = connection.feeds.create(name=name, query={"path": "number"}, due_at=NOW, **fields)
    connection.organisation.metrics.create(feed=feed, name=name, value_path="value")
    return feed


@pytest.fixture
def collect(django_capture_on_commit_callbacks: Any) -> Collect:
    def run(feed: Feed, now: datetime = NOW) -> Outcome | None:
        outcome = collecting.run(feed.pk, now, announce=lambda _pk: None, announce_feed=lambda _pk: None)
        feed.refresh_from_db()
        return outcome

    return run


def limited(connection: Connection, **limits: int) -> None:
    Connection.unscoped.filter(pk=connection.pk).update(**limits)


def left_alone(collect: Collect, feed: Feed) -> datetime:
    """Collect a feed that fails until its source is left alone; returns the moment."""
    now = NOW
    while not Throttle.unscoped.filter(open_until__gt=now).exists():
        assert feed.due_at is not None
        now = feed.due_at
        assert collect(feed, now) == Outcome.FAILED
    return now


def test_a_used_up_quota_says_nothing_about_the_source(
    source: Source, connection: Connection, feed: Feed, collect: Collect
) -> None:
    limited(connection, daily_quota=1)
    assert collect(feed) == Outcome.OK
    assert collect(feed, NOW + HOUR) == Outcome.HELD
    assert source.asked == 1
    assert (feed.health, feed.reason, feed.failures, feed.failing_since) == (Health.FRESH, "", 0, None)
    assert feed.collected_at == NOW  # nobody was asked since
    run = feed.collections.first()
    assert run is not None
    assert (run.outcome, run.reason, run.calls.count()) == ("held", "held_back", 0)
    assert run.message == "Today’s quota of 1 call is used up. The next call goes out after midnight."


def test_what_is_held_back_goes_as_soon_as_it_may_whatever_its_rhythm(
    source: Source, connection: Connection, feed: Feed, collect: Collect
) -> None:
    limited(connection, calls_limit=1, calls_per=3600)
    feed_of(connection, "Weekly", every=7 * 24 * 60)
    weekly = connection.feeds.get(name="Weekly")
    assert collect(feed) == Outcome.OK
    assert collect(weekly) == Outcome.HELD
    other = feed_of(connection, "Daily", every=24 * 60)
    assert collect(other) == Outcome.HELD
    assert weekly.due_at is not None
    assert other.due_at is not None
    assert HOUR < weekly.due_at - NOW < HOUR + MINUTE
    assert 2 * HOUR < other.due_at - NOW < 2 * HOUR + MINUTE  # its own turn, and not everybody at once


def test_totals_go_on_where_a_limit_of_few_calls_cut_them_short(
    source: Source, connection: Connection, feed: Feed, collect: Collect
) -> None:
    limited(connection, calls_limit=2, calls_per=3600)
    reached = NOW - timedelta(days=2)
    Feed.unscoped.filter(pk=feed.pk).update(
        asks=Asks.PERIOD, running_period="month", overlap_days=5, covered_until=reached
    )
    outcomes = [collect(feed)]
    while outcomes[-1] == Outcome.HELD and len(outcomes) < 9:
        Throttle.unscoped.update(free_at=None, queue_at=None)  # as after half an hour
        outcomes.append(collect(feed, NOW + len(outcomes) * HOUR))
    assert outcomes == [Outcome.HELD, Outcome.HELD, Outcome.HELD, Outcome.OK]
    assert not feed.is_cut_short
    assert feed.covered_until is not None
    assert feed.covered_until > NOW


def test_a_changed_limit_asks_at_once_what_was_held_back(
    source: Source, connection: Connection, feed: Feed, collect: Collect
) -> None:
    other = feed_of(connection, "Returns")
    limited(connection, daily_quota=1)
    assert [collect(feed), collect(other)] == [Outcome.OK, Outcome.HELD]
    limited(connection, daily_quota=2)
    asking.again(connection, NOW + MINUTE)
    assert dict(connection.feeds.values_list("name", "due_at")) == {"Orders": NOW + HOUR, "Returns": NOW + MINUTE}
    assert collect(other, NOW + MINUTE) == Outcome.OK


def test_a_source_that_wants_patience_is_asked_by_none_of_its_feeds(
    source: Source, connection: Connection, feed: Feed, collect: Collect
) -> None:
    other = feed_of(connection, "Returns")
    source.fails_with = Response("", 429, {"Retry-After": "1800"})
    assert collect(feed) == Outcome.FAILED
    assert collect(other) == Outcome.HELD
    assert source.asked == 1
    assert (feed.health, other.health) == (Health.FAILING, Health.WAITING)
    assert other.due_at is not None
    assert 30 * MINUTE <= other.due_at - NOW <= 31 * MINUTE


def test_every_feed_of_a_source_that_is_left_alone_says_that_it_does_not_answer_and_why(
    source: Source, connection: Connection, feed: Feed, collect: Collect
) -> None:
    other = feed_of(connection, "Returns")
    assert collect(other) == Outcome.OK
    source.fails_with = Response("", 500)
    now = left_alone(collect, feed)
    asked = source.asked
    assert asked == MOST_FAILURES + 1
    asking.now(other, now)
    Throttle.unscoped.update(open_until=now + 20 * MINUTE)  # asking by hand would try it
    assert collect(other, now) == Outcome.HELD
    assert source.asked == asked
    assert (other.health, other.reason, other.code) == (Health.FAILING, "server_error", "circuit_open")
    assert "in a row since" in other.message
    assert "It answered 500: the service has a problem of its own." in other.message
    assert (other.failures, other.failing_since) == (0, now)
    assert other.due_at is not None
    assert 20 * MINUTE <= other.due_at - now <= 21 * MINUTE


def test_a_feed_that_is_left_alone_answers_again_after_a_good_trial(
    source: Source, connection: Connection, feed: Feed, collect: Collect
) -> None:
    source.fails_with = Response("", 500)
    left_alone(collect, feed)
    source.fails_with = None
    assert feed.due_at is not None
    assert collect(feed, feed.due_at) == Outcome.OK
    assert (feed.health, feed.message, feed.failing_since) == (Health.FRESH, "", None)
    assert Throttle.unscoped.get().open_until is None


def test_the_failure_that_opens_the_circuit_is_what_its_own_feed_tells(
    source: Source, connection: Connection, feed: Feed, collect: Collect
) -> None:
    source.fails_with = Response("", 500)
    left_alone(collect, feed)
    assert (feed.health, feed.code) == (Health.FAILING, "own_problem")


def test_checking_by_hand_tries_a_source_that_is_left_alone(
    source: Source, connection: Connection, feed: Feed, collect: Collect
) -> None:
    source.fails_with = Response("", 500)
    now = left_alone(collect, feed)
    asked = source.asked
    feed.connection.refresh_from_db()
    asking.now(feed, now)
    assert collect(feed, now) == Outcome.FAILED
    assert source.asked == asked + 1
    source.fails_with = None
    asking.now(feed, now)
    assert collect(feed, now) == Outcome.OK


def test_trying_again_asks_at_once_what_waited(
    access: Access, source: Source, connection: Connection, feed: Feed, collect: Collect
) -> None:
    held, fine, paused = (feed_of(connection, name) for name in ("Held", "Fine", "Paused"))
    asking.pause(paused, NOW)
    assert collect(fine) == Outcome.OK
    source.fails_with = Response("", 429, {"Retry-After": "3600"})
    collect(feed)
    assert collect(held) == Outcome.HELD
    source.fails_with = None
    asking.at_last(access, connection, NOW + MINUTE)
    due = dict(connection.feeds.values_list("name", "due_at"))
    assert due == {"Orders": NOW + MINUTE, "Held": NOW + MINUTE, "Fine": NOW + HOUR, "Paused": NOW}
    assert [collect(feed, NOW + MINUTE), collect(held, NOW + MINUTE)] == [Outcome.OK, Outcome.OK]


def test_trying_again_asks_for_records_and_past_ranges_too(
    access: Access, source: Source, connection: Connection, feed: Feed
) -> None:
    held = {"due_at": NOW + HOUR, "problem": problem("held_as_asked", when="15:30").as_stored()}
    enrichment = Enrichment.unscoped.create(feed=feed, connection=connection, **held)
    fill = feed.back_fills.create(since=NOW - HOUR, until=NOW, done_until=NOW - HOUR, created_at=NOW, **held)
    fine = Enrichment.unscoped.create(feed=feed_of(connection, "Fine"), connection=connection, due_at=NOW + HOUR)
    asking.at_last(access, connection, NOW)
    for row in (enrichment, fill, fine):
        row.refresh_from_db()
    assert [enrichment.due_at, fill.due_at, fine.due_at] == [NOW, NOW, NOW + HOUR]


def test_trying_a_gateway_again_asks_what_stands_behind_it(
    access: Access, source: Source, connection: Connection, feed: Feed, collect: Collect
) -> None:
    gateway = access.organisation.connections.create(name="Gateway", kind="http", settings=connection.settings)
    Connection.unscoped.filter(pk=connection.pk).update(gateway=gateway)
    Feed.unscoped.filter(pk=feed.pk).update(health=Health.FAILING, due_at=NOW + HOUR)
    asking.at_last(access, gateway, NOW)
    feed.refresh_from_db()
    assert feed.due_at == NOW


def test_totals_that_were_answered_before_a_limit_held_the_rest_back_are_not_asked_again(
    source: Source, connection: Connection, collect: Collect
) -> None:
    feed = feed_of(connection, "Month", asks=Asks.PERIOD, running_period="month", history_days=10, overlap_days=0)
    limited(connection, daily_quota=4)
    assert collect(feed) == Outcome.HELD
    assert source.asked == 4
    assert feed.covered_until == datetime(2026, 11, 13, 23, tzinfo=UTC)  # the end of the fourth of ten days
    assert feed.collected_at == NOW
    limited(connection, daily_quota=100)
    assert feed.due_at is not None
    assert collect(feed, NOW + 10 * HOUR + timedelta(days=1)) == Outcome.OK
    metric = Metric.unscoped.get(name="Month")
    assert metric.observations.dates("at", "day").first() == date(2026, 11, 10)
