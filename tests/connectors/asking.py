"""A pretend API that keeps what it is asked, and the way to ask it as the wizard does."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors import registry
from connectors.errors import FetchError
from connectors.fetching import Place, Trial, try_out
from connectors.protocol import Page, Window

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
NOVEMBER = Window(since=datetime(2026, 10, 31, 23, tzinfo=UTC), until=NOW)


class Api:
    """Answers every request with what a function makes of it."""

    def __init__(self, server: HTTPServer) -> None:
        self.requests: list[Request] = []
        self.address = server.url_for("/api")
        self._answering: Callable[[Request], Response] = lambda _: Response("[]", content_type="application/json")
        server.expect_request(re.compile("/.*")).respond_with_handler(self._handle)

    def answers(self, answering: Callable[[Request], Response]) -> None:
        """Say how to answer from now on."""
        self._answering = answering

    def answers_json(self, *documents: str) -> None:
        """Answer with one text after the other, the last one for ever."""
        left = list(documents)
        self.answers(lambda _: Response(left.pop(0) if len(left) > 1 else left[0], content_type="application/json"))

    def _handle(self, request: Request) -> Response:
        request.get_data()
        self.requests.append(request)
        return self._answering(request)


def trial(
    address: str,
    *,
    query: dict[str, Any] | None = None,
    secrets: dict[str, str] | None = None,
    window: Window = NOVEMBER,
    zone: ZoneInfo = BERLIN,
    gateway: Place | None = None,
    **settings: Any,
) -> Trial:
    """Try an HTTP connection out."""
    return try_out(
        kind=registry.kind("http"),
        settings={"address": address, **settings},
        secrets=secrets or {},
        query=query or {},
        window=window,
        zone=zone,
        now=NOW,
        gateway=gateway,
    )


def page_of(tried: Trial) -> Page:
    """Return the page of a trial that went well."""
    assert tried.error is None, tried.error
    assert tried.page is not None
    return tried.page


def error_of(tried: Trial) -> FetchError:
    """Return the error of a trial that went wrong."""
    assert tried.page is None
    assert tried.error is not None
    return tried.error
