"""JMESPath with a limit to its work."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.paths import LONGEST, look_up

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
