"""From rows to points."""

from __future__ import annotations

import json
import math
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import Misconfigured
from connectors.extract import MOST_REASONS, Extracted, Point, Reading, extract
from connectors.problems import Problem

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def reading(**changes: Any) -> Reading:
    return Reading(**{"at_path": "date", "value_path": "visitors", "zone": BERLIN, **changes})


def day(number: int, value: float, *, segment: str = "") -> Point:
    return Point(at=datetime(2026, 11, number, tzinfo=UTC), whole_day=True, segment=segment, value=value)


def values(extracted: Extracted) -> list[float]:
    return [point.value for point in extracted.points]


def said(extracted: Extracted) -> list[str]:
    """Return why rows were refused, in the language that is active."""
    return [str(why) for why in extracted.refused]


def test_rows_become_points_in_order_of_time() -> None:
    rows = [{"date": "2026-11-02", "visitors": 410}, {"date": "2026-11-01", "visitors": "320"}]
    assert extract(rows, reading(), now=NOW) == Extracted(points=[day(1, 320), day(2, 410)])


def test_without_a_time_field_a_reading_is_of_now() -> None:
    extracted = extract([{"visitors": 5}], reading(at_path=""), now=NOW)
    assert extracted.points == [Point(at=NOW, whole_day=False, segment="", value=5.0)]


def test_without_a_value_field_the_row_is_the_value() -> None:
    assert values(extract([651], reading(at_path="", value_path=""), now=NOW)) == [651.0]


def test_values_are_scaled() -> None:
    assert values(extract([{"visitors": 2900}], reading(at_path="", scale=0.01), now=NOW)) == [29.0]


def test_a_value_that_scales_beyond_all_numbers_is_refused() -> None:
    extracted = extract([{"visitors": 1e308}], reading(at_path="", scale=100.0), now=NOW)
    assert (extracted.points, said(extracted)) == ([], ["Row 1: the value is too large."])


def test_each_segment_has_its_own_points() -> None:
    rows = [
        {"date": "2026-11-01", "visitors": 1, "country": "DE"},
        {"date": "2026-11-01", "visitors": 2, "country": " New \n Zealand "},
        {"date": "2026-11-01", "visitors": 3, "country": None},
        {"date": "2026-11-01", "visitors": 4, "country": 49},
    ]
    extracted = extract(rows, reading(segment_path="country"), now=NOW)
    assert [(point.segment, point.value) for point in extracted.points] == [
        ("", 3.0), ("49", 4.0), ("DE", 1.0), ("New Zealand", 2.0)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        ("x" * 101, "longer than 100"),
        (["a"], "neither text nor a number"),
        ("a\0b", "cannot be shown"),
        ("a\ud800", "cannot be shown"),
        ("a\u202eb", "cannot be shown"),
    ],
)
def test_a_segment_that_cannot_be_kept_is_refused(segment: Any, reason: str) -> None:
    rows = [{"date": "2026-11-01", "visitors": 1, "country": segment}]
    extracted = extract(rows, reading(segment_path="country"), now=NOW)
    assert extracted.points == []
    assert reason in said(extracted)[0]


def test_amounts_of_the_same_day_and_segment_are_summed() -> None:
    rows = [{"date": "2026-11-01", "visitors": value} for value in (0.1, 0.2, 0.3, 1e16, -1e16)]
    extracted = extract(rows, reading(adds_up=True), now=NOW)
    assert values(extracted) == [pytest.approx(0.6)]
    assert extracted.merged == 4


def test_of_levels_of_the_same_moment_the_last_row_counts() -> None:
    rows = [{"date": "2026-11-01", "visitors": value} for value in (5, 7, 6)]
    extracted = extract(rows, reading(), now=NOW)
    assert (values(extracted), extracted.merged) == ([6.0], 2)


def test_amounts_whose_sum_is_beyond_all_numbers_are_refused() -> None:
    rows = [{"date": "2026-11-01", "visitors": 1e308}, {"date": "2026-11-01", "visitors": 1e308}]
    extracted = extract(rows, reading(adds_up=True), now=NOW)
    assert (extracted.points, extracted.refused_count) == ([], 2)


