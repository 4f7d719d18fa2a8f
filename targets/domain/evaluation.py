"""The verdict on a target at a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from targets.domain.history import History, history_of, recent_rate
from targets.domain.pace import leeway_at, leeway_by_day, pace_at, pace_by_day, rate_to
from targets.domain.periods import Period, period_at
from targets.domain.plain import Plain, as_plain, known_fields
from targets.domain.plan import Plan
from targets.domain.projection import QUANTILES, Projection, project, quantiles
from targets.domain.series import Dates, Floats, Series
from targets.domain.standing import Standing, known_to, last_day_read, standing_of
from targets.domain.status import judge, settled_by, settles
from targets.domain.terms import Aggregation, PaceProfile, Status

ENOUGH_DAYS = 7  # of data; a forecast from fewer is early
MOST_GAPS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Where the period's value will probably end, in the metric's unit; `chance` between 0 and 1.

    `q10` to `q90` is the 80 % band, `q025` to `q975` the 95 % band. `early` under seven days of data. `expected_rate`
    is what is expected per remaining day: the amount of a total, the mean of a mean.
    """

    median: float
    q025: float
    q10: float
    q25: float
    q75: float
    q90: float
    q975: float
    chance: float
    early: bool
    expected_rate: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Where a target stands: everything pages, API, mails and charts say about it. Immutable.

    Values are in the metric's unit, `elapsed` and chances are shares between 0 and 1, rates are per day (per working
    day where the pace knows only those). `at` is when it was judged, `read_until` how far the readings run; value, pace
    and gap are as of then. `share` is how much of the goal is reached (of the way, for a level with a start value); it
    can exceed 1. `gap` is value minus pace; `gap_share` is the gap over the goal, signed so that up is good: for
    `within` it is how far inside the two goals. `required_rate` is what is needed per remaining day to end at the goal
    (for a mean: the mean that is needed from here), None once nothing can be changed. `days_left` are the days after
    today, `settled_on` the day on which the value decided the period before its end. `status` is the verdict of the
    rule alone, before hysteresis. `complete` says that the readings run to the period's end. Times are aware; days are
    the target's own.
    """

    at: datetime
    status: Status
    period_starts_on: date
    period_ends_on: date
    days_left: int
    elapsed: float
    read_until: datetime | None = None
    last_read_at: datetime | None = None
    value: float | None = None
    share: float | None = None
    pace: float | None = None
    gap: float | None = None
    gap_share: float | None = None
    required_rate: float | None = None
    recent_rate: float | None = None
    working_days_left: int | None = None
    settled_on: date | None = None
    forecast: Forecast | None = None
    gaps: tuple[float, ...] = ()  # one a day, at most 60, signed so that up is good: the sparkline
    days_of_data: int = 0
    complete: bool = False

    def as_plain(self) -> Plain:
        """The evaluation as JSON-ready dict, field by field."""
        plain: Plain = as_plain(self)
        return plain

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Evaluation:
        """The evaluation of a dict that `as_plain` made."""
        known = known_fields(cls, plain)
        for name in ("at", "read_until", "last_read_at"):
            known[name] = datetime.fromisoformat(known[name]) if known.get(name) else None
        for name in ("period_starts_on", "period_ends_on", "settled_on"):
            known[name] = date.fromisoformat(known[name]) if known.get(name) else None
        forecast = known.get("forecast")
        known["forecast"] = Forecast(**known_fields(Forecast, forecast)) if forecast else None
        return cls(**known | {"status": Status(known["status"]), "gaps": tuple(known.get("gaps", ()))})


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """The period day by day, as drawn: index 0 is `starts_on`; None where nothing is known.

    `actual` is the value of the period up to the end of each day, standing still on days without a reading, `pace`
    where it should be by then, `bands` five rows (q10, q25, q50, q75, q90) that begin at `today` with the actual value;
    no rows without a forecast. `today` is the index of the last day read, or None before the first reading, when the
    bands begin with the first day ahead. Every list has one entry a day.
    """

    starts_on: date
    today: int | None
    goal: float
    goal_upper: float | None
    cumulative: bool
    actual: tuple[float | None, ...]
    pace: tuple[float | None, ...]
    bands: tuple[tuple[float | None, ...], ...] = field(default=())

    def as_plain(self) -> Plain:
        """The track as JSON-ready dict, field by field."""
        plain: Plain = as_plain(self)
        return plain

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Track:
        """The track of a dict that `as_plain` made."""
        known = known_fields(cls, plain)
        known["starts_on"] = date.fromisoformat(known["starts_on"])
        known["actual"], known["pace"] = tuple(known["actual"]), tuple(known["pace"])
        return cls(**known | {"bands": tuple(tuple(row) for row in known.get("bands", ()))})


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The verdict and the drawing, from one computation."""

    evaluation: Evaluation
    track: Track


