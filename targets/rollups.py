"""Adding readings up by local day, and the series that comes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from django.db.models import F, Max, Min, Q, Sum, Value
from django.db.models.functions import Coalesce, NullIf

from targets.domain.periods import local_day, start_of_day
from targets.domain.series import Series
from targets.models import DailyRollup, Metric

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from targets.models import Observation

ONE_DAY = timedelta(days=1)
LONGEST_GAP = 7 * ONE_DAY  # days further apart are read separately
LONGEST_RUN = 250  # days read at once
ADDED_UP = ["total", "count", "minimum", "maximum", "last", "last_at", "weighted", "weight"]
DayKey = tuple[date, str]
Row = tuple[date, float, int, float, float, float, float, float]  # as `Series.of` takes it, weights included
# the last readings of segments, where they do not add up; as they are where nothing was weighed
WEIGHED = Coalesce(Sum(F("last") * F("weight")) / NullIf(Sum("weight"), Value(0.0)), Sum("last"))


@dataclass(slots=True)
class Day:
    """One day and segment of a metric while its readings are added up."""

    total: float
    count: int
    minimum: float
    maximum: float
    last: float
    last_at: datetime
    weighted: float
    weight: float

    @classmethod
    def of(cls, value: float, weight: float, at: datetime) -> Self:
        """Begin a day with its first reading."""
        return cls(
            total=value,
            count=1,
            minimum=value,
            maximum=value,
            last=value,
            last_at=at,
            weighted=value * weight,
            weight=weight,
        )

    def add(self, value: float, weight: float, at: datetime) -> None:
        """Add one more reading."""
        self.total += value
        self.count += 1
        self.weighted += value * weight
        self.weight += weight
        self.minimum = min(self.minimum, value)
        self.maximum = max(self.maximum, value)
        if at >= self.last_at:
            self.last, self.last_at = value, at


def day_of(at: datetime, whole_day: bool, zone: ZoneInfo) -> date:
    """Return the local day a reading belongs to; a reading for a whole day has its date, whatever the zone."""
    return at.date() if whole_day else local_day(at, zone)


def roll_up(metric: Metric, touched: set[date], zone: ZoneInfo) -> None:
    """Add up the touched days anew. Where readings were deleted, their rollups have to be gone before."""
    for days in _runs(sorted(touched)):
        found = _add_up(_readings_around(metric, days[0], days[-1], zone), set(days).__contains__, zone)
        metric.rollups.bulk_create(
            [
                DailyRollup(
                    metric_id=metric.pk, on=on, segment=segment, **{name: getattr(day, name) for name in ADDED_UP}
                )
                for (on, segment), day in found.items()
            ],
            update_conflicts=True,
            unique_fields=["metric", "on", "segment"],
            update_fields=ADDED_UP,
        )


def added_up(metric: Metric, zone: ZoneInfo, *, since: date) -> list[Row]:
    """Return the days in any zone as `Series.of` takes them; segments are parts of one whole."""
    found = _add_up(_readings_around(metric, since, None, zone), since.__le__, zone)
    segments: dict[date, list[Day]] = {}
    for (on, _), day in sorted(found.items()):
        segments.setdefault(on, []).append(day)
    return [_whole(on, parts, is_mean=metric.is_mean) for on, parts in segments.items()]


def _whole(on: date, parts: Sequence[Day], *, is_mean: bool) -> Row:
    """Put the segments of a day together: their last readings add up, but those of a mean are weighed."""
    weight = sum(day.weight for day in parts)
    last = sum(day.last * day.weight for day in parts) / weight if is_mean else sum(day.last for day in parts)
    return (
        on,
        sum(day.total for day in parts),
        sum(day.count for day in parts),
        min(day.minimum for day in parts),
        max(day.maximum for day in parts),
        last,
        sum(day.weighted for day in parts),
        weight,
    )


def readings_of_days(metric: Metric, first: date, last: date, zone: ZoneInfo) -> QuerySet[Observation]:
    """Return a metric's readings of the local days from `first` to `last`, in no order."""
    around = _around(metric.observations.all(), first, last, zone)
    whole = Q(whole_day=True, at__gte=_utc_midnight(first), at__lt=_utc_midnight(last + ONE_DAY))
    timed = Q(whole_day=False, at__gte=start_of_day(first, zone), at__lt=start_of_day(last + ONE_DAY, zone))
    return around.filter(whole | timed)


def _add_up(
    readings: Iterable[tuple[datetime, bool, str, float, float]], is_wanted: Callable[[date], bool], zone: ZoneInfo
) -> dict[DayKey, Day]:
    found: dict[DayKey, Day] = {}
    for at, whole_day, segment, value, weight in readings:
        on = day_of(at, whole_day, zone)
        if not is_wanted(on):
            continue
        if (on, segment) in found:
            found[on, segment].add(value, weight, at)
        else:
            found[on, segment] = Day.of(value, weight, at)
    return found


def _runs(days: Sequence[date]) -> Iterator[list[date]]:
    """Split sorted days into stretches without long gaps, so that a correction of last year does not read this one."""
    run: list[date] = []
    for day in days:
        if run and (day - run[-1] > LONGEST_GAP or len(run) == LONGEST_RUN):
            yield run
            run = []
        run.append(day)
    if run:
        yield run


def _readings_around(
    metric: Metric, first: date, last: date | None, zone: ZoneInfo
) -> Iterable[tuple[datetime, bool, str, float, float]]:
    """Yield (at, whole_day, segment, value, weight) of the local days from `first` to `last`, and some beside them."""
    rows = _around(metric.observations.all(), first, last, zone)
    return rows.values_list("at", "whole_day", "segment", "value", "weight")


def _around(
    observations: QuerySet[Observation], first: date, last: date | None, zone: ZoneInfo
) -> QuerySet[Observation]:
    """Narrow readings to a plain range, which an index serves: it holds the local days and the same dates in UTC.

    A reading for a whole day stands at midnight UTC of its date, one with a time of day at that time.
    """
    rows = observations.filter(at__gte=min(_utc_midnight(first), start_of_day(first, zone))).order_by()
    if last is None:
        return rows
    after = last + ONE_DAY
    return rows.filter(at__lt=max(_utc_midnight(after), start_of_day(after, zone)))


def _utc_midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def series_of(metric: Metric, zone: ZoneInfo, *, since: date) -> Series:
    """Return the metric's days from `since` on, as they fall in `zone`; its segments are parts of one whole.

    Rollups stand in the organisation's zone. For another zone, readings that have a time of day are added up anew;
    readings for whole days keep their date in every zone.
    """
    if metric.rollup_zone == zone.key or not metric.observations.filter(whole_day=False).exists():
        rows = _rolled_up(metric, since)
    else:
        rows = added_up(metric, zone, since=since)
    through = start_of_day(metric.read_through + timedelta(days=1), zone) if metric.read_through else None
    return Series.of(rows, read_until=metric.read_until or through, last_read_at=metric.last_at)


def _rolled_up(metric: Metric, since: date) -> Iterable[Row]:
    rows = metric.rollups.filter(on__gte=since).order_by("on")
    summed = rows.values("on").annotate(
        whole=Sum("total"),
        readings=Sum("count"),
        least=Min("minimum"),
        most=Max("maximum"),
        level=WEIGHED if metric.is_mean else Sum("last"),
        weighing=Sum("weighted"),
        weights=Sum("weight"),
    )
    return summed.values_list("on", "whole", "readings", "least", "most", "level", "weighing", "weights")
