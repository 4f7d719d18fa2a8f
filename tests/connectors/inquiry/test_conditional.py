"""Asking only for what has changed: what is kept of an answer, when it is sent, and what a 304 means."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors.errors import Malformed
from connectors.inquiry import conditional
from connectors.protocol import Window
from tests.connectors.asking import NOVEMBER, NOW, Api
from tests.connectors.feeding import Feeding

SINCE_AUGUST = Window(since=NOVEMBER.since.replace(month=8), until=NOW)


class Shelf:
    """A service that says how new its answer is, and answers 304 where nothing has changed."""

    def __init__(self, api: Api, **said: str) -> None:
        self.said, self.rows = said or {"ETag": 'W/"a"'}, [{"n": 1}]
        api.answers(self.answer)

    def answer(self, request: Request) -> Response:
        conditions = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
        if any(request.headers.get(conditions[name]) == value for name, value in self.said.items()):
            return Response("", status=304, headers=self.said)
        return Response(json.dumps({"rows": self.rows}), content_type="application/json", headers=self.said)


@pytest.fixture
def api(httpserver: HTTPServer) -> Api:
    return Api(httpserver)


@pytest.mark.parametrize(
    "said",
    [{"ETag": 'W/"a"'}, {"Last-Modified": "Fri, 20 Nov 2026 12:00:00 GMT"}, {"ETag": '"x"', "Last-Modified": "y"}],
)
def test_what_has_not_changed_is_not_sent_again(api: Api, said: dict[str, str]) -> None:
    Shelf(api, **said)
    feed = Feeding(api.address, {"rows": "rows"})
    assert (feed.collect().unchanged, feed.collect().unchanged) == (False, True)
    assert [note.status for note in feed.notes] == [200, 304]
    page = feed.collect()
    assert (page.rows, page.unchanged, page.answer) == ([], True, None)
    assert feed.validators, "it is asked so again"


def test_what_has_changed_comes(api: Api) -> None:
    shelf = Shelf(api)
    feed = Feeding(api.address, {"rows": "rows"})
    feed.collect()
    shelf.said, shelf.rows = {"ETag": '"b"'}, [{"n": 2}]
    page = feed.collect()
    assert (page.rows, page.unchanged) == ([{"n": 2}], False)
    assert feed.validators["etag"] == '"b"'


@pytest.mark.parametrize(
    ("query", "window"),
    [
        ({"params": "from={since}"}, SINCE_AUGUST),
        ({"rows": "rows", "path": "other"}, NOVEMBER),
        ({"rows": "rows[0]"}, NOVEMBER),
        ({"rows": "rows", "transform": "@"}, NOVEMBER),
        ({"rows": "rows", "answer": "json"}, NOVEMBER),
    ],
)
def test_another_question_is_asked_without_conditions(api: Api, query: dict[str, Any], window: Window) -> None:
    Shelf(api)
    feed = Feeding(api.address, {"rows": "rows", **({"params": "from={since}"} if "params" in query else {})})
    feed.collect()
    feed.query = query
    assert not feed.collect(window).unchanged
    assert "If-None-Match" not in api.requests[1].headers


@pytest.mark.parametrize(
    "query",
    [
        {"method": "POST"},
        {"cursor_use": "page_number", "params": "page={page}"},
        {"cursor_use": "link"},
        {"cursor": "next", "params": "at={cursor}"},
        {"details_path": "{n}"},
    ],
)
def test_where_more_hangs_on_it_than_one_answer_everything_is_asked(api: Api, query: dict[str, str]) -> None:
    shelf = Shelf(api)
    answered = shelf.answer

    def once(request: Request) -> Response:
        is_later = int(request.args.get("page", 1)) > 1
        return Response('{"rows": []}', content_type="application/json") if is_later else answered(request)

    api.answers(once)
    feed = Feeding(api.address, {"rows": "rows", **query})
    feed.collect()
    assert feed.validators == {}
    assert not feed.collect().unchanged


def test_where_only_what_is_new_is_asked_nothing_new_may_be_said_so(api: Api) -> None:
    api.answers(
        lambda request: (
            Response("", status=304)
            if request.headers.get("If-None-Match") == '"none"'
            else Response('{"rows": []}', content_type="application/json", headers={"ETag": '"none"'})
        )
    )
    query = {"rows": "rows", "cursor": "id", "cursor_use": "greatest", "params": "since_id={cursor}"}
    feed = Feeding(api.address, query, cursor=41)
    feed.collect()
    page = feed.collect()
    assert (page.unchanged, feed.cursor) == (True, 41)
    feed.cursor = 42
    assert not feed.collect().unchanged, "it is another question"


def test_a_token_that_is_new_each_time_is_the_same_question(api: Api) -> None:
    tokens = iter(["one", "two"])
    shelf = Shelf(api)
    api.answers(
        lambda request: (
            Response(json.dumps({"t": next(tokens)}), content_type="application/json")
            if request.path == "/api/token"
            else shelf.answer(request)
        )
    )
    query = {"rows": "rows", "steps": "GET token\nkeep token = t", "headers": "Authorization: Bearer {token}"}
    feed = Feeding(api.address, query)
    feed.collect()
    assert feed.collect().unchanged
    assert api.requests[-1].headers["Authorization"] == "Bearer two"


def test_a_304_that_nobody_asked_for_is_an_error(api: Api) -> None:
    api.answers(lambda _: Response("", status=304))
    with pytest.raises(Malformed):
        Feeding(api.address, {}).collect()


@pytest.mark.parametrize("said", [{}, {"ETag": "x" * 1001}, {"ETag": ""}])
def test_an_answer_that_does_not_say_how_new_it_is_is_asked_for_whole(api: Api, said: dict[str, str]) -> None:
    api.answers(lambda _: Response("[1]", content_type="application/json", headers=said))
    feed = Feeding(api.address, {})
    feed.collect()
    assert feed.validators == {}


def test_nothing_of_the_question_can_be_read_in_what_is_kept(api: Api) -> None:
    Shelf(api)
    feed = Feeding(api.address, {"rows": "rows", "params": "site=planted"})
    feed.collect()
    assert set(feed.validators) == {"etag", "question"}
    assert "planted" not in str(feed.validators)


def test_only_a_whole_answer_is_kept() -> None:
    assert conditional.validators_of(206, {"ETag": '"a"'}, "q") == {}
    assert conditional.validators_of(200, {"ETag": '"a"'}, "q") == {"etag": '"a"', "question": "q"}
    assert conditional.conditions({"etag": '"a"', "question": "q"}, "other") == {}
