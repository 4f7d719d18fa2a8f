"""The way back from a target's number: the days it is made of, the readings of a day, and the checks that brought them.

Rows in, words out. From a check its own page leads on, to the calls and what they answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, npgettext

from connectors.models import Collection
from organisations.languages import clock, clock_inside, grouped
from targets import wording
from targets.charts.drawn import SO_FAR, day_values
from targets.domain.periods import Period, period_at
from targets.domain.standing import known_to, standing_of
from targets.domain.terms import Aggregation, ReadAs
from targets.numbers import Numbers, numbers_of
from targets.plans import plan_of, plan_then
from targets.presenting import period_of
from targets.rollups import day_of, readings_of_days, series_of

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django_stubs_ext import StrOrPromise

    from organisations.access import Access
    from targets.domain.plan import Plan
    from targets.domain.series import Series
    from targets.models import Metric, Observation, PeriodResult, Target

OF_A_DAY: dict[Aggregation, StrOrPromise] = {
    Aggregation.SUM: gettext_lazy("That day"),
    Aggregation.MEAN: gettext_lazy("Mean of the day"),
    Aggregation.LATEST: gettext_lazy("Last of the day"),
    Aggregation.MAXIMUM: gettext_lazy("Highest of the day"),
    Aggregation.MINIMUM: gettext_lazy("Lowest of the day"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """Where readings came from: the one check that brought them, or words where it was none or several."""

    words: str
    connection: int | None = None
    check: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLine:
    """One day that has readings: its value, and the value of the period when it had ended."""

    on: date
    day: str
    readings: str
    value: str
    so_far: str
    brought: Brought


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingLine:
    """One reading of a day."""

    when: str
    segment: str
    value: str
    recorded: str
    brought: Brought


@dataclass(frozen=True, kw_only=True)
class MadeOf:
    """The readings of one period of a target. `zone` is the reader's, in which clock times are said."""

    plan: Plan
    period: Period
    metric: Metric
    now: datetime
    zone: ZoneInfo

    @cached_property
    def numbers(self) -> Numbers:
        """How the metric's numbers are written."""
        return numbers_of(self.metric)

    @cached_property
    def known(self) -> Series:
        """The days of the period as they are judged, with zeros for missing days where the metric says so."""
        return known_to(self.plan, self._read, self.now, self.period)

    @cached_property
    def _read(self) -> Series:
        """The days on which something was read, and later ones."""
        return series_of(self.metric, self.period.zone, since=self.period.starts_on)

    @cached_property
    def days(self) -> list[tuple[date, float, float, int]]:
        """Each day with its value, the value of the period so far, and how many readings it counts; latest first."""
        standing = standing_of(self.plan, self.known, self.period)
        inside = standing.inside
        values = day_values(self.plan, inside)
        counts = dict(zip(self._read.days.tolist(), self._read.count.tolist(), strict=True))
        rows = zip(inside.days.tolist(), values, standing.course.tolist(), strict=True)
        return [(on, value, so_far, int(counts.get(on, 0))) for on, value, so_far in rows][::-1]

    @property
    def has_so_far(self) -> bool:
        """Whether the value of the period differs from that of its last day."""
        return self.plan.kind != Aggregation.LATEST

    @property
    def day_word(self) -> str:
        """What the value of a day is."""
        return str(OF_A_DAY[self.plan.kind])

    @property
    def so_far_word(self) -> str:
        """What the value of the period is, at the end of a day."""
        return str(SO_FAR.get(self.plan.kind, "")) or _("Total so far")

    def sentence(self) -> str:
        """Say how the readings make the number."""
        if not self.days:
            return _("There is no reading in this period yet.")
        last_on, so_far = self.days[0][0], self.days[0][2]
        readings = sum(day[3] for day in self.days)
        is_ratio = self.metric.read_as == ReadAs.RATIO
        return _sentence(self.plan.kind, readings, is_ratio=is_ratio) % {
            "value": self.numbers.value(so_far),
            "count": grouped(readings),
            "day": wording.full_day(last_on, today=self.period.day_of(self.now)),
        }

    def day_lines(self, days: Sequence[tuple[date, float, float, int]], checks: Checks) -> list[DayLine]:
        """Return some of the days as lines, each with what brought it."""
        return [
            DayLine(
                on=on,
                day=self._day(on),
                readings=grouped(checks.readings(on) or count),
                value=self.numbers.value(value),
                so_far=self.numbers.value(so_far),
                brought=checks.of_day(on),
            )
            for on, value, so_far, count in days
        ]

    def reading_lines(self, rows: Iterable[Observation], checks: Checks) -> list[ReadingLine]:
        """Return the readings of a day as lines."""
        return [
            ReadingLine(
                when=_("Whole day") if row.whole_day else clock(row.at, now=self.now, zone=self.zone),
                segment=row.segment,
                value=self.numbers.value(row.value),
                recorded=clock(row.recorded_at, now=self.now, zone=self.zone),
                brought=checks.of_reading(row),
            )
            for row in rows
        ]

    def readings(self, first: date, last: date) -> QuerySet[Observation]:
        """Return the readings of some of the period's days, in no order."""
        return readings_of_days(self.metric, first, last, self.period.zone)

    def checks(self, access: Access, first: date, last: date) -> Checks:
        """Return what brought the readings of some of the period's days."""
        found: dict[date, dict[int | None, int]] = {}
        brought = self.readings(first, last).values_list("at", "whole_day", "collection_id")
        for at, whole_day, collection in brought:
            day = found.setdefault(day_of(at, whole_day, self.period.zone), {})
            day[collection] = day.get(collection, 0) + 1
        wanted = {key for day in found.values() for key in day if key is not None}
        kept = access.rows(Collection).select_related("feed").in_bulk(wanted)
        return Checks(found, kept, self)

    def _day(self, on: date) -> str:
        return wording.day(on, today=self.period.day_of(self.now))


