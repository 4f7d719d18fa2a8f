"""The shape of answers, and how it changes: which paths are gone, which are new, and what may have taken their place.

A shape is the set of paths of an answer with their types; entries of a list are one path (`items[].price`), and keys
that are data, such as dates and ids, are another (`days.*`). What is empty or null says nothing of what would stand in
it. Fields come and go by themselves: a path counts as gone only where it was always there before. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from connectors.paths.fields import below, entry_of, lies_within
from connectors.paths.picking import name
from connectors.problems import UNSTORABLE

OBJECT, LIST, NUMBER, TEXT, BOOLEAN = "object", "list", "number", "text", "boolean"
REMEMBERED = 20  # answers
STEADY = 5  # answers in a row after which a path that came later counts as always there
FEWEST = 3  # answers by which it is known that a path that nobody reads is always there
DEEPEST, MOST_PATHS, MOST_ENTRIES = 8, 600, 1000
MANY_KEYS = 25  # of one type: then they are data
LIKELY = 0.5  # how alike two paths have to be for one to have taken the other's place
DATA = re.compile(
    r"-?[0-9].*|[0-9a-f]{8}-[0-9a-f]{4}-.*|[0-9a-fA-F]{12,}|.*@.*|.*\s.*\s.*|(?=(?:.*[0-9]){4})[A-Za-z0-9_-]{16,}"
)
ALL = (1 << REMEMBERED) - 1

State = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The types of each path, the numbers that stand outside of lists, and the paths in which nothing can be seen."""

    types: Mapping[str, frozenset[str]] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()

    def says_nothing_of(self, path: str) -> bool:
        """Say whether a path may be there without showing itself: it stands in something empty."""
        return any(lies_within(path, each) for each in self.unknown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A path that was always there, of what type it was, whether it is read, and what may have taken its place."""

    path: str
    type: str
    is_read: bool
    instead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How an answer differs from those before: what is gone, and what is new with its type."""

    gone: tuple[Gone, ...] = ()
    new: tuple[tuple[str, str], ...] = ()

    @property
    def matters(self) -> bool:
        """Whether something that is read is gone."""
        return any(each.is_read for each in self.gone)


def shape_of(answer: Any, *, read: Iterable[str] = ()) -> Shape:
    """Return the shape of an answer; keys that are `read` by their name are no data."""
    look = _Look(frozenset(read))
    look.at(answer, "", 0)
    is_cut = len(look.types) > MOST_PATHS
    return Shape(
        types={path: frozenset(types) for path, types in look.types.items()},
        numbers=look.numbers,
        unknown=frozenset({""}) if is_cut else frozenset(look.unknown),
    )


def compared(kept: State | None, shape: Shape, *, of: str, read: Iterable[str] = ()) -> tuple[State, Difference]:
    """Return what is kept of the last answers with this one, and how it differs from those before.

    `of` says what was asked: answers to something else are not compared. `read` are the paths that somebody reads.
    """
    before: State = kept if kept and kept["of"] == of else {"of": of, "answers": 0, "seen": {}, "numbers": {}}
    if shape.says_nothing_of(""):
        return before, Difference()
    wanted = frozenset(read)
    gone = [each for each in _gone(before, shape, wanted) if each is not None]
    new = [pair for pair in _pairs(shape) if pair[1] not in before["seen"].get(pair[0], {})]
    state = {
        "of": of,
        "answers": min(before["answers"] + 1, REMEMBERED),
        "seen": _remembered(before["seen"], shape),
        "numbers": dict(shape.numbers),
    }
    if not gone:
        return state, Difference()
    new = _outermost(new, [(each.path, each.type) for each in gone])
    return state, Difference(gone=tuple(_with_successor(each, new, before, shape) for each in gone), new=tuple(new))


class _Look:
    """Walks through one answer and notes what stands where."""

    def __init__(self, read: frozenset[str]) -> None:
        self.read = read
        self.types: dict[str, set[str]] = {}
        self.numbers: dict[str, float] = {}
        self.unknown: set[str] = set()

    def at(self, value: Any, path: str, depth: int) -> None:
        """Note a value and what stands in it."""
        if len(self.types) > MOST_PATHS:
            return
        if value is None:
            self.unknown.add(path)
            return
        kind = type_of(value)
        self.types.setdefault(path, set()).add(kind)
        if kind in (OBJECT, LIST):
            self._within(value, path, depth + 1)
        elif kind == NUMBER and "[" not in path:
            self.numbers[path] = value

    def _within(self, value: Any, path: str, depth: int) -> None:
        entries = list(_entries(value, path, self.read))
        if not entries or depth > DEEPEST:
            self.unknown.add(path)
            return
        for place, child in entries:
            self.at(child, place, depth)


def _entries(value: Any, path: str, read: frozenset[str]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        step = max(1, len(value) // MOST_ENTRIES)
        yield from ((entry_of(path), each) for each in value[::step])
        return
    folds = len(value) > MANY_KEYS and len({type_of(each) for each in value.values()}) == 1
    for key, child in value.items():
        own = below(path, name(UNSTORABLE.sub("\ufffd", key)))
        is_data = (folds or DATA.fullmatch(key)) and not any(lies_within(each, own) for each in read)
        yield (below(path, "*") if is_data else own), child


def type_of(value: Any) -> str:
    """Return of what type a value is."""
    if isinstance(value, dict):
        return OBJECT
    if isinstance(value, list):
        return LIST
    if isinstance(value, bool):
        return BOOLEAN
    return NUMBER if isinstance(value, int | float) else TEXT


def _pairs(shape: Shape) -> Iterator[tuple[str, str]]:
    yield from ((path, kind) for path, types in shape.types.items() for kind in sorted(types))


def _gone(before: State, shape: Shape, read: frozenset[str]) -> Iterator[Gone]:
    """Yield the outermost paths that were always there and are not."""
    missing = [
        (path, kind)
        for path, types in before["seen"].items()
        for kind, mask in types.items()
        if kind not in shape.types.get(path, ()) and not shape.says_nothing_of(path)
        and _was_steady(mask, before["answers"], is_read=_is_read(path, read))
    ]  # fmt: skip
    lost = {path for path, _kind in missing if path not in shape.types}
    for path, kind in missing:
        if not any(other != path and lies_within(path, other) for other in lost):
            yield Gone(path=path, type=kind, is_read=_is_read(path, read))


def _is_read(path: str, read: frozenset[str]) -> bool:
    return any(lies_within(each, path) for each in read)


def _was_steady(mask: int, answers: int, *, is_read: bool) -> bool:
    """Say whether a path was in all of the last answers, or in all since it came."""
    if mask == (1 << answers) - 1:
        return answers >= (1 if is_read else FEWEST)
    return mask & (mask + 1) == 0 and mask >= (1 << STEADY) - 1


def _remembered(seen: Mapping[str, Mapping[str, int]], shape: Shape) -> State:
    """Return in which of the last answers each path was of which type: a bit for each answer, the last one lowest."""
    found: dict[str, dict[str, int]] = {}
    for path, types in seen.items():
        for kind, mask in types.items():
            there = kind in shape.types.get(path, ()) or shape.says_nothing_of(path)
            if moved := ((mask << 1) | there) & ALL:
                found.setdefault(path, {})[kind] = moved
    for path, kind in _pairs(shape):
        found.setdefault(path, {}).setdefault(kind, 1)
    return found


def _outermost(new: list[tuple[str, str]], gone: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Leave out what stands within something new, unless it merely became of another type."""
    paths = {path for path, _kind in new} - {path for path, _kind in gone}
    return [pair for pair in new if not any(other != pair[0] and lies_within(pair[0], other) for other in paths)]


def _with_successor(gone: Gone, new: list[tuple[str, str]], before: State, shape: Shape) -> Gone:
    """Return a path that is gone with the new one that is most like it, if any is."""
    likeness = {path: _likeness(gone, path, kind, before, shape) for path, kind in new if path != gone.path}
    best = max(likeness, key=lambda path: likeness[path], default="")
    found = best if best and likeness[best] >= LIKELY else ""
    return Gone(path=gone.path, type=gone.type, is_read=gone.is_read, instead=found)


def _likeness(gone: Gone, path: str, kind: str, before: State, shape: Shape) -> float:
    """Return how alike two paths are, from 0 to 1: by their type, their value, their name, their place, their parts."""
    if kind != gone.type:
        return 0.0
    if kind in (OBJECT, LIST):
        return _shared(_parts(gone.path, before["seen"]), _parts(path, shape.types))
    if gone.path in before["numbers"] and before["numbers"][gone.path] == shape.numbers.get(path):
        return 1.0
    (place, last), (other, new_last) = _split(gone.path), _split(path)
    alike = SequenceMatcher(None, last.lower(), new_last.lower()).ratio()
    return LIKELY + alike * (1 - LIKELY) if place == other else alike


def _split(path: str) -> tuple[str, str]:
    place, _dot, last = path.rpartition(".")
    return place, last


def _parts(path: str, paths: Iterable[str]) -> set[str]:
    return {each.removeprefix(path) for each in paths if each != path and lies_within(each, path)}


def _shared(first: set[str], second: set[str]) -> float:
    return len(first & second) / len(first | second) if first | second else 0.0
