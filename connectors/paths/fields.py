"""Which fields a path reads, as paths from the root of what it looks into; entries of lists are `[]`. Pure.

It is said without looking at any answer, and rather too many fields than too few.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import jmespath

from connectors.paths.picking import name

Paths = frozenset[str]
ROOT: Paths = frozenset({""})
NOTHING: Paths = frozenset()


def fields_of(path: str, bases: Paths = ROOT) -> tuple[Paths, Paths]:
    """Return the fields that a path reads below `bases`, and those at which it ends. The path can be followed."""
    if not path:
        return NOTHING, bases
    seen: set[str] = set()
    ends = _ends(jmespath.compile(path).parsed, bases, seen)
    return frozenset(seen), ends


def below(base: str, key: str) -> str:
    """Return the path of a key in an object."""
    return f"{base}.{key}" if base else key


def entry_of(base: str) -> str:
    """Return the path of the entries of a list."""
    return f"{base}[]"


def entries(paths: Iterable[str]) -> Paths:
    """Return paths with those of their entries, where it is not known which of them are lists."""
    return frozenset(each for path in paths for each in (path, entry_of(path)))


def lies_within(path: str, above: str) -> bool:
    """Say whether a path is another or leads further from it."""
    return not above or path == above or path.startswith((f"{above}.", f"{above}["))


def _ends(node: Any, bases: Paths, seen: set[str]) -> Paths:
    """Return where an expression ends below `bases`, and note what it reads on the way."""
    kind, children = node["type"], node["children"]
    if kind == "field":
        found = frozenset(below(base, name(node["value"])) for base in bases)
        seen |= found
        return found
    if kind in ("current", "identity"):
        return bases
    if kind in ("index", "slice"):
        return frozenset(map(entry_of, bases))
    if kind in ("subexpression", "index_expression", "pipe"):
        for child in children:
            bases = _ends(child, bases, seen)
        return bases
    return _projected(kind, children, bases, seen) if kind in PROJECTIONS else _gathered(node, bases, seen)


PROJECTIONS = frozenset({"projection", "value_projection", "filter_projection", "flatten"})


def _projected(kind: str, children: Any, bases: Paths, seen: set[str]) -> Paths:
    ends = _ends(children[0], bases, seen)
    if kind == "value_projection":
        ends = frozenset(below(each, "*") for each in ends)
    elif kind != "projection" or not _gives_entries(children[0]):
        ends = frozenset(map(entry_of, ends))
    if kind == "filter_projection":
        _ends(children[2], ends, seen)
    return ends if kind == "flatten" else _ends(children[1], ends, seen)


def _gives_entries(node: Any) -> bool:
    """Say whether what is projected has been taken for the entries of a list already."""
    is_sliced: bool = node["type"] == "index_expression" and node["children"][-1]["type"] == "slice"
    return is_sliced or bool(node["type"] == "flatten")


def _gathered(node: Any, bases: Paths, seen: set[str]) -> Paths:
    """Return where the parts of a comparison, a choice or a function end; of a list it may return, also the entries."""
    kind, children = node["type"], node["children"]
    plain = [child for child in children if child["type"] != "expref"]
    ends = NOTHING.union(*(_ends(child, bases, seen) for child in plain))
    for child in children:
        if child["type"] == "expref":
            _ends(child["children"][0], frozenset(map(entry_of, ends)), seen)
    if kind == "comparator":
        return NOTHING
    return entries(ends) if kind == "function_expression" else ends
