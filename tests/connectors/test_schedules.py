"""A feed's schedule: as the page, the API and a file take it, and when the feed is due by it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client

from alerts import reporting
from connectors import presenting
from connectors.errors import Reason, Refused
from connectors.models import Feed
from connectors.models.feed import Health, Timing
from connectors.problems import problem
from organisations.access import Access
from targets.collection.closing import close
from targets.collection.harvest import Claim, Harvest, Held
from targets.schedule import next_due

NOW = datetime(2026, 11, 27, 10, tzinfo=UTC)  # a Friday
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def feed(access: Access) -> Feed:
    access.organisation.time_zone = "Europe/Berlin"
    access.organisation.save()
    connection = access.organisation.connections.create(
        name="Shop", kind="http", settings={"address": "https://shop.example.com/api"}
    )
    made: Feed = connection.feeds.create(name="Orders", due_at=NOW)
    return made


def sent(client: Client, access: Access, feed: Feed, **values: Any) -> Any:
    client.force_login(access.user)
    path = f"/api/v1/{access.organisation.slug}/feeds/{feed.pk}/"
    return client.patch(path, values, content_type="application/json")


def test_a_schedule_by_the_clock(client: Client, access: Access, feed: Feed) -> None:
    answer = sent(client, access, feed, timing="cron", cron="30  6 * * *", working_days_only=True)
    assert answer.status_code == 200, answer.content
    feed.refresh_from_db()
    assert (feed.cron, feed.every) == ("30 6 * * *", 3 * 24 * 60)  # over a weekend nothing is expected
    assert next_due(feed, NOW) == datetime(2026, 11, 30, 5, 30, tzinfo=UTC)
    assert presenting.every_words(feed) == "By the clock (30 6 * * *), on working days alone"


def test_the_numbers_are_there_by_a_time_of_day(client: Client, access: Access, feed: Feed) -> None:
    assert sent(client, access, feed, timing="ready_by", ready_by="09:00", lead_minutes=20).status_code == 200
    feed.refresh_from_db()
    assert next_due(feed, NOW) == datetime(2026, 11, 28, 7, 40, tzinfo=UTC)
    assert presenting.every_words(feed) == "20 minutes ahead of 09:00"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"timing": "cron"}, "cron"),
        ({"timing": "cron", "cron": "61 * * * *"}, "cron"),
        ({"timing": "cron", "cron": "0 0 * * 6", "working_days_only": True}, "cron"),
        ({"timing": "ready_by"}, "ready_by"),
        ({"timing": "sometimes"}, "timing"),
        ({"keeps_records": True}, "record_key"),
        ({"row_filter": "status ==="}, "row_filter"),
    ],
)
def test_what_makes_no_schedule_is_refused_at_its_field(
    client: Client, access: Access, feed: Feed, values: dict[str, Any], field: str
) -> None:
    answer = sent(client, access, feed, **values)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_going_back_to_minutes_forgets_the_clock(client: Client, access: Access, feed: Feed) -> None:
    sent(client, access, feed, timing="cron", cron="30 6 * * *")
    assert sent(client, access, feed, timing="every", every=60).status_code == 200
    feed.refresh_from_db()
    assert (feed.timing, feed.cron, feed.every) == (Timing.EVERY, "", 60)


@pytest.fixture
def ahead(feed: Feed) -> Feed:
    Feed.unscoped.filter(pk=feed.pk).update(
        timing=Timing.BEFORE_REPORT, lead_minutes=30, due_at=None, collected_at=NOW - 3 * DAY
    )
    feed.refresh_from_db()
    return feed


@pytest.fixture
def report_at(access: Access) -> datetime:
    """Return when the organisation's report is due: at eight on Monday in Berlin."""
    report = reporting.ensure_default(access.organisation, NOW)
    report.at, report.weekdays = time(8), [0, 1, 2, 3, 4]
    reporting.reschedule(report, NOW)
    assert report.due_at == datetime(2026, 11, 30, 7, tzinfo=UTC)
    return report.due_at


def test_a_feed_is_asked_just_before_the_report(ahead: Feed, report_at: datetime) -> None:
    for moment, due in [(report_at - 31 * MINUTE, False), (report_at - 30 * MINUTE, True)]:
        reporting.ask_ahead(moment)
        ahead.refresh_from_db()
        assert (ahead.due_at is not None) is due
    assert ahead.due_at == report_at - 30 * MINUTE
    assert ahead.every == 3 * 24 * 60  # Friday to Monday


def test_it_is_asked_once_for_each_report(ahead: Feed, report_at: datetime) -> None:
    Feed.unscoped.filter(pk=ahead.pk).update(collected_at=report_at - 29 * MINUTE)
    reporting.ask_ahead(report_at - 10 * MINUTE)
    ahead.refresh_from_db()
    assert ahead.due_at is None
    assert next_due(ahead, report_at) is None


def test_nothing_is_asked_of_what_somebody_has_to_mend(ahead: Feed, report_at: datetime) -> None:
    Feed.unscoped.filter(pk=ahead.pk).update(health=Health.UNAUTHORISED)
    reporting.ask_ahead(report_at - 10 * MINUTE)
    ahead.refresh_from_db()
    assert ahead.due_at is None


def as_it_was(feed: Feed) -> Held:
    return Held(due_at=feed.due_at, covered_until=feed.covered_until)


def refused(feed: Feed, now: datetime, status: int = 404) -> bool:
    """End a collection by a refusal that trying again does not mend; returns whether the owners are told."""
    claim = Claim(feed=feed, token=None, collection=feed.collections.create(started_at=now), errand=None)  # type: ignore[arg-type]
    failure = Refused(problem("nothing_lives_there", status=status), reason=Reason.NOT_FOUND, permanent=True)
    return close(claim, as_it_was(feed), Harvest(pages=()), failure, now)


def test_a_feed_that_fails_for_good_is_set_aside_and_the_owners_told_once(feed: Feed) -> None:
    told = [refused(feed, NOW + day * DAY) for day in (0, 1, 2, 6, 7)]
    assert told == [False, False, False, False, True]
    assert (feed.due_at, feed.health) == (None, Health.FAILING)
    assert feed.set_aside_at == NOW + 7 * DAY


def test_a_failure_that_passes_begins_the_count_anew(feed: Feed) -> None:
    refused(feed, NOW)
    claim = Claim(feed=feed, token=None, collection=feed.collections.create(started_at=NOW), errand=None)  # type: ignore[arg-type]
    close(claim, as_it_was(feed), Harvest(pages=()), Refused(problem("not_accepted", status=400)), NOW + DAY)
    assert feed.permanent_failures == 0


def test_checking_now_takes_a_feed_up_that_was_set_aside(client: Client, access: Access, feed: Feed) -> None:
    for day in (0, 4, 8):
        refused(feed, NOW + day * DAY)
    assert refused(feed, NOW + 9 * DAY)  # nobody was told yet, and nothing is asked any more
    client.force_login(access.user)
    client.post(f"/{access.organisation.slug}/connections/{feed.connection_id}/feeds/{feed.pk}/collect/")
    feed.refresh_from_db()
    assert feed.due_at is not None
    assert (feed.set_aside_at, feed.permanent_failures) == (None, 0)
