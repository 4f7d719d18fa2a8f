"""A target's chart as a picture, for mails, chats and pages without scripts. Pure: a track in, a PNG out.

The same layers, back to front, as the chart on the page. The `Figure` interface is used alone: it keeps no state
between pictures, so any number of threads may draw at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from targets import wording
from targets.charts.data import goal_labels, has_fan, is_flat
from targets.domain.terms import Comparison

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from targets.domain.verdict import Track
    from targets.notes import Lettered
    from targets.numbers import Numbers

INK, INK_2, INK_3, GRID = "#17191d", "#474b52", "#62666d", "#e7e6df"
ACTUAL, PACE, FAN_80, FAN_50 = "#1f4fc0", "#6b6f77", "#d3dff8", "#a9c1f2"
OVER_LIMIT, WITHIN = "#d9d7cd", "#e9f4ef"
INCHES, DOTS_PER_INCH = (6.0, 2.8), 200  # 1200 × 560, shown at 600 × 280
FONTS = ("Inter", "Noto Sans", "Liberation Sans", "DejaVu Sans")  # the last comes with matplotlib
FONT_SIZE = 8.5
LABELS_APART = 0.068  # of the height of the plot
DAILY_TICKS, WEEKLY_TICKS, HALF_MONTHS = 10, 45, 140  # longest period in days with each kind of tick
MOST_DATES = 8
BOLD, PLAIN = 700, 400
POINTS, PLOT_SHARE = 72, 0.8  # of an inch; about how much of the picture's width is the plot
FLAG_UP, FLAG_APART = 8.0, 14.0  # points: from the foot of the plot to the middle of a flag, and from flag to flag


@dataclass(frozen=True, slots=True, kw_only=True)
class EndLabel:
    """Words beside the right end of a line, at the line's height."""

    value: float
    text: str
    colour: str
    weight: int = PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What is drawn, how its numbers are written, and the word over the line at the last day read."""

    track: Track
    numbers: Numbers
    comparison: Comparison
    mark: str
    notes: Sequence[Lettered] = ()

    @property
    def days(self) -> int:
        """The length of the period."""
        return len(self.track.pace)

    @property
    def fan(self) -> list[list[float]]:
        """The five rows of the forecast from its first day to the end; empty where there is nothing to fan out."""
        rows = [known(row) for row in self.track.bands]
        return rows if has_fan(self.track) and len(rows[0]) > 1 else []


def draw(
    track: Track, numbers: Numbers, *, comparison: Comparison, mark: str = "", notes: Sequence[Lettered] = ()
) -> bytes:
    """Return a PNG of 1200 × 560 pixels on white, made to be shown at half that size.

    `mark` is the word over the line at the last day read (`charts.mark_of`); without one there is no such line. `notes`
    are drawn as flags with their letters.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    picture = Picture(track=track, numbers=numbers, comparison=comparison, mark=mark, notes=notes)
    figure = Figure(
        figsize=INCHES, dpi=DOTS_PER_INCH, facecolor="white", layout=ConstrainedLayoutEngine(w_pad=0.03, h_pad=0.03)
    )
    axes = figure.add_subplot()
    axes.set_ylim(*_limits(picture))
    axes.set_xlim(*((0, picture.days - 1) if picture.days > 1 else (-0.5, 0.5)))
    for layer in (_goal, _fan, _pace, _actual, _notes, _ends, _frame):
        layer(axes, picture)
    return _png(figure)


def known(values: Iterable[float | None]) -> list[float]:
    """Return the values that are known."""
    return [value for value in values if value is not None]


def pushed_apart(labels: Iterable[EndLabel], *, step: float, top: float) -> list[tuple[float, EndLabel]]:
    """Return each label with a height of its own: at least `step` from the next, in order of value, none over `top`."""
    placed: list[tuple[float, EndLabel]] = []
    for label in sorted(labels, key=lambda label: label.value):
        lowest = placed[-1][0] + step if placed else label.value
        placed.append((max(label.value, lowest), label))
    ceiling = top
    for place in reversed(range(len(placed))):
        height, label = placed[place]
        placed[place] = (min(height, ceiling), label)
        ceiling = placed[place][0] - step
    return placed


