"""What the log of a connection adds up to: the hours that were added up, and call by call what was not yet.

The log of a gateway holds the calls of all connections behind it too, for they go through it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Max, Q

from connectors.calls.tallies import Tally, hour_of, summed
from connectors.errors import Misconfigured
from connectors.models import CallHour, CallRecord, Connection
from connectors.naming import names_in
from connectors.problems import problem
from connectors.protocol import Window, enriches
from organisations.tenancy import rows_within

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from connectors.protocol import Row
    from organisations.models import Organisation

HOUR, DAY = "hour", "day"
ONE_HOUR = timedelta(hours=1)
Hours = Sequence[tuple[int, datetime, Tally]]  # connection, hour (UTC), and what its calls add up to
GroupT = TypeVar("GroupT", bound=Hashable)


class NoLog:
    """There is no log to read: nothing is stored yet."""

    def rows(self, of: str, window: Window, *, by: str) -> Sequence[Row]:  # noqa: ARG002  the contract of a log
        """Refuse. Raises Misconfigured."""
        raise Misconfigured(problem("no_call_log"))


@dataclass(frozen=True, slots=True)
class LogOf:
    """The log of one organisation's connections."""

    organisation: Organisation

    def rows(self, of: str, window: Window, *, by: str) -> Sequence[Row]:
        """Return a row a stretch of time, each stretch whole. Raises Misconfigured."""
        row = rows_within(self.organisation, Connection).filter(name=of).first()
        if row is None:
            raise Misconfigured(problem("no_such_connection", name=of))
        zone = self.organisation.zone
        since = _beginning(window.since, by, zone)
        found = hours(self.organisation, logged_with(row), Window(since=since, until=window.until))
        tallies = by_day(found, zone) if by == DAY else by_hour(found)
        return [as_row(stretch, tally) for stretch, tally in tallies.items()]


def makes_calls(connection: Connection) -> bool:
    """Say whether anybody is called: values may arrive by themselves, or be read from this very log."""
    kind = connection.kind_module
    return (kind.COLLECTS or enriches(kind)) and not names_in(kind)


def logged_with(connection: Connection) -> list[int]:
    """Return the ids of the connections whose calls are a connection's: its own, and of those behind it."""
    return [connection.pk, *connection.behind.order_by("pk").values_list("pk", flat=True)]


def hours(organisation: Organisation, connections: Collection[int], window: Window) -> Hours:
    """Return what the calls of a stretch of time add up to, by connection and hour, in three queries.

    Hours that the window cuts, and those that are not added up yet, are counted call by call.
    """
    added = rows_within(organisation, CallHour).filter(connection__in=connections)
    calls = rows_within(organisation, CallRecord).filter(connection__in=connections)
    whole = _whole_hours(window, added.aggregate(latest=Max("hour"))["latest"])
    summed_up = added.filter(hour__gte=whole.since, hour__lt=whole.until).order_by()
    cut = Q(at__lt=min(whole.since, window.until)) | Q(at__gte=whole.until)
    others = calls.filter(cut, at__gte=window.since, at__lt=window.until).order_by()
    return [*_added(summed_up), *_counted(others)]


def _whole_hours(window: Window, latest: datetime | None) -> Window:
    """Return which hours of a stretch are whole and added up."""
    since = hour_of(window.since + ONE_HOUR - timedelta(microseconds=1))
    until = min(hour_of(window.until), latest + ONE_HOUR) if latest else since
    return Window(since=since, until=max(since, until))


def _added(rows: Any) -> Hours:
    columns = ("connection", "hour", "calls", "failed", "took", "size", "durations", "reasons")
    return [
        (pk, hour, Tally(calls=calls, failed=failed, took=took, size=size, durations=counted, reasons=reasons))
        for pk, hour, calls, failed, took, size, counted, reasons in rows.values_list(*columns)
    ]


def _counted(rows: Any) -> Hours:
    found: dict[tuple[int, datetime], list[tuple[float, int, str]]] = defaultdict(list)
    columns = ("connection", "at", "took", "size", "reason")
    for pk, at, took, size, reason in rows.values_list(*columns).iterator(chunk_size=5000):
        found[pk, hour_of(at)].append((took, size, reason))
    return [(pk, hour, Tally.of(calls)) for (pk, hour), calls in found.items()]


def within(found: Hours, window: Window) -> Hours:
    """Return the hours that begin in a stretch of time."""
    return [line for line in found if window.since <= line[1] < window.until]


def by_hour(found: Hours) -> dict[datetime, Tally]:
    """Add up by the hour, oldest first."""
    return _grouped(found, lambda _pk, hour: hour)


def by_day(found: Hours, zone: ZoneInfo) -> dict[date, Tally]:
    """Add up by the local day in which each hour begins, oldest first."""
    return _grouped(found, lambda _pk, hour: hour.astimezone(zone).date())


def by_connection(found: Hours) -> dict[int, Tally]:
    """Add up by connection."""
    return _grouped(found, lambda pk, _hour: pk)


def _grouped(found: Hours, group_of: Callable[[int, datetime], GroupT]) -> dict[GroupT, Tally]:
    groups: dict[GroupT, list[Tally]] = defaultdict(list)
    for pk, hour, tally in sorted(found, key=lambda line: line[1]):
        groups[group_of(pk, hour)].append(tally)
    return {group: summed(tallies) for group, tallies in groups.items()}


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first whole hour of a local day, in UTC."""
    midnight = datetime.combine(day, time.min, tzinfo=zone)
    return hour_of(midnight.astimezone(UTC) + ONE_HOUR - timedelta(microseconds=1))


def _beginning(since: datetime, by: str, zone: ZoneInfo) -> datetime:
    """Return where the hour or the day begins in which a moment lies, so that what is added up is whole."""
    return start_of_day(since.astimezone(zone).date(), zone) if by == DAY else hour_of(since)


def as_row(stretch: date | datetime, tally: Tally) -> dict[str, Any]:
    """Return what programs are told of a stretch of time; a date stands for the whole day."""
    return {"at": stretch.isoformat(), **as_figures(tally)}


def as_figures(tally: Tally) -> dict[str, Any]:
    """Return the figures of a tally by their names: seconds, bytes, and the error rate as a share."""
    shares = {name: getattr(tally, name) for name in ("error_rate", "mean", "p50", "p95", "p99")}
    exact = {name: None if value is None else round(value, 6) for name, value in shares.items()}
    took = exact.pop("mean")
    return {"calls": tally.calls, "failed": tally.failed, "size": tally.size, "took": took, **exact}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why calls failed: a class of reasons, how many there were, and the latest of them, where the log still has it."""

    reason: str
    calls: int
    latest: CallRecord | None


def failures(calls: Any, reasons: Mapping[str, int]) -> list[Failure]:
    """Return why calls failed, most frequent first, in two queries; `calls` are the lines of the log to look at."""
    named = calls.filter(reason__in=list(reasons)).order_by().values("reason").annotate(at=Max("at"))
    moments = [Q(reason=found["reason"], at=found["at"]) for found in named]
    latest = {row.reason: row for row in calls.filter(reduce(or_, moments, Q(pk=None))).order_by("pk")}
    ordered: Iterable[tuple[str, int]] = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Failure(reason=reason, calls=number, latest=latest.get(reason)) for reason, number in ordered]
