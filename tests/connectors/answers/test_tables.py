"""Tables, Prometheus text and plain numbers become the same plain values as JSON."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.answers import tables
from connectors.problems import Problem, Unreadable
from connectors.sandbox import shop
from tests.connectors.asking import NOW

METRICS = """# HELP http_requests_total Requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="get",code="200",path="C:\\\\DIR\\n\\"x\\""} 3
up 1
temperature -1.5e1
broken NaN
bucket{le="+Inf"} 5 # {trace="a"} 1
"""


@pytest.mark.parametrize(
    ("text", "kind", "written"),
    [
        ("42", "text/plain", tables.NUMBER),
        ("1.234,5 %\n", "", tables.NUMBER),
        ("date,visits\n2026-11-01,300\n", "", tables.TABLE),
        ("2026-11-01;300\n2026-11-02;310\n", "", tables.TABLE),
        ("name\nBerlin\n", "text/csv", tables.TABLE),
        (METRICS, "text/plain", tables.PROMETHEUS),
        ("up 1", "application/openmetrics-text", tables.PROMETHEUS),
        ('{"n": 1}\n{"n": 2}\n', "application/x-ndjson", tables.JSON_LINES),
        ('[1, "a"]\r\n\r\n[2, "b"]', "", tables.JSON_LINES),
        ('{"n": 1}\n{"n":', "", ""),
        ('{\n"n": 1,\n}', "", ""),
        ("", "text/csv", ""),
        ("<html>1,2\n3,4</html>", "text/html", ""),
        ('{"cut": 1,', "application/json", ""),
        ("Sorry, not today.\nPlease, try again.", "", ""),
        ("no numbers here", "", ""),
    ],
)
def test_how_an_answer_is_written_is_found_out(text: str, kind: str, written: str) -> None:
    assert tables.recognised(text, kind=kind) == written


def test_json_lines_are_a_list_of_documents() -> None:
    text = '{"n": 1, "of": {"a": [1]}}\r\n\n{"n": 2.5}\n'
    assert tables.read(text, tables.JSON_LINES) == [{"n": 1, "of": {"a": [1]}}, {"n": 2.5}]


@pytest.mark.parametrize("line", ['{"n":', "NaN", "{'n': 1}", "1e999"])
def test_a_line_that_is_no_json_refuses_the_whole(line: str) -> None:
    with pytest.raises(Unreadable) as refused:
        tables.read(f'{{"n": 1}}\n\n{line}\n{{"n": 2}}', tables.JSON_LINES)
    assert "Line 3 of the answer is not JSON" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("date,visits\n2026-11-01,300\n2026-11-02,\n", [("2026-11-01", 300), ("2026-11-02", None)]),
        ('date,visits\n2026-11-01,"1,234"\n', [("2026-11-01", 1234)]),
        ('date,visits\n2026-11-01,"$1,234.50"\n', [("2026-11-01", 1234.5)]),
        ("date\tvisits\n2026-11-01\t300\n", [("2026-11-01", 300)]),
        ("date|visits\r\n2026-11-01|300\r\n\r\n", [("2026-11-01", 300)]),
        ("date;visits\n2026-11-01;12,5\n", [("2026-11-01", 12.5)]),
        ("date;visits\n2026-11-01;1.234,50\n2026-11-02;980,10\n", [("2026-11-01", 1234.5), ("2026-11-02", 980.1)]),
        ("date;visits\n2026-11-01;1,234\n", [("2026-11-01", 1.234)]),
        ("date;visits\n2026-11-01;1,234\n2026-11-02;1,234,567\n", [("2026-11-01", 1234), ("2026-11-02", 1234567)]),
        ("date;visits\n2026-11-01;12.5\n2026-11-02;1,234.5\n", [("2026-11-01", 12.5), ("2026-11-02", 1234.5)]),
        ("date,visits\n2026-11-01,98.7%\n", [("2026-11-01", 98.7)]),
        ("date,visits\n2026-11-01,007\n2026-11-02,8\n", [("2026-11-01", "007"), ("2026-11-02", "8")]),
        ("date,visits\n2026-11-01,n/a\n2026-11-02,5\n", [("2026-11-01", "n/a"), ("2026-11-02", 5)]),
        ("date,visits\n20261101,5\n20261102,6\n", [("20261101", 5), ("20261102", 6)]),
        ("date,visits\n2026-11-01\n", [("2026-11-01", None)]),
    ],
)
def test_a_table_becomes_rows(text: str, rows: list[tuple[str, Any]]) -> None:
    assert [(row["date"], row["visits"]) for row in tables.table(text)] == rows


def test_a_known_sign_before_decimals_is_kept_to() -> None:
    text = "date;visits\n2026-11-01;1.234\n"
    assert tables.table(text, decimal="comma")[0]["visits"] == 1234
    assert tables.table(text, decimal="point")[0]["visits"] == 1.234
    assert tables.decimal_sign("a;b\n1;2,5\n") == "comma"
    assert tables.decimal_sign("a,b\n1,2.5\n") == "point"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Datum;Kurs\n2026-11-20;1.234\n2026-11-21;1.250\n", "1.234"),
        ("Datum;Kurs\n2026-11-20;-1,234 €\n", "-1,234 €"),
        ("Datum;Kurs\n2026-11-20;7\n2026-11-21;1.250\n", "1.250"),
        ("Datum;Kurs\n2026-11-20;1.234\n2026-11-21;0.98\n", ""),  # another row shows it,
        ("Datum;Kurs;Umsatz\n2026-11-20;1.234;980,10\n", ""),  # or another column
        ("Datum;Nummer\n2026-11-20;1.234\n2026-11-21;007\n", ""),
        ("Datum;Kurs\n2026-11-20;1.234\n2026-11-21;1.234.567\n", ""),
        ("date,visits\n2026-11-20,1.234\n", ""),
    ],
)
def test_a_table_tells_what_nothing_in_it_decides(text: str, found: str) -> None:
    assert tables.in_two_ways(text) == found


def test_columns_without_names_or_with_the_same_get_their_own() -> None:
    assert list(tables.table("2026-11-01,5\n2026-11-02,6\n")[0]) == ["column 1", "column 2"]
    assert list(tables.table("n,n,\n1,2,3\n")[0]) == ["n", "n 2", "column 3"]
    assert list(tables.table("a,b\n1,2,3\n")[0]) == ["a", "b", "column 3"], "nothing is lost silently"


def test_a_table_of_names_alone_has_no_rows() -> None:
    assert tables.table("date,visits\n") == []


def test_a_table_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 2)
    assert len(tables.table("n,m\n1,1\n2,2\n")) == 2
    with pytest.raises(Unreadable) as refused:
        tables.table("n,m\n1,1\n2,2\n3,3\n")
    assert refused.value.problem == Problem("large_table", {"rows": 2, "columns": tables.MOST_COLUMNS})


def test_prometheus_text_becomes_values_by_name_and_labels() -> None:
    assert tables.prometheus(METRICS) == {
        "http_requests_total": [
            {"method": "post", "code": "200", "value": 1027},
            {"method": "get", "code": "200", "path": 'C:\\DIR\n"x"', "value": 3},
        ],
        "up": 1,
        "temperature": -15,
        "broken": None,
        "bucket": [{"le": "+Inf", "value": 5}],
    }


def test_a_line_that_is_no_sample_is_named() -> None:
    with pytest.raises(Unreadable) as refused:
        tables.prometheus("up 1\nthis is no sample at all\n")
    assert "“this is no sample at all” is no line of Prometheus text." in str(refused.value.problem)


def test_a_number_that_can_be_read_in_two_ways_is_refused_until_one_says_which() -> None:
    with pytest.raises(Unreadable):
        tables.plain("1,234")
    assert (tables.plain("1,234", decimal="point"), tables.plain("1,234", decimal="comma")) == (1234, 1.234)


@given(st.text(alphabet='a1,;"\t\n. %{}=', max_size=60))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    for written in (tables.TABLE, tables.PROMETHEUS, tables.NUMBER):
        said: Any = ""
        try:
            said = tables.read(text, written)
        except Unreadable as refused:
            said = str(refused.problem)
        assert said or said in ([], {}, 0)


def test_the_pretend_shop_says_the_same_in_every_way() -> None:
    plain, german = tables.table(shop.table(NOW)), tables.table(shop.german_table(NOW))
    assert plain == shop.records(NOW)[::-1]
    assert [row["Umsatz"] for row in german] == [row["revenue"] for row in plain]
    assert tables.prometheus(shop.prometheus(NOW))["shop_visitors_online"] == shop.online(NOW)
