"""Several processes, one of them killed, keep together to the limits of a connection: the source's ledger says so."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.processes.counting_server import CountingServer, counting_server
from tests.processes.installation import ROOT, Installation, wait_for
from tests.processes.ledger import own_database, rows

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

SECONDS, CALLS, AT_ONCE = 10, 20, 3
FEEDS, QUOTA = 30, 24
SET_UP = """
from connectors.models import Connection
from organisations.models import Organisation
organisation = Organisation.objects.create(name="Growth", slug="growth", time_zone="{zone}")
settings = {{"address": "{address}", "sign_in": "none"}}
gateway = organisation.connections.create(name="Gateway", kind="http", settings=settings, **{of_gateway})
for number in range({connections}):
    connection = organisation.connections.create(
        name=f"Source {{number}}", kind="http", settings=settings, {behind} **{limits}
    )
    for place in range({feeds}):
        feed = connection.feeds.create(name=f"Feed {{place}}", every=24 * 60)
        organisation.metrics.create(feed=feed, name=f"Metric {{number}} {{place}}", value_path="value")
"""
HAMMER = """
import sys, threading, time
from ipaddress import ip_network
from django.db import connections
from django.utils import timezone
from connectors.errors import HeldBack
from connectors.models import Connection
from connectors.outbound import GuardedSession, Policy
from connectors.throttling import gate_of

POLICY = Policy(allowed_networks=(ip_network("127.0.0.1/32"),), deadline=5.0, first_turn=2.0, next_turn=2.0)
UNTIL = time.monotonic() + {seconds}

def hammer(pk):
    connection = Connection.unscoped.select_related("organisation", "gateway__organisation").get(pk=pk)
    with GuardedSession(policy=POLICY, now=timezone.now, gate=gate_of(connection)) as session:
        while time.monotonic() < UNTIL:
            try:
                session.get(connection.settings["address"])
            except HeldBack:
                pass
    connections.close_all()

pks = Connection.unscoped.exclude(name="Gateway").values_list("pk", flat=True)
threads = [threading.Thread(target=hammer, args=(pk,)) for pk in pks for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def zone_where_it_is_noon() -> str:
    """Return a zone far from its midnight, so that no day ends during the test; the signs of these names are turned."""
    hours = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"


@pytest.fixture
def source() -> Iterator[CountingServer]:
    with counting_server(0.1) as server:
        yield server


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with own_database(tmp_path) as database:
        installation = Installation(tmp_path, database)
        installation.environment["OUTBOUND_ALLOWED_NETWORKS"] = "127.0.0.1/32"
        try:
            installation.manage("migrate", "--verbosity", "0")
            yield installation
        finally:
            installation.stop()


def set_up(installation: Installation, source: CountingServer, **more: object) -> None:
    usual = {"zone": zone_where_it_is_noon(), "address": source.url, "of_gateway": {}, "limits": {}, "behind": ""}
    code = SET_UP.format(**{**usual, "connections": 1, "feeds": 0, **more})
    installation.manage("shell", "--verbosity", "0", "-c", code)


def hammering(installation: Installation, seconds: float) -> subprocess.Popen[bytes]:
    """Start a process whose threads call as often as they may, and a little more."""
    code = HAMMER.format(seconds=seconds)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", code],
        cwd=ROOT,
        env={**os.environ, **installation.environment},
        start_new_session=True,
    )
    installation.running.append(process)
    return process


def finish(installation: Installation, process: subprocess.Popen[bytes]) -> None:
    """Wait for a process that ends by itself."""
    assert process.wait(timeout=90) == 0
    installation.running.remove(process)


def test_processes_that_hammer_keep_to_pace_and_places_though_one_is_killed(
    installation: Installation, source: CountingServer
) -> None:
    set_up(installation, source, limits={"calls_limit": CALLS, "calls_per": SECONDS, "most_at_once": AT_ONCE})
    processes = [hammering(installation, 1.6 * SECONDS) for _ in range(3)]
    wait_for(lambda: len(source.arrivals) >= 5)
    installation.kill(processes[0])
    for process in processes[1:]:
        finish(installation, process)
    assert source.most_within(SECONDS) <= CALLS
    assert source.most_at_once <= AT_ONCE
    assert len(source.arrivals) > CALLS, "too few calls to show anything"


def test_a_gateways_limits_hold_for_what_stands_behind_it_together(
    installation: Installation, source: CountingServer
) -> None:
    of_gateway = {"calls_limit": CALLS, "calls_per": SECONDS, "most_at_once": 2, "daily_quota": QUOTA}
    set_up(installation, source, connections=3, of_gateway=of_gateway, behind="gateway=gateway,")
    processes = [hammering(installation, 1.6 * SECONDS) for _ in range(2)]
    for process in processes:
        finish(installation, process)
    assert source.most_within(SECONDS) <= CALLS
    assert source.most_at_once <= 2
    assert len(source.arrivals) == QUOTA


def test_real_workers_keep_to_a_quota_to_the_call_though_one_is_killed(
    installation: Installation, source: CountingServer
) -> None:
    limits = {"calls_limit": CALLS, "calls_per": SECONDS, "most_at_once": AT_ONCE, "daily_quota": QUOTA}
    set_up(installation, source, feeds=FEEDS, limits=limits)
    installation.beat()
    workers = [installation.worker() for _ in range(2)]
    wait_for(lambda: len(source.arrivals) >= 5)
    installation.kill(workers[0])
    installation.worker()
    put_off = "SELECT COUNT(*) FROM connectors_feed WHERE due_at > ?"
    wait_for(lambda: rows(installation.database, put_off, datetime.now(UTC)) == [(FEEDS,)], patience=120)
    time.sleep(2)  # nothing may come after it either
    assert QUOTA - 4 <= len(source.arrivals) <= QUOTA, "a killed worker's calls are counted, and nobody else's"
    assert source.most_within(SECONDS) <= CALLS
    assert source.most_at_once <= AT_ONCE
    ended = dict(rows(installation.database, "SELECT outcome, COUNT(*) FROM connectors_collection GROUP BY outcome"))
    assert ended["ok"] <= QUOTA
    assert ended["held"] >= FEEDS - QUOTA
    assert "failed" not in ended
