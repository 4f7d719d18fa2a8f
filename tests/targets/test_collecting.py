"""One collection against a real HTTP server: claim, fetch, read, record, judge, announce."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries
from werkzeug import Response

from connectors import asking
from connectors.models import Feed
from connectors.models.feed import Asks, Health, Outcome
from targets import collecting, schedule
from targets.collection.harvest import Claim, Harvest
from targets.domain.terms import Status
from targets.models import Metric, StatusChange, Target
from tests.targets.analytics import DAY, HOUR, MINUTE, NOW, Analytics, Run


def test_a_collection_records_judges_and_is_due_again(
    analytics: Analytics, feed: Feed, metric: Metric, target: Target, run: Run
) -> None:
    assert run() == Outcome.OK
    target.refresh_from_db()
    assert metric.observations.count() == 61
    assert (target.status, target.value) == (Status.ON_TRACK, 6_000.0)
    assert (feed.health, feed.due_at, feed.lease_token) == (Health.FRESH, NOW + HOUR, None)
    collection = feed.collections.get()
    assert (collection.outcome, collection.rows, collection.observations, collection.refused) == ("ok", 61, 61, 0)
    assert [call.status for call in collection.calls.all()] == [200]


def test_a_number_can_be_walked_back_to_the_call(analytics: Analytics, metric: Metric, run: Run) -> None:
    run()
    observation = metric.observations.first()
    assert observation is not None
    assert observation.collection is not None
    assert observation.collection.calls.get().url.startswith("http://")


def test_nothing_happens_before_it_is_due(analytics: Analytics, feed: Feed, metric: Metric, run: Run) -> None:
    run()
    assert run(NOW + timedelta(minutes=30)) is None
    assert len(analytics.asked) == 1


def test_collecting_twice_asks_only_for_the_last_days_again(analytics: Analytics, metric: Metric, run: Run) -> None:
    run()
    run(NOW + HOUR)
    assert analytics.asked[1] == (date(2026, 11, 17), date(2026, 11, 20))
    assert metric.observations.count() == 61


def test_a_long_silence_is_one_run_that_asks_for_the_missed_stretch(
    analytics: Analytics, feed: Feed, metric: Metric, run: Run
) -> None:
    run()
    late = NOW + 9 * DAY + timedelta(minutes=20)
    assert run(late) == Outcome.OK
    assert analytics.asked[1] == (date(2026, 11, 17), date(2026, 11, 29))
    assert feed.due_at == NOW + 9 * DAY + HOUR  # the cadence is kept, the missed slots are one


def test_a_long_history_is_fetched_step_by_step(analytics: Analytics, feed: Feed, metric: Metric, run: Run) -> None:
    Feed.unscoped.filter(pk=feed.pk).update(history_days=300)
    runs = 0
    while feed.due_at is not None and feed.due_at <= NOW:
        run()
        runs += 1
    assert runs == 4
    assert metric.observations.count() == 301


def test_it_says_that_it_goes_on_as_long_as_there_is_more_to_fetch(
    feed: Feed, metric: Metric, analytics: Analytics, django_capture_on_commit_callbacks: Any
) -> None:
    Feed.unscoped.filter(pk=feed.pk).update(history_days=300)
    goes_on: list[int] = []
    for _ in range(4):
        with django_capture_on_commit_callbacks(execute=True):
            collecting.run(feed.pk, NOW, announce=goes_on.append, announce_feed=goes_on.append, go_on=goes_on.append)
    assert goes_on == [feed.pk] * 3
    assert metric.observations.count() == 301


def test_a_collection_that_fails_does_not_go_on_at_once(
    feed: Feed, metric: Metric, analytics: Analytics, django_capture_on_commit_callbacks: Any
) -> None:
    analytics.fails_with = Response("broken", 500)
    Feed.unscoped.filter(pk=feed.pk).update(history_days=300)
    goes_on: list[int] = []
    with django_capture_on_commit_callbacks(execute=True):
        collecting.run(feed.pk, NOW, announce=goes_on.append, announce_feed=goes_on.append, go_on=goes_on.append)
    assert goes_on == []


def test_a_collection_writes_and_reads_in_few_statements(
    feed: Feed, metric: Metric, analytics: Analytics, run: Run
) -> None:
    """A worker's time goes into its statements, and it has little for each of a thousand feeds."""
    run()
    with CaptureQueriesContext(database) as asked:
        collecting.run(feed.pk, NOW + HOUR, announce=collecting.nobody, announce_feed=collecting.nobody)
    statements = [query["sql"] for query in asked if "SAVEPOINT" not in query["sql"]]
    assert len(statements) <= 14


