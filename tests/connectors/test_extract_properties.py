"""What holds for extraction whatever the rows are: nothing is lost, order does not matter, ratios lie between."""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from connectors.extract import Extracted, Reading, extract, read_each
from connectors.sifting import numbered

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")

VALUE = Reading(at_path="at", value_path="n", segment_path="of", zone=BERLIN)
AMOUNT = replace(VALUE, adds_up=True)
COUNTER = replace(VALUE, only_grows=True)
RATIO = replace(VALUE, weight_path="all")
EVENT = replace(AMOUNT, value_path="n > `3`")
FILTERED = replace(AMOUNT, row_filter="of == 'DE'")
EVERY = st.sampled_from([VALUE, AMOUNT, COUNTER, RATIO, EVENT, FILTERED])
UNORDERED = st.sampled_from([AMOUNT, COUNTER, RATIO, EVENT, FILTERED])

DAYS = st.dates(date(2026, 11, 1), date(2026, 11, 4)).map(str)
NUMBERS = st.floats(min_value=-1e6, max_value=1e6).map(lambda number: round(number, 3))
ROW = st.fixed_dictionaries(
    {
        "at": DAYS,
        "n": NUMBERS | st.none() | st.sampled_from(["12,5 %", "1,234", "many"]),
        "all": NUMBERS | st.just(0),
        "of": st.sampled_from(["DE", "NZ"]),
    }
)
ROWS = st.lists(ROW, max_size=25)
RATIOS = st.lists(
    st.fixed_dictionaries(
        {"at": DAYS, "n": st.integers(0, 10**6), "all": st.integers(1, 10**6), "of": st.sampled_from(["DE", "NZ"])}
    ),
    min_size=1,
    max_size=25,
)


def without_places(extracted: Extracted) -> tuple[Any, ...]:
    """Return what does not depend on where a row stood in the answer."""
    aside = sorted(json.dumps([each.row, each.why.code], sort_keys=True) for each in extracted.aside)
    return extracted.points, aside, extracted.refused_count, extracted.merged, extracted.left_out


@given(ROWS, EVERY)
def test_nothing_is_lost(rows: list[Any], reading: Reading) -> None:
    found = extract(rows, reading, now=NOW)
    assert len(found.points) + found.merged + found.refused_count + found.left_out == len(rows)


@given(ROWS, UNORDERED, st.randoms())
def test_the_order_of_rows_does_not_matter(rows: list[Any], reading: Reading, shuffle: random.Random) -> None:
    mixed = rows.copy()
    shuffle.shuffle(mixed)
    assert without_places(extract(mixed, reading, now=NOW)) == without_places(extract(rows, reading, now=NOW))


@given(ROWS, EVERY)
def test_reading_the_same_rows_twice_gives_the_same(rows: list[Any], reading: Reading) -> None:
    assert extract(rows, reading, now=NOW) == extract(rows, reading, now=NOW)


@given(ROWS, EVERY, st.sampled_from([0.01, 0.5, 2.0, 60.0, 100.0]))
def test_a_scale_multiplies_every_value_and_nothing_else(rows: list[Any], reading: Reading, scale: float) -> None:
    plain, scaled = extract(rows, reading, now=NOW), extract(rows, replace(reading, scale=scale), now=NOW)
    size = max((abs(point.value) for point in plain.points), default=0.0) + 1e6
    for before, after in zip(plain.points, scaled.points, strict=True):
        assert after.value == pytest.approx(before.value * scale, rel=1e-9, abs=1e-9 * size * scale)
        assert replace(after, value=0.0) == replace(before, value=0.0)
    assert without_places(plain)[1:] == without_places(scaled)[1:]


@given(RATIOS)
def test_a_ratio_of_several_rows_is_that_of_their_sums_and_lies_between_them(rows: list[Any]) -> None:
    for point in extract(rows, RATIO, now=NOW).points:
        same = [row for row in rows if (row["at"], row["of"]) == (str(point.at.date()), point.segment)]
        ratios = [row["n"] / row["all"] for row in same]
        assert point.weight == math.fsum(row["all"] for row in same)
        assert point.value == pytest.approx(sum(row["n"] for row in same) / sum(row["all"] for row in same))
        assert min(ratios) * (1 - 1e-12) <= point.value <= max(ratios) * (1 + 1e-12)


@given(ROWS)
def test_a_ratio_is_never_divided_by_zero_or_less(rows: list[Any]) -> None:
    found = extract(rows, RATIO, now=NOW)
    assert all(point.weight > 0 for point in found.points)
    read = read_each(numbered(rows), RATIO, now=NOW)
    unfit = [each.why for each in read if each.row["all"] <= 0 and each.row["n"] not in (None, "many", "1,234")]
    assert all(why is not None and why.code == "weight_not_positive" for why in unfit)


@given(ROWS)
def test_a_metric_without_a_ratio_weighs_every_reading_alike(rows: list[Any]) -> None:
    for reading in (VALUE, AMOUNT, COUNTER, EVENT):
        assert {point.weight for point in extract(rows, reading, now=NOW).points} <= {1.0}


@given(ROWS)
def test_of_a_counter_the_highest_of_one_time_counts(rows: list[Any]) -> None:
    for point in extract(rows, COUNTER, now=NOW).points:
        same = [row for row in rows if (row["at"], row["of"]) == (str(point.at.date()), point.segment)]
        counts = [12.5 if row["n"] == "12,5 %" else row["n"] for row in same]
        assert point.value == max(count for count in counts if isinstance(count, float) and count >= 0)


@given(ROWS)
def test_a_condition_leaves_the_other_rows_as_they_are(rows: list[Any]) -> None:
    meant = [row for row in rows if row["of"] == "DE"]
    filtered = extract(rows, FILTERED, now=NOW)
    assert filtered.points == extract(meant, AMOUNT, now=NOW).points
    assert filtered.left_out == len(rows) - len(meant)


@given(ROWS)
def test_an_event_counts_the_rows_that_fulfil_its_condition(rows: list[Any]) -> None:
    found = extract(rows, EVENT, now=NOW)
    counted = sum(isinstance(row["n"], float) and row["n"] > 3 for row in rows)
    assert sum(point.value for point in found.points) == counted


@given(st.lists(st.fixed_dictionaries({"at": DAYS, "n": NUMBERS, "of": st.just("DE")}), min_size=1, max_size=12))
def test_rows_that_say_the_same_are_counted_one_by_one(rows: list[Any]) -> None:
    assume(len({row["at"] for row in rows}) == 1)
    point = extract(rows, AMOUNT, now=NOW).points[0]
    assert point.value == math.fsum(row["n"] for row in rows)
