"""A list first, then the details of each row; and an answer that is reshaped before rows are looked for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors.answers import pages
from connectors.errors import FetchError, Malformed, RateLimited, Reason, Refused, TooLarge
from connectors.inquiry import details
from connectors.kinds import http
from tests.connectors.asking import Api, page_of, trial
from tests.connectors.feeding import Feeding

DETAILS = {"path": "orders", "rows": "orders", "details_path": "orders/{id}/lines"}


@pytest.fixture
def api(httpserver: HTTPServer) -> Api:
    return Api(httpserver)


def answer(document: Any, status: int = 200, **headers: str) -> Response:
    return Response(json.dumps(document), status=status, content_type="application/json", headers=headers)


def shop(*ids: Any, broken: Any = None, response: Response | None = None) -> Any:
    """Return a shop with orders of these ids; the details of one of them may be broken."""

    def answering(request: Request) -> Response:
        if request.path == "/api/orders":
            return answer({"orders": [{"id": one, "region": "North"} for one in ids]})
        one = request.path.split("/")[-2]
        return response if response is not None and one == str(broken) else answer({"total": len(one), "of": one})

    return answering


def test_the_details_of_each_row_stand_beside_it(api: Api) -> None:
    api.answers(shop(7, "b/8"))
    page = Feeding(api.address, {**DETAILS, "details_params": "region={region}\nfrom={since}"}).collect()
    assert [(row["id"], row["details"]["total"]) for row in page.rows] == [(7, 1), ("b/8", 1)]
    assert api.requests[1].path == "/api/orders/7/lines"
    assert api.requests[1].args.to_dict() == {"region": "North", "from": "2026-11-01"}


def test_what_there_is_to_pick_shows_the_details(api: Api) -> None:
    api.answers(shop(7))
    page = page_of(trial(api.address, query=DETAILS))
    assert page.answer == {"orders": [{"id": 7, "region": "North", "details": {"total": 1, "of": "7"}}]}


def test_details_are_signed_in_and_may_use_what_a_step_kept(api: Api) -> None:
    api.answers(lambda request: answer({"t": "abc"}) if request.path == "/api/token" else shop(7)(request))
    query = {**DETAILS, "steps": "GET token\nkeep token = t", "headers": "X-Token: {token}"}
    Feeding(api.address, query, secrets={"key": "k3y"}, settings={"sign_in": "bearer"}).collect()
    assert [request.headers["Authorization"] for request in api.requests] == ["Bearer k3y"] * 3
    assert api.requests[2].headers["X-Token"] == "abc"


def test_a_list_without_rows_has_no_details(api: Api) -> None:
    api.answers(shop())
    assert Feeding(api.address, DETAILS).collect().rows == []
    assert len(api.requests) == 1


@pytest.mark.parametrize(
    ("response", "kind", "reason", "sentence"),
    [
        (answer({}, 500), FetchError, Reason.SERVER_ERROR, "It answered 500"),
        (answer({}, 404), Refused, Reason.NOT_FOUND, "Nothing lives at this address (404)"),
        (answer({}, 401), Refused, Reason.UNAUTHORISED, "It answered 401"),
        (answer({}, 429, **{"Retry-After": "600"}), RateLimited, Reason.RATE_LIMITED, "It answered 429"),
        (Response('{"a": '), Malformed, Reason.MALFORMED, "JSON that is cut off"),
        (Response("<html>x</html>"), Malformed, Reason.MALFORMED, "HTML, not JSON"),
    ],
)
def test_details_that_fail_fail_the_call_and_name_the_row(
    api: Api, response: Response, kind: type[FetchError], reason: Reason, sentence: str
) -> None:
    api.answers(shop(7, 8, 9, broken=8, response=response))
    with pytest.raises(kind) as raised:
        Feeding(api.address, DETAILS).collect()
    error = raised.value
    assert error.message.startswith("The details of row 2, at orders/8/lines, could not be read. ")
    assert sentence in error.message
    assert error.reason == reason
    assert error.permanent == (reason == Reason.UNAUTHORISED), "a row that is gone is not gone for good"
    assert (error.retry_at is not None) == (reason == Reason.RATE_LIMITED)


@pytest.mark.parametrize("row", ['{"n": 1}', '{"id": null}', '{"id": [1]}', '{"id": true}', '{"id": ""}', "5", '"7"'])
def test_a_row_without_its_field_is_named(api: Api, row: str) -> None:
    api.answers_json(f'{{"orders": [{row}]}}')
    with pytest.raises(Malformed, match="Row 1 has no “id”, by which its details are asked for"):
        Feeding(api.address, DETAILS).collect()


def test_a_field_that_would_lead_elsewhere_is_not_sent(api: Api) -> None:
    api.answers(shop(".."))
    with pytest.raises(Malformed, match=r"The details of row 1, at orders/\{id\}/lines, could not be read. A value"):
        Feeding(api.address, DETAILS).collect()
    assert len(api.requests) == 1


def test_too_many_rows_are_refused_before_anything_is_asked(api: Api) -> None:
    api.answers(shop(*range(6)))
    with pytest.raises(TooLarge, match="6 rows came, and details are asked of at most 5"):
        Feeding(api.address, {**DETAILS, "most_details": 5}).collect()
    assert len(api.requests) == 1


def test_details_that_take_too_long_are_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_SECONDS", -1.0)
    api.answers(shop(1, 2))
    with pytest.raises(TooLarge, match="The details of 2 rows take too long"):
        Feeding(api.address, DETAILS).collect()


def test_details_that_are_too_large_together_are_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(details, "MOST_BYTES", 30)
    api.answers(shop(1, 2, 3, 4))
    with pytest.raises(TooLarge):
        Feeding(api.address, DETAILS).collect()
    assert len(api.requests) < 5


def test_pages_whose_rows_all_have_their_details_are_kept_where_a_later_one_fails(api: Api) -> None:
    failing = {5}

    def answering(request: Request) -> Response:
        if request.path != "/api/orders":
            return Response("busy", 429) if int(request.path.split("/")[3]) in failing else answer({"total": 1})
        since = int(request.args.get("since_id", 0))
        return answer({"orders": [{"id": one} for one in range(since + 1, min(since + 3, 8))]})

    api.answers(answering)
    query = {**DETAILS, "params": "since_id={cursor}", "cursor": "id", "cursor_use": "greatest"}
    feed = Feeding(api.address, query)
    page = feed.collect()
    assert [row["id"] for row in page.rows] == [1, 2, 3, 4]
    assert "Only the first 2 pages were read; the rest is asked for next. The details of row 5" in str(page.cut)
    assert isinstance(page.cut_by, RateLimited)
    assert feed.cursor == 4
    failing.clear()
    page = feed.collect()
    assert ([row["id"] for row in page.rows], page.cut, feed.cursor) == ([5, 6, 7], None, 7)


def test_where_no_page_is_whole_or_the_list_begins_anew_nothing_is_kept(api: Api) -> None:
    def answering(request: Request) -> Response:
        rows = [{"id": one} for one in (1, 2)] if "since_id" not in request.args else []
        return answer({"orders": rows}) if request.path == "/api/orders" else Response("busy", 429)

    api.answers(answering)
    since = {**DETAILS, "params": "since_id={cursor}", "cursor": "id", "cursor_use": "greatest"}
    for query in (DETAILS, since):
        with pytest.raises(RateLimited, match="The details of row 1"):
            Feeding(api.address, query).collect()


def test_where_only_what_is_new_is_asked_the_rest_of_a_long_list_comes_next(api: Api) -> None:
    def answering(request: Request) -> Response:
        if request.path != "/api/orders":
            return answer({"total": 1})
        since = int(request.args.get("since_id", 0))
        return answer({"orders": [{"id": one} for one in range(since + 1, min(since + 3, 8))]})

    api.answers(answering)
    query = {**DETAILS, "params": "since_id={cursor}", "cursor": "id", "cursor_use": "greatest", "most_details": 5}
    feed = Feeding(api.address, query)
    page = feed.collect()
    assert [row["id"] for row in page.rows] == [1, 2, 3, 4]
    assert page.cut is not None
    page = feed.collect()
    assert [row["id"] for row in page.rows] == [5, 6, 7]
    assert (page.cut, feed.cursor) == (None, 7)


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ({"details_path": "orders"}, "details_path", "Write where a field of the row is to be sent"),
        ({"details_path": "orders/{since}"}, "details_path", "Write where a field"),
        ({"details_params": "a={id}"}, "details_params", "Say where the details are"),
        ({"details_path": "https://a.example/{id}"}, "details_path", "Another host needs a connection"),
        ({"details_path": "{id}", "most_details": 501}, "most_details", "at most 500"),
    ],
)
def test_details_that_cannot_be_asked_for_are_refused(query: dict[str, Any], field: str, sentence: str) -> None:
    form = http.Query(data=query)
    assert not form.is_valid()
    assert sentence in str(form.errors[field][0])


# --- reshaping -------------------------------------------------------------------------------------------------------

COLUMNS = '{"days": ["2026-11-19", "2026-11-20"], "values": [3, 4], "meta": {"next": null}}'


@pytest.mark.parametrize(
    ("transform", "rows", "found"),
    [
        ("{total: sum(values), days: length(days)}", "", [{"total": 7, "days": 2}]),
        ("values[].{n: @}", "", [{"n": 3}, {"n": 4}]),
        ("{list: [{n: values[0]}, {n: values[1]}]}", "list", [{"n": 3}, {"n": 4}]),
    ],
)
def test_an_answer_is_reshaped_before_rows_are_looked_for(
    api: Api, transform: str, rows: str, found: list[Any]
) -> None:
    api.answers_json(COLUMNS)
    page = page_of(trial(api.address, query={"transform": transform, "rows": rows}))
    assert page.rows == found
    assert page.answer == (found if not rows and len(found) > 1 else {"list": found} if rows else found[0])


def test_how_it_goes_on_is_read_from_the_answer_as_it_came(api: Api) -> None:
    api.answers_json('{"v": [1], "next": "b"}', '{"v": [2], "next": null}')
    query = {"transform": "{rows: v}", "rows": "rows", "cursor": "next", "params": "at={cursor}"}
    assert page_of(trial(api.address, query=query)).rows == [1, 2]


def test_xml_is_reshaped_too(api: Api) -> None:
    api.answers(lambda _: Response("<a><b n='1'/><b n='2'/></a>", content_type="text/xml"))
    query = {"transform": 'a.b[].{n: to_number("@n")}', "lists": "b"}
    assert page_of(trial(api.address, query=query)).rows == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize(
    ("transform", "sentence"),
    [("sum(days)", "The path “sum(days)” does not fit the answer"), ("nothing", "Nothing stands in the answer")],
)
def test_what_cannot_be_reshaped_is_an_error(api: Api, transform: str, sentence: str) -> None:
    api.answers_json(COLUMNS)
    with pytest.raises(Malformed) as raised:
        Feeding(api.address, {"transform": transform}).collect()
    assert raised.value.message.startswith(sentence)


def test_a_reshaping_that_cannot_be_followed_is_refused() -> None:
    form = http.Query(data={"transform": "{a: b"})
    assert not form.is_valid()
    assert "transform" in form.errors
