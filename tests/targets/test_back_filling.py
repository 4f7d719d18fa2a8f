"""A past range is fetched again: step by step, beside the feed's own collections, and nothing twice."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from werkzeug import Response

from connectors import fetching
from connectors.models import BackFill, Feed
from connectors.models.feed import Asks, Health
from organisations.access import Access
from targets import back_filling, schedule
from targets.models import Metric
from tests.targets.analytics import DAY, NOW, Analytics, Run

FIRST, LAST = date(2026, 5, 1), date(2026, 8, 14)


@pytest.fixture
def step(django_capture_on_commit_callbacks: Any, told: list[int]) -> Any:
    def fetch(row: BackFill, now: datetime = NOW) -> bool:
        with django_capture_on_commit_callbacks(execute=True):
            more = back_filling.run(row.pk, now, announce=told.append, announce_feed=told.append)
        row.refresh_from_db()
        return more

    return fetch


@pytest.fixture
def row(feed: Feed, metric: Metric) -> BackFill:
    return back_filling.start(feed, FIRST, LAST, NOW)


def test_it_walks_through_the_range_in_steps(row: BackFill, analytics: Analytics, metric: Metric, step: Any) -> None:
    steps = 1
    while step(row):
        steps += 1
    assert (row.state, row.readings, row.done_until, steps) == ("done", 106, row.until, 4)
    assert metric.observations.count() == 106
    assert min(analytics.asked)[0] == FIRST
    assert max(analytics.asked)[1] == LAST


def test_the_feed_itself_goes_on_as_before(
    row: BackFill, feed: Feed, analytics: Analytics, run: Run, step: Any
) -> None:
    run()
    before = (feed.cursor, feed.covered_until, feed.due_at, feed.health)
    step(row)
    feed.refresh_from_db()
    assert (feed.cursor, feed.covered_until, feed.due_at, feed.health) == before


def test_fetching_a_range_twice_doubles_nothing(feed: Feed, metric: Metric, analytics: Analytics, step: Any) -> None:
    for _ in range(2):
        row = back_filling.start(feed, FIRST, date(2026, 5, 10), NOW)
        step(row)
    assert metric.observations.count() == 10
    assert metric.rollups.count() == 10


def test_each_step_is_a_check_in_the_log(row: BackFill, feed: Feed, analytics: Analytics, step: Any) -> None:
    step(row)
    check = feed.collections.get()
    assert (check.outcome, check.observations, check.since) == ("ok", 31, row.since)


def test_no_day_is_asked_for_twice_where_the_clocks_change(
    feed: Feed, metric: Metric, analytics: Analytics, step: Any
) -> None:
    first, last = date(2026, 1, 1), date(2026, 11, 19)
    row = back_filling.start(feed, first, last, NOW)
    while step(row):
        pass
    days = [first + DAY * number for number in range((last - first).days + 1)]
    asked = [since + DAY * number for since, until in analytics.asked for number in range((until - since).days + 1)]
    assert asked == days
    assert (row.readings, metric.observations.count()) == (len(days), len(days))


def test_a_check_says_how_long_its_step_took(row: BackFill, feed: Feed, analytics: Analytics, step: Any) -> None:
    analytics.on_call = lambda: time.sleep(0.05)
    step(row)
    check = feed.collections.get()
    assert check.finished_at is not None
    assert 0.05 <= (check.finished_at - check.started_at).total_seconds() < 60


def test_a_key_that_is_taken_ends_the_waiting_for_a_new_one(
    row: BackFill, feed: Feed, analytics: Analytics, step: Any
) -> None:
    refused = {"health": Health.UNAUTHORISED, "reason": "unauthorised", "failing_since": NOW, "due_at": None}
    Feed.unscoped.filter(pk=feed.pk).update(**refused, owners_told_at=NOW)
    analytics.fails_with = Response("", status=401)
    step(row)
    feed.refresh_from_db()
    assert (feed.health, feed.due_at) == (Health.UNAUTHORISED, None)
    analytics.fails_with = None
    back_filling.resume(row, NOW)
    step(row)
    feed.refresh_from_db()
    assert (feed.health, feed.reason, feed.due_at, feed.owners_told_at) == (Health.WAITING, "", NOW, None)


def test_a_pause_lets_it_rest_and_it_goes_on_where_it_was(row: BackFill, analytics: Analytics, step: Any) -> None:
    step(row)
    reached = row.done_until
    back_filling.pause(row)
    assert not step(row)
    assert (row.state, row.done_until) == ("paused", reached)
    back_filling.resume(row, NOW)
    step(row)
    assert row.done_until > reached


def test_a_pause_during_a_step_keeps_what_the_step_brought(
    row: BackFill, analytics: Analytics, step: Any, monkeypatch: pytest.MonkeyPatch
) -> None:

    def paused_meanwhile(*given: Any, **named: Any) -> Any:
        back_filling.pause(BackFill.unscoped.get(pk=row.pk))
        return fetching.fetch(*given, **named)

    monkeypatch.setattr(back_filling, "fetch", paused_meanwhile)
    assert not step(row)
    assert (row.state, row.readings, row.due_at) == ("paused", 31, None)


def test_a_stopped_one_ends_and_keeps_what_was_fetched(
    row: BackFill, metric: Metric, analytics: Analytics, step: Any
) -> None:
    step(row)
    back_filling.stop(row, NOW)
    assert not step(row)
    assert (row.state, row.due_at, metric.observations.count()) == ("stopped", None, 31)


def test_a_failure_waits_and_is_tried_again(row: BackFill, analytics: Analytics, step: Any) -> None:
    analytics.fails_with = Response("", status=500)
    step(row)
    assert row.state == "running"
    assert row.due_at is not None
    assert row.due_at > NOW
    assert "problem" in row.message
    analytics.fails_with = None
    step(row, row.due_at)
    assert (row.failures, row.message, row.readings) == (0, "", 31)


def test_what_only_a_person_can_mend_pauses_it(row: BackFill, analytics: Analytics, step: Any) -> None:
    analytics.fails_with = Response("", status=404)
    step(row)
    assert (row.state, row.due_at) == ("paused", None)
    assert row.message


def test_a_dead_worker_costs_a_step_that_is_fetched_again(row: BackFill, analytics: Analytics, step: Any) -> None:
    BackFill.unscoped.filter(pk=row.pk).update(
        lease_token="6f9619ff-8b86-d011-b42d-00cf4fc964ff", lease_until=NOW + DAY
    )
    assert not step(row)
    step(row, NOW + 2 * DAY)
    assert row.readings == 31


def test_the_scheduler_rings_once(row: BackFill) -> None:
    assert schedule.ring_for_back_fills(NOW) == [row.pk]
    assert schedule.ring_for_back_fills(NOW) == []
    assert schedule.ring_for_back_fills(NOW + timedelta(minutes=2)) == [row.pk]


def test_one_at_a_time(row: BackFill, feed: Feed) -> None:
    with pytest.raises(ValidationError, match="already"):
        back_filling.start(feed, FIRST, LAST, NOW)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (LAST, FIRST, "after the last"),
        (date(1800, 1, 1), LAST, "before 1900"),
        (date(1, 1, 1), LAST, "before 1900"),
        (date(2027, 1, 1), date(2027, 1, 2), "not come yet"),
    ],
)
def test_days_that_are_none_are_refused(feed: Feed, first: date, last: date, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        back_filling.start(feed, first, last, NOW)


def test_what_is_there_now_has_no_past(feed: Feed) -> None:
    feed.asks = Asks.NOW
    with pytest.raises(ValidationError, match="no past"):
        back_filling.start(feed, FIRST, LAST, NOW)


def test_totals_of_a_period_are_fetched_up_to_their_ends(
    feed: Feed, metric: Metric, analytics: Analytics, step: Any
) -> None:
    Feed.unscoped.filter(pk=feed.pk).update(asks=Asks.PERIOD, running_period="month", at_path="")
    feed.refresh_from_db()
    row = back_filling.start(feed, date(2026, 5, 1), date(2026, 7, 31), NOW)
    while step(row):
        pass
    assert row.state == "done"
    assert {asked[0] for asked in analytics.asked} == {date(2026, month, 1) for month in (5, 6, 7)}


def test_an_editor_starts_pauses_and_stops_it_on_the_page(
    client: Client, access: Access, feed: Feed, metric: Metric
) -> None:
    client.force_login(access.user)
    page = f"/{access.organisation.slug}/connections/{feed.connection_id}/feeds/{feed.pk}/past/"
    wrong = client.post(page, {"first_on": "2026-06-01", "last_on": "2026-05-01"})
    assert "The last day lies before the first one." in wrong.content.decode()
    client.post(page, {"first_on": "2026-05-01", "last_on": "2026-05-31"})
    row = feed.back_fills.get()
    shown = client.get(f"/{access.organisation.slug}/connections/{feed.connection_id}/").content.decode()
    assert '<progress max="100" value="0"' in shown
    assert "0%</progress>" in shown
    for act, state in [("pause", "paused"), ("resume", "running"), ("stop", "stopped")]:
        client.post(f"{page}turn/", {"act": act})
        row.refresh_from_db()
        assert row.state == state


def test_a_program_does_the_same(client: Client, access: Access, feed: Feed, metric: Metric) -> None:
    client.force_login(access.user)
    base = f"/api/v1/{access.organisation.slug}/back-fills/"
    asked = {"feed": feed.pk, "first_on": "2026-05-01", "last_on": "2026-05-31"}
    made = client.post(base, asked, content_type="application/json")
    assert (made.status_code, made.json()["state"], made.json()["percent"]) == (201, "running", 0)
    assert client.post(base, asked, content_type="application/json").status_code == 409
    stopped = client.post(f"{base}{made.json()['id']}/stop/")
    assert (stopped.status_code, stopped.json()["state"]) == (200, "stopped")
