"""How connections and feeds are doing, in words. Health is about data; it is never a target's status."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from connectors.fields import pairs
from connectors.models.feed import EVERY_CHOICES, Asks, Health, Outcome, RunningPeriod, Timing
from connectors.outbound import Redaction
from connectors.protocol import enriches
from organisations.languages import clock, day, duration, grouped, listed, percent, size

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from connectors.models import CallRecord, Collection, Connection, Feed

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
BY_ITSELF = gettext_lazy("Typed in or pushed")
FOR_OTHERS = gettext_lazy("Asked for others")
SENTENCES: dict[Health, StrOrPromise] = {
    Health.WAITING: gettext_lazy("It has not been asked yet."),
    Health.FRESH: gettext_lazy("It answers."),
    Health.STALE: gettext_lazy("It has been silent for a while."),
    Health.FAILING: gettext_lazy("It does not answer as it should."),
    Health.UNAUTHORISED: gettext_lazy("It needs a new key."),
    Health.PAUSED: gettext_lazy("It is paused."),
}
NAMED: dict[str, StrOrPromise] = {
    Health.STALE: gettext_lazy("%(name)s has been silent."),
    Health.FAILING: gettext_lazy("%(name)s does not answer."),
    Health.UNAUTHORISED: gettext_lazy("%(name)s needs a new key."),
}
RHYTHMS: dict[int, StrOrPromise] = {
    5: pgettext_lazy("rhythm in a sentence", "every 5 minutes"),
    15: pgettext_lazy("rhythm in a sentence", "every 15 minutes"),
    60: pgettext_lazy("rhythm in a sentence", "every hour"),
    6 * 60: pgettext_lazy("rhythm in a sentence", "every 6 hours"),
    24 * 60: pgettext_lazy("rhythm in a sentence", "once a day"),
    7 * 24 * 60: pgettext_lazy("rhythm in a sentence", "once a week"),
    31 * 24 * 60: pgettext_lazy("rhythm in a sentence", "once a month"),
}
AT_HAND = "at-hand"  # the key of the health of what is asked for others
NAMED_AT_MOST = 3  # connections in trouble that the list's sentence names


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthView:
    """A health as it is drawn: a word and a sign."""

    key: str
    word: str
    icon: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One connection in the list; `last` says when something came last, `share` how many checks were answered."""

    pk: int
    name: str
    address: str
    health: HealthView
    collects: bool
    last: str
    share: str
    metrics: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """One request as it is listed: what came of it, and how it went; `of` names the connection."""

    pk: int
    connection: int
    of: str
    at: datetime
    time: str
    outcome: str
    failed: bool
    asked: str
    took: str
    size: str
    attempt: int
    sample: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """One check as it is listed."""

    pk: int
    at: datetime
    time: str
    outcome: str
    icon: str
    failed: bool
    feed: str
    facts: list[str]


def worst_of(feeds: Iterable[Feed], now: datetime) -> Health:
    """Return the health that speaks for several feeds: the one that needs somebody most."""
    found = {feed.health_at(now) for feed in feeds}
    return next((health for health in WORST_FIRST if health in found), Health.WAITING)


def health_view(health: Health) -> HealthView:
    """Return how a health is drawn."""
    return HealthView(key=health.value, word=str(health.label), icon=ICONS[health])


def connection_health(connection: Connection, feeds: Sequence[Feed], now: datetime) -> HealthView:
    """Return how the health of a connection is drawn; nobody is asked where values are typed in or pushed."""
    if serves_others(connection, feeds):
        return HealthView(key=AT_HAND, word=str(FOR_OTHERS), icon="info")
    if not connection.kind_module.COLLECTS:
        return HealthView(key="by-itself", word=str(BY_ITSELF), icon="info")
    return health_view(worst_of(feeds, now))


def serves_others(connection: Connection, feeds: Sequence[Feed]) -> bool:
    """Say whether a connection has nothing of its own to bring: a gateway, or a service that enriches records."""
    if feeds:
        return False
    kind = connection.kind_module
    return (enriches(kind) and not kind.COLLECTS) or any((connection.behind.all(), connection.enrichments.all()))


def row_of(connection: Connection, *, rate: float | None, now: datetime, zone: ZoneInfo) -> Row:
    """Return a connection, its feeds and their metrics at hand, as a line of the list."""
    feeds = list(connection.feeds.all())
    health = connection_health(connection, feeds, now)
    collects = connection.kind_module.COLLECTS and health.key != AT_HAND
    return Row(
        pk=connection.pk,
        name=connection.name,
        address=connection.address,
        health=health,
        collects=collects,
        last=last_answer(feeds, now, zone) if collects else last_reading(feeds, now, zone),
        share=share_words(rate),
        metrics=metric_words([metric.name for feed in feeds for metric in feed.metrics.all()]),
    )


