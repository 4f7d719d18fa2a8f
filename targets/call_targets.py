"""Rules of thumb about the calls of a connection, made targets: the call log is a source like any other.

A connection that reads the log, its feed and its metrics are made once for each connection whose calls are read, and
used again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors import asking
from connectors.calls.log import HOUR
from connectors.calls.tallies import Tally, summed
from connectors.models import Connection
from connectors.models.feed import Asks
from targets.domain.periods import local_day
from targets.domain.terms import Aggregation, Comparison, PeriodKind, ReadAs, ValueKind
from targets.models import Metric, Target

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django_stubs_ext import StrOrPromise

    from connectors.models import Feed
    from organisations.access import Access

KIND = "calls"
LONGEST = 100  # characters of a name
ROOM = 94  # of a name that leave room for a number behind it


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of thumb: which number of the log, how the readings of a period become one, and what is usually asked.

    `reads` are the columns of its metric. `lately` is what the last days came to, a tally for each, and `said` the
    sentence about it.
    """

    heading: StrOrPromise
    name: StrOrPromise
    reads: Mapping[str, Any]
    aggregation: Aggregation
    period: PeriodKind
    goal: float | None
    said: StrOrPromise
    lately: Callable[[Sequence[Tally]], float | None] = field(repr=False)


RULES: dict[str, Rule] = {
    "errors": Rule(
        heading=gettext_lazy("Make the error rate a target"),
        name=gettext_lazy("Error rate of %(name)s"),
        reads={
            "value_path": "failed",
            "weight_path": "calls",
            "read_as": ReadAs.RATIO.value,
            "value_kind": ValueKind.LEVEL.value,
            "scale": 100.0,
            "unit": "%",
            "decimals": 1,
            "higher_is_better": False,
        },
        aggregation=Aggregation.MEAN,
        period=PeriodKind.MONTH,
        goal=5.0,
        said=gettext_lazy("%(value)s of the calls of the last 30 days failed."),
        lately=lambda days: (summed(days).error_rate or 0.0) * 100,
    ),
    "slow": Rule(
        heading=gettext_lazy("Make the time of an answer a target"),
        name=gettext_lazy("95 of 100 answers of %(name)s"),
        reads={
            "value_path": "p95",
            "value_kind": ValueKind.LEVEL.value,
            "unit": "s",
            "decimals": 2,
            "higher_is_better": False,
        },
        aggregation=Aggregation.MEAN,
        period=PeriodKind.MONTH,
        goal=1.0,
        said=gettext_lazy("95 of 100 calls of the last 30 days were answered within %(value)s."),
        lately=lambda days: summed(days).p95,
    ),
    "quota": Rule(
        heading=gettext_lazy("Make the calls of a day a target"),
        name=gettext_lazy("Calls of %(name)s"),
        reads={
            "value_path": "calls",
            "value_kind": ValueKind.FLOW.value,
            "higher_is_better": False,
            "missing_is_zero": True,
        },
        aggregation=Aggregation.SUM,
        period=PeriodKind.DAY,
        goal=None,
        said=gettext_lazy("There were %(value)s calls on the busiest of the last 30 days."),
        lately=lambda days: float(max(tally.calls for tally in days)),
    ),
}


def usual_goal(rule: Rule, connection: Connection) -> float | None:
    """Return what a rule usually asks; of the calls of a day, the quota of the connection."""
    return float(connection.daily_quota) if rule.goal is None and connection.daily_quota else rule.goal


def name_of(rule: Rule, connection: Connection) -> str:
    """Return how the metric of a rule, and a target on it, are called."""
    return (str(rule.name) % {"name": connection.name})[:ROOM]


def set_up(rule: Rule, connection: Connection, access: Access, now: datetime) -> Metric:
    """Return the metric that a rule is about, made with all that it rests on where it is missing.

    A new one is due at `now`, with its history; whoever calls rings for it.
    """
    with transaction.atomic():
        feed = _feed(_reader(connection, access), now)
        found: Metric | None = feed.metrics.filter(**rule.reads).select_related("organisation", "feed").first()
        if found is not None:
            return found
        name = free_name(name_of(rule, connection), taken=access.rows(Metric).values_list("name", flat=True))
        made: Metric = feed.metrics.create(organisation=access.organisation, name=name, **rule.reads)
        asking.anew(feed, now)
        return made


def _reader(connection: Connection, access: Access) -> Connection:
    """Return the connection that reads the log of another."""
    found = access.rows(Connection).filter(kind=KIND, settings__of=connection.name).first()
    if found is not None:
        return found
    name = (_("Log of %(name)s") % {"name": connection.name})[:ROOM]
    made: Connection = access.organisation.connections.create(
        name=free_name(name, taken=access.rows(Connection).values_list("name", flat=True)),
        kind=KIND,
        settings={"of": connection.name},
    )
    return made


def _feed(reader: Connection, now: datetime) -> Feed:
    wanted = {"query__by": HOUR, "asks": Asks.WINDOW, "at_path": "at"}
    found: Feed | None = reader.feeds.filter(**wanted).first()
    if found is not None:
        return found
    name = free_name(_("Calls by the hour"), taken=reader.feeds.values_list("name", flat=True))
    made: Feed = reader.feeds.create(name=name, query={"by": HOUR}, asks=Asks.WINDOW, at_path="at", due_at=now)
    return made


def unsaved(rule: Rule, metric: Metric, access: Access, now: datetime, asked: Mapping[str, Any]) -> Target:
    """Return a target on a rule's metric: `asked` is its name, goal and period."""
    return Target(
        organisation=access.organisation,
        metric=metric,
        comparison=Comparison.AT_MOST.value,
        aggregation=rule.aggregation.value,
        owner=access.user,
        tracking_since=local_day(now, access.organisation.zone),
        **asked,
    )


def free_name(name: str, *, taken: Any) -> str:
    """Return a name with a number behind it where it is taken; `taken` are the names of its kind."""
    others = set(taken.filter(name__startswith=name))
    names = (name, *(f"{name} {number}" for number in range(2, len(others) + 2)))
    return next(each for each in names if each not in others)
