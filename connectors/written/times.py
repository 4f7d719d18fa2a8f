"""Dates and times as sources write them, in and out.

A format is one word or a pattern: `auto`, `date`, `datetime` (ISO 8601 with the zone's offset), `datetime_utc` (the
same in UTC, with a Z), `rfc2822` (as in mails), `unix` (seconds), `unix_ms` (milliseconds), or a pattern of strptime
such as `%d.%m.%Y`, `%Y-%m` for months and `%G-W%V` for weeks. Reading knows all of them, writing all but `auto`.

A value without a time of day stands for a whole day, which has no zone: a month for its first, a week for its Monday.
A time without a zone is meant in the zone that is given; of an hour that the clock shows twice, the first is meant. A
pattern with a Z, GMT or UTC after its time of day is in UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from connectors.problems import Problem, Unreadable, problem

AUTO, DATE, DATETIME, DATETIME_UTC = "auto", "date", "datetime", "datetime_utc"
RFC2822, UNIX, UNIX_MS = "rfc2822", "unix", "unix_ms"
NAMED = (AUTO, DATE, DATETIME, DATETIME_UTC, RFC2822, UNIX, UNIX_MS)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LONGEST = 64  # characters of anything that is a time
FIRST_IN_MILLISECONDS = 10**11  # as seconds this is the year 5138, as milliseconds 1973
COMPACT_DATE = re.compile(r"(?:19|20|21)[0-9]{6}")  # 20261120
DIGITS = re.compile(r"[0-9]{9,16}(?:\.[0-9]{1,9})?")
UNIX_TIME = re.compile(r"-?[0-9]{1,16}(?:\.[0-9]{1,9})?")
YEAR, TIME_OF_DAY, WEEKDAY = frozenset("YyG"), frozenset("HIMSf"), frozenset("aAu")
DIRECTIVES = YEAR | TIME_OF_DAY | WEEKDAY | frozenset("bBdjmpVz%")  # of those, every platform reads and writes the same
IN_UTC = re.compile(r"%[HMSfp] ?(?:Z|GMT|UTC)\b")
YEAR_SIGNS = {"long": "%Y", "short": "%y"}
EXAMPLE = datetime(2026, 11, 20, 15, 7, 9, 123456, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, aware and in UTC. A whole day stands at 00:00 UTC of its date."""

    at: datetime
    whole_day: bool


def check_format(text: str) -> None:
    """Raise ValueError, with a sentence for the person who typed it, unless `text` is a format that can be read."""
    if text in NAMED:
        return
    directives = _directives(text)
    if not directives - {"%"}:
        sentence = _("“%(text)s” is no time format. Use %(named)s or a pattern such as %(example)s.")
        raise ValueError(sentence % {"text": text, "named": ", ".join(NAMED), "example": "%d.%m.%Y"})
    unknown = sorted(directives - DIRECTIVES)
    if unknown:
        raise ValueError(_("%(sign)s cannot be used in a time format.") % {"sign": f"%{unknown[0]}"})
    if not directives & YEAR:
        raise ValueError(_("A time format needs the year: %(long)s, or %(short)s for two digits.") % YEAR_SIGNS)
    if "p" in directives and "I" not in directives:
        sentence = _("%(half)s, for a.m. and p.m., goes with %(hour)s, the hour from 1 to 12.")
        raise ValueError(sentence % {"half": "%p", "hour": "%I"})
    _check_reads_what_it_writes(text)


def _check_reads_what_it_writes(pattern: str) -> None:
    try:
        _parsed(EXAMPLE.strftime(pattern), pattern)
    except (ValueError, re.error):
        raise ValueError(_("“%(text)s” is no time format that can be read.") % {"text": pattern}) from None


def has_time_of_day(fmt: str) -> bool:
    """Say whether a format other than `auto` writes more than a date."""
    if fmt in NAMED:
        return fmt != DATE
    return bool(_directives(fmt) & TIME_OF_DAY)


def _directives(pattern: str) -> set[str]:
    return set(re.findall(r"%(.?)", pattern, re.DOTALL))


def written(moment: datetime, *, fmt: str, zone: ZoneInfo) -> str | int:
    """Return a moment as a source wants it, in `zone` unless the format is in UTC; an integer for `unix`, `unix_ms`."""
    local = moment.astimezone(zone)
    if fmt == DATE:
        return local.date().isoformat()
    if fmt == DATETIME:
        return local.isoformat(timespec="seconds")
    if fmt == DATETIME_UTC:
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    if fmt == RFC2822:
        return format_datetime(local)
    if fmt in (UNIX, UNIX_MS):
        return (moment - EPOCH) // (timedelta(seconds=1) if fmt == UNIX else timedelta(milliseconds=1))
    return (moment.astimezone(UTC) if IN_UTC.search(fmt) else local).strftime(fmt)


