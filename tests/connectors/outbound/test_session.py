"""A call: its headers, its attempts, its pauses, its redirects, and what is noted of it."""

import base64
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors.errors import Blocked, Broken, Misconfigured, RateLimited, Refused, Unreachable
from connectors.outbound import MASK, GuardedSession
from tests.connectors.outbound.conftest import NOON, Diary, RawServer

Sessions = Callable[..., GuardedSession]
Servers = Callable[..., RawServer]


def in_turn(*answers: bytes) -> Callable[[socket.socket], None]:
    """Answer each connection with the next of the answers."""
    left: Iterator[bytes] = iter(answers)
    return lambda connection: connection.sendall(next(left))


def answer(status: int, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {status} X", *headers, f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + body


GOOD = answer(200, "Content-Type: application/json", body=b"[1]")
DEAD = b""


def test_a_request_carries_what_it_was_given(httpserver: HTTPServer, session_with: Sessions) -> None:
    httpserver.expect_request("/v1").respond_with_json([1])
    session = session_with(user_agent="Waymark (ops@example.org)")
    session.request(
        "POST", httpserver.url_for("/v1"), params={"day": "2026-11-20"}, headers={"accept": "text/csv"},
        body=b"{}", auth=("user", "zwölf"),
    )  # fmt: skip
    request = httpserver.log[0][0]
    assert (request.method, request.query_string, request.data) == ("POST", b"day=2026-11-20", b"{}")
    assert request.headers["Accept"] == "text/csv"
    assert request.headers["User-Agent"] == "Waymark (ops@example.org)"
    assert request.headers["Authorization"] == "Basic " + base64.b64encode("user:zwölf".encode()).decode()
    assert request.headers["Host"] == f"{httpserver.host}:{httpserver.port}"


def test_get_and_post_are_shorthand(httpserver: HTTPServer, session_with: Sessions) -> None:
    httpserver.expect_request("/v1", method="GET", query_string="a=1", headers={"X-A": "1"}).respond_with_json(["get"])
    httpserver.expect_request("/v1", method="POST", data="{}", headers={"X-A": "1"}).respond_with_json(["post"])
    session, url = session_with(), httpserver.url_for("/v1")
    assert session.get(url, params={"a": "1"}, headers={"X-A": "1"}).json() == ["get"]
    assert session.post(url, body=b"{}", headers={"X-A": "1"}).json() == ["post"]


@pytest.mark.parametrize(
    ("method", "answers", "pauses"),
    [
        ("GET", [GOOD], []),
        ("GET", [DEAD, GOOD], [0.5]),
        ("GET", [DEAD, DEAD, GOOD], [0.5, 1.0]),
        ("GET", [answer(500), answer(502), GOOD], [0.5, 1.0]),
        ("PUT", [answer(504), GOOD], [0.5]),
        ("GET", [answer(503, "Retry-After: 7"), GOOD], [7.5]),
        ("GET", [answer(429, "Retry-After: Fri, 20 Nov 2026 12:00:09 GMT"), GOOD], [9.5]),
        ("GET", [answer(429), answer(429, "Retry-After: 3"), GOOD], [0.5, 4.0]),
        ("POST", [answer(429, "Retry-After: 1"), GOOD], [1.5]),
    ],
)
def test_what_may_help_is_tried_again(
    raw_server: Servers, session_with: Sessions, diary: Diary, method: str, answers: list[bytes], pauses: list[float]
) -> None:
    server = raw_server(in_turn(*answers))
    got = session_with(attempts=3).request(method, server.url)
    assert (got.json(), got.attempts) == ([1], len(answers))
    assert diary.pauses == pauses
    assert [note.attempt for note in diary.notes] == list(range(1, len(answers) + 1))
    assert len({note.correlation_id for note in diary.notes}) == 1


@pytest.mark.parametrize(
    ("method", "answers", "error"),
    [
        ("GET", [DEAD, DEAD, DEAD], Unreachable),
        ("GET", [answer(500), answer(500), answer(503)], Broken),
        ("GET", [answer(429), answer(429), answer(429)], RateLimited),
        ("GET", [answer(401)], Refused),
        ("GET", [answer(403)], Refused),
        ("GET", [answer(404)], Refused),
        ("GET", [answer(400)], Refused),
        ("GET", [answer(501)], Broken),
        ("GET", [answer(429, "Retry-After: 21")], RateLimited),
        ("POST", [DEAD], Unreachable),
        ("POST", [answer(500)], Broken),
        ("PATCH", [answer(503)], Broken),
    ],
)
def test_what_does_not_help_ends_the_call(
    raw_server: Servers, session_with: Sessions, diary: Diary, method: str, answers: list[bytes], error: type[Exception]
) -> None:
    server = raw_server(in_turn(*answers, GOOD, GOOD, GOOD))
    with pytest.raises(error):
        session_with(attempts=3).request(method, server.url)
    assert len(server.requests) == len(diary.notes) == len(answers)


def test_a_post_that_does_no_harm_is_tried_again(raw_server: Servers, session_with: Sessions) -> None:
    server = raw_server(in_turn(DEAD, answer(500), GOOD))
    assert session_with(attempts=3).request("POST", server.url, body=b"{}", idempotent=True).attempts == 3


def test_a_get_that_does_harm_is_not(raw_server: Servers, session_with: Sessions) -> None:
    server = raw_server(in_turn(DEAD, GOOD))
    with pytest.raises(Unreachable):
        session_with(attempts=3).request("GET", server.url, idempotent=False)


def test_a_source_that_asks_for_a_long_pause_is_left_until_then(
    raw_server: Servers, session_with: Sessions, diary: Diary
) -> None:
    server = raw_server(answer(429, "Retry-After: 3600"))
    with pytest.raises(RateLimited) as caught:
        session_with(attempts=3).get(server.url)
    assert caught.value.retry_at == NOON + timedelta(hours=1)
    assert diary.pauses == []


def hop(request: Request) -> Response:
    """Send from /1 to /2, from /2 to /3 and so on, and answer at /4."""
    place = int(request.path.strip("/"))
    if place == 4:
        return Response("[1]")
    return Response(status=302, headers={"Location": f"/{place + 1}"})


def test_redirects_are_followed_and_noted(httpserver: HTTPServer, session_with: Sessions, diary: Diary) -> None:
    for place in range(1, 5):
        httpserver.expect_request(f"/{place}").respond_with_handler(hop)
    got = session_with(max_redirects=3).get(httpserver.url_for("/1"))
    assert (got.json(), got.url, got.attempts) == ([1], httpserver.url_for("/4"), 1)
    assert [note.status for note in diary.notes] == [302, 302, 302, 200]
    assert diary.notes[0].sample == f"→ {httpserver.url_for('/2')}"


def test_too_many_redirects_are_not(httpserver: HTTPServer, session_with: Sessions) -> None:
    for place in range(1, 5):
        httpserver.expect_request(f"/{place}").respond_with_handler(hop)
    with pytest.raises(Blocked, match="more than 2 times"):
        session_with(max_redirects=2).get(httpserver.url_for("/1"))
    assert len(httpserver.log) == 3


def test_redirects_can_be_switched_off(httpserver: HTTPServer, session_with: Sessions) -> None:
    httpserver.expect_request("/1").respond_with_handler(hop)
    with pytest.raises(Blocked):
        session_with(max_redirects=0).get(httpserver.url_for("/1"))
    assert len(httpserver.log) == 1


def test_a_note_says_what_happened(httpserver: HTTPServer, session_with: Sessions, diary: Diary) -> None:
    httpserver.expect_request("/v1").respond_with_data("x" * 5000, content_type="text/plain")
    session_with().get(httpserver.url_for("/v1"), params={"day": "1"}, headers={"X-Team": "growth"})
    (note,) = diary.notes
    assert (note.at, note.method, note.url) == (NOON, "GET", httpserver.url_for("/v1?day=1"))
    assert (note.status, note.size, note.attempt, note.problem) == (200, 5000, 1, None)
    assert note.sample == "x" * 1000
    assert 0 < note.took < 5
    assert note.request_headers["X-Team"] == "growth"
    assert httpserver.log[0][0].headers["X-Request-Id"] == note.correlation_id


def test_a_failure_is_noted_too(session_with: Sessions, diary: Diary) -> None:
    with pytest.raises(Blocked):
        session_with(allowed_networks=()).get("http://127.0.0.1:8000/")
    (note,) = diary.notes
    assert (note.status, note.size) == (None, 0)
    assert str(note.problem) == "This address is inside the network; an administrator must allow it."


def test_each_call_has_its_own_correlation_id(httpserver: HTTPServer, session_with: Sessions, diary: Diary) -> None:
    httpserver.expect_request("/v1").respond_with_json([1])
    session = session_with()
    for _ in range(2):
        session.get(httpserver.url_for("/v1"), headers={"X-Request-Id": "mine"})
    assert len({note.correlation_id for note in diary.notes} | {"mine"}) == 3


def test_what_cannot_be_a_request_is_misconfigured(session_with: Sessions) -> None:
    with pytest.raises(Misconfigured):
        session_with().request("BREW", "https://example.com/")


SECRET = "s3cr3t/key +1"


def echo(request: Request) -> Response:
    """Answer with everything that was sent, as a debugging endpoint does."""
    status = int(request.args.get("status", "200"))
    said = f"{request.url}\n{request.headers}\n{request.get_data(as_text=True)}"
    return Response(said, status=status, content_type="text/plain")


@pytest.mark.parametrize("status", ["200", "401", "500"])
@pytest.mark.parametrize(
    "options",
    [
        {"params": {"q": SECRET}},
        {"headers": {"Authorization": f"Bearer {SECRET}"}},
        {"headers": {"X-Anything": SECRET}},
        {"auth": ("user", SECRET)},
        {"method": "POST", "body": f'{{"password": "{SECRET}"}}'.encode()},
    ],
)
def test_no_secret_is_written_down(
    httpserver: HTTPServer, session_with: Sessions, diary: Diary, options: dict[str, Any], status: str
) -> None:
    httpserver.expect_request("/echo").respond_with_handler(echo)
    written = [call(session_with(secrets=[SECRET]), httpserver.url_for(f"/echo?status={status}"), **options)]
    written += [f"{note!r} {note.url} {note.request_headers} {note.sample} {note.problem}" for note in diary.notes]
    assert MASK in str(written)
    for spelling in (SECRET, "s3cr3t%2Fkey", "s3cr3t%2fkey", base64.b64encode(f"user:{SECRET}".encode()).decode()):
        assert spelling not in str(written)


def call(session: GuardedSession, url: str, *, method: str = "GET", **options: Any) -> str:
    """Call, and return all that may be shown of what came of it."""
    try:
        got = session.request(method, url, **options)
    except (Refused, Broken) as error:
        return f"{error} {error!r} {error.message} {error.sample} {vars(error)}"
    return f"{got!r} {got.sample()}"


def test_a_password_given_as_sign_in_need_not_be_listed(
    httpserver: HTTPServer, session_with: Sessions, diary: Diary
) -> None:
    httpserver.expect_request("/echo").respond_with_handler(echo)
    session_with().request("GET", httpserver.url_for("/echo"), auth=("user", "hunter2hunter2"))
    assert "Basic" in diary.notes[0].sample
    assert base64.b64encode(b"user:hunter2hunter2").decode() not in diary.notes[0].sample


def test_a_secret_that_an_answer_brought_is_masked_from_then_on(
    httpserver: HTTPServer, session_with: Sessions, diary: Diary
) -> None:
    httpserver.expect_request("/echo").respond_with_handler(echo)
    session, url = session_with(secrets=["the key"]), httpserver.url_for("/echo")
    session.hide(SECRET)
    answer = session.get(url, params={"q": SECRET, "key": "the key"})
    assert session.redaction.text(f"{SECRET}, the key") == f"{MASK}, {MASK}"
    assert SECRET not in f"{answer.sample()} {diary.notes[0].url} {diary.notes[0].sample}"


def test_a_private_answer_is_quoted_nowhere(httpserver: HTTPServer, session_with: Sessions, diary: Diary) -> None:
    httpserver.expect_request("/token").respond_with_json({"access_token": SECRET})
    answer = session_with().get(httpserver.url_for("/token"), private=True)
    assert answer.json() == {"access_token": SECRET}
    assert (answer.sample(), diary.notes[0].sample) == ("", "")


def test_a_refusal_of_a_private_call_says_why(httpserver: HTTPServer, session_with: Sessions, diary: Diary) -> None:
    httpserver.expect_request("/token").respond_with_data("unknown user", status=401)
    with pytest.raises(Refused):
        session_with().get(httpserver.url_for("/token"), private=True)
    assert diary.notes[0].sample == "unknown user"
