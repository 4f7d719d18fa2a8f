"""A connection ends where it may, keeps the name it was made for, and takes nothing along to anywhere else."""

import logging
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from time import monotonic

import pytest
from pytest_httpserver import HTTPServer

from connectors.errors import Blocked, Misconfigured, Unreachable
from connectors.outbound import GuardedSession
from tests.connectors.outbound.authority import Authority
from tests.connectors.outbound.conftest import Diary, RawServer, SecureServer, Speak

Sessions = Callable[..., GuardedSession]
Servers = Callable[..., RawServer]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1]"
SHUT = {"allowed_networks": ()}


@dataclass
class Names:
    """A name server that answers each question with the next of its answers, and the last one for ever."""

    answers: list[list[str]]
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


def wait_for_the_end(connection: socket.socket) -> None:
    connection.recv(1)


def redirect_to(location: str) -> bytes:
    return f"HTTP/1.1 302 Go\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("host", "error"),
    [
        ("127.0.0.1", Blocked),
        ("127.1", Blocked),
        ("127.0.1", Blocked),
        ("2130706433", Blocked),
        ("0x7f000001", Blocked),
        ("0x7f.0.0.1", Blocked),
        ("0x7F.1", Blocked),
        ("0177.0.0.1", Blocked),
        ("017700000001", Blocked),
        ("localhost", Blocked),
        ("LocalHost", Blocked),
        ("0", Blocked),
        ("0.0.0.0", Blocked),  # noqa: S104  (called, not listened on)
        ("%31%32%37.0.0.1", Blocked),
        ("①②⑦.⓪.⓪.①", Misconfigured),
        ("127。0。0。1", Misconfigured),
        ("１２７.０.０.１", Misconfigured),
        ("[::1]", Blocked),
        ("[::]", Blocked),
        ("[0:0:0:0:0:0:0:1]", Blocked),
        ("[::127.0.0.1]", Blocked),
        ("[::ffff:127.0.0.1]", Blocked),
        ("[::ffff:7f00:1]", Blocked),
        ("[64:ff9b::127.0.0.1]", Blocked),
        ("[2002:7f00:1::]", Blocked),
        ("[fe80::1%25lo]", Blocked),
        ("[::1%251]", Blocked),
        ("user@127.0.0.1", Blocked),
        ("example.com@127.0.0.1", Blocked),
        ("127.0.0.1.", (Blocked, Unreachable)),  # some systems resolve a trailing dot, others do not
        ("localhost.", (Blocked, Unreachable)),
        ("example.com\\@127.0.0.1", (Misconfigured, Unreachable)),
    ],
)
def test_no_spelling_of_loopback_gets_through(
    raw_server: Servers, session_with: Sessions, host: str, error: type[Exception] | tuple[type[Exception], ...]
) -> None:
    server = raw_server(OK)
    with pytest.raises(error):
        session_with(**SHUT).get(f"http://{host}:{server.port}/")
    assert server.requests == []


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1:{}/", "file:///etc/passwd", "gopher://127.0.0.1:{}/_x", "ws://127.0.0.1:{}/"]
)
def test_other_schemes_are_refused(raw_server: Servers, session_with: Sessions, url: str) -> None:
    server = raw_server(OK)
    with pytest.raises(Blocked, match="http:// or https://"):
        session_with().get(url.format(server.port))
    assert server.requests == []


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://169.254.169.254:8080/",
        "//169.254.169.254/latest/",
        "http://metadata.google.internal/",
        "http://2852039166/",
        "http://0xA9FEA9FE/",
        "http://[::ffff:169.254.169.254]/",
        "http://[fd00:ec2::254]/",
        "http://10.0.0.1/",
        "http://[::1]:8000/",
        "http://127.0.0.1:22/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://user:password@127.0.0.1:8000/",
    ],
)
def test_a_redirect_is_judged_like_any_other_address(
    raw_server: Servers, session_with: Sessions, diary: Diary, location: str
) -> None:
    server = raw_server(redirect_to(location))
    with pytest.raises(Blocked):
        session_with().get(server.url)
    assert len(server.requests) == 1
    assert diary.notes[-1].problem


def test_a_name_is_resolved_once_and_its_second_answer_is_never_used(
    raw_server: Servers, session_with: Sessions
) -> None:
    server = raw_server(OK)
    names = Names([["127.0.0.1"], ["127.0.0.2"]])
    assert session_with(resolve=names).get(f"http://rebinding.example.com:{server.port}/").json() == [1]
    assert names.asked == ["rebinding.example.com"]
    assert f"Host: rebinding.example.com:{server.port}\r\n".encode() in server.requests[0]


def test_a_name_that_turns_inward_later_is_refused_then(raw_server: Servers, session_with: Sessions) -> None:
    server = raw_server(lambda connection: connection.sendall(redirect_to("/again")))
    names = Names([["127.0.0.1"], ["169.254.169.254"]])
    with pytest.raises(Blocked):
        session_with(resolve=names).get(f"http://rebinding.example.com:{server.port}/")
    assert len(names.asked) == 2
    assert len(server.requests) == 1


def test_one_inward_address_among_several_refuses_the_name(raw_server: Servers, session_with: Sessions) -> None:
    server = raw_server(OK)
    with pytest.raises(Blocked):
        session_with(resolve=Names([["127.0.0.1", "10.0.0.1"]])).get(f"http://two.example.com:{server.port}/")
    assert server.requests == []


def test_the_next_address_is_tried_where_the_first_is_dead(raw_server: Servers, session_with: Sessions) -> None:
    server = raw_server(OK)
    session = session_with(allowed_networks=(ip_network("127.0.0.0/8"),), resolve=Names([["127.0.0.9", "127.0.0.1"]]))
    assert session.get(f"http://two.example.com:{server.port}/").json() == [1]


