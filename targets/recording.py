"""Writing readings down: observations by key, and the daily rollups that everything else reads.

Fetched, pushed, typed-in and imported values all enter here. Writing the same readings twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import transaction

from connectors.extract import Point
from targets.domain.counting import Counter, counted
from targets.domain.periods import local_day
from targets.domain.terms import ReadAs, ValueKind
from targets.models import Metric, Observation
from targets.rollups import day_of, roll_up

if TYPE_CHECKING:
    from connectors.models import Collection

BATCH = 1000  # rows a statement; more gains nothing


def record_points(
    metric: Metric,
    points: Sequence[Point],
    *,
    now: datetime,
    collection: Collection | None = None,
    on_top: datetime | None = None,
) -> date | None:
    """Upsert readings by (metric, at, segment) and bring rollups and the metric's latest reading up to date.

    A reading replaces that of the same time and segment, or is added to one that was written `on_top` or later.
    Returns the first local day that was touched, from which verdicts may have changed; None when there was nothing to
    write. Rollups stand in the organisation's time zone.
    """
    if not points:
        return None
    zone = metric.organisation.zone
    with transaction.atomic(savepoint=False):
        _lock(metric)
        if metric.rollup_zone != zone.key:
            _move_rollups(metric, zone)
        _upsert(metric, _put_on_top(metric, points, on_top) if on_top else points, now, collection)
        touched = {day_of(point.at, point.whole_day, zone) for point in points}
        roll_up(metric, touched, zone)
        _note_latest(metric, points, now, fetched=collection is not None)
    return min(touched)


def record_found(
    metric: Metric,
    points: Sequence[Point],
    *,
    now: datetime,
    collection: Collection | None = None,
    on_top: datetime | None = None,
) -> date | None:
    """Write down what was found in the rows of a source: as it stands, or of a counter what came since the last time.

    Returns what `record_points` does. Where a counter stands is kept in the same transaction, so that nothing is
    counted twice or lost, whatever happens in between.
    """
    if metric.read_as != ReadAs.COUNTER:
        return record_points(metric, points, now=now, collection=collection, on_top=on_top)
    with transaction.atomic():
        _lock(metric)
        grown, metric.counters = _counted(points, metric.counters)
        metric.save(update_fields=["counters"])
        return record_points(metric, grown, now=now, collection=collection)


def rebuild_rollups(metric: Metric) -> None:
    """Bring the rollups of a metric into its organisation's time zone, after the zone was changed."""
    with transaction.atomic():
        _lock(metric)
        _move_rollups(metric, metric.organisation.zone)


def note_nothing_new(metric: Metric, now: datetime) -> date | None:
    """Note that a source answered and had nothing to tell: its amounts are known up to now.

    Returns the local day of now, from which verdicts may have changed; None where an empty answer says nothing: for
    levels, for whole days that are not zero when they are missing, and before the first reading.
    """
    is_told = metric.missing_is_zero or metric.read_through is None
    if metric.value_kind != ValueKind.FLOW or metric.last_at is None or not is_told:
        return None
    with transaction.atomic():
        _lock(metric)
        metric.read_through, metric.read_until = None, now
        metric.save(update_fields=["read_until", "read_through"])
    return local_day(now, metric.organisation.zone)


def note_unchanged(metric: Metric, now: datetime) -> date | None:
    """Note that the last answer still stands, as if the same readings had come again; returns the local day of now."""
    if metric.last_at is None or metric.last_value is None:
        return None
    with transaction.atomic():
        _lock(metric)
        last = Point(at=metric.last_at, whole_day=metric.last_whole_day, segment="", value=metric.last_value)
        _note_latest(metric, [last], now, fetched=True)
    return local_day(now, metric.organisation.zone)


def delete_readings(metric: Metric, observations: Sequence[Observation]) -> date | None:
    """Delete readings and bring the rollups up to date; returns the first local day touched."""
    if not observations:
        return None
    zone = metric.organisation.zone
    touched = {day_of(row.at, row.whole_day, zone) for row in observations}
    with transaction.atomic():
        _lock(metric)
        if metric.rollup_zone != zone.key:
            _move_rollups(metric, zone)
        metric.observations.filter(pk__in=[row.pk for row in observations]).delete()
        metric.rollups.filter(on__in=touched).delete()
        roll_up(metric, touched, zone)
        _recall_latest(metric)
    return min(touched)


