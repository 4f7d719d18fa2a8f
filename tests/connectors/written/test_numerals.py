"""Numbers as sources write them."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.written.numerals import number

READ: list[tuple[Any, float]] = [
    (5, 5.0),
    (-2.5, -2.5),
    (Decimal("3.25"), 3.25),
    (2**70, 2.0**70),
    ("12", 12.0),
    (" 12.5 ", 12.5),
    ("-12", -12.0),
    ("−12", -12.0),
    ("+12", 12.0),
    ("1e3", 1000.0),
    (".5", 0.5),
    ("5.", 5.0),
    ("12 %", 12.0),
    ("12.5%", 12.5),
    ("1.234", 1.234),
    ("1 234", 1234.0),
    ("1\u202f234\u00a0567", 1234567.0),
    ("1'234'567.8", 1234567.8),
    ("1’234", 1234.0),
    ("1,234.5", 1234.5),
    ("-1,234,567", -1234567.0),
    ("1.234,5", 1234.5),
    ("1.234.567", 1234567.0),
    ("1.234.567,89", 1234567.89),
    ("1 234,567", 1234.567),
    ("12,5", 12.5),
    ("0,125", 0.125),
    ("1234,567", 1234.567),
]


@pytest.mark.parametrize(("value", "expected"), READ)
def test_numbers_and_texts_that_are_numbers_are_read(value: Any, expected: float) -> None:
    assert number(value) == expected


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "missing"),
        (True, "true or false"),
        ([1], "a list"),
        ({"a": 1}, "an object"),
        (b"1", "something else"),
        (float("nan"), "finite"),
        (float("inf"), "finite"),
        (10**400, "finite"),
        (Decimal("sNaN"), "finite"),
        ("1e999", "finite"),
        ("1,234", "two ways"),
        ("-12,345", "two ways"),
        ("", "empty"),
        (" % ", "empty"),
        ("NaN", "not a number"),
        ("Infinity", "not a number"),
        ("1_000", "not a number"),
        ("0x10", "not a number"),
        ("١٢", "not a number"),
        ("12 apples", "not a number"),
        ("1,23,456", "not a number"),
        ("1.2.3", "not a number"),
        ("1 23", "not a number"),
        ("1,234 567", "not a number"),
        ("--1", "not a number"),
        ("12%%", "not a number"),
        ("1\n2", "not a number"),
        ("9" * 65, "too long"),
    ],
)
def test_what_is_no_number_is_refused_with_a_reason(value: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        number(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_itself_and_so_is_its_text(value: float) -> None:
    assert number(value) == value
    assert number(repr(value)) == value


@given(st.integers(-(10**12), 10**12), st.integers(0, 99))
def test_groups_do_not_change_a_number(whole: int, hundredths: int) -> None:
    expected = float(f"{whole}.{hundredths:02}")
    english = f"{whole:,}.{hundredths:02}"
    assert number(english) == expected
    assert number(english.replace(",", " ")) == expected
    assert number(english.replace(",", "'")) == expected
    assert number(english.translate(str.maketrans(",.", ".,"))) == expected


@given(st.one_of(st.text(), st.text(st.sampled_from("0123456789.,' %-+eE\u00a0"), max_size=20), st.integers()))
def test_a_value_is_finite_or_refused(value: Any) -> None:
    try:
        found = number(value)
    except ValueError:
        return
    assert math.isfinite(found)
