"""Amounts of money as sources write them: a number with the sign or the code of a currency before or behind it.

    €1.234,50 · 1,234.50 USD · CHF 1'234.50 · -£5 · (12.00) · 12.00- · 5.– · kr 12

The last sign parts the decimals. One sign alone before exactly three digits, as in `1.234 €`, means a thousand to some
and a little more than one to others, and is refused.
"""

from __future__ import annotations

import re
from functools import cache

from babel.numbers import list_currencies

from connectors.problems import Unreadable, problem
from connectors.written.numerals import cleaned, in_two_ways, plainly, quoted

SIGN_OF = {  # what a sign can mean; whatever else stands for money is not known to differ from anything
    "€": "EUR", "EURO": "EUR", "£": "GBP", "¥": "JPY CNY", "₹": "INR", "₽": "RUB", "₩": "KRW", "₺": "TRY", "₴": "UAH",
    "₪": "ILS", "ZŁ": "PLN", "KČ": "CZK", "FT": "HUF", "FR.": "CHF", "LEI": "RON", "KR": "SEK NOK DKK ISK",
    "KR.": "DKK SEK NOK ISK", "R$": "BRL", "US$": "USD", "A$": "AUD", "C$": "CAD", "HK$": "HKD", "NZ$": "NZD",
    "$": "USD AUD CAD HKD NZD SGD TWD MXN ARS CLP COP",
}  # fmt: skip
MARK = r"(?:[A-Z]{0,3}[$€£¥₹₽₩₺₴₪₫₦₱฿₡₲₵₸₼₾]|[A-Z]{3}|(?i:euro|zł|kč|ft|fr\.|lei|kr\.?))"
BEFORE, AFTER = re.compile(rf"({MARK}) ?(?=[-+(0-9.,])"), re.compile(rf" ?({MARK})$")
IN_BRACKETS = re.compile(r"\((.+)\)")
NO_CENTS = re.compile(r"[.,][-–—]+$")  # 5.– is how prices without cents are written
BY_ONE_SIGN = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")


def amount(raw: str, *, unit: str = "") -> float:
    """Return the amount that a text says. Raises Unreadable, also where it is in another currency than `unit`."""
    text, is_negative = _without_sign(cleaned(raw))
    bare, currency = without_currency(text)
    if currency and unit and _differ(currency, unit):
        raise Unreadable(problem("value_other_currency", text=quoted(raw), unit=unit))
    digits, is_below = _without_sign(bare)
    if BY_ONE_SIGN.fullmatch(digits):
        raise in_two_ways(raw)
    plain = None if is_negative and is_below else plainly(digits)
    if plain is None or plain[0] in "+-":
        raise Unreadable(problem("value_no_money", text=quoted(raw)))
    return -float(plain) if is_negative or is_below else float(plain)


def without_currency(text: str) -> tuple[str, str]:
    """Take the sign or the code of a currency off a cleaned text; returns the rest, and what was taken off."""
    before, after = BEFORE.match(text), AFTER.search(text)
    if before and _is_currency(before[1]) and not (after and _is_currency(after[1])):
        return text[before.end() :], before[1]
    if after and _is_currency(after[1]):
        return text[: after.start()], after[1]
    return text, ""


def _without_sign(text: str) -> tuple[str, bool]:
    """Take a minus off, whether it stands before or behind, or as the brackets of bookkeeping."""
    text = NO_CENTS.sub("", text)
    if found := IN_BRACKETS.fullmatch(text):
        return found[1].strip(), True
    if text.startswith("-") or text.endswith("-"):
        return text.removeprefix("-" if text.startswith("-") else "").removesuffix("-").strip(), True
    return text.removeprefix("+").lstrip(), False


def _is_currency(mark: str) -> bool:
    return len(mark) != len("EUR") or not mark.isalpha() or not mark.isupper() or mark in _codes()


def _differ(written: str, unit: str) -> bool:
    """Say whether two marks certainly mean different currencies."""
    first, second = _meant(written), _meant(unit)
    return bool(first and second and not first & second)


def _meant(mark: str) -> frozenset[str]:
    known = SIGN_OF.get(mark.strip().upper(), "")
    code = mark.strip().upper()
    return frozenset(known.split()) or frozenset({code} & _codes())


@cache
def _codes() -> frozenset[str]:
    return frozenset(list_currencies())
