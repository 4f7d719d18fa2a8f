"""Files that manage rows: which rows are theirs, and what stands in their way."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from blueprints.mistakes import Mistake
from blueprints.planning import Plan
from blueprints.registry import sections
from organisations import managed
from organisations.roles import Permission

if TYPE_CHECKING:
    from datetime import datetime

    from blueprints.applying import Prepared
    from blueprints.documents import Document
    from blueprints.standing import Standing
    from organisations.access import Access
    from organisations.documents import Found
    from organisations.models import Managed

Marks = dict[str, dict[int, "Managed"]]


def marks(access: Access) -> Marks:
    """Return who manages which row, by section and id."""
    return {name: managed.marks_of(access.organisation, name) for name in sections()}


def prunable(access: Access, file: str, sections_named: Collection[str], there: Standing) -> frozenset[tuple[str, str]]:
    """Return the rows that pruning may remove, by section and name.

    A file that manages rows may remove those that it managed until now, and no others. Without one, whatever stands in
    the sections named may go, but for samples and what a file manages.
    """
    known = marks(access)

    def is_prunable(section: str, found: Found) -> bool:
        mark = known[section].get(found.pk)
        if file:
            return mark is not None and mark.file == file
        return mark is None and section in sections_named and not found.is_sample

    return frozenset(
        (section, name)
        for section, rows in there.items()
        for name, found in rows.items()
        if is_prunable(section, found)
    )


def in_the_way(access: Access, plan: Plan, document: Document, file: str) -> Iterator[Mistake]:
    """Yield the changes to rows that another file holds under lock."""
    known = marks(access)
    for change in plan.changes:
        mark = known[change.section].get(change.pk or 0)
        if mark is not None and mark.is_locked and mark.file != file:
            said = _("This is managed by %(file)s and locked. Change it there, or unlock that file.")
            yield document.mistake(said % {"file": mark.file}, change.section, change.name)


def lock_refused(access: Access, file: str, *, locked: bool) -> Iterator[Mistake]:
    """Yield what to say where somebody locks a file, or unlocks it, whose role does not allow that."""
    if not file or access.may(Permission.MANAGE):
        return
    if locked != access.organisation.blueprints.filter(name=file, is_locked=True).exists():
        yield Mistake(sentence=_("Your role does not allow to lock or unlock a file. Ask an owner or admin."))


def keep(access: Access, prepared: Prepared, *, now: datetime) -> None:
    """Remember the files, and mark everything they name as theirs, and nothing else."""
    order, organisation = prepared.order, access.organisation
    organisation.blueprints.update_or_create(
        name=order.file,
        defaults={
            "texts": dict(order.texts),
            "answers": {name: order.answers[name] for name in prepared.plain if name in order.answers},
            "is_locked": order.locked,
            "applied_at": now,
            "applied_by": access.user,
        },
    )
    managed.release(organisation, file=order.file)
    for section, rows in prepared.document.rows.items():
        ids = [prepared.ids[section][name] for name in rows]
        managed.put(organisation, section=section, row_ids=ids, file=order.file, locked=order.locked)
