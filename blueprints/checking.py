"""Whether a document says what can be said, and what it says, short forms written out. Needs no database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from blueprints.documents import Document
from blueprints.mistakes import Mistake
from blueprints.nodes import Node
from blueprints.registry import sections
from organisations.documents import REQUIRED, Body, Field, Section, Wrong
from organisations.documents.sections import LookUp, parted
from organisations.documents.shapes import Group, Reference, References, nearest, unknown

Bodies = dict[str, dict[str, Body]]  # by section and name


@dataclass(slots=True)
class Checked:
    """What the document wants, in written form, and what is wrong with it."""

    wanted: Bodies = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)


def check(document: Document, known: Mapping[str, Mapping[str, Body]] | None = None) -> Checked:
    """Read every row by its section; `known` are the rows that are there already, where those are known."""
    checked = Checked()
    look_up = _look_up(document, known or {})
    for name, section in sections().items():
        if name in document.rows:
            checked.wanted[name] = {}
            for row, node in document.rows[name].items():
                checked.mistakes += _row(document, section, row, node, look_up, checked.wanted[name])
    return checked


def _look_up(document: Document, known: Mapping[str, Mapping[str, Body]]) -> LookUp:
    def found(section: str, name: str) -> Body | None:
        node = document.rows.get(section, {}).get(name)
        body = node.plain() if node else known.get(section, {}).get(name)
        return body if isinstance(body, Mapping) else None

    return found


def _row(
    document: Document, section: Section, name: str, node: Node, look_up: LookUp, wanted: dict[str, Body]
) -> Iterator[Mistake]:
    """Yield what is wrong with one row; a row that is right is wanted."""
    said = _name_is_wrong(section, name)
    if said:
        yield document.mistake(said, section.name, name)
        return
    if not isinstance(node.value, dict | None.__class__):
        yield document.mistake(_("Write fields with their values below the name."), section.name, name)
        return
    given = node.plain() or {}
    fields = section.fields(name, given, look_up)
    body: dict[str, Any] = {}
    wrong = list(_wrong_fields(fields, given, body))
    meant = {error.meant for error in wrong}  # a slip is told once
    lacking = [missing for missing in _lacking(fields, given) if missing not in meant]
    wrong += [Wrong(_("“%(name)s” is missing.") % {"name": missing}) for missing in lacking]
    for error in wrong:
        yield document.mistake(str(error), section.name, name, error.at, error.meant)
    if not wrong:
        wanted[name] = {field_name: body[field_name] for field_name in fields if field_name in body}


def _name_is_wrong(section: Section, name: str) -> str:
    parts = parted(name) if section.parent else [name]
    if len(parts) != (2 if section.parent else 1):
        return _("Write its name as “Connection / Feed”: the connection's first.")
    if any(not part.strip() or part != part.strip() or "\n" in part for part in parts):
        return _("A name is a line of text without blanks around it.")
    if any(len(part) > section.longest for part in parts):
        return _("A name has at most %(most)s characters.") % {"most": section.longest}
    return ""


def _wrong_fields(fields: Mapping[str, Field], given: Mapping[str, Any], body: dict[str, Any]) -> Iterator[Wrong]:
    """Yield what is wrong with the fields given; those that are right and say something go into the body."""
    for name, value in given.items():
        if name not in fields:
            yield unknown(name, list(fields))
        elif value is not None or fields[name].default is REQUIRED:
            try:
                said = fields[name].shape.read(value)
            except Wrong as error:
                yield Wrong(str(error), meant=error.meant, at=(name, *error.at))
                continue
            if said != fields[name].default:
                body[name] = said


def _lacking(fields: Mapping[str, Field], given: Mapping[str, Any]) -> list[str]:
    lacking = [name for name, each in fields.items() if each.default is REQUIRED and name not in given]
    groups = [name for name, each in fields.items() if getattr(each.shape, "required", ()) and not given.get(name)]
    return lacking + groups


def references(section: Section, name: str, body: Body, look_up: LookUp) -> Iterator[tuple[str, str, list[str]]]:
    """Yield what a body names: the field, or `group.field`, the section it leads to, and the names there."""
    if section.parent:
        yield "parent", section.parent, parted(name)[:1]
    if section.beside:
        yield "beside", section.beside, [name]
    for field_name, each in section.fields(name, body, look_up).items():
        if isinstance(each.shape, Reference) and body.get(field_name):
            yield field_name, each.shape.section, [body[field_name]]
        elif isinstance(each.shape, References):
            yield field_name, each.shape.section, list(body.get(field_name, []))
        elif isinstance(each.shape, Group):
            yield from _within(field_name, each.shape, body.get(field_name) or {})


def _within(name: str, group: Group, given: Mapping[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    for inner, shape in group.shapes.items():
        if isinstance(shape, Reference) and given.get(inner):
            yield f"{name}.{inner}", shape.section, [given[inner]]


def lost_references(document: Document, wanted: Bodies, there: Mapping[str, Mapping[str, Any]]) -> Iterator[Mistake]:
    """Yield the names in a document that lead to nothing, `there` being everything there will be."""
    look_up = _look_up(document, {})
    for section_name, rows in wanted.items():
        section = sections()[section_name]
        for name, body in rows.items():
            for field_name, leads_to, names in references(section, name, body, look_up):
                for lost in (each for each in names if each not in there.get(leads_to, {})):
                    path = () if field_name in ("parent", "beside") else tuple(field_name.split("."))
                    meant = nearest(lost, list(there.get(leads_to, {})))
                    yield document.mistake(_lost(leads_to, lost), section_name, name, path, meant)


def _lost(section: str, name: str) -> str:
    if section == "members":
        return _("“%(name)s” is no member of this organisation.") % {"name": name[:100]}
    return _("There is no “%(name)s” under %(section)s.") % {"name": name[:100], "section": section}