def test_the_far_future_is_refused_and_tomorrow_s_date_is_not() -> None:
    rows = [{"date": "2026-11-21", "visitors": 1}, {"date": "2026-11-22", "visitors": 2}, {"date": 1e12, "visitors": 3}]
    rows += [{"date": "2026-11-21T15:00:01Z", "visitors": 4}]
    extracted = extract(rows, reading(), now=NOW)
    assert (
        extracted.points
        == [day(21, 1), Point(at=datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC), whole_day=False, segment="", value=3)][
            ::-1
        ]
    )
    assert said(extracted) == [
        "Row 2: the time 2026-11-22 00:00 UTC lies in the future.",
        "Row 4: the time 2026-11-21 15:00 UTC lies in the future.",
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"date": "2026-11-01"}, "the value is missing"),
        ({"date": "2026-11-01", "visitors": True}, "true or false"),
        ({"date": "2026-11-01", "visitors": "1,234"}, "two ways"),
        ({"date": "2026-11-01", "visitors": float("nan")}, "finite"),
        ({"date": "2026-11-01", "visitors": {"total": 1}}, "an object"),
        ({"visitors": 5}, "the time is missing"),
        ({"date": "soon", "visitors": 5}, "set the time format"),
        ("text", "the time is missing"),
        (None, "the time is missing"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_and_the_others_stay(row: Any, reason: str) -> None:
    extracted = extract([row, {"date": "2026-11-02", "visitors": 410}], reading(), now=NOW)
    assert extracted.points == [day(2, 410)]
    assert extracted.refused_count == 1
    assert said(extracted)[0].startswith("Row 1: ")
    assert reason in said(extracted)[0]


def test_why_a_row_is_refused_is_a_code_and_no_sentence() -> None:
    rows = [{"date": "2026-11-01", "visitors": "1,234"}, {"date": "2026-11-22", "visitors": 1}]
    assert extract(rows, reading(), now=NOW).refused == [
        Problem("row_refused", {"place": 1, "why": Problem("value_ambiguous", {"text": "1,234"})}),
        Problem("row_refused", {"place": 2, "why": Problem("time_in_future", {"time": "2026-11-22 00:00"})}),
    ]


def test_all_refused_rows_are_counted_and_the_first_reasons_kept() -> None:
    extracted = extract([{}] * 1000, reading(), now=NOW)
    assert (len(extracted.refused), extracted.refused_count) == (MOST_REASONS, 1000)


@pytest.mark.parametrize(
    "changes", [{"value_path": "a..b"}, {"at_path": "["}, {"segment_path": "nope(@)"}, {"at_format": "%H"}]
)
def test_a_reading_that_cannot_be_followed_is_the_setting_s_fault(changes: dict[str, str]) -> None:
    with pytest.raises(Misconfigured) as misconfigured:
        extract([], reading(**changes), now=NOW)
    assert misconfigured.value.problem.code in ("broken_path", "no_function", "no_time_format")


def shares(*rows: tuple[Any, Any]) -> list[dict[str, Any]]:
    return [{"date": "2026-11-01", "visitors": above, "visits": below} for above, below in rows]


def test_a_ratio_is_divided_row_by_row_and_weighs_as_much_as_it_is_divided_by() -> None:
    extracted = extract(shares((1, 3)), reading(weight_path="visits", scale=100.0), now=NOW)
    [point] = extracted.points
    assert point.value == pytest.approx(100 / 3)
    assert point.weight == 3.0


def test_several_rows_of_a_ratio_are_divided_sum_by_sum() -> None:
    extracted = extract(shares((1, 10), (80, 90)), reading(weight_path="visits"), now=NOW)
    assert [(point.value, point.weight) for point in extracted.points] == [(0.81, 100.0)]


@pytest.mark.parametrize(
    ("below", "why"),
    [
        (0, "Row 1: it is divided by 0; only what is above zero can stand there."),
        (-2, "Row 1: it is divided by -2; only what is above zero can stand there."),
        (None, "Row 1: of what it is divided by: the value is missing, not a number."),
        ("many", "Row 1: of what it is divided by: the value “many” is not a number."),
        (5e-324, "Row 1: the value is too large."),
    ],
)
def test_a_row_that_cannot_be_divided_is_refused(below: Any, why: str) -> None:
    extracted = extract(shares((7, below), (1, 2)), reading(weight_path="visits"), now=NOW)
    assert (values(extracted), said(extracted)) == ([0.5], [why])


def test_ratios_whose_sums_are_beyond_all_numbers_are_refused() -> None:
    extracted = extract(shares((1, 1.7e308), (1, 1.7e308)), reading(weight_path="visits"), now=NOW)
    assert (extracted.points, extracted.refused_count) == ([], 2)
    assert said(extracted)[1] == "Row 2: 2 rows of 2026-11-01 are too large together."


def test_a_condition_as_value_counts_what_is_true() -> None:
    rows = [{"date": "2026-11-01", "status": status} for status in ("paid", "open", "paid", None)]
    extracted = extract(rows, reading(value_path="status == 'paid'", adds_up=True), now=NOW)
    assert values(extracted) == [2.0]


def test_a_metric_s_condition_leaves_rows_out_and_counts_them() -> None:
    rows = [{"date": "2026-11-01", "visitors": number, "bot": number > 2} for number in (1, 2, 3)]
    extracted = extract(rows, reading(row_filter="!bot", adds_up=True), now=NOW)
    assert (values(extracted), extracted.left_out, extracted.refused_count) == ([3.0], 1, 0)


def test_a_counter_below_zero_is_refused() -> None:
    extracted = extract([{"date": "2026-11-01", "visitors": -1}], reading(only_grows=True), now=NOW)
    assert said(extracted) == ["Row 1: the value is below zero, and a counter never is."]


def test_money_in_another_currency_than_the_metric_s_is_refused() -> None:
    rows = [{"date": "2026-11-01", "visitors": "5 €"}, {"date": "2026-11-02", "visitors": "$5"}]
    extracted = extract(rows, reading(number_format="money", unit="€"), now=NOW)
    assert (values(extracted), said(extracted)) == ([5.0], ["Row 2: the value “$5” is not in €."])


def test_a_row_that_was_refused_is_kept_as_it_came() -> None:
    row = {"date": "2026-11-01", "visitors": "1,234"}
    aside = extract([{"date": "2026-11-01", "visitors": 1}, row], reading(), now=NOW).aside
    assert [(each.place, each.row, each.why.code) for each in aside] == [(2, row, "value_ambiguous")]


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "date": st.dates(date(2026, 11, 1), date(2026, 11, 6)).map(str),
            "visitors": st.floats(allow_nan=False, allow_infinity=False, min_value=-1e100, max_value=1e100),
            "country": st.sampled_from(["DE", "NZ"]),
        }
    ),
    max_size=30,
)


