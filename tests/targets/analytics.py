"""A pretend analytics service, and its ledger."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors.models.feed import Outcome

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Run = Callable[..., Outcome | None]


class Analytics:
    """The pretend source and its ledger: what it holds, what it was asked, and how it fails."""

    def __init__(self, server: HTTPServer) -> None:
        self.asked: list[tuple[date, date]] = []
        self.fails_with: Response | None = None
        self.per_day = 300.0
        self.on_call: Callable[[], None] = lambda: None
        server.expect_request("/visitors").respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        query = parse_qs(request.query_string.decode())
        first, last = (date.fromisoformat(query[name][0]) for name in ("startDate", "endDate"))
        self.asked.append((first, last))
        self.on_call()
        if self.fails_with is not None:
            return self.fails_with
        days = [first + DAY * number for number in range((last - first).days + 1)]
        return Response(json.dumps([{"date": day.isoformat(), "uniqueVisitors": self.per_day} for day in days]))
