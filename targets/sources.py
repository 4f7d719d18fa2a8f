"""Where numbers come from and how that is going, in words. The health of data is never mixed with a target's status."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors.models.feed import Health, Outcome
from connectors.presenting import TROUBLE, rhythm_words
from organisations.languages import ago, clock, clock_inside, duration, grouped, percent

if TYPE_CHECKING:
    from connectors.models import Collection, Connection, Feed


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
    """One collection as a line of the log; `pk` and `connection` lead to its page."""

    pk: int
    connection: int
    at: datetime
    time: str
    result: str
    readings: str
    took: str


def freshness(feeds: Sequence[Feed], now: datetime, zone: ZoneInfo) -> Freshness:
    """Say when the sources were last asked and how many of them answer."""
    asked = [feed for feed in feeds if feed.collects and feed.paused_at is None]
    if not asked:
        return Freshness(sentence=_why_nobody_is_asked(feeds), sources=0, troubled=[])
    sources = {feed.connection for feed in asked}
    troubled = {feed.connection: feed for feed in asked if feed.health_at(now) in TROUBLE}
    collected = max((feed.collected_at for feed in asked if feed.collected_at), default=None)
    return Freshness(
        sentence=_freshness_words(
            answering=len(sources) - len(troubled),
            sources=len(sources),
            checked=ago(collected, now=now, zone=zone) if collected else "",
        ),
        sources=len(sources),
        troubled=[Trouble(pk=source.pk, sentence=_brief(source, feed, now)) for source, feed in troubled.items()],
    )


def _why_nobody_is_asked(feeds: Sequence[Feed]) -> str:
    if any(feed.collects for feed in feeds):
        return _("All checks are paused: nobody is asked at present.")
    return _("Readings are typed in or pushed: nobody is asked.")


def _freshness_words(*, answering: int, sources: int, checked: str) -> str:
    """Say both in one sentence each; where some do not answer it ends open, for they are named after it."""
    counts = {"answering": grouped(answering), "sources": grouped(sources), "checked": checked}
    if not checked:
        return _("Not checked yet.")
    if answering < sources:
        return (
            ngettext(
                "Checked %(checked)s. %(answering)s of %(sources)s source answers;",
                "Checked %(checked)s. %(answering)s of %(sources)s sources answer;",
                sources,
            )
            % counts
        )
    return (
        ngettext(
            "Checked %(checked)s. %(answering)s of %(sources)s source answers.",
            "Checked %(checked)s. %(answering)s of %(sources)s sources answer.",
            sources,
        )
        % counts
    )


def trouble_with(feed: Feed, now: datetime, zone: ZoneInfo) -> str:
    """Say what is wrong with a feed, since when and with which message; nothing when it is well."""
    health = feed.health_at(now)
    name = {"name": feed.connection.name}
    if health == Health.PAUSED:
        return _("%(name)s is paused: no new readings are collected.") % name
    if health == Health.STALE and feed.answered_at:
        return _("%(name)s has been silent: its last answer came %(when)s.") % {
            **name,
            "when": ago(feed.answered_at, now=now, zone=zone),
        }
    if health not in TROUBLE:
        return ""
    since = clock_inside(feed.failing_since, now=now, zone=zone) if feed.failing_since else ""
    said = (_refusal(health, {**name, "since": since}), feed.message, _last_good(feed, now, zone))
    return " ".join(part for part in said if part)


def _last_good(feed: Feed, now: datetime, zone: ZoneInfo) -> str:
    """Say how old what one sees is; nothing where it never answered."""
    if feed.answered_at is None:
        return ""
    return _("The numbers are those of its last answer, %(when)s.") % {
        "when": ago(feed.answered_at, now=now, zone=zone)
    }


def _refusal(health: Health, named: dict[str, str]) -> str:
    if health == Health.UNAUTHORISED:
        sentence = (
            _("%(name)s has refused its key since %(since)s.") if named["since"] else _("%(name)s refuses its key.")
        )
    elif named["since"]:
        sentence = _("%(name)s has not answered since %(since)s.")
    else:
        sentence = _("%(name)s does not answer.")
    return sentence % named


def health_words(feed: Feed, now: datetime, zone: ZoneInfo) -> str:
    """Say how a feed is doing in a few words."""
    if not feed.collects:
        return _("Typed in or pushed")
    health = feed.health_at(now)
    if health == Health.PAUSED or feed.answered_at is None:
        return str(health.label)
    return _("%(health)s, last answer %(when)s") % {
        "health": health.label,
        "when": ago(feed.answered_at, now=now, zone=zone),
    }


def checks_of(collections: Iterable[Collection], now: datetime, zone: ZoneInfo) -> list[Check]:
    """Return collections, with their feeds at hand, as lines of a log."""
    return [
        Check(
            pk=run.pk,
            connection=run.feed.connection_id,
            at=run.started_at,
            time=clock(run.started_at, now=now, zone=zone),
            result=run.message or str(Outcome(run.outcome).label),
            readings=grouped(run.observations) if run.outcome == Outcome.OK or run.observations else "–",
            took=took(run) or "–",
        )
        for run in collections
    ]


def took(run: Collection) -> str:
    """Say how long a check took; nothing while it is under way."""
    return duration((run.finished_at - run.started_at).total_seconds()) if run.finished_at else ""


def checks_summary(feed: Feed, *, answered: int, of: int) -> str:
    """Say how often a feed is asked and how reliably it answers; nothing for one that nobody asks."""
    if not feed.collects:
        return ""
    rhythm = rhythm_words(feed)
    if not of:
        return rhythm
    share = answered / of
    decimals = 0 if share == 1 else 1
    return _("%(rhythm)s; %(share)s answered in 30 days") % {"rhythm": rhythm, "share": percent(share, decimals)}


def _brief(source: Connection, feed: Feed, now: datetime) -> str:
    sentences = {
        Health.UNAUTHORISED: _("%(name)s needs a new key"),
        Health.STALE: _("%(name)s has been silent"),
    }
    return sentences.get(feed.health_at(now), _("%(name)s does not answer")) % {"name": source.name}
