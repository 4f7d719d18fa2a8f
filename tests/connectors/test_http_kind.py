"""The HTTP kind against a real server."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors.answers import pages
from connectors.calls.log import NoLog
from connectors.errors import Blocked, Malformed, Misconfigured, Reason, TooLarge
from connectors.extract import Reading, extract
from connectors.fetching import policy
from connectors.kinds import http
from connectors.outbound import GuardedSession
from connectors.protocol import Call, Page, Window
from connectors.tokens import TokensOfATry
from tests.connectors.asking import BERLIN, NOVEMBER, NOW, Api, error_of, page_of, trial

KEY = "k3y-of-the-analytics-service"


@pytest.fixture
def api(httpserver: HTTPServer) -> Api:
    return Api(httpserver)


def fetched(api: Api, *, kept: Any = None, **query: Any) -> Page:
    """Fetch as a collection does, with the cursor that the last one kept."""
    form = http.Query(data=query)
    assert form.is_valid(), form.errors
    settings = http.Settings(data={"address": api.address})
    assert settings.is_valid()
    with GuardedSession(policy=policy(), now=lambda: NOW) as session:
        call = Call(
            session=session,
            settings=settings.cleaned_data,
            secrets={},
            query=form.cleaned_data,
            window=NOVEMBER,
            zone=BERLIN,
            cursor=kept,
            tokens=TokensOfATry(),
            calls=NoLog(),
        )
        return http.fetch(call)


def test_website_traffic_comes_in_day_by_day(api: Api) -> None:
    rows = [{"date": "2026-11-01", "uniqueVisitors": 320}, {"date": "2026-11-02", "uniqueVisitors": 410}]
    api.answers_json(json.dumps(rows))
    page = page_of(
        trial(
            api.address,
            sign_in="bearer",
            secrets={"key": KEY},
            query={"path": "visitors", "params": "startDate={since}\nendDate={until}\nmetric=uniqueVisitors"},
        )
    )
    (request,) = api.requests
    assert (request.method, request.path) == ("GET", "/api/visitors")
    assert request.args.to_dict() == {"startDate": "2026-11-01", "endDate": "2026-11-20", "metric": "uniqueVisitors"}
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert page.answer == rows
    where = Reading(at_path="date", value_path="uniqueVisitors", zone=BERLIN)
    assert [(str(point.at.date()), point.value) for point in extract(page.rows, where, now=NOW).points] == [
        ("2026-11-01", 320.0), ("2026-11-02", 410.0)
    ]  # fmt: skip


def places_of(request: Request, secret: str) -> set[str]:
    """Return where a secret stands in a request."""
    places = {f"header {name}" for name, value in request.headers.items() if secret in value}
    places |= {f"parameter {name}" for name, value in request.args.items() if secret in value}
    places |= {"path"} if secret in request.path else set()
    return places | ({"body"} if secret in request.get_data(as_text=True) else set())


@pytest.mark.parametrize(
    ("chosen", "place", "sent"),
    [
        ({"sign_in": "none"}, None, None),
        ({}, None, None),
        ({"sign_in": "bearer"}, "header Authorization", f"Bearer {KEY}"),
        ({"sign_in": "header"}, "header X-Api-Key", KEY),
        ({"sign_in": "header", "header_name": "X-Token"}, "header X-Token", KEY),
        ({"sign_in": "query"}, "parameter api_key", KEY),
        ({"sign_in": "query", "query_name": "key"}, "parameter key", KEY),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_key_goes_into_its_place_and_nowhere_else(
    api: Api, chosen: dict[str, Any], place: str | None, sent: str | None, method: str
) -> None:
    query = {"method": method, "path": "visitors", "params": "metric=a", "body": '{"a": 1}' if method == "POST" else ""}
    page_of(trial(api.address, secrets={"key": KEY, "password": "unused-password"}, query=query, **chosen))
    (request,) = api.requests
    assert places_of(request, KEY) == ({place} if place else set())
    assert places_of(request, "unused-password") == set()
    if place:
        kind, name = place.split()
        assert (request.headers if kind == "header" else request.args)[name] == sent


def test_user_name_and_password_are_sent_as_basic_authentication(api: Api) -> None:
    page_of(trial(api.address, sign_in="basic", secrets={"user_name": "growth", "password": " p:ä "}))
    (request,) = api.requests
    scheme, _, encoded = request.headers["Authorization"].partition(" ")
    assert (scheme, base64.b64decode(encoded).decode()) == ("Basic", "growth: p:ä ")


def test_a_user_name_alone_is_enough_for_basic_authentication(api: Api) -> None:
    page_of(trial(api.address, sign_in="basic", secrets={"user_name": KEY}))
    assert base64.b64decode(api.requests[0].headers["Authorization"].split()[1]).decode() == f"{KEY}:"


@pytest.mark.parametrize("way", ["bearer", "header", "query", "basic"])
def test_without_its_key_nothing_is_asked(api: Api, way: str) -> None:
    error = error_of(trial(api.address, sign_in=way))
    assert (error.reason, error.permanent, api.requests) == (Reason.UNAUTHORISED, True, [])
    assert error.message == "The connection has no key yet. Enter it."


def test_a_fixed_header_cannot_take_the_place_of_the_key(api: Api) -> None:
    headers = "x-licence: nothing\nAccept-Language: de"
    page_of(trial(api.address, sign_in="header", header_name="X-Licence", headers=headers, secrets={"key": KEY}))
    assert api.requests[0].headers["X-Licence"] == KEY
    assert api.requests[0].headers["Accept-Language"] == "de"


@pytest.mark.parametrize(
    ("base", "path", "asked"),
    [
        ("/api", "", "/api"),
        ("/api/", "", "/api/"),
        ("/api", "visitors", "/api/visitors"),
        ("/api/", "/visitors", "/api/visitors"),
        ("/api", "visitors/", "/api/visitors/"),
        ("", "", "/"),
        ("", "visitors", "/visitors"),
        ("/api?site=5", "visitors", "/api/visitors?site=5"),
        ("/api?site=5#top", "", "/api?site=5"),
        ("/api", "from/{since}/@b:c", "/api/from/2026-11-01/@b:c"),
    ],
)
def test_the_path_follows_the_connection_s_address(api: Api, base: str, path: str, asked: str) -> None:
    page_of(trial(api.address.removesuffix("/api") + base, query={"path": path}))
    assert api.requests[0].full_path.rstrip("?") == asked


@pytest.mark.parametrize(
    ("fmt", "until_is", "since", "until"),
    [
        ("date", "last_day", "2026-11-01", "2026-11-30"),
        ("date", "moment_after", "2026-11-01", "2026-12-01"),
        ("%d.%m.%Y", "last_day", "01.11.2026", "30.11.2026"),
        ("datetime", "last_day", "2026-11-01T00:00:00+01:00", "2026-12-01T00:00:00+01:00"),
        ("unix", "last_day", "1793487600", "1796079600"),
        ("unix_ms", "moment_after", "1793487600000", "1796079600000"),
    ],
)
def test_dates_are_written_as_the_source_wants_them(api: Api, fmt: str, until_is: str, since: str, until: str) -> None:
    month = Window(since=NOVEMBER.since, until=datetime(2026, 11, 30, 23, tzinfo=UTC))
    query = {"params": "from={since}\nto={until}", "date_format": fmt, "until_is": until_is}
    page_of(trial(api.address, query=query, window=month))
    assert api.requests[0].args.to_dict() == {"from": since, "to": until}


def test_the_last_day_is_never_before_the_first(api: Api) -> None:
    moment = Window(since=NOVEMBER.since, until=NOVEMBER.since)
    page_of(trial(api.address, query={"params": "from={since}\nto={until}"}, window=moment))
    assert api.requests[0].args.to_dict() == {"from": "2026-11-01", "to": "2026-11-01"}


def test_a_json_body_is_posted_with_its_dates(api: Api) -> None:
    body = '{"range": {"from": "{since}", "to": "{until}"}, "metrics": ["visitors"], "limit": 1000}'
    page_of(trial(api.address, query={"method": "POST", "body": body, "headers": "X-Version: {since}"}))
    (request,) = api.requests
    assert (request.method, request.headers["Content-Type"]) == ("POST", "application/json")
    assert request.get_json() == {
        "range": {"from": "2026-11-01", "to": "2026-11-20"}, "metrics": ["visitors"], "limit": 1000
    }  # fmt: skip
    assert request.headers["X-Version"] == "2026-11-01"


def test_a_form_is_posted_as_a_form(api: Api) -> None:
    query = {
        "method": "POST", "body": "from={since}&zone=x", "content_type": "application/x-www-form-urlencoded",
        "date_format": "datetime",
    }  # fmt: skip
    page_of(trial(api.address, query=query))
    assert api.requests[0].form.to_dict() == {"from": "2026-11-01T00:00:00+01:00", "zone": "x"}


@pytest.mark.parametrize(
    ("answer", "path", "rows"),
    [
        ("651", "", [651]),
        ('"651"', "", ["651"]),
        ('{"new": 651}', "", [{"new": 651}]),
        ("[1, 2]", "", [1, 2]),
        ("[]", "", []),
        ('{"data": {"items": [{"n": 1}]}}', "data.items", [{"n": 1}]),
        ('{"data": {"items": {"n": 1}}}', "data.items", [{"n": 1}]),
        ('{"data": {"total": 5}}', "data.total", [5]),
        ('{"data": null}', "data || `[]`", []),
    ],
)
def test_rows_are_found_where_they_stand(api: Api, answer: str, path: str, rows: list[Any]) -> None:
    api.answers_json(answer)
    assert page_of(trial(api.address, query={"rows": path})).rows == rows


@pytest.mark.parametrize(("path", "where"), [("data.items", "at “data.items” in the answer"), ("", "in the answer")])
def test_rows_that_are_not_there_are_an_error_and_not_an_empty_answer(api: Api, path: str, where: str) -> None:
    api.answers_json("null")
    error = error_of(trial(api.address, query={"rows": path}))
    assert (error.reason, error.status, error.sample) == (Reason.MALFORMED, 200, "null")
    assert error.message == f"Nothing stands {where}. Check where the rows are."


def numbered_pages(count: int) -> Any:
    """Return an answering function for `count` pages of one row, each with the cursor of the next."""

    def answering(request: Request) -> Response:
        number = int(request.args.get("page", 1))
        following = number + 1 if number < count else None
        document = {"rows": [{"n": number}], "next": following and str(following)}
        return Response(json.dumps(document), content_type="application/json")

    return answering


PAGED = {"rows": "rows", "cursor": "next", "params": "page={cursor}\nsize=1"}


def test_the_cursor_leads_through_all_pages(api: Api) -> None:
    api.answers(numbered_pages(5))
    page = page_of(trial(api.address, query=PAGED))
    assert page.rows == [{"n": number} for number in range(1, 6)]
    assert page.answer == {"rows": [{"n": 1}], "next": "2"}
    assert page.cursor is None
    assert [request.args.get("page") for request in api.requests] == [None, "2", "3", "4", "5"]


def test_pages_without_end_are_refused_as_a_whole(api: Api) -> None:
    api.answers(numbered_pages(10**9))
    error = error_of(trial(api.address, query=PAGED))
    assert isinstance(error, TooLarge)
    assert "more than 100 pages" in error.message
    assert len(api.requests) == 100


def test_pages_that_are_too_large_together_are_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_BYTES", 100)
    api.answers(numbered_pages(50))
    assert isinstance(error_of(trial(api.address, query=PAGED)), TooLarge)
    assert len(api.requests) < 10


def test_pages_that_take_too_long_together_are_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_SECONDS", -1.0)
    api.answers(numbered_pages(3))
    assert isinstance(error_of(trial(api.address, query=PAGED)), TooLarge)
    assert len(api.requests) == 1


def test_a_last_page_that_names_itself_ends_the_reading(api: Api) -> None:
    api.answers_json('{"rows": [1], "next": "a"}', '{"rows": [2], "next": "b"}', '{"rows": [3], "next": "b"}')
    assert page_of(trial(api.address, query=PAGED)).rows == [1, 2, 3]


def test_a_cursor_that_leads_back_is_refused_for_pages_would_be_read_twice(api: Api) -> None:
    api.answers_json('{"rows": [1], "next": "a"}', '{"rows": [2], "next": "b"}', '{"rows": [3], "next": "a"}')
    assert "same as the one before" in error_of(trial(api.address, query=PAGED)).message


@pytest.mark.parametrize("cursor", ['"a&page=9\\"}{since}"', '"{since}"', "17", "0"])
def test_a_cursor_is_sent_back_as_it_came(api: Api, cursor: str) -> None:
    first = f'{{"rows": [1], "next": {cursor}}}'
    api.answers_json(first, '{"rows": [2]}')
    page_of(trial(api.address, query=PAGED))
    assert api.requests[1].args.getlist("page") == [str(json.loads(cursor))]
    api.requests.clear()
    api.answers_json(first, '{"rows": [2]}')
    query = {"method": "POST", "rows": "rows", "cursor": "next", "body": '{"after": "{cursor}", "size": 1}'}
    page_of(trial(api.address, query=query))
    assert [request.get_json() for request in api.requests] == [{"size": 1}, {"after": json.loads(cursor), "size": 1}]


@pytest.mark.parametrize("cursor", ['["a"]', "true", '{"a": 1}'])
def test_what_is_no_cursor_is_an_error(api: Api, cursor: str) -> None:
    api.answers_json(f'{{"rows": [1], "next": {cursor}}}')
    error = error_of(trial(api.address, query=PAGED))
    assert isinstance(error, Malformed)
    assert "no cursor" in error.message


@pytest.mark.parametrize("end", ["null", '""', "false"])
def test_an_empty_cursor_ends_the_reading(api: Api, end: str) -> None:
    api.answers_json(f'{{"rows": [1], "next": {end}}}')
    assert page_of(trial(api.address, query=PAGED)).rows == [1]


@pytest.mark.parametrize(
    ("place", "cursor"), [("path", ".."), ("headers", "a\nb"), ("headers", "a\r\nX-Admin: 1"), ("params", "a\0")]
)
def test_a_cursor_that_does_not_fit_its_place_is_not_sent(api: Api, place: str, cursor: str) -> None:
    api.answers_json(json.dumps({"rows": [1], "next": cursor}))
    written = {"path": "items/{cursor}", "headers": "X-After: {cursor}", "params": "after={cursor}"}[place]
    error = error_of(trial(api.address, query={"rows": "rows", "cursor": "next", place: written}))
    assert isinstance(error, Malformed)
    assert "cannot be sent back" in error.message
    assert len(api.requests) == 1


@pytest.mark.parametrize("following", ["?page=2&api_key=left-over", "/api/items?page=2", "{origin}/api/items?page=2"])
def test_the_next_page_may_be_named_by_its_address(api: Api, following: str) -> None:
    following = following.replace("{origin}", api.address.removesuffix("/api"))
    api.answers_json(json.dumps({"rows": [1], "next": following}), '{"rows": [2], "next": null}')
    query = {"path": "items", "rows": "rows", "cursor": "next", "cursor_use": "next_address", "params": "from={since}"}
    assert page_of(trial(api.address, query=query, sign_in="query", secrets={"key": KEY})).rows == [1, 2]
    assert api.requests[1].path == "/api/items"
    assert sorted(api.requests[1].args.items(multi=True)) == [("api_key", KEY), ("page", "2")]


@pytest.mark.parametrize(
    "following", ["https://example.org/api?page=2", "//example.org/", "http://localhost:1/api", "ftp://localhost/"]
)
def test_the_key_is_not_taken_to_another_host(api: Api, following: str) -> None:
    api.answers_json(json.dumps({"rows": [1], "next": following}))
    query = {"rows": "rows", "cursor": "next", "cursor_use": "next_address"}
    error = error_of(trial(api.address, query=query, sign_in="bearer", secrets={"key": KEY}))
    assert isinstance(error, Blocked)
    assert len(api.requests) == 1


SINCE = {"rows": "posts", "cursor": "max_id", "cursor_use": "next_time", "params": "since_id={cursor}"}


def posts_after(request: Request) -> Response:
    """Answer with at most two of seven posts, and the id of the last one."""
    since = int(request.args.get("since_id", 0))
    posts = [{"id": number} for number in range(since + 1, 8)][:2]
    document = {"posts": posts, "max_id": posts[-1]["id"] if posts else None}
    return Response(json.dumps(document), content_type="application/json")


def test_a_cursor_for_next_time_reads_on_until_nothing_new_comes_and_is_kept(api: Api) -> None:
    api.answers(posts_after)
    page = fetched(api, **SINCE)
    assert [post["id"] for post in page.rows] == [1, 2, 3, 4, 5, 6, 7]
    assert page.cursor == 7
    api.requests.clear()
    again = fetched(api, kept=page.cursor, **SINCE)
    assert (again.rows, again.cursor) == ([], 7)
    assert [request.args["since_id"] for request in api.requests] == ["7"]


def test_a_cursor_that_moves_while_nothing_comes_ends_the_reading_and_is_kept(api: Api) -> None:
    api.answers_json('{"posts": [1], "max_id": 1}', '{"posts": [], "max_id": 2}', '{"posts": [], "max_id": 3}')
    page = fetched(api, **SINCE)
    assert (page.rows, page.cursor, len(api.requests)) == ([1], 2, 2)


def test_a_backlog_without_end_goes_on_next_time(api: Api) -> None:
    api.answers(numbered_pages(10**9))
    page = fetched(api, **{**PAGED, "cursor_use": "next_time"})
    assert (len(page.rows), page.cursor) == (100, "101")
    assert fetched(api, kept="101", **{**PAGED, "cursor_use": "next_time"}).rows[0] == {"n": 101}


def test_a_kept_cursor_is_no_way_to_the_next_page(api: Api) -> None:
    api.answers(numbered_pages(2))
    assert fetched(api, kept="2", **PAGED).rows == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("address", "", "Enter an address"),
        ("address", "ftp://example.com", "complete address"),
        ("address", "file:///etc/passwd", "complete address"),
        ("address", "javascript:alert(1)", "complete address"),
        ("address", "https://", "complete address"),
        ("address", "https://example.com:99999/", "complete address"),
        ("address", "https://example.com/a b", "complete address"),
        ("address", "https://example.com\\@example.org/", "complete address"),
        ("address", "https://[::1/", "complete address"),
        ("address", "https://growth:secret@example.com/", "as the sign-in"),
        ("address", "https://example.com/?API_KEY=abc", "as the sign-in"),
        ("address", "https://example.com/{since}", "Placeholders go into"),
        ("sign_in", "magic", "cannot be chosen here"),
        ("header_name", "X Key", "not the name of a header"),
        ("header_name", "X-Key: 1", "not the name of a header"),
        ("headers", "Accept-Language", "should look like"),
        ("headers", ": de", "should look like"),
        ("headers", "Authorization: Bearer abc", "as the sign-in"),
        ("headers", "cookie: session=abc", "as the sign-in"),
        ("headers", "X Y: 1", "not the name of a header"),
    ],
)
def test_settings_that_cannot_work_are_refused_with_a_sentence(field: str, value: str, sentence: str) -> None:
    form = http.Settings(data={"address": "https://example.com", field: value})
    assert not form.is_valid()
    assert sentence in form.errors[field][0]


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ({"path": "https://example.org/x"}, "path", "Another host needs a connection"),
        ({"path": "//example.org/x"}, "path", "Another host needs a connection"),
        ({"path": "../admin"}, "path", "without “..”"),
        ({"path": "a b"}, "path", "without spaces"),
        ({"path": "a\\b"}, "path", "without spaces"),
        ({"path": "visitors?day=1"}, "path", "as parameters"),
        ({"params": "metric"}, "params", "should look like metric=visitors"),
        ({"params": "=5"}, "params", "should look like"),
        ({"params": "{since}=5"}, "params", "to the right"),
        ({"params": "from={start}"}, "__all__", "{start} is not known"),
        ({"path": "{day}"}, "__all__", "{day} is not known"),
        ({"method": "POST", "body": '{"a": "{today}"}'}, "__all__", "{today} is not known"),
        ({"method": "POST", "body": "{since}"}, "body", "not valid JSON"),
        ({"method": "POST", "body": "[" * 15000}, "body", "not valid JSON"),
        ({"method": "POST", "body": "[" * 60 + "]" * 60}, "body", "not valid JSON"),
        ({"method": "GET", "body": "{}"}, "body", "goes with POST"),
        ({"method": "DELETE"}, "method", "cannot be chosen here"),
        ({"rows": "data..items"}, "rows", "no path we can follow"),
        ({"rows": "nope(@)"}, "rows", "no function"),
        ({"cursor": "next"}, "cursor", "Write {cursor} where"),
        ({"params": "page={cursor}"}, "cursor", "Say where"),
        ({"params": "p={cursor}", "cursor": "n", "cursor_use": "next_address"}, "cursor", "Say where"),
        ({"date_format": "auto"}, "date_format", "Say how dates are sent"),
        ({"date_format": "%H"}, "date_format", "needs the year"),
    ],
)
def test_queries_that_cannot_work_are_refused_with_a_sentence(query: dict[str, str], field: str, sentence: str) -> None:
    form = http.Query(data=query)
    assert not form.is_valid()
    assert sentence in form.errors[field][0]


def test_what_a_form_returns_can_be_stored_and_cleaned_again() -> None:
    settings = http.Settings(data={"address": " example.com/api#x ", "headers": " A:b \r\n\r\n C : d:e "})
    query = http.Query(data={"path": "/a/b", "params": "x = 1\r\ny=a=b\n", "date_format": ""})
    assert settings.is_valid()
    assert query.is_valid()
    assert settings.cleaned_data["address"] == "https://example.com/api"
    assert settings.cleaned_data["headers"] == "A: b\nC: d:e"
    assert (query.cleaned_data["path"], query.cleaned_data["params"]) == ("a/b", "x=1\ny=a=b")
    for form, form_class in ((settings, http.Settings), (query, http.Query)):
        stored = json.loads(json.dumps(form.cleaned_data))
        again = form_class(data=stored)
        assert again.is_valid(), again.errors
        assert again.cleaned_data == stored


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, False),
        ({"params": "metric=a"}, False),
        ({"params": "from={since}"}, True),
        ({"path": "to/{until}"}, True),
        ({"headers": "X-From: {since}"}, True),
        ({"method": "POST", "body": '{"from": ["{since}"]}'}, True),
        ({"method": "POST", "body": '{"{since}": 1}'}, False),
        ({"method": "POST", "body": "from {since}", "content_type": "text/plain"}, True),
        ({"params": "page={cursor}", "cursor": "next"}, False),
    ],
)
def test_a_query_tells_whether_it_asks_for_a_stretch_of_time(query: dict[str, str], expected: bool) -> None:
    form = http.Query(data=query)
    assert form.is_valid(), form.errors
    assert http.uses_window(form.cleaned_data) is expected


def test_a_setting_that_was_stored_before_it_was_refused_stops_the_call(api: Api) -> None:
    error = error_of(trial(api.address, query={"rows": "a..b"}))
    assert isinstance(error, Misconfigured)
    assert error.message.startswith("A setting does not fit any more: Rows.")
    assert api.requests == []


def test_the_connection_shows_its_address() -> None:
    assert http.address({"address": "https://example.com/api"}) == "https://example.com/api"
    assert http.address({}) == ""
