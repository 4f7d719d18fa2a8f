"""A circuit opens after failures in a row and is tried with one call; only what the service cannot do is a failure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import (
    Blocked,
    Broken,
    FetchError,
    HeldBack,
    Malformed,
    Misconfigured,
    RateLimited,
    Reason,
    Refused,
    TooLarge,
    Unreachable,
)
from connectors.outbound.breaker import (
    LONGEST_REST,
    MOST_FAILURES,
    Circuit,
    Effect,
    State,
    after_call,
    effect_of,
    effect_on_gateway,
    on_trial,
    state_at,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
SILENT = Unreachable("Nothing answers.")


def failed(
    circuit: Circuit, now: datetime = NOON, *, times: int = 1, was_trial: bool = False, chance: float = 0.5
) -> Circuit:
    for _ in range(times):
        circuit = after_call(circuit, Effect.FAILED, SILENT, was_trial=was_trial, now=now, chance=chance)
    return circuit


def test_it_opens_after_five_failures_in_a_row_for_a_minute() -> None:
    circuit = failed(Circuit(), times=MOST_FAILURES - 1)
    assert state_at(circuit, NOON) == State.CLOSED
    circuit = failed(circuit, NOON + SECOND)
    assert state_at(circuit, NOON + SECOND) == State.OPEN
    assert circuit.open_until == NOON + SECOND + MINUTE
    assert (circuit.failing_since, circuit.reason) == (NOON, Reason.UNREACHABLE)
    assert circuit.problem == {"code": "told", "data": {"text": "Nothing answers."}}


def test_an_answer_in_between_begins_the_count_anew() -> None:
    circuit = failed(Circuit(), times=MOST_FAILURES - 1)
    circuit = after_call(circuit, Effect.ANSWERED, None, was_trial=False, now=NOON, chance=0.5)
    assert circuit == Circuit()
    assert state_at(failed(circuit, times=MOST_FAILURES - 1), NOON) == State.CLOSED


def test_after_its_rest_one_call_is_the_trial_and_the_others_wait_for_it() -> None:
    circuit = failed(Circuit(), times=MOST_FAILURES)
    later = NOON + MINUTE
    assert state_at(circuit, later - SECOND) == State.OPEN
    assert state_at(circuit, later) == State.HALF_OPEN
    tried = on_trial(circuit, later + 35 * SECOND)
    assert state_at(tried, later + 34 * SECOND) == State.ON_TRIAL
    assert state_at(tried, later + 35 * SECOND) == State.HALF_OPEN  # its worker is dead


def test_a_good_trial_closes_it() -> None:
    circuit = on_trial(failed(Circuit(), times=MOST_FAILURES), NOON + 2 * MINUTE)
    assert after_call(circuit, Effect.ANSWERED, None, was_trial=True, now=NOON + MINUTE, chance=0.5) == Circuit()


def test_bad_trials_open_it_for_twice_as_long_up_to_half_an_hour() -> None:
    circuit, now, rests = failed(Circuit(), times=MOST_FAILURES), NOON, []
    for _ in range(8):
        assert circuit.open_until is not None
        rests.append((circuit.open_until - now) / MINUTE)
        now = circuit.open_until
        circuit = failed(on_trial(circuit, now + MINUTE), now, was_trial=True)
    assert rests == [1, 2, 4, 8, 16, 30, 30, 30]
    assert circuit.failing_since == NOON


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 48), (0.5, 60), (1.0, 72)])
def test_rests_are_spread_by_a_fifth_either_way(chance: float, seconds: int) -> None:
    assert failed(Circuit(), times=MOST_FAILURES, chance=chance).open_until == NOON + seconds * SECOND


def test_calls_that_were_under_way_when_it_opened_say_nothing_new() -> None:
    circuit = failed(Circuit(), times=MOST_FAILURES)
    assert failed(circuit, NOON + 30 * SECOND, times=10) == circuit


def test_an_answer_to_one_of_them_closes_it() -> None:
    circuit = failed(Circuit(), times=MOST_FAILURES)
    assert after_call(circuit, Effect.ANSWERED, None, was_trial=False, now=NOON, chance=0.5) == Circuit()


def test_a_trial_of_which_nobody_knows_how_it_ended_makes_room_for_another() -> None:
    circuit = failed(Circuit(), times=MOST_FAILURES)
    tried = on_trial(circuit, NOON + 2 * MINUTE)
    assert after_call(tried, Effect.UNKNOWN, None, was_trial=True, now=NOON + MINUTE, chance=0.5) == circuit


FAILED, ANSWERED, UNKNOWN = Effect.FAILED, Effect.ANSWERED, Effect.UNKNOWN


@pytest.mark.parametrize(
    ("failure", "effect", "on_gateway"),
    [
        (None, ANSWERED, ANSWERED),
        (Unreachable("…"), FAILED, FAILED),
        (Unreachable("…", permanent=True), FAILED, FAILED),
        (Unreachable("…", reason=Reason.TIMEOUT), FAILED, UNKNOWN),
        (Broken("…", status=502), FAILED, ANSWERED),
        (Malformed("…"), FAILED, FAILED),
        (RateLimited("…", status=429), ANSWERED, ANSWERED),
        (Refused("…", status=400), ANSWERED, ANSWERED),
        (Refused("…", status=401, reason=Reason.UNAUTHORISED), ANSWERED, ANSWERED),
        (Refused("…", status=404, reason=Reason.NOT_FOUND), ANSWERED, ANSWERED),
        (TooLarge("…"), ANSWERED, ANSWERED),
        (Blocked("…"), UNKNOWN, UNKNOWN),
        (Misconfigured("…"), UNKNOWN, UNKNOWN),
        (HeldBack("…"), UNKNOWN, UNKNOWN),
    ],
)
def test_only_who_does_not_work_fails(failure: FetchError | None, effect: Effect, on_gateway: Effect) -> None:
    assert effect_of(failure) == effect
    assert effect_on_gateway(failure) == on_gateway


EVENTS = st.lists(st.tuples(st.sampled_from(list(Effect)), st.floats(0, 4000), st.floats(0, 1)), max_size=60)


@given(EVENTS)
def test_nothing_goes_out_of_an_open_circuit_and_no_rest_is_longer_than_allowed(
    events: list[tuple[Effect, float, float]],
) -> None:
    circuit, now, in_a_row = Circuit(), NOON, 0
    for effect, seconds, chance in events:
        now += timedelta(seconds=seconds)
        state = state_at(circuit, now)
        if state == State.OPEN:
            assert in_a_row >= MOST_FAILURES
            continue
        was_trial = state == State.HALF_OPEN
        circuit = on_trial(circuit, now + MINUTE) if was_trial else circuit
        failure = SILENT if effect == Effect.FAILED else None
        circuit = after_call(circuit, effect, failure, was_trial=was_trial, now=now, chance=chance)
        in_a_row = 0 if effect == Effect.ANSWERED else in_a_row + (effect == Effect.FAILED)
        assert circuit.failures == in_a_row
        assert (state_at(circuit, now) == State.CLOSED) or circuit.open_until is not None
        if circuit.open_until is not None:
            assert circuit.open_until - now <= LONGEST_REST * 1.2


def test_what_is_remembered_is_of_the_last_failure() -> None:
    circuit = failed(Circuit())
    broken = Broken("It has a problem.", status=500)
    circuit = after_call(circuit, Effect.FAILED, broken, was_trial=False, now=NOON + SECOND, chance=0.5)
    assert (circuit.reason, circuit.failing_since) == (Reason.SERVER_ERROR, NOON)
    assert circuit == replace(circuit, failures=2, problem={"code": "told", "data": {"text": "It has a problem."}})
