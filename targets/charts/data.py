"""A track as plain data: for the chart's script, and for the table that says the same without one.

The PNG of mails draws the same track. None of them judges anything: what is drawn was judged before.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from targets import wording
from targets.charts.words import chart_dates, chart_shortened, chart_words
from targets.domain.terms import Comparison
from targets.domain.verdict import Track
from targets.numbers import Numbers

if TYPE_CHECKING:
    from targets.notes import Lettered

MOST_POINTS = 400  # a longer period is drawn by the week
DAILY_TABLE = 14  # days up to which the table has a row a day
WEEKLY_TABLE = 400  # and up to which a row a week
CLOSE_SHARE, CLOSE_DAYS = 0.05, 21  # a gap this small for this long cannot be seen beside the total
LOW, LOWER, MIDDLE, UPPER, HIGH = range(5)  # the rows of a track's bands


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartRow:
    """One line of the table beside the chart: what was, and what will probably be, as text.

    `on` is the last day that the line stands for, `is_today` marks the last day read, `is_now` that this is today's
    date, and `notes` are what was written down since the line before.
    """

    on: date
    day: str
    is_today: bool
    is_now: bool
    actual: str
    pace: str
    gap: str
    low: str
    middle: str
    high: str
    notes: tuple[Lettered, ...] = ()


def has_gap(track: Track) -> bool:
    """Say whether there is a line that the value can be held against; the middle of a range to be held is none."""
    if track.goal_upper is not None and is_flat(track):
        return False
    return any(pace is not None for pace in track.pace)


def has_fan(track: Track) -> bool:
    """Say whether a forecast is drawn."""
    return len(track.bands) == 5


def is_flat(track: Track) -> bool:
    """Say whether the pace stands still, so that there is only the goal to draw."""
    return not track.cumulative and len(set(track.pace)) == 1


def settled(track: Track) -> Track:
    """Return the track of a closed period: what happened, without what was once expected."""
    return replace(track, bands=())


def mark_of(track: Track, today_on: date) -> str:
    """Return the word over the rule at the last day read: Today, or its date when the readings end earlier."""
    if track.today is None or track.today == len(track.pace) - 1:
        return ""
    last_on = track.starts_on + timedelta(days=track.today)
    return pgettext("over a line in a chart", "Today") if last_on == today_on else wording.day(last_on, today=today_on)


def chart_data(
    track: Track,
    numbers: Numbers,
    *,
    comparison: Comparison,
    mark: str = "",
    daily: Sequence[float | None] = (),
    notes: Iterable[Lettered] = (),
    words: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return what `target-chart.js` draws; every list runs over the days in `at`, counted from `start`.

    `daily` has one value a day of the period, drawn as dots beside the value of the period; `words` replace some of
    `chart_words`.
    """
    at = _drawn_days(track)
    return {
        "start": track.starts_on.isoformat(),
        "at": at,
        "today": None if track.today is None else at.index(track.today),
        "mark": mark,
        "goals": _goals(track, comparison),
        "hatch": _hatch(track, comparison),
        "cumulative": track.cumulative,
        "zero": track.cumulative,
        "partial": False,
        "actual": _at(track.actual, at),
        "daily": _at(daily, at) if daily and len(at) == len(track.pace) else [],
        "pace": _at(track.pace, at) if has_gap(track) else [None] * len(at),
        "flat": is_flat(track),
        "bands": [_at(row, at) for row in track.bands],
        "view": "gap" if _is_close(track) else "total",
        "notes": [_flag(track, at, note) for note in notes],
        "words": {**chart_words(), **(words or {})},
        "dates": chart_dates(),
        "shortened": chart_shortened(),
        **numbers.as_plain(),
    }


def readings_data(
    days: Sequence[date], values: Sequence[float], numbers: Numbers, *, zero: bool, partial: bool = False
) -> dict[str, Any]:
    """Return the chart of a metric's own days, without goal, pace or forecast; `zero` where the scale starts there.

    `partial` says that the last day is not over: its amount has still to grow, and the way there is drawn dashed.
    """
    start = days[0]
    return {
        "start": start.isoformat(),
        "at": [(day - start).days for day in days],
        "today": len(days) - 1,
        "mark": "",
        "goals": [],
        "hatch": None,
        "cumulative": False,
        "zero": zero,
        "partial": partial,
        "actual": list(values),
        "daily": [],
        "pace": [None] * len(days),
        "flat": False,
        "bands": [],
        "view": "total",
        "notes": [],
        "words": chart_words(),
        "dates": chart_dates(),
        "shortened": chart_shortened(),
        **numbers.as_plain(),
    }


