"""Whatever a source does wrong: a reason, a sentence, nothing wrong stored, the last value kept, and no harm done."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from pytest_django import Settings

from connectors import fetching
from connectors.errors import Blocked
from connectors.models import Connection, Feed
from connectors.models.feed import Health, Outcome
from connectors.outbound import GuardedSession
from organisations.access import Access
from targets import collecting
from targets.domain.terms import Status, ValueKind
from targets.models import Metric, Target
from tests.connectors.names import NameServer
from tests.connectors.outbound.conftest import RawServer
from tests.targets.analytics import NOW

ROOT = Path(__file__).resolve().parent.parent.parent
KEY = "k3y-that-goes-nowhere-else"
MEGABYTE = 1_000_000
FLAT = 35 * MEGABYTE  # a body of 10 MB is read, decoded and thrown away; 100 MB would show
HOUR, HALF_AN_HOUR = timedelta(hours=1), timedelta(minutes=30)

Speak = Callable[[socket.socket], None]


def answer(body: bytes | str, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """Return an answer as it stands on the wire."""
    body = body.encode() if isinstance(body, str) else body
    size = len(body) if length is None else length
    head = [f"HTTP/1.1 {status}", f"Content-Length: {size}", "Connection: close", *headers, "", ""]
    return "\r\n".join(head).encode() + body


def with_value(text: str) -> bytes:
    return answer(f'{{"temperature": {text}}}', "Content-Type: application/json")


GOOD = with_value("21.5")


@dataclass(frozen=True)
class Fault:
    """What a source does, and what has to come of it: class of the reason, health, and words of the sentence."""

    name: str
    speaks: bytes
    reason: str
    words: str
    health: Health = Health.FAILING
    again_after: timedelta | None = None  # where it says itself when it wants to be asked
    answer_is: str = "auto"


def refusal(status: int, *headers: str) -> bytes:
    return answer("", *headers, status=f"{status} No")


def of_kind(kind: str, body: bytes | str) -> bytes:
    return answer(body, f"Content-Type: {kind}")


UTF16 = '{"temperature": 23}'.encode("utf-16")
BOMB = '<!DOCTYPE a [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><a>&b;</a>'
ENDLESS_CELL = 'temperature\n"' + "x" * 200_000
SIGN_IN = "<form><input type=password></form>"
JSON = "application/json"
SOON, LATER = "Retry-After: 1800", "Retry-After: Fri, 20 Nov 2026 17:30:00 GMT"
FAULTS = [
    # it refuses
    Fault("429", refusal(429, SOON), "rate_limited", "It answered 429", again_after=HALF_AN_HOUR),
    Fault("429 by date", refusal(429, LATER), "rate_limited", "It answered 429", again_after=2 * HOUR),
    Fault("429 without a word", refusal(429), "rate_limited", "It answered 429"),
    Fault("503 with a time", refusal(503, SOON), "rate_limited", "It answered 503", again_after=HALF_AN_HOUR),
    Fault("500", answer("oops", status="500 No"), "server_error", "It answered 500"),
    Fault("502", answer("oops", status="502 No"), "server_error", "It answered 502"),
    Fault("504", refusal(504), "server_error", "It answered 504"),
    Fault("401", refusal(401), "unauthorised", "It answered 401", Health.UNAUTHORISED),
    Fault("403", refusal(403), "unauthorised", "It answered 403", Health.UNAUTHORISED),
    Fault("404", refusal(404), "not_found", "Nothing lives at this address (404)"),
    Fault("410", refusal(410), "not_found", "Nothing lives at this address (410)"),
    Fault("400", refusal(400), "client_error", "It answered 400"),
    Fault("302 to nowhere", answer("", status="302 Go"), "client_error", "without saying where to go"),
    # it answers with something else
    Fault("HTML", of_kind("text/html", "<html>We will be back</html>"), "malformed", "HTML, not JSON"),
    Fault("a sign-in page", answer(SIGN_IN), "unauthorised", "people sign in", Health.UNAUTHORISED),
    Fault("nothing", answer(""), "malformed", "It answered with nothing"),
    Fault("null", answer("null"), "malformed", "Nothing stands in the answer"),
    Fault("plain words", answer("all is well"), "malformed", "something that is not JSON"),
    Fault("cut-off JSON", answer('{"temperature": 23, "a": ['), "malformed", "cut off or broken"),
    Fault("cut-off JSON Lines", answer('{"temperature": 23}\n{"temp', ), "malformed", "cut off or broken"),
    Fault("a broken connection", answer('{"temperature": 23}', length=500), "unreachable", "broke before the answer"),
    Fault("silence", b"", "unreachable", "closed the connection without an answer"),
    Fault("another protocol", b"SSH-2.0-OpenSSH_9.6\r\n", "malformed", "not HTTP"),
    Fault("broken compression", answer("not gzip", "Content-Encoding: gzip"), "malformed", "cannot be unpacked"),
    Fault("another character set", of_kind(f"{JSON}; charset=utf-8", UTF16), "malformed", "its text is utf-8"),
    Fault("an unknown character set", of_kind(f"{JSON}; charset=nonsense", "{}"), "malformed", "is nonsense"),
    Fault("an XML bomb", of_kind("text/xml", BOMB), "malformed", "declares entities"),
    Fault("cut-off XML", of_kind("text/xml", "<a><temperature>23</temperature>"), "malformed", "no XML"),
    Fault("a broken table", answer(ENDLESS_CELL), "malformed", "The table cannot be read", answer_is="table"),
    # it answers with values of another kind
    Fault("a list", with_value("[23]"), "malformed", "the value is a list, not a number"),
    Fault("an object", with_value('{"celsius": 23}'), "malformed", "the value is an object, not a number"),
    Fault("true", with_value("true"), "malformed", "the value is true or false"),
    Fault("null instead of a value", with_value("null"), "malformed", "the value is missing"),
    Fault("words", with_value('"warm"'), "malformed", "“warm” is not a number"),
    Fault("no value at all", answer('{"humidity": 40}'), "malformed", "the value is missing"),
    Fault("a list of numbers", answer("[23, 24]"), "malformed", "the value is missing"),
    Fault("NaN", with_value("NaN"), "malformed", "NaN and Infinity count as broken"),
    Fault("Infinity", with_value("-Infinity"), "malformed", "NaN and Infinity count as broken"),
    Fault("NaN as text", with_value('"NaN"'), "malformed", "“NaN” is not a number"),
    Fault("NaN in a table", answer("temperature,a\nNaN,1\n"), "malformed", "“NaN” is not a number", answer_is="table"),
    Fault("a number that is too large", with_value("1e999"), "malformed", "a number that is too large"),
    Fault("too large a number as text", with_value('"1e999"'), "malformed", "the value"),
    Fault("a number without an end", with_value("9" * 400), "malformed", "a number that is too large"),
    Fault("a number in two ways", with_value('"1,234"'), "malformed", "can be read in two ways"),
]  # fmt: skip


class Room:
    """A source with one temperature, as good or as bad as a test wants it."""

    def __init__(self) -> None:
        self.speaks: bytes | Speak = GOOD
        self.server = RawServer(self._speak)

    def _speak(self, connection: socket.socket) -> None:
        if callable(self.speaks):
            self.speaks(connection)
        else:
            connection.sendall(self.speaks)


@pytest.fixture
def room() -> Iterator[Room]:
    found = Room()
    yield found
    found.server.listener.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask once, and wait no longer than a test may."""
    usual = fetching.policy
    monkeypatch.setattr(fetching, "policy", lambda: replace(usual(), attempts=1, deadline=3.0))


