"""The history laid out with one place per calendar day, so that a missing day stays missing and never becomes a zero.

Everything behind this module works in *typical days*: values divided by their mean absolute size. That makes every
later constant free of units, and a series in cents forecasts exactly as the same series in euros.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Dates = npt.NDArray[np.datetime64]

WINDOW = 1150  # days of history looked at: three years and a margin; older days change nothing and cost time
LARGEST = 1e150  # beyond this a total over a year of paths could overflow a float64
SMALL_COUNT = 30.0  # below this size of a typical day, "3.4 sign-ups" would look wrong
NEGLIGIBLE = 1e-12  # of a typical day: keeps divisions defined without being felt


@dataclass(frozen=True, slots=True)
class Grid:
    """A history of T calendar days, the last one observed, and how far ahead its future is wanted."""

    values: Floats  # (T,) in typical days; 0 where missing
    present: Floats  # (T,) 1 where a value was reported, 0 where it is missing
    weekdays: Places  # (T,) 0…6, which weekday is 0 does not matter
    period_starts: Places  # (T,) the place where the period of each day began, at least 0
    steps: Places  # (h,) the wanted days, counted from the last observed day (which is 0)
    unit: float  # one typical day in the metric's own unit
    nonnegative: bool  # no value below zero: effects multiply and paths stay at or above zero
    whole: bool  # small counts: paths are whole numbers

    @property
    def days(self) -> int:
        """T, the calendar days from the first observed day to the last."""
        return len(self.values)

    @property
    def reports(self) -> int:
        """How many of the T days have a value."""
        return int(self.present.sum())

    @property
    def length(self) -> int:
        """H, the calendar days from the last observed day to the end of the horizon."""
        return int(self.steps[-1])

    @property
    def ahead(self) -> Places:
        """(H,) the numbers 1…H."""
        return np.arange(1, self.length + 1)


def lay_out(
    values: npt.ArrayLike, days: npt.ArrayLike, horizon: npt.ArrayLike, period_start: np.datetime64 | None
) -> Grid:
    """Check the input of `simulate` and lay it out; ValueError says what is wrong with it."""
    reported, on, wanted = np.asarray(values, float), _dates(days, "days"), _dates(horizon, "horizon")
    _refuse_unusable(reported, on, wanted)
    recent = on > on[-1] - WINDOW
    reported, on = reported[recent], on[recent]
    places = (on - on[0]).astype(np.int64)
    unit = float(np.abs(reported).mean()) or 1.0
    return Grid(
        values=_spread(reported / unit, places),
        present=_spread(np.ones(len(places)), places),
        weekdays=(on[0].astype(np.int64) + np.arange(places[-1] + 1)) % 7,
        period_starts=_period_starts(on[0] + np.arange(places[-1] + 1), period_start, wanted[-1]),
        steps=(wanted - on[-1]).astype(np.int64),
        unit=unit,
        nonnegative=bool(reported.min() >= 0),
        whole=bool(reported.min() >= 0 and unit < SMALL_COUNT and (reported == np.rint(reported)).all()),
    )


def _dates(given: npt.ArrayLike, name: str) -> Dates:
    """Whole days in strictly increasing order."""
    dates: Dates = np.asarray(given, "datetime64[D]")
    if dates.ndim != 1 or not len(dates):
        raise ValueError(f"{name}: one or more days in one dimension are needed")
    if np.isnat(dates).any() or (np.diff(dates) <= np.timedelta64(0, "D")).any():
        raise ValueError(f"{name}: the days must be known, in order and without repetition")
    return dates


def _refuse_unusable(values: Floats, days: Dates, horizon: Dates) -> None:
    if values.shape != days.shape:
        raise ValueError("values: exactly one value per day is needed")
    if not (np.abs(values) <= LARGEST).all():
        raise ValueError(f"values: finite numbers of at most {LARGEST:g} are needed")
    if horizon[0] <= days[-1]:
        raise ValueError("horizon: must begin after the last observed day")


def _spread(numbers: Floats, places: Places) -> Floats:
    """Put the numbers at their places, zeros elsewhere."""
    grid = np.zeros(places[-1] + 1)
    grid[places] = numbers
    return grid


def _period_starts(calendar: Dates, start: np.datetime64 | None, end: np.datetime64) -> Places:
    """(T,) Where the period of each day of the calendar (T,) began.

    The running period reaches from `start` to the end of the horizon and earlier ones are taken to be as long as it is;
    without a start, periods are calendar months.
    """
    if start is None:
        began = calendar.astype("datetime64[M]").astype("datetime64[D]")
    else:
        first = start.astype("datetime64[D]")
        length = max(int((end - first).astype(np.int64)) + 1, 1)
        began = first + (calendar - first).astype(np.int64) // length * length
    places: Places = np.maximum((began - calendar[0]).astype(np.int64), 0)
    return places
