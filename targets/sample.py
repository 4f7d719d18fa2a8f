"""Twelve removable sample targets with a year of readings, in every status, through the same code as real ones.

The readings depend only on their key and date. Goals are set where the forecast of the day puts them, so that each
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
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from connectors.extract import Point
from connectors.models import Connection
from targets.domain.evaluation import Evaluation, Forecast, assess
from targets.domain.terms import Aggregation, Comparison, PaceProfile, PeriodKind, Status, ValueKind
from targets.judging import judge_target
from targets.models import Metric, Tag, Target
from targets.plans import plan_of
from targets.recording import record_points
from targets.rollups import series_of

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

    from organisations.access import Access

HISTORY_DAYS = 400
TRACKED_DAYS = 75
OUT_OF_REACH = 1e12
ONE_DAY = timedelta(days=1)
WEEK = (1.12, 1.18, 1.15, 1.08, 1.00, 0.72, 0.75)
Shape = Callable[[random.Random, date, int], float]  # (chance, day, days ago) → the day's reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One sample: its metric, its target, the shape of its readings and the status it shows.

    `key` gives it its readings; what people read is in the language of whoever asks for the samples.
    """

    key: str
    name: StrPromise
    team: StrPromise
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
    tags: tuple[StrPromise, ...] = ()
    notes: tuple[tuple[int, StrPromise], ...] = ()  # how many days ago, and what happened


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


