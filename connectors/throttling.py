"""Keeping to the limits of connections, and leaving alone those that fail, for all workers together.

What is used up and how often a connection failed stands in one row a connection, which a worker locks for a moment to
decide and to write down what its call uses up: before the call goes out, never during it. Limits are counted by the
database's clock, the one that all workers share. A connection that has no limits and answers costs one look a second.
"""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from random import random as fraction
from time import monotonic
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from connectors.models import Connection, Throttle
from connectors.outbound.breaker import Circuit
from connectors.outbound.limits import Limits, Usage
from connectors.outbound.standing import (
    Clocks,
    Ending,
    Refusal,
    Standing,
    Watch,
    ended,
    let_out,
    overtaken,
    queued,
    refusal_of,
)

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from connectors.errors import FetchError, HeldBack
    from connectors.outbound.gate import Leaving, Passage

LOOK_AGAIN = 1.0  # seconds after which a connection without limits is looked at again
NEW = Standing()
Standings = Mapping[int, Standing]


def gate_of(connection: Connection, *, by_hand: bool = False) -> SharedGate:
    """Return the gate that every request of a connection passes; the limits of its gateway count too.

    A call `by_hand` may be the trial of an open circuit before its time.
    """
    zone, gateway = connection.organisation.zone, connection.gateway
    watches = [Watch(pk=connection.pk, limits=limits_of(connection, zone))]
    if gateway is not None:
        watches.append(Watch(pk=gateway.pk, limits=limits_of(gateway, zone), gateway=gateway.name))
    gate = SharedGate(watches=tuple(watches), by_hand=by_hand)
    if gateway is None and (standing := _came_with(connection)) is not None:
        gate.see({connection.pk: standing})
    return gate


def _came_with(connection: Connection) -> Standing | None:
    """Return the standing that was read together with the connection: once, for from then on it grows old."""
    relation: Any = Connection._meta.get_field("throttle")
    if not relation.is_cached(connection):
        return None
    row = relation.get_cached_value(connection)
    relation.delete_cached_value(connection)
    return standing_of(row) if row else NEW


def limits_of(connection: Connection, zone: ZoneInfo) -> Limits:
    """Return what a connection's service takes; `zone` is the organisation's."""
    return Limits(
        zone=zone,
        calls=connection.calls_limit,
        per=connection.calls_per,
        at_once=connection.most_at_once,
        a_day=connection.daily_quota,
    )


def standings_of(pks: Iterable[int]) -> dict[int, Standing]:
    """Return how connections stand; one of which nothing is known stands like a new one."""
    asked = set(pks)
    found = {row.pk: standing_of(row) for row in Throttle.unscoped.filter(pk__in=asked)}
    return {pk: found.get(pk, NEW) for pk in asked}


def try_soon(connection: Connection, now: datetime) -> None:
    """Let the next call be the trial of an open circuit, the gateway's too."""
    pks = [connection.pk, connection.gateway_id]
    Throttle.unscoped.filter(pk__in=pks, open_until__gt=now).update(open_until=now)


def close_circuit(connection: Connection) -> None:
    """Forget the failures in a row, what the service asked for, and the queue; what is used up stays used up."""
    Throttle.unscoped.filter(pk=connection.pk).update(queue_at=None, **_of_the_service(NEW))


def shared_clock() -> datetime:
    """Return the database's time; asked once the rows are locked, it never runs backwards from call to call."""
    moment: datetime = Throttle.unscoped.annotate(moment=Now()).values_list("moment", flat=True)[:1].get()
    return moment


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ticket:
    """A call that was let out, and whether it is the trial of a circuit; good until a second by `monotonic`."""

    token: str = ""
    is_trial: bool = False
    good_until: float = math.inf


@dataclass(slots=True)
class _Passage:
    """Remembers how a request ended."""

    known: bool = False
    failure: FetchError | None = None

    def ended(self, failure: FetchError | None) -> None:
        """Note how the request ended."""
        self.known, self.failure = True, failure