@pytest.fixture
def metric(access: Access, room: Room) -> Metric:
    """A temperature that was read once, and a target on it that is met."""
    connection = Connection.unscoped.create(
        organisation=access.organisation,
        name="Room",
        kind="http",
        settings={"address": room.server.url.rstrip("/"), "sign_in": "bearer"},
    )
    connection.seal({"key": KEY})
    connection.save()
    feed = Feed.unscoped.create(connection=connection, name="Now", query={}, every=60, due_at=NOW)
    metric = Metric.unscoped.create(
        organisation=access.organisation, feed=feed, name="Temperature", value_path="temperature",
        value_kind=ValueKind.LEVEL, unit="°C",
    )  # fmt: skip
    access.organisation.targets.create(metric=metric, name="Warm enough", goal=20, tracking_since=NOW.date())
    assert collected(metric, NOW) == Outcome.OK
    return metric


def collected(metric: Metric, now: datetime) -> Outcome | None:
    """Collect the metric's feed, due at that moment."""
    Feed.unscoped.filter(pk=metric.feed_id).update(due_at=now)
    return collecting.run(metric.feed_id, now, announce=lambda _: None, announce_feed=lambda _: None)


def feed_of(metric: Metric) -> Feed:
    return Feed.unscoped.select_related("connection").get(pk=metric.feed_id)


