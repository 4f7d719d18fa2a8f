"""From a JSON answer to the numbers in it: a tree to draw, and a name for every number. Pure.

A number is known by its path, written in JMESPath with positions (`plans[1].new`): whoever asks the answer for that
path gets the number back. Better ways to find it again next time are in `connectors.ways`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from connectors.paths import LONGEST as LONGEST_PATH
from connectors.paths.trails import DEEPEST, Trail, steps
from organisations.languages import grouped

PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NUMBER_LIKE = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
UNFOLDED = 20  # entries of a list that are in sight; the rest folds
MOST_VALUES = 2000  # values that are drawn, so that a huge answer is still a page
ONE_LINE = 74  # characters of a short object that stays on one line
MOST_COLUMNS = 40  # of a list that is drawn as a table
MOST_DECIMALS = 10  # that are shown of a number; beyond them is the noise of binary fractions
LOOKED_AT = 500  # entries by which it is seen whether a list is a table


@dataclass(frozen=True, slots=True)
class Node:
    """One value of the answer, ready to be drawn.

    A number has a `path`, what to call it aloud (`label`) and `as_text` where it stands in quotes. An object or list
    has `brackets` and its entries, each with its key (empty in lists); `folded` are the entries behind a fold, `flat`
    tells that all of it fits on one line.
    """

    text: str = ""
    path: str = ""
    label: str = ""
    as_text: bool = False
    brackets: str = ""
    entries: tuple[tuple[str, Node], ...] = ()
    folded: tuple[tuple[str, Node], ...] = ()
    flat: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A list of like rows: the names of its columns, the first rows, and how many there are.

    `figures` tells of each column whether it holds numbers.
    """

    columns: tuple[str, ...]
    figures: tuple[bool, ...]
    rows: tuple[tuple[Node, ...], ...]
    total: int

    @property
    def head(self) -> list[tuple[str, bool]]:
        """The names of the columns, each with whether it holds numbers."""
        return list(zip(self.columns, self.figures, strict=True))


@dataclass(frozen=True, slots=True)
class Tree:
    """A whole answer, ready to be drawn: as a table where it is one, else from the root of the tree.

    `numbers` counts all that can be picked, `texts` those of them that are text; `cut` tells that not all are drawn.
    """

    root: Node
    numbers: int
    texts: int
    cut: bool
    table: Table | None = None


def tree(answer: Any) -> Tree:
    """Return the answer as a table, or as a tree of at most `MOST_VALUES` values."""
    leaves = list(numbers(answer))
    texts = sum(isinstance(value, str) for _trail, value in leaves)
    table, room = table_of(answer), _Room(MOST_VALUES)
    root = Node() if table else _drawn(answer, (), room)
    cut = len(answer) > UNFOLDED if table else room.left < 0
    return Tree(root=root, numbers=len(leaves), texts=texts, cut=cut, table=table)


def table_of(answer: Any) -> Table | None:
    """Return a list of flat objects as a table of its first rows; None for anything else."""
    if not isinstance(answer, list) or not answer or not all(_is_flat(row) for row in answer[:LOOKED_AT]):
        return None
    columns = tuple(dict.fromkeys(key for row in answer[:UNFOLDED] for key in row))
    if not 0 < len(columns) <= MOST_COLUMNS:
        return None
    rows = tuple(
        tuple(_cell(row.get(key), (place, key)) for key in columns) for place, row in enumerate(answer[:UNFOLDED])
    )
    figures = tuple(any(row[place].path for row in rows) for place in range(len(columns)))
    return Table(columns, figures, rows, len(answer))


def numbers(answer: Any) -> Iterator[tuple[Trail, Any]]:
    """Yield every number, and every text that looks like one, with the way to it, in the order of the answer."""
    waiting: list[tuple[Trail, Any]] = [((), answer)]
    while waiting:
        trail, value = waiting.pop()
        if isinstance(value, dict | list):
            if len(trail) < DEEPEST:
                waiting += [((*trail, step), child) for step, child in reversed(list(steps(value)))]
        elif number_in(value) is not None and len(spelled(trail)) <= LONGEST_PATH:
            yield trail, value


