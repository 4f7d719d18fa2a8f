"""A metric as a line of the list and as a page: rows in, words out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from connectors.models.feed import RunningPeriod
from connectors.paths.picking import shown
from connectors.presenting import rhythm_words
from connectors.written.values import AUTO, FORMATS
from organisations.languages import ago, clock, full_day, grouped
from targets import wording
from targets.domain.terms import Status, ValueKind
from targets.moments import reading_time
from targets.numbers import Numbers, numbers_of
from targets.presenting import Line
from targets.sources import health_words

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from targets.models import Metric, Observation, Target

Days = Sequence[tuple[date, float]]
KINDS: dict[ValueKind, StrOrPromise] = {
    ValueKind.FLOW: gettext_lazy("Amounts that add up"),
    ValueKind.LEVEL: gettext_lazy("A level that goes up and down"),
    ValueKind.RUNNING: gettext_lazy("A running total"),
}
RUNNING_KINDS: dict[str, StrOrPromise] = {
    RunningPeriod.DAY.value: gettext_lazy("A running total of the day"),
    RunningPeriod.WEEK.value: gettext_lazy("A running total of the week"),
    RunningPeriod.MONTH.value: gettext_lazy("A running total of the month"),
    RunningPeriod.QUARTER.value: gettext_lazy("A running total of the quarter"),
    RunningPeriod.YEAR.value: gettext_lazy("A running total of the year"),
}
DISTINCT = gettext_lazy("Sum of daily counts: somebody who comes on three days counts three times.")


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRow:
    """One metric in the list."""

    pk: int
    name: str
    kind: str
    value: str
    when: str
    trend: list[float]
    connection: int
    source: str
    health: str
    targets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRow:
    """One reading in the table; `collection` is the check that brought it, None where it was typed in or pushed."""

    pk: int
    collection: int | None
    when: str
    segment: str
    value: str
    weight: str
    recorded: str


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A target that rests on the metric."""

    pk: int
    name: str
    status: Status
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingNow:
    """The latest reading, said in the target form."""

    name: str
    value: str
    source: str
    when: str


def metric_row(metric: Metric, days: Days, *, used_by: int, now: datetime, zone: ZoneInfo) -> MetricRow:
    """Return a metric as a line of the list."""
    return MetricRow(
        pk=metric.pk,
        name=metric.name,
        kind=kind_words(metric),
        value=numbers_of(metric).value(metric.last_value),
        when=last_words(metric, now, zone) or _("no reading yet"),
        trend=[value for _, value in days],
        connection=metric.feed.connection_id,
        source=metric.feed.connection.name,
        health=health_words(metric.feed, now, zone) if metric.feed.collects else "",
        targets=used_by,
    )


def metric_page(metric: Metric, days: Days, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """Return the words of a metric's page."""
    numbers, today = numbers_of(metric), now.astimezone(zone).date()
    return {
        "last_value": numbers.value(metric.last_value),
        "last_when": last_words(metric, now, zone),
        "kind": kind_words(metric),
        "written": "" if metric.number_format == AUTO else str(dict(FORMATS).get(metric.number_format, "")),
        "distinct": str(DISTINCT) if metric.counts_distinct else "",
        "health": health_words(metric.feed, now, zone),
        "rhythm": rhythm_words(metric.feed),
        "chart_heading": _("By day") if metric.value_kind == ValueKind.FLOW else _("Last value of each day"),
        "chart_text": _chart_text(metric, days, numbers, today),
        "last_point": len(days) - 1,
        "days": [Line(label=wording.day(on, today=today), value=numbers.value(value)) for on, value in reversed(days)],
    }


def is_under_way(metric: Metric, days: Days, now: datetime, zone: ZoneInfo) -> bool:
    """Say whether the last day is today's and has still to add up: beside whole days it would look like a drop."""
    today = now.astimezone(zone).date()
    return metric.value_kind == ValueKind.FLOW and bool(days) and days[-1][0] == today


def reading_rows(readings: Iterable[Observation], numbers: Numbers, now: datetime, zone: ZoneInfo) -> list[ReadingRow]:
    """Return readings as lines of the table."""
    return [
        ReadingRow(
            pk=row.pk,
            collection=row.collection_id,
            when=reading_time(row.at, whole_day=row.whole_day, now=now, zone=zone),
            segment=row.segment,
            value=numbers.value(row.value),
            weight=shown(row.weight),
            recorded=clock(row.recorded_at, now=now, zone=zone),
        )
        for row in readings
    ]


def reading_now(metric: Metric, now: datetime, zone: ZoneInfo) -> ReadingNow | None:
    """Return the latest reading for a sentence; None before the first."""
    if metric.last_at is None:
        return None
    return ReadingNow(
        name=metric.name,
        value=numbers_of(metric).value(metric.last_value),
        source=metric.feed.connection.name,
        when=last_words(metric, now, zone),
    )


def used_by(targets: Iterable[Target]) -> list[User]:
    """Return the targets that rest on a metric, each with its status."""
    return [
        User(pk=row.pk, name=row.name, status=Status(row.status), word=wording.status_word(Status(row.status)))
        for row in targets
    ]


def metrics_sentence(count: int, troubled: int) -> str:
    """Say how many numbers are kept and how many of those on the page have no working source."""
    kept = ngettext("%(count)s number is kept.", "%(count)s numbers are kept.", count) % {"count": grouped(count)}
    if not troubled:
        return kept
    silent = ngettext(
        "%(count)s of these has a source that does not answer.",
        "%(count)s of these have a source that does not answer.",
        troubled,
    )
    return f"{kept} {silent % {'count': grouped(troubled)}}"


def last_words(metric: Metric, now: datetime, zone: ZoneInfo) -> str:
    """Say when the latest reading was, or for which whole day it is. Nothing before the first."""
    if metric.last_at is None:
        return ""
    if metric.last_whole_day:
        day = full_day(metric.last_at.date(), today=now.astimezone(zone).date())  # it may end a sentence
        return _("for %(day)s") % {"day": day}
    return ago(metric.last_at, now=now, zone=zone)


def kind_words(metric: Metric) -> str:
    """Say what a metric's values are."""
    kind = ValueKind(metric.value_kind)
    return str(RUNNING_KINDS.get(metric.feed.running_period, KINDS[kind]) if kind == ValueKind.RUNNING else KINDS[kind])


def _chart_text(metric: Metric, days: Days, numbers: Numbers, today: date) -> str:
    if not days:
        return ""
    first, last = (full_day(on, today=today) for on in (days[0][0], days[-1][0]))
    return _("Line chart of %(name)s, %(first)s to %(last)s. The last value is %(value)s.") % {
        "name": metric.name,
        "first": first,
        "last": last,
        "value": numbers.value(days[-1][1]),
    }