def evaluate(plan: Plan, series: Series, now: datetime) -> Evaluation:
    """Judge a target at `now` (aware), in the period of that moment, by what the series says up to it."""
    return assess(plan, series, now).evaluation


def assess(plan: Plan, series: Series, now: datetime, *, period: Period | None = None) -> Assessment:
    """Judge a target at `now` (aware) by what the series says up to it: the verdict and the drawing in one.

    The period is that of the moment, or the one given: an earlier one is judged by its readings, however late they
    came. The same arguments give the same assessment, to the last digit.
    """
    period = period or period_at(plan.rule, plan.calendar, now)
    known = known_to(plan, series, now, period)
    case = _Case(plan, period, now, known, standing_of(plan, known, period), history_of(plan, known, period))
    projection = case.projection()
    return Assessment(evaluation=_evaluation(case, projection), track=_track(case, projection))


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """One judgement: what is asked, when, and what is known."""

    plan: Plan
    period: Period
    now: datetime
    known: Series
    standing: Standing
    history: History

    @property
    def until(self) -> datetime:
        """How far the readings run inside the period: the moment that value and pace are compared at."""
        start, end = self.period.starts_at, self.period.ends_at
        return min(max(self.known.read_until or start, start), end)

    @property
    def running(self) -> bool:
        return self.period.contains(self.now)

    @property
    def silent(self) -> bool:
        """Whether nothing was read for longer than is forgiven, or ever."""
        heard = [moment for moment in (self.known.last_read_at, self.known.read_until) if moment is not None]
        return not heard or self.now - max(heard) > self.plan.stale_after

    @property
    def today(self) -> int | None:
        """The index of the last day read; None before the first reading of the period."""
        inside = self.standing.inside
        if not len(inside):
            return None
        last = int((inside.days[-1] - np.datetime64(self.period.starts_on)).astype(np.int64))
        return max(last, last_day_read(self.until, self.period))

    @property
    def days_of_data(self) -> int:
        """How many days were observed, the one still being read included."""
        unfinished = len(self.known) and (not len(self.history) or self.known.days[-1] > self.history.days[-1])
        return self.history.observed + int(unfinished)

    def projection(self) -> Projection | None:
        if not self.running or self.known.read_until is None:
            return None
        return project(
            self.plan, self.period, history=self.history, standing=self.standing, read_until=self.known.read_until
        )


def _evaluation(case: _Case, projection: Projection | None) -> Evaluation:
    plan, period, value = case.plan, case.period, case.standing.value
    settled = settled_by(plan, value, grows=case.standing.grows)
    pace = pace_at(plan, period, case.until) if len(case.known) else None
    gap = None if value is None or pace is None else value - pace
    gap_share = None if gap is None else float(plan.signed(gap, leeway=leeway_at(plan, period, case.until))) / plan.size
    forecast = None if projection is None else _forecast(case, projection)
    status = judge(
        plan, period, case.now, value=value, settled=settled, silent=case.silent, forecast=forecast, gap_share=gap_share
    )
    return Evaluation(
        at=case.now,
        status=status,
        period_starts_on=period.starts_on,
        period_ends_on=period.ends_on,
        days_left=_days_left(case),
        elapsed=period.share(case.now),
        read_until=case.known.read_until,
        last_read_at=case.known.last_read_at or case.known.read_until,
        value=value,
        share=_share(plan, value),
        pace=pace,
        gap=gap,
        gap_share=gap_share,
        required_rate=_required(case, projection) if settled is None else None,
        recent_rate=recent_rate(plan, case.history),
        working_days_left=_working_days_left(case),
        settled_on=_settled_on(case) if settled is not None else None,
        forecast=forecast,
        gaps=_gaps(case),
        days_of_data=case.days_of_data,
        complete=case.known.read_until is not None and case.known.read_until >= period.ends_at,
    )


