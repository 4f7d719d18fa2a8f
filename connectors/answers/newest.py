"""What is new since the last time: by the greatest value of a field of the rows so far, or by their latest time. Pure.

Numbers go by their size, however they are written and however long they are: of two ids of nothing but digits the
longer one is the greater. Other texts go by their signs, as ids that are made to be sorted do, and come after numbers.
A time is no id, for several rows may have the same. It is kept in UTC, written so that texts sort like times.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from connectors.paths import look_up
from connectors.problems import UNSTORABLE, Problem, Unreadable, problem
from connectors.written import times

LONGEST = 500  # characters of a value that is kept
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?( ?(Z|[+-][0-9]{2}(:?[0-9]{2})?))?)?",
    re.IGNORECASE,
)  # ISO 8601, all of a value: an id may well begin with a date
SECOND = timedelta(seconds=1)
AHEAD = timedelta(days=1)  # a time beyond it is a mistake, and may not make everything until then seem old

Value = str | int | float
Order = tuple[int, Decimal | str]
Eye = Callable[[Any], Value]  # what it sees in a row; raises Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The greatest and the least value of the rows of one page; None where there are no rows."""

    greatest: Value | None = None
    least: Value | None = None


def order(value: Value) -> Order:
    """Return by what values are put in order."""
    text = str(value)
    return (0, Decimal(text)) if not isinstance(value, str) or NUMBER.fullmatch(text) else (1, text)


def greatest(values: Iterable[Value | None]) -> Value | None:
    """Return the greatest value, the first of several that are alike; None where there is none."""
    return max((value for value in values if value is not None), key=order, default=None)


def is_newer(value: Value, than: Value | None) -> bool:
    """Say whether a value is greater than another; anything is newer than nothing."""
    return than is None or order(value) > order(than)


def eye_for_ids(path: str) -> Eye:
    """Return what sees the value of a field by which rows are put in order."""
    look = look_up(path)

    def see(row: Any) -> Value:
        value = look(row)
        if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
            raise Unreadable(problem("value_missing" if value in (None, "") else "value_something_else"))
        if len(str(value)) > LONGEST or UNSTORABLE.search(str(value)):
            raise Unreadable(problem("value_too_long"))
        return value

    return see


def eye_for_times(path: str, *, fmt: str, zone: ZoneInfo, until: datetime) -> Eye:
    """Return what sees the time of a row, a whole day from its beginning in `zone`; none far beyond `until`."""
    look = look_up(path)

    def see(row: Any) -> str:
        moment = times.read(look(row), fmt=fmt, zone=zone)
        at = datetime.combine(moment.at.date(), time.min, tzinfo=zone) if moment.whole_day else moment.at
        if at > until + AHEAD:
            raise Unreadable(problem("time_in_future", time=f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"))
        return kept(at)

    return see


def kept(moment: datetime) -> str:
    """Return a moment as it is kept: such texts sort like times."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def is_kept_time(value: Any) -> bool:
    """Say whether a value is a moment as it is kept."""
    try:
        return isinstance(value, str) and kept(datetime.fromisoformat(value)) == value
    except ValueError:
        return False


def seen(rows: Sequence[Any], eye: Eye, *, most: Value | None = None) -> Seen:
    """Return what the rows of a page hold, nothing greater than `most`.

    Raises Unreadable, with the first reason, where no row holds anything.
    """
    values, first = [], None
    for row in rows:
        try:
            values.append(eye(row))
        except Unreadable as error:
            first = first or error.problem
    if first and not values:
        raise Unreadable(first)
    return Seen(greatest=at_most(greatest(values), most), least=min(values, key=order, default=None))


def at_most(value: Value | None, most: Value | None) -> Value | None:
    """Return a value, or `most` where it is greater."""
    return most if value is not None and most is not None and is_newer(value, most) else value


def are_times(found: Seen) -> bool:
    """Say whether what rows hold is the time at which something was, and no id: several rows may have the same."""
    return all(isinstance(value, str) and TIME.fullmatch(value) for value in (found.greatest, found.least))


def newer_rows(rows: Sequence[Any], eye: Eye, *, than: Value | None) -> list[Any]:
    """Return the rows without those that are not newer than what was known; a row without a value stays."""
    return [row for row in rows if _may_be_newer(row, eye, than)]


def _may_be_newer(row: Any, eye: Eye, than: Value | None) -> bool:
    try:
        return is_newer(eye(row), than)
    except Unreadable:
        return True


def all_tell(rows: Iterable[Any], eye: Eye) -> bool:
    """Say whether every row tells how new it is."""
    try:
        return all(eye(row) is not None for row in rows)
    except Unreadable:
        return False


def comes_first(rows: Sequence[Any], eye: Eye) -> bool:
    """Say whether the newest row comes first, and after each row an older one or one as old."""
    try:
        orders = [order(eye(row)) for row in rows]
    except Unreadable:
        return False
    return len(rows) > 1 and orders[0] > orders[-1] and orders == sorted(orders, reverse=True)


def written(value: str, *, fmt: str, zone: ZoneInfo, before: timedelta = timedelta()) -> str | int:
    """Return a time that was kept as a source wants it, so much earlier as is asked for again. Raises ValueError."""
    return times.written(datetime.fromisoformat(value) - before, fmt=fmt, zone=zone)


def written_after(value: str, *, fmt: str, zone: ZoneInfo) -> str | int:
    """Return a time that was kept, up to the end of what the format can tell apart: nothing before it is left out."""
    at = datetime.fromisoformat(value)
    if not times.has_time_of_day(fmt):
        return times.written(at + timedelta(days=1), fmt=fmt, zone=zone)
    finest = timedelta(microseconds=1) if "%f" in fmt else timedelta(milliseconds=1) if fmt == times.UNIX_MS else SECOND
    return times.written(at + finest - timedelta(microseconds=1), fmt=fmt, zone=zone)


def why_not(path: str, why: Problem, *, is_time: bool) -> Problem:
    """Return what to say where no row tells what is new."""
    return problem("no_time_of_new", path=path, why=why) if is_time else problem("no_value_of_new", path=path)
