"""Digits, dates and clock times, in English and in German; the German ones need no catalogue."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from organisations import cldr, languages

NOW = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
TODAY = NOW.date()
BERLIN = ZoneInfo("Europe/Berlin")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("language", "number", "decimals", "text"),
    [
        ("en-gb", 4896, 0, "4,896"),
        ("en-gb", 1234.5, 1, "1,234.5"),
        ("en-gb", -1200, 0, "−1,200"),
        ("en-gb", -0.4, 0, "0"),
        ("de", 4896, 0, "4.896"),
        ("de", 1234567.891, 2, "1.234.567,89"),
        ("de", -1234.5, 1, "−1.234,5"),
        ("de", -0.04, 1, "0,0"),
        ("fr", 1234567.5, 1, "1\u202f234\u202f567,5"),
    ],
)
def test_numbers_are_grouped_as_the_language_does(language: str, number: float, decimals: int, text: str) -> None:
    with translation.override(language):
        assert languages.grouped(number, decimals) == text


@pytest.mark.parametrize(
    ("number", "decimals", "text"),
    [
        (0.5, 0, "1"),
        (1.5, 0, "2"),
        (2.5, 0, "3"),
        (1234.5, 0, "1,235"),
        (1.005, 2, "1.01"),  # a little under it in binary
        (2.675, 2, "2.68"),
        (-0.5, 0, "−1"),
        (0.1 + 0.2, 1, "0.3"),
        (123456789012345680.0, 0, "123,456,789,012,345,680"),
        (1e21, 0, "1,000,000,000,000,000,000,000"),
    ],
)
def test_numbers_are_rounded_as_browsers_round_them(number: float, decimals: int, text: str) -> None:
    assert languages.grouped(number, decimals) == text


@given(st.floats(-1e9, 1e9) | st.integers(-(10**6), 10**6).map(lambda number: number / 200), st.integers(0, 4))
def test_a_half_goes_away_from_zero_by_the_digits_one_would_write(number: float, decimals: int) -> None:
    exact = Decimal(repr(number)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, Context(prec=60))
    assert languages.grouped(number, decimals) == f"{exact:z,f}".replace("-", "−")
    assert languages.rounded(number, decimals) == float(exact)


@pytest.mark.parametrize(
    ("language", "share", "decimals", "text"),
    [
        ("en-gb", 0.374, 0, "37%"),
        ("en-gb", 0.285, 0, "29%"),  # 28.499999999999996 in floats
        ("en-gb", -0.12, 0, "−12%"),
        ("en-gb", -0.001, 0, "0%"),
        ("de", 0.374, 0, "37\u00a0%"),
        ("de", 0.6975, 2, "69,75\u00a0%"),
        ("tr", 0.37, 0, "%37"),
    ],
)
def test_shares_are_percentages(language: str, share: float, decimals: int, text: str) -> None:
    with translation.override(language):
        assert languages.percent(share, decimals) == text


@pytest.mark.parametrize(
    ("language", "unit", "text"),
    [
        ("en-gb", "€", "€12"),
        ("en-gb", "US$", "US$12"),
        ("en-gb", "%", "12%"),
        ("en-gb", "ms", "12\u00a0ms"),
        ("en-gb", "", "12"),
        ("de", "€", "12\u00a0€"),
        ("de", "US$", "12\u00a0US$"),
        ("de", "%", "12\u00a0%"),
        ("nl", "€", "€\u00a012"),
        ("de", "{0} %s ¤", "12\u00a0{0} %s ¤"),  # somebody's own text
    ],
)
def test_units_stand_where_the_language_puts_them(language: str, unit: str, text: str) -> None:
    assert languages.with_unit("12", unit, cldr.language(language)) == text


@pytest.mark.parametrize(
    ("language", "on", "short", "full", "dated", "month"),
    [
        ("en-gb", "2026-11-20", "20 Nov", "20 November", "20 Nov 2026", "November 2026"),
        ("en-gb", "2025-09-01", "1 Sep 2025", "1 September 2025", "1 Sep 2025", "September 2025"),
        ("de", "2026-11-20", "20. Nov.", "20. November", "20. Nov. 2026", "November 2026"),
        ("de", "2027-03-01", "1. März 2027", "1. März 2027", "1. März 2027", "März 2027"),
        ("fr", "2026-08-05", "5 août", "5 août", "5 août 2026", "août 2026"),
    ],
)
def test_dates_have_a_year_only_if_it_is_another(
    language: str, on: str, short: str, full: str, dated: str, month: str
) -> None:
    day = date.fromisoformat(on)
    with translation.override(language):
        assert languages.day(day, today=TODAY) == short
        assert languages.full_day(day, today=TODAY) == full
        assert languages.dated(day) == dated
        assert languages.month_and_year(day) == month


@pytest.mark.parametrize(
    ("passed", "clock", "inside", "ago"),
    [
        (-MINUTE, "Today 14:31", "today 14:31", "today at 14:31"),
        (0 * MINUTE, "Today 14:30", "today 14:30", "a moment ago"),
        (MINUTE, "Today 14:29", "today 14:29", "1 minute ago"),
        (2 * MINUTE, "Today 14:28", "today 14:28", "2 minutes ago"),
        (HOUR, "Today 13:30", "today 13:30", "today at 13:30"),
        (15 * HOUR, "Yesterday 23:30", "yesterday 23:30", "yesterday at 23:30"),  # in Berlin
        (3 * DAY, "17 Nov 14:30", "17 Nov 14:30", "17 Nov at 14:30"),
        (365 * DAY, "20 Nov 2025 14:30", "20 Nov 2025 14:30", "20 Nov 2025 at 14:30"),
    ],
)
def test_moments_are_said_by_the_readers_clock(passed: timedelta, clock: str, inside: str, ago: str) -> None:
    moment = NOW - passed
    assert languages.clock(moment, now=NOW, zone=BERLIN) == clock
    assert languages.clock_inside(moment, now=NOW, zone=BERLIN) == inside
    assert languages.ago(moment, now=NOW, zone=BERLIN) == ago


@pytest.mark.parametrize("said", [languages.clock, languages.clock_inside, languages.ago])
def test_moments_have_german_dates(said: Callable[..., str]) -> None:
    with translation.override("de"):
        text = said(NOW - 3 * DAY, now=NOW, zone=BERLIN)
    assert "17. Nov." in text
    assert "14:30" in text


def test_times_of_day_have_the_signs_of_the_language() -> None:
    assert languages.time(NOW, zone=BERLIN) == "14:30"
    with translation.override("fi"):
        assert languages.time(NOW - 6 * HOUR, zone=BERLIN) == "8.30"


def test_names_of_months_and_days() -> None:
    named = (languages.month_name(9), languages.month_short(9), languages.weekday_name(0), languages.weekday_name(6))
    assert named == ("September", "Sep", "Monday", "Sunday")
    with translation.override("de"):
        assert (languages.month_name(3), languages.month_short(10), languages.weekday_name(5)) == (
            "März",
            "Okt.",
            "Samstag",
        )


def test_lists_read_as_the_language_joins_them() -> None:
    names = ["{0} and %s", "b", "c"]  # other people's words
    assert languages.listed(names) == "{0} and %s, b and c"
    assert (languages.listed(names[1:]), languages.listed(["a"]), languages.listed([])) == ("b and c", "a", "")
    with translation.override("de"):
        assert languages.listed(names) == "{0} and %s, b und c"


@pytest.mark.parametrize(
    ("seconds", "english", "german"),
    [(0.0, "0 ms", "0 ms"), (0.212, "212 ms", "212 ms"), (0.9996, "1.0 s", "1,0 s"), (10.44, "10.4 s", "10,4 s")],
)
def test_how_long_something_took(seconds: float, english: str, german: str) -> None:
    assert languages.duration(seconds) == english
    with translation.override("de"):
        assert languages.duration(seconds) == german


@pytest.mark.parametrize(
    ("size", "english", "german"),
    [
        (0, "0 B", "0 B"),
        (999, "999 B", "999 B"),
        (1100, "1.1 kB", "1,1 kB"),
        (999_960, "1.0 MB", "1,0 MB"),
        (3_400_000, "3.4 MB", "3,4 MB"),
        (2_000, "2 kB", "2 kB"),
        (10_000_000, "10 MB", "10 MB"),
        (10_000_001, "10.0 MB", "10,0 MB"),
    ],
)
def test_how_large_something_is(size: int, english: str, german: str) -> None:
    assert languages.size(size) == english
    with translation.override("de"):
        assert languages.size(size) == german


@pytest.mark.parametrize("code", ["zz", "not a language", "en", "en-gb"])
def test_an_unknown_language_is_written_as_english(code: str) -> None:
    known = cldr.language(code)
    assert (known.locale, known.group, known.day) == ("en_GB", ",", "%(d)s %(MMM)s")


def test_without_a_language_numbers_are_english() -> None:
    with translation.override(None):
        assert (languages.grouped(1234.5, 1), languages.day(TODAY, today=TODAY)) == ("1,234.5", "20 Nov")


@pytest.mark.parametrize("code", [code for code, _ in settings.LANGUAGES] + ["fr", "pl", "ja"])
def test_every_language_is_complete(code: str) -> None:
    spoken = cldr.language(code)
    assert [len(names) for names in (spoken.months, spoken.months_short, spoken.months_alone)] == [12, 12, 12]
    assert len(spoken.weekdays) == 7
    with translation.override(code):
        for month in range(1, 13):
            on = date(2026, month, 28)
            texts = (languages.day(on, today=TODAY), languages.full_day(on, today=TODAY), languages.dated(on))
            assert all("28" in text and "%" not in text for text in texts)


def test_the_locale_data_are_read_once_and_not_for_each_number(monkeypatch: pytest.MonkeyPatch) -> None:
    with translation.override("de"):
        languages.grouped(1.0)
        monkeypatch.setattr(cldr, "Locale", None)  # whoever asks the locale data again fails
        assert {languages.grouped(number, 1) for number in (1234.5, 2.25)} == {"1.234,5", "2,3"}
        assert languages.day(TODAY, today=TODAY) == "20. Nov."
