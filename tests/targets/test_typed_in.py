"""Numbers and lines that people type, read as they are meant or refused with the reason."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from targets.forms.readings import NumberField
from targets.typed_in import MOST_ERRORS, number_in, pasted, point_of

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1200", 1200),
        ("1,200", 1200),
        ("1,234,567.5", 1234567.5),
        ("1 200", 1200),
        ("1\u00a0200", 1200),
        ("\u22123.5", -3.5),
        ("+2", 2),
        ("99.9", 99.9),
    ],
)
def test_a_number_is_read_however_it_is_grouped(text: str, number: float) -> None:
    assert number_in(text) == number


@pytest.mark.parametrize("text", ["", "abc", "1,2", "12,34", "nan", "inf", "1.2.3", "€5"])
def test_what_is_not_clearly_a_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  float and this module raise the same kind
        number_in(text)


def test_a_date_stands_for_the_whole_day() -> None:
    point = point_of("2026-11-20", "651", zone=BERLIN, now=NOW)
    assert (point.at, point.whole_day, point.value) == (datetime(2026, 11, 20, tzinfo=UTC), True, 651)


def test_a_time_is_meant_in_the_organisations_zone() -> None:
    point = point_of("2026-11-20 14:30", "1", zone=BERLIN, now=NOW)
    assert (point.at, point.whole_day) == (datetime(2026, 11, 20, 13, 30, tzinfo=UTC), False)


def test_the_future_is_refused() -> None:
    with pytest.raises(ValueError, match="in the future"):
        point_of("2026-12-01", "1", zone=BERLIN, now=NOW)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-18,10\n2026-11-19,12.5",
        "2026-11-18;10\n2026-11-19;12,5",
        "2026-11-18\t10\n2026-11-19\t12.5\n",
        "date,value\n18.11.2026,10\n\n19.11.2026,12.5\n",
        '"2026-11-18","10"\r\n"2026-11-19","12.5"\r\n',
    ],
)
def test_lines_are_read_from_every_usual_table(text: str) -> None:
    found = pasted(text, zone=BERLIN, now=NOW)
    assert found.errors == []
    assert [(point.at.day, point.value) for point in found.points] == [(18, 10), (19, 12.5)]


def test_one_wrong_line_is_named_and_nothing_is_taken() -> None:
    found = pasted("2026-11-18,10\n2026-11-19,many\nyesterday,3\n2026-11-20", zone=BERLIN, now=NOW)
    assert found.points == []
    assert [error.split(":")[0] for error in found.errors] == ["Line 2", "Line 3", "Line 4"]
    assert "“many” is not a number" in found.errors[0]
    assert "“yesterday” is not a date" in found.errors[1]


def test_of_many_wrong_lines_the_first_are_named() -> None:
    found = pasted("x1,y\n" * 100, zone=BERLIN, now=NOW)
    assert len(found.errors) == MOST_ERRORS + 1
    assert found.errors[-1] == f"… and {100 - MOST_ERRORS} more lines with something wrong."


def test_too_many_lines_are_refused_before_they_are_read() -> None:
    assert "at most 20,000" in pasted("2026-11-18,1\n" * 20_001, zone=BERLIN, now=NOW).errors[0]


@pytest.mark.parametrize(
    ("text", "english", "german"),
    [
        ("12.500", 12.5, 12_500.0),
        ("12,500", 12_500.0, 12.5),
        ("1.234.567,5", None, 1_234_567.5),
        ("99,9", None, 99.9),
        ("99.9", 99.9, 99.9),
        ("−3", -3.0, -3.0),
    ],
)
def test_a_number_is_read_as_the_readers_language_writes_it(text: str, english: float | None, german: float) -> None:
    for language, meant in (("en-gb", english), ("de", german)):
        with translation.override(language):
            if meant is None:
                with pytest.raises(ValueError, match="float"):
                    number_in(text)
            else:
                assert number_in(text) == meant


@pytest.mark.parametrize("language", ["en-gb", "de"])
@pytest.mark.parametrize("value", [1.234, 12_500.0, 0.01, -99.9])
def test_what_a_field_shows_it_reads_again_as_the_same(language: str, value: float) -> None:
    with translation.override(language):
        field = NumberField()
        assert field.clean(field.prepare_value(value)) == value
        assert field.clean(value) == value


def test_commas_between_columns_leave_the_point_to_the_decimals() -> None:
    with translation.override("de"):
        (by_comma,) = pasted("2026-11-18,12.500", zone=BERLIN, now=NOW).points
        (by_semicolon,) = pasted("18.11.2026;12.500", zone=BERLIN, now=NOW).points
    assert (by_comma.value, by_semicolon.value) == (12.5, 12_500.0)
