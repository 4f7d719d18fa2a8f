"""An installation to measure: a database, a folder and static files of its own, gone when the measuring is over.

The caches, the queue and the database that the environment names are never touched; of the server that DATABASE_URL
names only a database of its own is used.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

SERVER = "postgres://postgres@127.0.0.1:5432/postgres"
HOW_TO_START = (
    "PostgreSQL cannot be reached at {where}: {why}\n"
    "Start one with: docker run --rm -p 5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres:17\n"
    "or name yours: DATABASE_URL=postgres://user:password@host:5432/postgres make bench\n"
    "Going on with SQLite; the bars are meant for PostgreSQL."
)
NOT_MEASURED = ["admin", "redoc", "rest_framework"]  # static files of pages that are not opened here
FIXED = {
    "DEBUG": "false",
    "SECRET_KEY": "only-for-measuring-" + "0" * 40,
    "ENCRYPTION_KEYS": "bench:" + "A" * 43 + "=",
    "SITE_URL": "http://localhost:8000",
    "ALLOWED_HOSTS": "localhost",
    "OUTBOUND_ALLOWED_NETWORKS": "127.0.0.1/32",
    "OUTBOUND_ALLOWED_HOSTS": "",
    "OUTBOUND_PROXY": "",
    "CACHE_URL": "dbcache://waymark_cache",
    "BROKER_URL": "filesystem://",
    "EMAIL_URL": "memorymail://",
    "SANDBOX": "false",
    "HASHED_STATIC": "true",
    "API_RATE": "6000/min",
    "LOG_LEVEL": "ERROR",
    "DJANGO_SETTINGS_MODULE": "trackerproject.settings",
}


@contextmanager
def installed() -> Iterator[str]:
    """Set Django up on a migrated database of its own; gives the database's name and version in words."""
    with tempfile.TemporaryDirectory(prefix="waymark-bench-") as folder, _database(Path(folder)) as url:
        os.environ.update(FIXED | {"DATABASE_URL": url, "VAR_DIR": folder})
        _set_up(Path(folder))
        try:
            yield _version()
        finally:
            _let_go()


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    """Create a database on the server and drop it in the end; a file in `folder` where there is no server."""
    server = os.environ.get("DATABASE_URL", SERVER)
    if not server.startswith("postgres"):
        yield f"sqlite:///{folder / 'bench.sqlite3'}"
        return
    try:
        connection = psycopg.connect(server, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        where = f"{urlsplit(server).hostname}:{urlsplit(server).port or 5432}"
        print(HOW_TO_START.format(where=where, why=str(error).strip().splitlines()[-1]))
        yield f"sqlite:///{folder / 'bench.sqlite3'}"
        return
    name = f"waymark_bench_{os.getpid()}"
    with connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            parts = urlsplit(server)
            yield urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _set_up(folder: Path) -> None:
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    settings.STATIC_ROOT = folder / "static"
    settings.ROOT_URLCONF = "bench.floor"
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=NOT_MEASURED)
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)


def _version() -> str:
    from django.db import connection

    connection.ensure_connection()
    numbers = connection.get_database_version()
    return f"{connection.display_name} {'.'.join(map(str, numbers))}"


def _let_go() -> None:
    """Close every connection, the pool's too, so that the database can be dropped."""
    from django.db import connection, connections

    connections.close_all()
    close_pool = getattr(connection, "close_pool", None)
    if close_pool is not None:
        close_pool()
