"""Evaluation: a plan and a series in, the verdict and its drawing out. Whatever says how a target stands asks here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from targets.domain.history import History, history_of, recent_rate
from targets.domain.pace import leeway_at, leeway_by_day, pace_at, pace_by_day, rate_to
from targets.domain.periods import Period, period_at
from targets.domain.plan import TINY, Plan
from targets.domain.projection import QUANTILES, Projection, project, quantiles
from targets.domain.series import Dates, Floats, Series
from targets.domain.standing import Standing, known_to, last_day_read, standing_of
from targets.domain.status import judge, settled_by, settles
from targets.domain.terms import Aggregation, PaceProfile
from targets.domain.verdict import ENOUGH_DAYS, Assessment, Evaluation, Forecast, Track

__all__ = ["Assessment", "Evaluation", "Forecast", "Track", "assess", "evaluate"]

MOST_GAPS = 60


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
        """What the days ahead may bring; nothing to go by after a long silence."""
        if not self.running or self.known.read_until is None or self.silent:
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
        zone=period.zone.key,
    )


def _forecast(case: _Case, projection: Projection) -> Forecast:
    finals, early = projection.finals, case.days_of_data < ENOUGH_DAYS
    q025, q10, q25, median, q75, q90, q975 = (float(each) for each in quantiles(finals[:, None], QUANTILES)[:, 0])
    return Forecast(
        median=median,
        q025=q025,
        q10=q10,
        q25=q25,
        q75=q75,
        q90=q90,
        q975=q975,
        chance=None if early else float(case.plan.meets(finals).mean()),  # so that nobody can tell what is not known
        early=early,
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
    way = plan.aim - start
    return None if value is None or abs(way) < TINY else (value - start) / way


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
        pace=_known(_pace_by_day(case)),
        bands=() if projection is None else _bands(case, projection),
    )


def _pace_by_day(case: _Case) -> Floats:
    """Where the value should be by the end of each day; on the last day read, by as far as it was read."""
    pace = pace_by_day(case.plan, case.period)
    if case.today is not None:
        pace[case.today] = pace_at(case.plan, case.period, case.until)
    return pace


def _bands(case: _Case, projection: Projection) -> tuple[tuple[float | None, ...], ...]:
    """Five rows from the last day read, where they meet in the actual value, to the period's end."""
    bands = projection.bands(_days(case.period))
    if case.today is not None:
        bands[:, : case.today] = np.nan
        if case.today < case.period.days - 1:
            bands[:, case.today] = case.standing.value
    return tuple(_known(row) for row in bands)


def _known(values: Floats) -> tuple[float | None, ...]:
    return tuple(None if value != value else value for value in values.tolist())
