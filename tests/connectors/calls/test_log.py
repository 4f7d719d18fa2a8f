"""The call log: what calls add up to, hour by hour, how long it stays, and how it is read."""

from __future__ import annotations

import math
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from connectors import registry
from connectors.calls import buckets
from connectors.calls import log as call_log
from connectors.calls.hours import add_up
from connectors.calls.log import LogOf, NoLog, hours, logged_with
from connectors.calls.tallies import Tally, summed
from connectors.errors import Misconfigured
from connectors.models import CallHour, CallRecord, Connection
from connectors.protocol import Window
from organisations.models import Organisation
from targets import retention, tasks

NOW = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")
KOLKATA = ZoneInfo("Asia/Kolkata")


@pytest.fixture
def analytics(organisation: Organisation) -> Connection:
    return connected(organisation, "Analytics")


def connected(organisation: Organisation, name: str, **fields: Any) -> Connection:
    settings = {"address": "https://api.example.com", "sign_in": "none"}
    row: Connection = organisation.connections.create(name=name, kind="http", settings=settings, **fields)
    return row


def called(connection: Connection, at: datetime, *, took: float = 0.2, reason: str = "", **fields: Any) -> CallRecord:
    """Write a call into the log."""
    status = 503 if reason else 200
    usual = {"method": "GET", "url": "https://api.example.com/x", "status": status, "size": 100, "correlation_id": "1"}
    row: CallRecord = connection.calls.create(at=at, took=took, reason=reason, **usual | fields)
    return row


def read(connection: Connection, since: datetime, until: datetime = NOW) -> Tally:
    """Return what a stretch of the log adds up to."""
    window = Window(since=since, until=until)
    found = hours(connection.organisation, logged_with(connection), window)
    return summed(tally for _pk, _hour, tally in found)


# --- buckets and tallies ----------------------------------------------------------------------------------------------


def test_buckets_reach_from_a_millisecond_to_five_minutes_each_a_tenth_wider() -> None:
    assert buckets.ENDS[0] == 0.001
    assert buckets.ENDS[-2] < 300 <= buckets.ENDS[-1]
    assert all(math.isclose(wide / narrow, 1.1) for narrow, wide in zip(buckets.ENDS, buckets.ENDS[1:], strict=False))
    assert (buckets.bucket_of(0.0), buckets.bucket_of(0.001), buckets.bucket_of(0.00101)) == (0, 0, 1)
    assert buckets.bucket_of(10_000) == len(buckets.ENDS)
    assert buckets.middle(len(buckets.ENDS)) == buckets.ENDS[-1]


@given(st.lists(st.floats(0.001, 300), min_size=1, max_size=200), st.sampled_from([0.5, 0.95, 0.99]))
def test_a_percentile_is_right_to_within_its_bucket(took: list[float], share: float) -> None:
    exact = sorted(took)[math.ceil(share * len(took)) - 1]
    found = buckets.percentile(buckets.counted(took), share)
    assert found == pytest.approx(exact, rel=0.05)


def test_there_is_no_percentile_of_nothing() -> None:
    assert buckets.percentile({}, 0.95) is None
    nothing = Tally()
    assert (nothing.error_rate, nothing.mean, nothing.p50, nothing.p95, nothing.p99) == (None,) * 5


@given(st.lists(st.tuples(st.floats(0, 400), st.integers(0, 10**9), st.sampled_from(["", "timeout", "blocked"]))))
def test_halves_add_up_to_the_whole(calls: list[tuple[float, int, str]]) -> None:
    whole, halves = Tally.of(calls), summed([Tally.of(calls[::2]), Tally.of(calls[1::2])])
    assert halves.took == pytest.approx(whole.took)
    for name in ("calls", "failed", "size", "reasons", "error_rate", "p50", "p95", "p99"):
        assert getattr(halves, name) == getattr(whole, name)
    assert halves.durations == whole.durations


