"""Asking sources: many slow ones at the same time, and one collection from its claim to the verdict."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from ipaddress import ip_network
from typing import TYPE_CHECKING

import orjson
from django.utils import timezone
from urllib3 import HTTPConnectionPool

from bench.measure import Row, Took, cpu_ms, took
from connectors.models import Feed
from connectors.outbound import GuardedSession, Policy
from targets.collecting import run

if TYPE_CHECKING:
    from bench.load import World

IN_FLIGHT = 256
LATENCY = 0.2
CALLS = 3000


def rows(world: World) -> Iterator[Row]:
    """Yield what calls cost beside a bare pool of connections in the same run, then one whole collection."""
    with source(LATENCY) as port:
        bare, guarded = _bare(port), _guarded(port)
    what = f"Fetching at {1e3 * LATENCY:.0f} ms, {IN_FLIGHT} at a time"
    yield Row(what=what, measured=CALLS / guarded.wall, unit="a second", bar=900, at_least=True)
    yield Row(what="", measured=CALLS / bare.wall, unit="a second, bare urllib3")
    floor = 1e3 * bare.cpu / CALLS
    yield Row(what="", measured=1e3 * guarded.cpu / CALLS, unit="ms CPU each", floor=floor)
    with source(0) as port:
        yield Row(what="One collection, claim to verdict", measured=_collection_ms(world, port), unit="ms CPU")


@contextmanager
def source(seconds: float) -> Iterator[int]:
    """Run the pretend source in a process of its own; gives its port."""
    command = [sys.executable, "-m", "bench.slow_server", str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def _bare(port: int) -> Took:
    with HTTPConnectionPool("127.0.0.1", port, maxsize=IN_FLIGHT) as pool:
        return _at_once(lambda: orjson.loads(pool.request("GET", "/visitors?day=2026-11-20").data))


def _guarded(port: int) -> Took:
    policy = Policy(allowed_networks=(ip_network("127.0.0.1/32"),))
    with GuardedSession(policy=policy, now=timezone.now, secrets=["a-secret-key"], pool_maxsize=IN_FLIGHT) as session:
        address, params = f"http://127.0.0.1:{port}/visitors", {"day": "2026-11-20"}
        return _at_once(lambda: session.get(address, params=params).json())


def _at_once(call: Callable[[], object]) -> Took:
    """Call often from many threads, after each of them has connected once."""
    with ThreadPoolExecutor(IN_FLIGHT) as threads:
        for warm_up in [threads.submit(call) for _ in range(IN_FLIGHT)]:
            warm_up.result()
        return took(lambda: [done.result() for done in [threads.submit(call) for _ in range(CALLS)]])


def _collection_ms(world: World, port: int) -> float:
    """Collect one feed again and again, with a metric of 400 days and its target."""
    connection = world.large.organisation.connections.create(
        name="Answers at once", kind="http", settings={"address": f"http://127.0.0.1:{port}/"}
    )
    feed = connection.feeds.create(name="Answers at once")
    metric = world.judged()[0].metric
    metric.feed, metric.value_path = feed, "value"
    metric.save(update_fields=["feed", "value_path"])

    def collect() -> None:
        now = timezone.now()
        Feed.unscoped.filter(pk=feed.pk).update(due_at=now)
        outcome = run(feed.pk, now, announce=_nobody, announce_feed=_nobody)
        assert outcome == "ok", outcome

    return cpu_ms(collect, times=40)


def _nobody(_: int) -> None:
    """Tell nobody."""