def tick_days(starts_on: date, days: int) -> list[int]:
    """Return the indexes of the days that get a date under the plot: all, Mondays, or parts of months."""
    each = [starts_on + timedelta(days=index) for index in range(days)]
    if days <= DAILY_TICKS:
        return list(range(days))
    if days <= WEEKLY_TICKS:
        return [index for index, day in enumerate(each) if day.weekday() == 0]
    wanted = {1, 15} if days <= HALF_MONTHS else {1}
    firsts = [index for index, day in enumerate(each) if day.day in wanted]
    return firsts[:: 1 + (len(firsts) - 1) // MOST_DATES]


def tick_heights(low: float, high: float, decimals: int) -> list[float]:
    """Return the ticks of the y axis: whole steps of the last digit shown, so that each is what its label says."""
    from matplotlib.ticker import MaxNLocator

    fine = 10.0**decimals
    ticks = (tick / fine for tick in MaxNLocator(5, integer=True).tick_values(low * fine, high * fine))
    return [tick for tick in ticks if low <= tick <= high]


def _limits(picture: Picture) -> tuple[float, float]:
    track = picture.track
    values = known(
        [track.goal, track.goal_upper, *track.actual, *track.pace, *(value for row in picture.fan for value in row)]
    )
    low, high = min(values), max(values)
    if track.cumulative:
        return min(0.0, low * 1.07), (high or 1.0) * 1.07
    room = (high - low or abs(high) or 1.0) * 0.12
    return low - room, high + room


def _goal(axes: Axes, picture: Picture) -> None:
    track = picture.track
    if picture.comparison == Comparison.AT_MOST:
        axes.axhspan(track.goal, axes.get_ylim()[1], facecolor="none", edgecolor=OVER_LIMIT, hatch="////", linewidth=0)
    if track.goal_upper is not None:
        axes.axhspan(track.goal, track.goal_upper, color=WITHIN, linewidth=0)
        axes.axhline(track.goal_upper, color=INK, linewidth=1.2)
    axes.axhline(track.goal, color=INK, linewidth=1.2)


def _fan(axes: Axes, picture: Picture) -> None:
    if not picture.fan:
        return
    q10, q25, q50, q75, q90 = picture.fan
    days = range(picture.days - len(q50), picture.days)
    axes.fill_between(days, q10, q90, color=FAN_80, linewidth=0)
    axes.fill_between(days, q25, q75, color=FAN_50, linewidth=0)
    axes.plot(days, q50, color=ACTUAL, linewidth=1.6, dashes=(1, 1.6))


def _pace(axes: Axes, picture: Picture) -> None:
    if not is_flat(picture.track):
        _line(axes, picture.track.pace, color=PACE, linewidth=1.2, dashes=(5, 3), **_as_tick(picture))


def _actual(axes: Axes, picture: Picture) -> None:
    today, actual = picture.track.today, picture.track.actual
    _line(axes, actual, color=ACTUAL, linewidth=2, solid_capstyle="round", solid_joinstyle="round")
    value = None if today is None else actual[today]
    if today is None or value is None:
        return
    if picture.mark:
        axes.axvline(today, color=INK_2, linewidth=0.8)
        spot = (today, axes.get_ylim()[1])
        _words(axes, picture.mark, spot, (0, 3), ha="center", va="bottom", color=INK_2, weight=BOLD)
    edge: dict[str, Any] = {"markeredgecolor": "white", "markeredgewidth": 1.2}
    axes.plot(today, value, "o", markersize=5.5, color=ACTUAL, clip_on=False, zorder=5, **edge)


def _notes(axes: Axes, picture: Picture) -> None:
    """Draw lettered flags standing on the foot of the plot, on each other where they would overlap."""
    for day, row, letter in flag_rows(picture):
        spot, offset = (day, 0.0), (0, FLAG_UP + row * FLAG_APART)
        style: dict[str, Any] = {"family": _families(), "size": FONT_SIZE - 2, "weight": BOLD, "color": INK}
        edge = {"boxstyle": "circle,pad=0.25", "facecolor": "white", "edgecolor": INK_2, "linewidth": 1}
        place: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
        axes.annotate(letter, spot, offset, ha="center", va="center", bbox=edge, zorder=6, **place, **style)


def flag_rows(picture: Picture) -> list[tuple[int, int, str]]:
    """Return each note's day, the row in which its flag stands, and its letter: flags in a row do not overlap."""
    apart = FLAG_APART / (INCHES[0] * POINTS * PLOT_SHARE) * picture.days
    last: list[int] = []
    placed = []
    for each in picture.notes:
        day = (each.note.on - picture.track.starts_on).days
        row = next((index for index, other in enumerate(last) if day - other >= apart), len(last))
        last[row : row + 1] = [day]
        placed.append((day, row, each.letter))
    return placed


def _as_tick(picture: Picture) -> dict[str, Any]:
    # a line of one day is nothing: its height is a short dash
    return {"marker": "_", "markersize": 14} if picture.days == 1 else {}


def _line(axes: Axes, values: Sequence[float | None], **style: Any) -> None:
    heights = [float("nan") if value is None else value for value in values]
    axes.plot(range(len(heights)), heights, **style)


def _ends(axes: Axes, picture: Picture) -> None:
    low, high = axes.get_ylim()
    end = axes.get_xlim()[1]
    for height, label in pushed_apart(_end_labels(picture), step=LABELS_APART * (high - low), top=high):
        _words(axes, label.text, (end, height), (5, 0), va="center", color=label.colour, weight=label.weight)


def _end_labels(picture: Picture) -> list[EndLabel]:
    track, number = picture.track, picture.numbers.value
    labels = [
        EndLabel(value=goal, text=f"{word} {number(goal)}", colour=INK, weight=BOLD)
        for goal, word in goal_labels(track, picture.comparison)
    ]
    if picture.fan:
        low, middle, high = (picture.fan[row][-1] for row in (0, 2, 4))
        labels += [EndLabel(value=value, text=number(value), colour=INK_3) for value in (low, high)]
        likely = _("Likely %(value)s") % {"value": number(middle)}
        return [*labels, EndLabel(value=middle, text=likely, colour=ACTUAL, weight=BOLD)]
    for value in known(track.actual)[-1:]:
        actual = _("Actual %(value)s") % {"value": number(value)}
        labels.append(EndLabel(value=value, text=actual, colour=ACTUAL, weight=BOLD))
    return labels


def _frame(axes: Axes, picture: Picture) -> None:
    low, high = axes.get_ylim()
    heights = tick_heights(low, high, picture.numbers.decimals)
    days = tick_days(picture.track.starts_on, picture.days)
    names = [picture.track.starts_on + timedelta(days=index) for index in days]
    style: dict[str, Any] = {"family": _families(), "size": FONT_SIZE, "color": INK_3, "parse_math": False}
    axes.set_yticks(heights, [picture.numbers.value(tick) for tick in heights], **style)
    axes.set_xticks(days, [wording.day(name, today=name) for name in names], **style)
    axes.tick_params(length=0, pad=5)
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)


def _words(axes: Axes, text: str, spot: tuple[float, float], offset: tuple[int, int], **style: Any) -> None:
    # a unit is somebody's own text: a dollar sign in it is no formula
    style |= {"family": _families(), "size": FONT_SIZE, "parse_math": False, "annotation_clip": False}
    axes.annotate(text, spot, offset, textcoords="offset points", **style)


@cache
def _families() -> list[str]:
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    return [name for name in FONTS if name in installed]


def _png(figure: Figure) -> bytes:
    stream = BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()
