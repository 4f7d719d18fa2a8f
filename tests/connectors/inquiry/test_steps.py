"""Calls that go before what a feed asks: how they are written, what they keep, and what is written down of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors.errors import FetchError, Malformed, Reason, Refused
from connectors.kinds import http
from tests.connectors.asking import Api
from tests.connectors.feeding import Feeding

TOKEN = "t0k3n-of-the-day"
LOGIN = """POST login
header X-Version: 2
body {"user": "{user_name}", "password": "{password}"}
keep token = data.token
keep account = data.accounts[0].id"""
SIGNED = {"steps": LOGIN, "path": "accounts/{account}/visitors", "headers": "Authorization: Bearer {token}"}
SECRETS = {"user_name": "growth", "password": "p4ssw0rd-of-growth"}


@pytest.fixture
def api(httpserver: HTTPServer) -> Api:
    found = Api(httpserver)
    found.answers(answering)
    return found


def answering(request: Request) -> Response:
    """Hand out a token for the password, and numbers for the token."""
    if request.path == "/api/login":
        if request.get_json() != {"user": "growth", "password": SECRETS["password"]}:
            return Response('{"error": "unknown user"}', status=401)
        return answer({"data": {"token": TOKEN, "accounts": [{"id": 17}]}})
    if request.headers.get("Authorization") != f"Bearer {TOKEN}":
        return Response(f"not {request.headers.get('Authorization')}", status=401)
    return answer([{"day": "2026-11-20", "n": 5, "by": TOKEN}])


def answer(document: Any) -> Response:
    return Response(json.dumps(document), content_type="application/json")


def test_sign_in_then_token_then_value(api: Api) -> None:
    page = Feeding(api.address, SIGNED, secrets=SECRETS).collect()
    assert [row["n"] for row in page.rows] == [5]
    assert [request.path for request in api.requests] == ["/api/login", "/api/accounts/17/visitors"]
    assert api.requests[0].headers["X-Version"] == "2"


def test_credentials_can_be_meant_for_steps_alone(api: Api) -> None:
    query = {**SIGNED, "headers": "Authorization: Bearer {token}"}
    Feeding(api.address, query, secrets=SECRETS, settings={"sign_in": "steps"}).collect()
    assert "Authorization" not in api.requests[0].headers
    assert api.requests[1].headers["Authorization"] == f"Bearer {TOKEN}"


def test_what_a_step_keeps_is_written_down_nowhere(api: Api) -> None:
    feed = Feeding(api.address, {**SIGNED, "params": "token={token}"}, secrets=SECRETS)
    feed.collect()
    written = " ".join(f"{note.url} {note.request_headers} {note.sample} {note.problem}" for note in feed.notes)
    assert len(feed.notes) == 2
    assert TOKEN not in written
    assert SECRETS["password"] not in written
    assert "•••" in written
    assert feed.notes[0].sample == "", "the answer that brings the token is not quoted"


def test_a_token_that_is_not_taken_is_in_no_message(api: Api) -> None:
    feed = Feeding(api.address, {**SIGNED, "headers": "Authorization: Token {token}"}, secrets=SECRETS)
    with pytest.raises(Refused) as raised:
        feed.collect()
    assert raised.value.reason == Reason.UNAUTHORISED
    assert TOKEN not in f"{raised.value.message} {raised.value.sample} {raised.value.args}"


def test_later_steps_and_all_that_is_asked_use_what_was_kept(api: Api) -> None:
    documents = iter([{"id": "a/b"}, {"report": 9, "until": "x"}, [1]])
    api.answers(lambda _: answer(next(documents)))
    steps = """
        GET sites
        keep site = id

        PUT sites/{site}/reports
        param from={since}
        header X-Site: {site}
        header Content-Type: text/plain
        body from {since}
          of {site}
        keep report = report
        """
    query = {"steps": steps, "method": "POST", "path": "reports/{report}", "body": '{"report": "{report}", "n": 1}'}
    assert Feeding(api.address, query).collect().rows == [1]
    first, second, third = api.requests
    assert (first.method, second.method, third.method) == ("GET", "PUT", "POST")
    assert second.full_path == "/api/sites/a%2Fb/reports?from=2026-11-01" or second.path == "/api/sites/a/b/reports"
    assert second.headers["X-Site"] == "a/b"
    assert second.get_data(as_text=True) == "from 2026-11-01\nof a/b"
    assert third.get_json() == {"report": 9, "n": 1}
    assert third.path == "/api/reports/9"


def test_steps_are_signed_in_like_everything_else(api: Api) -> None:
    api.answers(lambda _: answer({"id": 1}))
    query = {"steps": "GET first\nkeep one = id", "path": "{one}"}
    Feeding(api.address, query, secrets={"key": "k3y"}, settings={"sign_in": "bearer"}).collect()
    assert [request.headers["Authorization"] for request in api.requests] == ["Bearer k3y"] * 2


@pytest.mark.parametrize(
    ("body", "status", "kind", "sentence"),
    [
        ('{"error": 1}', 401, Refused, "Step 1: It answered 401: the key is missing or wrong."),
        ('{"data": {}}', 200, Malformed, "Step 1: Nothing that can be sent on stands at “data.token” in the answer."),
        ('{"data": {"token": ""}}', 200, Malformed, "Step 1: Nothing that can be sent on"),
        ('{"data": {"token": ["a"]}}', 200, Malformed, "Step 1: Nothing that can be sent on"),
        ('{"data": 5}', 200, Malformed, "Step 1: Nothing that can be sent on"),
        ("<html>Hello</html>", 200, Malformed, "Step 1: It answered with HTML"),
        ("<html><input type=password></html>", 200, Refused, "Step 1: It leads to a page on which people sign in"),
        ("", 500, FetchError, "Step 1: It answered 500"),
    ],
)
def test_a_step_that_fails_fails_the_call_and_says_which(
    api: Api, body: str, status: int, kind: type[FetchError], sentence: str
) -> None:
    api.answers(lambda _: Response(body, status=status))
    with pytest.raises(kind) as raised:
        Feeding(api.address, SIGNED, secrets=SECRETS).collect()
    assert raised.value.message.startswith(sentence)
    assert raised.value.status == status
    assert {request.path for request in api.requests} == {"/api/login"}


def test_the_second_step_is_named_too(api: Api) -> None:
    api.answers(lambda request: answer({}) if request.path == "/api/a" else Response("", status=404))
    with pytest.raises(Refused, match="Step 2: Nothing lives at this address"):
        Feeding(api.address, {"steps": "GET a\n\nGET b"}).collect()


def test_without_the_credential_that_a_step_names_nothing_is_asked(api: Api) -> None:
    with pytest.raises(Refused) as raised:
        Feeding(api.address, SIGNED, secrets={"user_name": "growth"}).collect()
    assert raised.value.message == "Step 1: The connection has no key yet. Enter it."
    assert (raised.value.permanent, api.requests) == (True, [])


def test_a_value_that_would_lead_elsewhere_is_not_sent(api: Api) -> None:
    api.answers(lambda _: answer({"id": ".."}))
    with pytest.raises(Malformed, match="Step 2: A value of an answer cannot be sent"):
        Feeding(api.address, {"steps": "GET a\nkeep x = id\n\nGET {x}/b"}).collect()
    with pytest.raises(Malformed, match="cannot be sent"):
        Feeding(api.address, {"steps": "GET a\nkeep x = id", "path": "{x}/b"}).collect()


# --- how they are written --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ("login", "Line 1: A step begins with its method and path, such as POST login."),
        ("DELETE x", "Line 1: A step begins with"),
        ("GET https://elsewhere.example/x", "Line 1: Write only what follows the connection's address."),
        ("GET a?b=1", "Line 1: Write what follows the question mark as parameters"),
        ("GET a\nparam b", "Line 2: “b” should look like metric=visitors."),
        ("GET a\n\nGET b\nheader c", "Line 4: “c” should look like Accept-Language: en."),
        ("GET a\nheader Authorization: Bearer abc", "Line 2: Authorization is a credential."),
        ("GET a\ntake b = c", "Line 2: A line begins with header, param, body or keep"),
        ("GET a\nkeep b", "Line 2: What is kept is written as a name and a path"),
        ("GET a\nkeep 1b = c", "Line 2: What is kept is written as a name and a path"),
        ("GET a\nkeep b = c\nkeep b = d", "Line 3: “b” is kept twice."),
        ("GET a\nbody x", "Line 1: A body goes with POST."),
        ("POST a\nbody {nope", "Line 1: This is not valid JSON."),
        ("GET a/{token}", "Step 1: {token} is not known there. A step before has to keep it."),
        ("GET a\nkeep x = y\n\nGET {x}\nkeep x = z", "Step 2: “x” means something already."),
        ("GET a\nkeep since = y", "Step 1: “since” means something already."),
        ("GET a\nkeep key = y", "Step 1: “key” means something already."),
        ("\n\n".join(["GET a"] * 11), "There can be at most 10 steps."),
    ],
)
def test_what_cannot_be_a_step_is_refused_with_its_line(steps: str, sentence: str) -> None:
    form = http.Query(data={"steps": steps})
    assert not form.is_valid()
    assert str(form.errors["steps"][0]).startswith(sentence)


def test_a_path_that_cannot_be_followed_is_refused_with_its_line() -> None:
    form = http.Query(data={"steps": "GET a\nkeep b = c..d"})
    assert not form.is_valid()
    assert str(form.errors["steps"][0]).startswith("Line 2: “c..d”")


def test_steps_are_kept_as_they_are_read_again() -> None:
    form = http.Query(data={"steps": f"\n\n{LOGIN}\n\n\n  get  /sites \n keep b=c \n", "path": "{token}/{b}"})
    assert form.is_valid(), form.errors
    kept = form.cleaned_data["steps"]
    assert kept == f"{LOGIN}\n\nGET sites\nkeep b = c"
    again = http.Query(data=form.cleaned_data)
    assert again.is_valid()
    assert again.cleaned_data["steps"] == kept


@pytest.mark.parametrize(
    ("headers", "valid"),
    [
        ("Authorization: Bearer {token}", True),
        ("Authorization: {token}", True),
        ("Cookie: session={token}", True),
        ("Authorization: Bearer abc{token}", False),
        ("Authorization: Bearer abc", False),
        ("Cookie: session=abc", False),
        ("X Y: {token}", False),
    ],
)
def test_a_credential_may_stand_in_a_header_by_its_name_alone(headers: str, valid: bool) -> None:
    query = {"steps": "GET a\nkeep token = b", "path": "{token}", "headers": headers}
    assert http.Query(data=query).is_valid() is valid


def test_steps_may_ask_for_the_stretch_of_time_alone() -> None:
    form = http.Query(data={"steps": "GET a\nparam since={since}\nkeep x = y", "path": "{x}"})
    assert form.is_valid()
    assert http.uses_window(form.cleaned_data)
