"""Rows that a file describes: which file, and whether that file alone may change them.

A model says by `described_in` in which section of a file its rows can stand. A mark names such a row by section and
id; the newest file wins. Whoever changes a row by hand asks here first, at the door: pages, API and admin do. The verbs
beneath do not ask, for applying the file uses them too. A mark may outlive its row; it then marks nothing, for no id is
given twice.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from organisations.models import Managed
from organisations.tenancy import TenantModel, organisation_of, rows_within

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from organisations.models import Organisation


class Locked(PermissionDenied):
    """A row that only its file may change; says so in one sentence."""


@cache
def model_of(section: str) -> type[TenantModel]:
    """Return the model whose rows a section describes. Raises LookupError for a section that nothing has."""
    for model in apps.get_models():
        if section and issubclass(model, TenantModel) and model.described_in == section:
            return model
    raise LookupError(f"No model is described in {section!r}.")


def mark_of(organisation: Organisation, section: str, row_id: int) -> Managed | None:
    """Return the mark of one row; None where no file describes it."""
    return organisation.managed.filter(section=section, row_id=row_id).first()


def marks_of(organisation: Organisation, section: str) -> dict[int, Managed]:
    """Return every mark of a section by the id of its row, in one query."""
    return {mark.row_id: mark for mark in organisation.managed.filter(section=section)}


def marks_at(organisation: Organisation, rows: Iterable[TenantModel]) -> dict[TenantModel, Managed]:
    """Return the marks of rows of any models, by row, in one query."""
    known = {(row.described_in, row.pk): row for row in rows}
    asked = Q(pk__in=[])
    for section in {section for section, _pk in known}:
        asked |= Q(section=section, row_id__in=[pk for other, pk in known if other == section])
    return {known[mark.section, mark.row_id]: mark for mark in organisation.managed.filter(asked)}


def put(organisation: Organisation, *, section: str, row_ids: Iterable[int], file: str, locked: bool) -> None:
    """Mark rows of a section as described by a file, whichever file described them before.

    Raises LookupError for an unknown section.
    """
    model_of(section)
    marks = [
        Managed(organisation=organisation, section=section, row_id=pk, file=file, is_locked=locked)
        for pk in sorted(set(row_ids))
    ]
    organisation.managed.bulk_create(
        marks,
        update_conflicts=True,
        unique_fields=["organisation", "section", "row_id"],
        update_fields=["file", "is_locked"],
    )


def release(
    organisation: Organisation, *, file: str, section: str | None = None, row_ids: Iterable[int] | None = None
) -> None:
    """Take away the marks of a file, or only those of a section, or only those of some of its rows."""
    marks = organisation.managed.filter(file=file)
    if section is not None:
        marks = marks.filter(section=section)
    if row_ids is not None:
        marks = marks.filter(row_id__in=list(row_ids))
    marks.delete()


def set_lock(organisation: Organisation, file: str, locked: bool) -> None:
    """Lock all rows of a file, or unlock them."""
    organisation.managed.filter(file=file).update(is_locked=locked)


def refuse_locked(organisation: Organisation, section: str, row_id: int) -> None:
    """Raise Locked where only a file may change the row; one query."""
    mark = mark_of(organisation, section, row_id)
    if mark is not None and mark.is_locked:
        raise Locked(_held(organisation, mark))


def refuse_deletion(organisation: Organisation, section: str, row_id: int) -> None:
    """Raise Locked where only a file may change the row, or any that would go with it; one query."""
    goes = Q(section=section, row_id=row_id)
    for model, way in _below(model_of(section)):
        lost = rows_within(organisation, model).filter(**{way: row_id}).order_by()
        goes |= Q(section=model.described_in, row_id__in=lost.values("pk"))
    mark = organisation.managed.filter(goes, is_locked=True).first()
    if mark is None:
        return
    is_itself = (mark.section, mark.row_id) == (section, row_id)
    raise Locked(_held(organisation, mark) if is_itself else _taken_along(organisation, mark))


def described(row: TenantModel) -> TenantModel | None:
    """Return the row under which a file describes this one: itself, or the parent whose part it is; None: it cannot."""
    if row.described_with_parent:
        parent: TenantModel = getattr(row, row.tenant_path.split("__")[0])
        return parent
    return row if row.described_in else None


def refuse_locked_row(row: TenantModel) -> None:
    """Raise Locked where only a file may change this row, or the one whose part it is."""
    held = described(row)
    if held is not None:
        refuse_locked(organisation_of(held), held.described_in, held.pk)


def refuse_deletion_of(row: TenantModel) -> None:
    """Raise Locked where only a file may change this row, the one whose part it is, or any that would go with it."""
    if row.described_in:
        refuse_deletion(organisation_of(row), row.described_in, row.pk)
    else:
        refuse_locked_row(row)


def is_locked(row: TenantModel) -> bool:
    """Say whether only a file may change this row, or the one whose part it is."""
    held = described(row)
    mark = mark_of(organisation_of(held), held.described_in, held.pk) if held is not None else None
    return mark is not None and mark.is_locked


@cache
def _below(model: type[TenantModel]) -> tuple[tuple[type[TenantModel], str], ...]:
    """Return the models of which files describe rows that go with a row of this one, each with its way up to it."""
    return tuple((lower, way) for lower, way in _hanging_on(model) if lower.described_in)


def _hanging_on(model: type[TenantModel]) -> Iterator[tuple[type[TenantModel], str]]:
    for relation in model._meta.related_objects:
        lower: Any = relation.related_model
        if getattr(relation, "on_delete", None) is models.CASCADE and issubclass(lower, TenantModel):
            yield lower, relation.field.name
            yield from ((further, f"{way}__{relation.field.name}") for further, way in _hanging_on(lower))


def _held(organisation: Organisation, mark: Managed) -> str:
    return _(
        "“%(name)s” is managed by %(file)s and locked. Change it in the file and apply it, or unlock the file."
    ) % {"name": _name(organisation, mark), "file": mark.file}


def _taken_along(organisation: Organisation, mark: Managed) -> str:
    return _(
        "“%(name)s” would go with it, but is managed by %(file)s and locked. "
        "Take it out of the file and apply it, or unlock the file."
    ) % {"name": _name(organisation, mark), "file": mark.file}


def _name(organisation: Organisation, mark: Managed) -> str:
    return str(rows_within(organisation, model_of(mark.section)).filter(pk=mark.row_id).first() or mark.row_id)
