"""Inline SVG for lists: bullets and gap sparklines.

The server draws them, so a list needs no script, prints sharply and costs half a kilobyte a row. They are built from
numbers and status names alone, never from anybody's text: that is why they may be marked safe. Colours come from
classes, geometry from attributes, so the strictest content policy lets them through.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from django import template
from django.utils.safestring import SafeString, mark_safe

from targets.domain.terms import Status
from targets.presenting import Bullet, Spark

register = template.Library()

WIDTH, HEIGHT = 120, 30  # of a sparkline, in its own units
TOP_MARGIN, LEFT_MARGIN, RIGHT_MARGIN = 4, 2, 6
MOST_POINTS = 60
TOO_CLOSE = 0.6  # percent: a pace notch nearer than this to the goal only smudges it


@register.simple_tag
def bullet(figure: Bullet) -> SafeString:
    """Draw value, likely finish, pace and goal of one target on one line.

    A total starts at zero and is a bar; a level stands on a cut scale and is a dot, because a bar that does not start
    at zero lies about lengths.
    """
    marks = "".join(_bullet_marks(figure))
    return mark_safe(
        f'<svg class="bullet {Status(figure.status)}-c" aria-hidden="true" focusable="false">{marks}</svg>'
    )


def _bullet_marks(figure: Bullet) -> Iterator[str]:
    yield '<rect class="track" x="0" y="8" width="100%" height="9" rx="2"/>'
    for start, end in figure.outside:
        yield _stripe("over", figure.place(start), figure.place(end))
    if figure.likely is not None:
        low, middle, high = (figure.place(value) for value in figure.likely)
        yield _stripe("range", low, max(high, low + 0.8), rounding=1)
        yield f'<line class="mid" x1="{middle:.1f}%" x2="{middle:.1f}%" y1="8" y2="17"/>'
    if figure.value is not None and not figure.is_dot:
        yield _stripe("bar", 0, figure.place(figure.value), rounding=2)
    if figure.value is not None and figure.is_dot:
        yield f'<circle class="dot" cx="{figure.place(figure.value):.1f}%" cy="12.5" r="6.5"/>'
    for goal in figure.goals:
        yield f'<line class="goal" x1="{figure.place(goal):.1f}%" x2="{figure.place(goal):.1f}%" y1="3" y2="22"/>'
    if figure.pace is not None and _apart(figure):
        at = figure.place(figure.pace)
        yield f'<svg x="{at:.1f}%" y="0" overflow="visible"><path class="pace" d="M-4.5 1.5h9L.9 8v10h-1.8V8z"/></svg>'


def _stripe(name: str, start: float, end: float, *, rounding: int = 0) -> str:
    return f'<rect class="{name}" x="{start:.1f}%" y="8" width="{end - start:.1f}%" height="9" rx="{rounding}"/>'


def _apart(figure: Bullet) -> bool:
    pace = figure.place(figure.pace or 0.0)
    return all(abs(pace - figure.place(goal)) > TOO_CLOSE for goal in figure.goals)


@register.simple_tag
def spark(figure: Spark) -> SafeString:
    """Draw the gap to pace since the period began: the dashed line is pace, above it is good."""
    gaps = _thinned(figure.gaps)
    if len(gaps) < 2:
        return mark_safe("")
    heights = _heights([*gaps, 0.0])
    zero = heights.pop()
    line, end = _line(heights)
    return mark_safe(
        f'<svg class="spark {Status(figure.status)}-c" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true"'
        ' focusable="false">'
        f'<path class="area" d="M{LEFT_MARGIN} {_short(zero)}V{line}V{_short(zero)}z"/>'
        f'<line class="zero" x2="{WIDTH}" y1="{_short(zero)}" y2="{_short(zero)}"/>'
        f'<path class="line" d="M{LEFT_MARGIN} {line}"/>{end}</svg>'
    )


@register.simple_tag
def trend(values: Sequence[float]) -> SafeString:
    """Draw the run of a metric's last readings, without a reference line."""
    values = _thinned(values)
    if len(values) < 2:
        return mark_safe("")
    line, end = _line(_heights(values))
    return mark_safe(
        f'<svg class="spark plain-c" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true" focusable="false">'
        f'<path class="line" d="M{LEFT_MARGIN} {line}"/>{end}</svg>'
    )


def _heights(values: Sequence[float]) -> list[float]:
    """Return where values stand between the margins, in halves of a unit: finer is not seen and costs bytes."""
    top, bottom = max(values), min(values)
    scale = (HEIGHT - 2 * TOP_MARGIN) / ((top - bottom) or 1.0)
    return [round((TOP_MARGIN + (top - value) * scale) * 2) / 2 for value in values]


def _line(heights: Sequence[float]) -> tuple[str, str]:
    """Return a line from its first height on, in steps, which pack far better than places, and the dot at its end."""
    step = f"{(WIDTH - LEFT_MARGIN - RIGHT_MARGIN) / (len(heights) - 1):.2f}"
    steps = "".join(f"l{step} {_short(then - now)}" for now, then in pairwise(heights))
    dot = f'<circle class="end" cx="{WIDTH - RIGHT_MARGIN}" cy="{_short(heights[-1])}" r="3.2"/>'
    return _short(heights[0]) + steps.replace(" -", "-"), dot


def _short(number: float) -> str:
    """Write a number of a drawing in as few characters as it takes: 1.9, -.5, 4."""
    digits = f"{abs(number):.1f}".removesuffix(".0")
    sign = "-" if number < 0 and digits != "0" else ""
    return sign + (digits.removeprefix("0") or "0")


def _thinned(values: Sequence[float]) -> list[float]:
    """Keep at most 60 points, always with the last."""
    if len(values) <= MOST_POINTS:
        return list(values)
    step = len(values) / (MOST_POINTS - 1)
    return [values[int(place * step)] for place in range(MOST_POINTS - 1)] + [values[-1]]
