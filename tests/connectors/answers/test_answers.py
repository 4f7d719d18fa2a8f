"""What is no JSON is read by scheduled collections as it was when the number was picked."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from connectors.errors import Malformed, Reason
from connectors.kinds import http
from tests.connectors.asking import Api, error_of, page_of, trial

TABLE = "date;revenue\n2026-11-19;1.234,50\n2026-11-20;980,10\n"
ROWS = [{"date": "2026-11-19", "revenue": 1234.5}, {"date": "2026-11-20", "revenue": 980.1}]


@pytest.fixture
def api(httpserver: HTTPServer) -> Api:
    return Api(httpserver)


def answer(api: Api, body: str | bytes, kind: str = "text/plain") -> None:
    """Let the API answer with a body of its own kind."""
    api.answers(lambda _: Response(body, content_type=kind))


@pytest.mark.parametrize(
    ("body", "kind", "rows", "written"),
    [
        (TABLE, "text/csv", ROWS, {"answer": "table", "decimal": "comma"}),
        (TABLE, "application/octet-stream", ROWS, {"answer": "table", "decimal": "comma"}),
        ("up 1\n# nothing\nbusy 0.5\n", "text/plain", [{"up": 1, "busy": 0.5}], {"answer": "prometheus"}),
        ("1.234,5", "text/plain", [1234.5], {"answer": "number"}),
        ("42", "text/plain", [42], {"answer": "number"}),
        ('{"n": 5}', "text/plain", [{"n": 5}], {"answer": "json"}),
        ('{"n": 5}\n{"n": 6}\n', "application/x-ndjson", [{"n": 5}, {"n": 6}], {"answer": "json_lines"}),
    ],
)
def test_an_answer_is_read_as_it_is_written(api: Api, body: str, kind: str, rows: Any, written: Any) -> None:
    answer(api, body, kind)
    page = page_of(trial(api.address))
    assert (page.rows, page.written) == (rows, written)
    again = page_of(trial(api.address, query=dict(page.written)))
    assert again.rows == rows, "what was found out once is kept to"


def test_paths_lead_through_a_table_as_through_json(api: Api) -> None:
    answer(api, TABLE, "text/csv")
    page = page_of(trial(api.address, query={"rows": "[max_by(@, &date)]"}))
    assert page.rows == [ROWS[1]]


def test_a_table_in_the_character_set_of_windows_is_read(api: Api) -> None:
    answer(api, "Größe;n\nmäßig;1,5\n".encode("cp1252"), "text/csv")
    assert page_of(trial(api.address)).rows == [{"Größe": "mäßig", "n": 1.5}]


def test_a_person_who_tries_sees_how_a_number_is_read_that_nothing_decides(api: Api) -> None:
    answer(api, "Datum;Kurs\n2026-11-20;1.234\n", "text/csv")
    page = page_of(trial(api.address))
    assert (page.rows[0]["Kurs"], page.written["decimal"]) == (1234, "comma")


def test_a_byte_order_mark_says_what_a_text_is(api: Api) -> None:
    answer(api, TABLE.encode("utf-16"), "text/csv")
    assert page_of(trial(api.address)).rows == ROWS
    answer(api, '[{"n": 1}]'.encode("utf-16"), "application/json")
    assert page_of(trial(api.address)).rows == [{"n": 1}]


NO_ROWS = [{"rows": "data"}, {"rows": "data.items[?n]"}, {"answer": "table"}, {"answer": "json_lines"}]


@pytest.mark.parametrize("query", NO_ROWS)
def test_no_content_is_an_answer_without_rows(api: Api, query: dict[str, str]) -> None:
    api.answers(lambda _: Response(status=204))
    assert page_of(trial(api.address, query=query)).rows == []


@pytest.mark.parametrize("query", [{}, {"answer": "json"}])
def test_no_content_is_no_number_and_no_document(api: Api, query: dict[str, str]) -> None:
    api.answers(lambda _: Response(status=204))
    assert "It answered with nothing" in error_of(trial(api.address, query=query)).message


def test_no_content_ends_a_list(api: Api) -> None:
    pages = {"1": Response("[1, 2]"), "2": Response(status=204)}
    api.answers(lambda request: pages[request.args["page"]])
    query = {"cursor_use": "page_number", "params": "page={page}"}
    assert page_of(trial(api.address, query=query)).rows == [1, 2]


@pytest.mark.parametrize(
    ("body", "rows"),
    [('{"data": null}', "data"), ('{"data": {"items": null}}', "data.items"), ('{"data": null}', "data[?n].x"),
     ('{"data": null}', "data[0]")],
)  # fmt: skip
def test_null_where_the_rows_stand_is_a_list_without_entries(api: Api, body: str, rows: str) -> None:
    answer(api, body)
    assert page_of(trial(api.address, query={"rows": rows})).rows == []


@pytest.mark.parametrize(
    ("body", "rows"),
    [('{"dat": null}', "data"), ('{"data": null}', "data.items"), ('{"data": []}', "data[0]"), ("null", "")],
)
def test_a_name_that_is_missing_is_an_error(api: Api, body: str, rows: str) -> None:
    answer(api, body)
    assert "Nothing stands" in error_of(trial(api.address, query={"rows": rows})).message


def test_where_json_is_expected_a_table_is_refused(api: Api) -> None:
    answer(api, TABLE, "text/csv")
    error = error_of(trial(api.address, query={"answer": "json"}))
    assert isinstance(error, Malformed)
    assert "not JSON" in error.message


def test_where_a_table_is_expected_a_page_that_is_down_is_refused(api: Api) -> None:
    answer(api, '"never closed', "text/plain")
    assert isinstance(error_of(trial(api.address, query={"answer": "prometheus"})), Malformed)
    answer(api, "1,234", "text/plain")
    error = error_of(trial(api.address, query={"answer": "number"}))
    assert "can be read in two ways: “1,234”" in error.message
    assert page_of(trial(api.address, query={"answer": "number", "decimal": "comma"})).rows == [1.234]


def test_a_page_on_which_people_sign_in_wants_a_key(api: Api) -> None:
    answer(api, "<html><form><input name=p type='password'></form></html>", "text/html")
    error = error_of(trial(api.address))
    assert (error.reason, error.permanent, error.status) == (Reason.UNAUTHORISED, True, 200)
    assert "people sign in" in error.message


def test_being_led_to_a_sign_in_wants_a_key(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api").respond_with_response(
        Response("", 302, {"Location": "/accounts/login/?next=/api"})
    )
    httpserver.expect_request("/accounts/login/").respond_with_data("<html>Hello</html>", content_type="text/html")
    assert error_of(trial(httpserver.url_for("/api"))).reason == Reason.UNAUTHORISED


def test_any_other_page_for_people_is_no_answer(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/oauth/stats").respond_with_data("<html>Hello</html>", content_type="text/html")
    error = error_of(trial(httpserver.url_for(""), query={"path": "oauth/stats"}))
    assert "HTML, not JSON" in error.message


def test_the_query_offers_every_way_an_answer_is_written() -> None:
    assert [value for value, _ in http.Query.base_fields["answer"].choices] == [  # type: ignore[attr-defined]
        "auto",
        "json",
        "json_lines",
        "xml",
        "table",
        "prometheus",
        "number",
    ]
    cleaned = http.Query({})
    assert cleaned.is_valid()
    assert (cleaned.cleaned_data["answer"], cleaned.cleaned_data["decimal"]) == ("auto", "auto")
