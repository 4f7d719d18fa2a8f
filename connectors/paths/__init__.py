"""Where something stands in an answer: JMESPath (https://jmespath.org), with a limit to the work one look-up may make.

Without the limit a short expression can unfold a small answer into more than the memory holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions
from jmespath.visitor import Options, TreeInterpreter

from connectors.paths.errors import explained
from connectors.problems import Unreadable, problem

LONGEST = 300
MOST_WORK = 2_000_000  # steps, and elements or characters made on the way
DECIDING = frozenset({"contains", "starts_with", "ends_with"})  # functions that say yes or no
FUNCTIONS = Options(custom_functions=Functions())  # made once, because making them takes longer than a look-up

Look = Callable[[Any], Any]


class TooMuchWork(Unreadable):
    """An expression unfolds the answer beyond the limit."""


class _Limited(TreeInterpreter):
    """Evaluates one look-up and stops when it has done too much."""

    def __init__(self) -> None:
        super().__init__(FUNCTIONS)
        self._work = 0

    def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
        found = super().visit(node, *args, **kwargs)
        self._work += 1
        if node["type"] in ("flatten", "function_expression") and isinstance(found, list | str):
            self._work += len(found)
        if self._work > MOST_WORK:
            raise TooMuchWork(problem("path_unfolds"))
        return found


@lru_cache(maxsize=512)
def look_up(path: str) -> Look:
    """Return a function that finds what stands at `path`; an empty path finds the value itself.

    Raises Unreadable, with a sentence for the person who typed it, where `path` is no JMESPath. So does the function
    it returns, with a reason, where the path does not fit the value; what is not there is None.
    """
    if not path:
        return _itself
    parsed = _parsed(path)

    def look(value: Any) -> Any:
        try:
            return _Limited().visit(parsed, value)
        except TooMuchWork:
            raise
        except (JMESPathError, TypeError, ValueError, ArithmeticError, RecursionError):
            raise Unreadable(problem("path_unfit_for_row", path=path)) from None

    return look


@lru_cache(maxsize=512)
def is_condition(path: str) -> bool:
    """Say whether what a path finds is true or false, because it compares something. Raises Unreadable as `look_up`."""
    return bool(path) and _decides(_parsed(path))


def _decides(node: Any) -> bool:
    kind, children = node["type"], node["children"]
    if kind in ("and_expression", "or_expression"):
        return all(_decides(child) for child in children)
    if kind in ("pipe", "subexpression"):
        return _decides(children[-1])
    if kind == "function_expression":
        return node["value"] in DECIDING
    return kind in ("comparator", "not_expression") or (kind == "literal" and isinstance(node["value"], bool))


def _itself(value: Any) -> Any:
    return value


def _parsed(path: str) -> Any:
    if len(path) > LONGEST:
        raise Unreadable(problem("long_path", most=LONGEST))
    try:
        parsed = jmespath.compile(path).parsed
    except (JMESPathError, ValueError, RecursionError) as error:
        raise Unreadable(problem("broken_path", path=path, why=explained(path, error))) from None
    for function in _functions_in(parsed):
        _check(function)
    return parsed


def _functions_in(node: Any) -> Iterator[Any]:
    if not isinstance(node, dict):
        return
    if node["type"] == "function_expression":
        yield node
    for child in node["children"]:
        yield from _functions_in(child)


def _check(function: Any) -> None:
    """Refuse a function that there is not, or with another number of values than it takes."""
    name, given = function["value"], len(function["children"])
    if name not in Functions.FUNCTION_TABLE:
        raise Unreadable(problem("no_function", name=name))
    takes = Functions.FUNCTION_TABLE[name]["signature"]
    any_number = bool(takes) and takes[-1].get("variadic", False)
    if given < len(takes) or (given > len(takes) and not any_number):
        raise Unreadable(problem("function_takes", name=name, count=len(takes), given=given))
