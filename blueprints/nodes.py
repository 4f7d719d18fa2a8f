"""YAML as a tree that knows its lines. Pure.

Scalars are read by the core schema of YAML 1.2, so that `no` is a text, 08:00 a text, and a date a text. Names stand
once, tags and merge keys are not taken, and a document that grows without end by its anchors is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.utils.translation import gettext as _

from blueprints.mistakes import Mistake, Mistaken

LONGEST = 5_000_000  # characters of a file
DEEPEST = 12  # a blueprint needs six
MOST_NODES = 1_000_000
WHOLE = re.compile(r"[-+]?[0-9]+")
DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
WORDS = {"true": True, "True": True, "false": False, "False": False, "null": None, "~": None, "": None}
LONGEST_NUMBER = 40

Plain = Any  # texts, numbers, true, false, nothing, lists and mappings by text


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its place: a scalar, a list of nodes, or nodes by name. The line of a named one is its name's."""

    value: Any
    line: int = 0
    file: str = ""

    def plain(self) -> Plain:
        """Return the value without its places."""
        if isinstance(self.value, dict):
            return {name: node.plain() for name, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def at(self, path: tuple[str, ...]) -> Node:
        """Return the node that a path leads to, or the last one on the way."""
        here = self
        for name in path:
            if not isinstance(here.value, dict) or name not in here.value:
                break
            here = here.value[name]
        return here


def resolved(text: str) -> str | int | float | bool | None:
    """Return what an unquoted scalar is."""
    if text in WORDS:
        return WORDS[text]
    if len(text) <= LONGEST_NUMBER and WHOLE.fullmatch(text):
        return int(text)
    return float(text) if len(text) <= LONGEST_NUMBER and DECIMAL.fullmatch(text) else text


def read(text: str, file: str = "") -> Node:
    """Return the tree of one file; an empty file is an empty mapping. Raises Mistaken."""
    if len(text) > LONGEST:
        raise Mistaken([Mistake(sentence=_("The file is too long: at most 5 million characters."), file=file)])
    try:
        return _Reading(file).document(yaml.parse(text, Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Mistaken([_unreadable(f"{error.problem}", file, mark.line + 1 if mark else 0)]) from None
    except yaml.YAMLError as error:  # signs that YAML does not know
        raise Mistaken([_unreadable(str(error).splitlines()[0], file, 0)]) from None


def _unreadable(why: str, file: str, line: int) -> Mistake:
    return Mistake(
        sentence=_("This is not readable as YAML: %(why)s.") % {"why": why.rstrip(".")}, file=file, line=line
    )


def _is_plain(event: Any) -> bool:
    """Say whether an event has no tag of its own; a scalar says it for bare and for quoted signs."""
    implicit = getattr(event, "implicit", False)
    return any(implicit) if isinstance(implicit, tuple) else bool(implicit)


@dataclass(slots=True)
class _Reading:
    """One pass over the events of a file: iterative where the file nests, so that no depth exhausts the stack."""

    file: str
    anchors: dict[str, Node] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def document(self, events: Iterator[Any]) -> Node:
        """Return the first document; a second one is refused."""
        root = Node({}, 1, self.file)
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._wrong(_("A file holds one document. Put the second into a file of its own."), event)
            elif isinstance(event, yaml.NodeEvent):
                root = self._node(event, events, 0)
        return Node({}, 1, self.file) if root.value is None else root

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        self._count(event, depth)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if event.tag not in (None, "!") and not _is_plain(event):
            raise self._wrong(_("“%(tag)s”: tags are not taken here.") % {"tag": str(event.tag)[:60]}, event)
        before = self.count
        node = Node(self._value(event, events, depth), event.start_mark.line + 1, self.file)
        if event.anchor:
            self.anchors[event.anchor], self.sizes[event.anchor] = node, self.count - before + 1
        return node

    def _value(self, event: Any, events: Iterator[Any], depth: int) -> Any:
        if isinstance(event, yaml.SequenceStartEvent):
            return list(self._items(events, depth))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, depth)
        return resolved(event.value) if event.style in (None, "") and event.implicit[0] else event.value

    def _items(self, events: Iterator[Any], depth: int) -> Iterator[Node]:
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            yield self._node(event, events, depth + 1)

    def _mapping(self, events: Iterator[Any], depth: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            name = self._name(event, events)
            if name in found:
                said = _("“%(name)s” stands twice, first in line %(line)s.")
                raise self._wrong(said % {"name": name[:60], "line": found[name].line}, event)
            value = self._node(next(events), events, depth + 1)
            found[name] = Node(value.value, event.start_mark.line + 1, self.file)
        return found

    def _name(self, event: Any, events: Iterator[Any]) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            raise self._wrong(_("A name is a text. A text with braces or brackets needs quotation marks."), event)
        self._node(event, events, 0)
        return str(event.value)

    def _alias(self, event: Any) -> Node:
        if event.anchor not in self.anchors:
            raise self._wrong(_("“*%(name)s” stands for nothing above.") % {"name": event.anchor[:60]}, event)
        self.count += self.sizes[event.anchor]
        return self.anchors[event.anchor]

    def _count(self, event: Any, depth: int) -> None:
        self.count += 1
        if depth > DEEPEST or self.count > MOST_NODES:
            raise self._wrong(_("This goes deeper, or is more, than any blueprint."), event)

    def _wrong(self, sentence: str, event: Any) -> Mistaken:
        return Mistaken([Mistake(sentence=sentence, file=self.file, line=event.start_mark.line + 1)])
