"""History: one value a day, as the forecast learns from it and the recent rate is read from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from targets.domain.periods import Period, first_day_of, local_day
from targets.domain.plan import Plan
from targets.domain.series import Dates, Floats, Series
from targets.domain.terms import Aggregation, PaceProfile, ValueKind

LONGEST = timedelta(days=1100)  # before the period; three years, older days change nothing
RECENT = 28  # days
STOCK_WINDOW, FEWEST_FOR_STOCK = 180, 14  # values, of which it is judged whether they are those of a stock
STOCK_RATIO = 0.5
_ONE = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """One value for each day, in the metric's unit, and how many readings it stands for, by their weights.

    Of a total the day's amount, else the day's mean, last, highest or lowest reading. `observed` is the number of days
    that were really read: a running total that jumps over days has an amount for each of them.
    """

    days: Dates
    values: Floats
    readings: Floats
    observed: int

    def __len__(self) -> int:
        """How many days have a value."""
        return len(self.days)

    def recent(self) -> History:
        """The last 28 calendar days of data."""
        if not len(self):
            return self
        return self._sliced(self.days > self.days[-1] - RECENT)

    def before(self, day: np.datetime64) -> History:
        """The days before one."""
        return self._sliced(self.days < day)

    @property
    def is_stock(self) -> bool:
        """Whether the values move on from the last one, as a stock does, and not around a usual one, as noise does.

        They do where a day is on average less than half as far from the day before as from the four weeks before. White
        noise is 1.4 times as far, a random walk a third.
        """
        values = self.values[-STOCK_WINDOW:]
        if len(values) < FEWEST_FOR_STOCK:
            return False
        sums = np.concatenate([[0.0], np.cumsum(values)])
        places = np.arange(1, len(values))
        first = np.maximum(places - RECENT, 0)
        usual = (sums[places] - sums[first]) / (places - first)
        steps, distances = np.abs(np.diff(values)), np.abs(values[1:] - usual)
        return bool(steps.sum() < STOCK_RATIO * distances.sum())

    def changes(self) -> History:
        """The daily changes since the first day; over days without a value a change is spread evenly."""
        return _spread(self.days[1:], self.values[1:], self.values[:-1], self.days[:-1], len(self) - 1)

    def _sliced(self, kept: npt.NDArray[np.bool_]) -> History:
        return History(self.days[kept], self.values[kept], self.readings[kept], min(self.observed, int(kept.sum())))


def history_of(plan: Plan, known: Series, period: Period) -> History:
    """The daily values up to the last day that was read to its end; of a level also the day still being read.

    `known` has a definite `read_until`, or is empty. Days more than about three years before the period are left out.
    """
    if known.read_until is None:
        return _plain(plan, known)
    unfinished = local_day(known.read_until, period.zone)
    end = unfinished + timedelta(days=1) if plan.is_level else unfinished
    past = known.between(period.starts_on - LONGEST, end)
    return _increments(plan, past) if plan.value_kind == ValueKind.RUNNING else _plain(plan, past)


def recent_rate(plan: Plan, history: History) -> float | None:
    """What the last 28 days brought per day: the amount of a total, the mean of readings, the change of a level.

    Days without a reading are no days of data. By working days, the amounts of all days are spread over the working
    days read. None where there is nothing to go by, and for maxima and minima, which have no rate.
    """
    recent = history.recent()
    if not len(recent):
        return None
    if plan.cumulative:
        days = _working(plan, recent.days) if plan.profile == PaceProfile.WORKING_DAYS else len(recent)
        return float(recent.values.sum() / days) if days else None
    if plan.kind == Aggregation.MEAN:
        return float(recent.values @ recent.readings / recent.readings.sum())
    return _slope(recent) if plan.is_level else None


def _plain(plan: Plan, past: Series) -> History:
    values = {
        Aggregation.SUM: past.total,
        Aggregation.MEAN: past.means(),
        Aggregation.LATEST: past.last,
        Aggregation.MAXIMUM: past.maximum,
        Aggregation.MINIMUM: past.minimum,
    }
    return History(past.days, values[plan.kind], past.weight, len(past))


def _increments(plan: Plan, past: Series) -> History:
    """The daily amounts of a running total, which begins each period at zero.

    What came since the last reading, or since the period began, is spread evenly over the days since.
    """
    rule, calendar = plan.rule, plan.calendar
    on: list[date] = past.days.tolist()
    starts = np.array([first_day_of(rule, calendar, day) for day in on], "datetime64[D]")
    past, starts = _from(past, starts)
    if not len(past):
        return _plain(plan, past)
    goes_on = np.concatenate([[False], starts[1:] == starts[:-1]])
    before = np.where(goes_on, np.roll(past.last, 1), 0.0)
    since = np.where(goes_on, np.roll(past.days, 1), starts - _ONE)
    return _spread(past.days, past.last, before, since, len(past))


def _spread(days: Dates, values: Floats, before: Floats, since: Dates, observed: int) -> History:
    """What each value grew by from the one `before` it, in equal parts on the days `since` then."""
    lengths = (days - since).astype(np.int64)
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    every = np.repeat(since, lengths) + within.astype("timedelta64[D]") + _ONE
    return History(every, np.repeat((values - before) / lengths, lengths), np.ones(len(every)), observed)


def _from(past: Series, starts: Dates) -> tuple[Series, Dates]:
    """Leave out the days before a fixed range: its running total did not exist."""
    first = int((past.days < starts).sum())
    return past.between(past.days[first].item(), date.max) if first < len(past) else Series.EMPTY, starts[first:]


def _working(plan: Plan, days: Dates) -> int:
    on: list[date] = days.tolist()
    return sum(day.weekday() in plan.calendar.working_days for day in on)


def _slope(recent: History) -> float | None:
    """The change per day from the first to the last of the days."""
    length = int((recent.days[-1] - recent.days[0]).astype(np.int64))
    return float(recent.values[-1] - recent.values[0]) / length if length else None
