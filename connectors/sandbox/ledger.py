"""What the pretend services served and charged, so that it can be held against what arrived elsewhere.

A ledger is kept only for callers that name one in the header `X-Ledger`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connectors.sandbox import books

Line = dict[str, Any]


def note(world: str, line: Line) -> None:
    """Add what one call got: service, method, path, status, ids served, units charged. Raises NoRoom."""
    if world != books.COMMON:
        books.noted(world, "ledger", line)


def told(world: str) -> dict[str, Any]:
    """Return a ledger: each line, and for each service the sums."""
    lines = books.lines(world, "ledger")
    services = sorted({line["service"] for line in lines})
    return {"name": world, "services": {name: _sums(lines, name) for name in services}, "lines": lines}


def _sums(lines: Iterable[Line], service: str) -> dict[str, Any]:
    ours = [line for line in lines if line["service"] == service]
    return {
        "calls": len(ours),
        "refused": sum(line["status"] >= 400 for line in ours),
        "served": sum(len(line["served"]) for line in ours),
        "charged": sum(line["charged"] for line in ours),
    }
