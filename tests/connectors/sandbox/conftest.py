"""What the tests of the pretend services stand on: a live server with a ledger of its own."""

from __future__ import annotations

import pytest
from pytest_django.live_server_helper import LiveServer

from tests.connectors.sandbox.pretending import Services


@pytest.fixture
def services(live_server: LiveServer) -> Services:
    return Services(live_server.url)
