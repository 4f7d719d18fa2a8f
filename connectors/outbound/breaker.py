"""The circuit breaker: who fails again and again is left alone for a while, then tried with one call. Pure.

Closed, calls go out. After `MOST_FAILURES` in a row it opens, for a minute at first, then twice as long each time, at
most half an hour. Then it is half-open: one call is the trial. Its success closes the circuit, its failure opens it for
longer.
After Michael Nygard, "Release It!", 2007.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any

from connectors.errors import Reason

if TYPE_CHECKING:
    from connectors.errors import FetchError

MOST_FAILURES = 5  # in a row
FIRST_REST = timedelta(seconds=60)
LONGEST_REST = timedelta(minutes=30)
JITTER = 0.2  # of a rest, either way, so that many circuits do not close together


class State(StrEnum):
    """How a circuit stands."""

    CLOSED = "closed"  # calls go out
    OPEN = "open"  # none does
    HALF_OPEN = "half_open"  # the next call is the trial
    ON_TRIAL = "on_trial"  # the trial is under way


class Effect(Enum):
    """What a call says of whom it asked."""

    ANSWERED = "it is there, whatever it thought of the question"
    FAILED = "it does not work"
    UNKNOWN = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """What is remembered of the failures in a row: since when, and what the last one said (a stored problem)."""

    failures: int = 0
    times_opened: int = 0
    failing_since: datetime | None = None
    open_until: datetime | None = None
    trial_until: datetime | None = None
    reason: str = ""
    problem: Mapping[str, Any] = field(default_factory=dict)


ASKED_NOTHING = frozenset({Reason.BLOCKED, Reason.MISCONFIGURED, Reason.HELD_BACK})
FAILURES = frozenset({Reason.UNREACHABLE, Reason.TIMEOUT, Reason.SERVER_ERROR, Reason.MALFORMED})
FAILURES_OF_A_GATEWAY = frozenset({Reason.UNREACHABLE, Reason.MALFORMED})


def effect_of(failure: FetchError | None) -> Effect:
    """Return what the end of one request says of a service; a refusal or a wish for patience is an answer too.

    What makes no sense (`MALFORMED`) is not even HTTP here: what the body means is judged later.
    """
    if failure is None:
        return Effect.ANSWERED
    if failure.reason in ASKED_NOTHING:
        return Effect.UNKNOWN
    return Effect.FAILED if failure.reason in FAILURES else Effect.ANSWERED


def effect_on_gateway(failure: FetchError | None) -> Effect:
    """Return what it says of the gateway before a service: one slow or broken service shuts none of the others off."""
    effect = effect_of(failure)
    if failure is None or effect != Effect.FAILED or failure.reason in FAILURES_OF_A_GATEWAY:
        return effect
    return Effect.UNKNOWN if failure.reason == Reason.TIMEOUT else Effect.ANSWERED


def state_at(circuit: Circuit, now: datetime) -> State:
    """Return how a circuit stands."""
    if circuit.open_until is None:
        return State.CLOSED
    if circuit.trial_until is not None and now < circuit.trial_until:
        return State.ON_TRIAL
    return State.OPEN if now < circuit.open_until else State.HALF_OPEN


def on_trial(circuit: Circuit, until: datetime) -> Circuit:
    """Begin the trial; at `until` it counts no more, for its worker is dead."""
    return replace(circuit, trial_until=until)


def after_call(
    circuit: Circuit, effect: Effect, failure: FetchError | None, *, was_trial: bool, now: datetime, chance: float
) -> Circuit:
    """Return the circuit after a call has ended; `chance`, from 0 to 1, spreads the rests.

    A call that went out before the circuit opened and failed after it says nothing new.
    """
    if effect == Effect.ANSWERED:
        return Circuit()
    if effect == Effect.UNKNOWN or failure is None:
        return replace(circuit, trial_until=None) if was_trial else circuit
    if circuit.open_until is not None and not was_trial:
        return circuit
    failed = replace(
        circuit,
        failures=circuit.failures + 1,
        failing_since=circuit.failing_since or now,
        reason=failure.reason.value,
        problem=failure.problem.as_stored(),
    )
    return _opened(failed, now, chance) if was_trial or failed.failures >= MOST_FAILURES else failed


def _opened(circuit: Circuit, now: datetime, chance: float) -> Circuit:
    rest = min(FIRST_REST * 2 ** min(circuit.times_opened, 10), LONGEST_REST)
    until = now + rest * (1 - JITTER + 2 * JITTER * chance)
    return replace(circuit, times_opened=circuit.times_opened + 1, open_until=until, trial_until=None)