FAILURES = [
    (Response("slow down", 429, {"Retry-After": "1800"}), Health.FAILING, "rate_limited"),
    (Response("broken", 500), Health.FAILING, "server_error"),
    (Response("", 404), Health.FAILING, "not_found"),
    (Response("<html>hello</html>", 200), Health.FAILING, "malformed"),
    (Response("", 200), Health.FAILING, "malformed"),
    (Response("[{", 200), Health.FAILING, "malformed"),
    (Response("no", 401), Health.UNAUTHORISED, "unauthorised"),
]


@pytest.mark.parametrize(("answer", "health", "reason"), FAILURES)
def test_a_failure_touches_the_health_and_never_the_status(
    analytics: Analytics,
    feed: Feed,
    metric: Metric,
    target: Target,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    answer: Response,
    health: str,
    reason: str,
) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    run()
    analytics.fails_with = answer
    assert run(NOW + HOUR) == Outcome.FAILED
    target.refresh_from_db()
    assert (feed.health, feed.reason) == (health, reason)
    assert feed.message
    assert "a-very-secret-key" not in feed.message
    assert (target.status, target.value) == (Status.ON_TRACK, 6_000.0)
    assert metric.observations.count() == 61


def test_a_refused_key_stops_the_polling_and_tells_the_owners_once(
    analytics: Analytics, feed: Feed, metric: Metric, run: Run, told: list[int]
) -> None:
    analytics.fails_with = Response("no", 401)
    run()
    assert feed.due_at is None
    assert told == [-feed.pk]
    assert run(NOW + 10 * DAY) is None


