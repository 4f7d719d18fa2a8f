"""Twelve removable sample targets with a year of readings, in every status, through the same code as real ones.

The readings depend only on their name and date. Goals are set where the forecast of the day puts them, so that each
status is there on whatever day somebody looks.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from connectors.extract import Point
from connectors.models import Connection
from targets.domain.evaluation import Evaluation, Forecast, assess
from targets.domain.terms import Aggregation, Comparison, PaceProfile, PeriodKind, Status, ValueKind
from targets.judging import judge_target
from targets.models import Metric, Target
from targets.plans import plan_of
from targets.recording import record_points
from targets.rollups import series_of

if TYPE_CHECKING:
    from organisations.access import Access

NAME = "Sample"
HISTORY_DAYS = 400
TRACKED_DAYS = 75
OUT_OF_REACH = 1e12
ONE_DAY = timedelta(days=1)
WEEK = (1.12, 1.18, 1.15, 1.08, 1.00, 0.72, 0.75)
Shape = Callable[[random.Random, date, int], float]  # (chance, day, days ago) → the day's reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One sample: its metric, its target, the shape of its readings and the status it shows."""

    name: str
    team: str
    shape: Shape
    shows: Status
    period: PeriodKind = PeriodKind.MONTH
    comparison: Comparison = Comparison.AT_LEAST
    aggregation: Aggregation = Aggregation.SUM
    unit: str = ""
    decimals: int = 0
    metric: dict[str, Any] = field(default_factory=dict)
    target: dict[str, Any] = field(default_factory=dict)
    silent_days: int = 0
    stretch: tuple[int, int] = (0, 0)  # days back and ahead of a fixed range


def amounts(mean: float, *, spread: float = 0.22, trend: float = 0.0) -> Shape:
    """Daily amounts: a weekly shape, a slow trend and noise (a gamma distribution, so never negative)."""

    def reading(chance: random.Random, day: date, ago: int) -> float:
        noise = chance.gammavariate(1 / spread**2, spread**2)
        return mean * WEEK[day.weekday()] * (1 - trend * ago / 365) * noise

    return reading


def counts(mean: float, *, trend: float = 0.0) -> Shape:
    """Daily whole numbers around a mean."""

    def reading(chance: random.Random, day: date, ago: int) -> float:
        return float(round(chance.gammavariate(4, mean * WEEK[day.weekday()] * (1 - trend * ago / 365) / 4)))

    return reading


def level(now: float, *, per_day: float = 0.0, swing: float = 0.0, noise: float = 0.0) -> Shape:
    """A level that drifts to `now`, with a slow swing and noise."""

    def reading(chance: random.Random, day: date, ago: int) -> float:
        return now - per_day * ago + swing * math.sin(day.toordinal() / 9) + chance.gauss(0, noise)

    return reading


LEVEL = {"value_kind": ValueKind.LEVEL.value}
SPECS = [
    Spec(
        name="New paid subscriptions", team="Growth", shape=counts(13), shows=Status.AT_RISK, period=PeriodKind.QUARTER
    ),
    Spec(
        name="Website visitors",
        team="Marketing",
        shape=counts(412, trend=0.12),
        shows=Status.ON_TRACK,
        metric={"counts_distinct": True},
    ),
    Spec(
        name="Monthly recurring revenue",
        team="Finance",
        shape=level(82_400, per_day=62, noise=160),
        shows=Status.ON_TRACK,
        period=PeriodKind.QUARTER,
        aggregation=Aggregation.LATEST,
        metric={**LEVEL, "scale_min": 70_000, "scale_max": 95_000},
        unit="€",
    ),
    Spec(
        name="Revenue invoiced",
        team="Finance",
        shape=amounts(2_700, spread=0.3, trend=0.1),
        shows=Status.ON_TRACK,
        period=PeriodKind.YEAR,
        target={"profile": PaceProfile.WORKING_DAYS.value},
        unit="€",
    ),
    Spec(name="Newsletter sign-ups", team="Marketing", shape=counts(63), shows=Status.BEHIND),
    Spec(
        name="Median first reply",
        team="Support",
        shape=level(4.6, per_day=0.001, swing=0.5, noise=0.25),
        shows=Status.BEHIND,
        comparison=Comparison.AT_MOST,
        unit="h",
        decimals=1,
        aggregation=Aggregation.MEAN,
        metric=LEVEL,
    ),
    Spec(
        name="Cloud spend",
        team="Platform",
        shape=amounts(626, spread=0.14),
        shows=Status.AT_RISK,
        comparison=Comparison.AT_MOST,
        metric={"higher_is_better": False},
        unit="€",
    ),
    Spec(
        name="Uptime, public API",
        team="Platform",
        shape=lambda chance, _day, _ago: min(100.0, 99.985 - chance.expovariate(1 / 0.02)),
        shows=Status.ON_TRACK,
        unit="%",
        decimals=2,
        aggregation=Aggregation.MEAN,
        metric={**LEVEL, "scale_min": 99.5, "scale_max": 100},
    ),
    Spec(
        name="Incidents, severity 1",
        team="Platform",
        shape=lambda chance, _day, _ago: float(chance.random() < 0.11),
        shows=Status.MISSED,
        period=PeriodKind.RANGE,
        comparison=Comparison.AT_MOST,
        metric={"higher_is_better": False, "missing_is_zero": True},
        stretch=(70, 20),
    ),
    Spec(
        name="Help pages published",
        team="Docs",
        shape=lambda chance, _day, _ago: float(chance.choice([0, 0, 0, 1, 1, 2])),
        shows=Status.MET,
        period=PeriodKind.RANGE,
        stretch=(60, 30),
    ),
    Spec(
        name="Server room temperature",
        team="Platform",
        shape=level(22.0, swing=0.3, noise=0.15),
        shows=Status.ON_TRACK,
        comparison=Comparison.WITHIN,
        aggregation=Aggregation.LATEST,
        unit="°C",
        decimals=1,
        metric={**LEVEL, "scale_min": 19, "scale_max": 25},
    ),
    Spec(
        name="Customer satisfaction",
        team="Support",
        shape=level(4.5, noise=0.08),
        shows=Status.NO_DATA,
        period=PeriodKind.QUARTER,
        decimals=1,
        silent_days=5,
        aggregation=Aggregation.MEAN,
        metric=LEVEL,
    ),
]


