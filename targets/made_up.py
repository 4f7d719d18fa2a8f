"""Made-up readings, and goals that show a wanted status: what sample targets are made of.

Readings depend only on their key and date. Goals are set where the forecast of the day puts them, so that each status
is there on whatever day somebody looks.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.extract import Point
from targets.domain.evaluation import Evaluation, Forecast, assess
from targets.domain.terms import Comparison, Status
from targets.plans import plan_of
from targets.rollups import series_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from targets.models import Target

HISTORY_DAYS = 400
OUT_OF_REACH = 1e12
WEEK = (1.12, 1.18, 1.15, 1.08, 1.00, 0.72, 0.75)
Shape = Callable[[random.Random, date, int], float]  # (chance, day, days ago) → the day's reading


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


def below(usual: float, *, dips: float, most: float = 100.0) -> Shape:
    """A share just under its usual value, with dips of a mean depth."""
    return lambda chance, _day, _ago: min(most, usual - chance.expovariate(1 / dips))


def now_and_then(share: float) -> Shape:
    """One on a share of the days, else nothing."""
    return lambda chance, _day, _ago: float(chance.random() < share)


def a_few(of: list[float]) -> Shape:
    """One of several numbers, each as likely as the others."""
    return lambda chance, _day, _ago: float(chance.choice(of))


SHAPES: dict[str, Callable[..., Shape]] = {
    "amounts": amounts,
    "counts": counts,
    "level": level,
    "below": below,
    "now_and_then": now_and_then,
    "a_few": a_few,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """How readings are made up. The name of a shape stands with its first number, further ones beside it.

    `silent_days` are the last days, which bring nothing.
    """

    key: str
    said: Mapping[str, Any]
    silent_days: int = 0

    @property
    def shape(self) -> Shape:
        """The shape that is named. Raises KeyError for one that there is not, TypeError for what it does not take."""
        name = next(name for name in self.said if name in SHAPES)
        more = {each: value for each, value in self.said.items() if each != name}
        return SHAPES[name](self.said[name], **more)


def points(story: Story, *, decimals: int, now: datetime, zone: ZoneInfo) -> list[Point]:
    """Return one reading for each whole day of the history, the last one for yesterday unless it has gone silent."""
    today, shape = now.astimezone(zone).date(), story.shape
    return [
        Point(
            at=datetime(day.year, day.month, day.day, tzinfo=UTC),
            whole_day=True,
            segment="",
            value=round(shape(random.Random(f"{story.key}:{day}"), day, ago), decimals),  # noqa: S311  numbers for show
        )
        for ago in range(HISTORY_DAYS, story.silent_days, -1)
        for day in [today - timedelta(days=ago)]
    ]


def goal_that_shows(target: Target, status: Status, now: datetime) -> float:
    """Return the goal at which an unsaved target of a metric with readings shows a status today."""
    found, decimals = _first_look(target, now), target.metric.decimals
    value, forecast = found.value or 0.0, found.forecast
    if status == Status.MET:
        return math.floor(value * 0.9)
    if status == Status.MISSED:
        return math.floor(value * 0.7)
    if forecast is None:
        return round(value, decimals)
    return _rounded(_aim(forecast, target, status), forecast, decimals)


def _first_look(target: Target, now: datetime) -> Evaluation:
    """Judge by a goal so far away that it settles nothing, to learn where the period will probably end."""
    plan = replace(plan_of(target), comparison=Comparison.AT_LEAST, goal=OUT_OF_REACH, goal_upper=None)
    since = now.date() - timedelta(days=HISTORY_DAYS + 1)
    return assess(plan, series_of(target.metric, plan.calendar.zone, since=since), now).evaluation


def _aim(forecast: Forecast, target: Target, status: Status) -> float:
    """Return the goal whose chance is about nine in ten (on track), even (at risk) or one in ten (behind)."""
    at_least = target.comparison == Comparison.AT_LEAST
    easy, hard = (forecast.q10, forecast.q90) if at_least else (forecast.q90, forecast.q10)
    return {Status.ON_TRACK: easy, Status.BEHIND: hard}.get(status, forecast.median)


def _rounded(goal: float, forecast: Forecast, decimals: int) -> float:
    """Round to a figure that people would choose, without leaving the wanted chance."""
    width = max(forecast.q90 - forecast.q10, 10.0**-decimals)
    step = max(10.0 ** math.floor(math.log10(width / 4)), 10.0**-decimals)
    return round(round(goal / step) * step, decimals)
