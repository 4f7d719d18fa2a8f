"""What can stand in a file, as JSON Schema: editors complete and check by it while somebody writes.

It is made of what the sections declare, so it says what the reading does. It knows the usual ways of writing a value;
whether a name leads anywhere only the organisation knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from blueprints.documents import HEAD, VERSION
from blueprints.registry import sections
from organisations.documents import REQUIRED, Field, Section
from organisations.documents.shapes import Choice
from organisations.reader import speaking

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NAME = f"urn:waymark:blueprint:{VERSION}"
ENGLISH = "en-gb"
OPEN = {"$ref": "#/$defs/open"}
OF_THE_HEAD = {
    "blueprint": {"const": VERSION, "description": "The version of the form."},
    "description": {"type": "string", "description": "What this is about, in a sentence."},
}


@cache
def schema() -> Schema:
    """Return the description of a file, in English."""
    with speaking(ENGLISH):
        return {
            "$schema": DIALECT,
            "$id": NAME,
            "title": "Waymark blueprint",
            "type": "object",
            "required": ["blueprint"],
            "additionalProperties": False,
            "properties": {**_head(), **{name: {"$ref": f"#/$defs/{name}"} for name in sections()}},
            "$defs": {"open": _open(), **{name: _section(section) for name, section in sections().items()}},
        }


def _head() -> Schema:
    others: Schema = {name: {"type": ["object", "null"]} for name in sorted(HEAD)}
    return {**others, **OF_THE_HEAD}


def _open() -> Schema:
    return {
        "type": "string",
        "pattern": r"\$\{[A-Z][A-Z0-9_]*\}",
        "description": "A value that is asked for when the file is applied, such as ${GOAL}.",
    }


def _section(section: Section) -> Schema:
    """Describe rows by their names."""
    pattern = {"pattern": r"\S / \S"} if section.parent else {}
    longest = 2 * section.longest + len(" / ") if section.parent else section.longest
    return {
        "type": ["object", "null"],
        "description": str(section.help),
        "propertyNames": {"minLength": 1, "maxLength": longest, **pattern},
        "additionalProperties": _body(section),
    }


def _body(section: Section) -> Schema:
    """Describe one row: by the field that says which form it has, where there is one; else by all its forms."""
    forms = section.variants()
    bodies = {name: _fields(fields) for name, fields in forms.items()}
    if len(bodies) == 1:
        return next(iter(bodies.values()))
    decider = _decider(forms)
    if decider is None:
        return {"anyOf": list(bodies.values())}
    field = next(iter(forms.values()))[decider]
    return {
        "type": "object",
        "required": [decider],
        "properties": {decider: _field(field)},
        "allOf": [
            {"if": {"properties": {decider: {"const": name}}, "required": [decider]}, "then": body}
            for name, body in bodies.items()
        ],
    }


def _decider(forms: Mapping[str, Mapping[str, Field]]) -> str | None:
    """Return the field that chooses between the forms of a body; None where its surroundings do."""
    fields = next(iter(forms.values()))
    return next(
        (
            name
            for name, each in fields.items()
            if isinstance(each.shape, Choice) and set(each.shape.names) == set(forms)
        ),
        None,
    )


def _fields(fields: Mapping[str, Field]) -> Schema:
    needed = [name for name, each in fields.items() if is_needed(each)]
    return {
        "type": "object" if needed else ["object", "null"],
        "properties": {name: _field(each) for name, each in fields.items()},
        "additionalProperties": False,
        **({"required": needed} if needed else {}),
    }


def is_needed(field: Field) -> bool:
    """Say whether a body has to have a field: without a default, or a group that has to hold something."""
    return field.default is REQUIRED or bool(getattr(field.shape, "required", ()))


def _field(field: Field) -> Schema:
    """Describe one field; any value but a group may be left open, and nothing means the default."""
    shape = _opened(field.shape.schema())
    said: Schema = {"description": str(field.help)}
    if is_needed(field):
        return {**shape, **said}
    return {"anyOf": [shape, {"type": "null"}], **said, **_default(field)}


def _default(field: Field) -> Schema:
    return {} if field.default is None else {"default": field.default}


def _opened(shape: Schema) -> Schema:
    """Return a shape that also takes an open value; within a group, each of its fields does."""
    if "properties" in shape:
        inner = {name: {"anyOf": [_opened(each), {"type": "null"}]} for name, each in shape["properties"].items()}
        return {**shape, "properties": inner}
    return {"anyOf": [shape, OPEN]} if shape else {}
