"""Numbers as text: values, differences and ranges with their unit, for pages, mails, pictures and sentences."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import isfinite

from django.utils.translation import override, pgettext

from organisations import languages
from organisations.cldr import Language
from organisations.languages import MINUS, is_currency, is_zero, rounded

UNKNOWN = "–"
MOST_DECIMALS = 6
_SHORT_GOAL_OF_MONEY, _SHORT_GOAL = 10_000.0, 100_000.0  # from which goals on a list's numbers are shortened


def number(
    value: float | None, *, unit: str = "", decimals: int = 0, short: bool = False, spoken: Language | None = None
) -> str:
    """A value with its unit: −€1,200, 99.5%, 12 ms; with `short` 12.6k and 1.24M. A dash where it is unknown.

    `spoken` is the language, by default the reader's; who writes many numbers looks it up once.
    """
    if value is None or not isfinite(value):
        return UNKNOWN
    spoken = spoken or languages.active()
    digits = _digits(abs(value), decimals, spoken, short=short)
    return ("" if value > 0 or is_zero(digits) else MINUS) + languages.with_unit(digits, unit, spoken)


def signed(
    value: float | None, *, unit: str = "", decimals: int = 0, short: bool = False, spoken: Language | None = None
) -> str:
    """A difference with its sign, +12, −14 or ±0; between percentages it is in points, pt."""
    if value is None or not isfinite(value):
        return UNKNOWN
    spoken = spoken or languages.active()
    digits = _digits(abs(value), decimals, spoken, short=short)
    sign = "±" if is_zero(digits) else "+" if value > 0 else MINUS
    return sign + languages.with_unit(digits, _unit_of_difference(unit, spoken), spoken)


def difference(value: float, *, unit: str = "", decimals: int = 0, short: bool = False) -> str:
    """The size of a difference, without a sign; between percentages it is in points, pt."""
    unit = _unit_of_difference(unit, languages.active())
    return number(abs(value), unit=unit, decimals=decimals, short=short)


def ends(low: float, high: float, *, unit: str = "", decimals: int = 0, short: bool = False) -> tuple[str, str]:
    """Both ends of a range; a unit that stands behind and apart is said once: 21 and 23 °C, but €21 and €23."""
    upper = number(high, unit=unit, decimals=decimals, short=short)
    said_once = upper.endswith(languages.NO_BREAK_SPACE + unit)
    return number(low, unit="" if said_once else unit, decimals=decimals, short=short), upper


def span(low: float, high: float, *, unit: str = "", decimals: int = 0, short: bool = False) -> str:
    """From one value to another: 21 to 23 °C, €21 to €23."""
    lower, upper = ends(low, high, unit=unit, decimals=decimals, short=short)
    return pgettext("from one value to another", "%(low)s to %(high)s") % {"low": lower, "high": upper}


def percent(share: float, *, decimals: int = 0) -> str:
    """A share as whole percent; what is not settled is never 0% or 100%, but <1% or >99%."""
    if share < 0.01:
        return f"<{languages.percent(0.01)}"
    return f">{languages.percent(0.99)}" if share > 0.99 else languages.percent(share, decimals)


def shortens(goal: float, unit: str) -> bool:
    """Whether the numbers of a row in a list are shortened: for goals from €10,000, or from 100,000 of anything."""
    return abs(goal) >= (_SHORT_GOAL_OF_MONEY if is_currency(unit) else _SHORT_GOAL)


def is_nothing(value: float, decimals: int) -> bool:
    """Whether a difference is shown as ±0."""
    return rounded(value, decimals) == 0


def places(value: float, decimals: int) -> int:
    """How many decimals show a goal as it was set: at least the metric's own, at most six."""
    noise = 1e-12 * abs(value)  # of the arithmetic that made it, not of whoever set it
    fitting = (n for n in range(decimals, MOST_DECIMALS) if abs(round(value, n) - value) <= noise)
    return next(fitting, max(decimals, MOST_DECIMALS))


def telling(value: float, others: Iterable[float], decimals: int) -> int:
    """How many decimals tell a value from others that it is close to: at least the metric's own, at most six."""
    others = tuple(others)
    finer = range(decimals, MOST_DECIMALS)
    apart = (n for n in finer if all(rounded(value, n) != rounded(other, n) for other in others))
    return next(apart, max(decimals, MOST_DECIMALS))


def _digits(size: float, decimals: int, spoken: Language, *, short: bool) -> str:
    return (languages.shortened if short else languages.written)(size, decimals, spoken)


def _unit_of_difference(unit: str, spoken: Language) -> str:
    return _points(spoken.code) if unit == "%" else unit


@lru_cache
def _points(code: str) -> str:
    """What the difference between two percentages is counted in."""
    with override(code):
        return pgettext("percentage points", "pt")
