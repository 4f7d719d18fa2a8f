"""Numbers as text: one formatter for pages, mails, pictures and the API's sentences."""

from __future__ import annotations

import unicodedata
from math import isfinite

MINUS, NO_BREAK_SPACE = "\u2212", "\u00a0"
UNKNOWN = "–"
MOST_DECIMALS = 6
_SHORT_FROM = 10_000.0  # smaller numbers stay whole
_SHORT_GOAL_OF_MONEY, _SHORT_GOAL = 10_000.0, 100_000.0  # from which goals on a list's numbers are shortened
_STEPS = ((1e3, 1, "k"), (1e6, 2, "M"), (1e9, 2, "B"))


def number(value: float | None, *, unit: str = "", decimals: int = 0, short: bool = False) -> str:
    """A value with its unit: −€1,200, 99.5%, 12 ms; with `short` 12.6k and 1.24M. A dash where it is unknown."""
    if value is None or not isfinite(value):
        return UNKNOWN
    digits = _digits(abs(value), decimals, short=short)
    return ("" if _is_zero(digits) or value > 0 else MINUS) + _with_unit(digits, unit)


def signed(value: float | None, *, unit: str = "", decimals: int = 0, short: bool = False) -> str:
    """A difference with its sign, +12, −14 or ±0; between percentages it is in points, pt."""
    if value is None or not isfinite(value):
        return UNKNOWN
    digits = _digits(abs(value), decimals, short=short)
    sign = "±" if _is_zero(digits) else "+" if value > 0 else MINUS
    return sign + _with_unit(digits, _unit_of_difference(unit))


def difference(value: float, *, unit: str = "", decimals: int = 0, short: bool = False) -> str:
    """The size of a difference, without a sign; between percentages it is in points, pt."""
    return number(abs(value), unit=_unit_of_difference(unit), decimals=decimals, short=short)


def span(
    low: float, high: float, *, unit: str = "", decimals: int = 0, joined_by: str = "to", short: bool = False
) -> str:
    """From one value to another; a unit that stands behind is said once: 21 to 23 °C, €21 to €23."""
    first = number(low, unit=unit if _stands_before(unit) or unit == "%" else "", decimals=decimals, short=short)
    return f"{first} {joined_by} {number(high, unit=unit, decimals=decimals, short=short)}"


def percent(share: float, *, decimals: int = 0) -> str:
    """A share as whole percent; what is not settled is never 0% or 100%, but <1% or >99%."""
    if share < 0.01:
        return "<1%"
    return ">99%" if share > 0.99 else f"{share * 100:.{decimals}f}%"


def shortens(goal: float, unit: str) -> bool:
    """Whether the numbers of a row in a list are shortened: for goals from €10,000, or from 100,000 of anything."""
    return abs(goal) >= (_SHORT_GOAL_OF_MONEY if _stands_before(unit) else _SHORT_GOAL)


def places(value: float, decimals: int) -> int:
    """How many decimals show a goal as it was set: at least the metric's own, at most six."""
    noise = 1e-12 * abs(value)  # of the arithmetic that made it, not of whoever set it
    fitting = (n for n in range(decimals, MOST_DECIMALS) if abs(round(value, n) - value) <= noise)
    return next(fitting, max(decimals, MOST_DECIMALS))


def _digits(size: float, decimals: int, *, short: bool) -> str:
    if not short or size < _SHORT_FROM:
        return f"{size:,.{decimals}f}"
    # 999,960 is 1.00M: what would be rounded up to a thousand of one step is one of the next
    step, shown, letter = next((each for each in _STEPS if round(size / each[0], each[1]) < 1000), _STEPS[-1])
    return f"{size / step:,.{shown}f}{letter}"


def _is_zero(digits: str) -> bool:
    return not digits.strip("0.,")


def _with_unit(digits: str, unit: str) -> str:
    if _stands_before(unit):
        return unit + digits
    if unit == "%":
        return digits + unit
    return digits + NO_BREAK_SPACE + unit if unit else digits


def _stands_before(unit: str) -> bool:
    """Whether the unit is a currency sign, such as €, or US$."""
    return bool(unit) and unicodedata.category(unit[-1]) == "Sc"


def _unit_of_difference(unit: str) -> str:
    return "pt" if unit == "%" else unit
