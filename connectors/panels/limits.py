"""How much of a connection's limits is used up, and whether its circuit is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from connectors.outbound import breaker, holding
from connectors.outbound.breaker import MOST_FAILURES, State
from connectors.outbound.holding import Moment
from connectors.outbound.limits import day_of, midnight_after, running, used_on
from connectors.outbound.pacing import earliest
from connectors.problems import Problem, calls_words, per_words
from connectors.protocol import is_called
from connectors.throttling import limits_of, standings_of
from organisations.languages import clock_inside, duration, grouped

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from django_stubs_ext import StrOrPromise

    from connectors.models import Connection
    from connectors.outbound.breaker import Circuit
    from organisations.access import Access

SOON = timedelta(minutes=1)
CIRCUITS: dict[State, StrOrPromise] = {
    State.CLOSED: gettext_lazy("Closed: calls go out"),
    State.OPEN: gettext_lazy("Open: no call goes out"),
    State.HALF_OPEN: gettext_lazy("Half open: the next call is the trial"),
    State.ON_TRIAL: gettext_lazy("Half open: one call is the trial"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a connection's limits at a moment; what is not limited is None.

    `next_call_at` is when the pace lets the next call out, `wait_until` until when the service wants none; both None
    for at once. `problem` is what the last of the failures in a row said.
    """

    calls_limit: int | None
    calls_per: int
    next_call_at: datetime | None
    most_at_once: int | None
    running: int
    daily_quota: int | None
    used_today: int
    quota_anew_at: datetime
    wait_until: datetime | None
    state: State
    circuit: Circuit
    problem: Problem | None

    @property
    def is_held(self) -> bool:
        """Whether somebody can let calls out again: the circuit is not closed, or the service wanted a pause."""
        return self.state != State.CLOSED or self.wait_until is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One limit in words: how it stands, and more about it; `percent` is how much is used up, where that is known."""

    label: str
    value: str
    more: str = ""
    percent: int | None = None


def facts_of(row: Connection, now: datetime) -> Facts:
    """Return how a connection stands."""
    standing, limits = standings_of([row.pk])[row.pk], limits_of(row, row.organisation.zone)
    usage, circuit, asked = standing.usage, standing.circuit, standing.wait_until
    free_at = earliest(limits.pace, usage.free_at, now) if limits.pace else now
    return Facts(
        calls_limit=limits.calls,
        calls_per=limits.per,
        next_call_at=free_at if free_at > now else None,
        most_at_once=limits.at_once,
        running=len(running(usage, now)),
        daily_quota=limits.a_day,
        used_today=used_on(usage, day_of(limits, now)),
        quota_anew_at=midnight_after(now, limits.zone),
        wait_until=asked if asked and asked > now else None,
        state=breaker.state_at(circuit, now),
        circuit=circuit,
        problem=Problem.stored(circuit.problem),
    )


def of(access: Access, row: Connection, now: datetime) -> dict[str, Any]:
    """Return what the page shows of limits and circuit; nothing for a connection that makes no calls."""
    facts = facts_of(row, now)
    if not (is_called(row.kind_module) or row.has_limits or facts.is_held):
        return {}
    return {"lines": list(lines_of(facts, now, access.zone)), "is_held": facts.is_held, "gateway": row.gateway}


def lines_of(facts: Facts, now: datetime, zone: ZoneInfo) -> list[Line]:
    """Return how each limit stands, and the circuit last."""
    limits = [_pace(facts, now, zone), _at_once(facts), _quota(facts), _wish(facts, now, zone)]
    return [*(line for line in limits if line), _circuit(facts, now, zone)]


def _pace(facts: Facts, now: datetime, zone: ZoneInfo) -> Line | None:
    if facts.calls_limit is None:
        return None
    value = _("At most %(calls)s %(per)s") % {
        "calls": calls_words(facts.calls_limit),
        "per": per_words(facts.calls_per),
    }
    return Line(label=_("Calls"), value=value, more=_next_call(facts.next_call_at, now, zone))


def _next_call(at: datetime | None, now: datetime, zone: ZoneInfo) -> str:
    if at is None:
        return _("The next may go out at once.")
    if at - now < SOON:
        return _("The next may go out in %(duration)s.") % {"duration": duration((at - now).total_seconds())}
    return _("The next may go out %(when)s.") % {"when": clock_inside(at, now=now, zone=zone)}


def _at_once(facts: Facts) -> Line | None:
    if facts.most_at_once is None:
        return None
    named = {"running": grouped(facts.running), "most": grouped(facts.most_at_once)}
    value = ngettext("%(running)s of %(most)s is running", "%(running)s of %(most)s are running", facts.running)
    return Line(label=_("At once"), value=value % named)


def _quota(facts: Facts) -> Line | None:
    if facts.daily_quota is None:
        return None
    named = {"used": grouped(facts.used_today), "quota": calls_words(facts.daily_quota)}
    value = _("%(used)s of %(quota)s") % named
    more = _("Used up until midnight.") if facts.used_today >= facts.daily_quota else ""
    percent = min(100 * facts.used_today // facts.daily_quota, 100)
    return Line(label=_("Today"), value=value, more=more, percent=percent)


def _wish(facts: Facts, now: datetime, zone: ZoneInfo) -> Line | None:
    if facts.wait_until is None:
        return None
    when = clock_inside(facts.wait_until, now=now, zone=zone)
    return Line(label=_("It asked for"), value=_("No calls until %(when)s") % {"when": when})


def _circuit(facts: Facts, now: datetime, zone: ZoneInfo) -> Line:
    label, moment = _("Circuit breaker"), Moment(now=now, zone=zone, chance=0.0)
    if facts.state in (State.OPEN, State.ON_TRIAL):
        more = holding.by_circuit(facts.circuit, facts.state, moment).message
    else:
        more = str(facts.problem or "") if facts.state == State.HALF_OPEN else _failures(facts)
    return Line(label=label, value=str(CIRCUITS[facts.state]), more=more)


def _failures(facts: Facts) -> str:
    if not facts.circuit.failures:
        return ""
    return ngettext(
        "%(failures)s call failed; at %(most)s in a row it opens.",
        "%(failures)s calls in a row failed; at %(most)s it opens.",
        facts.circuit.failures,
    ) % {"failures": grouped(facts.circuit.failures), "most": grouped(MOST_FAILURES)}
