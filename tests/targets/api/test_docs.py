"""The calls of docs/api.md run as they stand: with curl, over HTTP, against the bundled pretend service."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from connectors.models import Feed
from organisations.access import access_for
from organisations.keys import new_key
from organisations.models import Organisation
from organisations.roles import Role
from targets import collecting
from targets.models import Metric, Target
from tests.cast import member

ROOT = Path(__file__).resolve().parents[3]
BLOCKS: list[str] = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "api.md").read_text(), re.DOTALL)


class Shell:
    """A shell that remembers variables and functions from one block to the next."""

    def __init__(self, folder: Path, replaced: dict[str, str]) -> None:
        self.memory = folder / "memory.sh"
        self.memory.write_text("")
        self.replaced = replaced

    def run(self, block: str) -> list[Any]:
        """Run a block, which must succeed; returns the JSON values it printed."""
        for old, new in self.replaced.items():
            block = block.replace(old, new)
        keep = f'export -p > "{self.memory}"; declare -f >> "{self.memory}"'
        script = f'set -o allexport -o errexit -o pipefail\n. "{self.memory}"\n{block}\n{keep}'
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
        return _values(done.stdout)


@pytest.fixture
def shell(live_server: LiveServer, tmp_path: Path) -> Shell:
    growth = Organisation.objects.create(name="Growth", slug="growth", time_zone="Europe/Berlin")
    access = access_for(member(growth, Role.OWNER), "growth")
    _, token = new_key(access, name="Documentation", role=Role.EDITOR, expires_at=None)
    return Shell(tmp_path, {"http://localhost:8000": live_server.url, "wm_…": token})


@pytest.mark.django_db(transaction=True)
def test_the_documented_calls_lead_from_nothing_to_a_judged_target(shell: Shell) -> None:
    setting_up, connection, feed, target, look, note, push, clean_up, called = BLOCKS
    shell.run(setting_up)
    shell.run(connection)
    (tried,) = shell.run(feed)
    assert (tried["ok"], tried["status"]) == (True, 200)
    assert {"date", "uniqueVisitors"} == set(tried["answer"][0])
    shell.run(target)
    _collect(Feed.unscoped.get(name="Visitors").pk)
    shown, _, chart = shell.run(look)
    assert shown["value"] > 0
    assert shown["status"] != "no_data"
    assert chart["track"]["goal"] == 10_000
    assert Target.unscoped.get().results.count() > 0
    listed, changed = shell.run(note)
    assert (listed["count"], changed["text"]) == (1, "The spring campaign began.")
    assert Target.unscoped.get().notes.count() == 0
    assert [answer["recorded"] for answer in shell.run(push)] == [1, 3]
    found, deleted, one = shell.run(clean_up)
    assert (found["count"], deleted, one) == (3, {"deleted": 1}, {"deleted": 1})
    assert Metric.unscoped.get(name="Stock").observations.count() == 2
    lately, _november, _hours = shell.run(called)
    assert lately["calls"] > 0
    assert lately["failed"] == 0


def test_the_document_names_the_limits_that_hold() -> None:
    from django.conf import settings

    from organisations.api_callers import WrongKeys
    from organisations.api_format import Pages
    from organisations.languages import size
    from targets.forms.short import RHYTHMS
    from targets.pushing import MOST

    text = (ROOT / "docs" / "api.md").read_text()
    assert f"{MOST:,} readings and {size(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)} a request" in text
    assert f"{Pages.max_page_size:,} rows a page" in text
    assert f"{WrongKeys.rate.split('/')[0]} wrong keys a minute" in text
    assert all(str(minutes) in text for minutes, _ in RHYTHMS)


def _collect(feed_id: int) -> None:
    """Do the worker's part until the feed has caught up."""
    now = timezone.now()
    while collecting.run(feed_id, now, announce=lambda _: None, announce_feed=lambda _: None):
        pass


def _values(text: str) -> list[Any]:
    """Return the JSON values that stand one after another."""
    decoder, values, place = json.JSONDecoder(), [], 0
    while place < len(text.rstrip()):
        value, place = decoder.raw_decode(text, place)
        values.append(value)
        place += len(text[place:]) - len(text[place:].lstrip())
    return values
