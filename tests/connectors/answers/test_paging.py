"""Answers that come page by page, against a real server: counted by pages or rows, or linked by a header."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors.errors import Blocked, Malformed, TooLarge
from connectors.kinds import http
from connectors.outbound.links import next_link
from tests.connectors.asking import Api, error_of, page_of, trial

ROWS = [{"n": number} for number in range(7)]
BY_PAGE = {"rows": "rows", "cursor_use": "page_number", "params": "page={page}\nsize=3"}
BY_OFFSET = {"rows": "rows", "cursor_use": "offset", "params": "offset={offset}\nlimit=3"}
LINKED = {"cursor_use": "link", "path": "items"}
Answering = Callable[[Request], Response]


@pytest.fixture
def api(httpserver: HTTPServer) -> Api:
    return Api(httpserver)


def answer(document: Any, **headers: str) -> Response:
    return Response(json.dumps(document), content_type="application/json", headers=headers)


def by_page(first: int, *, past_the_end: int = 200) -> Answering:
    """Return a service whose pages of three rows are counted from `first`."""

    def answering(request: Request) -> Response:
        start = (int(request.args["page"]) - first) * 3
        found = answer({"rows": ROWS[start : start + 3]})
        found.status_code = past_the_end if start >= len(ROWS) else 200
        return found

    return answering


def by_offset(request: Request) -> Response:
    start = int(request.args["offset"])
    return answer({"rows": ROWS[start : start + int(request.args["limit"])]})


def sent(api: Api, name: str) -> list[str | None]:
    return [request.args.get(name) for request in api.requests]


@pytest.mark.parametrize("first", [1, 0])
def test_pages_are_counted_from_the_first_to_the_empty_one(api: Api, first: int) -> None:
    api.answers(by_page(first))
    assert page_of(trial(api.address, query={**BY_PAGE, "first_page": str(first)})).rows == ROWS
    assert sent(api, "page") == [str(first + number) for number in range(4)]


def test_a_page_past_the_last_that_is_not_there_is_the_end(api: Api) -> None:
    api.answers(by_page(1, past_the_end=404))
    assert page_of(trial(api.address, query=BY_PAGE)).rows == ROWS


def test_a_first_page_that_is_not_there_is_an_error(api: Api) -> None:
    api.answers(lambda _: Response("gone", status=404))
    assert error_of(trial(api.address, query=BY_PAGE)).status == 404


def test_rows_are_counted(api: Api) -> None:
    api.answers(by_offset)
    assert page_of(trial(api.address, query=BY_OFFSET)).rows == ROWS
    assert sent(api, "offset") == ["0", "3", "6", "7"]


@pytest.mark.parametrize("query", [BY_PAGE, BY_OFFSET])
def test_a_service_that_does_not_count_is_noticed_before_anything_is_doubled(api: Api, query: dict[str, str]) -> None:
    api.answers_json(json.dumps({"rows": ROWS}))
    error = error_of(trial(api.address, query=query))
    assert isinstance(error, Malformed)
    assert "same as the one before" in error.message
    assert len(api.requests) == 2


BY_CURSOR = {"rows": "rows", "cursor": "next", "params": "after={cursor}"}
BY_ADDRESS = {"rows": "rows", "cursor": "next", "cursor_use": "next_address"}
BY_NEXT = {
    "rows": "rows", "cursor": "n", "cursor_use": "greatest", "pages": "next_page", "next": "next",
    "params": "since={cursor}\nafter={next}",
}  # fmt: skip
ALIKE = [{"n": 4}, {"n": 6}]
Pages = Mapping[str, tuple[list[dict[str, int]], str | None]]


def named(pages: Pages) -> Answering:
    """Return a service that names the page after each: `pages` by what they are asked for with, empty for the first."""

    def answering(request: Request) -> Response:
        rows, following = pages[request.args.get("after", "")]
        return answer({"rows": rows, "next": following})

    return answering


def at(pages: Pages) -> Pages:
    """Return the same pages, each named by its address."""
    return {name: (rows, following and f"?after={following}") for name, (rows, following) in pages.items()}


@pytest.mark.parametrize("use", ["next_page", "next_time"])
@pytest.mark.parametrize(
    "pages",
    [
        {"": (ALIKE, "x"), "x": (ALIKE, "x")},  # it heeds no cursor
        {"": ([{"n": 1}], "x"), "x": ([{"n": 1}], "x")},
        {"": (ALIKE, "x"), "x": (ALIKE, "y"), "y": (ALIKE, "z")},  # nor does this one, which names another each time
        {"": ([{"n": 1}], "b"), "b": ([{"n": 2}], "a"), "a": ([{"n": 1}], "b")},  # a ring
        {"": ([{"n": 1}], "10"), "10": ([{"n": 2}], "20"), "20": ([{"n": 3}], "30"), "30": ([{"n": 4}], "10")},
    ],
)
def test_a_service_that_leads_round_in_a_ring_is_noticed_before_anything_is_doubled(
    api: Api, pages: Pages, use: str
) -> None:
    api.answers(named(pages))
    error = error_of(trial(api.address, query={**BY_CURSOR, "cursor_use": use}))
    assert isinstance(error, Malformed)
    assert "same as the one before" in error.message
    assert len(api.requests) <= len(pages)


def test_a_ring_is_noticed_whatever_names_the_next_page(api: Api) -> None:
    pages = {"": ([{"n": 1}], "b"), "b": ([{"n": 2}], "a"), "a": ([{"n": 1}], "b")}
    api.answers(named(at(pages)))
    assert "same as the one before" in error_of(trial(api.address, query=BY_ADDRESS)).message
    api.answers(named(pages))
    assert "same as the one before" in error_of(trial(api.address, query=BY_NEXT)).message


@pytest.mark.parametrize("use", ["next_page", "next_time"])
@pytest.mark.parametrize(
    ("pages", "rows"),
    [
        ({"": ([{"n": 1}], "x"), "x": ([], "x")}, 1),  # an empty page after the last
        ({"": ([{"n": 1}], "x"), "x": ([{"n": 2}], "x")}, 2),  # the last one names itself
        ({"": ([{"n": 1}], "x"), "x": ([{"n": 1}], "y"), "y": ([{"n": 1}], None)}, 3),  # rows may be alike
        ({"": ([{"n": 1}], "x"), "x": ([{"n": 2}], "y"), "y": ([], "x")}, 2),
    ],
)
def test_a_last_page_may_name_what_it_likes(api: Api, pages: Pages, rows: int, use: str) -> None:
    api.answers(named(pages))
    assert len(page_of(trial(api.address, query={**BY_CURSOR, "cursor_use": use})).rows) == rows


def test_pages_that_never_end_are_refused(api: Api) -> None:
    api.answers(lambda request: answer({"rows": [{"n": int(request.args["page"])}]}))
    assert isinstance(error_of(trial(api.address, query=BY_PAGE)), TooLarge)
    assert len(api.requests) == 100


@pytest.mark.parametrize("query", [BY_PAGE, BY_OFFSET])
def test_how_many_pages_are_too_many_can_be_said(api: Api, query: dict[str, Any]) -> None:
    api.answers(by_page(1) if query is BY_PAGE else by_offset)
    assert "more than 2 pages" in error_of(trial(api.address, query={**query, "most_pages": 2})).message
    assert len(api.requests) == 2
    assert page_of(trial(api.address, query={**query, "most_pages": 4})).rows == ROWS


def test_pages_of_json_lines_are_read_like_any_other(api: Api) -> None:
    lines = ['{"n": 1}\n{"n": 2}\n', '{"n": 3}\n', ""]
    api.answers(lambda request: Response(lines[int(request.args["offset"]) // 2 + int(request.args["offset"]) % 2]))
    query = {"cursor_use": "offset", "params": "offset={offset}", "answer": "json_lines"}
    assert page_of(trial(api.address, query=query)).rows == [{"n": 1}, {"n": 2}, {"n": 3}]


def test_the_header_link_leads_from_page_to_page_with_the_key(api: Api) -> None:
    def answering(request: Request) -> Response:
        number = int(request.args.get("page", 1))
        link = f'</api/items?page={number + 1}>; rel="next", </api/items?page=1>; rel="first"' if number < 3 else ""
        return answer([{"n": number}], Link=link)

    api.answers(answering)
    found = page_of(trial(api.address, sign_in="bearer", secrets={"key": "k3y"}, query=LINKED))
    assert found.rows == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert {request.headers["Authorization"] for request in api.requests} == {"Bearer k3y"}


def test_a_link_to_another_service_is_not_followed(api: Api) -> None:
    api.answers(lambda _: answer([1], Link='<https://elsewhere.example/items>; rel="next"'))
    assert isinstance(error_of(trial(api.address, query=LINKED)), Blocked)
    assert len(api.requests) == 1


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ('<https://a.example/?page=2>; rel="next"', "https://a.example/?page=2"),
        ("</items?page=2>; rel=next", "/items?page=2"),
        ('<a>; rel="prev", <b>; title="next"; rel="last next"', "b"),
        ('<a>; rel="prev"', None),
        ("", None),
        ("nonsense", None),
    ],
)
def test_a_link_header_is_read(header: str, address: str | None) -> None:
    assert next_link({"Link": header}) == address


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ({"cursor_use": "page_number"}, "cursor_use", "Write {page} where it is to be sent"),
        ({"cursor_use": "offset", "params": "page={page}"}, "cursor_use", "Write {offset} where"),
        ({"params": "page={page}"}, "cursor_use", "Choose what {page} counts."),
        ({"cursor_use": "link", "params": "a={cursor}"}, "cursor", "Say where the answer holds the cursor"),
        ({"cursor_use": "link", "cursor": "next"}, "cursor", "Leave this empty"),
    ],
)
def test_a_way_that_cannot_work_is_refused(query: dict[str, str], field: str, sentence: str) -> None:
    form = http.Query(data=query)
    assert not form.is_valid()
    assert str(form.errors[field][0]).startswith(sentence)
