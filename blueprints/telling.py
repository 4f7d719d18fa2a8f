"""A plan in words: what pages, the command and the API say of a difference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from blueprints.exporting import dumped
from blueprints.planning import Change, Line, Plan, Verb
from organisations.documents.sections import SECRETS
from organisations.languages import grouped

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SIGNS = {Verb.CREATE: "+", Verb.CHANGE: "~", Verb.REMOVE: "−"}
VERBS: dict[Verb, StrOrPromise] = {
    Verb.CREATE: gettext_lazy("is created"),
    Verb.CHANGE: gettext_lazy("is changed"),
    Verb.REMOVE: gettext_lazy("is removed"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One row of a difference, in words."""

    section: str
    name: str
    verb: str
    sign: str
    action: str
    because: str  # why it goes, where it is not named itself
    lines: list[ToldLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldLine:
    """One field of it: what stands there and what will; a dash is the default, or nothing."""

    path: str
    before: str
    after: str


def told(plan: Plan) -> Iterator[Told]:
    """Yield the rows that differ, in the order in which they are written."""
    yield from (_told(change) for change in plan.changes)


def _told(change: Change) -> Told:
    because = _("It goes with %(name)s.") % {"name": change.with_name} if change.with_name else ""
    return Told(
        section=change.section,
        name=change.name,
        verb=change.verb.value,
        sign=SIGNS[change.verb],
        action=str(VERBS[change.verb]),
        because=because,
        lines=[] if change.verb == Verb.REMOVE else [_line(line) for line in change.lines],
    )


def _line(line: Line) -> ToldLine:
    path = ".".join(line.path)
    if line.path[0] == SECRETS:
        return ToldLine(path=path, before="", after=_("sealed anew"))
    return ToldLine(path=path, before=short(line.before), after=short(line.after))


def short(value: Any) -> str:
    """Return a value as the file says it, on one line."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return " ⏎ ".join(value.splitlines())
    return dumped(value).removesuffix("...\n").strip()


def summary(plan: Plan) -> str:
    """Say in one sentence what would happen."""
    created, changed, removed = (len(plan.of(verb)) for verb in Verb)
    if not plan.changes:
        return _("Nothing changes: everything is as the file says.")
    parts = [
        (created, ngettext("%(count)s is created", "%(count)s are created", created)),
        (changed, ngettext("%(count)s is changed", "%(count)s are changed", changed)),
        (removed, ngettext("%(count)s is removed", "%(count)s are removed", removed)),
        (plan.same, ngettext("%(count)s stays as it is", "%(count)s stay as they are", plan.same)),
    ]
    return "; ".join(said % {"count": grouped(count)} for count, said in parts if count) + "."
