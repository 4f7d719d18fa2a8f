"""The gate before every call: what keeping to limits costs, beside a call that goes out at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from bench.calling import queries_of
from bench.measure import Row, cpu_ms
from connectors.outbound.gate import Leaving
from connectors.throttling import gate_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.load import World
    from connectors.models import Connection

TIMES = 300
LIMITS = {"calls_limit": 1_000_000, "calls_per": 1, "most_at_once": 1000, "daily_quota": 1_000_000_000}


def rows(world: World) -> Iterator[Row]:
    """Yield what the gate costs a call without limits, within all of them, and within a gateway's beside them."""
    free, limited = _connection(world, "Without limits"), _connection(world, "With limits", **LIMITS)
    behind = _connection(world, "Behind a gateway with limits", gateway=limited, **LIMITS)
    yield from _of(free, "Gate of a connection without limits")
    yield from _of(limited, "… with every limit")
    yield from _of(behind, "… with every limit, behind a gateway with its own")


def _connection(world: World, name: str, **fields: object) -> Connection:
    settings = {"address": "http://127.0.0.1:9/"}
    made: Connection = world.large.organisation.connections.create(name=name, kind="http", settings=settings, **fields)
    return made


def _of(connection: Connection, what: str) -> Iterator[Row]:
    gate, leaving = gate_of(connection), Leaving(wait=20.0, lasting=30.0, now=timezone.now)

    def call() -> None:
        with gate.passing(leaving) as passage:
            passage.ended(None)

    yield Row(what=what, measured=cpu_ms(call, times=TIMES), unit="ms CPU a call")
    yield Row(what="", measured=queries_of(call), unit="queries")
