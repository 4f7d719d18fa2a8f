"""A command killed while it applies two thousand rows leaves nothing behind, and applying again works."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.installation import PATIENCE, ROOT, Installation
from tests.processes.ledger import own_database, rows

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

TARGETS = 2000
HEAD = """\
blueprint: 1
connections:
  Typed in:
    kind: push
feeds:
  Typed in / Daily: {}
metrics:
  Sales:
    feed: Typed in / Daily
targets:
"""
ROW = "  Target {number}:\n    metric: Sales\n    goal: at least {number} per month\n    tags: [Growth]\n"
SET_UP = """
from organisations.models import User
from organisations.setup import found
owner = User.objects.create_user("owner@growth.example")
print(found(name="Growth", time_zone="Europe/Berlin", owner=owner).slug)
"""
KILLED_AT = [400, 1400, 2000]  # rows of which it has said that they are read


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with own_database(tmp_path) as database:
        installation = Installation(tmp_path, database)
        try:
            installation.manage("migrate", "--verbosity", "0")
            installation.manage("shell", "--verbosity", "0", "-c", SET_UP)
            (tmp_path / "growth.yaml").write_text(
                HEAD + "".join(ROW.format(number=number) for number in range(1, TARGETS + 1)), encoding="utf-8"
            )
            yield installation
        finally:
            installation.stop()


def command(installation: Installation) -> list[str]:
    file = str(installation.folder / "growth.yaml")
    return [sys.executable, "manage.py", "blueprint", "apply", "growth", file, "--yes", "--manage", "growth.yaml"]


def count(installation: Installation) -> list[int]:
    """Return how many rows there are of everything that the file makes."""
    tables = ["connectors_connection", "connectors_feed", "targets_metric", "targets_target", "targets_tag"]
    tables += ["organisations_managed", "blueprints_blueprint"]
    return [rows(installation.database, f"SELECT COUNT(*) FROM {table}")[0][0] for table in tables]  # noqa: S608


def killed_when(installation: Installation, done: int) -> None:
    """Start the command and kill it as soon as it says that so many rows are done."""
    process = subprocess.Popen(
        command(installation),
        cwd=ROOT,
        env={**installation.environment, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    installation.running.append(process)  # type: ignore[arg-type]  # a process that speaks text
    too_long = threading.Timer(PATIENCE, process.kill)
    too_long.start()
    said = process.stdout
    assert said is not None
    reached = any(_done(line) >= done for line in said)
    too_long.cancel()
    assert reached, "it ended before it came so far"
    installation.kill(process)  # type: ignore[arg-type]


def _done(line: str) -> int:
    """Return the rows that a line of progress says are done: “400 of 2,003”."""
    first, _of, rest = line.partition(" of ")
    return int(first.replace(",", "")) if rest and first.replace(",", "").isdecimal() else 0


def test_a_command_killed_while_it_applies_leaves_nothing_and_can_be_run_again(installation: Installation) -> None:
    for done in KILLED_AT:
        killed_when(installation, done)
        assert count(installation) == [0, 0, 0, 0, 0, 0, 0], f"killed at {done}"
    subprocess.run(command(installation), cwd=ROOT, env=installation.environment, check=True, timeout=120)
    assert count(installation) == [1, 1, 1, TARGETS, 1, TARGETS + 3, 1]
    again = subprocess.run(
        command(installation), cwd=ROOT, env=installation.environment, check=True, timeout=120, capture_output=True
    )
    assert b"Nothing changes" in again.stdout