def test_a_source_that_asks_for_patience_gets_it(
    analytics: Analytics, feed: Feed, metric: Metric, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    analytics.fails_with = Response("slow down", 429, {"Retry-After": "1800"})
    run()
    assert feed.due_at is not None
    assert timedelta(minutes=29) < feed.due_at - NOW < timedelta(minutes=31)


def test_pauses_grow_from_failure_to_failure(
    analytics: Analytics, feed: Feed, metric: Metric, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    analytics.fails_with = Response("broken", 500)
    pauses = []
    now = NOW
    for _ in range(4):
        run(now)
        assert feed.due_at is not None
        pauses.append(feed.due_at - now)
        now = feed.due_at
    assert pauses == sorted(pauses)
    assert pauses[-1] <= HOUR * 1.2


def test_while_one_worker_collects_nobody_else_can(analytics: Analytics, feed: Feed, metric: Metric, run: Run) -> None:
    others: list[Outcome | None] = []
    analytics.on_call = lambda: None
    first = collecting._claim(feed.pk, NOW)
    assert first is not None
    others.append(run(NOW + timedelta(minutes=1)))
    assert others == [None]


@pytest.mark.parametrize("fails", [False, True])
def test_a_check_that_is_asked_for_while_one_is_under_way_is_made_after_it(
    analytics: Analytics, feed: Feed, metric: Metric, run: Run, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    analytics.fails_with = Response("", 500) if fails else None
    meanwhile(monkeypatch, lambda: asking.now(Feed.unscoped.get(pk=feed.pk), NOW + MINUTE))
    run()
    assert feed.due_at == NOW + MINUTE
    assert feed.lease_token is None


def test_a_history_that_is_asked_for_while_its_end_is_fetched_is_fetched_anew(
    analytics: Analytics, feed: Feed, metric: Metric, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    asking.now(feed, NOW + HOUR)
    with monkeypatch.context() as patch:
        meanwhile(patch, lambda: asking.anew(Feed.unscoped.get(pk=feed.pk), NOW + HOUR + MINUTE))
        run(NOW + HOUR)
    run(NOW + HOUR + MINUTE)
    assert [(until - since).days for since, until in analytics.asked] == [60, 3, 60]


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let something happen while the next collections ask their source."""
    gather = collecting._gather

    def disturbed(claim: Claim, now: datetime) -> Harvest:
        happens()
        return gather(claim, now)

    monkeypatch.setattr(collecting, "_gather", disturbed)


def test_a_dead_workers_feed_is_taken_over_after_the_lease(
    analytics: Analytics, feed: Feed, metric: Metric, run: Run
) -> None:
    assert collecting._claim(feed.pk, NOW) is not None  # and the worker dies here
    later = NOW + timedelta(seconds=301)
    assert run(later) == Outcome.OK
    assert sorted(feed.collections.values_list("outcome", flat=True)) == ["lost", "ok"]
    assert metric.observations.count() == 61


def test_a_worker_that_lost_its_lease_can_write_nothing(
    analytics: Analytics, feed: Feed, metric: Metric, target: Target, told: list[int]
) -> None:
    slow = collecting._claim(feed.pk, NOW)
    assert slow is not None
    quick = collecting._claim(feed.pk, NOW + timedelta(seconds=301))
    assert quick is not None
    assert collecting._held(slow) is None
    assert collecting._held(quick) is not None


def test_what_is_locked_until_a_collection_is_written_down_is_its_feed_alone(
    feed: Feed, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    claim = collecting._claim(feed.pk, NOW)
    assert claim is not None
    with django_assert_num_queries(1) as asked:
        assert collecting._held(claim) is not None
    assert "connectors_connection" not in asked.captured_queries[0]["sql"]


def test_a_feed_that_keeps_ending_its_workers_is_set_aside(feed: Feed, metric: Metric) -> None:
    now = NOW
    for _ in range(collecting.MOST_LOST_LEASES):
        assert collecting._claim(feed.pk, now) is not None
        now += timedelta(seconds=301)
    assert collecting._claim(feed.pk, now) is None
    feed.refresh_from_db()
    assert (feed.health, feed.due_at) == (Health.FAILING, None)
    assert "ended the worker" in feed.message


def test_a_change_of_status_is_announced_once_and_after_commit(
    analytics: Analytics, feed: Feed, metric: Metric, target: Target, run: Run, told: list[int]
) -> None:
    run()
    assert told == []  # a first verdict is no change
    analytics.per_day = 1_000.0
    run(NOW + HOUR)
    change = StatusChange.unscoped.get()
    assert (change.old_status, change.new_status) == (Status.ON_TRACK, Status.MET)
    assert told == [change.pk]
    run(NOW + 2 * HOUR)
    assert told == [change.pk]


def test_closed_periods_are_kept_and_late_data_restates_them_visibly(
    analytics: Analytics, feed: Feed, metric: Metric, target: Target, run: Run
) -> None:
    run()
    october = target.results.get(starts_on=date(2026, 10, 1))
    assert (october.status, october.value, october.restated_at) == (Status.MET, 9_300.0, None)
    analytics.per_day = 100.0
    Feed.unscoped.filter(pk=feed.pk).update(overlap_days=80)
    later = NOW + HOUR
    run(later)
    october.refresh_from_db()
    assert (october.status, october.value) == (Status.MISSED, 3_100.0)
    assert (october.first_status, october.first_value, october.restated_at) == (Status.MET, 9_300.0, later)


def test_a_paused_feed_is_not_collected(analytics: Analytics, feed: Feed, metric: Metric, run: Run) -> None:
    Feed.unscoped.filter(pk=feed.pk).update(paused_at=NOW)
    assert run(NOW + HOUR) is None
    assert schedule.ring_for(NOW + HOUR) == []


def test_the_bell_rings_once_a_minute_and_in_turn_for_each_organisation(feed: Feed, elsewhere: Any) -> None:
    for number in range(3):
        feed.connection.feeds.create(name=f"Other {number}", due_at=NOW - DAY)
    theirs = elsewhere.connections.create(name="Theirs", kind="http").feeds.create(name="One", due_at=NOW - HOUR)
    rung = schedule.ring_for(NOW)
    assert theirs.pk in rung[:2]
    assert len(rung) == 5
    assert schedule.ring_for(NOW + timedelta(seconds=5)) == []
    assert len(schedule.ring_for(NOW + timedelta(seconds=61))) == 5


def test_an_answer_without_a_readable_row_is_a_failure_that_says_why(
    analytics: Analytics, feed: Feed, metric: Metric, run: Run
) -> None:
    analytics.fails_with = Response(json.dumps([{"error": "quota exceeded"}]))
    assert run() == Outcome.FAILED
    assert (feed.health, feed.reason) == (Health.FAILING, "malformed")
    assert "No row of the answer can be read as Visitors" in feed.message


def test_who_reads_why_no_row_was_readable_reads_it_in_his_own_language(
    analytics: Analytics, feed: Feed, metric: Metric, run: Run
) -> None:
    analytics.fails_with = Response(json.dumps([{"date": "2026-11-01", "uniqueVisitors": "12 apples\0"}]))
    with override("de"):
        run()
    with override("en-gb"):
        english = (feed.message, feed.collections.get().message)
    with override("de"):
        german = (feed.message, feed.collections.get().message)
    for said in english:
        assert said.endswith("as Visitors. Row 1: the value “12 apples\ufffd” is not a number.")
    for said in german:
        assert said.endswith("als Visitors lesen. Zeile 1: Der Wert „12 apples\ufffd“ ist keine Zahl.")


def test_an_errand_longer_than_the_lease_goes_on_in_the_next_collection(
    analytics: Analytics, feed: Feed, metric: Metric, run: Run, settings: Any
) -> None:
    settings.COLLECTION_LEASE = 0.001  # every call takes longer than its share
    Feed.unscoped.filter(pk=feed.pk).update(asks=Asks.PERIOD, running_period="month")
    run()
    assert feed.covered_until is not None
    assert feed.covered_until < NOW
    assert feed.due_at == NOW
    assert feed.health == Health.FRESH


def test_no_period_is_frozen_and_nobody_told_while_a_history_is_walked_through(
    analytics: Analytics, feed: Feed, metric: Metric, target: Target, run: Run, told: list[int]
) -> None:
    Feed.unscoped.filter(pk=feed.pk).update(history_days=300)
    run()
    assert target.results.count() == 0
    while feed.due_at is not None and feed.due_at <= NOW:
        run()
    assert [result.starts_on.month for result in target.results.all()] == [10, 9, 8, 7, 6, 5, 4, 3, 2]  # January is cut
    assert {result.status for result in target.results.all()} == {Status.MET}
    assert target.results.filter(restated_at__isnull=False).count() == 0
    assert told == []


def test_the_first_readings_of_a_target_are_no_change(
    analytics: Analytics, feed: Feed, metric: Metric, target: Target, run: Run, told: list[int]
) -> None:
    from targets.judging import judge_target

    judge_target(target.pk, NOW)
    target.refresh_from_db()
    assert target.status == Status.NO_DATA
    run()
    target.refresh_from_db()
    assert target.status == Status.ON_TRACK
    assert told == []
