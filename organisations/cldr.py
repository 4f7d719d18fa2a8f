"""What the Unicode locale data say of one language: its signs, its names of months, its patterns of dates.

They are read once for each language; whoever writes numbers and dates needs no more than what stands here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import parse_pattern
from django.utils.translation import to_locale

FALLBACK = "en_GB"
_CURRENCY = "¤"
_MONTHS_FROM = {"en_GB": "en"}  # three letters for each month: Sep beside Oct, not the British “Sept”


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """How one language writes numbers and dates.

    Patterns of dates are filled by `%` with the fields of a date (`d`, `MMM`, `y`); what stands `before` and `after`
    a percentage or an amount of money holds the spaces between, and `¤` where the currency goes.
    """

    code: str
    locale: str
    decimal: str
    group: str
    before_percent: str
    after_percent: str
    before_money: str
    after_money: str
    months: tuple[str, ...]
    months_short: tuple[str, ...]
    months_alone: tuple[str, ...]
    weekdays: tuple[str, ...]
    day: str
    day_and_year: str
    full_day: str
    full_day_and_year: str
    month_and_year: str
    clock: str

    @property
    def is_plain(self) -> bool:
        """Whether digits are written as Python writes them: 1,234.5."""
        return self.decimal == "." and self.group == ","


@lru_cache
def language(code: str) -> Language:
    """Return what is known of a language, by Django's name for it (`en-gb`); an unknown one is written as English."""
    locale = _locale(code)
    symbols, money, share = locale.number_symbols["latn"], locale.currency_formats["standard"], locale.percent_formats
    months, short = locale.months["format"]["wide"], _months_short(locale)
    return Language(
        code=code,
        locale=str(locale),
        decimal=symbols["decimal"],
        group=symbols["group"],
        before_percent=share[None].prefix[0],
        after_percent=share[None].suffix[0],
        before_money=money.prefix[0],
        after_money=money.suffix[0],
        months=tuple(months[number] for number in range(1, 13)),
        months_short=tuple(short[number] for number in range(1, 13)),
        months_alone=tuple(locale.months["stand-alone"]["wide"][number] for number in range(1, 13)),
        weekdays=tuple(locale.days["stand-alone"]["wide"][number] for number in range(7)),
        day=_pattern(locale, "MMMd", "d MMM"),
        day_and_year=_pattern(locale, "yMMMd", "d MMM y"),
        full_day=_pattern(locale, "MMMMd", "d MMMM"),
        full_day_and_year=locale.date_formats["long"].format,
        month_and_year=_pattern(locale, "yMMMM", "LLLL y"),
        clock=_pattern(locale, "Hm", "HH:mm"),
    )


def _locale(code: str) -> Locale:
    try:
        return Locale.parse(FALLBACK if code == "en" else to_locale(code))
    except (UnknownLocaleError, ValueError):
        return Locale.parse(FALLBACK)


def _months_short(locale: Locale) -> dict[int, str]:
    source = Locale.parse(_MONTHS_FROM.get(str(locale), str(locale)))
    names: dict[int, str] = source.months["format"]["abbreviated"]
    return names


def _pattern(locale: Locale, skeleton: str, otherwise: str) -> str:
    return str(parse_pattern(locale.datetime_skeletons.get(skeleton, otherwise)).format)
