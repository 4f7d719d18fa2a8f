"""How connections and feeds are doing, in words. Health is about data; it is never a target's status."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from connectors.fields import pairs
from connectors.models import Connection, Feed
from connectors.models.feed import EVERY_CHOICES, Asks, Health
from connectors.trials import weight

if TYPE_CHECKING:
    from connectors.models import CallRecord

WORST_FIRST = (Health.UNAUTHORISED, Health.FAILING, Health.STALE, Health.WAITING, Health.FRESH, Health.PAUSED)
TROUBLE = frozenset({Health.UNAUTHORISED, Health.FAILING, Health.STALE})
ICONS = {
    Health.WAITING: "upcoming",
    Health.FRESH: "met",
    Health.STALE: "no_data",
    Health.FAILING: "missed",
    Health.UNAUTHORISED: "at_risk",
    Health.PAUSED: "paused",
}
BY_ITSELF = "Arrives by itself"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthView:
    """A health as it is drawn: a word and a sign."""

    key: str
    word: str
    icon: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One connection in the list; `rate` is the share of collections that were answered, None without any."""

    connection: Connection
    health: HealthView
    answered_at: datetime | None
    rate: float | None
    metrics: tuple[str, ...]

    @property
    def percent(self) -> str:
        """The success rate for people: never 100% while something failed."""
        if self.rate is None:
            return "–"
        return ">99%" if 0.995 <= self.rate < 1 else f"{self.rate:.0%}"


def health_of(feed: Feed) -> Health:
    """Return the health of a feed now."""
    return feed.health_at(timezone.now())


def worst_of(feeds: Iterable[Feed]) -> Health:
    """Return the health that speaks for several feeds: the one that needs somebody most."""
    found = {health_of(feed) for feed in feeds}
    return next((health for health in WORST_FIRST if health in found), Health.WAITING)


def health_view(health: Health) -> HealthView:
    """Return how a health is drawn."""
    return HealthView(key=health.value, word=str(health.label), icon=ICONS[health])


def connection_health(connection: Connection, feeds: Sequence[Feed]) -> HealthView:
    """Return how the health of a connection is drawn; nobody is asked where values arrive by themselves."""
    if not connection.kind_module.COLLECTS:
        return HealthView(key="by-itself", word=BY_ITSELF, icon="info")
    return health_view(worst_of(feeds))


def list_sentence(rows: Sequence[Row]) -> tuple[str, str]:
    """Say how many connections answer, and which one needs somebody; paused ones do not count."""
    asked = [row for row in rows if row.connection.kind_module.COLLECTS and row.health.key != Health.PAUSED]
    if not asked:
        return ("Nobody is asked at present.", "Numbers are typed in or pushed.") if rows else ("", "")
    troubled = [row for row in asked if row.health.key in TROUBLE]
    answering = sum(row.health.key == Health.FRESH for row in asked)
    lead = f"All {answering} answer." if answering == len(asked) > 1 else f"{answering} of {len(asked)} answer."
    if len(asked) == answering == 1:
        lead = f"{asked[0].connection} answers."
    return lead, " ".join(f"{row.connection}: {row.health.word.lower()}." for row in troubled[:3])


def detail_sentence(connection: Connection, feeds: Sequence[Feed]) -> tuple[str, str]:
    """Say how a connection is doing, and what came of it last."""
    if not connection.kind_module.COLLECTS:
        return "Nobody is asked.", "Values are typed in on the metric's page or sent to the API."
    if not feeds:
        return "Nothing is asked of it yet.", ""
    worst = next(feed for health in WORST_FIRST for feed in feeds if health_of(feed) == health)
    return WORDS[health_of(worst)], worst.message if health_of(worst) in TROUBLE else ""


WORDS = {
    Health.WAITING: "It has not been asked yet.",
    Health.FRESH: "It answers.",
    Health.STALE: "It has been silent for a while.",
    Health.FAILING: "It does not answer as it should.",
    Health.UNAUTHORISED: "It needs a new key.",
    Health.PAUSED: "It is paused.",
}


def asked_address(feed: Feed) -> str:
    """Return what a feed asks, for people: method, path and parameters, with the placeholders as they are."""
    query = feed.query
    params = "&".join(f"{name}={value}" for name, value in pairs(query.get("params", ""), separator="="))
    path = "/".join(part for part in (feed.connection.address.rstrip("/"), query.get("path", "")) if part)
    return f"{query.get('method', 'GET')} {path}{'?' if params else ''}{params}"


def rhythm(feed: Feed) -> str:
    """Say how often a feed asks, and for what."""
    every = dict(EVERY_CHOICES).get(feed.every, f"Every {feed.every} minutes")
    if feed.asks == Asks.PERIOD:
        return f"{every}, for the {feed.running_period} so far"
    return f"{every}, for {Asks(feed.asks).label.lower()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """One request as it is listed: what came of it, and how it went."""

    call: CallRecord
    outcome: str
    failed: bool
    took: str
    size: str


def call_views(calls: Iterable[CallRecord]) -> list[CallView]:
    """Return requests as they are listed."""
    return [
        CallView(
            call=call,
            outcome=outcome(call),
            failed=bool(call.error) or call.status is None,
            took=f"{call.took * 1000:,.0f} ms",
            size=weight(call.size),
        )
        for call in calls
    ]


def outcome(call: CallRecord) -> str:
    """Say what came of one call."""
    if call.error:
        return call.error
    return f"{call.status} OK" if call.status else "No answer"
