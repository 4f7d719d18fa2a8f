"""Whatever a source answers, there is a reason and a sentence, and nothing wrong gets through."""

import gzip
import socket
import zlib
from collections.abc import Callable

import brotli
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors.errors import (
    Broken,
    FetchError,
    Malformed,
    RateLimited,
    Reason,
    Refused,
    Unreachable,
)
from connectors.outbound import GuardedSession
from tests.connectors.outbound.conftest import Diary, RawServer

Sessions = Callable[..., GuardedSession]
Servers = Callable[..., RawServer]


def plain(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + body


def sized(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    return plain(body, f"Content-Length: {len(body)}", *headers, status=status)


@pytest.mark.parametrize(
    ("answer", "error", "reason", "words"),
    [
        (sized(b"", status="429 Slow"), RateLimited, Reason.RATE_LIMITED, "wants fewer calls"),
        (sized(b"", "Retry-After: 9", status="503 Busy"), RateLimited, Reason.RATE_LIMITED, "not available for now"),
        (sized(b"oops", status="500 Oops"), Broken, Reason.SERVER_ERROR, "It answered 500"),
        (sized(b"oops", status="502 Oops"), Broken, Reason.SERVER_ERROR, "It answered 502"),
        (sized(b"no", status="401 No"), Refused, Reason.UNAUTHORISED, "It answered 401: the key is missing or wrong."),
        (sized(b"no", status="404 No"), Refused, Reason.NOT_FOUND, "Nothing lives at this address (404)."),
        (sized(b"no", status="302 Go"), Refused, Reason.CLIENT_ERROR, "without saying where to go"),
        (sized(b"<html>", "Content-Type: text/html"), Malformed, Reason.MALFORMED, "HTML, not JSON"),
        (sized(b""), Malformed, Reason.MALFORMED, "with nothing"),
        (sized(b'{"a": [1, 2'), Malformed, Reason.MALFORMED, "cut off or broken"),
        (sized(b'{"a": NaN}'), Malformed, Reason.MALFORMED, "cut off or broken"),
        (sized(b'{"a": 1e999}'), Malformed, Reason.MALFORMED, "a number that is too large"),
        (
            sized('{"a": "ö"}'.encode("latin-1"), "Content-Type: application/json; charset=utf-8"),
            Malformed,
            Reason.MALFORMED,
            "says that its text is utf-8",
        ),
        (b"", Unreachable, Reason.UNREACHABLE, "closed the connection without an answer"),
        (b"HTTP/1.1 200", Unreachable, Reason.UNREACHABLE, "broke before the answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Ty", Unreachable, Reason.UNREACHABLE, "broke before the answer"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", Malformed, Reason.MALFORMED, "not HTTP"),
        (plain(b'{"a": 1', "Content-Length: 500"), Unreachable, Reason.UNREACHABLE, "broke before the answer"),
        (
            plain(b"5\r\n[1, 2\r\n", "Transfer-Encoding: chunked"),
            Unreachable,
            Reason.UNREACHABLE,
            "broke before the answer",
        ),
        (
            plain(b"xyz\r\n[1]", "Transfer-Encoding: chunked"),
            Unreachable,
            Reason.UNREACHABLE,
            "broke before the answer",
        ),
        (sized(b"not gzip", "Content-Encoding: gzip"), Malformed, Reason.MALFORMED, "cannot be unpacked"),
        (sized(b"[1]", "Content-Length: 2"), Malformed, Reason.MALFORMED, "not HTTP"),
    ],
)
def test_a_bad_answer_has_a_reason_and_a_sentence(
    raw_server: Servers, session_with: Sessions, diary: Diary,
    answer: bytes, error: type[FetchError], reason: Reason, words: str,
) -> None:  # fmt: skip
    server = raw_server(answer)
    with pytest.raises(error) as caught:
        session_with().get(server.url).json()
    assert type(caught.value) is error
    assert caught.value.reason is reason
    assert words in caught.value.message
    assert caught.value.__context__ is None
    assert len(diary.notes) == 1


def test_a_closed_port_is_unreachable(session_with: Sessions) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(Unreachable, match=f"Nothing answers at 127.0.0.1, port {port}"):
        session_with().get(f"http://127.0.0.1:{port}/")


def test_an_answer_longer_than_declared_is_cut_at_what_was_declared(
    raw_server: Servers, session_with: Sessions
) -> None:
    server = raw_server(plain(b"[1][2]", "Content-Length: 3"))
    assert session_with().get(server.url).json() == [1]


def test_a_refusal_keeps_its_status_even_if_its_body_is_broken(raw_server: Servers, session_with: Sessions) -> None:
    server = raw_server(plain(b"not gzip", "Content-Encoding: gzip", "Content-Length: 999", status="401 No"))
    with pytest.raises(Refused) as caught:
        session_with().get(server.url)
    assert caught.value.status == 401


def test_the_start_of_a_refusal_is_kept_with_secrets_masked(raw_server: Servers, session_with: Sessions) -> None:
    server = raw_server(sized(b'{"error": "key hunter2 is unknown"}' + b"x" * 9999, status="403 No"))
    with pytest.raises(Refused) as caught:
        session_with(secrets=["hunter2"]).get(server.url)
    assert caught.value.sample.startswith('{"error": "key ••• is unknown"}xxx')
    assert len(caught.value.sample) == 300


def test_a_broken_body_is_noted_with_its_status(raw_server: Servers, session_with: Sessions, diary: Diary) -> None:
    server = raw_server(plain(b"[1", "Content-Length: 500"))
    with pytest.raises(Unreachable) as caught:
        session_with().get(server.url)
    assert caught.value.status == diary.notes[0].status == 200


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", ""])
def test_a_good_answer_comes_back_unpacked(httpserver: HTTPServer, session_with: Sessions, encoding: str) -> None:
    body = packed(b'{"visitors": 651}', encoding)
    headers = {"Content-Encoding": encoding} if encoding else {}
    httpserver.expect_request("/v1").respond_with_data(body, headers=headers, content_type="application/json")
    answer = session_with().get(httpserver.url_for("/v1"))
    assert answer.json() == {"visitors": 651}
    assert (answer.status, answer.attempts, answer.url) == (200, 1, httpserver.url_for("/v1"))
    assert answer.headers["content-TYPE"] == "application/json"
    assert 0 < answer.took < 5


def packed(body: bytes, encoding: str) -> bytes:
    pack: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "br": brotli.compress,
        "": bytes,
    }
    return pack[encoding](body)


def test_not_modified_is_an_answer(httpserver: HTTPServer, session_with: Sessions) -> None:
    def unchanged(request: Request) -> Response:
        return Response(status=304 if request.headers.get("If-None-Match") == '"7"' else 200)

    httpserver.expect_request("/v1").respond_with_handler(unchanged)
    assert session_with().get(httpserver.url_for("/v1"), headers={"If-None-Match": '"7"'}).status == 304


def test_a_head_request_has_headers_and_no_body(raw_server: Servers, session_with: Sessions) -> None:
    server = raw_server(plain(b"", "Content-Length: 99999999"))
    answer = session_with(max_bytes=1000).request("HEAD", server.url)
    assert (answer.body, answer.headers["Content-Length"]) == (b"", "99999999")