def assert_last_value_stands(metric: Metric) -> None:
    """See that nothing was written but how the feed is doing."""
    metric.refresh_from_db()
    assert [(row.at, row.value) for row in metric.observations.all()] == [(NOW, 21.5)]
    assert (metric.last_at, metric.last_value) == (NOW, 21.5)
    target = Target.unscoped.get(metric=metric)
    assert (target.value, target.status) == (21.5, Status.MET), "a failure is never a verdict"
    feed = feed_of(metric)
    assert (feed.answered_at, feed.covered_until) == (NOW, NOW), "what is shown is as old as the last good answer"
    assert KEY not in f"{feed.problem} {feed.message}"


# --- F12: bad answers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_has_a_reason_and_a_sentence_and_the_last_value_stands(
    metric: Metric, room: Room, fault: Fault
) -> None:
    Feed.unscoped.filter(pk=metric.feed_id).update(query={"answer": fault.answer_is})
    room.speaks = fault.speaks
    later = NOW + HOUR
    assert collected(metric, later) == Outcome.FAILED
    feed = feed_of(metric)
    assert (feed.reason, feed.health) == (fault.reason, fault.health)
    assert fault.words in feed.message
    assert feed.message.endswith(".")
    assert_last_value_stands(metric)
    run = feed.collections.latest("pk")
    assert (run.outcome, run.reason, run.observations) == ("failed", fault.reason, 0)
    if fault.health == Health.UNAUTHORISED:
        assert feed.due_at is None, "who refused the key is not asked again"
    else:
        assert feed.due_at is not None
        assert feed.due_at >= later + (fault.again_after or timedelta(seconds=30))


def test_a_good_answer_mends_everything(metric: Metric, room: Room) -> None:
    room.speaks = answer("", status="500 No")
    collected(metric, NOW + HOUR)
    room.speaks = with_value("22")
    assert collected(metric, NOW + 2 * HOUR) == Outcome.OK
    feed = feed_of(metric)
    assert (feed.health, feed.reason, feed.message, feed.failures) == (Health.FRESH, "", "", 0)
    assert [row.value for row in metric.observations.order_by("at")] == [21.5, 22.0]


# --- F13: answers that never end -------------------------------------------------------------------------------------


def flood(start: bytes, wave: bytes, *, most: int = 200 * MEGABYTE) -> Speak:
    """Send a beginning and then wave after wave, until the other side has had enough or so much is sent."""

    def speak(connection: socket.socket) -> None:
        connection.sendall(start)
        sent = 0
        while sent < most:
            connection.sendall(wave)
            sent += len(wave)

    return speak


def drip(start: bytes, drop: bytes) -> Speak:
    """Send a beginning and then drop by drop, ten a second."""

    def speak(connection: socket.socket) -> None:
        connection.sendall(start)
        pause = threading.Event()
        with suppress(OSError):
            while not pause.wait(0.1):
                connection.sendall(drop)

    return speak


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
PACKED = gzip.compress(b"0" * 100 * MEGABYTE)
ENDLESS: dict[str, tuple[bytes | Speak, str, str]] = {
    "an endless body": (flood(HEAD + b"\r\n[", b"1," * 32768), "too_large", "larger than 10 MB"),
    "a body that says it is huge": (HEAD + b"Content-Length: 99999999999\r\n\r\n[", "too_large", "larger than 10 MB"),
    "a compressed bomb": (
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(PACKED) + PACKED,
        "too_large",
        "larger than 10 MB",
    ),
    "100 MB of headers": (flood(HEAD, b"X-Wave: " + b"x" * 60000 + b"\r\n"), "too_large", "headers are too large"),
    "a body that drips": (drip(HEAD + b"\r\n[", b"1,"), "timeout", "No answer within 3 seconds"),
    "headers that drip": (drip(HEAD, b"X-Drop: 1\r\n"), "timeout", "No answer within 3 seconds"),
}


