"""Several processes, one of them killed, sign in with one chain of refresh tokens: the login's ledger says so.

A login that rotates its refresh tokens takes each of them once. Two workers who renew at the same time would break the
chain, and so would one whose new refresh token is lost.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.connectors.signing.login import Login
from tests.processes.installation import ROOT, Installation, wait_for
from tests.processes.ledger import own_database

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

SECONDS, LIFE = 12.0, 3
SLOW = 0.3  # seconds that the login takes, so that workers meet there
SET_UP = """
from connectors.models import Connection
from organisations.models import Organisation
organisation = Organisation.objects.create(name="Growth", slug="growth", time_zone="UTC")
connection = organisation.connections.create(name="Numbers", kind="http", settings={settings})
connection.seal({{"refresh_token": "refresh-token-0"}})
connection.save()
"""
CALL = """
import threading, time
from datetime import timedelta
from django.db import connections
from django.utils import timezone
from connectors import calling
from connectors.calling import Request
from connectors.fetching import carried_out, order_of, policy
from connectors.models import Connection
from connectors.protocol import Window

UNTIL = time.monotonic() + {seconds}

def call_often():
    while time.monotonic() < UNTIL:
        now = timezone.now()
        row = Connection.unscoped.select_related("organisation", "gateway").get()
        window = Window(since=now - timedelta(days=1), until=now)
        def ask(call):
            return calling.send(call, Request(url=calling.base(call) + "/numbers"))
        carried_out(order_of(row, {{}}, window, now=now), ask, policy=policy(), now=now, log=lambda note: None)
        time.sleep(0.02)
    connections.close_all()

threads = [threading.Thread(target=call_often) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


class StrictLogin(Login):
    """Notes how many ask for a token at the same time, and who comes with one that was used."""

    def __init__(self, server: HTTPServer) -> None:
        super().__init__(server)
        self.life = LIFE
        self.inside = self.most_at_once = 0
        self.used_twice: list[str] = []
        self.refused = 0
        self._gate = threading.Lock()

    @property
    def is_known(self) -> bool:
        """Whether the newest token is in use, so that whoever fetched it has stored it."""
        latest = f"access-token-number-{len(self.granted)}"
        return any(request.headers["Authorization"].endswith(latest) for request in self.called[-5:])

    def _token(self, request: Request) -> Response:
        with self._gate:
            self.inside += 1
            self.most_at_once = max(self.most_at_once, self.inside)
            if request.form["refresh_token"] != self.refresh:
                self.used_twice.append(request.form["refresh_token"])
        time.sleep(SLOW)
        try:
            return super()._token(request)
        finally:
            with self._gate:
                self.inside -= 1

    def _numbers(self, request: Request) -> Response:
        response = super()._numbers(request)
        self.refused += response.status_code == 401
        return response


@pytest.fixture
def login() -> Iterator[StrictLogin]:
    with HTTPServer(threaded=True) as server:
        yield StrictLogin(server)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with own_database(tmp_path) as database:
        installation = Installation(tmp_path, database)
        installation.environment["OUTBOUND_ALLOWED_HOSTS"] = "localhost"
        try:
            installation.manage("migrate", "--verbosity", "0")
            yield installation
        finally:
            installation.stop()


def calling(installation: Installation) -> subprocess.Popen[bytes]:
    """Start a process whose threads call the service again and again."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", CALL.format(seconds=SECONDS)],
        cwd=ROOT,
        env={**os.environ, **installation.environment},
        start_new_session=True,
        stderr=subprocess.PIPE,
    )
    installation.running.append(process)
    return process


def test_workers_renew_one_after_the_other_and_lose_no_refresh_token(
    installation: Installation, login: StrictLogin
) -> None:
    settings: dict[str, Any] = {**login.settings, "sign_in": "refresh_token"}
    installation.manage("shell", "--verbosity", "0", "-c", SET_UP.format(settings=settings))
    processes = [calling(installation) for _ in range(3)]
    wait_for(lambda: len(login.granted) >= 2 and login.is_known)  # or the one who dies takes the newest along
    installation.kill(processes[0])
    for process in processes[1:]:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0
        assert said.decode() == ""
        installation.running.remove(process)
    assert login.used_twice == []
    assert login.most_at_once == 1
    assert login.refused == 0
    assert len(login.called) > 20, "too few calls to show anything"
    assert 3 <= len(login.granted) <= 2 + (SECONDS + 10) / (LIFE - 1)
