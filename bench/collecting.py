"""A thousand due feeds whose sources take their time, collected by one real worker process."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db.models import Max, Min
from urllib3 import HTTPConnectionPool

from bench.fetching import LATENCY, source
from bench.measure import Row, took
from connectors.models import Collection, Feed
from connectors.models.feed import Outcome
from organisations.setup import found
from targets.tasks import dispatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.load import World

DUE = 1000
CONNECTIONS = 20
THREADS = 16  # as the Procfile has them
LEAST_SHARE = 0.7  # of what a bare pool of as many threads reaches
SECONDS = 300.0


def rows(world: World) -> Iterator[Row]:
    """Yield how many feeds a second one worker collects, and its share of a bare pool of connections."""
    with source(LATENCY) as port:
        bare = DUE / _bare(port)
        feeds = _feeds(world, port)
        with _worker():
            collected = DUE / _collected(feeds)
    yield Row(what=f"{DUE:,} feeds at {1e3 * LATENCY:.0f} ms, one worker", measured=collected, unit="a second")
    yield Row(what="", measured=bare, unit=f"a second, bare urllib3 with {THREADS} threads")
    yield Row(what="", measured=100 * collected / bare, unit="% of it", bar=100 * LEAST_SHARE, at_least=True)


def _bare(port: int) -> float:
    with HTTPConnectionPool("127.0.0.1", port, maxsize=THREADS) as pool, ThreadPoolExecutor(THREADS) as threads:
        return took(lambda: list(threads.map(lambda _: pool.request("GET", "/visitors").data, range(DUE)))).wall


def _feeds(world: World, port: int) -> list[int]:
    """Add an organisation whose feeds are all due, each with a metric."""
    organisation = found(name="A busy minute", time_zone="UTC", owner=world.large.user)
    settings = {"address": f"http://127.0.0.1:{port}/"}
    made: list[Feed] = []
    for number in range(CONNECTIONS):
        connection = organisation.connections.create(name=f"Source {number}", kind="http", settings=settings)
        rows = [
            Feed(connection=connection, name=f"Feed {place}", due_at=world.now) for place in range(DUE // CONNECTIONS)
        ]
        made += connection.feeds.bulk_create(rows)
    metrics = [
        organisation.metrics.model(organisation=organisation, feed=feed, name=f"Metric {feed.pk}", value_path="value")
        for feed in made
    ]
    organisation.metrics.bulk_create(metrics)
    return [feed.pk for feed in made]


@contextmanager
def _worker() -> Iterator[None]:
    """Run the worker as the product does."""
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "trackerproject", "worker"]
    with subprocess.Popen(
        [*command, "--pool", "threads", "--concurrency", str(THREADS), "--loglevel", "ERROR"]
    ) as process:
        try:
            yield
        finally:
            process.terminate()


def _collected(feeds: list[int]) -> float:
    """Ring for the feeds and wait; returns the seconds from the first claim to the last end."""
    ended = Collection.unscoped.filter(feed__in=feeds, outcome=Outcome.OK)
    until = time.monotonic() + SECONDS
    while ended.count() < len(feeds):
        if time.monotonic() > until:
            raise RuntimeError(f"Only {ended.count()} of {len(feeds)} feeds were collected.")
        dispatch()
        time.sleep(0.5)
    span = ended.aggregate(first=Min("started_at"), last=Max("finished_at"))
    seconds: float = (span["last"] - span["first"]).total_seconds()
    return seconds
