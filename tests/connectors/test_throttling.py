"""What all workers together keep to: each gate here is a worker's, and the database is what they share."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_network
from itertools import pairwise

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from pytest_httpserver import HTTPServer

from connectors import asking, throttling
from connectors.errors import RateLimited, Refused, Unreachable
from connectors.models import Connection, Throttle
from connectors.outbound import GuardedSession, Policy
from organisations.models import Organisation
from tests.connectors.workers import MINUTE, NOON, SECOND, Crew, Time, Worker, refused

Connect = Callable[..., Connection]
Hire = Callable[..., Worker]


@pytest.fixture
def crew(organisation: Organisation) -> Crew:
    return Crew(organisation)


@pytest.fixture
def time(crew: Crew) -> Time:
    return crew.time


@pytest.fixture
def hire(crew: Crew) -> Hire:
    return crew.hire


@pytest.fixture
def connect(crew: Crew) -> Connect:
    return crew.connect


def test_a_connection_without_limits_costs_one_look_and_keeps_no_row(connect: Connect, hire: Hire) -> None:
    worker = hire(connect())
    with CaptureQueriesContext(database) as queries:
        for _ in range(50):
            worker.call()
    assert len(queries) == 1
    assert not Throttle.unscoped.exists()


def test_one_that_comes_with_its_standing_is_not_looked_at_again(connect: Connect, hire: Hire, time: Time) -> None:
    at_rest, asked_to_wait = connect(), connect(name="Busy")
    hire(asked_to_wait).call(RateLimited("…", retry_at=NOON + MINUTE))
    together = Connection.unscoped.select_related("organisation", "throttle").in_bulk([at_rest.pk, asked_to_wait.pk])
    goes, waits = (Worker(gate=throttling.gate_of(each), time=time, wait=0.0) for each in together.values())
    with CaptureQueriesContext(database) as queries:
        goes.call()
    assert len(queries) == 0
    assert (refused(waits).retry_at or NOON) >= NOON + MINUTE


def test_a_later_call_of_the_same_collection_looks_again(connect: Connect, hire: Hire, time: Time) -> None:
    made = connect()
    connection = Connection.unscoped.select_related("organisation", "throttle").get(pk=made.pk)
    Worker(gate=throttling.gate_of(connection), time=time, wait=0.0).call()
    hire(made).call(RateLimited("…", retry_at=NOON + MINUTE))
    refused(Worker(gate=throttling.gate_of(connection), time=time, wait=0.0))


def test_it_is_looked_at_again_after_a_second(connect: Connect, hire: Hire, monkeypatch: pytest.MonkeyPatch) -> None:
    passed = [0.0]
    monkeypatch.setattr(throttling, "monotonic", lambda: passed[0])
    connection = connect()
    worker = hire(connection)
    worker.call()
    hire(connection).call(RateLimited("…", retry_at=NOON + MINUTE))
    worker.call()  # it does not know yet
    passed[0] += 1.1
    assert refused(worker).retry_at == NOON + MINUTE


def test_workers_share_one_pace(connect: Connect, hire: Hire) -> None:
    connection = connect(calls_limit=30, calls_per=60)
    workers = [hire(connection) for _ in range(3)]
    for worker in workers:
        worker.call()
    held = refused(workers[0])
    interval = timedelta(seconds=61) / 28
    assert held.retry_at is not None
    assert abs(held.retry_at - NOON - interval) < timedelta(milliseconds=1)
    assert held.message == "The limit of 30 calls a minute is used up. Its turn comes at 13:01."


def test_a_worker_that_can_wait_waits_its_turn(connect: Connect, hire: Hire, time: Time) -> None:
    worker = hire(connect(calls_limit=6, calls_per=60), wait=20.0)
    starts = [worker.call() for _ in range(5)]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(starts)]
    assert gaps == pytest.approx([61 / 6] * 4, abs=1e-3)
    assert time.slept == pytest.approx([61 / 6] * 4, abs=1e-3)


def test_one_that_cannot_wait_so_long_is_told_at_once(connect: Connect, hire: Hire, time: Time) -> None:
    worker = hire(connect(calls_limit=1, calls_per=3600), wait=20.0)
    worker.call()
    held = refused(worker)
    assert time.slept == []
    assert held.message == "The limit of 1 call an hour is used up. Its turn comes at 14:01."
    assert held.retry_at == NOON + timedelta(hours=1, seconds=1)


def test_each_that_does_not_wait_is_told_a_turn_of_its_own(connect: Connect, hire: Hire, time: Time) -> None:
    connection = connect(calls_limit=6, calls_per=60)
    hire(connection).call()
    turns = [refused(hire(connection)).retry_at for _ in range(3)]
    waits = [(turn - NOON).total_seconds() for turn in turns if turn]
    assert waits == pytest.approx([61 / 6, 2 * 61 / 6, 3 * 61 / 6], abs=1e-3)
    for turn in turns:
        assert turn is not None
        time.now = turn
        hire(connection).call()


def test_a_turn_takes_nothing_from_who_comes_when_there_is_room(connect: Connect, hire: Hire, time: Time) -> None:
    connection = connect(calls_limit=6, calls_per=60)
    hire(connection).call()
    first = refused(hire(connection)).retry_at
    assert first is not None
    time.now = first
    hire(connection).call()  # somebody else
    second = refused(hire(connection)).retry_at
    assert second is not None
    assert (second - first).total_seconds() == pytest.approx(61 / 6, abs=1e-3)


def test_the_queue_of_a_stricter_limit_is_forgotten_with_the_change(connect: Connect, hire: Hire) -> None:
    connection = connect(calls_limit=1, calls_per=86400)
    hire(connection).call()
    for _ in range(9):
        refused(hire(connection))
    Connection.unscoped.filter(pk=connection.pk).update(calls_limit=6, calls_per=60)
    asking.again(connection, NOON)
    hire(connection).call()
    told = refused(hire(connection)).retry_at
    assert told is not None
    assert told - NOON < 11 * SECOND


def test_what_is_another_days_is_said_with_its_day(connect: Connect, hire: Hire) -> None:
    worker = hire(connect(calls_limit=1, calls_per=86400))
    worker.call()
    assert refused(worker).message == ("The limit of 1 call a day is used up. Its turn comes on 21 Nov at 13:01.")


def test_as_many_calls_run_at_once_as_may(connect: Connect, hire: Hire) -> None:
    connection = connect(most_at_once=2)
    with ExitStack() as running:
        running.enter_context(hire(connection).calling())
        running.enter_context(hire(connection).calling())
        held = refused(hire(connection))
    assert held.message == "As many calls are under way as may run at once: 2. The next goes out when one has ended."
    assert held.retry_at == NOON + 5 * SECOND
    hire(connection).call()
    assert Throttle.unscoped.get().slots == {}


def test_who_waits_for_a_free_place_looks_again_and_again(connect: Connect, hire: Hire, time: Time) -> None:
    connection = connect(most_at_once=1)
    with hire(connection).calling():
        refused(hire(connection, wait=1.05))
    assert time.slept == [0.1] * 10


def test_a_place_is_given_back_whatever_happened(connect: Connect, hire: Hire) -> None:
    connection = connect(most_at_once=1)
    worker = hire(connection)
    with pytest.raises(ZeroDivisionError), worker.calling():
        raise ZeroDivisionError
    worker.call(Unreachable("…"))
    worker.call()


def test_a_dead_workers_place_is_free_again_after_its_call_could_last(connect: Connect, hire: Hire, time: Time) -> None:
    connection = connect(most_at_once=1)
    hire(connection).die()
    refused(hire(connection))
    time.now += 35 * SECOND
    hire(connection).call()


def test_a_quota_is_counted_by_the_organisations_day(connect: Connect, hire: Hire, time: Time) -> None:
    connection = connect(daily_quota=3)
    for _ in range(3):
        hire(connection).call()
    held = refused(hire(connection))
    assert held.message == "Today’s quota of 3 calls is used up. The next call goes out after midnight."
    assert held.retry_at == datetime(2026, 11, 20, 23, tzinfo=UTC)
    time.now = held.retry_at
    hire(connection).call()
    row = Throttle.unscoped.get()
    assert (row.quota_on, row.quota_used) == (date(2026, 11, 21), 1)


def test_what_a_call_uses_up_is_written_down_before_it_goes_out(connect: Connect, hire: Hire) -> None:
    with hire(connect(calls_limit=60, most_at_once=1, daily_quota=10)).calling():
        row = Throttle.unscoped.get()
        assert row.free_at is not None
        assert (len(row.slots), row.quota_used) == (1, 1)


def test_a_refused_call_uses_up_nothing(connect: Connect, hire: Hire) -> None:
    connection = connect(calls_limit=600, most_at_once=1, daily_quota=10)
    with hire(connection).calling():
        before = Throttle.unscoped.values().get()
        refused(hire(connection))
        assert Throttle.unscoped.values().get() == before


def test_a_gateways_limits_count_for_all_that_stand_behind_it(connect: Connect, hire: Hire) -> None:
    gateway = connect("Gateway", daily_quota=3)
    connections = [connect(f"Service {number}", gateway=gateway) for number in range(3)]
    for connection in connections:
        hire(connection).call()
    held = refused(hire(connections[0]))
    assert held.message == (
        "The gateway Gateway lets no call through. Today’s quota of 3 calls is used up. "
        "The next call goes out after midnight."
    )
    refused(hire(gateway))


def test_what_one_limit_refuses_takes_nothing_of_the_other(connect: Connect, hire: Hire) -> None:
    gateway = connect("Gateway", most_at_once=1)
    first = connect("First", gateway=gateway, daily_quota=5)
    second = connect("Second", gateway=gateway, daily_quota=5)
    with hire(first).calling():
        refused(hire(second))
    used = dict(Throttle.unscoped.values_list("connection__name", "quota_used"))
    assert (used["First"], used["Second"]) == (1, 0)
    hire(second).call()


def test_a_connections_own_limit_counts_beside_its_gateways(connect: Connect, hire: Hire) -> None:
    gateway = connect("Gateway", daily_quota=100)
    service = connect("Service", gateway=gateway, daily_quota=1)
    hire(service).call()
    assert "gateway" not in refused(hire(service)).message
    assert Throttle.unscoped.get(connection=gateway).quota_used == 1


def test_limits_of_one_connection_are_nobody_elses(connect: Connect, hire: Hire) -> None:
    full, free = connect("Full", daily_quota=1), connect("Free", daily_quota=1)
    hire(full).call()
    refused(hire(full))
    hire(free).call()


def test_a_looser_limit_holds_at_once(connect: Connect, hire: Hire) -> None:
    connection = connect(calls_limit=1, calls_per=86400)
    hire(connection).call()
    refused(hire(connection))
    Connection.unscoped.filter(pk=connection.pk).update(calls_limit=600, calls_per=60)
    worker = hire(connection)
    worker.call()
    refused(worker)  # but no new burst is given away


def test_a_source_that_wants_no_calls_for_a_while_gets_none_from_any_worker(
    connect: Connect, hire: Hire, time: Time
) -> None:
    connection = connect()
    hire(connection).call(RateLimited("…", retry_at=NOON + MINUTE))
    held = refused(hire(connection))
    assert held.message == "It asked to be left alone for a while. The next call goes out at 13:01."
    assert held.retry_at == NOON + MINUTE
    time.now += MINUTE
    hire(connection).call()


def test_a_source_that_does_not_say_for_how_long_is_left_for_a_moment(connect: Connect, hire: Hire) -> None:
    connection = connect()
    hire(connection).call(RateLimited("…"))
    assert refused(hire(connection)).retry_at == NOON + 5 * SECOND
    assert hire(connection, wait=5.0).call() == NOON + 5 * SECOND


def test_the_longest_of_its_wishes_counts(connect: Connect, hire: Hire) -> None:
    connection = connect()
    with hire(connection).calling() as slow:
        hire(connection).call(RateLimited("…", retry_at=NOON + MINUTE))
        slow.ended(RateLimited("…", retry_at=NOON + SECOND))
    assert refused(hire(connection)).retry_at == NOON + MINUTE


def test_a_wish_of_one_service_stops_no_other_behind_the_same_gateway(connect: Connect, hire: Hire) -> None:
    gateway = connect("Gateway")
    first, second = connect("First", gateway=gateway), connect("Second", gateway=gateway)
    hire(first).call(RateLimited("…", retry_at=NOON + MINUTE))
    refused(hire(first))
    hire(second).call()


def test_those_who_wait_for_the_same_moment_are_spread(connect: Connect, hire: Hire) -> None:
    connection = connect()
    hire(connection).call(RateLimited("…", retry_at=NOON + MINUTE))
    late = hire(connection)
    late.gate = replace(late.gate, random=lambda: 1.0)
    assert refused(late).retry_at == NOON + 66 * SECOND


def test_a_call_that_is_too_late_for_its_turn_waits_for_another(
    connect: Connect, hire: Hire, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = hire(connect(calls_limit=60, calls_per=60, most_at_once=1), wait=5.0)
    passed, delays = [0.0], iter([0.6])

    def deciding_takes_long_once() -> float:
        passed[0] += next(delays, 0.0)
        return 0.0

    monkeypatch.setattr(throttling, "monotonic", lambda: passed[0])
    worker.gate = replace(worker.gate, random=deciding_takes_long_once)
    worker.call()
    assert time.slept == [0.2]
    row = Throttle.unscoped.get()
    assert row.free_at is not None
    assert (row.free_at - NOON).total_seconds() == pytest.approx(2 * 61 / 55)  # both are counted, one went
    assert row.slots == {}


def test_a_connection_that_is_deleted_meanwhile_ends_quietly(
    transactional_db: None, organisation: Organisation, connect: Connect, hire: Hire
) -> None:
    connection = connect(calls_limit=60, most_at_once=3)
    worker = hire(connection)
    Connection.unscoped.filter(pk=connection.pk).delete()
    worker.call()
    worker.call(Unreachable("…"))
    assert not Throttle.unscoped.exists()


def test_nothing_is_held_open_while_the_network_is_used(
    transactional_db: None, organisation: Organisation, connect: Connect, hire: Hire
) -> None:
    with hire(connect(calls_limit=60, most_at_once=3)).calling():
        assert not database.in_atomic_block


def test_a_row_is_made_while_no_other_is_held_so_that_nobody_waits_in_a_circle(
    transactional_db: None, connect: Connect, hire: Hire
) -> None:
    gateway = connect("Gateway", calls_limit=60)
    hire(gateway).call()
    worker = hire(connect(gateway=gateway))
    with CaptureQueriesContext(database) as queries:
        worker.call()
    words = " ".join(query["sql"].split()[0] for query in queries)
    assert [each.split() for each in words.split("COMMIT") if "INSERT" in each] == [["BEGIN", "INSERT"]]


def test_the_shared_clock_is_the_databases(connect: Connect) -> None:
    Throttle.unscoped.create(connection=connect())
    first, second = throttling.shared_clock(), throttling.shared_clock()
    assert abs(first - datetime.now(UTC)) < MINUTE
    assert first <= second


ASKED = [
    ("30", 30),
    (" 7 ", 7),
    ("0", 0),
    ("Fri, 20 Nov 2026 12:00:45 GMT", 45),
    ("Friday, 20-Nov-26 12:00:45 GMT", 45),
    ("Fri, 20 Nov 2026 11:00:00 GMT", 5),  # past: by a clock that is slow
    ("-5", 5),  # no form it knows: as if it had not said
    ("soon", 5),
    ("", 5),
    ("99999999999999999999", 86400),  # nobody is left alone for longer than a day
    ("Tue, 20 Nov 2096 12:00:00 GMT", 86400),
]


@pytest.mark.parametrize(("told", "seconds"), ASKED)
def test_retry_after_is_obeyed_by_all_workers_in_both_its_forms(
    connect: Connect, hire: Hire, time: Time, httpserver: HTTPServer, told: str, seconds: int
) -> None:
    httpserver.expect_request("/").respond_with_data("", 429, {"Retry-After": told})
    connection = connect()
    policy = Policy(allowed_networks=(ip_network("127.0.0.1/32"),), attempts=1)
    with (
        GuardedSession(policy=policy, now=time.read, gate=hire(connection).gate) as session,
        pytest.raises(RateLimited),
    ):
        session.get(httpserver.url_for("/"))
    other = hire(connection)
    if seconds:
        assert refused(other).retry_at == NOON + seconds * SECOND
        time.now = NOON + seconds * SECOND
    assert other.call() == NOON + seconds * SECOND


def test_a_503_that_says_from_when_is_a_wish_and_no_failure(
    connect: Connect, hire: Hire, time: Time, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/").respond_with_data("", 503, {"Retry-After": "120"})
    connection = connect()
    policy = Policy(allowed_networks=(ip_network("127.0.0.1/32"),), attempts=1)
    with (
        GuardedSession(policy=policy, now=time.read, gate=hire(connection).gate) as session,
        pytest.raises(RateLimited),
    ):
        session.get(httpserver.url_for("/"))
    assert refused(hire(connection)).retry_at == NOON + 2 * MINUTE
    assert Throttle.unscoped.get().failures == 0


def test_refusals_are_answers_and_change_nothing(connect: Connect, hire: Hire) -> None:
    connection = connect()
    for _ in range(10):
        hire(connection).call(Refused("…", status=404))
    assert not Throttle.unscoped.exists()
