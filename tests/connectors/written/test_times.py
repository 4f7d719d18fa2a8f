"""Dates and times as sources write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.written import times
from connectors.written.times import Moment

BERLIN = ZoneInfo("Europe/Berlin")
APIA = ZoneInfo("Pacific/Apia")


def moment(*parts: int) -> Moment:
    return Moment(datetime(*parts, tzinfo=UTC), whole_day=False)  # type: ignore[misc,arg-type]


def day(year: int, month: int, number: int) -> Moment:
    return Moment(datetime(year, month, number, tzinfo=UTC), whole_day=True)


READ: list[tuple[Any, str, Moment]] = [
    ("2026-11-20", "auto", day(2026, 11, 20)),
    (" 2026-11-20 ", "auto", day(2026, 11, 20)),
    ("20261120", "auto", day(2026, 11, 20)),
    (20261120, "auto", day(2026, 11, 20)),
    ("2026-W47-5", "auto", day(2026, 11, 20)),
    ("2026-11-20T15:00:00Z", "auto", moment(2026, 11, 20, 15)),
    ("2026-11-20T15:00:00.123456789Z", "auto", moment(2026, 11, 20, 15, 0, 0, 123456)),
    ("2026-11-20 15:00:00 UTC", "auto", moment(2026, 11, 20, 15)),
    ("2026-11-20T15:00:00+05:30", "auto", moment(2026, 11, 20, 9, 30)),
    ("2026-11-20T15:00", "auto", moment(2026, 11, 20, 14)),
    ("2026-07-20 15:00", "auto", moment(2026, 7, 20, 13)),
    (1795186800, "auto", moment(2026, 11, 20, 15)),
    (1795186800.25, "auto", moment(2026, 11, 20, 15, 0, 0, 250000)),
    ("1795186800", "auto", moment(2026, 11, 20, 15)),
    (1795186800000, "auto", moment(2026, 11, 20, 15)),
    ("2026-11-20T23:30:00-05:00", "date", day(2026, 11, 20)),
    ("2026-11-20", "date", day(2026, 11, 20)),
    ("2026-11-20", "datetime", moment(2026, 11, 19, 23)),
    (0, "unix", moment(1970, 1, 1)),
    (-86400, "unix", moment(1969, 12, 31)),
    (1795186800500, "unix_ms", moment(2026, 11, 20, 15, 0, 0, 500000)),
    ("20.11.2026", "%d.%m.%Y", day(2026, 11, 20)),
    ("2026-11", "%Y-%m", day(2026, 11, 1)),
    ("20 Nov 2026 15:00", "%d %b %Y %H:%M", moment(2026, 11, 20, 14)),
    ("20.11.2026 03:00 PM +0000", "%d.%m.%Y %I:%M %p %z", moment(2026, 11, 20, 15)),
    ("2026-11-20T15:00:00Z", "datetime_utc", moment(2026, 11, 20, 15)),
    ("2026-11-20T15:00:00", "datetime_utc", moment(2026, 11, 20, 15)),
    ("Fri, 20 Nov 2026 15:00:00 +0100", "rfc2822", moment(2026, 11, 20, 14)),
    ("20 Nov 2026 15:00 GMT", "rfc2822", moment(2026, 11, 20, 15)),
    ("2026-11-20T15:00:00Z", "%Y-%m-%dT%H:%M:%SZ", moment(2026, 11, 20, 15)),
    ("Fri, 20 Nov 2026 15:00:00 GMT", "%a, %d %b %Y %H:%M:%S GMT", moment(2026, 11, 20, 15)),
    ("2026-W47", "%G-W%V", day(2026, 11, 16)),
    ("2026-W53", "%G-W%V", day(2026, 12, 28)),
    ("2026-W47-5", "%G-W%V-%u", day(2026, 11, 20)),
    # the hour that the clock shows twice is the first one; the hour it leaps over is read by the offset before
    ("2026-10-25T02:30", "auto", moment(2026, 10, 25, 0, 30)),
    ("2026-03-29T02:30", "auto", moment(2026, 3, 29, 1, 30)),
]


@pytest.mark.parametrize(("value", "fmt", "expected"), READ)
def test_a_time_is_read_as_its_source_means_it(value: Any, fmt: str, expected: Moment) -> None:
    assert times.read(value, fmt=fmt, zone=BERLIN) == expected


@pytest.mark.parametrize(
    ("value", "fmt", "reason"),
    [
        (None, "auto", "missing"),
        (True, "auto", "true or false"),
        ([2026], "auto", "neither text nor a number"),
        ("", "auto", "empty"),
        ("x" * 65, "auto", "too long"),
        ("yesterday", "auto", "set the time format"),
        ("2026", "auto", "set the time format"),
        ("20.11.2026", "auto", "set the time format"),
        ("2026-02-30", "auto", "set the time format"),
        (float("nan"), "auto", "set the time format"),
        (1e300, "auto", "set the time format"),
        (10**15, "auto", "set the time format"),
        ("0001-01-01T00:00:00", "auto", "set the time format"),
        ("1899-12-31", "auto", "before 1900"),
        ("1_000", "unix", "seconds since 1970"),
        ("٢٠٢٦", "unix", "seconds since 1970"),
        ("1e999", "unix", "seconds since 1970"),
        ("noon", "unix_ms", "milliseconds since 1970"),
        ("11/20/2026", "%d.%m.%Y", "written like 20.11.2026"),
        ("11:00", "datetime", "2026-11-20T15:07:00Z"),
        ("November", "date", "2026-11-20"),
        ("20.11.2026", "rfc2822", "written like Fri, 20 Nov 2026"),
        ("noon", "datetime_utc", "2026-11-20T15:07:00Z"),
        ("2026-W54", "%G-W%V", "written like 2026-W47"),
    ],
)
def test_what_is_no_time_is_refused_with_a_reason(value: Any, fmt: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason.replace("[", r"\[")):
        times.read(value, fmt=fmt, zone=BERLIN)


@pytest.mark.parametrize(
    "fmt",
    [
        "auto",
        "date",
        "datetime",
        "unix",
        "unix_ms",
        "%d.%m.%Y",
        "%Y%m%d",
        "%y-%j",
        "%d/%b/%Y:%H:%M:%S %z",
        "datetime_utc",
        "rfc2822",
        "%Y-%m",
        "%G-W%V",
        "%G%V%u",
        "%Y-%m-%dT%H:%M:%SZ",
    ],
)
def test_known_formats_and_patterns_are_accepted(fmt: str) -> None:
    times.check_format(fmt)


@pytest.mark.parametrize(
    ("fmt", "sentence"),
    [
        ("", "is no time format"),
        ("yesterday", "is no time format"),
        ("%%", "is no time format"),
        ("%d.%m.", "needs the year"),
        ("%H:%M", "needs the year"),
        ("%Y %Z", "%Z cannot be used"),
        ("%Y %999999999d", "%9 cannot be used"),
        ("%Y %-d", "%- cannot be used"),
        ("%Y %", "cannot be used"),
        ("%Y %Y", "cannot be|can be read"),
        ("%Y %H %p", "goes with %I"),
        ("%G", "can be read"),
        ("%Y-W%V", "can be read"),
    ],
)
def test_a_format_that_cannot_be_read_is_refused_with_a_sentence(fmt: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        times.check_format(fmt)


def test_dates_are_written_in_the_organisation_s_zone() -> None:
    late = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    assert times.written(late, fmt="date", zone=BERLIN) == "2026-12-01"
    assert times.written(late, fmt="date", zone=ZoneInfo("America/New_York")) == "2026-11-30"
    assert times.written(late, fmt="datetime", zone=BERLIN) == "2026-12-01T00:30:00+01:00"
    assert times.written(late, fmt="unix", zone=BERLIN) == 1796081400
    assert times.written(late, fmt="unix_ms", zone=BERLIN) == 1796081400000
    assert times.written(late, fmt="%d/%m/%y", zone=BERLIN) == "01/12/26"
    assert times.written(late, fmt="%Y-%m", zone=BERLIN) == "2026-12"
    assert times.written(late, fmt="%G-W%V", zone=BERLIN) == "2026-W49"
    assert times.written(datetime(2027, 1, 1, tzinfo=UTC), fmt="%G-W%V", zone=BERLIN) == "2026-W53"
    assert times.written(late, fmt="rfc2822", zone=BERLIN) == "Tue, 01 Dec 2026 00:30:00 +0100"


@pytest.mark.parametrize("fmt", ["datetime_utc", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%d %H:%M GMT"])
def test_a_time_that_says_that_it_is_in_utc_is_in_utc(fmt: str) -> None:
    late = datetime(2026, 7, 31, 22, 30, tzinfo=UTC)
    written = times.written(late, fmt=fmt, zone=BERLIN)
    assert str(written).startswith("2026-07-31")
    assert "22:30" in str(written)
    assert times.read(written, fmt=fmt, zone=BERLIN).at == late


@given(st.datetimes(datetime(1971, 1, 2), datetime(2190, 1, 1)), st.sampled_from([UTC, BERLIN, APIA]))  # noqa: DTZ001
def test_what_is_written_is_read_back(naive: datetime, zone: Any) -> None:
    at = naive.replace(tzinfo=UTC, microsecond=0)
    for fmt in ("datetime", "datetime_utc", "rfc2822", "unix", "unix_ms", "%Y-%m-%d %H:%M:%S%z", "%Y%m%dT%H%M%SZ"):
        assert times.read(times.written(at, fmt=fmt, zone=zone), fmt=fmt, zone=zone).at == at


@given(st.dates(date(1901, 1, 1), date(2199, 12, 31)), st.integers(-12, 14))
def test_a_date_is_the_same_day_in_every_zone(on: date, hours: int) -> None:
    text = f"{on}T12:00:00{timezone(timedelta(hours=hours))}".replace("UTC", "")
    assert times.read(str(on), fmt="auto", zone=APIA).at.date() == on
    assert times.read(text, fmt="date", zone=APIA).at.date() == on


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.lists(st.integers())), st.text(max_size=12))
def test_reading_answers_or_refuses_and_never_breaks(value: Any, pattern: str) -> None:
    try:
        times.check_format(pattern)
    except ValueError:
        pattern = "auto"
    try:
        found = times.read(value, fmt=pattern, zone=BERLIN)
    except ValueError:
        return
    assert found.at.tzinfo is UTC