def test_whatever_did_not_bring_what_was_asked_for_is_a_failure() -> None:
    tally = Tally.of([(0.2, 100, ""), (0.4, 0, "timeout"), (0.0, 0, "blocked"), (0.2, 50, "malformed")])
    assert (tally.calls, tally.failed, tally.size, tally.error_rate) == (4, 3, 150, 0.75)
    assert tally.mean == pytest.approx(0.2)
    assert tally.reasons == {"timeout": 1, "blocked": 1, "malformed": 1}


# --- adding up --------------------------------------------------------------------------------------------------------


def test_full_hours_are_added_up_and_the_running_one_is_not(analytics: Connection) -> None:
    called(analytics, NOW - HOUR, took=0.1)
    called(analytics, NOW - HOUR, took=0.3, reason="timeout")
    called(analytics, NOW)
    assert add_up(NOW) == 1
    row = analytics.call_hours.get()
    assert (row.hour, row.calls, row.failed, row.size) == (NOW.replace(hour=12, minute=0), 2, 1, 200)
    assert row.took == pytest.approx(0.4)
    assert (sum(row.durations.values()), row.reasons) == (2, {"timeout": 1})


def test_adding_up_again_changes_nothing(analytics: Connection) -> None:
    called(analytics, NOW - HOUR)
    add_up(NOW)
    before = list(CallHour.unscoped.values())
    assert add_up(NOW) == 0
    assert list(CallHour.unscoped.values()) == before


def test_calls_that_are_written_down_late_are_still_counted(analytics: Connection) -> None:
    called(analytics, NOW - HOUR)
    add_up(NOW)
    called(analytics, NOW - HOUR - timedelta(minutes=20))
    add_up(NOW + HOUR)
    assert list(analytics.call_hours.values_list("calls", flat=True)) == [2]


def test_a_run_takes_up_where_a_killed_one_ended(analytics: Connection, organisation: Organisation) -> None:
    other = connected(organisation, "Billing")
    for place in range(1, 30):
        called(analytics, NOW - place * HOUR)
        called(other, NOW - place * HOUR)
    add_up(NOW - 20 * HOUR)  # and then nobody ran for most of a day
    analytics.call_hours.order_by("-hour")[0].delete()  # killed while it wrote the hour
    assert add_up(NOW) == 2 * 20 + 1
    assert analytics.call_hours.count() == other.call_hours.count() == 29


def test_an_hour_whose_calls_have_gone_keeps_what_they_added_up_to(analytics: Connection) -> None:
    for _ in range(3):
        called(analytics, NOW - HOUR)
    add_up(NOW)
    analytics.calls.latest("pk").delete()
    add_up(NOW)
    assert analytics.call_hours.get().calls == 3


def test_the_scheduler_has_a_row_for_it(db: None) -> None:
    from django_celery_beat.models import PeriodicTask

    row = PeriodicTask.objects.get(task=tasks.add_up_calls.name)
    assert (row.enabled, row.interval.every, row.interval.period) == (True, 1800, "seconds")
    tasks.add_up_calls()


# --- retention --------------------------------------------------------------------------------------------------------


def test_each_connection_keeps_its_calls_as_long_as_its_rule_says(organisation: Organisation) -> None:
    short, long = connected(organisation, "Short", keep_calls_days=1), connected(organisation, "Long")
    for row in (short, long):
        called(row, NOW - 2 * DAY)
        called(row, NOW - HOUR)
    retention.thin(NOW)
    assert (short.calls.count(), long.calls.count()) == (1, 2)
    retention.thin(NOW + 31 * DAY)
    assert (short.calls.count(), long.calls.count()) == (0, 0)


def test_what_goes_was_added_up_before(analytics: Connection) -> None:
    called(analytics, NOW - 40 * DAY, reason="timeout")
    assert retention.thin(NOW) == 1
    assert analytics.calls.count() == 0
    row = analytics.call_hours.get()
    assert (row.calls, row.failed) == (1, 1)


