"""From files to rows: read, compare, and write in one transaction; all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from blueprints import documents, managing
from blueprints.checking import Bodies, check, lost_references, references
from blueprints.documents import Document, Texts
from blueprints.mistakes import Mistake, Mistaken
from blueprints.planning import Change, Plan, Verb, difference, named_first, still_named
from blueprints.registry import sections
from blueprints.standing import bodies, people_and, standing
from organisations.documents import REQUIRED, Body, Refused, Wanted
from organisations.documents.sections import SECRETS, LookUp, Writer
from organisations.documents.shapes import PLACEHOLDER, unknown
from organisations.models import Organisation

if TYPE_CHECKING:
    from datetime import datetime

    from blueprints.placeholders import Names
    from blueprints.standing import Standing
    from organisations.access import Access

Answers = Mapping[str, str]
Progress = Callable[[int, int], None]  # rows written, rows to write
Ids = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be applied, and how. `file` makes the rows managed by it, under lock where `locked`."""

    texts: Texts
    answers: Answers = field(default_factory=dict)
    prune: bool = False
    file: str = ""
    locked: bool = False
    only: tuple[str, ...] = ()  # the sections that are applied; none named: all of them


@dataclass(slots=True, kw_only=True)
class Prepared:
    """A plan with what it was made from."""

    order: Order
    document: Document
    plan: Plan
    there: Standing
    ids: Ids
    plain: Names  # the values that the files leave open, with their places, whether answered or not …
    secret: Names  # … and their secrets


def validate(texts: Texts) -> list[Mistake]:
    """Return what is wrong with files, without looking at any organisation; open values stay open."""
    try:
        document = documents.read(texts)
        document.names()
    except Mistaken as error:
        return error.mistakes
    return [mistake for mistake in check(document).mistakes if not _is_open(document, mistake)]


def _is_open(document: Document, mistake: Mistake) -> bool:
    """Say whether a mistake is about a value that is left open: what it will be is not known yet."""
    if len(mistake.path) < 2 or mistake.sentence == str(unknown(mistake.path[-1], [])):  # which is about the name
        return False
    value = document.line_at(mistake.path[0], mistake.path[1], mistake.path[2:]).value
    return isinstance(value, str) and PLACEHOLDER.search(value) is not None and SECRETS not in mistake.path[2:3]


class Outdated(Exception):
    """What would happen is no longer what somebody was shown."""


def prepare(access: Access, order: Order, *, there: Standing | None = None) -> Prepared:
    """Return what would happen; `there` is what is there, where that is read already.

    Raises Mistaken where the files cannot be read.
    """
    document = documents.read(order.texts).only(order.only)
    plain, secret = document.names()
    filled = document.filled({name: answer for name, answer in order.answers.items() if name in plain})
    there = standing(access) if there is None else there
    ids = people_and(there, access)
    prepared = Prepared(order=order, document=filled, plan=Plan(), there=there, ids=ids, plain=plain, secret=secret)
    prepared.plan.missing = [name for name in plain if not order.answers.get(name, "").strip()]
    if prepared.plan.missing:
        prepared.plan.missing_secrets = [*_of_new_rows(filled, there, order.answers)]
    else:
        _compare(prepared, access, secret)
    return prepared


def _of_new_rows(document: Document, there: Standing, answers: Answers) -> Iterator[str]:
    """Yield the secrets that rows which are not there yet will want, so that everything missing is said at once."""
    new = (node for section, rows in document.rows.items() for name, node in rows.items() if name not in there[section])
    signs = [str(sign) for node in new for sign in _signs(node.plain())]
    yield from dict.fromkeys(name for sign in signs if (name := _bare(sign)) and not answers.get(name))


def _signs(body: object) -> list[object]:
    secrets = body.get(SECRETS) if isinstance(body, Mapping) else None
    return list(secrets.values()) if isinstance(secrets, Mapping) else []


