"""The pools: no environment, an explicit proxy, and connections that are kept and shared."""

import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from pytest_httpserver import HTTPServer

from connectors.errors import Blocked, Unreachable
from connectors.outbound import GuardedSession
from tests.connectors.outbound.authority import Authority
from tests.connectors.outbound.conftest import RawServer, SecureServer, headers_of

Sessions = Callable[..., GuardedSession]
Servers = Callable[..., RawServer]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1]"


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"])
def test_a_proxy_named_by_the_environment_is_ignored(
    raw_server: Servers, session_with: Sessions, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    proxy, server = raw_server(OK), raw_server(OK)
    monkeypatch.setenv(name, proxy.url)
    assert session_with().get(server.url).json() == [1]
    assert (len(server.requests), len(proxy.requests)) == (1, 0)


def test_passwords_in_the_home_folder_are_ignored(
    raw_server: Servers,
    session_with: Sessions,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    netrc = tmp_path_factory.mktemp("home") / ".netrc"
    netrc.write_text("machine 127.0.0.1 login user password hunter2\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server = raw_server(OK)
    session_with().get(server.url)
    assert b"Authorization" not in server.requests[0]


def test_an_explicit_proxy_is_asked_for_everything(raw_server: Servers, session_with: Sessions) -> None:
    proxy = raw_server(OK)
    session = session_with(egress_proxy=proxy.url, resolve=unknown)
    assert session.get("http://api.example.com/v1?day=1").json() == [1]
    assert proxy.requests[0].startswith(b"GET http://api.example.com/v1?day=1 HTTP/1.1\r\n")


def unknown(host: str, port: int) -> list[str]:
    raise OSError("no such host")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://[::1]/",
        "https://localhost/",
        "http://metadata.google.internal/",
    ],
)
def test_a_proxy_opens_no_way_inside(raw_server: Servers, session_with: Sessions, url: str) -> None:
    proxy = raw_server(OK)
    with pytest.raises(Blocked):
        session_with(egress_proxy=proxy.url, allowed_networks=()).get(url)
    assert proxy.requests == []


def test_https_goes_through_the_proxy_in_a_tunnel(raw_server: Servers, session_with: Sessions) -> None:
    proxy = raw_server(b"HTTP/1.1 403 Forbidden\r\n\r\n")
    with pytest.raises(Unreachable, match="egress proxy does not let this call through"):
        session_with(egress_proxy=proxy.url, resolve=unknown).get("https://api.example.com/v1?key=hunter2")
    assert proxy.requests[0].startswith(b"CONNECT api.example.com:443 HTTP/1.")
    assert b"hunter2" not in proxy.requests[0]


def tunnel_to(port: int) -> Callable[[socket.socket], None]:
    """Open the tunnel that was asked for, to a port of ours, and carry bytes both ways."""

    def carry(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(65536):
                other.sendall(piece)

    def speak(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with socket.create_connection(("127.0.0.1", port)) as inner:
            threading.Thread(target=carry, args=(inner, connection), daemon=True).start()
            carry(connection, inner)

    return speak


def test_the_certificate_is_checked_through_the_tunnel(
    raw_server: Servers, secure_server: Callable[..., SecureServer], session_with: Sessions, authority: Authority
) -> None:
    server = secure_server(OK)
    proxy = raw_server(tunnel_to(server.port))
    session = session_with(egress_proxy=proxy.url, ca_bundle=str(authority.path), resolve=unknown)
    assert session.get("https://api.example.com/").json() == [1]
    assert server.names == ["api.example.com"]
    with pytest.raises(Unreachable, match="certificate of this address is not trusted"):
        session.get("https://other.example.com/")


def test_a_dead_proxy_has_a_sentence(session_with: Sessions) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(Unreachable, match="egress proxy"):
        session_with(egress_proxy=f"http://127.0.0.1:{port}", resolve=unknown).get("http://api.example.com/")


def keep_alive(connection: socket.socket) -> None:
    """Answer the request whose headers were read, and those that follow."""
    connection.sendall(OK)
    while headers_of(connection):
        connection.sendall(OK)


def test_a_connection_is_used_again(raw_server: Servers, session_with: Sessions) -> None:
    server = raw_server(keep_alive)
    session = session_with()
    for _ in range(5):
        assert session.get(server.url).json() == [1]
    assert len(server.requests) == 1


def test_a_kept_connection_has_its_own_deadline_each_time(raw_server: Servers, session_with: Sessions) -> None:
    def first_good_then_silent(connection: socket.socket) -> None:
        connection.sendall(OK)
        headers_of(connection)
        connection.recv(1)

    server = raw_server(first_good_then_silent)
    session = session_with(deadline=0.4)
    assert session.get(server.url).json() == [1]
    threading.Event().wait(0.3)
    with pytest.raises(Unreachable, match="No answer within"):
        session.get(server.url)
    assert len(server.requests) == 1


def test_many_threads_share_a_session(raw_server: Servers, session_with: Sessions) -> None:
    def slow(connection: socket.socket) -> None:
        with suppress(OSError):
            while True:
                threading.Event().wait(0.1)
                connection.sendall(OK)
                if not headers_of(connection):
                    return

    server = raw_server(slow)
    session = session_with(pool_maxsize=32)
    with ThreadPoolExecutor(32) as threads:
        answers = list(threads.map(lambda _: session.get(server.url).json(), range(96)))
    assert answers == [[1]] * 96
    assert len(server.requests) <= 32


def test_closing_a_session_closes_its_connections(raw_server: Servers, session_with: Sessions) -> None:
    ended = threading.Event()

    def until_closed(connection: socket.socket) -> None:
        connection.sendall(OK)
        if not connection.recv(1):
            ended.set()

    server = raw_server(until_closed)
    with session_with() as session:
        session.get(server.url)
        assert not ended.is_set()
    assert ended.wait(5)


def test_a_server_on_http_is_reached_by_name(httpserver: HTTPServer, session_with: Sessions) -> None:
    httpserver.expect_request("/v1", query_string="q=a+b").respond_with_json({"visitors": 651})
    session = session_with(allowed_networks=(), allowed_hosts=frozenset({"localhost"}))
    answer = session.get(f"http://localhost:{httpserver.port}/v1", params={"q": "a b"})
    assert answer.json() == {"visitors": 651}