def exists(access: Access) -> bool:
    """Say whether the samples are there."""
    return access.rows(Connection).filter(is_sample=True).exists()


def add(access: Access, now: datetime) -> None:
    """Put the samples into the organisation; what is there already stays as it is."""
    with transaction.atomic():
        connection, created = access.organisation.connections.get_or_create(
            is_sample=True, defaults={"name": _free_name(access), "kind": "push"}
        )
        if created:
            for spec in SPECS:
                _add_one(access, connection, spec, now)


def remove(access: Access) -> None:
    """Take the samples out again, with everything that hangs on them."""
    access.rows(Connection).filter(is_sample=True).delete()


def _free_name(access: Access) -> str:
    taken = set(access.rows(Connection).values_list("name", flat=True))
    return next(name for name in (NAME, *(f"{NAME} {number}" for number in range(2, 100))) if name not in taken)


def _add_one(access: Access, connection: Connection, spec: Spec, now: datetime) -> None:
    metric = _metric(access, connection, spec)
    record_points(metric, _points(spec, now, access), now=now)
    target = _target(access, metric, spec, now)
    judge_target(target.pk, now)


def _metric(access: Access, connection: Connection, spec: Spec) -> Metric:
    feed = connection.feeds.create(name=spec.name, every=24 * 60, due_at=None)
    name = _unused(spec.name, access.rows(Metric))
    fields = {"unit": spec.unit, "decimals": spec.decimals, **spec.metric}
    return access.organisation.metrics.create(feed=feed, name=name, **fields)


def _unused(name: str, rows: Any) -> str:
    return name if not rows.filter(name=name).exists() else f"{name} (sample)"


def _points(spec: Spec, now: datetime, access: Access) -> list[Point]:
    """Return one reading for each whole day, the last one for yesterday unless the sample has gone silent."""
    today = now.astimezone(access.organisation.zone).date()
    days = [today - timedelta(days=ago) for ago in range(HISTORY_DAYS, spec.silent_days, -1)]
    return [
        Point(
            at=datetime(day.year, day.month, day.day, tzinfo=UTC),
            whole_day=True,
            segment="",
            value=_value(spec, day, today),
        )
        for day in days
    ]


def _value(spec: Spec, day: date, today: date) -> float:
    chance = random.Random(f"{spec.name}:{day}")  # noqa: S311  numbers for show
    return round(spec.shape(chance, day, (today - day).days), max(spec.decimals, 0))


def _target(access: Access, metric: Metric, spec: Spec, now: datetime) -> Target:
    """Save the target with the goal at which it shows the wanted status today."""
    today = now.astimezone(access.organisation.zone).date()
    target = Target(
        organisation=access.organisation,
        metric=metric,
        name=_unused(spec.name, access.rows(Target)),
        team=spec.team,
        owner=access.user,
        aggregation=spec.aggregation.value,
        comparison=spec.comparison.value,
        period=spec.period.value,
        goal=0.0,
        tracking_since=today - timedelta(days=TRACKED_DAYS),
        **spec.target,
    )
    if spec.period == PeriodKind.RANGE:
        back, ahead = spec.stretch
        target.starts_on, target.ends_on = today - timedelta(days=back), today + timedelta(days=ahead)
    target.goal, target.goal_upper = _goal(target, spec, now)
    target.save()
    return target


def _goal(target: Target, spec: Spec, now: datetime) -> tuple[float, float | None]:
    found = _first_look(target, now)
    value, forecast = found.value or 0.0, found.forecast
    if spec.comparison == Comparison.WITHIN:
        return 21.0, 23.0
    if spec.shows == Status.MET:
        return math.floor(value * 0.9), None
    if spec.shows == Status.MISSED:
        return math.floor(value * 0.7), None
    if forecast is None:
        return round(value, spec.decimals), None
    return _rounded(_aim(forecast, spec), forecast, spec), None


def _first_look(target: Target, now: datetime) -> Evaluation:
    """Judge by a goal so far away that it settles nothing, to learn where the period will probably end."""
    plan = replace(plan_of(target), comparison=Comparison.AT_LEAST, goal=OUT_OF_REACH, goal_upper=None)
    since = now.date() - timedelta(days=HISTORY_DAYS + 1)
    return assess(plan, series_of(target.metric, plan.calendar.zone, since=since), now).evaluation


def _aim(forecast: Forecast, spec: Spec) -> float:
    """Return the goal whose chance is about nine in ten (on track), even (at risk) or one in ten (behind)."""
    easy, hard = (
        (forecast.q10, forecast.q90) if spec.comparison == Comparison.AT_LEAST else (forecast.q90, forecast.q10)
    )
    return {Status.ON_TRACK: easy, Status.BEHIND: hard}.get(spec.shows, forecast.median)


def _rounded(goal: float, forecast: Forecast, spec: Spec) -> float:
    """Round to a figure that people would choose, without leaving the wanted chance."""
    width = max(forecast.q90 - forecast.q10, 10.0**-spec.decimals)
    step = max(10.0 ** math.floor(math.log10(width / 4)), 10.0**-spec.decimals)
    return round(round(goal / step) * step, spec.decimals)
