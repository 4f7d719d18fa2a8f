"""Blank lines and comments that follow a block of YAML: the library hangs them on the last leaf of the block before.

They are headings of what comes next, so they have to outlive the block, and to stay behind whatever is added to it.
"""

from __future__ import annotations

from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import CommentMark
from ruamel.yaml.tokens import CommentToken

AFTER_A_VALUE, AFTER_AN_ITEM = 2, 0  # where the library keeps what follows, in a mapping and in a list


def taken_below(block: CommentedMap) -> str:
    """Take what stands on the lines below a block off it, and return it; a comment beside the last value stays."""
    tail = _tail(block)
    token = _token(*tail) if tail else None
    if token is None or "\n" not in token.value:
        return ""
    beside, below = token.value.split("\n", 1)
    token.value = beside + "\n"
    return str(below)


def put_below(block: CommentedMap, text: str) -> None:
    """Put lines below a block, behind those that are there."""
    tail = _tail(block)
    if not text or tail is None:
        return
    token = _token(*tail)
    if token is not None:
        token.value = f"{token.value.rstrip(' ')}{text}"
        return
    holder, key, place = tail
    slots: list[Any] = [None] * (4 if place == AFTER_A_VALUE else 1)
    slots[place] = CommentToken(f"\n{text}", start_mark=CommentMark(0), end_mark=None)
    holder.ca.items[key] = slots


def _tail(node: Any) -> tuple[Any, Any, int] | None:
    """Return the last leaf of a block: what holds it, by which key, and where what follows it is kept."""
    if isinstance(node, CommentedMap) and node:
        key = next(reversed(node))
        return _tail(node[key]) or (node, key, AFTER_A_VALUE)
    if isinstance(node, CommentedSeq) and node and not node.fa.flow_style():
        return _tail(node[-1]) or (node, len(node) - 1, AFTER_AN_ITEM)
    return None


def _token(holder: Any, key: Any, place: int) -> CommentToken | None:
    slots = holder.ca.items.get(key) or []
    token = slots[place] if len(slots) > place else None
    return token if isinstance(token, CommentToken) else None