def test_what_never_ends_is_stopped_and_memory_stays_flat() -> None:
    good = RawServer(lambda connection: connection.sendall(GOOD))
    bad = [RawServer(speaks if callable(speaks) else sending(speaks)) for speaks, _reason, _words in ENDLESS.values()]
    command = [sys.executable, "-m", "tests.connectors.memory", good.url, *(server.url for server in bad)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=True)
    for server in (good, *bad):
        server.listener.close()
    for (name, (_speaks, reason, words)), found in zip(ENDLESS.items(), json.loads(done.stdout), strict=True):
        assert (found["reason"], words in found["message"]) == (reason, True), f"{name}: {found}"
        assert found["grew"] < FLAT, f"{name}: {found}"
        assert found["seconds"] < 20, f"{name}: {found}"


def sending(answered: bytes) -> Speak:
    return lambda connection: connection.sendall(answered)


@pytest.mark.parametrize("name", ["an endless body", "a body that drips"])
def test_after_what_never_ends_the_last_value_stands(metric: Metric, room: Room, name: str) -> None:
    speaks, reason, words = ENDLESS[name]
    room.speaks = speaks
    started = monotonic()
    assert collected(metric, NOW + HOUR) == Outcome.FAILED
    assert monotonic() - started < 20
    feed = feed_of(metric)
    assert (feed.reason, feed.health) == (reason, Health.FAILING)
    assert words in feed.message
    assert_last_value_stands(metric)


# --- F14: ways inside, and keys that would go elsewhere --------------------------------------------------------------


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("http://169.254.169.254/latest/meta-data/", "metadata service"),
        ("http://2852039166/", "metadata service"),
        ("http://[::ffff:169.254.169.254]/", "metadata service"),
        ("http://metadata.google.internal/", "metadata service"),
        ("http://10.0.0.1/", "inside the network"),
        ("http://[::1]:8000/", "inside the network"),
        ("http://127.0.0.1:22/", "Port 22 may not be called"),
        ("file:///etc/passwd", "Only addresses that begin with http:// or https://"),
        ("gopher://127.0.0.1:70/_x", "Only addresses that begin with http:// or https://"),
        ("ftp://127.0.0.1/", "Only addresses that begin with http:// or https://"),
        ("http://user:password@127.0.0.1:8000/", "user name or password"),
    ],
)
def test_a_redirect_to_where_nobody_may_go_is_refused(metric: Metric, room: Room, location: str, words: str) -> None:
    room.speaks = answer("", f"Location: {location}", status="302 Go")
    assert collected(metric, NOW + HOUR) == Outcome.FAILED
    feed = feed_of(metric)
    assert feed.reason == "blocked"
    assert words in feed.message
    assert_last_value_stands(metric)
    assert len(room.server.requests) == 2, "the good one, and the one that led elsewhere"


LOOPBACK = [
    "127.0.0.1", "localhost", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0",
    "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]",
]  # fmt: skip


@pytest.mark.parametrize("host", LOOPBACK)
def test_no_spelling_of_loopback_is_called(metric: Metric, room: Room, settings: Settings, host: str) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS, settings.OUTBOUND_ALLOWED_HOSTS = [], []
    Connection.unscoped.update(settings={"address": f"http://{host}:{room.server.port}", "sign_in": "bearer"})
    assert collected(metric, NOW + HOUR) == Outcome.FAILED
    feed = feed_of(metric)
    assert (feed.reason, "inside the network" in feed.message) == ("blocked", True), feed.message
    assert_last_value_stands(metric)
    assert len(room.server.requests) == 1


@pytest.mark.parametrize("address", ["ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/"])
def test_a_stored_address_of_another_scheme_is_not_called(metric: Metric, room: Room, address: str) -> None:
    Connection.unscoped.update(settings={"address": address})
    assert collected(metric, NOW + HOUR) == Outcome.FAILED
    assert (feed_of(metric).reason, len(room.server.requests)) == ("misconfigured", 1)
    assert_last_value_stands(metric)


def test_a_key_does_not_go_to_another_host(metric: Metric, room: Room) -> None:
    other = RawServer(lambda connection: connection.sendall(with_value("99")))
    room.speaks = answer("", f"Location: {other.url}", status="302 Go")
    collected(metric, NOW + HOUR)
    other.listener.close()
    assert f"Bearer {KEY}".encode() in room.server.requests[-1]
    assert other.requests
    assert KEY.encode() not in b"".join(other.requests)


