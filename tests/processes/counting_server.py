"""A source that writes down when each call arrived and how many it was answering at the same time."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

BODY = b'{"value": 7}'


@dataclass
class CountingServer:
    """`arrivals` are seconds of one clock, in order; each call is answered after `seconds`."""

    url: str
    seconds: float
    arrivals: list[float] = field(default_factory=list)
    most_at_once: int = 0
    _running: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begun(self) -> None:
        """Note that a call has come."""
        with self._lock:
            self.arrivals.append(time.monotonic())
            self._running += 1
            self.most_at_once = max(self.most_at_once, self._running)

    def ended(self) -> None:
        """Note that a call is about to be answered."""
        with self._lock:
            self._running -= 1

    def most_within(self, seconds: float) -> int:
        """Return how many calls came in the fullest half-open window of so many seconds."""
        times = sorted(self.arrivals)
        return max((bisect_left(times, first + seconds) - place for place, first in enumerate(times)), default=0)


@contextmanager
def counting_server(seconds: float) -> Iterator[CountingServer]:
    """Serve on a free port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        ledger: ClassVar[CountingServer]

        def do_GET(self) -> None:
            self.ledger.begun()
            time.sleep(self.ledger.seconds)
            self.ledger.ended()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(BODY)))
            self.end_headers()
            self.wfile.write(BODY)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base's name
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing: clients are killed."""

    with Server(("127.0.0.1", 0), Handler) as server:
        Handler.ledger = CountingServer(url=f"http://127.0.0.1:{server.server_port}/", seconds=seconds)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Handler.ledger
        server.shutdown()
