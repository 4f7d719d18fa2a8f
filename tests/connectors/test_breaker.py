"""Circuits that all workers share: who fails in a row is left alone, tried with one call, and called again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors import asking, throttling
from connectors.errors import Broken, CircuitOpen, FetchError, RateLimited, Reason, Refused, Unreachable
from connectors.models import Connection, Throttle
from connectors.outbound.breaker import MOST_FAILURES
from connectors.problems import problem
from organisations.models import Organisation
from tests.connectors.workers import MINUTE, NOON, SECOND, Crew, Time, Worker, refused

Connect = Callable[..., Connection]
Hire = Callable[..., Worker]
SILENT = Unreachable(problem("nothing_answers", host="a.example", port=443))


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


def fail(hire: Hire, connection: Connection, times: int = MOST_FAILURES) -> None:
    """Let so many workers fail, one after the other."""
    for _ in range(times):
        hire(connection).call(SILENT)


def test_failures_of_all_workers_count_together_and_keep_all_of_them_away(connect: Connect, hire: Hire) -> None:
    connection = connect()
    fail(hire, connection, MOST_FAILURES - 1)
    hire(connection).call(SILENT)
    left_alone = refused(hire(connection, wait=20.0))
    assert isinstance(left_alone, CircuitOpen)
    assert left_alone.reason == Reason.UNREACHABLE
    assert left_alone.retry_at == NOON + 48 * SECOND  # a minute, less a fifth
    assert left_alone.message == (
        "It has failed 5 times in a row since 13:00, so it is left alone. It is tried again at 13:01. "
        "What it said last: Nothing answers at a.example, port 443. Is the service running?"
    )


def test_an_answer_is_written_down_only_after_failures(connect: Connect, hire: Hire) -> None:
    connection = connect()
    fail(hire, connection, MOST_FAILURES - 1)
    hire(connection).call()
    assert Throttle.unscoped.get().failures == 0
    fail(hire, connection, MOST_FAILURES - 1)
    hire(connection).call()


def test_a_worker_that_has_not_looked_since_does_not_stop_the_counting(connect: Connect, hire: Hire) -> None:
    connection = connect()
    worker = hire(connection)
    for _ in range(MOST_FAILURES):
        worker.call(SILENT)
    refused(worker)


def test_one_call_at_a_time_tries_it_and_a_good_one_lets_all_out_again(
    connect: Connect, hire: Hire, time: Time
) -> None:
    connection = connect()
    fail(hire, connection)
    time.now += 48 * SECOND
    with hire(connection).calling() as trial:
        waiting = refused(hire(connection))
        assert "One call is trying whether it works again." in waiting.message
        assert waiting.retry_at == time.now + 35 * SECOND
        trial.ended(None)
    hire(connection).call()
    row = Throttle.unscoped.get()
    assert (row.failures, row.times_opened, row.open_until, row.problem) == (0, 0, None, {})


def test_a_bad_trial_leaves_it_alone_for_longer(connect: Connect, hire: Hire, time: Time) -> None:
    connection = connect()
    fail(hire, connection)
    for minutes in (2, 4, 8, 16, 30, 30):
        opened = Throttle.unscoped.get().open_until
        assert opened is not None
        time.now = opened
        hire(connection).call(Broken(problem("own_problem", status=500), status=500))
        assert refused(hire(connection)).retry_at == time.now + minutes * MINUTE * 0.8
    assert refused(hire(connection)).reason == Reason.SERVER_ERROR


def test_a_trial_whose_worker_died_makes_room_for_another(connect: Connect, hire: Hire, time: Time) -> None:
    connection = connect()
    fail(hire, connection)
    time.now += MINUTE
    hire(connection).die()
    refused(hire(connection))
    time.now += 35 * SECOND
    hire(connection).call()
    assert Throttle.unscoped.get().open_until is None


def test_a_refusal_or_a_wish_for_patience_is_a_good_trial(connect: Connect, hire: Hire, time: Time) -> None:
    for answer in (Refused("…", status=404), RateLimited("…", retry_at=NOON)):
        connection = connect(str(type(answer)))
        fail(hire, connection)
        hire(connection, by_hand=True).call(answer)
        hire(connection).call()


def test_who_asks_by_hand_is_the_trial_at_once_but_not_beside_another(connect: Connect, hire: Hire) -> None:
    connection = connect()
    fail(hire, connection)
    refused(hire(connection))
    with hire(connection, by_hand=True).calling():
        refused(hire(connection, by_hand=True))
    hire(connection, by_hand=True).call()
    hire(connection).call()


def test_who_asks_by_hand_keeps_to_limits_and_wishes(connect: Connect, hire: Hire) -> None:
    full, asked = connect("Full", daily_quota=1), connect("Asked")
    hire(full).call()
    refused(hire(full, by_hand=True))
    hire(asked).call(RateLimited("…", retry_at=NOON + MINUTE))
    refused(hire(asked, by_hand=True))


def test_a_call_may_soon_be_the_trial(connect: Connect, hire: Hire) -> None:
    connection = connect()
    fail(hire, connection)
    throttling.try_soon(connection, NOON)
    hire(connection).call(SILENT)
    assert refused(hire(connection)).retry_at == NOON + 96 * SECOND  # two minutes, less a fifth


def test_a_gateway_that_cannot_be_reached_is_left_alone_by_all_behind_it(connect: Connect, hire: Hire) -> None:
    gateway = connect("Gateway")
    services = [connect(f"Service {number}", gateway=gateway) for number in range(5)]
    for service in services:
        hire(service).call(SILENT)
    left_alone = refused(hire(services[0]))
    assert isinstance(left_alone, CircuitOpen)
    assert left_alone.message.startswith("The gateway Gateway lets no call through. It has failed 5 times in a row")
    assert [row.failures for row in Throttle.unscoped.order_by("pk")] == [5, 1, 1, 1, 1, 1]


@pytest.mark.parametrize(
    "failure", [Broken("…", status=503), Unreachable("…", reason=Reason.TIMEOUT)], ids=["broken", "slow"]
)
def test_one_bad_service_shuts_none_of_the_others_off(connect: Connect, hire: Hire, failure: FetchError) -> None:
    gateway = connect("Gateway")
    bad, good = connect("Bad", gateway=gateway), connect("Good", gateway=gateway)
    for _ in range(MOST_FAILURES):
        hire(bad).call(failure)
    refused(hire(bad))
    hire(good).call()


def test_the_trial_of_a_gateway_is_no_trial_of_the_service_behind_it(connect: Connect, hire: Hire, time: Time) -> None:
    gateway = connect("Gateway")
    service = connect("Service", gateway=gateway)
    fail(hire, gateway)
    time.now += MINUTE
    hire(service).call(SILENT)
    of_service = Throttle.unscoped.get(connection=service)
    assert (of_service.failures, of_service.open_until) == (1, None)
    assert Throttle.unscoped.get(connection=gateway).times_opened == 2


def test_closing_by_hand_forgets_failures_and_wishes_and_keeps_what_is_used_up(connect: Connect, hire: Hire) -> None:
    connection = connect(daily_quota=7)
    fail(hire, connection)
    hire(connection, by_hand=True).call(RateLimited("…", retry_at=NOON + MINUTE))
    throttling.close_circuit(connection)
    hire(connection).call()
    assert Throttle.unscoped.get().quota_used == 7
    refused(hire(connection))


def test_a_changed_connection_begins_anew(connect: Connect, hire: Hire) -> None:
    connection = connect()
    fail(hire, connection)
    asking.again(connection, NOON)
    hire(connection).call()
