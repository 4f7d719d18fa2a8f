"""How one connection stands with its service, what keeps a call from it, and what a call changes. Pure.

Two clocks: `now` is the caller's, for what the service said and did; `counted_at` is the one that all workers share,
for what is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors.errors import RateLimited
from connectors.outbound import breaker, holding, limits
from connectors.outbound.breaker import Circuit, Effect, State
from connectors.outbound.holding import Moment
from connectors.outbound.limits import OUTLIVES, Held, Limit, Limits, Usage, given_back, held_by, taken

if TYPE_CHECKING:
    from connectors.errors import FetchError, HeldBack

UNTOLD = timedelta(seconds=5)  # for a service that wants fewer calls and does not say from when
POLL = 0.2  # seconds between two looks for a free slot, about
MOST_LATE = 0.25  # seconds by which those who wait for the same moment are spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A connection whose limits and circuit count for a call: the one that is called, or the gateway before it."""

    pk: int
    limits: Limits
    gateway: str = ""  # its name, where it is one


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is remembered of a connection; before `wait_until` the service itself wants no call."""

    usage: Usage = field(default_factory=Usage)
    circuit: Circuit = field(default_factory=Circuit)
    wait_until: datetime | None = None

    def lets_all_out(self, now: datetime) -> bool:
        """Whether a connection without limits has nothing to decide."""
        return self.circuit.open_until is None and (self.wait_until is None or self.wait_until <= now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """The moment of a decision: by the caller, by the clock that all share, and what chance adds to it."""

    now: datetime
    counted_at: datetime
    chance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a call has to wait, and after how many seconds to look again; None where waiting inside a call is in vain.

    `queue` is whose pace has no room, where one can be told a turn of one's own.
    """

    error: HeldBack
    look_in: float | None = None
    queue: Watch | None = None


def refusal_of(watch: Watch, standing: Standing, clocks: Clocks, *, by_hand: bool) -> Refusal | None:
    """Return what keeps a call from going out; None where nothing does.

    A call `by_hand` is the trial of an open circuit at once; limits and the service's own wish hold for it too.
    """
    refusal = _left_alone(watch, standing, clocks, by_hand=by_hand) or _asked(watch, standing, clocks)
    if refusal is None:
        held = held_by(watch.limits, standing.usage, clocks.counted_at)
        refusal = _held(watch, held, clocks) if held else None
    return refusal


def _left_alone(watch: Watch, standing: Standing, clocks: Clocks, *, by_hand: bool) -> Refusal | None:
    state = breaker.state_at(standing.circuit, clocks.now)
    if state == State.ON_TRIAL or (state == State.OPEN and not by_hand):
        return Refusal(error=_of(watch, holding.by_circuit(standing.circuit, state, _moment(watch, clocks))))
    return None


def _asked(watch: Watch, standing: Standing, clocks: Clocks) -> Refusal | None:
    until = standing.wait_until
    if until is None or until <= clocks.now:
        return None
    error = _of(watch, holding.as_asked(until, _moment(watch, clocks)))
    return Refusal(error=error, look_in=_late((until - clocks.now).total_seconds(), clocks))


def _held(watch: Watch, held: Held, clocks: Clocks) -> Refusal:
    wait = held.until - clocks.counted_at if held.until else timedelta(0)
    error = _of(watch, holding.by_limit(held, watch.limits, wait=wait, moment=_moment(watch, clocks)))
    if held.by == Limit.AT_ONCE:
        return Refusal(error=error, look_in=POLL * (0.5 + clocks.chance))
    queue = watch if held.by == Limit.PACE else None
    return Refusal(error=error, look_in=_late(wait.total_seconds(), clocks), queue=queue)


def queued(watch: Watch, standing: Standing, clocks: Clocks) -> tuple[HeldBack, Standing]:
    """Return the error of a call that does not wait for the pace, with a turn of its own, and how it stands then."""
    turn, usage = limits.queued(watch.limits, standing.usage, clocks.counted_at)
    held = Held(by=Limit.PACE, until=turn)
    moment = _moment(watch, clocks)
    error = holding.by_limit(held, watch.limits, wait=turn - clocks.counted_at, moment=moment)
    return _of(watch, error), replace(standing, usage=usage)


def _of(watch: Watch, error: HeldBack) -> HeldBack:
    return holding.at_gateway(error, watch.gateway) if watch.gateway else error


def _late(seconds: float, clocks: Clocks) -> float:
    return seconds + min(seconds, MOST_LATE) * clocks.chance


def _moment(watch: Watch, clocks: Clocks) -> Moment:
    return Moment(now=clocks.now, zone=watch.limits.zone, chance=clocks.chance)


def overtaken(watches: Sequence[Watch], now: datetime, *, chance: float) -> Refusal:
    """Return why a call that was let out has to wait again: it was not sent at the moment for which it was counted."""
    watch = max(watches, key=lambda each: each.limits.pace.interval if each.limits.pace else timedelta(0))
    clocks = Clocks(now=now, counted_at=now, chance=chance)
    wait = watch.limits.pace.interval if watch.limits.pace else timedelta(0)
    return replace(_held(watch, Held(by=Limit.PACE, until=now + wait), clocks), look_in=POLL)


def let_out(watch: Watch, standing: Standing, token: str, clocks: Clocks, *, lasting: float) -> Standing:
    """Return how a connection stands once a call of at most `lasting` seconds is let out; it may be the trial."""
    usage = taken(watch.limits, standing.usage, token, now=clocks.counted_at, lasting=lasting)
    circuit = standing.circuit
    if circuit.open_until is not None:
        circuit = breaker.on_trial(circuit, clocks.now + timedelta(seconds=lasting + OUTLIVES))
    return replace(standing, usage=usage, circuit=circuit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a call ended: its token, what came (`known` is False where nobody can say), and whether it was the trial."""

    token: str
    failure: FetchError | None
    known: bool
    was_trial: bool

    def effect_on(self, watch: Watch) -> Effect:
        """Return what it says of a connection."""
        if not self.known:
            return Effect.UNKNOWN
        return breaker.effect_on_gateway(self.failure) if watch.gateway else breaker.effect_of(self.failure)


def ended(watch: Watch, standing: Standing, ending: Ending, *, now: datetime, chance: float) -> Standing:
    """Return how a connection stands once a call has ended.

    That a service wants fewer calls is between it and its connection; a gateway goes on for the others behind it.
    """
    circuit = breaker.after_call(
        standing.circuit,
        ending.effect_on(watch),
        ending.failure,
        was_trial=ending.was_trial and standing.circuit.trial_until is not None,
        now=now,
        chance=chance,
    )
    wait_until = standing.wait_until
    if isinstance(ending.failure, RateLimited) and not watch.gateway:
        asked = ending.failure.retry_at or now + UNTOLD
        wait_until = max(asked, wait_until or asked)
    return replace(standing, usage=given_back(standing.usage, ending.token), circuit=circuit, wait_until=wait_until)