def last_answer(feeds: Iterable[Feed], now: datetime, zone: ZoneInfo) -> str:
    """Say when a source answered last; nothing before the first time."""
    answered = [feed.answered_at for feed in feeds if feed.answered_at]
    return clock(max(answered), now=now, zone=zone) if answered else ""


def last_reading(feeds: Iterable[Feed], now: datetime, zone: ZoneInfo) -> str:
    """Say when the latest reading of feeds was taken, or for which whole day it is; nothing before the first."""
    metrics = (metric for feed in feeds for metric in feed.metrics.all())
    read = [(metric.last_at, metric.last_whole_day) for metric in metrics if metric.last_at]
    if not read:
        return ""
    at, whole_day = max(read)
    return day(at.date(), today=now.astimezone(zone).date()) if whole_day else clock(at, now=now, zone=zone)


def share_words(rate: float | None) -> str:
    """Write the share of checks that were answered: never 100% while something failed."""
    if rate is None:
        return "–"
    return f">{percent(0.99)}" if 0.995 <= rate < 1 else percent(rate)


def metric_words(names: Sequence[str]) -> str:
    """Name a few metrics, and count the others."""
    if len(names) <= NAMED_AT_MOST + 1:
        return listed(names) if names else ""
    more = len(names) - NAMED_AT_MOST
    return ngettext("%(names)s and %(more)s more", "%(names)s and %(more)s more", more) % {
        "names": ", ".join(names[:NAMED_AT_MOST]),
        "more": grouped(more),
    }


def list_sentence(rows: Sequence[Row]) -> tuple[str, str]:
    """Say how many connections answer, and which one needs somebody; paused ones do not count."""
    asked = [row for row in rows if row.collects and row.health.key != Health.PAUSED]
    if not asked:
        return (_("Nobody is asked at present."), _why_nobody(rows)) if rows else ("", "")
    troubled = [row for row in asked if row.health.key in NAMED]
    answering = sum(row.health.key == Health.FRESH for row in asked)
    named = [str(NAMED[row.health.key]) % {"name": row.name} for row in troubled[:NAMED_AT_MOST]]
    return _answering(asked, answering), " ".join(named)


def _why_nobody(rows: Sequence[Row]) -> str:
    paused = sum(row.collects for row in rows)
    if not paused:
        return _("Numbers are typed in or pushed.")
    return ngettext("%(count)s connection is paused.", "%(count)s connections are paused.", paused) % {
        "count": grouped(paused)
    }


def _answering(asked: Sequence[Row], answering: int) -> str:
    if len(asked) == answering == 1:
        return _("%(name)s answers.") % {"name": asked[0].name}
    if answering == len(asked):
        return _("All %(count)s answer.") % {"count": grouped(answering)}
    return ngettext("%(answering)s of %(asked)s answers.", "%(answering)s of %(asked)s answer.", answering) % {
        "answering": grouped(answering),
        "asked": grouped(len(asked)),
    }


def detail_sentence(connection: Connection, feeds: Sequence[Feed], now: datetime) -> tuple[str, str]:
    """Say how a connection is doing, and what came of it last."""
    if serves_others(connection, feeds):
        return _for_others(connection), ""
    if not connection.kind_module.COLLECTS:
        return _("Nobody is asked."), _("Values are typed in on the metric's page or sent to the API.")
    if not feeds:
        return _("Nothing is asked of it yet."), ""
    worst = next(feed for health in WORST_FIRST for feed in feeds if feed.health_at(now) == health)
    health = worst.health_at(now)
    return str(SENTENCES[health]), worst.message if health in TROUBLE else ""


def _for_others(connection: Connection) -> str:
    if connection.behind.all():
        return _("Other connections go through it.")
    if connection.enrichments.all():
        return _("It is asked about the records of other connections.")
    return _("It is there for the records of other connections. None are passed to it yet.")


def asked_address(feed: Feed) -> str:
    """Return what a feed asks, for people: method, path and parameters, with the placeholders as they are."""
    query = feed.query
    if "path" not in feed.connection.kind_module.Query.base_fields:
        return feed.connection.address
    params = "&".join(f"{name}={value}" for name, value in pairs(query.get("params", ""), separator="="))
    path = "/".join(part for part in (feed.connection.address.rstrip("/"), query.get("path", "")) if part)
    return Redaction(()).url(f"{query.get('method', 'GET')} {path}{'?' if params else ''}{params}")


def every_words(feed: Feed) -> str:
    """Say how often a feed asks, on its own."""
    words = _rhythm_on_its_own(feed)
    return _("%(when)s, on working days alone") % {"when": words} if feed.working_days_only else words


