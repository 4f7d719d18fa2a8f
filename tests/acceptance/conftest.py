"""A source that nobody here wrote: static JSON behind Python's own web server, collected through the real http kind."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.models import Feed
from connectors.models.feed import Asks, Outcome
from organisations.models import Organisation
from targets import collecting, judging, schedule
from targets.models import Metric, Target

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(kw_only=True)
class Source:
    """One file of rows, the feed that asks for it, and the clock of whoever looks after both."""

    feed: Feed
    file: Path
    needs_owner: list[int] = field(default_factory=list)

    def serve(self, rows: list[dict[str, Any]]) -> None:
        """Answer with these rows from now on, whatever is asked for."""
        self.file.write_text(json.dumps(rows))

    def fall_silent(self) -> None:
        """Answer with 404 from now on."""
        self.file.unlink(missing_ok=True)

    def collect(self, now: datetime) -> Outcome | None:
        """Collect at this moment, the whole history if it is still missing."""
        rows = Feed.unscoped.filter(pk=self.feed.pk)
        rows.exclude(due_at=None).update(due_at=now)
        outcome = None
        while rows.filter(due_at__lte=now).exists():
            outcome = collecting.run(self.feed.pk, now, announce=ignore, announce_feed=self.needs_owner.append)
            if outcome != Outcome.OK:
                break
        self.feed.refresh_from_db()
        return outcome

    def metric(self, name: str = "Orders", **fields: Any) -> Metric:
        """Return a metric that reads `value`."""
        organisation = self.feed.connection.organisation
        return Metric.unscoped.create(
            organisation=organisation, feed=self.feed, name=name, **({"value_path": "value"} | fields)
        )


def ignore(_: int) -> None:
    """Announce to nobody."""


def judge_what_aged(now: datetime) -> None:
    """Judge what the scheduler would judge at this moment."""
    for pk in schedule.ring_for_judgement(now):
        judging.judge_target(pk, now)


def a_target(metric: Metric, goal: float, **fields: Any) -> Target:
    """Return a target, not judged yet, that was set before any reading."""
    known = {"name": f"Target {metric.organisation.targets.count() + 1}", "tracking_since": date(2026, 1, 1)}
    return Target.unscoped.create(organisation=metric.organisation, metric=metric, goal=goal, **(known | fields))


def stored(target: Target) -> Target:
    """Return the target as its pages load it."""
    related = ("organisation", "metric__organisation", "metric__feed__connection", "owner")
    row: Target = Target.unscoped.select_related(*related).get(pk=target.pk)
    return row


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Serve a folder over HTTP; yields the folder and its address."""
    folder = tmp_path_factory.mktemp("shelf")
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        port = server.stdout.readline().split(" port ")[1].split(" ")[0]
        yield folder, f"http://127.0.0.1:{port}"
        server.terminate()


@pytest.fixture
def source(organisation: Organisation, shelf: tuple[Path, str]) -> Source:
    """A source of the organisation's that is asked every hour for `date` and `value`."""
    return a_source(organisation, shelf)


def a_source(organisation: Organisation, shelf: tuple[Path, str], **fields: Any) -> Source:
    """Return a source of an organisation."""
    folder, address = shelf
    name = f"source-{organisation.pk}-{organisation.connections.count()}.json"
    connection = organisation.connections.create(
        name=name, kind="http", settings={"address": address, "sign_in": "none"}
    )
    defaults = {"asks": Asks.WINDOW, "at_path": "date", "due_at": LONG_AGO, "every": 60, "history_days": 60}
    feed = connection.feeds.create(name="Rows", query={"path": name}, **(defaults | fields))
    (folder / name).unlink(missing_ok=True)
    return Source(feed=feed, file=folder / name)