def test_a_dead_address_leaves_time_for_the_next(session_with: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []

    def dead(_address: tuple[str, int], *, timeout: float) -> socket.socket:
        given.append(timeout)
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", dead)
    names = Names([["127.0.0.1", "127.0.0.2", "127.0.0.3"]])
    with pytest.raises(Unreachable, match="Nothing answers at three"):
        session_with(allowed_networks=(ip_network("127.0.0.0/8"),), resolve=names, deadline=6.0).get("http://three/")
    assert given == pytest.approx([2.0, 3.0, 6.0], abs=0.5)


def test_a_connection_that_ended_elsewhere_is_closed(
    raw_server: Servers, session_with: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = raw_server(OK, host="127.0.0.2")
    connect = socket.create_connection
    monkeypatch.setattr(
        socket, "create_connection", lambda _address, **more: connect(("127.0.0.2", server.port), **more)
    )
    with pytest.raises(Blocked, match="another address"):
        session_with(resolve=Names([["127.0.0.1"]])).get(f"http://api.example.com:{server.port}/")
    assert [request for request in server.requests if request] == []


def test_credentials_stay_with_their_host(raw_server: Servers, session_with: Sessions) -> None:
    other = raw_server(OK)
    first = raw_server(redirect_to(other.url))
    headers = {"Authorization": "Bearer hunter2", "Cookie": "id=hunter2", "X-Api-Key": "hunter2", "My-Own": "hunter2"}
    assert session_with(secrets=["hunter2"]).get(first.url, headers=headers).json() == [1]
    assert first.requests[0].count(b"hunter2") == 4
    assert b"hunter2" not in other.requests[0]


def test_a_password_stays_with_its_host(raw_server: Servers, session_with: Sessions) -> None:
    other = raw_server(OK)
    first = raw_server(redirect_to(other.url))
    session_with().request("GET", first.url, auth=("user", "hunter2"))
    assert b"Authorization: Basic" in first.requests[0]
    assert b"Authorization" not in other.requests[0]


def test_cookies_are_not_kept(httpserver: HTTPServer, session_with: Sessions) -> None:
    httpserver.expect_request("/v1").respond_with_data("[1]", headers={"Set-Cookie": "id=7; Path=/"})
    session = session_with()
    session.get(httpserver.url_for("/v1"))
    session.get(httpserver.url_for("/v1"))
    assert "Cookie" not in httpserver.log[1][0].headers


def test_no_library_logs_the_address(
    raw_server: Servers, session_with: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    server = raw_server(b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 0\r\n\r\n")
    with caplog.at_level(logging.DEBUG):
        session_with(secrets=["hunter2"]).get(f"{server.url}?key=hunter2")
    assert "hunter2" not in caplog.text


# TLS


Secure = Callable[[Speak | bytes], SecureServer]


@pytest.fixture
def trusting(session_with: Sessions, authority: Authority) -> GuardedSession:
    """Trust the tests' authority, and find every name on loopback."""
    return session_with(ca_bundle=str(authority.path), resolve=Names([["127.0.0.1"]]), attempts=3)


def test_the_name_is_kept_for_sni_and_for_the_certificate(secure_server: Secure, trusting: GuardedSession) -> None:
    server = secure_server(OK)
    assert trusting.get(server.url).json() == [1]
    assert server.names == ["api.example.com"]


@pytest.mark.parametrize("host", ["other.example.com", "127.0.0.1"])
def test_a_certificate_for_another_name_is_refused(
    secure_server: Secure, trusting: GuardedSession, diary: Diary, host: str
) -> None:
    with pytest.raises(Unreachable, match="certificate of this address is not trusted"):
        trusting.get(f"https://{host}:{secure_server(OK).port}/")
    assert len(diary.notes) == 1


def test_an_unknown_authority_is_refused(secure_server: Secure, session_with: Sessions) -> None:
    with pytest.raises(Unreachable, match="certificate of this address is not trusted"):
        session_with(resolve=Names([["127.0.0.1"]])).get(secure_server(OK).url)


def test_a_server_without_tls_has_a_sentence(raw_server: Servers, session_with: Sessions) -> None:
    server = raw_server(b"HTTP/1.1 400 Bad\r\n\r\n", hasty=True)
    with pytest.raises(Unreachable, match="speak https"):
        session_with().get(f"https://127.0.0.1:{server.port}/")


def test_nothing_follows_from_https_to_http(
    raw_server: Servers, secure_server: Secure, trusting: GuardedSession
) -> None:
    listening = raw_server(OK)
    with pytest.raises(Blocked, match="from https to http"):
        trusting.get(secure_server(redirect_to(f"http://api.example.com:{listening.port}/")).url)
    assert listening.requests == []


def test_connection_and_answer_share_one_deadline(
    secure_server: Secure, session_with: Sessions, authority: Authority
) -> None:
    def linger(*_: object) -> None:
        threading.Event().wait(0.8)

    server = secure_server(wait_for_the_end)
    server.context.sni_callback = linger
    started = monotonic()
    with pytest.raises(Unreachable, match="No answer within 1 seconds"):
        session_with(ca_bundle=str(authority.path), resolve=Names([["127.0.0.1"]]), deadline=1.0).get(server.url)
    assert monotonic() - started < 1.5


def test_a_tls_handshake_that_hangs_is_left_at_the_deadline(raw_server: Servers, session_with: Sessions) -> None:
    server = raw_server(wait_for_the_end)
    with pytest.raises(Unreachable, match=r"No answer within 0\.4 seconds"):
        session_with(deadline=0.4).get(f"https://127.0.0.1:{server.port}/")