@dataclass(kw_only=True)
class SharedGate:
    """Lets out what the limits of all `watches` allow, whichever worker asks; they are always looked at in one order.

    `clock` is the one by which all workers count; `sleep` and `random` (from 0 to 1) are for tests.
    """

    watches: tuple[Watch, ...]
    by_hand: bool = False
    clock: Callable[[], datetime] = shared_clock
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = fraction
    _seen: Standings = field(default_factory=dict, init=False)
    _seen_at: float = field(default=-math.inf, init=False)

    @contextmanager
    def passing(self, leaving: Leaving) -> Iterator[Passage]:
        """Let one request out. Raises HeldBack and CircuitOpen."""
        ticket, passage = self._waited(leaving), _Passage()
        try:
            yield passage
        finally:
            self._end(ticket, passage, leaving)

    def _waited(self, leaving: Leaving) -> _Ticket:
        left = leaving.wait
        while isinstance(found := self._in_time(leaving), Refusal):
            if found.look_in is None or found.look_in > left:
                raise self._put_off(found, leaving)
            left -= found.look_in
            self.sleep(found.look_in)
        return found

    def _put_off(self, refusal: Refusal, leaving: Leaving) -> HeldBack:
        """Return the error of a call that waits no longer; where the pace has no room it is told a turn of its own."""
        error, watch = refusal.error, refusal.queue
        if watch is None:
            return error
        with _locked(self._pks) as before:
            if before:
                error, after = queued(watch, before[watch.pk], self._clocks(leaving))
                self._write(before, {**before, watch.pk: after})
        return error

    def _in_time(self, leaving: Leaving) -> _Ticket | Refusal:
        """Let a call out that can still go at the moment for which it was counted; a late one waits anew."""
        found = self._asked(leaving)
        if isinstance(found, Refusal) or monotonic() < found.good_until:
            return found
        self._end(found, _Passage(), leaving)
        return overtaken(self.watches, leaving.now(), chance=self.random())

    def _asked(self, leaving: Leaving) -> _Ticket | Refusal:
        if not self._counts and self._lets_all_out(leaving.now()):
            return _Ticket()
        with _locked(self._pks) as before:
            return self._decided(before, leaving) if before else _Ticket()

    def _lets_all_out(self, now: datetime) -> bool:
        if monotonic() - self._seen_at > LOOK_AGAIN:
            self.see(standings_of(self._pks))
        return all(standing.lets_all_out(now) for standing in self._seen.values())

    def _decided(self, before: Standings, leaving: Leaving) -> _Ticket | Refusal:
        """Decide on the locked rows, and write down what the call uses up, of all connections or of none."""
        asked_at, clocks = monotonic(), self._clocks(leaving)
        for watch in self.watches:
            refusal = refusal_of(watch, before[watch.pk], clocks, by_hand=self.by_hand)
            if refusal is not None:
                return refusal
        token, lasting = uuid.uuid4().hex, leaving.lasting
        after = {watch.pk: let_out(watch, before[watch.pk], token, clocks, lasting=lasting) for watch in self.watches}
        self._write(before, after)
        is_trial = any(after[pk].circuit != before[pk].circuit for pk in after)
        return _Ticket(token=token, is_trial=is_trial, good_until=asked_at + self._slack)

    def _clocks(self, leaving: Leaving) -> Clocks:
        now = leaving.now()
        return Clocks(now=now, counted_at=self.clock() if self._counts else now, chance=self.random())

    def _end(self, ticket: _Ticket, passage: _Passage, leaving: Leaving) -> None:
        """Write down how a call ended, if that changes anything."""
        ending = Ending(token=ticket.token, failure=passage.failure, known=passage.known, was_trial=ticket.is_trial)
        if not (self._gives_back or ticket.is_trial or self._after(self._seen, ending, leaving) != self._seen):
            return
        with _locked(self._pks) as before:
            if before:
                self._write(before, self._after(before, ending, leaving))

    def _after(self, before: Standings, ending: Ending, leaving: Leaving) -> Standings:
        now, chance = leaving.now(), self.random()
        return {watch.pk: ended(watch, before[watch.pk], ending, now=now, chance=chance) for watch in self.watches}

    def _write(self, before: Standings, after: Standings) -> None:
        for pk, standing in after.items():
            if standing != before[pk]:
                Throttle.unscoped.filter(pk=pk).update(**_columns(standing))
        self.see(after)

    def see(self, standings: Standings) -> None:
        """Be told how the connections stand at this moment."""
        self._seen, self._seen_at = standings, monotonic()

    @property
    def _pks(self) -> list[int]:
        return [watch.pk for watch in self.watches]

    @property
    def _counts(self) -> bool:
        return any(watch.limits.any for watch in self.watches)

    @property
    def _gives_back(self) -> bool:
        return any(watch.limits.at_once is not None for watch in self.watches)

    @property
    def _slack(self) -> float:
        """Half of what the paces allow a call to be late; the other half is the network's."""
        paces = [watch.limits.pace for watch in self.watches]
        return min((pace.slack.total_seconds() / 2 for pace in paces if pace), default=math.inf)


@contextmanager
def _locked(pks: list[int]) -> Iterator[Standings]:
    """Lock the rows of connections while the block runs; nothing where one was deleted: nobody is left to count for.

    Rows that are missing are made before, in a transaction of their own. Who made one while holding others would keep
    from everybody a row that they cannot see yet, whatever the order: two such workers wait for each other for ever.
    """
    with transaction.atomic(durable=True):
        found = _all_of(pks)
        if found:
            yield found
            return
    _make(pks)
    with transaction.atomic(durable=True):
        yield _all_of(pks)


def _all_of(pks: list[int]) -> Standings:
    rows = Throttle.unscoped.filter(pk__in=pks).held()
    found = {row.pk: standing_of(row) for row in rows}
    return found if len(found) == len(pks) else {}


def _make(pks: list[int]) -> None:
    with suppress(IntegrityError):
        Throttle.unscoped.bulk_create([Throttle(connection_id=pk) for pk in sorted(pks)], ignore_conflicts=True)


def standing_of(row: Throttle) -> Standing:
    """Return what a row remembers."""
    usage = Usage(free_at=row.free_at, queue_at=row.queue_at, slots=row.slots, on=row.quota_on, used=row.quota_used)
    circuit = Circuit(
        failures=row.failures,
        times_opened=row.times_opened,
        failing_since=row.failing_since,
        open_until=row.open_until,
        trial_until=row.trial_until,
        reason=row.reason,
        problem=row.problem,
    )
    return Standing(usage=usage, circuit=circuit, wait_until=row.wait_until)


def _columns(standing: Standing) -> dict[str, Any]:
    usage = standing.usage
    return {
        "free_at": usage.free_at,
        "queue_at": usage.queue_at,
        "slots": dict(usage.slots),
        "quota_on": usage.on,
        "quota_used": usage.used,
        **_of_the_service(standing),
    }


def _of_the_service(standing: Standing) -> dict[str, Any]:
    circuit = standing.circuit
    return {
        "wait_until": standing.wait_until,
        "failures": circuit.failures,
        "times_opened": circuit.times_opened,
        "failing_since": circuit.failing_since,
        "open_until": circuit.open_until,
        "trial_until": circuit.trial_until,
        "reason": circuit.reason,
        "problem": dict(circuit.problem),
    }
