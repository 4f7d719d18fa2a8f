"""Connections that go only where they may, and that keep to a meter.

A connection resolves its name once, judges every address, connects to a judged one and looks at who is at the other
end. The name stays with the connection, for the Host header, for SNI and for the certificate.
"""

import logging
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.client import IncompleteRead
from ipaddress import ip_address
from time import monotonic
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse

from connectors.errors import Blocked, Reason, Unreachable
from connectors.outbound.addresses import Address, Resolver, judged_addresses
from connectors.outbound.metering import Meter, MeteredResponse
from connectors.outbound.policy import Policy
from connectors.problems import Problem, problem

HEADERS_TOO_LARGE = problem("headers_too_large")
PIECE = 16 * 1024

# urllib3 writes whole URLs, keys in queries included, at DEBUG and WARNING.
logging.getLogger("urllib3").setLevel(logging.ERROR)


def no_answer_within(seconds: float) -> Unreachable:
    """Return the error for an answer that did not come in time."""
    return Unreachable(problem("no_answer_in_time", seconds=seconds), reason=Reason.TIMEOUT)


def body_too_large(limit: int) -> Problem:
    """Return the problem of a body of more than `limit` bytes."""
    return problem("answer_too_large", bytes=limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where sockets to other machines come from."""

    policy: Policy
    resolve: Resolver

    def open(self, host: str, port: int, *, seconds: float) -> socket.socket:
        """Return a connected socket with what is left of `seconds` as its time limit. Raises Blocked, Unreachable."""
        until = monotonic() + seconds
        addresses = judged_addresses(host, port, policy=self.policy, seconds=seconds, resolve=self.resolve)
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            # A dead first address must not use up the time of the others.
            sock = self._connected(address, port, seconds=(until - monotonic()) / left)
            if sock is not None:
                sock.settimeout(max(until - monotonic(), 0.001))
                return sock
        if monotonic() >= until:
            raise no_answer_within(self.policy.deadline)
        raise Unreachable(problem("nothing_answers", host=host, port=port))

    def _connected(self, address: Address, port: int, *, seconds: float) -> socket.socket | None:
        try:
            sock = socket.create_connection((str(address), port), timeout=max(seconds, 0.001))
        except OSError:
            return None
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if ip_address(sock.getpeername()[0]) != address:
            sock.close()
            raise Blocked(problem("another_end"))
        return sock


class GuardedHTTPConnection(HTTPConnection):
    """A connection through a Door, on a meter. Only the way to the egress proxy is the administrator's own word."""

    def __init__(self, *args: Any, door: Door, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._door = door
        self._meter = Meter()
        self.response_class = partial(MeteredResponse, meter=self._meter)  # type: ignore[assignment]

    def _new_conn(self) -> socket.socket:
        if self.proxy is not None:
            return super()._new_conn()
        return self._door.open(self._dns_host, self.port, seconds=self._meter.seconds())

    def _begin(self) -> None:
        self._meter.start(seconds=self.timeout or self._door.policy.deadline)
        self._meter.expect(self._door.policy.max_header_bytes, flooded=HEADERS_TOO_LARGE)

    def connect(self) -> None:
        self._begin()
        super().connect()
        self.timeout = self._meter.seconds()

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._begin()
        super().request(*args, **kwargs)

    def send(self, data: bytes) -> None:  # type: ignore[override]
        if self.sock is None:
            self.connect()
        for piece in _pieces(data):
            self.sock.settimeout(self._meter.seconds())
            super().send(piece)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        response = super().getresponse()
        if self._meter.ended:
            # The standard library takes the end of the connection for the end of the headers.
            raise IncompleteRead(b"")
        limit = self._door.policy.max_bytes
        # Chunks add to the bytes on the wire, compression takes from them: twice the limit fits any honest answer.
        self._meter.expect(2 * limit + PIECE, flooded=body_too_large(limit))
        return response


class GuardedHTTPSConnection(GuardedHTTPConnection, HTTPSConnection):
    """The same, with TLS for the name that was asked for."""


class GuardedHTTPPool(HTTPConnectionPool):
    """Kept connections to one http origin."""

    ConnectionCls = GuardedHTTPConnection


class GuardedHTTPSPool(HTTPSConnectionPool):
    """Kept connections to one https origin."""

    ConnectionCls = GuardedHTTPSConnection


def _pieces(data: bytes) -> Iterator[bytes]:
    return (data[start : start + PIECE] for start in range(0, len(data), PIECE))
