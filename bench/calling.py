"""Requests to the WSGI application in this process, as a web server makes them: real middleware, session, API key."""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import override_settings

from bench.measure import Row, cpu_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who calls an application, with the headers that say who it is."""

    application: WSGIHandler
    headers: Mapping[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> bytes:
        """Ask for a page. The answer must be a good one."""
        return self._call("GET", path, b"", headers)

    def post(self, path: str, body: bytes) -> bytes:
        """Send JSON. The answer must be a good one."""
        return self._call("POST", path, body, {})

    def _call(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        address, _, query = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": address,
            "QUERY_STRING": query,
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "8000",
            "HTTP_HOST": "localhost",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "http",
            **self.headers,
            **headers,
        }
        status: list[str] = []

        def start(text: str, _headers: list[tuple[str, str]], _error: Any = None, /) -> Callable[[bytes], object]:
            status.append(text)
            return io.BytesIO().write  # the old way of sending a body, which nothing here uses

        answer = self.application(environ, start)
        try:
            content = b"".join(answer)
        finally:
            answer.close()
        assert status[0][0] == "2", f"{method} {path} answers {status[0]}: {content[:500]!r}"
        return content


def application() -> WSGIHandler:
    """Return the product as a web server sees it."""
    return WSGIHandler()


def bare_application() -> WSGIHandler:
    """Return the same without any middleware."""
    with override_settings(MIDDLEWARE=[]):
        return WSGIHandler()


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements sent to the database meanwhile."""
    statements: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        statements.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield statements


def queries_of(call: Callable[[], object]) -> int:
    """Return how many statements a call sends."""
    with counted() as statements:
        call()
    return len(statements)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """What a page may cost: milliseconds of CPU, statements, kilobytes."""

    ms: float | None = None
    queries: int | None = None
    kilobytes: float | None = None


def rows_of_page(what: str, caller: Caller, path: str, *, floor: float, bars: Bars, times: int) -> Iterator[Row]:
    """Yield the three figures of a page."""
    call = partial(caller.get, path)
    yield Row(what=what, measured=cpu_ms(call, times=times), unit="ms CPU", floor=floor, bar=bars.ms)
    yield Row(what="", measured=queries_of(call), unit="queries", bar=bars.queries)
    yield Row(what="", measured=len(call()) / 1e3, unit="kB", bar=bars.kilobytes)
