"""Time and size are limited whole: dripping and flooding are stopped, and memory stays flat."""

import gzip
import socket
import threading
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import brotli
import pytest

from connectors.errors import FetchError, Malformed, Reason, TooLarge, Unreachable
from connectors.outbound import GuardedSession
from tests.connectors.outbound.conftest import RawServer

Sessions = Callable[..., GuardedSession]
Servers = Callable[..., RawServer]

OK = b"HTTP/1.1 200 OK\r\n"
MEGABYTE = 1_000_000
PATIENCE = 2.5  # seconds; the deadlines below are of 0.4


def drip(first: bytes, drop: bytes) -> Callable[[socket.socket], None]:
    """Send `first`, then a drop every 50 ms, for as long as anybody listens."""

    def speak(connection: socket.socket) -> None:
        connection.sendall(first)
        pause = threading.Event()
        while not pause.wait(0.05):
            connection.sendall(drop)

    return speak


def flood(first: bytes, wave: bytes) -> Callable[[socket.socket], None]:
    """Send `first`, then waves without an end."""

    def speak(connection: socket.socket) -> None:
        connection.sendall(first)
        while True:
            connection.sendall(wave)

    return speak


def silence(connection: socket.socket) -> None:
    connection.recv(1)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    started = monotonic()
    yield
    assert monotonic() - started < seconds