def _lock(metric: Metric) -> None:
    """Hold the metric until the transaction ends: two writers of one day would each miss the other's readings."""
    kept = ["last_at", "last_value", "last_whole_day", "read_until", "read_through", "rollup_zone", "counters"]
    held = metric.organisation.metrics.filter(pk=metric.pk).held().values(*kept).get()
    for name, value in held.items():
        setattr(metric, name, value)


def _counted(points: Sequence[Point], kept: dict[str, Any]) -> tuple[list[Point], dict[str, Any]]:
    """Return the amounts that counters of several segments came to, and where each stands now."""
    by_segment: dict[str, list[Point]] = {}
    for point in points:
        by_segment.setdefault(point.segment, []).append(point)
    grown, states = list[Point](), dict(kept)
    for segment, found in by_segment.items():
        amounts, last = counted([(point.at, point.value) for point in found], _counter(kept.get(segment)))
        of_time = {point.at: point for point in found}
        grown += [replace(of_time[at], value=amount) for at, amount in amounts.items()]
        states[segment] = last and {"at": last.at.isoformat(), "value": last.value, "before": last.before}
    return grown, states


def _counter(kept: dict[str, Any] | None) -> Counter | None:
    return Counter(**{**kept, "at": datetime.fromisoformat(kept["at"])}) if kept else None


def _put_on_top(metric: Metric, points: Sequence[Point], since: datetime) -> list[Point]:
    """Return points with what stands at their times and was written since a moment added to them."""
    there: dict[tuple[datetime, str], float] = {}
    times = sorted({point.at for point in points})
    for start in range(0, len(times), BATCH):
        rows = metric.observations.filter(at__in=times[start : start + BATCH], recorded_at__gte=since)
        there |= {(at, segment): value for at, segment, value in rows.values_list("at", "segment", "value")}
    return [replace(point, value=point.value + there.get((point.at, point.segment), 0.0)) for point in points]


def _upsert(metric: Metric, points: Sequence[Point], now: datetime, collection: Collection | None) -> None:
    unique = {(point.at, point.segment): point for point in points}
    rows = [
        Observation(
            metric_id=metric.pk,
            at=point.at,
            segment=point.segment,
            value=point.value,
            weight=point.weight,
            whole_day=point.whole_day,
            recorded_at=now,
            collection_id=collection.pk if collection else None,
        )
        for point in unique.values()
    ]
    metric.observations.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["metric", "at", "segment"],
        update_fields=["value", "weight", "whole_day", "recorded_at", "collection"],
    )


def _move_rollups(metric: Metric, zone: ZoneInfo) -> None:
    before, metric.rollup_zone = metric.rollup_zone, zone.key
    if not before:  # there are none yet, and the zone is kept with the first reading
        return
    metric.rollups.all().delete()
    seen = metric.observations.values_list("at", "whole_day")
    roll_up(metric, {day_of(at, whole_day, zone) for at, whole_day in seen.iterator()}, zone)
    metric.save(update_fields=["rollup_zone"])


def _note_latest(metric: Metric, points: Sequence[Point], now: datetime, *, fetched: bool) -> None:
    """Keep the latest reading and how far the readings run beside the metric.

    A reading for a whole day runs to the end of its day, or to now while that day lasts. An amount that was fetched
    runs to now, because silence then means that nothing happened; a level and a pushed amount run to their own time.
    """
    latest = max(points, key=lambda point: (point.at, point.whole_day))
    if metric.last_at is not None and latest.at < metric.last_at:
        return
    metric.last_at, metric.last_value, metric.last_whole_day = latest.at, latest.value, latest.whole_day
    today = now.astimezone(metric.organisation.zone).date()
    if latest.whole_day and latest.at.date() < today and not (fetched and metric.missing_is_zero):
        metric.read_through, metric.read_until = latest.at.date(), None
    elif latest.whole_day or (fetched and metric.value_kind == ValueKind.FLOW):
        metric.read_through, metric.read_until = None, now
    else:
        metric.read_through, metric.read_until = None, min(latest.at, now)
    metric.save(update_fields=["last_at", "last_value", "last_whole_day", "read_until", "read_through", "rollup_zone"])


def _recall_latest(metric: Metric) -> None:
    """Find the latest reading again, after some were deleted."""
    row = metric.observations.order_by("-at").first()
    metric.last_at, metric.last_value = (row.at, row.value) if row else (None, None)
    metric.last_whole_day = bool(row and row.whole_day)
    metric.read_through = row.at.date() if row and row.whole_day else None
    metric.read_until = row.at if row and not row.whole_day else None
    metric.save(update_fields=["last_at", "last_value", "last_whole_day", "read_until", "read_through"])
