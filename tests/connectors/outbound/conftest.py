"""Real servers on loopback, well-behaved and not, and sessions that may call them."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from connectors.outbound import CallNote, GuardedSession, Policy
from tests.connectors.outbound.authority import Authority, founded

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LOOPBACK = (ip_network("127.0.0.1/32"),)

Speak = Callable[[socket.socket], None]


@dataclass
class RawServer:
    """Accepts connections and, once a request's headers are in, lets `speak` answer as badly as it likes."""

    speak: Speak
    host: str = "127.0.0.1"
    context: ssl.SSLContext | None = None
    hasty: bool = False  # answers before it is asked
    requests: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listener = socket.create_server((self.host, 0))
        self.port: int = self.listener.getsockname()[1]
        self.url = f"http://{self.host}:{self.port}/"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), self._secured(connection) as secured:
            self.requests.append(b"" if self.hasty else headers_of(secured))
            self.speak(secured)

    def _secured(self, connection: socket.socket) -> socket.socket:
        return connection if self.context is None else self.context.wrap_socket(connection, server_side=True)


def headers_of(connection: socket.socket) -> bytes:
    """Read one request up to the empty line."""
    request = b""
    while b"\r\n\r\n" not in request:
        piece = connection.recv(65536)
        if not piece:
            break
        request += piece
    return request


@pytest.fixture
def raw_server() -> Iterator[Callable[..., RawServer]]:
    servers: list[RawServer] = []

    def start(speak: Speak | bytes, **options: Any) -> RawServer:
        spoken = (lambda connection: connection.sendall(speak)) if isinstance(speak, bytes) else speak
        servers.append(RawServer(spoken, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.listener.close()


@dataclass
class Diary:
    """What a session did beside answering: the notes it took and the pauses it made."""

    notes: list[CallNote] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
def session_with(diary: Diary) -> Iterator[Callable[..., GuardedSession]]:
    """Open sessions that may call loopback, try once, and write into the diary; policy fields and options by name."""
    sessions: list[GuardedSession] = []
    fields = set(Policy.__dataclass_fields__)

    def start(**options: Any) -> GuardedSession:
        rules: dict[str, Any] = {"allowed_networks": LOOPBACK, "attempts": 1, "deadline": 5.0}
        rules |= {name: options.pop(name) for name in fields & set(options)}
        usual: dict[str, Any] = {
            "now": lambda: NOON,
            "log": diary.notes.append,
            "sleep": diary.pauses.append,
            "random": lambda: 1.0,
        }
        sessions.append(GuardedSession(policy=Policy(**rules), **(usual | options)))
        return sessions[-1]

    yield start
    for session in sessions:
        session.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return founded(tmp_path_factory.mktemp("authority"))


@dataclass
class SecureServer:
    """A server that speaks TLS as api.example.com, and the names it was asked for."""

    server: RawServer
    context: ssl.SSLContext
    names: list[str | None]

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def url(self) -> str:
        return f"https://api.example.com:{self.port}/"


@pytest.fixture
def secure_server(
    raw_server: Callable[..., RawServer], authority: Authority, tmp_path: Path
) -> Callable[[Speak | bytes], SecureServer]:
    def start(speak: Speak | bytes) -> SecureServer:
        names: list[str | None] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority.issue("api.example.com", tmp_path))
        context.sni_callback = lambda _sock, name, _context: names.append(name)
        return SecureServer(server=raw_server(speak, context=context), context=context, names=names)

    return start
