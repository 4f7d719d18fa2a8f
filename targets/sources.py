"""Where numbers come from and how that is going, in words. The health of data is never mixed with a target's status."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connectors.models.feed import EVERY_CHOICES, Health, Outcome
from targets.moments import ago, clock

if TYPE_CHECKING:
    from connectors.models import Collection, Connection, Feed

TROUBLED = frozenset({Health.STALE, Health.FAILING, Health.UNAUTHORISED})
RHYTHMS = {minutes: label.lower() for minutes, label in EVERY_CHOICES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A connection that needs somebody, and why."""

    pk: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How old what one sees is: a sentence, how many connections are asked, and those that need somebody."""

    sentence: str
    sources: int
    troubled: list[Trouble]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One collection as a line of the log."""

    at: datetime
    time: str
    result: str
    readings: str
    took: str


def freshness(feeds: Sequence[Feed], now: datetime, zone: ZoneInfo) -> Freshness:
    """Say when the sources were last asked and how many of them answer."""
    asked = [feed for feed in feeds if feed.collects and feed.paused_at is None]
    if not asked:
        return Freshness(sentence="Readings are typed in or pushed: nobody is asked.", sources=0, troubled=[])
    sources = {feed.connection for feed in asked}
    troubled = {feed.connection: feed for feed in asked if feed.health in TROUBLED}
    collected = [feed.collected_at for feed in asked if feed.collected_at]
    checked = f"Checked {ago(max(collected), now, zone)}." if collected else "Not checked yet."
    answers = f"{len(sources) - len(troubled)} of {len(sources)} source{'s' if len(sources) > 1 else ''}"
    verb = "answers" if len(sources) == 1 else "answer"
    return Freshness(
        sentence=f"{checked} {answers} {verb}" + (";" if troubled else "."),
        sources=len(sources),
        troubled=[Trouble(pk=source.pk, sentence=_brief(source, feed)) for source, feed in troubled.items()],
    )


def trouble_with(feed: Feed, now: datetime, zone: ZoneInfo) -> str:
    """Say what is wrong with a feed, since when and with which message; nothing when it is well."""
    if feed.paused_at is not None:
        return f"{feed.connection} is paused: no new readings are collected."
    if feed.health not in TROUBLED:
        return ""
    since = f" since {ago(feed.failing_since, now, zone)}" if feed.failing_since else ""
    said = f": {feed.message.rstrip('.')}" if feed.message else ""
    if feed.health == Health.UNAUTHORISED:
        return f"{feed.connection} refuses its key{since}{said}."
    return f"{feed.connection} does not answer{since}{said}."


def health_words(feed: Feed, now: datetime, zone: ZoneInfo) -> str:
    """Say how a feed is doing in a few words."""
    if not feed.collects:
        return "Typed in or pushed"
    if feed.paused_at is not None:
        return "Paused"
    last = f", last answer {ago(feed.answered_at, now, zone)}" if feed.answered_at else ""
    return f"{Health(feed.health).label}{last}"


def rhythm_words(feed: Feed) -> str:
    """Say how often a feed is asked, or its readings are expected."""
    return RHYTHMS.get(feed.every, f"every {feed.every:,} minutes")


def checks_of(collections: Iterable[Collection], now: datetime, zone: ZoneInfo) -> list[Check]:
    """Return collections as lines of a log."""
    return [
        Check(
            at=run.started_at,
            time=clock(run.started_at, now, zone),
            result=run.message or Outcome(run.outcome).label,
            readings=f"{run.observations:,}" if run.outcome == Outcome.OK else "–",
            took=_took(run.finished_at - run.started_at) if run.finished_at else "–",
        )
        for run in collections
    ]


def checks_summary(feed: Feed, *, answered: int, of: int) -> str:
    """Say how often a feed is asked and how reliably it answers; nothing for one that nobody asks."""
    if not feed.collects:
        return ""
    share = f"; {answered / of:.1%} answered in 30 days".replace(".0%", "%") if of else ""
    return f"{rhythm_words(feed)}{share}"


def _brief(source: Connection, feed: Feed) -> str:
    return f"{source} needs a new key" if feed.health == Health.UNAUTHORISED else f"{source} does not answer"


def _took(stretch: timedelta) -> str:
    seconds = stretch.total_seconds()
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
