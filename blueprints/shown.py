"""A difference as pages draw it: what goes first, then section by section, folded and cut where there is much of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from blueprints.drifting import drift
from blueprints.models import Blueprint
from blueprints.planning import Plan, Verb
from blueprints.registry import sections
from blueprints.standing import standing
from blueprints.telling import Told, summary, told
from organisations import languages, managed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from blueprints.applying import Prepared
    from blueprints.planning import Change
    from organisations.access import Access

MOST_OPEN = 30  # rows of a section that are shown without being asked for …
MOST_DRAWN = 200  # … and that are drawn at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One section of a difference, or all that goes."""

    heading: str
    summary: str
    rows: list[tuple[str, Told]]  # what each is, and what happens to it
    more: int
    is_open: bool
    is_removal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A kept file, with what it holds and how far things have drifted from it."""

    blueprint: Blueprint
    holds: str
    applied: str
    summary: str  # empty while everything is as the file says
    parts: list[Part]
    problems: list[str]


def parts_of(plan: Plan, *, most_open: int = MOST_OPEN) -> list[Part]:
    """Return what to draw of a plan."""
    found = [_part(_("Removed"), plan.of(Verb.REMOVE), most_open, is_removal=True)]
    for name in sections():
        changes = [change for change in plan.changes if change.section == name and change.verb != Verb.REMOVE]
        found.append(_part(many(name), changes, most_open))
    return [part for part in found if part.rows]


def _part(heading: str, changes: list[Change], most_open: int, *, is_removal: bool = False) -> Part:
    return Part(
        heading=heading,
        summary=summary(Plan(changes=changes)),
        rows=[(one(row.section), row) for row in told(Plan(changes=changes[:MOST_DRAWN]))],
        more=max(len(changes) - MOST_DRAWN, 0),
        is_open=is_removal or len(changes) <= most_open,
        is_removal=is_removal,
    )


def many(section: str) -> str:
    """Return what the rows of a section are called: Connections."""
    return str(capfirst(str(managed.model_of(section)._meta.verbose_name_plural)))


def one(section: str) -> str:
    """Return what one row of a section is called: connection."""
    return str(managed.model_of(section)._meta.verbose_name)


def places_of_values(prepared: Prepared) -> dict[str, str]:
    """Return the values that the files leave open, each with where it stands."""
    said = _("%(file)s, line %(line)s")
    return {name: said % {"file": node.file, "line": node.line} for name, node in prepared.plain.items()}


def places_of_secrets(prepared: Prepared) -> dict[str, str]:
    """Return the secrets that are needed, each with what needs it."""
    return {name: _user_of(name, prepared) for name in prepared.plan.missing_secrets}


def _user_of(secret: str, prepared: Prepared) -> str:
    sign, users = f"${{{secret}}}", []
    for section in sections():
        for row, node in prepared.document.rows.get(section, {}).items():
            named = node.at(("secrets",)).plain()
            if isinstance(named, dict) and sign in named.values():
                users.append(row)
    return languages.listed(users)


def kept_files(access: Access, now: datetime) -> list[Kept]:
    """Return the organisation's kept files, each compared with what is there."""
    files = list(access.rows(Blueprint).select_related("applied_by"))
    holds, there = _holds(access), standing(access) if files else {}
    found = []
    for blueprint in files:
        plan = drift(access, blueprint, there=there)
        found.append(
            Kept(
                blueprint=blueprint,
                holds=languages.listed(holds.get(blueprint.name, [])),
                applied=languages.clock_inside(blueprint.applied_at, now=now, zone=access.zone),
                summary=summary(plan) if plan.changes else "",
                parts=parts_of(plan),
                problems=[str(mistake) for mistake in plan.mistakes],
            )
        )
    return found


def _holds(access: Access) -> dict[str, list[str]]:
    """Return what each file describes, in words, in one query: 3 connections, 12 targets."""
    marks = access.organisation.managed.order_by().values_list("file", "section").annotate(count=Count("pk"))
    counts = {(file, section): count for file, section, count in marks}
    return {file: [*_counted(file, counts)] for file, _section in counts}


def _counted(file: str, counts: dict[tuple[str, str], int]) -> Iterator[str]:
    for section in sections():
        count = counts.get((file, section), 0)
        if count:
            word = one(section) if count == 1 else str(managed.model_of(section)._meta.verbose_name_plural)
            yield f"{languages.grouped(count)} {word}"
