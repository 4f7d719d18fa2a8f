"""One exchange's time and bytes, counted at the socket, where neither dripping nor flooding can hide."""

import http.client
import io
import socket
from time import monotonic
from typing import Any

from connectors.errors import TooLarge
from connectors.problems import Problem, problem


class Meter:
    """What one exchange may still take: seconds until a fixed moment, and bytes in the part that is being read.

    The time limit of a socket starts anew with every read, so a peer that sends one byte a second never meets it.
    The meter gives each read only what is left. `ended` tells whether the other side ended in the part being read.
    """

    def __init__(self) -> None:
        self._until = monotonic()
        self._bytes_left = 0
        self._flooded = problem("headers_too_large")
        self.ended = False

    def start(self, *, seconds: float) -> None:
        """Begin an exchange that must end within `seconds`."""
        self._until = monotonic() + seconds

    def expect(self, limit: int, *, flooded: Problem) -> None:
        """Begin a part of the answer of at most `limit` bytes; more raises TooLarge with the problem `flooded`."""
        self._bytes_left = limit
        self._flooded = flooded
        self.ended = False

    def seconds(self) -> float:
        """Return the seconds left, or raise TimeoutError."""
        left = self._until - monotonic()
        if left <= 0:
            raise TimeoutError("the exchange's time is up")
        return left

    def count(self, size: int) -> None:
        """Note `size` bytes read; none means that the other side has ended."""
        self.ended = self.ended or not size
        self._bytes_left -= size
        if self._bytes_left < 0:
            raise TooLarge(self._flooded)


class MeteredReader(io.RawIOBase):
    """The reading end of a socket, on a meter."""

    def __init__(self, raw: io.RawIOBase, *, sock: socket.socket, meter: Meter) -> None:
        super().__init__()
        self._raw = raw
        self._sock = sock
        self._meter = meter

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._meter.seconds())
        size = self._raw.readinto(buffer)
        self._meter.count(size or 0)
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()


class MeteredResponse(http.client.HTTPResponse):
    """An answer whose status line, headers and body are all read through a meter."""

    def __init__(self, sock: socket.socket, *args: Any, meter: Meter, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(MeteredReader(self.fp.detach(), sock=sock, meter=meter))
