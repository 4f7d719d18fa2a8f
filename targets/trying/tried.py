"""What comes of a way of reading, tried on the last answer: how each row was read or why not, and the points."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors.answers import is_null_at
from connectors.extract import Extracted, Point, Read, Reading, gathered, read_each
from connectors.paths import look_up
from connectors.paths.picking import shown
from connectors.problems import Unreadable, problem
from connectors.sifting import Aside, sift
from organisations.languages import grouped, listed
from targets.domain.counting import counted
from targets.moments import reading_time

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from connectors.models import Feed
    from connectors.problems import Problem

MOST_ROWS = 500  # that are tried
MOST_SHOWN = 50  # rows, and points
LONGEST = 60  # characters of what stands in a row


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What became of the rows that were tried, of `total` in the answer; `read` are those that are meant."""

    reading: Reading
    total: int
    read: Sequence[Read]
    aside: Sequence[Aside]
    left_out: frozenset[int]
    found: Extracted
    points: Sequence[Point]

    @property
    def refused(self) -> list[Aside]:
        """The rows that were set aside, in their order."""
        unread = [Aside(each.place, each.row, each.why) for each in self.read if each.why is not None]
        known = {each.place for each in unread}
        overflowing = [each for each in self.found.aside if each.place not in known]
        return sorted([*self.aside, *unread, *overflowing], key=lambda each: each.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowLine:
    """One row: what stands there, what it was read as, and when; or why it was set aside or left out."""

    place: int
    raw: str
    value: str = ""
    when: str = ""
    segment: str = ""
    why: str = ""
    is_refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PointLine:
    """One reading that would be kept."""

    when: str
    segment: str
    value: str
    weight: str


def rows_at(answer: Any, path: str) -> list[Any]:
    """Return the rows of an answer; what is no list is one row. Raises Unreadable where nothing stands there."""
    found = look_up(path)(answer)
    if found is None and is_null_at(answer, path):
        return []
    if found is None:
        raise Unreadable(problem("nothing_at_path", path=path) if path else problem("nothing_in_answer"))
    return found if isinstance(found, list) else [found]


def try_rows(rows: Sequence[Any], feed: Feed, reading: Reading, now: datetime) -> Trial:
    """Read the first rows as a check would, writing nothing. Raises FetchError for what cannot be followed."""
    some = rows[:MOST_ROWS]
    sifted = sift(some, row_filter=feed.row_filter, key_path=feed.record_key)
    read = read_each(sifted.rows, reading, now=now)
    found = gathered(read, reading)
    kept = {each.place for each in read} | {each.place for each in sifted.aside}
    passed = {each.place for each in read if each.point is None and each.why is None}
    return Trial(
        reading=reading,
        total=len(rows),
        read=read,
        aside=sifted.aside,
        left_out=frozenset({*range(1, len(some) + 1)} - kept | passed),
        found=found,
        points=list(_counted(found.points)) if reading.only_grows else found.points,
    )


def _counted(points: Sequence[Point]) -> Iterator[Point]:
    """Yield what counters came to from one reading to the next."""
    for segment in sorted({point.segment for point in points}):
        own = {point.at: point for point in points if point.segment == segment}
        amounts, _last = counted([(at, point.value) for at, point in own.items()], None)
        yield from (replace(own[at], value=amount) for at, amount in amounts.items())


def trial_sentence(trial: Trial) -> str:
    """Say what became of the rows, in one sentence."""
    parts = [_points_words(len(trial.points)), *_other_words(trial)]
    tried = min(trial.total, MOST_ROWS)
    said = ngettext("%(rows)s row: %(what)s.", "%(rows)s rows: %(what)s.", tried)
    return said % {"rows": grouped(tried), "what": listed(parts)}


def _points_words(count: int) -> str:
    return ngettext("%(count)s reading", "%(count)s readings", count) % {"count": grouped(count)}


def _other_words(trial: Trial) -> Iterator[str]:
    left_out, refused = len(trial.left_out), len(trial.refused)
    if left_out:
        yield ngettext("%(count)s not meant", "%(count)s not meant", left_out) % {"count": grouped(left_out)}
    if refused:
        yield ngettext("%(count)s not readable", "%(count)s not readable", refused) % {"count": grouped(refused)}


def row_lines(trial: Trial, rows: Sequence[Any], now: datetime, zone: ZoneInfo) -> list[RowLine]:
    """Return what became of each row, those that were set aside first: they are what one looks for."""
    refused = {each.place: each.why for each in trial.refused}
    read = {each.place: each for each in trial.read}
    lines = [
        _line(place, row, read.get(place), refused.get(place), trial, now, zone)
        for place, row in enumerate(rows[:MOST_ROWS], start=1)
    ]
    return sorted(lines, key=lambda line: (not line.is_refused, line.place))[:MOST_SHOWN]


def _line(
    place: int, row: Any, read: Read | None, why: Problem | None, trial: Trial, now: datetime, zone: ZoneInfo
) -> RowLine:
    raw = _raw(row, trial.reading)
    if why is not None:
        return RowLine(place=place, raw=raw, why=str(why), is_refused=True)
    if read is None or read.point is None:
        return RowLine(place=place, raw=raw, why=_("not meant"))
    point = read.point
    when = reading_time(point.at, whole_day=point.whole_day, now=now, zone=zone)
    return RowLine(place=place, raw=raw, value=shown(point.value), when=when, segment=point.segment)


def _raw(row: Any, reading: Reading) -> str:
    """Return what stands in a row where the value is, and by what it is divided."""
    paths = [reading.value_path, *([reading.weight_path] if reading.weight_path else [])]
    return " / ".join(_written(row, path) for path in paths)


def _written(row: Any, path: str) -> str:
    try:
        text = json.dumps(look_up(path)(row), ensure_ascii=False, default=str)
    except Unreadable:
        return "–"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def point_lines(trial: Trial, now: datetime, zone: ZoneInfo) -> list[PointLine]:
    """Return the readings that would be kept, the latest first."""
    latest = sorted(trial.points, key=lambda point: (point.at, point.segment), reverse=True)
    return [
        PointLine(
            when=reading_time(point.at, whole_day=point.whole_day, now=now, zone=zone),
            segment=point.segment,
            value=shown(point.value),
            weight=shown(point.weight) if trial.reading.weight_path else "",
        )
        for point in latest[:MOST_SHOWN]
    ]
