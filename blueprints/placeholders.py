"""Values that a file leaves open, such as `${GOAL}`: which there are, and how they are filled. Pure.

`$${` is a dollar sign and a brace. Secrets stay names throughout: they are opened only when a row is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from blueprints.nodes import Node
from organisations.documents.sections import SECRETS

OPEN = re.compile(r"\$\$\{|\$\{([A-Z][A-Z0-9_]*)\}")
PLACE_OF_SECRETS = 2  # section → name → secrets
Names = dict[str, Node]  # by name, the first place where each stands


def escaped(text: str) -> str:
    """Return a text as a file says it, where it looks like a placeholder."""
    return text.replace("${", "$${")


def escaped_all(value: Any) -> Any:
    """Return values, lists and mappings with every text as a file says it."""
    if isinstance(value, str):
        return escaped(value)
    if isinstance(value, list):
        return [escaped_all(each) for each in value]
    if isinstance(value, Mapping):
        return {escaped(name): escaped_all(each) for name, each in value.items()}
    return value


def named_in(node: Node) -> tuple[Names, Names]:
    """Return the placeholders of a tree: those of plain values, and those of secrets."""
    open_ones: Names = {}
    secret_ones: Names = {}
    for text, where, path in _texts(node, ()):
        names = secret_ones if is_secret(path) else open_ones
        for found in OPEN.finditer(text):
            if found[1]:
                names.setdefault(found[1], where)
    return open_ones, secret_ones


def is_secret(path: tuple[str, ...]) -> bool:
    """Say whether a path leads into the secrets of a row."""
    return path[PLACE_OF_SECRETS : PLACE_OF_SECRETS + 1] == (SECRETS,)


def _texts(node: Node, path: tuple[str, ...]) -> Iterator[tuple[str, Node, tuple[str, ...]]]:
    if isinstance(node.value, str):
        yield node.value, node, path
    elif isinstance(node.value, list):
        for each in node.value:
            yield from _texts(each, path)
    elif isinstance(node.value, dict):
        for name, each in node.value.items():
            yield name, each, path
            yield from _texts(each, (*path, name))


def filled(node: Node, answers: Mapping[str, str], path: tuple[str, ...] = ()) -> Node:
    """Return the tree with its plain values filled; a name without an answer stays as it stands."""
    if is_secret(path):
        return node
    if isinstance(node.value, str):
        return Node(filled_text(node.value, answers), node.line, node.file)
    if isinstance(node.value, list):
        return Node([filled(each, answers, path) for each in node.value], node.line, node.file)
    if isinstance(node.value, dict):
        inner = {filled_text(name, answers): filled(each, answers, (*path, name)) for name, each in node.value.items()}
        return Node(inner, node.line, node.file)
    return node


def filled_text(text: str, answers: Mapping[str, str]) -> str:
    """Return a text with its values filled; a name without an answer stays."""
    return OPEN.sub(lambda found: answers.get(found[1], found[0]) if found[1] else "${", text)
