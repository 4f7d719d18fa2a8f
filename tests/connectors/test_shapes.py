"""How the shape of answers changes: what is gone, what is new, and that fields that come and go are no change."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.paths.fields import fields_of
from connectors.shapes import MOST_PATHS, REMEMBERED, Difference, Shape, compared, shape_of


def paths(answer: Any) -> set[str]:
    return set(shape_of(answer).types)


def after(*answers: Any, read: Iterable[str] = (), of: str = "query") -> Difference:
    """Return how the last of several answers differs from those before; what is kept goes through JSON."""
    state, difference = None, Difference()
    for answer in answers:
        state, difference = compared(state, shape_of(answer, read=read), of=of, read=read)
        state = json.loads(json.dumps(state))
    return difference


def gone(difference: Difference) -> list[str]:
    return [each.path for each in difference.gone]


TOTAL, SUM = {"data": {"total": 512, "page": 1}}, {"data": {"sum": 530, "page": 1}}


def test_a_shape_is_the_paths_with_their_types() -> None:
    shape = shape_of({"data": {"items": [{"n": 1}, {"n": "2", "ok": True}], "none": None}})
    assert {path: set(types) for path, types in shape.types.items()} == {
        "": {"object"},
        "data": {"object"},
        "data.items": {"list"},
        "data.items[]": {"object"},
        "data.items[].n": {"number", "text"},
        "data.items[].ok": {"boolean"},
    }
    assert shape.says_nothing_of("data.none")


@pytest.mark.parametrize(
    "keys",
    [
        ["2026-11-19", "2026-11-20"],
        ["4711", "4712"],
        ["0b5e4c1a-7d1e-4b53-9d5c-3f2f6a1f0a11"],
        ["jo@example.com"],
        ["cus_9f86d081884c7d65"],
        [f"country {number}" for number in "abcdefghijklmnopqrstuvwxyzäöü"],
    ],
)
def test_keys_that_are_data_are_one_path(keys: list[str]) -> None:
    assert paths({"days": {key: {"n": 1} for key in keys}}) == {"", "days", "days.*", "days.*.n"}


def test_names_of_fields_are_no_data() -> None:
    names = {"total_2025": 1, "average_temperature_2m_max": 2, "Unit price": 3, "x-y": 4}
    assert paths(names) == {"", "total_2025", "average_temperature_2m_max", '"Unit price"', '"x-y"'}


def test_a_key_that_is_read_by_its_name_is_no_data() -> None:
    rates = {"rates": {f"c{number}": 1.5 for number in range(40)}}
    assert set(shape_of(rates, read=["rates.c7"]).types) == {"", "rates", "rates.*", "rates.c7"}


def test_what_is_gone_and_what_is_new_is_told() -> None:
    difference = after(TOTAL, SUM, read=["data.total"])
    assert gone(difference) == ["data.total"]
    assert difference.new == (("data.sum", "number"),)
    assert difference.matters


def test_it_is_told_once() -> None:
    assert not after(TOTAL, SUM, SUM, read=["data.total"]).gone


def test_what_nobody_reads_has_to_have_been_there_a_few_times() -> None:
    assert not after(TOTAL, SUM).gone
    difference = after(TOTAL, TOTAL, TOTAL, SUM)
    assert (gone(difference), difference.matters) == (["data.total"], False)


def test_a_field_that_comes_and_goes_is_no_change() -> None:
    answers = [TOTAL, {"data": {"page": 1}}, TOTAL, TOTAL, {"data": {"page": 1}}]
    assert not after(*answers[:1], *answers[1:3]).gone
    assert not after(*answers, read=["data.total"]).gone


def test_something_new_alone_is_no_change() -> None:
    assert after(TOTAL, TOTAL, TOTAL, {"data": {**TOTAL["data"], "more": 1}}) == Difference()


def test_a_field_that_came_later_can_be_gone_too() -> None:
    assert gone(after(SUM, *[TOTAL] * 5, SUM, read=["data.total"])) == ["data.total"]


def test_what_is_empty_or_null_says_nothing() -> None:
    rows = {"items": [{"n": 1}], "of": {"x": 1}}
    silences: list[Any] = [{"items": [], "of": {}}, {"items": None, "of": None}, {"items": [None], "of": {"x": None}}]
    for silent in silences:
        assert not after(rows, rows, rows, silent, read=["items[].n", "of.x"]).gone


def test_a_list_by_date_does_not_change_every_day() -> None:
    days = [{"visits": {f"2026-11-{day}": {"n": day}, "2026-12-01": {"n": 1}}} for day in range(10, 20)]
    assert not after(*days, read=["visits.*.n"]).gone


def test_of_an_object_that_is_gone_only_the_outermost_is_told() -> None:
    difference = after(*[{"meta": {"a": {"b": 1}}, "n": 1}] * 3, {"info": {"a": {"b": 1}}, "n": 1})
    assert (gone(difference), difference.new) == (["meta"], (("info", "object"),))
    assert difference.gone[0].instead == "info"


def test_what_stands_within_something_that_is_gone_is_read_too() -> None:
    assert after({"data": {"items": [{"n": 1}]}}, {"data": {"rows": [{"n": 1}]}}, read=["data.items[].n"]).matters


def test_a_number_that_became_an_object_is_a_change() -> None:
    difference = after({"price": 5}, {"price": {"amount": 5}}, read=["price"])
    assert [(each.path, each.type) for each in difference.gone] == [("price", "number")]
    assert ("price", "object") in difference.new


def test_an_answer_to_another_question_is_not_compared() -> None:
    state, _ = compared(None, shape_of(TOTAL), of="first")
    _, difference = compared(state, shape_of(SUM), of="second", read=["data.total"])
    assert difference == Difference()


@pytest.mark.parametrize(
    ("before", "later", "instead"),
    [
        ({"total": 5}, {"sum": 6}, "sum"),
        ({"total_count": 5}, {"count_total": 9, "other": 6}, "count_total"),
        ({"total": 5}, {"deep": {"total": 6}}, ""),
        ({"total": 5, "x": 1}, {"x": 2, "a": {"b": 3}, "value": 5}, "value"),
        ({"total": 5}, {"sum": "6"}, ""),
        ([{"total": 5}], [{"sum": 6}], "[].sum"),
        ({"items": [{"a": 1, "b": 2}]}, {"rows": [{"a": 1, "b": 2, "c": 3}], "links": [{"href": "x"}]}, "rows"),
        ({"items": [{"a": 1}]}, {"links": [{"href": "x"}]}, ""),
    ],
)
def test_what_may_have_taken_its_place(before: Any, later: Any, instead: str) -> None:
    wanted = {"total", "items", "[].total", "total_count"}
    found = [each for each in after(before, later, read=wanted).gone if each.path in wanted]
    assert [each.instead for each in found] == [instead]


def test_an_answer_of_endless_paths_is_not_compared() -> None:
    many: Any = {f"part{a}": {f"field{b}": {"n": {}} for b in "abcdefghijklmnopqrst"} for a in "abcdefghijklmnopqrst"}
    assert len(shape_of(many).types) <= MOST_PATHS + 2
    assert not after(many, many, many, {"nothing": 1}).gone
    assert not after(TOTAL, TOTAL, TOTAL, many).gone


ANSWERS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=6), children, max_size=5),
    max_leaves=25,
)


@given(st.lists(ANSWERS, min_size=1, max_size=6))
def test_any_answers_can_be_compared_and_kept(answers: list[Any]) -> None:
    state = None
    for answer in answers:
        shape = shape_of(answer)
        state, difference = compared(state, shape, of="")
        json.dumps(state).encode()
        assert all(each.type not in shape.types.get(each.path, ()) for each in difference.gone)
        assert all(path in shape.types for path, _type in difference.new)


@given(ANSWERS)
def test_the_same_answer_again_is_never_a_change(answer: Any) -> None:
    state, shape = None, shape_of(answer)
    for _ in range(REMEMBERED + 3):
        state, difference = compared(state, shape, of="", read=shape.types)
        assert difference == Difference()


def test_nothing_at_all_has_a_shape_too() -> None:
    assert shape_of(None) == Shape(unknown=frozenset({""}))


@pytest.mark.parametrize(
    ("path", "read", "ends"),
    [
        ("data.total", "data data.total", "data.total"),
        ("data.items[].n", "data data.items data.items[].n", "data.items[].n"),
        ("data.items[0].n", "data data.items data.items[].n", "data.items[].n"),
        ("items[?ok == 'y'].n", "items items[].ok items[].n", "items[].n"),
        ("items[1:3].n", "items items[].n", "items[].n"),
        ("sum(items[].n)", "items items[].n", "items[].n items[].n[]"),
        ("max_by(items, &at).n", "items items[].at items.n items[].n", "items.n items[].n"),
        ("status == 'paid' && n > `5`", "status n", ""),
        ("[id, day]", "id day", "id day"),
        ("*.n", "*.n", "*.n"),
        ('"unit-price"', '"unit-price"', '"unit-price"'),
    ],
)
def test_which_fields_a_path_reads(path: str, read: str, ends: str) -> None:
    found, where = fields_of(path)
    assert (found, where) == (frozenset(read.split()), frozenset(ends.split()))
