"""What is wrong with a path that cannot be followed, in words: where it breaks off, and what is missing there."""

from __future__ import annotations

import re
from typing import Any

from jmespath.exceptions import IncompleteExpressionError, LexerError, ParseError

from connectors.problems import Problem, problem

SHOWN = 30  # characters of what stands before the place
WAITING = re.compile(r"(&&|\|\||==|!=|<=|>=|[.,:|<>!&({\[?])\s*$")
QUOTED = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`""")
CLOSES = {")": "(", "]": "[", "}": "{"}


def explained(path: str, error: Exception) -> Problem:
    """Return why jmespath cannot parse a path; what follows “… is no path we can follow:”."""
    if isinstance(error, LexerError):
        return _unknown_sign(path, error)
    if isinstance(error, IncompleteExpressionError):
        return _broken_off(path)
    return _misplaced(path, error) if isinstance(error, ParseError) else problem("path_too_deep")


def _unknown_sign(path: str, error: Any) -> Problem:
    place, sign = error.lex_position, path[error.lex_position : error.lex_position + 1]
    if error.token_type.startswith("UNCLOSED"):
        return problem("path_unclosed", sign=sign)
    if sign == "=":
        return problem("path_one_equals")
    if sign == "$" and place == 0:
        return problem("path_dollar")
    return problem("path_sign", sign=sign, example='"unit-price"')


def _broken_off(path: str) -> Problem:
    if WAITING.search(path):
        return problem("path_something_missing", before=_before(path, len(path)))
    return problem("path_unclosed", sign=_open_bracket(path))


def _misplaced(path: str, error: Any) -> Problem:
    place, kind = error.lex_position, error.token_type
    before, sign = _before(path, place), path[place:].split(" ")[0][:SHOWN]
    if before.endswith("."):
        is_digit = kind == "NUMBER"
        return problem("path_digit", example=f'"{sign}"') if is_digit else problem("path_name_missing", before=before)
    if kind == "NUMBER":
        return (
            problem("path_number", example=f"`{error.token_value}`")
            if before
            else problem("path_digit", example='"1a"')
        )
    if not before:
        return problem("path_begins", sign=sign)
    return problem("path_unexpected", sign=sign, before=before) if sign else _broken_off(path)


def _before(path: str, place: int) -> str:
    text = path[:place].rstrip()
    return text if len(text) <= SHOWN else f"…{text[-SHOWN:]}"


def _open_bracket(path: str) -> str:
    """Return the last bracket that nothing closes."""
    opened: list[str] = []
    for sign in QUOTED.sub("", path):
        if sign in CLOSES.values():
            opened.append(sign)
        elif sign in CLOSES and opened and opened[-1] == CLOSES[sign]:
            opened.pop()
    return opened[-1] if opened else path[-1:]
