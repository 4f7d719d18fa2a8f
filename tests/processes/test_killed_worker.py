"""A worker killed again and again loses nothing and doubles nothing: three ledgers agree.

The pretend source keeps a ledger of what it served, the installation's database of what was recorded, and the worker,
a real process, is killed while it collects.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.processes.installation import Installation, wait_for
from tests.processes.ledger import own_database, rows

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

KILLS = 5
DAYS = 120
STARTED = datetime.now(UTC) - timedelta(minutes=5)
SET_UP = """
from connectors.models import Feed
from django.utils import timezone
from organisations.models import Organisation
from datetime import timedelta
organisation = Organisation.objects.create(name="Growth", slug="growth")
settings = {{"address": "{address}", "sign_in": "none"}}
connection = organisation.connections.create(name="Source", kind="http", settings=settings)
for number in range(3):
    feed = connection.feeds.create(
        name=f"Feed {{number}}", asks="window", at_path="date", every=1, history_days={days}, overlap_days=1,
        query={{"path": f"feed/{{number}}", "params": "from={{since}}\\nto={{until}}"}},
    )
    metric = organisation.metrics.create(feed=feed, name=f"Metric {{number}}", value_path="value")
    organisation.targets.create(metric=metric, name=f"Target {{number}}", goal=1, tracking_since=timezone.now().date())
"""


class Source:
    """Serves one amount a day and keeps a ledger; tells when a request is under way."""

    def __init__(self, server: HTTPServer) -> None:
        self.asked = threading.Event()
        self.served: set[tuple[str, str]] = set()
        self.pause = threading.Event()
        for number in range(3):
            server.expect_request(f"/feed/{number}").respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        self.asked.set()
        self.pause.wait(0.15)  # a request takes a moment, so that the kill finds it under way
        first, last = (datetime.fromisoformat(request.args[name]).date() for name in ("from", "to"))
        days = [(first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1)]
        self.served |= {(request.path, day) for day in days}
        return Response(json.dumps([{"date": day, "value": amount(request.path, day)} for day in days]))


def amount(path: str, day: str) -> int:
    return 1 + sum(map(ord, path + day)) % 50


@pytest.fixture
def source(httpserver: HTTPServer) -> Source:
    return Source(httpserver)


@pytest.fixture
def installation(tmp_path: Path, source: Source, httpserver: HTTPServer) -> Iterator[Installation]:
    with own_database(tmp_path) as database:
        installation = Installation(tmp_path, database)
        try:
            installation.manage("migrate", "--verbosity", "0")
            set_up = SET_UP.format(address=httpserver.url_for("/"), days=DAYS)
            installation.manage("shell", "--verbosity", "0", "-c", set_up)
            yield installation
        finally:
            installation.stop()


def is_caught_up(installation: Installation) -> bool:
    """Say whether all three feeds have come to the present."""
    question = "SELECT COUNT(*) FROM connectors_feed WHERE covered_until >= ? AND health = 'fresh'"
    return rows(installation.database, question, STARTED) == [(3,)]


def test_a_worker_killed_at_any_moment_loses_and_doubles_nothing(installation: Installation, source: Source) -> None:
    installation.beat()
    for _ in range(KILLS):
        worker = installation.worker()
        source.asked.clear()
        wait_for(source.asked.is_set)
        installation.kill(worker)
    installation.worker()
    today = datetime.now(UTC).date().isoformat()
    wait_for(lambda: is_caught_up(installation))

    recorded = rows(
        installation.database,
        "SELECT feed.name, o.at, o.value FROM targets_observation o JOIN targets_metric m ON m.id = o.metric_id "
        "JOIN connectors_feed feed ON feed.id = m.feed_id",
    )
    recorded = [(name, str(at)[:10], value) for name, at, value in recorded]
    assert len(recorded) == len({(name, day) for name, day, _ in recorded}), "nothing twice"
    paths = {f"Feed {number}": f"/feed/{number}" for number in range(3)}
    assert {(paths[str(name)], str(day)) for name, day, _ in recorded} == {
        served for served in source.served if served[1] <= today
    }
    assert all(value == amount(paths[str(name)], str(day)) for name, day, value in recorded)
    totals = "SELECT (SELECT SUM(total) FROM targets_dailyrollup) - (SELECT SUM(value) FROM targets_observation)"
    assert rows(installation.database, totals) == [(0.0,)]
    lost = rows(installation.database, "SELECT COUNT(*) FROM connectors_collection WHERE outcome = 'lost'")
    assert lost != [(0,)], "no kill ever interrupted a collection: the test shows nothing"


def test_two_schedulers_collect_each_slot_once(installation: Installation, source: Source) -> None:
    installation.beat()
    installation.beat()
    installation.worker()
    installation.worker()
    wait_for(lambda: is_caught_up(installation))
    twice = rows(
        installation.database,
        "SELECT feed_id, since, until FROM connectors_collection GROUP BY feed_id, since, until HAVING COUNT(*) > 1",
    )
    assert twice == []
    assert rows(installation.database, "SELECT COUNT(*) FROM connectors_collection WHERE outcome <> 'ok'") == [(0,)]
