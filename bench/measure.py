"""Measuring CPU, and the table of what was measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median

HEADER = ("", "measured", "", "× floor", "bar", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure. `floor` is what the bare framework or library needs for the same, in the same unit.

    `bar` is what the figure should not exceed or, with `at_least`, not fall short of.
    """

    what: str
    measured: float
    unit: str
    floor: float | None = None
    bar: float | None = None
    at_least: bool = False

    @property
    def verdict(self) -> str:
        """Whether the bar is kept; nothing where there is none."""
        if self.bar is None:
            return ""
        kept = self.measured >= self.bar if self.at_least else self.measured <= self.bar
        return "ok" if kept else "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """Seconds of this process's CPU, all threads together, and seconds on the wall."""

    cpu: float
    wall: float


def took(call: Callable[[], object]) -> Took:
    """Run something once."""
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return Took(cpu=time.process_time() - cpu, wall=time.perf_counter() - wall)


def cpu_ms(call: Callable[[], object], *, times: int, warm_up: int = 3) -> float:
    """Return the median milliseconds of CPU over `times` runs, after some that are not counted."""
    for _ in range(warm_up):
        call()
    return 1e3 * median(took(call).cpu for _ in range(times))


def table(rows: Iterable[Row]) -> str:
    """Return the rows as aligned text."""
    lines = [HEADER, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
    return "\n".join("  ".join(_aligned(line, widths)).rstrip() for line in lines)


def _cells(row: Row) -> tuple[str, ...]:
    ratio = f"{row.measured / row.floor:.1f}" if row.floor else ""
    bar = "" if row.bar is None else f"{'≥' if row.at_least else '≤'} {number(row.bar)}"
    return row.what, number(row.measured), row.unit, ratio, bar, row.verdict


def number(value: float) -> str:
    """Return a figure with about three digits; whole numbers stay whole."""
    if value == round(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _aligned(line: tuple[str, ...], widths: list[int]) -> list[str]:
    """Names, units and verdicts stand left, numbers right."""
    left = (0, 2, 5)
    return [
        f"{text:<{width}}" if at in left else f"{text:>{width}}"
        for at, (text, width) in enumerate(zip(line, widths, strict=True))
    ]