def read(value: Any, *, fmt: str, zone: ZoneInfo) -> Moment:
    """Return the moment that `value` stands for. Raises Unreadable."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Unreadable(_no_time(value))
    text = str(value).strip()
    if not text or len(text) > LONGEST:
        raise Unreadable(problem("time_too_long") if text else problem("time_empty"))
    try:
        found = _read(text, fmt=fmt, zone=zone)
    except (ValueError, OverflowError, re.error):
        raise Unreadable(_not_as_expected(text, fmt)) from None
    if found.at < EARLIEST:
        raise Unreadable(problem("time_before_1900", text=text))
    return found


def _read(text: str, *, fmt: str, zone: ZoneInfo) -> Moment:
    if fmt == AUTO:
        return _guessed(text, zone=zone)
    if fmt == DATE:
        return _whole_day(_date_in(text))
    if fmt in (DATETIME, DATETIME_UTC):
        return _instant(_iso(text), zone=zone if fmt == DATETIME else UTC)
    if fmt == RFC2822:
        return _instant(parsedate_to_datetime(text), zone=UTC)
    if fmt in (UNIX, UNIX_MS):
        return _since_epoch(text, milliseconds=fmt == UNIX_MS)
    parsed = _parsed(text, fmt)
    if not has_time_of_day(fmt):
        return _whole_day(parsed.date())
    return _instant(parsed, zone=UTC if IN_UTC.search(fmt) else zone)


def _parsed(text: str, pattern: str) -> datetime:
    """Read a text by a pattern; a week without a weekday is read as its Monday."""
    directives = _directives(pattern)
    if "V" in directives and not directives & WEEKDAY:
        text, pattern = f"{text} 1", f"{pattern} %u"
    return datetime.strptime(text, pattern)  # noqa: DTZ007  the zone is the caller's


def _guessed(text: str, *, zone: ZoneInfo) -> Moment:
    """Read what is unmistakable: ISO 8601, and Unix time by its size."""
    if DIGITS.fullmatch(text):
        return _since_epoch(text, milliseconds=float(text) >= FIRST_IN_MILLISECONDS)
    if text.isdigit() and not COMPACT_DATE.fullmatch(text):
        raise ValueError
    try:
        return _whole_day(date.fromisoformat(text))
    except ValueError:
        return _instant(_iso(text), zone=zone)


def _date_in(text: str) -> date:
    """Read the date as written, also at the start of a date-time, whose time of day and zone are left aside."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return _iso(text).date()


def _iso(text: str) -> datetime:
    for name in (" UTC", " GMT"):
        text = text.removesuffix(name) + "Z" if text.endswith(name) else text
    return datetime.fromisoformat(text)


def _since_epoch(text: str, *, milliseconds: bool) -> Moment:
    if not UNIX_TIME.fullmatch(text):
        raise ValueError
    number = float(text)
    return Moment(EPOCH + timedelta(seconds=number / 1000 if milliseconds else number), whole_day=False)


def _whole_day(day: date) -> Moment:
    return Moment(datetime.combine(day, time.min, tzinfo=UTC), whole_day=True)


def _instant(moment: datetime, *, zone: tzinfo) -> Moment:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return Moment(aware.astimezone(UTC), whole_day=False)


def _no_time(value: Any) -> Problem:
    if value is None:
        return problem("time_missing")
    if isinstance(value, bool):
        return problem("time_true_or_false")
    return problem("time_something_else")


def _not_as_expected(text: str, fmt: str) -> Problem:
    expected = {
        AUTO: problem("time_not_recognised", text=text),
        DATE: problem("time_no_date", text=text, example="2026-11-20"),
        DATETIME: problem("time_no_datetime", text=text, example="2026-11-20T15:07:00Z"),
        DATETIME_UTC: problem("time_no_datetime", text=text, example="2026-11-20T15:07:00Z"),
        RFC2822: problem("time_written_otherwise", text=text, example=format_datetime(EXAMPLE)),
        UNIX: problem("time_no_unix", text=text),
        UNIX_MS: problem("time_no_unix_ms", text=text),
    }
    return expected.get(fmt) or problem("time_written_otherwise", text=text, example=EXAMPLE.strftime(fmt))
