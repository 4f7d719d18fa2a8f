"""Asking a pretend API through the guarded session, as the wizard and the collection do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors import registry
from connectors.fetching import Trial, try_out
from connectors.outbound import GuardedSession
from connectors.fetching import policy
from connectors.kinds import http
from connectors.protocol import Call, Page, Window

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
NOVEMBER = Window(since=datetime(2026, 10, 31, 23, tzinfo=UTC), until=NOW)

Answering = Callable[[Request], Response]


class Api:
    """A pretend API that keeps every request it was sent."""

    def __init__(self, server: HTTPServer) -> None:
        self.server = server
        self.address = server.url_for("/api")
        self.requests: list[Request] = []

    def answers(self, answering: Answering) -> None:
        """Answer every request with what the function makes of it."""

        def handler(request: Request) -> Response:
            request.get_data()
            self.requests.append(request)
            return answering(request)

        self.server.expect_request("/api").respond_with_handler(handler)
        self.server.expect_request(lambda_path()).respond_with_handler(handler)
