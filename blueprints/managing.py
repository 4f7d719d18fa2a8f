"""Files that manage rows: which rows are theirs, and what stands in their way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from blueprints.mistakes import Mistake
from blueprints.planning import Plan
from blueprints.registry import sections
from organisations import managed

if TYPE_CHECKING:
    from datetime import datetime

    from blueprints.applying import Prepared
    from blueprints.documents import Document
    from blueprints.standing import Standing
    from organisations.access import Access
    from organisations.models import Managed

Marks = dict[str, dict[int, "Managed"]]


def marks(access: Access) -> Marks:
    """Return who manages which row, by section and id."""
    return {name: managed.marks_of(access.organisation, name) for name in sections()}


def of_other_files(access: Access, file: str, there: Standing) -> frozenset[tuple[str, str]]:
    """Return the rows that other files manage, by section and name: pruning by this one leaves them alone."""
    known = marks(access)
    return frozenset(
        (section, name)
        for section, rows in there.items()
        for name, found in rows.items()
        if found.pk in known[section] and known[section][found.pk].file != file
    )


def in_the_way(access: Access, plan: Plan, document: Document, file: str) -> Iterator[Mistake]:
    """Yield the changes to rows that another file holds under lock."""
    known = marks(access)
    for change in plan.changes:
        mark = known[change.section].get(change.pk or 0)
        if mark is not None and mark.is_locked and mark.file != file:
            said = _("This is managed by %(file)s and locked. Change it there, or unlock that file.")
            yield document.mistake(said % {"file": mark.file}, change.section, change.name)


def keep(access: Access, prepared: Prepared, *, now: datetime) -> None:
    """Remember the files, and mark everything they name as theirs, and nothing else."""
    order, organisation = prepared.order, access.organisation
    plain, _secret = prepared.document.names()
    organisation.blueprints.update_or_create(
        name=order.file,
        defaults={
            "texts": dict(order.texts),
            "answers": {name: order.answers[name] for name in plain if name in order.answers},
            "is_locked": order.locked,
            "applied_at": now,
            "applied_by": access.user,
        },
    )
    managed.release(organisation, file=order.file)
    for section, rows in prepared.document.rows.items():
        ids = [prepared.ids[section][name] for name in rows]
        managed.put(organisation, section=section, row_ids=ids, file=order.file, locked=order.locked)