def _compare(prepared: Prepared, access: Access, secret: Mapping[str, object]) -> None:
    order, there = prepared.order, prepared.there
    checked = check(prepared.document, bodies(there))
    prunable = managing.prunable(access, order.file, checked.wanted, there) if order.prune else frozenset()
    plan = difference(checked.wanted, there, prunable=prunable)
    plan.changes = [*_with_secrets(plan, prepared, access, checked.wanted)]
    plan.mistakes = [
        *checked.mistakes,
        *lost_references(prepared.document, checked.wanted, _names(prepared, plan)),
    ]
    plan.mistakes += _needed_by_others(checked.wanted, plan, there)
    plan.mistakes += managing.in_the_way(access, plan, prepared.document, order.file)
    plan.mistakes += forbidden(access, plan)
    plan.mistakes += managing.lock_refused(access, order.file, locked=order.locked)
    plan.missing_secrets = [name for name in secret if name in _needed(plan, order.answers)]
    prepared.plan = plan


def _needed_by_others(wanted: Bodies, plan: Plan, there: Standing) -> Iterator[Mistake]:
    """Yield what is to go and is named by rows that stay."""
    said = _("“%(name)s” under %(section)s goes by it. Change that first, or let both go.")
    for change, section, name in still_named(wanted, plan, there):
        yield Mistake(sentence=said % {"name": name, "section": section}, path=(change.section, change.name))


def _names(prepared: Prepared, plan: Plan) -> dict[str, dict[str, int]]:
    """Return everything that will be there: what is, less what goes, and what the files name, rightly or wrongly."""
    gone = {(change.section, change.name) for change in plan.of(Verb.REMOVE)}
    there = {
        section: {name: pk for name, pk in rows.items() if (section, name) not in gone}
        for section, rows in prepared.ids.items()
    }
    named = prepared.document.rows
    return {section: {**rows, **dict.fromkeys(named.get(section, {}), 0)} for section, rows in there.items()}


def forbidden(access: Access, plan: Plan) -> Iterator[Mistake]:
    """Yield the sections that this role may not change."""
    for name in dict.fromkeys(change.section for change in plan.changes):
        if not access.may(sections()[name].permission):
            yield Mistake(sentence=_("Your role does not allow changes here. Ask an owner or admin."), path=(name,))


def _with_secrets(
    plan: Plan, prepared: Prepared, access: Access, wanted: Mapping[str, Mapping[str, Mapping[str, object]]]
) -> Iterator[Change]:
    """Yield the changes with the secrets that have to be sealed anew, and those that change nothing else."""
    changed = {(change.section, change.name): change for change in plan.changes}
    for change in plan.changes:
        yield replace(change, secrets=_to_seal(change, prepared, access)) if change.verb != Verb.REMOVE else change
    for section, rows in wanted.items():
        for name, body in rows.items():
            if SECRETS in body and (section, name) not in changed:
                found = prepared.there[section][name]
                change = Change(
                    section=section, name=name, verb=Verb.CHANGE, pk=found.pk, before=found.body, after=body
                )
                secrets = _to_seal(change, prepared, access)
                if secrets:
                    plan.same -= 1
                    yield replace(change, secrets=secrets)


def _to_seal(change: Change, prepared: Prepared, access: Access) -> tuple[str, ...]:
    """Return the fields of secrets that are new here, have to be entered again, or are answered differently."""
    named: Mapping[str, str] = change.after.get(SECRETS, {})
    if change.pk is None or not named:
        return tuple(named)
    section = sections()[change.section]
    if not section.keeps_secrets(change.before, change.after):
        return tuple(named)
    stored = section.secrets_of(access, change.pk)
    answers = prepared.order.answers
    return tuple(
        name
        for name, sign in named.items()
        if name not in stored or answers.get(_bare(sign), stored[name]) != stored[name]
    )


def _bare(sign: str) -> str:
    """Return the name within a placeholder."""
    found = PLACEHOLDER.fullmatch(sign)
    return found[1] if found else ""


def _needed(plan: Plan, answers: Answers) -> set[str]:
    """Return the names of secrets that have to be sealed and are not answered."""
    signs = {_bare(change.after[SECRETS][name]) for change in plan.changes for name in change.secrets}
    return {sign for sign in signs if not answers.get(sign)}


