"""An organisation as a file: what was clicked, to be applied again; the same rows give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import yaml

from blueprints import nodes
from blueprints.documents import VERSION
from blueprints.placeholders import escaped_all
from blueprints.standing import standing
from organisations.documents.sections import SECRETS

if TYPE_CHECKING:
    from blueprints.standing import Standing
    from organisations.access import Access
    from organisations.documents import Body

WIDTH = 120
PEOPLE = ("owner", "people")  # the fields that hold addresses


class Writer(yaml.CSafeDumper):
    """Writes what `nodes.read` reads back: a text that would be read as something else gets quotation marks."""


def _text(writer: yaml.CSafeDumper, text: str) -> yaml.Node:
    looks_otherwise = not isinstance(nodes.resolved(text), str)
    is_block = "\n" in text and text.strip() and not text.endswith("\n\n")  # whose end does not hang on what follows
    style = "|" if is_block else ('"' if "\n" in text else "'" if looks_otherwise else None)
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _number(writer: yaml.CSafeDumper, number: float) -> yaml.Node:
    """Write a number with a point, without which the library would put a tag before it."""
    digits, e, power = repr(number).partition("e")
    return writer.represent_scalar("tag:yaml.org,2002:float", (digits if "." in digits else f"{digits}.0") + e + power)


def _list(writer: yaml.CSafeDumper, values: list[Any]) -> yaml.Node:
    return writer.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=True)


Writer.add_representer(str, _text)
Writer.add_representer(list, _list)
Writer.add_representer(float, _number)
Writer.ignore_aliases = lambda *_: True  # type: ignore[method-assign]  # a file repeats rather than points


def export(access: Access, *, people: bool = True) -> str:
    """Return the organisation's rows as one file, samples left out; without `people`, nobody's address stands in it."""
    return text_of(rows_of(standing(access), people=people))


def rows_of(there: Standing, *, people: bool = True) -> dict[str, dict[str, Body]]:
    """Return what an export says, by section and name; sections without rows are left out."""
    rows: dict[str, dict[str, Body]] = {
        section: {
            name: _without(() if people else PEOPLE, found.body)
            for name, found in sorted(found_rows.items())
            if not found.is_sample
        }
        for section, found_rows in there.items()
    }
    return {section: named for section, named in rows.items() if named}


def _without(fields: tuple[str, ...], body: Body) -> Body:
    return {name: value for name, value in body.items() if name not in fields}


def text_of(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Return rows as a file: the version, then a block for each section."""
    parts = [{"blueprint": VERSION}, *({section: _escaped(named)} for section, named in rows.items())]
    return "\n".join(dumped(part) for part in parts)


def _escaped(named: Mapping[str, Body]) -> dict[str, Any]:
    return {str(escaped_all(name)): _said(body) or None for name, body in named.items()}


def _said(body: Body) -> dict[str, Any]:
    return {name: value if name == SECRETS else escaped_all(value) for name, value in body.items()}


def dumped(value: Any) -> str:
    """Return a value as YAML."""
    return yaml.dump(value, Dumper=Writer, sort_keys=False, allow_unicode=True, width=WIDTH, indent=2)
