"""What the page about the calls of a connection shows, from what they add up to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.calls.chart import Point, drawn
from connectors.calls.figures import figures, points_words, rate_words, reason_words, sentence, took_words
from connectors.calls.log import HOUR, Hours, by_connection, by_day, by_hour, within
from connectors.calls.tallies import Tally, summed
from organisations.languages import clock, day, grouped, percent, time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from connectors.calls.log import Failure
    from connectors.calls.spans import Span
    from connectors.models import CallRecord, Connection

NAMED = {1: 6, 7: 2, 30: 7}  # by days: every so manyth stretch has its name under the chart
NOTHING = Tally()


@dataclass(frozen=True, slots=True, kw_only=True)
class StretchRow:
    """One hour or day in the table under the chart."""

    label: str
    calls: str
    failed: str
    rate: str
    half: str
    most: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaRow:
    """How much of a day's quota was used; `share` is a width, 100 % at most."""

    label: str
    used: str
    share: str
    words: str
    is_over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureRow:
    """Why calls failed: of which class, how many, and what the latest of them said, where it is still there."""

    reason: str
    words: str
    number: int
    calls: str
    said: str
    when: str
    latest: CallRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was read for a page: the hours of the stretch and those of a week before, and the clock of the reader."""

    span: Span
    found: Hours
    before: Hours
    now: datetime
    zone: ZoneInfo  # the organisation's, whose days are counted


def call_page(seen: Seen) -> dict[str, Any]:
    """Return figures, chart and table of a stretch of time."""
    window = seen.span.window(seen.now, seen.zone)
    stretches = _stretches(seen, within(seen.found, window))
    tally, before = summed(one for _label, one in stretches), summed(line[2] for line in seen.before)
    lead, rest = sentence(tally, seen.span)
    return {
        "lead": lead,
        "rest": rest,
        "tally": tally,
        "figures": figures(tally, before),
        "drawing": drawn([_point(label, one) for label, one in stretches], step=NAMED[seen.span.days]),
        "stretches": [_row(label, one) for label, one in reversed(stretches)],
        "by_hour": seen.span.by == HOUR,
    }


def _stretches(seen: Seen, found: Hours) -> list[tuple[str, Tally]]:
    """Return what each hour or day adds up to, with its name, oldest first; one without a call is there too."""
    if seen.span.by == HOUR:
        hours = by_hour(found)
        return [(time(hour, zone=seen.zone), hours.get(hour, NOTHING)) for hour in seen.span.every_hour(seen.now)]
    days, today = by_day(found, seen.zone), seen.now.astimezone(seen.zone).date()
    return [(day(on, today=today), days.get(on, NOTHING)) for on in seen.span.every_day(seen.now, seen.zone)]


def _point(label: str, tally: Tally) -> Point:
    return Point(label=label, calls=tally.calls, failed=tally.failed, slow=tally.p95)


def _row(label: str, tally: Tally) -> StretchRow:
    return StretchRow(
        label=label,
        calls=grouped(tally.calls),
        failed=grouped(tally.failed),
        rate=rate_words(tally.error_rate),
        half=took_words(tally.p50),
        most=took_words(tally.p95),
    )


def quota_rows(seen: Seen, quota: int, span: Span) -> list[QuotaRow]:
    """Return how much of the daily quota each day used, latest first."""
    days, today = by_day(seen.found, seen.zone), seen.now.astimezone(seen.zone).date()
    return [
        _quota_row(day(on, today=today), days.get(on, NOTHING).calls, quota)
        for on in reversed(span.every_day(seen.now, seen.zone))
    ]


def _quota_row(label: str, calls: int, quota: int) -> QuotaRow:
    return QuotaRow(
        label=label,
        used=grouped(calls),
        share=f"{min(calls / quota, 1) * 100:.1f}%",
        words=percent(calls / quota),
        is_over=calls > quota,
    )


def failure_rows(failures: Iterable[Failure], now: datetime, zone: ZoneInfo) -> list[FailureRow]:
    """Return why calls failed, as it is listed."""
    return [
        FailureRow(
            reason=each.reason,
            words=reason_words(each.reason),
            number=each.calls,
            calls=grouped(each.calls),
            said=each.latest.error if each.latest else "",
            when=clock(each.latest.at, now=now, zone=zone) if each.latest else "",
            latest=each.latest,
        )
        for each in failures
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRow:
    """One connection among those that make calls; `change` is how its error rate differs from the week before."""

    pk: int
    name: str
    calls: str
    rate: str
    failed: bool
    most: str
    change: str


def connection_rows(rows: Sequence[Connection], found: Hours, before: Hours) -> list[ConnectionRow]:
    """Return the connections, the one with the highest error rate first, then the slowest, then the busiest."""
    now, then = with_those_behind(rows, by_connection(found)), with_those_behind(rows, by_connection(before))
    ordered = sorted(rows, key=lambda row: _urgency(now[row.pk]))
    return [_connection_row(row, now[row.pk], then[row.pk]) for row in ordered]


def with_those_behind(rows: Iterable[Connection], tallies: Mapping[int, Tally]) -> dict[int, Tally]:
    """Return what each connection's calls add up to; those of a gateway with those that go through it."""
    own = {row.pk: [tallies.get(row.pk, NOTHING)] for row in rows}
    for row in rows:
        if row.gateway_id in own:
            own[row.gateway_id].append(tallies.get(row.pk, NOTHING))
    return {pk: summed(each) for pk, each in own.items()}


def _urgency(tally: Tally) -> tuple[float, float, int]:
    return -(tally.error_rate or 0.0), -(tally.p95 or 0.0), -tally.calls


def _connection_row(row: Connection, tally: Tally, before: Tally) -> ConnectionRow:
    return ConnectionRow(
        pk=row.pk,
        name=row.name,
        calls=grouped(tally.calls),
        rate=rate_words(tally.error_rate),
        failed=tally.failed > 0,
        most=took_words(tally.p95),
        change=points_words(tally, before),
    )


def slowest(calls: Any, most: int) -> list[CallRecord]:
    """Return the calls that took longest, in two queries: the first sorts no more than it needs."""
    ids: Sequence[int] = list(calls.order_by("-took", "-pk").values_list("pk", flat=True)[:most])
    return sorted(calls.select_related("connection").filter(pk__in=ids), key=lambda call: -call.took)