@dataclass(frozen=True, slots=True)
class Checks:
    """For each day how many readings each check brought, and the checks that are still kept."""

    by_day: Mapping[date, Mapping[int | None, int]]
    kept: Mapping[int, Collection]
    made_of: MadeOf

    def readings(self, on: date) -> int:
        """Return how many readings a day has."""
        return sum(self.by_day.get(on, {}).values())

    def of_day(self, on: date) -> Brought:
        """Say what brought the readings of a day."""
        found = self.by_day.get(on, {})
        if not found:
            return Brought(words=_("Nothing was read, which counts as 0"))
        if len(found) > 1:
            checks = sum(key is not None for key in found)
            return Brought(words=ngettext("%(count)s check", "%(count)s checks", checks) % {"count": grouped(checks)})
        return self._brought(next(iter(found)))

    def of_reading(self, row: Observation) -> Brought:
        """Say what brought a reading."""
        return self._brought(row.collection_id)

    def _brought(self, key: int | None) -> Brought:
        if key is None:
            return Brought(words=_("Typed in or pushed"))
        run = self.kept.get(key)
        if run is None:
            return Brought(words=_("A check that is no longer kept"))
        made_of = self.made_of
        when = clock_inside(run.started_at, now=made_of.now, zone=made_of.zone)
        return Brought(words=when, connection=run.feed.connection_id, check=run.pk)


def present_readings(target: Target, now: datetime, zone: ZoneInfo) -> MadeOf:
    """Return what the number of the present period is made of, in the period of the latest verdict."""
    plan = plan_of(target)
    if target.period_starts_on and target.period_ends_on:
        period = period_of(plan, target.period_starts_on, target.period_ends_on)
    else:
        period = period_at(plan.rule, plan.calendar, now)
    return MadeOf(plan=plan, period=period, metric=target.metric, now=now, zone=zone)


def past_readings(target: Target, result: PeriodResult, metric: Metric, now: datetime, zone: ZoneInfo) -> MadeOf:
    """Return what the number of a closed period is made of: the readings of the `metric` it was asked of then."""
    plan = plan_then(target, result)
    period = period_of(plan, result.starts_on, result.ends_on)
    return MadeOf(plan=plan, period=period, metric=metric, now=now, zone=zone)


def sheet_rows(made_of: MadeOf, rows: Iterable[Observation]) -> Iterator[list[object]]:
    """Yield each reading for a table to take away: day, time, segment, value, when it was stored, by which check."""
    zone = made_of.period.zone
    for row in rows:
        yield [
            day_of(row.at, row.whole_day, zone),
            None if row.whole_day else row.at.astimezone(zone).isoformat(timespec="seconds"),
            row.segment,
            row.value,
            row.recorded_at.astimezone(zone).isoformat(timespec="seconds"),
            row.collection_id,
        ]


def _sentence(kind: Aggregation, readings: int, *, is_ratio: bool) -> str:
    """Return the sentence that says how so many readings make one value."""
    if kind == Aggregation.SUM:
        return ngettext("%(count)s reading makes %(value)s.", "%(count)s readings add up to %(value)s.", readings)
    if kind == Aggregation.MEAN and is_ratio:
        return npgettext(
            "ratio",
            "%(count)s reading is %(value)s.",
            "%(count)s readings, divided sum by sum, make %(value)s.",
            readings,
        )
    if kind == Aggregation.MEAN:
        return npgettext(
            "mean", "%(count)s reading is %(value)s.", "The mean of %(count)s readings is %(value)s.", readings
        )
    if kind == Aggregation.MAXIMUM:
        return npgettext(
            "highest", "%(count)s reading is %(value)s.", "The highest of %(count)s readings is %(value)s.", readings
        )
    if kind == Aggregation.MINIMUM:
        return npgettext(
            "lowest", "%(count)s reading is %(value)s.", "The lowest of %(count)s readings is %(value)s.", readings
        )
    return ngettext(
        "%(count)s reading, of %(day)s, is %(value)s.",
        "The last of %(count)s readings, of %(day)s, is %(value)s.",
        readings,
    )
