"""What a field says as a number, in each way of writing numbers: tables of what is read, and of what is refused."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.written.numerals import COMMA, POINT
from connectors.written.values import AUTO, DURATION, MONEY, NAMES, PERCENT, value_of

READ: list[tuple[str, Any, float]] = [
    (AUTO, "1,234.5", 1234.5),
    (AUTO, "12,5 %", 12.5),
    (POINT, "1,234", 1234.0),
    (POINT, "1.234", 1.234),
    (POINT, "1,234,567.8", 1234567.8),
    (POINT, "1'234.5", 1234.5),
    (POINT, "-1 234.5", -1234.5),
    (POINT, "$1,234.50", 1234.5),
    (POINT, "12.5 %", 12.5),
    (POINT, ".5", 0.5),
    (POINT, "1.5e3", 1500.0),
    (COMMA, "1.234", 1234.0),
    (COMMA, "1,234", 1.234),
    (COMMA, "1.234.567,8", 1234567.8),
    (COMMA, "1\u202f234,5", 1234.5),
    (COMMA, "1.234 €", 1234.0),
    (COMMA, "−12,5%", -12.5),
    (COMMA, "1e3", 1000.0),
    (COMMA, "651", 651.0),
    (PERCENT, "12,5 %", 12.5),
    (PERCENT, "12.5%", 12.5),
    (PERCENT, "%12", 12.0),
    (PERCENT, "-0.4 percent", -0.4),
    (PERCENT, "99 Prozent", 99.0),
    (PERCENT, "125 ‰", 12.5),
    (MONEY, "1.234,50 €", 1234.5),
    (MONEY, "$1,234.50", 1234.5),
    (MONEY, "USD 1,234.50", 1234.5),
    (MONEY, "1234.5 EUR", 1234.5),
    (MONEY, "CHF 1'234.50", 1234.5),
    (MONEY, "1 234,50 zł", 1234.5),
    (MONEY, "kr 12", 12.0),
    (MONEY, "12 Kč", 12.0),
    (MONEY, "R$ 5,90", 5.9),
    (MONEY, "€-5", -5.0),
    (MONEY, "-€5", -5.0),
    (MONEY, "- 5 €", -5.0),
    (MONEY, "+5 €", 5.0),
    (MONEY, "(1,234.50)", -1234.5),
    (MONEY, "($12.00)", -12.0),
    (MONEY, "12.00-", -12.0),
    (MONEY, "5.–", 5.0),
    (MONEY, "5,- €", 5.0),
    (MONEY, "Fr. 5.-", 5.0),
    (MONEY, "0.125 $", 0.125),
    (MONEY, "1234.567", 1234.567),
    (MONEY, "12", 12.0),
    (DURATION, "1:30", 90.0),
    (DURATION, "90:00", 5400.0),
    (DURATION, "0:01.5", 1.5),
    (DURATION, "1:02:03", 3723.0),
    (DURATION, "-1:30", -90.0),
    (DURATION, "1 day, 2:03:04", 93784.0),
    (DURATION, "2 days, 0:00:00", 172800.0),
    (DURATION, "1h 30m", 5400.0),
    (DURATION, "1h30m", 5400.0),
    (DURATION, "1 h 30 min", 5400.0),
    (DURATION, "1 hour, 2 minutes", 3720.0),
    (DURATION, "1.5 h", 5400.0),
    (DURATION, "1,5 Std.", 5400.0),
    (DURATION, "2 Tage 3 Stunden", 183600.0),
    (DURATION, "90 s", 90.0),
    (DURATION, "250 ms", 0.25),
    (DURATION, "1h2m3.5s", 3723.5),
    (DURATION, "90", 90.0),
    (DURATION, "PT5M", 300.0),
    (DURATION, "PT1H30M", 5400.0),
    (DURATION, "P1DT2H", 93600.0),
    (DURATION, "P2W", 1209600.0),
    (DURATION, "PT0.5S", 0.5),
    (DURATION, "-PT5M", -300.0),
]
REFUSED: list[tuple[str, Any, str]] = [
    (POINT, "1.234,5", "decimal point"),
    (POINT, "12,5", "decimal point"),
    (POINT, "1.234.567", "decimal point"),
    (POINT, "€", "decimal point"),
    (POINT, "", "empty"),
    (COMMA, "1,234.5", "decimal comma"),
    (COMMA, "12.5", "decimal comma"),
    (COMMA, "12 apples", "decimal comma"),
    (PERCENT, "0.12", "no per cent sign"),
    (PERCENT, "12 %%", "no per cent sign"),
    (PERCENT, "%12%", "no per cent sign"),
    (PERCENT, "% ", "no per cent sign|empty"),
    (PERCENT, "1,234 %", "two ways"),
    (PERCENT, "many %", "not a number"),
    (MONEY, "1.234 €", "two ways"),
    (MONEY, "$1,234", "two ways"),
    (MONEY, "12 KWH", "not an amount"),
    (MONEY, "1.2 Mio €", "not an amount"),
    (MONEY, "free", "not an amount"),
    (MONEY, "€", "not an amount"),
    (MONEY, "--5 €", "not an amount"),
    (MONEY, "(-5)", "not an amount"),
    (MONEY, "- €-5", "not an amount"),
    (MONEY, "EUR 5 USD", "not an amount"),
    (DURATION, "1:75", "not a duration"),
    (DURATION, "1:60:00", "not a duration"),
    (DURATION, "1:5", "not a duration"),
    (DURATION, "1h 2h", "not a duration"),
    (DURATION, "30m 1h", "not a duration"),
    (DURATION, "-1 day, 23:59:59", "not a duration"),
    (DURATION, "P", "not a duration"),
    (DURATION, "PT", "not a duration"),
    (DURATION, "soon", "not a duration"),
    (DURATION, "5 apples", "not a duration"),
    (DURATION, "P1M", "no fixed length"),
    (DURATION, "P1Y2M3D", "no fixed length"),
]
EVERY = pytest.mark.parametrize("fmt", NAMES)


@pytest.mark.parametrize(("fmt", "raw", "expected"), READ)
def test_a_text_is_read_as_its_format_says(fmt: str, raw: Any, expected: float) -> None:
    assert value_of(raw, fmt) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("fmt", "raw", "reason"), REFUSED)
def test_what_is_not_written_so_is_refused_with_a_reason(fmt: str, raw: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        value_of(raw, fmt)


@EVERY
def test_a_number_of_json_is_itself_in_every_format(fmt: str) -> None:
    assert value_of(12.5, fmt) == 12.5


@EVERY
@pytest.mark.parametrize(
    ("raw", "reason"), [(None, "missing"), ([1], "a list"), ({}, "an object"), (10**400, "finite")]
)
def test_what_is_no_number_is_one_in_no_format(fmt: str, raw: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        value_of(raw, fmt)


@EVERY
def test_true_and_false_count_only_as_what_became_of_a_condition(fmt: str) -> None:
    assert [value_of(raw, fmt, is_condition=True) for raw in (True, False)] == [1.0, 0.0]
    with pytest.raises(ValueError, match="true or false"):
        value_of(raw=True, fmt=fmt)


@pytest.mark.parametrize(
    ("unit", "raw"),
    [
        ("€", "5 €"), ("€", "EUR 5"), ("EUR", "5 €"), ("$", "CAD 5"), ("USD", "US$5"), ("€/month", "$5"), ("", "$5"),
        ("€", "5"),
    ],
)  # fmt: skip
def test_money_in_the_metrics_own_currency_is_read(unit: str, raw: str) -> None:
    assert value_of(raw, MONEY, unit=unit) == 5.0


@pytest.mark.parametrize(
    ("unit", "raw"), [("€", "$5"), ("EUR", "5 GBP"), ("$", "5 €"), ("£", "5 EUR"), ("USD", "A$ 5")]
)
def test_money_in_another_currency_is_not_added_to_it(unit: str, raw: str) -> None:
    with pytest.raises(ValueError, match="is not in"):
        value_of(raw, MONEY, unit=unit)


@given(st.integers(-(10**12), 10**12), st.integers(0, 99))
def test_where_the_sign_before_decimals_is_known_every_number_is_read(whole: int, hundredths: int) -> None:
    english, expected = f"{whole:,}.{hundredths:02}", float(f"{whole}.{hundredths:02}")
    assert value_of(english, POINT) == value_of(f"{whole:,}", POINT) + math.copysign(
        abs(expected) - abs(whole), expected
    )
    german = english.translate(str.maketrans(",.", ".,"))
    assert value_of(german, COMMA) == expected
    assert value_of(f"{german} €", MONEY) == value_of(f"${english}", MONEY) == expected


@given(st.timedeltas(timedelta(), timedelta(days=400)).map(lambda length: length - length % timedelta(milliseconds=1)))
def test_a_length_of_time_is_the_same_however_it_is_written(length: timedelta) -> None:
    minutes, rest = divmod(length.total_seconds() % 3600, 60)
    hours = int(length.total_seconds() // 3600)
    written = [str(length), f"PT{hours}H{int(minutes)}M{rest:.3f}S", f"{hours}h {int(minutes)}m {rest:.3f}s"]
    for text in written:
        assert value_of(text, DURATION) == pytest.approx(length.total_seconds(), abs=1e-6)


@given(
    st.one_of(st.text(max_size=20), st.text(st.sampled_from("0123456789.,' %‰-+eE€$()PTHMS:dhms"), max_size=20)),
    st.sampled_from(NAMES),
)
def test_any_text_is_a_finite_number_or_refused(raw: str, fmt: str) -> None:
    try:
        found = value_of(raw, fmt)
    except ValueError:
        return
    assert math.isfinite(found)
