"""JMESPath with a limit to its work."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.paths import LONGEST, is_condition, look_up

ANSWER = {"data": {"items": [{"n": 3, "unique-visitors": 7}, {"n": 5}]}, "name": "Total", "none": None}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", ANSWER),
        ("data.items[0].n", 3),
        ("data.items[].n", [3, 5]),
        ("sum(data.items[].n)", 8),
        ("data.items[?n > `3`] | [0].n", 5),
        ('data.items[0]."unique-visitors"', 7),
        ("data.nothing.there", None),
        ("none", None),
    ],
)
def test_a_path_finds_what_stands_there(path: str, expected: Any) -> None:
    assert look_up(path)(ANSWER) == expected


@pytest.mark.parametrize("path", ["a..b", "a b", "[?", "sum(", "'", "(" * (LONGEST - 1), "\0"])
def test_what_is_no_path_is_refused_with_a_sentence(path: str) -> None:
    with pytest.raises(ValueError, match="is no path we can follow"):
        look_up(path)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("data.", "after “data.” a name is missing"),
        ("data..x", "after “data.” a name is missing"),
        ("data.items[*].", "after “data.items[*].” a name is missing"),
        ("data.1", 'a name that begins with a digit stands in quotes, like "1"'),
        ("1a", "a name that begins with a digit stands in quotes"),
        ("data[", "after “data[” something is missing"),
        ("paid &&", "after “paid &&” something is missing"),
        ("data |", "after “data |” something is missing"),
        ("data.items[0", "“[” is not closed"),
        ("data[?status == 'a]b'", "“[” is not closed"),
        ("sum(data[].n", "“(” is not closed"),
        ("status == 'paid", "“'” is not closed"),
        ("status = 'paid'", "one = compares nothing; write =="),
        ("n > 5", "a number to compare with stands in backticks, like `5`"),
        ("$.data", "begin with the first name"),
        ("unit-price", 'names with such signs stand in quotes, like "unit-price"'),
        ("größe", "“ö” means nothing here"),
        ("data items", "“items” cannot stand after “data”"),
        ("data.items]", "“]” cannot stand after “data.items”"),
        ("&& paid", "it cannot begin with “&&”"),
        ("a." * 40 + ".", "after “…"),
        ("(" * 250 + "a" + ")" * 40, "is not closed|nested too deeply"),
    ],
)
def test_why_a_path_cannot_be_followed_is_said_in_words(path: str, why: str) -> None:
    with pytest.raises(ValueError, match="is no path we can follow") as refused:
        look_up(path)
    assert any(part in str(refused.value) for part in why.split("|"))


@pytest.mark.parametrize("path", ["sum()", "sum(a, b)", "join(a)", "merge()"])
def test_a_function_with_another_number_of_values_than_it_takes_is_refused_at_once(path: str) -> None:
    with pytest.raises(ValueError, match="values in a path, and takes"):
        look_up(path)


@pytest.mark.parametrize("path", ["not_null(a, b, c)", "merge(a, b)", "sum(a)"])
def test_a_function_that_takes_any_number_of_values_takes_them(path: str) -> None:
    assert callable(look_up(path))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("status == 'paid'", True),
        ("(n > `5`)", True),
        ("!paid", True),
        ("status == 'paid' && n > `5`", True),
        ("contains(tags, 'new')", True),
        ("order.contains(tags, 'new')", True),
        ("items | length(@) > `3`", True),
        ("`true`", True),
        ("", False),
        ("paid", False),
        ("n", False),
        ("paid || n > `5`", False),
        ("items[?n > `5`]", False),
        ("length(items)", False),
    ],
)
def test_a_path_is_a_condition_where_it_compares(path: str, expected: bool) -> None:
    assert is_condition(path) is expected


def test_an_unknown_function_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(ValueError, match="no function “nope”"):
        look_up("data[?nope(@)]")


def test_a_path_is_not_longer_than_its_column() -> None:
    with pytest.raises(ValueError, match="at most 300"):
        look_up("a" * (LONGEST + 1))


@pytest.mark.parametrize("path", ["sum(name)", "sum([name])", "length(none)", "sort([`1`, 'a'])", "data.items[::0]"])
def test_a_path_that_does_not_fit_the_answer_says_so(path: str) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        look_up(path)(ANSWER)


@pytest.mark.parametrize(
    "path",
    [
        "[@,@][]|" * 33 + "@",
        "[@,@]|" * 12 + "to_string(@)|" + "[@,@]|" * 20 + "join('', [][][][][][])",
        "join('',[@,@])|" * 18 + "@",
    ],
)
def test_a_path_that_unfolds_an_answer_without_end_is_stopped(path: str) -> None:
    with pytest.raises(ValueError, match=r"unfolds|does not fit"):
        look_up(path)("x" * 1000)


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@given(st.text(st.sampled_from("abn.[]*?@|&!(),:`'\"0123456789 <=>-"), max_size=24))
def test_any_text_is_a_path_or_is_refused(text: str) -> None:
    with suppress(ValueError):
        look_up(text)(ANSWER)