@given(ROWS, st.randoms())
def test_the_order_of_amounts_does_not_matter(rows: list[dict[str, Any]], shuffle: random.Random) -> None:
    mixed = rows.copy()
    shuffle.shuffle(mixed)
    where = reading(adds_up=True, segment_path="country")
    assert extract(mixed, where, now=NOW) == extract(rows, where, now=NOW)


@given(ROWS)
def test_no_amount_is_lost_on_the_way(rows: list[dict[str, Any]]) -> None:
    extracted = extract(json.loads(json.dumps(rows)), reading(adds_up=True, segment_path="country"), now=NOW)
    assert len(extracted.points) + extracted.merged == len(rows)
    for point in extracted.points:
        same = [
            row["visitors"] for row in rows if (row["date"], row["country"]) == (str(point.at.date()), point.segment)
        ]
        assert point.value == math.fsum(same)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.dates().map(str),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.sampled_from(["date", "visitors", "country", "x"]), children, max_size=4)
    ),
    max_leaves=10,
)


@given(st.lists(ANYTHING, max_size=6), st.booleans(), st.sampled_from(["visitors", "", "x.visitors", "sum(x)", "x[]"]))
def test_any_answer_gives_finite_points_of_the_past_or_reasons(rows: list[Any], adds_up: bool, value_path: str) -> None:
    where = reading(adds_up=adds_up, value_path=value_path, segment_path="country")
    extracted = extract(rows, where, now=NOW)
    assert len(extracted.points) + extracted.merged + extracted.refused_count >= len(rows)
    for point in extracted.points:
        assert math.isfinite(point.value)
        assert point.at <= NOW + timedelta(days=1)
        assert len(point.segment) <= 100