def test_hours_stay_for_four_hundred_days(analytics: Connection) -> None:
    called(analytics, NOW - 399 * DAY)
    retention.thin(NOW)
    assert analytics.call_hours.count() == 1
    retention.thin(NOW + 2 * DAY)
    assert analytics.call_hours.count() == 0


# --- reading ----------------------------------------------------------------------------------------------------------


def furnished(connection: Connection, *, since: datetime, until: datetime, calls: int = 300) -> list[datetime]:
    """Write calls at moments that look as if they came by chance; returns the moments."""
    chance = random.Random(7)
    moments = [since + chance.random() * (until - since) for _ in range(calls)]
    for place, at in enumerate(moments):
        called(connection, at, took=chance.random() * 2, reason="timeout" if place % 10 == 0 else "")
    return moments


@pytest.mark.parametrize("added", [None, timedelta(), 2 * HOUR, 20 * HOUR])
def test_any_stretch_is_counted_exactly_whatever_has_been_added_up(
    analytics: Connection, added: timedelta | None
) -> None:
    moments = furnished(analytics, since=NOW - 3 * DAY, until=NOW)
    if added is not None:
        add_up(NOW - added)
    for since, until in [
        (NOW - 3 * DAY, NOW),
        (NOW - 2 * DAY - timedelta(minutes=17), NOW - DAY + timedelta(minutes=3)),
        (NOW - timedelta(minutes=50), NOW - timedelta(minutes=10)),
        (NOW - DAY, NOW - DAY + timedelta(minutes=5)),
        (NOW.replace(minute=0) - 5 * HOUR, NOW.replace(minute=0) - 4 * HOUR),
    ]:
        assert read(analytics, since, until).calls == sum(since <= at < until for at in moments)


def test_reading_asks_the_database_three_times_however_much_there_is(analytics: Connection) -> None:
    furnished(analytics, since=NOW - 3 * DAY, until=NOW)
    add_up(NOW)
    window = Window(since=NOW - 3 * DAY, until=NOW)
    with CaptureQueriesContext(database) as seen:
        hours(analytics.organisation, [analytics.pk], window)
    assert len(seen) == 3


def test_hours_that_are_added_up_are_read_though_their_calls_have_gone(analytics: Connection) -> None:
    moments = furnished(analytics, since=NOW - 3 * DAY, until=NOW - 2 * DAY)
    before = read(analytics, NOW - 3 * DAY)
    add_up(NOW)
    begun = NOW.replace(minute=0) - 3 * DAY + HOUR
    analytics.calls.filter(at__gte=begun).delete()
    after = read(analytics, NOW - 3 * DAY)
    assert after.calls == before.calls == len(moments)
    assert (after.failed, after.p95, after.size) == (before.failed, before.p95, before.size)


def test_a_gateway_has_the_calls_of_what_is_behind_it(organisation: Organisation, elsewhere: Organisation) -> None:
    gateway = connected(organisation, "Gateway")
    behind = connected(organisation, "Behind", gateway=gateway)
    for row in (gateway, behind, behind, connected(organisation, "Beside"), connected(elsewhere, "Foreign")):
        called(row, NOW - HOUR)
    assert (read(gateway, NOW - DAY).calls, read(behind, NOW - DAY).calls) == (3, 2)
    add_up(NOW)
    assert (read(gateway, NOW - DAY).calls, read(behind, NOW - DAY).calls) == (3, 2)


def test_calls_of_another_organisation_are_not_read_by_its_ids(
    organisation: Organisation, elsewhere: Organisation
) -> None:
    foreign = connected(elsewhere, "Foreign")
    called(foreign, NOW - HOUR)
    add_up(NOW)
    called(foreign, NOW)
    assert list(hours(organisation, [foreign.pk], Window(since=NOW - DAY, until=NOW + HOUR))) == []


def test_days_are_those_of_the_zone(analytics: Connection) -> None:
    late = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)  # half past midnight in Berlin
    called(analytics, late)
    found = hours(analytics.organisation, [analytics.pk], Window(since=NOW - 2 * DAY, until=NOW))
    assert list(call_log.by_day(found, BERLIN)) == [date(2026, 11, 20)]
    assert list(call_log.by_day(found, ZoneInfo("UTC"))) == [date(2026, 11, 19)]


