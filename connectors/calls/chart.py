"""The chart of calls, as places on a drawing that a template writes down. Pure.

Places along the time are shares of the width, so that the drawing stretches; heights are pixels. Both are texts, for a
number in a template would be written in the reader's language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from organisations.languages import duration, grouped

TOP, FOOT = 16, 116  # pixels: the highest value, and the line that everything stands on
GAP = 0.18  # of a bar's room
LABEL_AT_THE_EDGE = 8.0  # percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What is known of one stretch of time; `slow` in seconds, None where nothing was called."""

    label: str
    calls: int
    failed: int
    slow: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One stretch: the calls that went well stand on those that failed."""

    x: str
    width: str
    y: str
    height: str
    failed_y: str
    failed_height: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """From one place to another."""

    x1: str
    y1: str
    x2: str
    y2: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A place."""

    x: str
    y: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A label under the drawing; `anchor` is where its text begins."""

    x: str
    anchor: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Bars of calls, and a line of how long 95 of 100 took, over the same time; with the values at their tops."""

    bars: list[Bar]
    lines: list[Line]
    dots: list[Dot]
    ticks: list[Tick]
    most: str
    slowest: str


def drawn(points: Sequence[Point], *, step: int) -> Drawing:
    """Return the drawing; every `step`th stretch is named, the last one always."""
    most = max(point.calls for point in points) or 1
    slowest = max((point.slow for point in points if point.slow is not None), default=0.0)
    places = [_Place(place, len(points)) for place in range(len(points))]
    return Drawing(
        bars=[_bar(place, point, most) for place, point in zip(places, points, strict=True) if point.calls],
        lines=_lines(places, points, slowest),
        dots=[
            Dot(x=place.middle, y=_height(point.slow, slowest))
            for place, point in zip(places, points, strict=True)
            if point.slow is not None
        ],
        ticks=[
            place.tick(points[place.number].label) for place in places if (len(points) - 1 - place.number) % step == 0
        ],
        most=grouped(most),
        slowest=duration(slowest) if slowest else "",
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """The room of one stretch of time."""

    number: int
    of: int

    @property
    def _middle(self) -> float:
        return (self.number + 0.5) * 100 / self.of

    @property
    def left(self) -> str:
        return _percent((self.number + GAP / 2) * 100 / self.of)

    @property
    def width(self) -> str:
        return _percent((1 - GAP) * 100 / self.of)

    @property
    def middle(self) -> str:
        return _percent(self._middle)

    def tick(self, text: str) -> Tick:
        if self._middle < LABEL_AT_THE_EDGE:
            return Tick(x="0%", anchor="start", text=text)
        if self._middle > 100 - LABEL_AT_THE_EDGE:
            return Tick(x="100%", anchor="end", text=text)
        return Tick(x=self.middle, anchor="middle", text=text)


def _bar(place: _Place, point: Point, most: int) -> Bar:
    whole = (FOOT - TOP) * point.calls / most
    failed = max((FOOT - TOP) * point.failed / most, 2.0) if point.failed else 0.0  # one in a thousand is seen
    return Bar(
        x=place.left,
        width=place.width,
        y=_pixels(FOOT - whole),
        height=_pixels(max(whole - failed, 0.0)),
        failed_y=_pixels(FOOT - failed),
        failed_height=_pixels(failed) if failed else "",
    )


def _lines(places: Sequence[_Place], points: Sequence[Point], slowest: float) -> list[Line]:
    """Return the line from each stretch to the next, where both are known."""
    found = pairwise(zip(places, points, strict=True))
    return [
        Line(x1=here.middle, y1=_height(now.slow, slowest), x2=there.middle, y2=_height(then.slow, slowest))
        for (here, now), (there, then) in found
        if now.slow is not None and then.slow is not None
    ]


def _height(value: float | None, top: float) -> str:
    return _pixels(FOOT - (FOOT - TOP) * (value or 0.0) / (top or 1.0))


def _percent(share: float) -> str:
    return f"{share:.2f}%"


def _pixels(number: float) -> str:
    return f"{number:.1f}"
