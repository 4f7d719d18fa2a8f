"""The installation's own database, asked directly: SQLite beside it, or one of its own on the PostgreSQL of the run."""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

SERVER = os.environ.get("TEST_DATABASE_URL", "")


@contextmanager
def own_database(folder: Path) -> Iterator[str]:
    """Yield the address of an empty database; one on PostgreSQL is dropped afterwards."""
    if not SERVER.startswith("postgres"):
        yield f"sqlite:///{folder / 'waymark.sqlite3'}"
        return
    name = f"waymark_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(SERVER, autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def rows(address: str, question: str, *values: Any) -> list[tuple[Any, ...]]:
    """Ask the database; `?` stands for a value."""
    if address.startswith("postgres"):
        with psycopg.connect(address) as database:
            return database.execute(question.replace("?", "%s").encode(), values).fetchall()
    with sqlite3.connect(address.removeprefix("sqlite:///"), timeout=20) as database:
        return database.execute(question, values).fetchall()