def chart_table(
    track: Track, numbers: Numbers, *, today_on: date, week_starts_on: int = 0, notes: Sequence[Lettered] = ()
) -> list[ChartRow]:
    """Return the table: each day of a fortnight, each week of a year, each month beyond, and the last day read."""
    days = _table_days(track, week_starts_on)
    after = [-1, *days]
    return [
        replace(_row(track, numbers, index, today_on), notes=_notes_of(track, notes, before, index))
        for before, index in zip(after, days, strict=False)
    ]


def table_step(track: Track) -> str:
    """Return what one row of the table stands for."""
    days = len(track.pace)
    return _("Day") if days <= DAILY_TABLE else _("Week ending") if days <= WEEKLY_TABLE else _("Month ending")


def _row(track: Track, numbers: Numbers, index: int, today_on: date) -> ChartRow:
    day = track.starts_on + timedelta(days=index)
    actual, pace = track.actual[index], track.pace[index]
    is_past = track.today is not None and index <= track.today
    gap = actual - pace if actual is not None and pace is not None else None
    low, middle, high = ("" if is_past else numbers.or_nothing(value) for value in _band(track, index))
    return ChartRow(
        on=day,
        day=wording.day(day, today=today_on),
        is_today=index == track.today,
        is_now=index == track.today and day == today_on,
        actual=numbers.or_nothing(actual),
        pace=numbers.or_nothing(pace),
        gap="" if gap is None else numbers.gap(gap),
        low=low,
        middle=middle,
        high=high,
    )


def _band(track: Track, index: int) -> tuple[float | None, float | None, float | None]:
    if not has_fan(track):
        return None, None, None
    return track.bands[LOW][index], track.bands[MIDDLE][index], track.bands[HIGH][index]


def goal_labels(track: Track, comparison: Comparison) -> list[tuple[float, str]]:
    """Return each goal with the word that stands beside its line."""
    if track.goal_upper is not None:
        lower, upper = pgettext("lower end of a range", "From"), pgettext("upper end of a range", "To")
        return [(track.goal, lower), (track.goal_upper, upper)]
    return [(track.goal, _("Limit") if comparison == Comparison.AT_MOST else _("Target"))]


def _goals(track: Track, comparison: Comparison) -> list[dict[str, Any]]:
    return [{"value": goal, "label": label} for goal, label in goal_labels(track, comparison)]


def _hatch(track: Track, comparison: Comparison) -> str | None:
    """Return where the value should not be; a total on its way up may be under its range."""
    if comparison == Comparison.AT_LEAST:
        return None
    return "outside" if comparison == Comparison.WITHIN and not track.cumulative else "above"


def _flag(track: Track, at: Sequence[int], note: Lettered) -> dict[str, Any]:
    """Return a note as a flag on its day, and the point drawn at which the readout says it."""
    day = (note.note.on - track.starts_on).days
    return {"day": day, "index": min(bisect_left(at, day), len(at) - 1), "letter": note.letter, "text": note.note.text}


def _notes_of(track: Track, notes: Sequence[Lettered], before: int, index: int) -> tuple[Lettered, ...]:
    return tuple(note for note in notes if before < (note.note.on - track.starts_on).days <= index)


def _drawn_days(track: Track) -> list[int]:
    """Return the days that are drawn: all, or one a week with the last day read and the last of all."""
    days = len(track.pace)
    if days <= MOST_POINTS:
        return list(range(days))
    return sorted({*range(6, days, 7), days - 1, *([] if track.today is None else [track.today])})


def _table_days(track: Track, week_starts_on: int) -> list[int]:
    days = len(track.pace)
    chosen = {days - 1} | (set() if track.today is None else {track.today})
    return sorted(chosen | {index for index in range(days) if _closes_a_row(track, index, week_starts_on)})


def _closes_a_row(track: Track, index: int, week_starts_on: int) -> bool:
    days, following = len(track.pace), track.starts_on + timedelta(days=index + 1)
    if days <= DAILY_TABLE:
        return True
    return following.weekday() == week_starts_on if days <= WEEKLY_TABLE else following.day == 1


def _is_close(track: Track) -> bool:
    """Say whether value and pace have been one line for three weeks, so that only their difference shows anything."""
    if track.today is None or not track.cumulative or track.today < CLOSE_DAYS:
        return False
    stretch = range(track.today - CLOSE_DAYS + 1, track.today + 1)
    return all(_gap_share(track, index) < CLOSE_SHARE for index in stretch)


def _gap_share(track: Track, index: int) -> float:
    actual, pace = track.actual[index], track.pace[index]
    if actual is None or pace is None or not track.goal:
        return 1.0
    return abs((actual - pace) / track.goal)


def _at(values: Sequence[float | None], at: Iterable[int]) -> list[float | None]:
    return [None if (value := values[index]) is None else float(f"{value:.12g}") for index in at]
