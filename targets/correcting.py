"""Mending single readings: another value in place of the old one, or none at all; what rests on it is judged anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from connectors.extract import Point
from targets.judging import judge_metric
from targets.recording import delete_readings, record_points

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from targets.models import Metric, Observation


def correct(metric: Metric, reading: Observation, value: float, *, now: datetime) -> None:
    """Put another value in a reading's place, which weighs the same; it counts as typed in from then on."""
    point = Point(
        at=reading.at, whole_day=reading.whole_day, segment=reading.segment, value=value, weight=reading.weight
    )
    with transaction.atomic():
        judge_metric(metric, now, touched_since=record_points(metric, [point], now=now))


def remove(metric: Metric, readings: Sequence[Observation], *, now: datetime) -> None:
    """Delete readings, and judge what rested on them."""
    with transaction.atomic():
        touched = delete_readings(metric, readings)
        if touched is not None:
            judge_metric(metric, now, touched_since=touched)
