"""A track as plain data: everything in step, nothing drawn twice, and the table says what the chart shows."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils.translation import override

from targets.charts.data import (
    MOST_POINTS,
    chart_data,
    chart_table,
    has_gap,
    is_flat,
    mark_of,
    readings_data,
    settled,
    table_step,
)
from targets.domain.terms import Comparison
from targets.domain.verdict import Track
from targets.models import Note
from targets.notes import Lettered
from targets.numbers import Numbers
from tests.processes.installation import ROOT

DAY = timedelta(days=1)
START = date(2026, 10, 1)
PLAIN = Numbers()


def a_track(days: int, today: int | None, *, goal: float = 100.0, drift: float = 0.0, bands: bool = True) -> Track:
    """Return a total on its way to the goal, `drift` a day off the pace, with a fan where there is a future."""
    pace = [goal * (index + 1) / days for index in range(days)]
    read = -1 if today is None else today
    actual = [pace[index] + drift * (index + 1) if index <= read else None for index in range(days)]
    fan = [[None if index < read else pace[index] + spread for index in range(days)] for spread in (-2, -1, 0, 1, 2)]
    return Track(
        starts_on=START,
        today=today,
        goal=goal,
        goal_upper=None,
        cumulative=True,
        actual=tuple(actual),
        pace=tuple(pace),
        bands=tuple(map(tuple, fan)) if bands else (),
    )


def a_level(*, goal: float = 21.0, upper: float | None = None) -> Track:
    """Return a level that has to be held."""
    aim = goal if upper is None else (goal + upper) / 2
    known = (21.5,) * 10 + (None,) * 20
    return Track(
        starts_on=START, today=9, goal=goal, goal_upper=upper, cumulative=False, actual=known, pace=(aim,) * 30
    )


def data(track: Track, *, comparison: Comparison = Comparison.AT_LEAST, mark: str = "") -> dict[str, Any]:
    return chart_data(track, PLAIN, comparison=comparison, mark=mark)


@pytest.mark.parametrize(("days", "today"), [(1, None), (1, 0), (7, 3), (92, 50), (366, 100), (3650, 1234)])
def test_every_list_runs_over_the_same_days(days: int, today: int | None) -> None:
    drawn = data(a_track(days, today))
    length = len(drawn["at"])
    assert length <= MOST_POINTS + 125
    assert {len(drawn[name]) for name in ("actual", "pace")} | {len(row) for row in drawn["bands"]} == {length}
    assert drawn["at"][-1] == days - 1
    assert today is None or drawn["at"][drawn["today"]] == today
    assert json.loads(json.dumps(drawn)) == drawn


def test_a_long_period_is_drawn_by_the_week() -> None:
    at = data(a_track(1000, 500))["at"]
    assert at[:3] == [6, 13, 20]
    assert 500 in at


def test_a_period_that_has_not_begun_has_no_today() -> None:
    drawn = data(a_track(31, None, bands=False))
    assert drawn["today"] is None
    assert set(drawn["actual"]) == {None}


def test_a_gap_too_small_to_see_beside_the_total_is_shown_first() -> None:
    assert data(a_track(92, 50))["view"] == "gap"
    assert data(a_track(92, 50, drift=-0.5))["view"] == "total"
    assert data(a_track(92, 10))["view"] == "total"


def test_a_level_to_be_held_has_one_line_and_a_range_two() -> None:
    assert is_flat(a_level())
    assert has_gap(a_level())
    assert [goal["label"] for goal in data(a_level(upper=23))["goals"]] == ["From", "To"]
    assert not has_gap(a_level(upper=23))
    assert set(data(a_level(upper=23))["pace"]) == {None}


@pytest.mark.parametrize(
    ("comparison", "hatch", "label"),
    [
        (Comparison.AT_LEAST, None, "Target"),
        (Comparison.AT_MOST, "above", "Limit"),
        (Comparison.WITHIN, "above", "Target"),
    ],
)
def test_a_limit_is_hatched_and_named(comparison: Comparison, hatch: str | None, label: str) -> None:
    drawn = data(a_track(31, 10), comparison=comparison)
    assert (drawn["hatch"], drawn["goals"][0]["label"]) == (hatch, label)


def test_a_level_is_out_of_range_on_both_sides_a_total_only_once_it_is_over() -> None:
    assert data(a_level(upper=23), comparison=Comparison.WITHIN)["hatch"] == "outside"
    assert data(a_track(31, 10), comparison=Comparison.WITHIN)["hatch"] == "above"


def test_the_rule_at_the_last_day_read_says_which_day_it_is() -> None:
    track = a_track(92, 50)
    last_on = START + timedelta(days=50)
    assert mark_of(track, last_on) == "Today"
    assert mark_of(track, last_on + timedelta(days=2)) == "20 Nov"
    assert mark_of(a_track(92, 91), START + timedelta(days=200)) == ""
    assert mark_of(a_track(92, None), START) == ""


def a_note(on: date, letter: str = "A") -> Lettered:
    return Lettered(letter=letter, note=Note(on=on, text=f"Note {letter}"))


def test_a_note_is_a_flag_on_its_day_and_is_said_at_the_next_point_drawn() -> None:
    daily = chart_data(a_track(31, 10), PLAIN, comparison=Comparison.AT_LEAST, notes=[a_note(START + 5 * DAY)])
    assert daily["notes"] == [{"day": 5, "index": 5, "letter": "A", "text": "Note A"}]
    weekly = chart_data(a_track(1000, 500), PLAIN, comparison=Comparison.AT_LEAST, notes=[a_note(START + 8 * DAY)])
    assert (weekly["notes"][0]["day"], weekly["at"][weekly["notes"][0]["index"]]) == (8, 13)


def test_each_line_of_the_table_has_the_notes_written_since_the_line_before() -> None:
    notes = [a_note(START, "A"), a_note(START + 3 * DAY, "B"), a_note(START + 4 * DAY, "C")]
    rows = chart_table(a_track(31, 6), PLAIN, today_on=START, notes=notes)
    assert [[each.letter for each in row.notes] for row in rows][:3] == [["A", "B"], ["C"], []]


@pytest.mark.parametrize(
    ("language", "months", "day", "thousands"),
    [("en-gb", ("Sep", "Nov"), "{day} {month}", "{number}k"), ("de", ("Sept.", "Nov."), "{day}. {month}", None)],
)
def test_the_script_writes_dates_and_large_numbers_as_the_server_does(
    language: str, months: tuple[str, str], day: str, thousands: str | None
) -> None:
    with override(language):
        drawn = data(a_track(31, 10))
    assert (drawn["dates"]["months"][8], drawn["dates"]["months"][10]) == months
    assert drawn["dates"]["day"] == day
    assert [step for step, _ in drawn["shortened"]] == [1e9, 1e6, 1e3]
    assert all("{number}" in form for _, form in drawn["shortened"])
    assert thousands in {drawn["shortened"][2][1], None}


def test_every_word_of_the_chart_comes_with_its_data() -> None:
    script = (ROOT / "static" / "js" / "target-chart.js").read_text()
    used = set(re.findall(r"\bW\.(\w+)", script))
    assert used == set(data(a_track(31, 10))["words"])
    assert used <= set(readings_data([START, START + DAY], [1, 2], PLAIN, zero=True)["words"])


def test_a_day_that_is_not_over_is_marked_as_such() -> None:
    days = [START, START + DAY]
    assert readings_data(days, [5, 1], PLAIN, zero=True, partial=True)["partial"]
    assert not readings_data(days, [5, 1], PLAIN, zero=True)["partial"]


def test_a_closed_period_shows_no_forecast() -> None:
    assert data(settled(a_track(31, 30)))["bands"] == []


@pytest.mark.parametrize(
    ("days", "today", "step", "last_days"),
    [
        (7, 3, "Day", ["1 Oct", "2 Oct", "3 Oct", "4 Oct", "5 Oct", "6 Oct", "7 Oct"]),
        (31, 6, "Week ending", ["4 Oct", "7 Oct", "11 Oct", "18 Oct", "25 Oct", "31 Oct"]),
        (500, 6, "Month ending", ["7 Oct", "31 Oct", "30 Nov"]),
    ],
)
def test_the_table_has_a_row_for_each_step_and_for_the_last_day_read(
    days: int, today: int, step: str, last_days: list[str]
) -> None:
    track = a_track(days, today)
    rows = chart_table(track, PLAIN, today_on=START)
    assert table_step(track) == step
    assert [row.day for row in rows][: len(last_days)] == last_days
    assert [row.is_today for row in rows].count(True) == 1


def test_the_table_tells_past_from_future() -> None:
    rows = chart_table(a_track(7, 3, goal=70, drift=1), PLAIN, today_on=START)
    assert (rows[3].actual, rows[3].pace, rows[3].gap, rows[3].low, rows[3].high) == ("44", "40", "+4", "", "")
    assert (rows[4].actual, rows[4].gap, rows[4].low, rows[4].middle, rows[4].high) == ("", "", "48", "50", "52")


def test_weeks_end_where_the_organisation_says() -> None:
    rows = chart_table(a_track(31, 6), PLAIN, today_on=START, week_starts_on=6)
    assert [row.day for row in rows] == ["3 Oct", "7 Oct", "10 Oct", "17 Oct", "24 Oct", "31 Oct"]


@pytest.mark.parametrize(
    ("unit", "around", "around_gap"),
    [
        ("", ("", ""), ("", "")),
        ("€", ("€", ""), ("€", "")),
        ("%", ("", "%"), ("", "\u00a0pt")),
        ("m8", ("", "\u00a0m8"), ("", "\u00a0m8")),
    ],
)
def test_the_script_writes_units_as_the_server_does(
    unit: str, around: tuple[str, str], around_gap: tuple[str, str]
) -> None:
    plain = Numbers(unit=unit, decimals=1).as_plain()
    assert tuple(plain["unit"].values()) == around
    assert tuple(plain["gapUnit"].values()) == around_gap


def test_readings_keep_their_distance_in_days() -> None:
    days = [START, START + timedelta(days=3), START + timedelta(days=4)]
    drawn = readings_data(days, [1.0, 2.0, 3.0], PLAIN, zero=True)
    assert (drawn["at"], drawn["today"], drawn["goals"], drawn["zero"]) == ([0, 3, 4], 2, [], True)


def test_a_number_is_sent_without_needless_digits() -> None:
    track = replace(a_track(7, 0), actual=(0.1 + 0.2, *[None] * 6))
    assert data(track)["actual"][0] == 0.3


def test_cents_of_hundreds_of_millions_are_sent_as_they_stand_in_the_figures() -> None:
    track = replace(a_track(7, 0), actual=(123_456_789.12, *[None] * 6))
    assert data(track)["actual"][0] == 123_456_789.12