def _rhythm_on_its_own(feed: Feed) -> str:
    if feed.timing != Timing.EVERY:
        words = _by_the_clock(feed)
        return words[:1].upper() + words[1:]
    known = dict(EVERY_CHOICES)
    if feed.every in known:
        return str(known[feed.every])
    return ngettext("Every %(minutes)s minute", "Every %(minutes)s minutes", feed.every) % {
        "minutes": grouped(feed.every)
    }


def _by_the_clock(feed: Feed) -> str:
    """Say within a sentence when a feed is asked that goes by the clock or by reports."""
    minutes = {"minutes": grouped(feed.lead_minutes)}
    if feed.timing == Timing.CRON:
        return _("by the clock (%(cron)s)") % {"cron": feed.cron}
    if feed.timing == Timing.BEFORE_REPORT:
        words = ngettext(
            "%(minutes)s minute before each report", "%(minutes)s minutes before each report", feed.lead_minutes
        )
        return words % minutes
    words = ngettext("%(minutes)s minute ahead of %(time)s", "%(minutes)s minutes ahead of %(time)s", feed.lead_minutes)
    return words % {**minutes, "time": f"{feed.ready_by:%H:%M}"}


def rhythm_words(feed: Feed) -> str:
    """Say within a sentence how often a feed is asked, or its readings are expected."""
    if feed.timing != Timing.EVERY:
        return _by_the_clock(feed)
    if feed.every in RHYTHMS:
        return str(RHYTHMS[feed.every])
    return ngettext("every %(minutes)s minute", "every %(minutes)s minutes", feed.every) % {
        "minutes": grouped(feed.every)
    }


def asks_words(feed: Feed) -> str:
    """Say for which stretch of time a feed asks."""
    if feed.asks != Asks.PERIOD:
        return str(Asks(feed.asks).label)
    so_far = {
        RunningPeriod.DAY: _("The day so far"),
        RunningPeriod.WEEK: _("The week so far"),
        RunningPeriod.MONTH: _("The month so far"),
        RunningPeriod.QUARTER: _("The quarter so far"),
        RunningPeriod.YEAR: _("The year so far"),
    }
    return so_far[RunningPeriod(feed.running_period)]


def call_views(calls: Iterable[CallRecord], now: datetime, zone: ZoneInfo) -> list[CallView]:
    """Return requests, with their connections at hand, as they are listed."""
    return [
        CallView(
            pk=call.pk,
            connection=call.connection_id,
            of=call.connection.name,
            at=call.at,
            time=clock(call.at, now=now, zone=zone),
            outcome=outcome(call),
            failed=bool(call.problem) or call.status is None,
            asked=f"{call.method} {call.url}",
            took=duration(call.took),
            size=size(call.size),
            attempt=call.attempt,
            sample=call.sample,
        )
        for call in calls
    ]


def outcome(call: CallRecord) -> str:
    """Say what came of one call."""
    if call.problem:
        return call.error
    if call.status is None:
        return _("No answer")
    succeeded = 200 <= call.status < 300
    return pgettext("an answer's status", "%(status)s OK") % {"status": call.status} if succeeded else str(call.status)


def run_views(runs: Iterable[Collection], now: datetime, zone: ZoneInfo, *, named: bool) -> list[RunView]:
    """Return checks, with their feeds at hand, as they are listed; `named` where there are several feeds."""
    icons = {Outcome.OK: "met", Outcome.RUNNING: "upcoming"}
    return [
        RunView(
            pk=run.pk,
            at=run.started_at,
            time=clock(run.started_at, now=now, zone=zone),
            outcome=run.message or str(Outcome(run.outcome).label),
            icon=icons.get(Outcome(run.outcome), "missed"),
            failed=run.outcome in (Outcome.FAILED, Outcome.LOST),
            feed=run.feed.name if named else "",
            facts=_facts(run),
        )
        for run in runs
    ]


def _brought(run: Collection) -> str:
    """Say how many readings a check brought; of records that have yet to be enriched there are none."""
    if run.feed.keeps_records and not run.observations:
        return ngettext("%(count)s record", "%(count)s records", run.rows) % {"count": grouped(run.rows)}
    return ngettext("%(count)s reading", "%(count)s readings", run.observations) % {"count": grouped(run.observations)}


def _facts(run: Collection) -> list[str]:
    facts = []
    if run.outcome == Outcome.OK or run.observations:  # a check may break off and keep what came
        facts.append(_brought(run))
    if run.refused:
        facts.append(
            ngettext("%(count)s record not readable", "%(count)s records not readable", run.refused)
            % {"count": grouped(run.refused)}
        )
    if run.finished_at:
        facts.append(duration((run.finished_at - run.started_at).total_seconds()))
    return facts
