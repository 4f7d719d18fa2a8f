"""The JSON schema that a model's answers are held against: which ones can be taken, and what an answer lacks. Pure.

A schema comes from a person and an answer from a model. So nothing is fetched for a schema, and it holds no regular
expression, which could keep a worker busy for as long as it likes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from connectors.templating import parse_json

SHOWN = 5  # complaints about one answer
LONGEST = 200  # characters of a complaint
WITHIN = "#/$defs/"  # where a reference may lead
REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})
EXPRESSIONS = frozenset({"pattern", "patternProperties"})
ANSWERS = "answers"  # under which the answers about several records stand

Schema = Mapping[str, Any]


def read(text: str) -> dict[str, Any]:
    """Return a schema for the answer about one record. Raises ValueError, with a sentence, where it cannot serve."""
    schema = parse_json(text)
    if not isinstance(schema, dict) or schema.get("type") != "object" or not schema.get("properties"):
        raise ValueError(_("The schema has to be of type object, with properties."))
    for name, part in _parts(schema):
        if name in EXPRESSIONS:
            raise ValueError(_("A schema may not hold regular expressions (%(name)s).") % {"name": name})
        if name in REFERENCES and str(part).removeprefix(WITHIN) not in schema.get("$defs", {}):
            raise ValueError(_("A $ref has to lead into the schema's own $defs, such as #/$defs/topic."))
    _check(schema)
    return schema


def _check(schema: Schema) -> None:
    from jsonschema import Draft202012Validator, SchemaError  # it takes a moment: only who needs it waits

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise ValueError(_("This is no JSON schema: %(why)s") % {"why": error.message[:LONGEST]}) from None


def _parts(node: Any) -> Iterator[tuple[str, Any]]:
    """Yield every member of every object in a schema; names of properties are no keywords."""
    if isinstance(node, list):
        for each in node:
            yield from _parts(each)
    if not isinstance(node, dict):
        return
    for name, part in node.items():
        yield name, part
        inside = part.values() if name in ("properties", "$defs") and isinstance(part, dict) else [part]
        for each in inside:
            yield from _parts(each)


def complaints(schema: Schema, answer: Any) -> list[str]:
    """Return what is wrong with an answer, in English, for the model and for people; nothing where it fits."""
    try:
        found = sorted(_validator(_frozen(schema)).iter_errors(answer), key=lambda error: list(map(str, error.path)))
    except RecursionError:
        return [_("The schema leads in circles.")]
    return [f"{error.json_path}: {error.message}"[:LONGEST] for error in found[:SHOWN]]


def of_several(schema: Schema) -> dict[str, Any]:
    """Return the schema of an object that holds the answers about several records, in their order."""
    part = {name: value for name, value in schema.items() if name not in ("$defs", "$schema", "$id")}
    whole = {
        "type": "object",
        "properties": {ANSWERS: {"type": "array", "items": part}},
        "required": [ANSWERS],
        "additionalProperties": False,
    }
    return whole | ({"$defs": schema["$defs"]} if "$defs" in schema else {})


def is_strict(schema: Schema) -> bool:
    """Say whether every object of a schema requires all it names and allows nothing else, as strict gateways want."""
    return all(_names_all(node) for node in _objects(schema))


def _objects(node: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, list):
        for each in node:
            yield from _objects(each)
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            yield node
        for each in node.values():
            yield from _objects(each)


def _names_all(node: Mapping[str, Any]) -> bool:
    return node.get("additionalProperties") is False and set(node["properties"]) == set(node.get("required", []))


def _frozen(schema: Schema) -> str:
    return json.dumps(schema, sort_keys=True)


@lru_cache(maxsize=64)
def _validator(text: str) -> Any:
    from jsonschema import Draft202012Validator
    from referencing import Registry

    return Draft202012Validator(parse_json(text), registry=Registry())  # an empty registry fetches nothing