def _forecast(case: _Case, projection: Projection) -> Forecast:
    finals = projection.finals
    q025, q10, q25, median, q75, q90, q975 = (float(each) for each in quantiles(finals[:, None], QUANTILES)[:, 0])
    return Forecast(
        median=median,
        q025=q025,
        q10=q10,
        q25=q25,
        q75=q75,
        q90=q90,
        q975=q975,
        chance=float(case.plan.meets(finals).mean()),
        early=case.days_of_data < ENOUGH_DAYS,
        expected_rate=_rate_to(case, median, projection),
    )


def _required(case: _Case, projection: Projection | None) -> float | None:
    """What is needed per remaining day; None when the period is over or nothing was ever read."""
    if case.now >= case.period.ends_at or not len(case.known):
        return None
    return _rate_to(case, case.plan.aim, projection)


def _rate_to(case: _Case, final: float, projection: Projection | None) -> float | None:
    """What the rest of the period must bring per day for it to end at `final`; of a mean, the mean of the rest."""
    value = case.standing.value or 0.0
    if case.plan.cumulative:
        return rate_to(case.plan, case.period, case.until, value, final)
    if case.plan.kind != Aggregation.MEAN or projection is None or not projection.readings:
        return None
    read, ahead = case.standing.readings, projection.readings
    return (final * (read + ahead) - value * read) / ahead


def _share(plan: Plan, value: float | None) -> float | None:
    """How much of the goal is reached, or of the way to it from a start value; None where there is no way to go."""
    start = plan.start_value if plan.is_level and plan.start_value is not None else 0.0
    return None if value is None or plan.aim == start else (value - start) / (plan.aim - start)


def _days_left(case: _Case) -> int:
    """The days of the period after today."""
    return max((case.period.ends_on - case.period.day_of(case.now)).days - 1, 0)


def _working_days_left(case: _Case) -> int | None:
    """The working days after today; None where the pace does not know them."""
    if case.plan.profile != PaceProfile.WORKING_DAYS:
        return None
    ahead = (case.period.ends_on - timedelta(days=1 + index) for index in range(_days_left(case)))
    return sum(day.weekday() in case.plan.calendar.working_days for day in ahead)


def _settled_on(case: _Case) -> date:
    """The first day on which the value decided the period."""
    decided = settles(case.plan, case.standing.course, grows=case.standing.grows)
    day: date = case.standing.inside.days[int(np.argmax(decided))].item()
    return day


def _days(period: Period) -> Dates:
    return np.arange(np.datetime64(period.starts_on, "D"), np.datetime64(period.ends_on, "D"))


def _actual(case: _Case) -> Floats:
    """The period's value at the end of each day, standing still on days without a reading; NaN where unknown."""
    actual = np.full(case.period.days, np.nan)
    if case.today is not None:
        places = np.searchsorted(case.standing.inside.days, _days(case.period)[: case.today + 1], side="right") - 1
        actual[: case.today + 1] = np.where(places >= 0, case.standing.course[places], np.nan)
    return actual


def _gaps(case: _Case) -> tuple[float, ...]:
    """Value minus pace, up is good, at the end of each day read and last at the last reading; thinned evenly to 60."""
    if case.today is None:
        return ()
    plan, period, end = case.plan, case.period, case.today + 1
    pace, leeway = pace_by_day(plan, period)[:end], leeway_by_day(plan, period)[:end]
    pace[-1], leeway[-1] = pace_at(plan, period, case.until), leeway_at(plan, period, case.until)
    gaps = plan.signed(_actual(case)[:end] - pace, leeway=leeway)
    gaps = gaps[np.isfinite(gaps)]
    return tuple(gaps[np.linspace(0, len(gaps) - 1, min(len(gaps), MOST_GAPS)).round().astype(int)].tolist())


def _track(case: _Case, projection: Projection | None) -> Track:
    return Track(
        starts_on=case.period.starts_on,
        today=case.today,
        goal=case.plan.goal,
        goal_upper=case.plan.goal_upper,
        cumulative=case.plan.cumulative,
        actual=_known(_actual(case)),
        pace=_known(pace_by_day(case.plan, case.period)),
        bands=() if projection is None else _bands(case, projection),
    )


def _bands(case: _Case, projection: Projection) -> tuple[tuple[float | None, ...], ...]:
    """Five rows from the last day read, where they meet in the actual value, to the period's end."""
    bands = projection.bands(_days(case.period))
    if case.today is not None:
        bands[:, : case.today] = np.nan
        bands[:, case.today] = case.standing.value
    return tuple(_known(row) for row in bands)


def _known(values: Floats) -> tuple[float | None, ...]:
    return tuple(None if value != value else value for value in values.tolist())
