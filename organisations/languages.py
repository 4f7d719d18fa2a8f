"""Digits, dates and clock times in the language of whoever reads: the one formatter of pages, mails and the API.

Numbers are rounded as the browser's `Intl` rounds them, so that a number in a chart is the number beside it.
Other people's text (names, units) is put in last and never interpreted.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.lists import format_list
from django.utils.translation import get_language, ngettext, override, pgettext
from django.utils.translation import gettext as _

from organisations.cldr import FALLBACK, Language, language

MINUS, NO_BREAK_SPACE = "\u2212", "\u00a0"
JUST_NOW, AN_HOUR, ONE_DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_NEAR_A_TIE, _EXACT = 1e-3, 1e12  # below it, arithmetic in floats tells a tie from its neighbours
_NOISE = 10  # decimals of a percentage that are the number's own, and not the arithmetic's
_LONG = Context(prec=400)  # more digits than any float has
_SHORT_FROM = 10_000.0  # smaller numbers stay whole
_STEPS = ((1e3, 1), (1e6, 2), (1e9, 2))  # each with the decimals that are shown
_KILO, _MEGA = 1e3, 1e6


def active() -> Language:
    """Return how the reader's language writes; English where no language is active."""
    return language(get_language() or FALLBACK)


def grouped(number: float, decimals: int = 0) -> str:
    """Write a number with its thousands apart: 1,234.5 in English, 1.234,5 in German; its minus is U+2212."""
    digits = written(abs(number), decimals, active())
    return digits if number >= 0 or is_zero(digits) else MINUS + digits


def percent(share: float, decimals: int = 0) -> str:
    """Write a share (0.37) as a percentage: 37% in English, 37 % in German."""
    spoken, hundredths = active(), round(share * 100, _NOISE)
    digits = written(abs(hundredths), decimals, spoken)
    sign = "" if hundredths >= 0 or is_zero(digits) else MINUS
    return sign + with_unit(digits, "%", spoken)


def rounded(number: float, decimals: int) -> float:
    """Return a number as it is shown: rounded on its decimal digits, a half away from zero."""
    size = float(_digits(abs(number), decimals).replace(",", ""))
    return size if number >= 0 else -size


def written(size: float, decimals: int, spoken: Language) -> str:
    """Write the digits of a size (not negative) in a language."""
    return _in(spoken, _digits(size, decimals))


def shortened(size: float, decimals: int, spoken: Language) -> str:
    """Write a size in few digits: 9,999, 12.6k, 1.24M; 12,6 Tsd. and 1,24 Mio. in German."""
    if size < _SHORT_FROM:
        return written(size, decimals, spoken)
    # 999,960 is 1.00M: what would be rounded up to a thousand of one step is one of the next
    fitting = (index for index, (step, shown) in enumerate(_STEPS) if rounded(size / step, shown) < 1000)
    index = next(fitting, len(_STEPS) - 1)
    step, shown = _STEPS[index]
    return _short_forms(spoken.code)[index].replace("#", written(size / step, shown, spoken))


def with_unit(digits: str, unit: str, spoken: Language) -> str:
    """Put a unit to a number: €1,200, 37% and 12 ms in English, 1.200 € and 37 % in German."""
    if is_currency(unit):
        return spoken.before_money.replace("¤", unit) + digits + spoken.after_money.replace("¤", unit)
    if unit == "%":
        return spoken.before_percent + digits + spoken.after_percent
    return digits + NO_BREAK_SPACE + unit if unit else digits


def is_currency(unit: str) -> bool:
    """Whether a unit is a sign of money, such as €, or US$."""
    return bool(unit) and unicodedata.category(unit[-1]) == "Sc"


def is_zero(digits: str) -> bool:
    """Whether nothing but zeros is left of a number that was written."""
    return not digits.strip("0.,")


def day(on: date, *, today: date) -> str:
    """Write a date in short: 20 Nov, with the year only if it is not this year."""
    spoken = active()
    return _filled(spoken.day if on.year == today.year else spoken.day_and_year, on, spoken)


def full_day(on: date, *, today: date) -> str:
    """Write a date in a sentence: 20 November, with the year only if it is not this year."""
    spoken = active()
    return _filled(spoken.full_day if on.year == today.year else spoken.full_day_and_year, on, spoken)


def dated(on: date) -> str:
    """Write a date in short and always with its year: 20 Nov 2026."""
    spoken = active()
    return _filled(spoken.day_and_year, on, spoken)


def month_and_year(on: date) -> str:
    """Write the month of a date: November 2026."""
    spoken = active()
    return _filled(spoken.month_and_year, on, spoken)


def time(moment: datetime, *, zone: ZoneInfo) -> str:
    """Write a time of day: 14:30."""
    spoken = active()
    return _filled(spoken.clock, moment.astimezone(zone), spoken)