def test_failures_are_told_most_frequent_first_with_the_latest_of_each(analytics: Connection) -> None:
    called(analytics, NOW - 2 * HOUR, reason="timeout", problem={"code": "no_answer_in_time", "data": {"seconds": 30}})
    latest = called(analytics, NOW - HOUR, reason="timeout")
    called(analytics, NOW - HOUR, reason="rate_limited")
    reasons = {"rate_limited": 1, "timeout": 2, "blocked": 1}  # of what was blocked, only the hour is left
    found = call_log.failures(analytics.calls.all(), reasons)
    assert [(each.reason, each.calls) for each in found] == [("timeout", 2), ("blocked", 1), ("rate_limited", 1)]
    assert (found[0].latest, found[1].latest) == (latest, None)


# --- as a source ------------------------------------------------------------------------------------------------------


@pytest.fixture
def rows(analytics: Connection) -> LogOf:
    for minutes, reason in [(90, ""), (80, "timeout"), (20, ""), (60 * 30, "")]:
        called(analytics, NOW - timedelta(minutes=minutes), reason=reason)
    return LogOf(analytics.organisation)


def test_the_log_has_a_row_for_each_hour_with_a_call(rows: LogOf) -> None:
    found = rows.rows("Analytics", Window(since=NOW - 3 * HOUR, until=NOW), by="hour")
    assert [(row["at"], row["calls"], row["failed"], row["error_rate"]) for row in found] == [
        ("2026-11-20T12:00:00+00:00", 2, 1, 0.5),
        ("2026-11-20T13:00:00+00:00", 1, 0, 0.0),
    ]
    assert found[0]["took"] == pytest.approx(0.2)
    assert found[0]["p95"] == pytest.approx(0.2, rel=0.05)
    assert set(found[0]) == {"at", "calls", "failed", "took", "p50", "p95", "p99", "error_rate", "size"}


def test_the_log_has_a_row_for_each_local_day_always_the_whole_day(rows: LogOf) -> None:
    found = rows.rows("Analytics", Window(since=NOW - timedelta(minutes=30), until=NOW), by="day")
    assert [(row["at"], row["calls"]) for row in found] == [("2026-11-20", 3)]
    found = rows.rows("Analytics", Window(since=NOW - DAY, until=NOW), by="day")
    assert [(row["at"], row["calls"]) for row in found] == [("2026-11-19", 1), ("2026-11-20", 3)]


def test_a_day_is_never_begun_in_its_middle_where_midnight_is_no_whole_hour(rows: LogOf) -> None:
    rows.organisation.time_zone = "Asia/Kolkata"
    midnight = datetime(2026, 11, 20, tzinfo=KOLKATA).astimezone(UTC)  # 18:30 UTC
    connection = Connection.unscoped.get()
    called(connection, midnight - timedelta(minutes=10))
    found = rows.rows("Analytics", Window(since=midnight, until=NOW), by="day")
    assert [row["at"] for row in found] == ["2026-11-20"]


def test_a_connection_that_is_not_there_is_named(rows: LogOf, elsewhere: Organisation) -> None:
    window = Window(since=NOW - DAY, until=NOW)
    with pytest.raises(Misconfigured, match="There is no connection “Billing”"):
        rows.rows("Billing", window, by="hour")
    with pytest.raises(Misconfigured, match="There is no connection “Analytics”"):
        LogOf(elsewhere).rows("Analytics", window, by="hour")
    with pytest.raises(Misconfigured):
        NoLog().rows("Analytics", window, by="hour")


def test_the_kind_says_whose_calls_it_reads() -> None:
    kind = registry.kind("calls")
    assert kind.address({"of": "Analytics"}) == "The calls of Analytics"
    form = kind.Settings(data={})
    assert form.errors == {"of": ["Choose the connection whose calls are read."]}
