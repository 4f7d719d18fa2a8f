"""Workers that share a database, by a clock that only their sleeping moves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.errors import FetchError, HeldBack
from connectors.models import Connection
from connectors.outbound.gate import Leaving
from connectors.throttling import SharedGate, gate_of
from organisations.models import Organisation

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)  # one o'clock in Berlin
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@dataclass
class Time:
    """A clock that only sleeping moves."""

    now: datetime = NOON
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    def read(self) -> datetime:
        return self.now


@dataclass
class Worker:
    """Somebody who calls a connection through a gate of his own."""

    gate: SharedGate
    time: Time
    wait: float

    @contextmanager
    def calling(self) -> Iterator[Any]:
        with self.gate.passing(Leaving(wait=self.wait, lasting=30.0, now=self.time.read)) as passage:
            yield passage

    def die(self) -> None:
        """Be let out, and never tell how it ended."""
        self.gate._waited(Leaving(wait=0.0, lasting=30.0, now=self.time.read))

    def call(self, failure: FetchError | None = None) -> datetime:
        """Make a call that ends like this; returns when it started."""
        with self.calling() as passage:
            started = self.time.now
            passage.ended(failure)
        return started


@dataclass
class Crew:
    """An organisation's connections, and workers who call them."""

    organisation: Organisation
    time: Time = field(default_factory=Time)

    def connect(self, name: str = "Analytics", **fields: Any) -> Connection:
        """Make a connection."""
        made: Connection = self.organisation.connections.create(
            name=name, kind="http", settings={"address": "https://a.example"}, **fields
        )
        return made

    def hire(self, connection: Connection, *, wait: float = 0.0, by_hand: bool = False) -> Worker:
        """Start a worker for a connection as it is now, by the pretend clock and without chance."""
        gate = gate_of(Connection.unscoped.get(pk=connection.pk), by_hand=by_hand)
        still = replace(gate, clock=self.time.read, sleep=self.time.sleep, random=lambda: 0.0)
        return Worker(gate=still, time=self.time, wait=wait)


def refused(worker: Worker) -> HeldBack:
    """Return why a worker's call does not go out."""
    with pytest.raises(HeldBack) as caught:
        worker.call()
    return caught.value