def clock(moment: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """Write a moment in a table: Today 14:30, Yesterday 09:15, 17 Nov 09:15."""
    on, today, at = moment.astimezone(zone).date(), now.astimezone(zone).date(), time(moment, zone=zone)
    if on == today:
        return _("Today %(time)s") % {"time": at}
    if on == today - ONE_DAY:
        return _("Yesterday %(time)s") % {"time": at}
    return pgettext("a moment in a table", "%(day)s %(time)s") % {"day": day(on, today=today), "time": at}


def clock_inside(moment: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """Write a moment as `clock` does, but within a sentence or a heading: today 14:30, 17 Nov 09:15."""
    on, today, at = moment.astimezone(zone).date(), now.astimezone(zone).date(), time(moment, zone=zone)
    if on == today:
        return _("today %(time)s") % {"time": at}
    if on == today - ONE_DAY:
        return _("yesterday %(time)s") % {"time": at}
    return pgettext("a moment in a table", "%(day)s %(time)s") % {"day": day(on, today=today), "time": at}


def ago(moment: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """Say within a sentence when something was: a moment ago, 2 minutes ago, today at 14:30, 17 Nov at 09:15."""
    passed = now - moment
    if timedelta(0) <= passed < JUST_NOW:
        return _("a moment ago")
    if JUST_NOW <= passed < AN_HOUR:
        minutes = passed // timedelta(minutes=1)
        return ngettext("%(minutes)s minute ago", "%(minutes)s minutes ago", minutes) % {"minutes": minutes}
    return _at(moment, now=now, zone=zone)


def month_name(number: int) -> str:
    """Return the name of a month on its own, 1 for January."""
    return active().months_alone[number - 1]


def month_short(number: int) -> str:
    """Return the short name of a month, 1 for Jan."""
    return active().months_short[number - 1]


def weekday_name(number: int) -> str:
    """Return the name of a day of the week, 0 for Monday."""
    return active().weekdays[number]


def listed(items: Sequence[str]) -> str:
    """Write several things as one: a, b and c."""
    return format_list(items, locale=active().locale)


def typed(value: float) -> str:
    """Write a number as it may be typed: what distinguishes it, with a point and without an exponent."""
    return f"{Decimal(f'{value:.15g}'):f}"


def duration(seconds: float) -> str:
    """Write how long something took: 212 ms, 10.4 s."""
    milliseconds = rounded(seconds * 1000, 0)
    if milliseconds < 1000:
        return _("%(number)s ms") % {"number": grouped(milliseconds)}
    return _("%(number)s s") % {"number": grouped(seconds, 1)}


def size(bytes: int) -> str:  # noqa: A002  the unit is the name
    """Write how large something is: 812 B, 1.1 kB, 3.4 MB; 10 MB where it is no byte more, as limits are."""
    if bytes < _KILO:
        return _("%(number)s B") % {"number": grouped(bytes)}
    if rounded(bytes / _KILO, 1) < _KILO:
        return _("%(number)s kB") % {"number": _tenths(bytes, _KILO)}
    return _("%(number)s MB") % {"number": _tenths(bytes, _MEGA)}


def _tenths(bytes: int, unit: float) -> str:  # noqa: A002  the unit is the name
    return grouped(bytes / unit, 1 if bytes % unit else 0)


def _digits(size: float, decimals: int) -> str:
    """Write a size as Python does, 1,234.5, but a half is rounded up, on the digits that the number is written with."""
    doubled = size * 2 * 10**decimals
    if doubled < _EXACT and abs(doubled % 2 - 1) > _NEAR_A_TIE:
        return f"{size:,.{decimals}f}"
    return f"{Decimal(repr(float(size))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _LONG):,f}"


def _in(spoken: Language, digits: str) -> str:
    if spoken.is_plain:
        return digits
    return digits.replace(".", "\0").replace(",", spoken.group).replace("\0", spoken.decimal)


@lru_cache
def _short_forms(code: str) -> tuple[str, str, str]:
    """How a language shortens thousands, millions and billions (10⁹); # stands for the number."""
    with override(code):
        return (
            pgettext("a thousand in short", "%(number)sk") % {"number": "#"},
            pgettext("a million in short", "%(number)sM") % {"number": "#"},
            pgettext("a thousand millions in short", "%(number)sB") % {"number": "#"},
        )


def _filled(pattern: str, on: date, spoken: Language) -> str:
    """Fill a pattern of the locale data with a date, or with a moment."""
    fields: dict[str, object] = {
        "d": on.day,
        "dd": f"{on.day:02d}",
        "M": on.month,
        "MM": f"{on.month:02d}",
        "MMM": spoken.months_short[on.month - 1],
        "MMMM": spoken.months[on.month - 1],
        "LLLL": spoken.months_alone[on.month - 1],
        "y": on.year,
    }
    if isinstance(on, datetime):
        fields |= {"H": on.hour, "HH": f"{on.hour:02d}", "mm": f"{on.minute:02d}"}
    return pattern % fields


def _at(moment: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    on, today, at = moment.astimezone(zone).date(), now.astimezone(zone).date(), time(moment, zone=zone)
    if on == today:
        return _("today at %(time)s") % {"time": at}
    if on == today - ONE_DAY:
        return _("yesterday at %(time)s") % {"time": at}
    return _("%(day)s at %(time)s") % {"day": day(on, today=today), "time": at}