CUSTOMERS, RELIABILITY = pgettext_lazy("tag", "Customers"), pgettext_lazy("tag", "Reliability")
LEVEL = {"value_kind": ValueKind.LEVEL.value}
SPECS = [
    Spec(
        key="New paid subscriptions",
        name=_("New paid subscriptions"),
        team=pgettext_lazy("team", "Growth"),
        tags=(CUSTOMERS,),
        notes=((33, _("The new price list is out.")), (12, _("The campaign has started."))),
        shape=counts(13),
        shows=Status.AT_RISK,
        period=PeriodKind.QUARTER,
    ),
    Spec(
        key="Website visitors",
        name=_("Website visitors"),
        team=pgettext_lazy("team", "Marketing"),
        shape=counts(412, trend=0.12),
        shows=Status.ON_TRACK,
        metric={"counts_distinct": True},
    ),
    Spec(
        key="Monthly recurring revenue",
        name=_("Monthly recurring revenue"),
        team=pgettext_lazy("team", "Finance"),
        shape=level(82_400, per_day=62, noise=160),
        shows=Status.ON_TRACK,
        period=PeriodKind.QUARTER,
        aggregation=Aggregation.LATEST,
        metric={**LEVEL, "scale_min": 70_000, "scale_max": 95_000},
        unit="€",
    ),
    Spec(
        key="Revenue invoiced",
        name=_("Revenue invoiced"),
        team=pgettext_lazy("team", "Finance"),
        shape=amounts(2_700, spread=0.3, trend=0.1),
        shows=Status.ON_TRACK,
        period=PeriodKind.YEAR,
        target={"profile": PaceProfile.WORKING_DAYS.value},
        unit="€",
    ),
    Spec(
        key="Newsletter sign-ups",
        name=_("Newsletter sign-ups"),
        team=pgettext_lazy("team", "Marketing"),
        tags=(CUSTOMERS,),
        shape=counts(63),
        shows=Status.BEHIND,
    ),
    Spec(
        key="Median first reply",
        name=_("Median first reply"),
        team=pgettext_lazy("team", "Support"),
        tags=(CUSTOMERS,),
        shape=level(4.6, per_day=0.001, swing=0.5, noise=0.25),
        shows=Status.BEHIND,
        comparison=Comparison.AT_MOST,
        unit="h",
        decimals=1,
        aggregation=Aggregation.MEAN,
        metric=LEVEL,
    ),
    Spec(
        key="Cloud spend",
        name=_("Cloud spend"),
        team=pgettext_lazy("team", "Platform"),
        shape=amounts(626, spread=0.14),
        shows=Status.AT_RISK,
        comparison=Comparison.AT_MOST,
        metric={"higher_is_better": False},
        unit="€",
    ),
    Spec(
        key="Uptime, public API",
        name=_("Uptime, public API"),
        team=pgettext_lazy("team", "Platform"),
        tags=(RELIABILITY,),
        shape=lambda chance, _day, _days: min(100.0, 99.985 - chance.expovariate(1 / 0.02)),
        shows=Status.ON_TRACK,
        unit="%",
        decimals=2,
        aggregation=Aggregation.MEAN,
        metric={**LEVEL, "scale_min": 99.5, "scale_max": 100},
    ),
    Spec(
        key="Incidents, severity 1",
        name=_("Incidents, severity 1"),
        team=pgettext_lazy("team", "Platform"),
        tags=(RELIABILITY,),
        notes=((41, _("Moved to the new data centre.")), (9, _("Two people are on call instead of one."))),
        shape=lambda chance, _day, _days: float(chance.random() < 0.11),
        shows=Status.MISSED,
        period=PeriodKind.RANGE,
        comparison=Comparison.AT_MOST,
        metric={"higher_is_better": False, "missing_is_zero": True},
        stretch=(70, 20),
    ),
    Spec(
        key="Help pages published",
        name=_("Help pages published"),
        team=pgettext_lazy("team", "Docs"),
        shape=lambda chance, _day, _days: float(chance.choice([0, 0, 0, 1, 1, 2])),
        shows=Status.MET,
        period=PeriodKind.RANGE,
        stretch=(60, 30),
    ),
    Spec(
        key="Server room temperature",
        name=_("Server room temperature"),
        team=pgettext_lazy("team", "Platform"),
        tags=(RELIABILITY,),
        shape=level(22.0, swing=0.3, noise=0.15),
        shows=Status.ON_TRACK,
        comparison=Comparison.WITHIN,
        aggregation=Aggregation.LATEST,
        unit="°C",
        decimals=1,
        metric={**LEVEL, "scale_min": 19, "scale_max": 25},
    ),
    Spec(
        key="Customer satisfaction",
        name=_("Customer satisfaction"),
        team=pgettext_lazy("team", "Support"),
        tags=(CUSTOMERS,),
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
    """Take the samples out again, with everything that hangs on them, and the tags that nothing carries any more."""
    access.rows(Connection).filter(is_sample=True).delete()
    access.rows(Tag).filter(targets=None).delete()


def _free_name(access: Access) -> str:
    taken, name = set(access.rows(Connection).values_list("name", flat=True)), pgettext("a connection", "Sample")
    return next(free for free in (name, *(f"{name} {number}" for number in range(2, 100))) if free not in taken)


def _add_one(access: Access, connection: Connection, spec: Spec, now: datetime) -> None:
    metric = _metric(access, connection, spec)
    record_points(metric, _points(spec, now, access), now=now)
    target = _target(access, metric, spec, now)
    target.tags.set(_tag(access, str(name)) for name in spec.tags)
    _write_notes(access, target, spec, now)
    judge_target(target.pk, now)


def _tag(access: Access, name: str) -> Tag:
    """Return the organisation's tag of a name, whatever its case."""
    tag: Tag | None = access.rows(Tag).filter(name__iexact=name).first()
    return tag or access.organisation.tags.create(name=name)


def _write_notes(access: Access, target: Target, spec: Spec, now: datetime) -> None:
    today = now.astimezone(access.organisation.zone).date()
    for ago, text in spec.notes:
        target.notes.create(on=today - timedelta(days=ago), text=str(text), author=access.user)


def _metric(access: Access, connection: Connection, spec: Spec) -> Metric:
    feed = connection.feeds.create(name=str(spec.name), every=24 * 60, due_at=None)
    name = _unused(spec.name, access.rows(Metric))
    fields = {"unit": spec.unit, "decimals": spec.decimals, **spec.metric}
    return access.organisation.metrics.create(feed=feed, name=name, **fields)


def _unused(name: StrPromise, rows: Any) -> str:
    return str(name) if not rows.filter(name=name).exists() else gettext("%(name)s (sample)") % {"name": name}


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
    chance = random.Random(f"{spec.key}:{day}")  # noqa: S311  numbers for show
    return round(spec.shape(chance, day, (today - day).days), max(spec.decimals, 0))


def _target(access: Access, metric: Metric, spec: Spec, now: datetime) -> Target:
    """Save the target with the goal at which it shows the wanted status today."""
    today = now.astimezone(access.organisation.zone).date()
    target = Target(
        organisation=access.organisation,
        metric=metric,
        name=_unused(spec.name, access.rows(Target)),
        team=str(spec.team),
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
