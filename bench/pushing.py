"""Readings that programs push, one at a time and a thousand at once; each answer comes after the verdict on it."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson

from bench.calling import queries_of
from bench.measure import Row, cpu_ms, took

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bench.load import World

AT_ONCE = 1000
IN_A_ROW = 100


def rows(world: World) -> Iterator[Row]:
    """Yield what pushing costs, by turns to metrics of 400 days with one target each."""
    addresses = itertools.cycle(
        f"/api/v1/{world.large.organisation.slug}/metrics/{target.metric_id}/observations/" for target in world.judged()
    )

    def push() -> bytes:
        return world.program.post(next(addresses), b'{"value": 5}')

    yield Row(
        what="Push of one reading", measured=cpu_ms(push, times=IN_A_ROW), unit="ms CPU", floor=world.floor_ms, bar=2.6
    )
    yield Row(what="", measured=queries_of(push), unit="queries")
    wall = took(lambda: [push() for _ in range(IN_A_ROW)]).wall
    yield Row(what="", measured=IN_A_ROW / wall, unit="a second, one caller", bar=450, at_least=True)
    body = _body(world.now)
    many = cpu_ms(lambda: world.program.post(next(addresses), body), times=12, warm_up=2)
    yield Row(what=f"Push of {AT_ONCE:,} readings", measured=1e3 * many / AT_ONCE, unit="µs CPU each", bar=40)


def _body(now: datetime) -> bytes:
    """Return readings of the last minutes, latest last."""
    minutes = (now - timedelta(minutes=ago) for ago in range(AT_ONCE, 0, -1))
    return orjson.dumps([{"at": at.isoformat(timespec="seconds"), "value": 5} for at in minutes])
