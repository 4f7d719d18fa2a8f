"""Placeholders: a value stays in the place it is put in."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.etree import ElementTree

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from connectors import templating

PIECES = [*"ab\"'{}[]<>&?#/\\%=;:., \n\r\t\0é\u2028", "{since}", "..", "]]>", "%2e%2e"]
NASTY = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
PRINTABLE = NASTY.map(lambda text: "".join(sign for sign in text if sign.isprintable()))


def test_placeholders_are_names_in_braces() -> None:
    assert templating.placeholders("a={since}&b={until}&c={ not }&d={}&e={cursor_2}") == {"since", "until", "cursor_2"}
    assert templating.placeholders_in_json({"{key}": ["{since}", {"x": "{until}"}, 5, None]}) == {"since", "until"}


def test_unknown_braces_stay_as_they_are() -> None:
    assert templating.fill_line("{other} {since}", {"since": "2026-11-01"}) == "{other} 2026-11-01"


def test_values_are_not_filled_a_second_time() -> None:
    assert templating.fill_line("{cursor}", {"cursor": "{since}", "since": "2026-11-01"}) == "{since}"


def test_a_whole_placeholder_in_json_keeps_its_type() -> None:
    document = {"from": "{since}", "text": "from {since} on", "page": "{cursor}", "fixed": 5}
    filled = templating.fill_json(document, {"since": 1795186800, "cursor": "7"})
    assert filled == {"from": 1795186800, "text": "from 1795186800 on", "page": "7", "fixed": 5}


def test_what_has_no_value_yet_is_left_out_of_json() -> None:
    document = {"cursor": "{cursor}", "list": ["{cursor}", "x"], "inner": {"after": "after {cursor}"}}
    assert templating.fill_json(document, {"cursor": None}) == {"list": ["x"], "inner": {}}
    assert templating.fill_json("{cursor}", {"cursor": None}) is None


def test_long_integers_in_a_body_stay_whole() -> None:
    body = templating.fill_body('{"id": 123456789012345678901234567890}', {}, content_type="application/json")
    assert body == '{"id": 123456789012345678901234567890}'


@pytest.mark.parametrize("text", ["{", "[NaN]", '{"a": Infinity}', "", "[" * 100_000])
def test_a_body_that_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not valid JSON"):
        templating.parse_json(text)


@pytest.mark.parametrize("value", [".", ".."])
def test_a_value_cannot_climb_out_of_its_folder(value: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in the path"):
        templating.fill_path("items/{cursor}", {"cursor": value})


@given(NASTY)
def test_in_a_path_a_value_is_one_piece(value: str) -> None:
    assume(value not in (".", ".."))
    path = templating.fill_path("items/{cursor}/rows", {"cursor": value})
    parts = urlsplit(f"https://api.example.com/{path}")
    assert (parts.netloc, parts.query, parts.fragment) == ("api.example.com", "", "")
    first, middle, last = path.split("/")
    assert (first, unquote(middle), last) == ("items", value, "rows")


@given(NASTY)
def test_in_json_a_value_is_one_text(value: str) -> None:
    body = templating.fill_body('{"a": "<{cursor}>", "b": 1}', {"cursor": value}, content_type="application/json")
    assert json.loads(body) == {"a": f"<{value}>", "b": 1}


@given(NASTY)
def test_in_a_form_a_value_is_one_value(value: str) -> None:
    body = templating.fill_body("a={cursor}&b=1", {"cursor": value}, content_type="application/x-www-form-urlencoded")
    assert parse_qsl(body, keep_blank_values=True) == [("a", value), ("b", "1")]


@given(PRINTABLE)
def test_in_xml_a_value_is_one_text(value: str) -> None:
    body = templating.fill_body(
        '<a b="{cursor}">{cursor}</a>', {"cursor": value}, content_type="application/xml; charset=utf-8"
    )
    assert body.count('"') == 2, "no value ends the attribute"
    element = ElementTree.fromstring(body)  # noqa: S314  our own text
    assert (element.text or "", element.attrib) == (value, {"b": value})


@given(NASTY)
def test_in_a_line_a_value_stays_on_its_line(value: str) -> None:
    try:
        line = templating.fill_line("before {cursor} after", {"cursor": value})
    except ValueError:
        assert set(value) & set("\n\r\t\0\u2028")
        return
    assert line == f"before {value} after"
    assert len(line.splitlines()) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=3), children, max_size=3),
    max_leaves=8,
)


@given(JSON, NASTY)
def test_filling_changes_nothing_but_placeholders(document: Any, value: str) -> None:
    assume("since" not in templating.placeholders_in_json(document))
    assert templating.fill_json(document, {"since": value}) == document