@contextmanager
def memory_under(limit: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < limit
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "speak",
    [
        silence,
        drip(b"", b"H"),
        drip(OK, b"X-Drop: 1\r\n"),
        drip(OK + b"X-Drop: ", b"x"),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        drip(OK + b"Content-Length: 1000\r\n\r\n", b"x"),
        drip(OK + b"\r\n", b"x"),
        drip(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        drip(OK + b"Transfer-Encoding: chunked\r\n\r\n1", b"1"),
        drip(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Trailer: 1\r\n"),
        drip(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"x")[:10], b"\x00"),
        drip(b"HTTP/1.1 301 Moved\r\nLocation: /", b"x"),
    ],
)
def test_a_drip_is_left_at_the_deadline(
    raw_server: Servers, session_with: Sessions, speak: Callable[[socket.socket], None]
) -> None:
    server = raw_server(speak)
    with within(PATIENCE), pytest.raises((Unreachable, Malformed)) as caught:
        session_with(deadline=0.4).get(server.url)
    if isinstance(caught.value, Unreachable):
        assert caught.value.reason is Reason.TIMEOUT
        assert caught.value.message == "No answer within 0.4 seconds. Is the address reachable from this server?"


def test_a_refusal_that_drips_is_still_a_refusal(raw_server: Servers, session_with: Sessions) -> None:
    server = raw_server(drip(b"HTTP/1.1 401 No\r\n\r\n", b"x"))
    with within(PATIENCE), pytest.raises(FetchError, match="It answered 401"):
        session_with(deadline=0.4).get(server.url)


def test_redirects_share_one_deadline(raw_server: Servers, session_with: Sessions) -> None:
    def slow_redirect(connection: socket.socket) -> None:
        threading.Event().wait(0.25)
        connection.sendall(b"HTTP/1.1 302 Go\r\nLocation: /on\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    server = raw_server(slow_redirect)
    with within(PATIENCE), pytest.raises(Unreachable) as caught:
        session_with(deadline=0.4, max_redirects=50).get(server.url)
    assert caught.value.reason is Reason.TIMEOUT
    assert len(server.requests) == 2


def test_a_peer_that_never_reads_is_left_at_the_deadline(session_with: Sessions) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1) as deaf, within(PATIENCE), pytest.raises(Unreachable):
        session_with(deadline=0.4).post(f"http://127.0.0.1:{deaf.getsockname()[1]}/", body=b"x" * 40 * MEGABYTE)


def test_a_peer_that_reads_slowly_is_left_at_the_deadline(raw_server: Servers, session_with: Sessions) -> None:
    def sip(connection: socket.socket) -> None:
        pause = threading.Event()
        while connection.recv(65536):
            pause.wait(0.05)

    server = raw_server(sip)
    with within(PATIENCE), pytest.raises(Unreachable) as caught:
        session_with(deadline=0.4).post(server.url, body=b"x" * 40 * MEGABYTE)
    assert caught.value.reason is Reason.TIMEOUT


@pytest.mark.parametrize(
    "speak",
    [
        flood(OK, b"X-Wave: " + b"x" * 1000 + b"\r\n"),
        flood(OK + b"X-Wave: ", b"x" * 1000),
        flood(b"", b"x" * 1000),
        flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    ],
)
def test_a_flood_of_headers_is_stopped(
    raw_server: Servers, session_with: Sessions, speak: Callable[[socket.socket], None]
) -> None:
    server = raw_server(speak)
    with within(PATIENCE), memory_under(3 * MEGABYTE), pytest.raises((TooLarge, Malformed)):
        session_with(max_header_bytes=32 * 1024).get(server.url)


def test_headers_beyond_the_limit_have_a_sentence(raw_server: Servers, session_with: Sessions) -> None:
    server = raw_server(flood(OK, b"X-Wave: " + b"x" * 1000 + b"\r\n"))
    with pytest.raises(TooLarge, match="headers are too large"):
        session_with(max_header_bytes=32 * 1024).get(server.url)


@pytest.mark.parametrize(
    "speak",
    [
        flood(OK + b"\r\n", b"x" * 65536),
        flood(OK + b"Content-Length: 99999999999\r\n\r\n", b"x" * 65536),
        flood(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        flood(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1;" + b"y" * 1000 + b"\r\nx\r\n"),
        flood(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Wave: " + b"x" * 1000 + b"\r\n"),
        flood(OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08" + b"\0" * 6, b"x" * 65536),
    ],
)
def test_an_endless_body_is_stopped_at_the_limit(
    raw_server: Servers, session_with: Sessions, speak: Callable[[socket.socket], None]
) -> None:
    server = raw_server(speak)
    with within(PATIENCE), memory_under(4 * MEGABYTE), pytest.raises(TooLarge, match=r"larger than 1 MB"):
        session_with(max_bytes=MEGABYTE).get(server.url)


def bomb(pack: Callable[[bytes], bytes]) -> bytes:
    """Pack 64 MB of nothing."""
    return pack(b"\0" * 64 * MEGABYTE)


BOMBS = {
    "gzip": bomb(gzip.compress),
    "deflate": bomb(zlib.compress),
    "br": bomb(lambda plain: brotli.compress(plain, quality=1)),
    "gzip, gzip": gzip.compress(bomb(gzip.compress)),
}


@pytest.mark.parametrize("encoding", BOMBS)
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_bomb_is_stopped_while_it_unpacks(
    raw_server: Servers, session_with: Sessions, encoding: str, framing: str
) -> None:
    body = BOMBS[encoding]
    head = OK + b"Content-Encoding: " + encoding.encode() + b"\r\n"
    if framing == "length":
        answer = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    else:
        answer = head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"
    server = raw_server(answer)
    with within(PATIENCE), memory_under(6 * MEGABYTE), pytest.raises(TooLarge, match=r"larger than 1 MB"):
        session_with(max_bytes=MEGABYTE).get(server.url)


def test_a_refusal_with_a_bomb_is_still_a_refusal(raw_server: Servers, session_with: Sessions) -> None:
    server = raw_server(b"HTTP/1.1 500 Oops\r\nContent-Encoding: gzip\r\n\r\n" + BOMBS["gzip"])
    with memory_under(4 * MEGABYTE), pytest.raises(FetchError, match="It answered 500"):
        session_with().get(server.url)


@pytest.mark.parametrize(("size", "sentence"), [(1500, "1.5 kB"), (10 * MEGABYTE, "10 MB"), (4404019, "4.4 MB")])
def test_a_declared_length_beyond_the_limit_is_not_even_read(
    raw_server: Servers, session_with: Sessions, size: int, sentence: str
) -> None:
    server = raw_server(OK + b"Content-Length: %d\r\n\r\n" % (size + 1))
    with within(PATIENCE), pytest.raises(TooLarge, match=f"larger than {sentence}. A narrower address is faster"):
        session_with(max_bytes=size).get(server.url)


def test_a_body_of_exactly_the_limit_is_read(raw_server: Servers, session_with: Sessions) -> None:
    body = b"x" * 1000
    server = raw_server(OK + b"Content-Length: 1000\r\n\r\n" + body)
    assert session_with(max_bytes=1000).get(server.url).body == body


def test_a_body_in_tiny_chunks_is_read(raw_server: Servers, session_with: Sessions) -> None:
    chunks = b"".join(b"5\r\n12345\r\n" for _ in range(200))
    server = raw_server(OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")
    assert session_with(max_bytes=1000).get(server.url).body == b"12345" * 200
