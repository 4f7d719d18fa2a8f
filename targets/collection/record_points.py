"""From records to readings: whatever changed, all records of the touched times are read again, so that twice is once.

Several records may share one time. What adds up is their sum; of anything else it is their mean, which weighs as much
as there are records. A metric that reads answers sees only the records that have one.
"""

from __future__ import annotations

import math
from collections.abc import Collection as Several
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.db.models import Min

from connectors.errors import FetchError
from connectors.extract import Point, gathered, read_each
from connectors.models import Collection, Record
from connectors.sifting import numbered
from targets.collection.finding import reading_of
from targets.domain.terms import ValueKind
from targets.record_rows import is_seen, reads_answers, row_of
from targets.recording import delete_readings, record_points

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from connectors.extract import Reading
    from connectors.models import Feed
    from targets.models import Metric

BATCH = 500  # times a statement


@dataclass(slots=True)
class Renewed:
    """What reading records again brought: the first local day of each metric that was touched, and how many points."""

    touched: dict[Metric, date] = field(default_factory=dict)
    points: int = 0


def renew(feed: Feed, times: Several[datetime], *, now: datetime) -> Renewed:
    """Bring the readings of a feed's metrics up to date with its records at some times.

    A metric without a reading yet is read from all records that it can see. Call it within the transaction that changed
    the records.
    """
    renewed = Renewed()
    metrics = list(feed.metrics.select_related("organisation", "feed"))
    known = [metric for metric in metrics if metric.last_at is not None]
    for rows, batch in _records(feed.records.all(), times if known else ()):
        for metric in known:
            _renew(metric, rows, batch, renewed, now)
    for metric in metrics:
        seen = feed.records.filter(answers__gt=0) if reads_answers(metric) else feed.records.all()
        for rows, batch in _records(seen, _times(seen)) if metric not in known else ():
            _renew(metric, rows, batch, renewed, now)
    for metric in renewed.touched:
        if reads_answers(metric):
            _know_only_what_is_answered(metric)
    return renewed


def _renew(metric: Metric, rows: list[Record], times: list[datetime], renewed: Renewed, now: datetime) -> None:
    points = points_of(metric, [row for row in rows if is_seen(metric, row)])
    renewed.points += sum(len(found) for found in points.values())
    since = [_write(metric, found, collection, now) for collection, found in points.items()]
    since.append(_take_away(metric, times, [point for found in points.values() for point in found]))
    for day in filter(None, since):
        renewed.touched[metric] = min(day, renewed.touched.get(metric, day))


def _times(records: QuerySet[Record]) -> list[datetime]:
    return list(records.order_by().values_list("at", flat=True).distinct())


def _records(records: QuerySet[Record], times: Several[datetime]) -> Iterator[tuple[list[Record], list[datetime]]]:
    """Yield the records of the times in their order, with the times that they are of."""
    wanted = sorted(times)
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        yield list(records.filter(at__in=batch).order_by("at", "pk")), batch


def points_of(metric: Metric, records: Iterable[Record]) -> dict[int | None, list[Point]]:
    """Return the points that records make, by the id of the collection that brought the last of a time.

    The records come in the order of their times. One that cannot be read was set aside when it came.
    """
    reading = replace(reading_of(metric), at_path="")
    points: dict[int | None, list[Point]] = {}
    for at, group in groupby(records, key=lambda record: record.at):
        rows = list(group)
        found = _read(rows, reading, at, ValueKind(metric.value_kind))
        whole_day = all(row.whole_day for row in rows)
        points.setdefault(rows[-1].collection_id, []).extend(replace(point, whole_day=whole_day) for point in found)
    return points


def _read(rows: Sequence[Record], reading: Reading, at: datetime, kind: ValueKind) -> list[Point]:
    try:
        read = read_each(numbered(row_of(row) for row in rows), reading, now=at)
    except FetchError:
        return []  # the collection says so of every metric that cannot be looked for
    if kind != ValueKind.LEVEL or reading.weight_path:
        return gathered(read, reading).points
    groups: dict[str, list[float]] = {}
    for each in read:
        if each.point is not None:
            groups.setdefault(each.point.segment, []).append(each.point.value)
    return [mean(at, segment, values) for segment, values in groups.items()]


def mean(at: datetime, segment: str, values: Sequence[float]) -> Point:
    """Return the mean of several levels of one time, which weighs as much as there are."""
    value = math.fsum(values) / len(values)
    return Point(at=at, whole_day=False, segment=segment, value=value, weight=float(len(values)))


def _write(metric: Metric, points: list[Point], brought_by: int | None, now: datetime) -> date | None:
    collection = Collection(pk=brought_by) if brought_by is not None else None
    return record_points(metric, points, now=now, collection=collection)


def _take_away(metric: Metric, times: Sequence[datetime], points: Iterable[Point]) -> date | None:
    """Delete the readings of times at which there is nothing any more: a record moved, or says another segment."""
    there = {(point.at, point.segment) for point in points}
    gone = [row for row in _readings(metric, times) if (row.at, row.segment) not in there]
    return delete_readings(metric, gone)


def _readings(metric: Metric, times: Sequence[datetime]) -> QuerySet[Any]:
    return metric.observations.filter(at__in=times)


def _know_only_what_is_answered(metric: Metric) -> None:
    """Let what a metric knows end before the first record that still waits: the rest of the time is not silence."""
    waits = metric.feed.records.filter(state=Record.State.WAITING).aggregate(first=Min("at"))["first"]
    if waits is not None and metric.read_until is not None and waits < metric.read_until:
        metric.read_until = waits
        metric.save(update_fields=["read_until"])
