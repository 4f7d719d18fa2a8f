"""Which rows are meant: the last of each key that fulfil a condition; the others are counted, or set aside."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import Misconfigured
from connectors.sifting import Sifted, sift

ORDERS = [
    {"id": 1, "status": "paid", "amount": 5},
    {"id": 2, "status": "open", "amount": 7},
    {"id": 3, "status": "paid", "amount": 9},
]


def places(sifted: Sifted) -> list[int]:
    return [each.place for each in sifted.rows]


def said(sifted: Sifted) -> list[str]:
    return [str(each.reason) for each in sifted.aside]


def test_without_condition_and_key_every_row_is_meant() -> None:
    assert places(sift([5, 5, None, {"a": 1}])) == [1, 2, 3, 4]


def test_rows_that_do_not_fulfil_the_condition_are_left_out_and_counted() -> None:
    sifted = sift(ORDERS, row_filter="status == 'paid'")
    assert (places(sifted), sifted.left_out, sifted.aside) == ([1, 3], 1, [])


def test_a_field_that_is_missing_differs_from_everything_and_is_not_true() -> None:
    assert places(sift([{}, *ORDERS], row_filter="status == 'paid'")) == [2, 4]
    assert places(sift([{}, {"paid": True}, {"paid": None}, {"paid": False}], row_filter="paid")) == [2]


@pytest.mark.parametrize(
    ("row", "row_filter", "why"),
    [
        ({}, "amount > `5`", "whether “amount > `5`” holds cannot be told"),
        ({"amount": "7"}, "amount > `5`", "does not fit what stands there"),
        ({"status": None}, "contains(status, 'paid')", "does not fit what stands there"),
        ({"paid": 0}, "paid", "gives neither true nor false"),
        ({"paid": "false"}, "paid", "gives neither true nor false"),
        ({"status": "paid"}, "status == 'paid' && amount > `5`", "cannot be told"),
    ],
)
def test_a_row_of_which_it_cannot_be_told_is_set_aside_with_the_reason(row: Any, row_filter: str, why: str) -> None:
    sifted = sift([row], row_filter=row_filter)
    assert (sifted.rows, sifted.left_out) == ([], 0)
    assert said(sifted)[0].startswith("Row 1: ")
    assert why in said(sifted)[0]
    assert sifted.aside[0].row == row


def test_of_rows_with_one_key_the_last_counts() -> None:
    rows = [*ORDERS, {"id": 1, "status": "paid", "amount": 6}]
    sifted = sift(rows, key_path="id")
    assert (places(sifted), sifted.left_out) == ([2, 3, 4], 1)


def test_what_a_row_became_later_decides_whether_it_is_meant() -> None:
    rows = [*ORDERS, {"id": 1, "status": "refunded", "amount": 5}]
    sifted = sift(rows, key_path="id", row_filter="status == 'paid'")
    assert (places(sifted), sifted.left_out) == ([3], 3)


def test_several_values_make_one_key_and_a_number_is_not_its_text() -> None:
    rows = [{"id": 1, "day": 2}, {"id": 1, "day": 3}, {"id": "1", "day": 2}, {"id": 1, "day": 2}]
    assert places(sift(rows, key_path="[id, day]")) == [2, 3, 4]


@pytest.mark.parametrize("row", [{}, {"id": None}, {"id": ""}, 5, None])
def test_a_row_without_a_key_is_set_aside_and_replaces_no_other(row: Any) -> None:
    sifted = sift([row, *ORDERS, row], key_path="id")
    assert (places(sifted), [each.place for each in sifted.aside]) == ([2, 3, 4], [1, 5])
    assert "there is no key at “id”" in said(sifted)[0]


def test_a_row_without_a_key_that_is_not_meant_is_left_out() -> None:
    sifted = sift([{"status": "total"}, *ORDERS], key_path="id", row_filter="status == 'paid'")
    assert (places(sifted), sifted.left_out, sifted.aside) == ([2, 4], 2, [])


@pytest.mark.parametrize(("name", "path"), [("row_filter", "status = 'paid'"), ("key_path", "id.")])
def test_what_cannot_be_followed_is_the_settings_fault(name: str, path: str) -> None:
    with pytest.raises(Misconfigured, match="is no path we can follow"):
        sift(ORDERS, **{name: path})


ROWS = st.lists(
    st.fixed_dictionaries({}, optional={
        "id": st.none() | st.integers(1, 4), "paid": st.booleans() | st.none() | st.just("yes"),
        "n": st.none() | st.integers(0, 9) | st.text(max_size=1),
    }),
    max_size=20,
)  # fmt: skip


@given(ROWS, st.sampled_from(["", "paid", "n > `5`", "!paid", "contains(n, 'a')"]), st.sampled_from(["", "id"]))
def test_every_row_is_meant_or_set_aside_or_counted(rows: list[Any], row_filter: str, key_path: str) -> None:
    sifted = sift(rows, row_filter=row_filter, key_path=key_path)
    assert len(sifted.rows) + len(sifted.aside) + sifted.left_out == len(rows)
    assert places(sifted) == sorted({*places(sifted)})
    assert all(rows[each.place - 1] == each.row for each in sifted.rows)
    assert all(rows[each.place - 1] == each.row for each in sifted.aside)
    if key_path:
        keys = [each.row["id"] for each in sifted.rows]
        assert len(keys) == len(set(keys))
