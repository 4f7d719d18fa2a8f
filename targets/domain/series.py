"""Series: the readings of a metric, added up by local day, and how far they run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from targets.domain.periods import ONE_DAY, local_day, start_of_day

Floats = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]
Row = (  # day, total, count, minimum, maximum, last; and what readings are worth in a mean, where they differ in it
    tuple[date, float, int, float, float, float] | tuple[date, float, int, float, float, float, float, float]
)
NUMBERS = ("total", "count", "minimum", "maximum", "last", "weighted", "weight")


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """The observed local days, ascending; a day that is not there is missing, which is not zero.

    `total`, `count`, `minimum`, `maximum` and `last` describe the readings of each day, in the metric's unit. In a mean
    a reading counts as much as it weighs: `weighted` is the sum of values times weights, `weight` that of the weights.
    `read_until` is the moment up to which the readings are known: the last day may be known in part. `last_read_at` is
    the time of the last reading.
    """

    EMPTY: ClassVar[Series]

    days: Dates
    total: Floats
    count: Floats
    minimum: Floats
    maximum: Floats
    last: Floats
    weighted: Floats
    weight: Floats
    read_until: datetime | None = None
    last_read_at: datetime | None = None

    @classmethod
    def of(
        cls, rows: Iterable[Row], *, read_until: datetime | None = None, last_read_at: datetime | None = None
    ) -> Series:
        """Build a series from rows in any order; ValueError where a day comes twice or a number is not finite.

        Without weights every reading weighs 1.
        """
        ordered = sorted(rows, key=lambda row: row[0])
        days = np.array([row[0] for row in ordered], "datetime64[D]")
        numbers = np.array([_numbers(row) for row in ordered], np.float64).reshape(-1, len(NUMBERS))
        if (np.diff(days) <= np.timedelta64(0, "D")).any():
            raise ValueError("a day comes more than once")
        if not np.isfinite(numbers).all():
            raise ValueError("finite numbers are needed")
        columns: dict[str, Floats] = dict(zip(NUMBERS, numbers.T, strict=True))
        return cls(days=days, **columns, read_until=read_until, last_read_at=last_read_at)

    def __len__(self) -> int:
        """How many days were observed."""
        return len(self.days)

    def between(self, first_on: date, end_on: date) -> Series:
        """The days from `first_on` up to, not including, `end_on`."""
        first, end = np.searchsorted(self.days, np.array([first_on, end_on], "datetime64[D]"))
        return self._sliced(slice(int(first), int(end)))

    def as_known_at(self, now: datetime, zone: ZoneInfo) -> Series:
        """What the series says about the time up to `now`: later days are left out, and `read_until` is made definite.

        Where `read_until` is missing, or lies before the last observed day, that day is taken as read to its end.
        """
        known = self.between(date.min, local_day(now, zone) + ONE_DAY)
        if not len(known):
            return replace(known, read_until=None, last_read_at=None)
        last_on: date = known.days[-1].item()
        until = self.read_until
        if until is None or until < start_of_day(last_on, zone):
            until = start_of_day(last_on + ONE_DAY, zone)
        until = min(until.astimezone(UTC), now.astimezone(UTC))
        last_read_at = min(self.last_read_at.astimezone(UTC), now.astimezone(UTC)) if self.last_read_at else None
        return replace(known, read_until=until, last_read_at=last_read_at)

    def with_zeros(self, first_on: date, end_on: date) -> Series:
        """The same with one reading of zero on every day of `[first_on, end_on)` that has none."""
        every = np.arange(np.datetime64(first_on, "D"), np.datetime64(end_on, "D"))
        absent = np.setdiff1d(every, self.days)
        order = np.argsort(np.concatenate([self.days, absent]))
        zeros, ones = np.zeros(len(absent)), np.ones(len(absent))
        return Series(
            np.concatenate([self.days, absent])[order],
            np.concatenate([self.total, zeros])[order],
            np.concatenate([self.count, ones])[order],
            np.concatenate([self.minimum, zeros])[order],
            np.concatenate([self.maximum, zeros])[order],
            np.concatenate([self.last, zeros])[order],
            np.concatenate([self.weighted, zeros])[order],
            np.concatenate([self.weight, ones])[order],
            read_until=self.read_until,
            last_read_at=self.last_read_at,
        )

    def means(self) -> Floats:
        """The mean of each day: of a ratio, that of the day's sums."""
        return self.weighted / self.weight

    def _sliced(self, part: slice) -> Series:
        columns: dict[str, Floats] = {name: getattr(self, name)[part] for name in NUMBERS}
        return Series(
            days=self.days[part],
            **columns,
            read_until=self.read_until,
            last_read_at=self.last_read_at,
        )


def _numbers(row: Row) -> tuple[float, ...]:
    """Return the numbers of a row; a day that nothing was weighed on weighs as much as it has readings."""
    is_weighed = len(row) == 1 + len(NUMBERS) and row[-1] > 0
    return row[1:] if is_weighed else (*row[1:6], row[1], row[2])


Series.EMPTY = Series.of([])
