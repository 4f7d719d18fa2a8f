"""The difference between what a document wants and what is there. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any

from blueprints.checking import Bodies, references
from blueprints.mistakes import Mistake
from blueprints.registry import sections
from organisations.documents import Body, Found
from organisations.documents.sections import SECRETS, LookUp

Current = Mapping[str, Mapping[str, Found]]  # rows that are there, by section and name


class Verb(StrEnum):
    """What happens to a row."""

    CREATE = "create"
    CHANGE = "change"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One field that differs, by its path; nothing before or after means its default."""

    path: tuple[str, ...]
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happens to one row, and why where it is not named itself: it goes with what it hangs on."""

    section: str
    name: str
    verb: Verb
    pk: int | None = None
    before: Body = field(default_factory=dict)
    after: Body = field(default_factory=dict)
    with_section: str = ""
    with_name: str = ""
    secrets: tuple[str, ...] = ()  # the fields whose secrets are sealed anew

    @property
    def lines(self) -> list[Line]:
        """Return the fields that differ, groups such as settings field by field."""
        return [*lines_between(self.before, self.after), *(Line(path=(SECRETS, name)) for name in self.secrets)]


@dataclass(slots=True, kw_only=True)
class Plan:
    """All that would happen, in the order in which it does; what stands in the way; and which answers are missing."""

    changes: list[Change] = field(default_factory=list)
    same: int = 0  # rows that are as the document wants them
    mistakes: list[Mistake] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)  # placeholders of plain values
    missing_secrets: list[str] = field(default_factory=list)

    @property
    def is_ready(self) -> bool:
        """Whether it can be applied."""
        return not (self.mistakes or self.missing or self.missing_secrets)

    @property
    def fingerprint(self) -> str:
        """A sign of what happens to which rows, secrets aside; it tells whether a plan that was seen still holds."""
        lines = ([astuple(line) for line in lines_between(each.before, each.after)] for each in self.changes)
        seen = [
            (change.section, change.name, change.verb, differing)
            for change, differing in zip(self.changes, lines, strict=True)
            if differing or change.verb != Verb.CHANGE
        ]
        return sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:32]

    def of(self, verb: Verb) -> list[Change]:
        """Return the changes of one kind."""
        return [change for change in self.changes if change.verb == verb]


def difference(wanted: Bodies, current: Current, *, prunable: frozenset[tuple[str, str]]) -> Plan:
    """Return what has to happen so that everything the document names is as it says.

    What is `prunable` and not named goes, with everything that hangs on it.
    """
    plan = Plan()
    gone = _gone(wanted, current, prunable) if prunable else {}
    plan.changes += [gone[key] for key in reversed(_in_order(gone))]
    for section, rows in wanted.items():
        for name, said in rows.items():
            found = current.get(section, {}).get(name)
            body = _as_there(section, said, found.body) if found else said
            if found is None or (section, name) in gone:
                plan.changes.append(Change(section=section, name=name, verb=Verb.CREATE, after=said))
            elif any(lines_between(found.body, body)):
                change = Change(
                    section=section, name=name, verb=Verb.CHANGE, pk=found.pk, before=found.body, after=body
                )
                plan.changes.append(change)
            else:
                plan.same += 1
    return plan


def named_first(section: str, changes: Sequence[Change], look_up: LookUp) -> list[Change]:
    """Return changes of one section in an order in which a row comes after those of its section that it names."""
    by_name, ordered = {change.name: change for change in changes}, dict[str, Change]()

    def take(change: Change, before: frozenset[str]) -> None:
        for _field, leads_to, names in references(sections()[section], change.name, change.after, look_up):
            for name in names if leads_to == section else ():
                if name in by_name and name not in before:
                    take(by_name[name], before | {name})
        ordered.setdefault(change.name, change)

    for change in changes:
        take(change, frozenset({change.name}))
    return list(ordered.values())


def still_named(wanted: Bodies, plan: Plan, current: Current) -> Iterator[tuple[Change, str, str]]:
    """Yield rows that would go although others name them which stay as they are: the change, and whom it would hurt."""
    gone = {(change.section, change.name): change for change in plan.of(Verb.REMOVE)}
    for section, rows in current.items() if gone else ():
        for name, found in rows.items():
            if (section, name) in gone or name in wanted.get(section, {}):
                continue
            for _field, leads_to, names in references(sections()[section], name, found.body, _look_up(current)):
                yield from ((gone[leads_to, each], section, name) for each in names if (leads_to, each) in gone)


def _as_there(section: str, said: Body, there: Body) -> Body:
    """Return a body with the texts as they are there, where the case makes no difference."""
    fields = [name for name in sections()[section].in_any_case if name in said and name in there]
    same = {name: there[name] for name in fields if _lower(said[name]) == _lower(there[name])}
    return {**said, **same} if same else said


def _lower(texts: list[str]) -> list[str]:
    return [text.lower() for text in texts]


def _gone(wanted: Bodies, current: Current, prunable: frozenset[tuple[str, str]]) -> dict[tuple[str, str], Change]:
    """Return what goes: what the document does not name, and what hangs on it."""
    gone: dict[tuple[str, str], Change] = {}
    for name, section in sections().items():
        for row, found in current.get(name, {}).items():
            carrier = next((key for key in _carriers(section.name, row, found, current) if key in gone), None)
            if carrier or ((name, row) in prunable and row not in wanted.get(name, {})):
                with_section, with_name = carrier or ("", "")
                gone[name, row] = Change(
                    section=name,
                    name=row,
                    verb=Verb.REMOVE,
                    pk=found.pk,
                    before=found.body,
                    with_section=with_section,
                    with_name=with_name,
                )
    return gone


def _carriers(section: str, name: str, found: Found, current: Current) -> Iterator[tuple[str, str]]:
    """Yield what a row cannot be without."""
    for field_name, leads_to, names in references(sections()[section], name, found.body, _look_up(current)):
        if field_name in ("parent", "beside") or field_name in sections()[section].hangs_on:
            yield from ((leads_to, each) for each in names)


def _look_up(current: Current) -> LookUp:
    def look_up(other: str, row: str) -> Body | None:
        there = current.get(other, {}).get(row)
        return there.body if there else None

    return look_up


def _in_order(gone: Mapping[tuple[str, str], Change]) -> list[tuple[str, str]]:
    places = {name: place for place, name in enumerate(sections())}
    return sorted(gone, key=lambda key: places[key[0]])


def lines_between(before: Body, after: Body, path: tuple[str, ...] = ()) -> Iterator[Line]:
    """Yield the fields in which two bodies differ; secrets are not compared, for what is stored never comes out."""
    for name in [*after, *(name for name in before if name not in after)]:
        if name == SECRETS and not path:
            continue
        old, new = before.get(name), after.get(name)
        if isinstance(old, Mapping | None.__class__) and isinstance(new, Mapping | None.__class__) and (old or new):
            yield from lines_between(old or {}, new or {}, (*path, name))
        elif old != new:
            yield Line(path=(*path, name), before=old, after=new)