@pytest.mark.parametrize(
    ("query", "sign_in", "words"),
    [
        ({}, "query", "would take the key along"),
        ({"method": "POST", "body": '{"a": 1}'}, "bearer", "It redirects this POST to another host"),
        ({"params": "x=1", "rows": "r", "cursor": "n", "cursor_use": "next_address"}, "bearer", "on another host"),
    ],
)
def test_nothing_secret_is_taken_along_to_another_host(
    metric: Metric, room: Room, query: dict[str, Any], sign_in: str, words: str
) -> None:
    other = RawServer(lambda connection: connection.sendall(with_value("99")))
    Feed.unscoped.filter(pk=metric.feed_id).update(query=query)
    Connection.unscoped.update(settings={"address": room.server.url.rstrip("/"), "sign_in": sign_in})
    room.speaks = (
        answer(json.dumps({"r": [1], "n": f"{other.url}?a=1"}))
        if "cursor" in query
        else answer("", f"Location: {other.url}?api_key={KEY}", status="307 Go")
    )
    assert collected(metric, NOW + HOUR) == Outcome.FAILED
    other.listener.close()
    assert words in feed_of(metric).message
    assert other.requests == []
    assert_last_value_stands(metric)


@pytest.fixture
def name_server() -> Iterator[Callable[..., NameServer]]:
    servers: list[NameServer] = []

    def start(*answers: list[str]) -> NameServer:
        servers.append(NameServer(list(answers)))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


# Stands for a host outside, since nothing in a test may go there: the installation allows this address and no other.
OUTSIDE, INSIDE = "127.0.0.2", "127.0.0.1"


def asking(names: NameServer) -> GuardedSession:
    policy = replace(fetching.policy(), allowed_networks=(ip_network(f"{OUTSIDE}/32"),), allowed_hosts=frozenset())
    return GuardedSession(policy=policy, now=lambda: NOW, resolve=names.resolve)


def test_a_name_that_turns_inward_between_two_calls_is_refused_at_the_second(
    name_server: Callable[..., NameServer],
) -> None:
    outside = RawServer(lambda connection: connection.sendall(GOOD), host=OUTSIDE)
    names = name_server([OUTSIDE], [INSIDE])
    url = f"http://rebinding.example:{outside.port}/"
    with asking(names) as session:
        assert session.get(url).json() == {"temperature": 21.5}
        with pytest.raises(Blocked, match="inside the network"):
            session.get(url)
    outside.listener.close()
    assert names.asked == ["rebinding.example"] * 2
    assert len(outside.requests) == 1


def test_a_name_is_called_where_it_was_judged_and_never_asked_for_again(
    name_server: Callable[..., NameServer],
) -> None:
    """Between judging and connecting lies the hole: who resolves twice judges one address, and calls the other."""
    outside = RawServer(lambda connection: connection.sendall(GOOD), host=OUTSIDE)
    names = name_server([OUTSIDE], [INSIDE])
    with asking(names) as session:
        session.get(f"http://rebinding.example:{outside.port}/")
    outside.listener.close()
    assert names.asked == ["rebinding.example"]
    assert len(outside.requests) == 1


@pytest.mark.parametrize("answers", [[OUTSIDE, INSIDE], [INSIDE, OUTSIDE], ["8.8.8.8", INSIDE], ["169.254.169.254"]])
def test_one_address_inside_among_several_refuses_the_name(
    name_server: Callable[..., NameServer], answers: list[str]
) -> None:
    names = name_server(answers)
    with asking(names) as session, pytest.raises(Blocked):
        session.get("http://rebinding.example:8000/")
    assert names.asked == ["rebinding.example"]


def test_a_name_that_turns_inward_before_a_redirect_is_followed_is_refused(
    name_server: Callable[..., NameServer],
) -> None:
    again = answer("", "Location: /again", status="302 Go")
    outside = RawServer(lambda connection: connection.sendall(again), host=OUTSIDE)
    names = name_server([OUTSIDE], [INSIDE])
    with asking(names) as session, pytest.raises(Blocked, match="inside the network"):
        session.get(f"http://rebinding.example:{outside.port}/")
    outside.listener.close()
    assert len(outside.requests) == 1
