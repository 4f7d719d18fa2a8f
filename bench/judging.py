"""The work behind a reading: recording, forecasting, judging."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from bench.load import points_of, twin
from bench.measure import Row, cpu_ms
from targets.domain.evaluation import assess
from targets.domain.forecast import seed, simulate
from targets.judging import HISTORY, judge_target
from targets.plans import plan_of
from targets.recording import record_points
from targets.rollups import series_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.load import World

YEAR = timedelta(days=366)


def rows(world: World) -> Iterator[Row]:
    """Yield milliseconds of CPU for each; the judgements are the median over the twelve samples."""
    yield Row(what="Record a year of days", measured=_recording_ms(world), unit="ms CPU")
    yield Row(what="Forecast a month from 400 days", measured=_forecast_ms(), unit="ms CPU")
    yield Row(what="Assess a target", measured=_assess_ms(world), unit="ms CPU")
    targets = itertools.cycle([target.pk for target in world.judged()])
    judged = cpu_ms(lambda: judge_target(next(targets), world.now), times=48)
    yield Row(what="Judge and store, with the database", measured=judged, unit="ms CPU")


def _recording_ms(world: World) -> float:
    """Record into metrics that hold nothing yet."""
    pattern = world.judged()[0].metric
    readings = points_of(pattern, world.now - YEAR)
    names = (f"Recorded {number}" for number in itertools.count())
    empty = {"rollup_zone": "", "last_at": None, "last_value": None, "read_until": None, "read_through": None}

    def record() -> None:
        metric = twin(pattern, name=next(names), **empty)
        metric.save()
        record_points(metric, readings, now=world.now)

    return cpu_ms(record, times=10)


def _forecast_ms() -> float:
    """Simulate 30 days from 400 that rise and fall with the week."""
    days = np.arange(np.datetime64("2025-01-01"), np.datetime64("2026-03-07"))
    history, horizon = days[:400], days[400:430]
    values = seed("bench").gamma(4.0, 100.0, 400) * (1.0 + 0.2 * np.cos(np.arange(400) * 2 * np.pi / 7))
    return cpu_ms(lambda: simulate(values, history, horizon, seed("bench")), times=50)


def _assess_ms(world: World) -> float:
    cases = itertools.cycle(
        (plan, series_of(target.metric, plan.calendar.zone, since=(world.now - HISTORY).date()))
        for target in world.judged()
        for plan in [plan_of(target)]
    )
    return cpu_ms(lambda: assess(*next(cases), world.now), times=48)
