"""Which rows of an answer are meant at all: the last of each key, and those that fulfil a condition. Pure.

What happens to a row here happens for every metric of a feed. A row whose condition is not fulfilled is left out; one
of which that cannot be told is set aside with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import Misconfigured
from connectors.paths import is_condition, look_up
from connectors.problems import Problem, Unreadable, problem

Meets = Callable[[Any], bool]
KeyOf = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Placed:
    """A row, and which one of the answer it is, from 1 on."""

    place: int
    row: Any


@dataclass(frozen=True, slots=True)
class Aside:
    """A row that was set aside, which one of the answer it is, and why; `why` follows “Row 3:”."""

    place: int
    row: Any
    why: Problem

    @property
    def reason(self) -> Problem:
        """Why, as a whole sentence that names the row."""
        return problem("row_refused", place=self.place, why=self.why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sifted:
    """The rows that are meant, in their order; those set aside; and how many others were left out."""

    rows: list[Placed] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)
    left_out: int = 0


def numbered(rows: Iterable[Any]) -> list[Placed]:
    """Return rows with their places."""
    return [Placed(place, row) for place, row in enumerate(rows, start=1)]


def sift(rows: Iterable[Any], *, row_filter: str = "", key_path: str = "") -> Sifted:
    """Return the rows that are meant. Raises Misconfigured where condition or key cannot be followed.

    Of rows with the same key the last counts, also where it alone does not fulfil the condition: an order that was paid
    and is refunded is not paid. A row that is meant and has no key is set aside.
    """
    meets, key_of = _followed(row_filter, key_path)
    every, kept, aside = numbered(rows), list[Placed](), list[Aside]()
    for each in _last_of_each_key(every, key_of) if key_path else every:
        try:
            if meets(each.row):
                key_of(each.row)
                kept.append(each)
        except Unreadable as error:
            aside.append(Aside(each.place, each.row, error.problem))
    return Sifted(rows=kept, aside=aside, left_out=len(every) - len(kept) - len(aside))


def _followed(row_filter: str, key_path: str) -> tuple[Meets, KeyOf]:
    try:
        return condition(row_filter), key_at(key_path)
    except Unreadable as error:
        raise Misconfigured(error.problem) from None


def _last_of_each_key(rows: Iterable[Placed], key_of: KeyOf) -> list[Placed]:
    """Return the rows that no later one replaces; a row without a key replaces none."""
    last: dict[str | int, Placed] = {}
    for each in rows:
        try:
            last[key_of(each.row)] = each
        except Unreadable:
            last[each.place] = each
    return sorted(last.values(), key=lambda each: each.place)


def condition(path: str) -> Meets:
    """Return a function that says whether a row fulfils a condition; without one every row does.

    A condition gives true or false; null, where a field is not there, is false, but not from a comparison: whether
    nothing is larger than 5 cannot be told. Raises Unreadable, and so does the function.
    """
    if not path:
        return lambda _row: True
    look, compares = look_up(path), is_condition(path)

    def meets(row: Any) -> bool:
        found = look(row)
        if isinstance(found, bool):
            return found
        if found is None and not compares:
            return False
        raise Unreadable(problem("filter_undecided" if compares else "filter_no_condition", path=path))

    return meets


def key_at(path: str) -> KeyOf:
    """Return a function that writes down what tells a row from all others; several values make one key.

    Raises Unreadable, and so does the function where there is no key.
    """
    look = look_up(path)

    def key(row: Any) -> str:
        found = look(row)
        parts = found if isinstance(found, list) else [found]
        if path and all(part is None or part == "" for part in parts):
            raise Unreadable(problem("key_missing", path=path))
        return json.dumps(found, sort_keys=True) if path else ""

    return key
