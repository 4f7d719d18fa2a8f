"""What a field says as a number, by how its source writes numbers.

A number of JSON is itself whatever the format; the formats are about texts. `auto` reads what can be read in one way
only, the others know more and so can read more: `1,234` is a thousand where a point is before the decimals.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from connectors.written import amounts, numerals, spans
from connectors.written.amounts import without_currency
from connectors.written.numerals import COMMA, POINT, by_sign, cleaned, number, per_cent

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

AUTO, PERCENT, MONEY, DURATION = "auto", "percent", "money", "duration"
FORMATS: list[tuple[str, StrOrPromise]] = [
    (AUTO, _("as it shows itself: 1234.5, 1,234.5, 1.234,5, 12 %")),
    (POINT, _("with a decimal point: 1,234.5 and 1,234")),
    (COMMA, _("with a decimal comma: 1.234,5 and 1.234")),
    (PERCENT, _("as per cent: 12.5 % and 125 ‰ are 12.5")),
    (MONEY, _("as money: € 1,234.50, 1.234,50 €, (12.00)")),
    (DURATION, _("as a duration, in seconds: 1:30, 1h 30m, PT5M, 250 ms")),
]
NAMES = tuple(name for name, _label in FORMATS)


def value_of(raw: Any, fmt: str = AUTO, *, unit: str = "", is_condition: bool = False) -> float:
    """Return the finite number that a value is or says. Raises Unreadable.

    `unit` is the currency that money has to be in, where it names one. True and false are 1 and 0 where they are what
    became of a condition; as values of a field they are refused.
    """
    if isinstance(raw, bool) and is_condition:
        return float(raw)
    if not isinstance(raw, str) or fmt == AUTO:
        return number(raw)
    if fmt == MONEY:
        return numerals.finite(amounts.amount(raw, unit=unit))
    return numerals.finite(READERS[fmt](raw))


def _with_sign(raw: str, sign: str) -> float:
    """Read a number of which the sign before the decimals is known; a currency or a per cent sign may stand by."""
    return by_sign(raw, without_currency(cleaned(raw))[0].removesuffix("%").rstrip(), sign)


READERS: dict[str, Callable[[str], float]] = {
    POINT: lambda raw: _with_sign(raw, POINT),
    COMMA: lambda raw: _with_sign(raw, COMMA),
    PERCENT: per_cent,
    DURATION: spans.seconds,
}
