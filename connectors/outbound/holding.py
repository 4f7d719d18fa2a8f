"""Why a call was not let out, as an error that names the limit and says when it may go. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.errors import CircuitOpen, HeldBack, Reason
from connectors.outbound.breaker import Circuit, State
from connectors.outbound.limits import Held, Limit, Limits
from connectors.problems import Problem, problem

SPREAD, MOST_SPREAD = 0.1, timedelta(seconds=30)  # of a wait, so that all who wait do not come at the same moment
MINUTE = timedelta(minutes=1)
FOR_A_SLOT = timedelta(seconds=5)  # to look again where nobody knows when a call ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When and for whom something is said; `chance`, from 0 to 1, spreads what waits for the same moment."""

    now: datetime
    zone: ZoneInfo
    chance: float

    def said(self, at: datetime) -> str:
        """Write a moment for a sentence: the time alone where it is today, else with its day (ISO, local)."""
        local = at.astimezone(self.zone)
        today = self.now.astimezone(self.zone).date()
        return local.isoformat(timespec="minutes") if local.date() != today else f"{local:%H:%M}"

    def due(self, at: datetime) -> str:
        """Write the full minute by which something will have happened."""
        return self.said(at + (-timedelta(seconds=at.second, microseconds=at.microsecond)) % MINUTE)

    def after(self, until: datetime) -> datetime:
        """Return a moment at `until` or a little later."""
        wait = max(until - self.now, timedelta(0))
        return self.now + wait + min(wait * SPREAD, MOST_SPREAD) * self.chance


def by_limit(held: Held, limits: Limits, *, wait: timedelta, moment: Moment) -> HeldBack:
    """Return the error of a call that one of our own limits does not let out for another `wait`."""
    if held.by == Limit.AT_ONCE:
        said = problem("held_at_once", most=limits.at_once)
        return HeldBack(said, retry_at=moment.now + FOR_A_SLOT * (1 + moment.chance))
    until = moment.now + wait
    if held.by == Limit.QUOTA:
        return HeldBack(problem("held_by_quota", allowed=limits.a_day), retry_at=moment.after(until))
    said = problem("held_by_pace", allowed=limits.calls, per=limits.per, when=moment.due(until))
    return HeldBack(said, retry_at=until)  # turns are spread by themselves


def as_asked(until: datetime, moment: Moment) -> HeldBack:
    """Return the error of a call that the service itself does not want before `until`."""
    return HeldBack(problem("held_as_asked", when=moment.due(until)), retry_at=moment.after(until))


def by_circuit(circuit: Circuit, state: State, moment: Moment) -> CircuitOpen:
    """Return the error of a call to whom is left alone, with what its last failure said."""
    until = (circuit.trial_until if state == State.ON_TRIAL else circuit.open_until) or moment.now
    named = {"times": circuit.failures, "since": moment.said(circuit.failing_since or moment.now)}
    last = Problem.stored(circuit.problem) or problem("unexpected")
    if state == State.ON_TRIAL:
        said = problem("circuit_on_trial", **named, why=last)
    else:
        said = problem("circuit_open", **named, when=moment.due(until), why=last)
    return CircuitOpen(said, reason=Reason(circuit.reason), retry_at=moment.after(until))


def at_gateway(held: HeldBack, name: str) -> HeldBack:
    """Say that it is the gateway before the service that does not let it out."""
    held.problem = problem("held_at_gateway", name=name, why=held.problem)
    return held
