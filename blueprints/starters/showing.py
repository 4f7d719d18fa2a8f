"""What a starter will bring about, in words: the rows it creates, and what came of asking its sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from blueprints.starters.filling import allowed, members, open_in, questions
from blueprints.starters.head import Asks
from blueprints.telling import ToldLine, told
from connectors.paths.picking import MOST_DECIMALS, decimals_of
from connectors.trials import Remedy
from organisations.documents.sections import SECRETS
from organisations.languages import active, clock_inside, full_day, grouped, with_unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from django_stubs_ext import StrOrPromise

    from blueprints.applying import Order
    from blueprints.documents import Document
    from blueprints.planning import Plan
    from blueprints.starters.head import Question
    from blueprints.starters.shelf import Starter
    from blueprints.starters.trying import Found, Tried
    from connectors.trials import Result
    from organisations.access import Access
    from targets.set_up.drafts import Draft

KINDS: dict[str, StrOrPromise] = {
    "connections": gettext_lazy("Connection"),
    "feeds": gettext_lazy("Feed"),
    "enrichments": gettext_lazy("Enrichment"),
    "metrics": gettext_lazy("Metric"),
    "targets": gettext_lazy("Target"),
    "reports": gettext_lazy("Report"),
}
LEFT_OUT: dict[str, StrOrPromise] = {
    "reports": gettext_lazy("The report is left out: only owners and admins may set one up."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row that will be there: what it is, its name, and what a file would say of it; secrets are not in `lines`."""

    kind: str
    name: str
    lines: list[ToldLine]
    is_sealed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came of asking one feed: how, what was found, and the question to go back to where it failed."""

    name: str
    result: Result
    found: list[str]
    question: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One answer, folded to a line; `name` is that of its question."""

    name: str
    label: str
    value: str
    is_sealed: bool


def rows(plan: Plan) -> Iterator[Row]:
    """Yield what will be there, in the order in which it is created."""
    for each in told(plan):
        lines = [line for line in each.lines if not line.path.startswith(f"{SECRETS}.")]
        kind = str(KINDS.get(each.section, each.section))
        yield Row(kind=kind, name=each.name, lines=lines, is_sealed=len(lines) < len(each.lines))


def without(sections: list[str]) -> Iterator[str]:
    """Yield a sentence about each section that this person may not write."""
    for name in sections:
        yield str(LEFT_OUT.get(name, _("“%(name)s” is left out: your role does not allow it.") % {"name": name}))


def answered(tried: list[Tried], starter: Starter, access: Access, order: Order, *, now: datetime) -> list[Answered]:
    """Return what came of each try, with the question that helps where it failed."""
    document = allowed(starter, access)
    return [
        Answered(
            name=each.connection,
            result=each.result,
            found=[_sentence(found, now=now, zone=access.zone) for found in each.found],
            question="" if each.result.ok else _question(each, document, order, starter.head.questions),
        )
        for each in tried
    ]


def answers(starter: Starter, access: Access, draft: Draft) -> list[Line]:
    """Return what was answered, one line each, secrets by their masks."""
    asked, said, masks = questions(starter, access), draft.answers, draft.masks()
    people = members(access)
    return [
        Line(
            name=question.name,
            label=str(question.ask),
            value=masks.get(question.name) or _shown(question, said.get(question.name, ""), people),
            is_sealed=question.name in masks,
        )
        for question in asked
    ]


def _shown(question: Question, said: str, people: Mapping[str, str]) -> str:
    if question.kind == Asks.NUMBER and said:
        return grouped(float(said), decimals_of(float(said), most=MOST_DECIMALS))
    if question.kind == Asks.CHOICE:
        return str(question.choices.get(said, said))
    return people.get(said, said) if question.kind == Asks.PERSON else said


def _question(each: Tried, document: Document, order: Order, asked: Mapping[str, Question]) -> str:
    plain, secret = open_in(document, order, "connections", each.connection)
    if each.result.remedy == Remedy.SIGN_IN:
        return next((name for name in secret if name in asked), "")
    return next((name for name in plain if name in asked and asked[name].kind == Asks.ADDRESS), "")


def _sentence(found: Found, *, now: datetime, zone: ZoneInfo) -> str:
    if found.latest is None:
        return _("%(metric)s: no reading in this answer. That is well where nothing has happened lately.") % {
            "metric": found.metric
        }
    said = ngettext(
        "%(metric)s: %(count)s reading in this answer; the latest is %(value)s, %(when)s.",
        "%(metric)s: %(count)s readings in this answer; the latest is %(value)s, %(when)s.",
        found.count,
    )
    value = with_unit(grouped(found.latest.value, found.decimals), found.unit, active())
    at = found.latest.at
    when = full_day(at.date(), today=now.date()) if found.latest.whole_day else clock_inside(at, now=now, zone=zone)
    return said % {"metric": found.metric, "count": grouped(found.count), "value": value, "when": when}