def number_in(value: Any) -> float | None:
    """Return the number that a value is or, as text, looks like; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and not NUMBER_LIKE.fullmatch(value):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def spelled(trail: Trail) -> str:
    """Write a way through the answer in JMESPath; `@` is the answer itself."""
    text = ""
    for step in trail:
        text += f"[{step}]" if isinstance(step, int) else ("." if text else "") + name(step)
    return text or "@"


def name(key: str) -> str:
    """Write a key in JMESPath, quoted where it must be."""
    return key if PLAIN_NAME.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def literal(text: str | int) -> str:
    """Write a text or a whole number in JMESPath."""
    if isinstance(text, int):
        return f"`{text}`"
    if "'" in text or "\\" in text:
        return "`" + json.dumps(text).replace("`", "\\u0060") + "`"
    return f"'{text}'"


def trail_of(answer: Any, path: str) -> Trail | None:
    """Return the way to the number that `tree` drew under this path; None if there is none."""
    return next((trail for trail, _value in numbers(answer) if spelled(trail) == path), None)


def follow(answer: Any, trail: Trail) -> Any:
    """Return what stands at the end of a way; None where it leads nowhere."""
    for step in trail:
        try:
            answer = answer[step]
        except (KeyError, IndexError, TypeError):
            return None
    return answer


def shown(number: float) -> str:
    """Write a number for people: grouped, with a true minus, and without the noise of binary fractions."""
    return grouped(number, decimals_of(number, most=MOST_DECIMALS))


def decimals_of(number: float, *, most: int) -> int:
    """Return how many decimals a number has, at most `most`."""
    return next((places for places in range(most) if round(number, places) == round(number, most)), most)


class _Room:
    """How many more values may be drawn."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self) -> bool:
        self.left -= 1
        return self.left >= 0


def _drawn(value: Any, trail: Trail, room: _Room) -> Node:
    if not isinstance(value, dict | list):
        return _leaf(value, trail)
    if len(trail) >= DEEPEST:
        return Node(text="…")
    entries = tuple(_entries(value, trail, room))
    if isinstance(value, dict):
        return Node(brackets="{}", entries=entries, flat=_fits_on_a_line(value))
    return Node(brackets="[]", entries=entries[:UNFOLDED], folded=entries[UNFOLDED:], flat=not value)


def _entries(value: dict[str, Any] | list[Any], trail: Trail, room: _Room) -> Iterator[tuple[str, Node]]:
    for step, child in steps(value):
        if not room.take():
            return
        yield (step if isinstance(step, str) else ""), _drawn(child, (*trail, step), room)


def _leaf(value: Any, trail: Trail) -> Node:
    text = json.dumps(value, ensure_ascii=False)
    path = spelled(trail)
    if number_in(value) is None or len(path) > LONGEST_PATH:
        return Node(text=text)
    words = " ".join(str(step + 1) if isinstance(step, int) else step for step in trail)
    return Node(text=text, path=path, label=f"{value}, {words}", as_text=isinstance(value, str))


def _cell(value: Any, trail: Trail) -> Node:
    """Return a value as it stands in a table: nothing where there is none, and text without its quotation marks."""
    found = Node() if value is None else _leaf(value, trail)
    return replace(found, text=value) if isinstance(value, str) else found


def _is_flat(row: Any) -> bool:
    return isinstance(row, dict) and not any(isinstance(value, dict | list) for value in row.values())


def _fits_on_a_line(value: dict[str, Any]) -> bool:
    if any(isinstance(child, dict | list) for child in value.values()):
        return False
    length = sum(len(key) + len(str(child)) + 6 for key, child in islice(value.items(), ONE_LINE))
    return length < ONE_LINE
