"""Ways through an answer: keys and positions, one after the other. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Trail = tuple[str | int, ...]

DEEPEST = 24  # levels that are looked into and drawn; deeper ones are an ellipsis


def steps(value: dict[str, Any] | list[Any]) -> Iterator[tuple[str | int, Any]]:
    """Yield what stands in an object or list, each with its key or position."""
    yield from value.items() if isinstance(value, dict) else enumerate(value)
