"""What the pretend services remember: small files in the installation's folder that several processes write in turn.

Everything is kept under the name that a caller gives itself in the header `X-Ledger`, so that two callers who give
different names have services of their own: their own limits, their own room, their own stock. Exact for all processes
of one machine; the cache would not do, for a database cache counts in two steps.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

COMMON = "common"  # whoever gives itself no name
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
MOST_NAMES = 40  # that are kept at once
MOST_BYTES = 10_000_000  # of one list of lines


class BadName(ValueError):
    """Nothing is kept under such a name."""


class NoRoom(Exception):
    """There are too many names, or one of them has kept too much."""


def checked(name: str) -> str:
    """Return a name under which something may be kept. Raises BadName."""
    if not NAME.fullmatch(name):
        raise BadName("A ledger's name is of small letters, digits and dashes, at most 40.")
    return name


def folder(world: str) -> Path:
    """Return where everything under a name is kept, made where it is missing. Raises NoRoom."""
    path = _all() / world
    if not path.is_dir():
        if world != COMMON and len(names()) >= MOST_NAMES:
            raise NoRoom
        path.mkdir(parents=True, exist_ok=True)
    return path


def names() -> list[str]:
    """Return the names under which something is kept."""
    return sorted(path.name for path in _all().iterdir() if path.is_dir()) if _all().is_dir() else []


def forget(world: str | None = None) -> None:
    """Forget what is kept under a name, or everything."""
    shutil.rmtree(_all() / world if world else _all(), ignore_errors=True)


@contextmanager
def held(world: str, name: str) -> Iterator[dict[str, Any]]:
    """Give a small document to change; whoever else wants it waits until it is written."""
    path = folder(world) / f"{name}.json"
    with _lock(path):
        document = _read(path)
        yield document
        _write(path, document)


def looked_up(world: str, name: str) -> dict[str, Any]:
    """Return a document as it stands, empty where there is none."""
    return _read(_all() / world / f"{name}.json")


def noted(world: str, name: str, line: dict[str, Any]) -> None:
    """Add a line to a list; lines of several processes never mix. Raises NoRoom."""
    path = folder(world) / f"{name}.jsonl"
    if path.exists() and path.stat().st_size > MOST_BYTES:
        raise NoRoom
    text = json.dumps(line, separators=(",", ":")) + "\n"
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, text.encode())
    finally:
        os.close(file)


def lines(world: str, name: str) -> list[dict[str, Any]]:
    """Return the lines of a list, oldest first."""
    path = _all() / world / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _all() -> Path:
    return Path(settings.VAR) / "sandbox"


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Hold a file beside the document: the document itself is replaced by each writer."""
    with path.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _read(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return document


def _write(path: Path, document: dict[str, Any]) -> None:
    """Write whole or not at all, so that a killed process leaves what was there."""
    file, name = tempfile.mkstemp(dir=path.parent, suffix=".new")
    with os.fdopen(file, "w") as written:
        json.dump(document, written, separators=(",", ":"))
    Path(name).replace(path)
