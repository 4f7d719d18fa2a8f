"""A session and its gate: every request asks, waits outside its own time, and says how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

import pytest
from pytest_httpserver import HTTPServer

from connectors.errors import Broken, FetchError, HeldBack, Unreachable
from connectors.outbound import GuardedSession
from connectors.outbound.gate import Leaving
from tests.connectors.outbound.conftest import NOON, Diary, RawServer

Sessions = Callable[..., GuardedSession]


@dataclass
class Turnstile:
    """Lets out so many requests and refuses the others; writes down who asked and how it ended."""

    lets_out: int = 100
    asked: list[Leaving] = field(default_factory=list)
    ends: list[FetchError | None] = field(default_factory=list)

    @contextmanager
    def passing(self, leaving: Leaving) -> Iterator[Turnstile]:
        self.asked.append(leaving)
        if len(self.asked) > self.lets_out:
            raise HeldBack("Not now.", retry_at=NOON + timedelta(hours=1))
        yield self

    def ended(self, failure: FetchError | None) -> None:
        self.ends.append(failure)


def test_every_request_on_the_wire_asks_and_says_how_it_ended(httpserver: HTTPServer, session_with: Sessions) -> None:
    httpserver.expect_request("/old").respond_with_data("", 302, {"Location": "/new"})
    httpserver.expect_oneshot_request("/new").respond_with_data("", 503)
    httpserver.expect_request("/new").respond_with_json([1])
    gate = Turnstile()
    session_with(gate=gate, attempts=2).get(httpserver.url_for("/old"))
    assert len(httpserver.log) == len(gate.asked) == 4
    assert [end and end.reason for end in gate.ends] == [None, "server_error", None, None]


def test_what_is_held_back_is_neither_sent_nor_tried_again_nor_noted(
    httpserver: HTTPServer, session_with: Sessions, diary: Diary
) -> None:
    with pytest.raises(HeldBack) as caught:
        session_with(gate=Turnstile(lets_out=0), attempts=3).get(httpserver.url_for("/"))
    assert caught.value.retry_at == NOON + timedelta(hours=1)
    assert (httpserver.log, diary.notes, diary.pauses) == ([], [], [])


def test_where_a_second_attempt_is_held_back_the_first_ones_failure_is_what_came_of_it(
    httpserver: HTTPServer, session_with: Sessions
) -> None:
    httpserver.expect_request("/").respond_with_data("", 500)
    with pytest.raises(Broken) as caught:
        session_with(gate=Turnstile(lets_out=1), attempts=3).get(httpserver.url_for("/"))
    assert (caught.value.status, caught.value.retry_at) == (500, None)
    assert len(httpserver.log) == 1


def test_a_first_request_waits_for_a_while_and_one_that_follows_for_longer(
    httpserver: HTTPServer, session_with: Sessions
) -> None:
    httpserver.expect_request("/").respond_with_json([1])
    gate = Turnstile()
    session = session_with(gate=gate, first_turn=5.0, next_turn=40.0)
    for _ in range(3):
        session.get(httpserver.url_for("/"))
    assert [leaving.wait for leaving in gate.asked] == [5.0, 40.0, 40.0]


def test_the_gate_learns_how_long_a_request_may_last_at_most(httpserver: HTTPServer, session_with: Sessions) -> None:
    httpserver.expect_request("/old").respond_with_data("", 302, {"Location": "/new"})
    httpserver.expect_request("/new").respond_with_json([1])
    gate = Turnstile()
    answer = session_with(gate=gate, deadline=5.0).get(httpserver.url_for("/old"))
    first, second = (leaving.lasting for leaving in gate.asked)
    assert first == 5.0
    assert 5.0 - answer.took <= second < 5.0
    assert {leaving.now() for leaving in gate.asked} == {NOON}


def test_waiting_at_the_gate_takes_nothing_of_a_requests_own_time(
    httpserver: HTTPServer, session_with: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    httpserver.expect_request("/old").respond_with_data("", 302, {"Location": "/new"})
    httpserver.expect_request("/new").respond_with_json([1])
    waited = [0.0]

    class Slow(Turnstile):
        @contextmanager
        def passing(self, leaving: Leaving) -> Iterator[Turnstile]:
            waited[0] += 100.0  # as if somebody had slept so long
            with super().passing(leaving):
                yield self

    monkeypatch.setattr("connectors.outbound.session.monotonic", lambda: monotonic() + waited[0])
    answer = session_with(gate=Slow(), deadline=5.0).get(httpserver.url_for("/old"))
    assert answer.json() == [1]
    assert answer.took < 5.0


def test_silence_is_told_to_the_gate(raw_server: Callable[..., RawServer], session_with: Sessions) -> None:
    gate = Turnstile()
    with pytest.raises(Unreachable):
        session_with(gate=gate).get(raw_server(b"").url)
    assert [type(end) for end in gate.ends] == [Unreachable]


def test_a_request_is_stamped_once_it_goes_out_and_not_while_it_waits(
    httpserver: HTTPServer, session_with: Sessions
) -> None:
    httpserver.expect_request("/old").respond_with_data("", 302, {"Location": "/new"})
    httpserver.expect_request("/new").respond_with_json([1])
    gate = Turnstile()
    session = session_with(gate=gate)
    session.get(httpserver.url_for("/old"), stamp=lambda _request: {"X-Stamp": f"after {len(gate.asked)}"})
    assert [request.headers["X-Stamp"] for request, _ in httpserver.log] == ["after 1", "after 1"]
