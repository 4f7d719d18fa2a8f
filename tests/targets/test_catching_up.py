"""While some of the past is yet to come no period is closed and nobody is told: what counts as that, and until when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from connectors.models import Connection, Feed, Record
from organisations.models import Organisation, User
from targets.catching_up import LONGEST, is_catching_up
from targets.domain.terms import ValueKind
from targets.judging import judge_target
from targets.models import Target
from tests.targets.stage import NOW, ONE_DAY, a_metric, friday  # noqa: F401  a fixture

pytestmark = pytest.mark.usefixtures("friday")
SENTENCE = "The past is still being fetched."


@pytest.fixture
def feed(organisation: Organisation) -> Feed:
    """A feed that goes on by ids, and was answered just now."""
    connection = Connection.unscoped.create(
        organisation=organisation, name="Network", kind="http", settings={"address": "https://network.example"}
    )
    made: Feed = connection.feeds.create(
        name="Posts", keeps_records=True, record_key="id", at_path="at", answered_at=NOW, query={"path": "posts"}
    )
    return made


def a_target(feed: Feed, **fields: Any) -> Target:
    organisation = feed.connection.organisation
    kind = {"value_kind": ValueKind.LEVEL, **fields}
    metric = a_metric(organisation, "Mood", feed=feed, days=[0.1 * place for place in range(90)], **kind)
    target: Target = organisation.targets.create(
        metric=metric, name="Mood", goal=0.5, period="month", aggregation="mean", tracking_since=NOW.date()
    )
    organisation.targets.filter(pk=target.pk).update(created_at=NOW - timedelta(minutes=1))
    target.refresh_from_db()
    return target


def a_record(feed: Feed, age: timedelta, state: str = Record.State.WAITING) -> None:
    feed.records.create(key=str(age), at=NOW - age, raw={}, state=state, recorded_at=NOW)


def test_a_feed_that_goes_on_at_once_where_a_limit_cut_it_short_is_catching_up(feed: Feed) -> None:
    target = a_target(feed)
    assert not is_catching_up(target, NOW)
    target.metric.feed.is_cut_short = True
    assert is_catching_up(target, NOW)
    assert not is_catching_up(target, NOW + LONGEST + ONE_DAY), "a past that got stuck is taken as it is"


def test_records_from_before_a_target_that_wait_for_what_it_reads_are_its_past(feed: Feed) -> None:
    target = a_target(feed, value_path="enriched.score")
    a_record(feed, ONE_DAY, Record.State.DONE)
    assert not is_catching_up(target, NOW)
    a_record(feed, timedelta(hours=5))
    assert is_catching_up(target, NOW)
    assert not is_catching_up(target, NOW + LONGEST + ONE_DAY)


def test_records_that_came_later_are_no_past(feed: Feed) -> None:
    target = a_target(feed, value_path="enriched.score")
    a_record(feed, timedelta())
    assert not is_catching_up(target, NOW)


def test_what_reads_nothing_of_the_answers_does_not_wait_for_them(feed: Feed) -> None:
    target = a_target(feed, value_path="likes")
    a_record(feed, ONE_DAY)
    assert not is_catching_up(target, NOW)


def test_until_then_no_period_is_closed_and_no_change_is_told_and_the_page_says_why(
    feed: Feed, editor: User, client: Client
) -> None:
    target = a_target(feed, value_path="enriched.score")
    a_record(feed, ONE_DAY)
    assert judge_target(target.pk, NOW) == []
    Target.unscoped.filter(pk=target.pk).update(goal=500.0)
    assert judge_target(target.pk, NOW) == [], "from met to missed, and nobody is told"
    assert target.results.count() == 0
    client.force_login(editor)
    assert SENTENCE in client.get(f"/growth/targets/{target.pk}/").content.decode()
    feed.records.update(state=Record.State.DONE)
    assert judge_target(target.pk, NOW) == [], "the first verdict is no change"
    assert target.results.count() >= 2
    assert SENTENCE not in client.get(f"/growth/targets/{target.pk}/").content.decode()