def apply(
    access: Access, order: Order, *, now: datetime, progress: Progress | None = None, seen: str | None = None
) -> Plan:
    """Write what the files want, in one transaction; returns what was done.

    Raises Mistaken with everything that stands in the way, missing answers among it, and Outdated where `seen`, the
    fingerprint of a plan that was shown, is not that of the plan by now; then nothing has happened.
    """
    try:
        with transaction.atomic():
            # one at a time; rows of the organisation can be written meanwhile
            Organisation.objects.select_for_update(no_key=True).get(pk=access.organisation.pk)
            prepared = prepare(access, order)
            if seen is not None and seen != prepared.plan.fingerprint:
                raise Outdated
            if not prepared.plan.is_ready:
                raise Mistaken([*prepared.plan.mistakes, *_unanswered(prepared.plan)])
            _write(prepared, access, now, progress or _silent)
            return prepared.plan
    except IntegrityError:
        said = _("Somebody changed something at the same moment. Look again, then try again.")
        raise Mistaken([Mistake(sentence=said)]) from None


def _unanswered(plan: Plan) -> Iterator[Mistake]:
    for name in plan.missing:
        yield Mistake(sentence=_("A value for %(name)s is missing.") % {"name": f"${{{name}}}"})
    for name in plan.missing_secrets:
        yield Mistake(sentence=_("The secret %(name)s is missing.") % {"name": f"${{{name}}}"})


def _silent(done: int, total: int) -> None:
    """Tell nobody."""


def _write(prepared: Prepared, access: Access, now: datetime, progress: Progress) -> None:
    plan, total, done = prepared.plan, len(prepared.plan.changes), 0
    writers = {name: section.writer(access, now) for name, section in sections().items()}
    done = _remove(plan, writers)
    progress(done, total)
    for name, writer in writers.items():
        refused: list[Mistake] = []
        put = [each for each in plan.changes if each.section == name and each.verb != Verb.REMOVE]
        for change in named_first(name, put, _look_up(prepared)):
            refused += _put(change, writer, prepared)
            done += 1
            progress(done, total)
        if refused:
            raise Mistaken(refused)
        prepared.ids[name] |= writer.finish()
    if prepared.order.file:
        managing.keep(access, prepared, now=now)


def _remove(plan: Plan, writers: Mapping[str, Writer]) -> int:
    gone = plan.of(Verb.REMOVE)
    for name in reversed(list(writers)):
        pks = [change.pk for change in gone if change.section == name and change.pk is not None]
        if pks:
            writers[name].remove(pks)
    return len(gone)


def _put(change: Change, writer: Writer, prepared: Prepared) -> Iterator[Mistake]:
    """Write one row; yields what the organisation says against it."""
    try:
        writer.put(wanted_by(change, prepared))
    except Refused as error:
        for name, sentences in error.errors.items():
            path = tuple(name.split(".")) if name else ()
            yield prepared.document.mistake(" ".join(sentences), change.section, change.name, path)


def wanted_by(change: Change, prepared: Prepared) -> Wanted:
    """Return the row that a change writes, what it names by ids."""
    section, look_up = sections()[change.section], _look_up(prepared)
    fields = section.fields(change.name, change.after, look_up)
    defaults = {name: each.default for name, each in fields.items() if each.default is not REQUIRED}
    named = references(section, change.name, change.after, look_up)
    ids = {  # of its own section some may be written just now: the writer knows them by their names
        name: [prepared.ids[leads_to][each] for each in names if each in prepared.ids[leads_to]]
        for name, leads_to, names in named
    }
    signs: Mapping[str, str] = change.after.get(SECRETS, {})
    secrets = {name: prepared.order.answers[_bare(signs[name])] for name in change.secrets}
    return Wanted(name=change.name, pk=change.pk, values={**defaults, **change.after}, ids=ids, secrets=secrets)


def _look_up(prepared: Prepared) -> LookUp:
    def look_up(other: str, name: str) -> Body | None:
        node = prepared.document.rows.get(other, {}).get(name)
        there = prepared.there.get(other, {}).get(name)
        return node.plain() if node else (there.body if there else None)

    return look_up
