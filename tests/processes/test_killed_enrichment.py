"""Workers killed again and again while both services limit: every post once, no answer charged twice, no limit broken.

The pretend services keep ledgers of what they served and charged; the installation's database holds what arrived. Posts
about two words are judged by a sentiment service behind a gateway, and by a language model.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.sandbox import sentiment, social
from tests.processes.installation import Installation, wait_for
from tests.processes.ledger import own_database, rows

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

KILLS = 20
LEASE = 2  # seconds
BACK = timedelta(hours=14)  # how old the first post is
WORDS = {"tea": "sentiment", "coffee": "ai"}
SCHEMA = {
    "type": "object",
    "properties": {"label": {"enum": ["positive", "neutral", "negative"]}, "score": {"type": "number"}},
    "required": ["label", "score"],
    "additionalProperties": False,
}
SET_UP = """
import json
from django.utils import timezone
from connectors.models import Connection, Enrichment, Feed
from organisations.models import Organisation

organisation = Organisation.objects.create(name="Growth", slug="growth", time_zone="UTC")
named = "X-Ledger: killed\\nX-Sandbox-Limit: {limit}"
sandbox = "{address}/sandbox"

def connect(name, kind, settings, secrets):
    row = Connection(organisation=organisation, name=name, kind=kind, settings={{"headers": named, **settings}},
                     calls_limit={calls}, calls_per=1)
    row.seal(secrets)
    row.save()
    return row

network = connect("Network", "http", {{"address": sandbox + "/social", "sign_in": "header"}},
                  {{"key": "sandbox-social-key"}})
judge = connect("Judge", "http", {{
    "address": sandbox + "/gateway", "sign_in": "client_credentials", "token_address": sandbox + "/gateway/token",
    "client_id": "sandbox-client"}}, {{"client_secret": "sandbox-client-secret"}})
model = connect("Model", "prompt", {{"address": sandbox + "/ai/v1", "sign_in": "bearer", "price_in": 1}},
                {{"key": "sandbox-ai-key"}})
asks = {{
    "tea": (judge, {{"path": "sentiment", "sends": "text=text", "body": '{{"text": "{{text}}"}}'}}),
    "coffee": (model, {{"model": "sandbox-small", "prompt": "How does {{text}} sound?", "sends": "text=text",
                        "schema": {schema!r}}}),
}}
for word, (service, query) in asks.items():
    feed = network.feeds.create(
        name=word, every=1, at_path="created_at", record_key="id", keeps_records=True, keep_records_days=2,
        cursor={since}, query={{
            "path": "posts", "params": "q=" + word + "\\ncount=40\\nsince_id={{cursor}}", "rows": "posts",
            "cursor": "meta.newest_id", "cursor_use": "next_time"}},
    )
    Enrichment.unscoped.create(feed=feed, connection=service, query=query, due_at=timezone.now())
    for name, path, kind in (("number", "`1`", "flow"), ("score", "enriched.score", "level")):
        metric = organisation.metrics.create(feed=feed, name=word + " " + name, value_path=path, value_kind=kind)
        organisation.targets.create(metric=metric, name=word + " " + name, goal=1, tracking_since=timezone.now().date())
"""


class Ledger:
    """What the pretend services wrote down."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "sandbox" / "killed" / "ledger.jsonl"

    def lines(self, service: str = "") -> list[dict[str, Any]]:
        """Return the lines of one service, or all."""
        text = self._file.read_text() if self._file.exists() else ""
        found = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
        return [line for line in found if not service or line["service"] == service]

    def judgements(self) -> int:
        """Return how many calls asked about posts."""
        return len([line for line in self.lines() if line["service"] in WORDS.values()])


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with own_database(tmp_path) as database:
        installation = Installation(tmp_path, database)
        installation.environment |= {
            "COLLECTION_LEASE": str(LEASE), "SANDBOX": "true", "OUTBOUND_ALLOWED_HOSTS": "localhost",
        }  # fmt: skip
        try:
            installation.manage("migrate", "--verbosity", "0")
            yield installation
        finally:
            installation.stop()


def first_id() -> int:
    """Return the id after which posts are asked for."""
    return int((datetime.now(UTC) - BACK - social.FIRST_HOUR).total_seconds()) * 1000


def set_up(installation: Installation) -> None:
    """Make two feeds that keep posts, each with what judges them."""
    given = {"limit": "20/5", "calls": 3, "since": first_id(), "schema": json.dumps(SCHEMA)}
    installation.manage("shell", "--verbosity", "0", "-c", SET_UP.format(address=installation.web(), **given))


def is_done(installation: Installation) -> bool:
    """Say whether both feeds have collected, and every post has its answer."""
    counted = rows(installation.database, "SELECT COUNT(*) FROM connectors_record WHERE state <> 'done'")
    fresh = rows(installation.database, "SELECT COUNT(*) FROM connectors_feed WHERE health = 'fresh'")
    return counted == [(0,)] and fresh == [(2,)]


def has_gone_on(installation: Installation, ledger: Ledger, before: int) -> bool:
    """Say whether a service was asked again, or nothing is left to ask."""
    return ledger.judgements() > before or is_done(installation)


def killed_at_work(installation: Installation, ledger: Ledger) -> None:
    """Kill one of two workers as soon as a service has been asked again, and now and then both."""
    workers = [installation.worker(), installation.worker()]
    for number in range(KILLS):
        before = ledger.judgements()
        wait_for(partial(has_gone_on, installation, ledger, before))
        for place in (0, 1) if number % 5 == 4 else (number % 2,):
            installation.kill(workers[place])
            workers[place] = installation.worker()


def test_killed_workers_lose_no_post_and_no_answer_is_charged_twice(installation: Installation) -> None:
    set_up(installation)
    ledger = Ledger(installation.folder)
    installation.beat()
    killed_at_work(installation, ledger)
    wait_for(lambda: is_done(installation), patience=120)
    time.sleep(LEASE)  # whatever was under way has ended
    wait_for(lambda: is_done(installation))

    kept = records(installation)
    for word in WORDS:
        served = {post for line in ledger.lines("social") if asked_about(line) == word for post in line["served"]}
        assert {int(key) for key, of, *_ in kept if of == word} == served, "every post that was served is kept"
        assert len(served) > 30
    assert all(enriched for *_, enriched, _tokens in kept)
    assert all(
        json.loads(enriched) == sentiment.judged(json.loads(raw)["text"])
        for _key, word, raw, enriched, _tokens in kept
        if word == "tea"
    )

    asked = Counter(
        line["key"] for line in ledger.lines() if line["service"] in WORDS.values() and line["status"] == 200
    )
    assert max(asked.values()) > 1, "no kill ever interrupted a call: the test shows nothing"
    charged = {service: sum(line["charged"] for line in ledger.lines(service)) for service in WORDS.values()}
    assert charged["sentiment"] == len([1 for _key, word, *_ in kept if word == "tea"]), "each text is charged once"
    assert charged["ai"] == sum(tokens for *_, tokens in kept), "each token that was charged stands with its record"
    assert [line for line in ledger.lines() if line["status"] == 429] == [], "no limit was ever exceeded"
    check_readings(installation, kept)


def asked_about(line: dict[str, Any]) -> str:
    return str(parse_qs(urlsplit(line["path"]).query)["q"][0])


def records(installation: Installation) -> list[tuple[Any, ...]]:
    """Return key, word, row, answer and tokens of every record."""
    found = rows(
        installation.database,
        "SELECT r.key, f.name, CAST(r.raw AS TEXT), CAST(r.enriched AS TEXT), r.tokens FROM connectors_record r "
        "JOIN connectors_feed f ON f.id = r.feed_id",
    )
    assert len(found) == len({(key, word) for key, word, *_ in found}), "nothing twice"
    return found


def check_readings(installation: Installation, kept: list[tuple[Any, ...]]) -> None:
    """Hold the days of each metric against the records."""
    summed = dict(
        rows(
            installation.database,
            "SELECT m.name, SUM(d.total) FROM targets_dailyrollup d JOIN targets_metric m ON m.id = d.metric_id "
            "GROUP BY m.name",
        )
    )
    weighed = {
        name: (weighted, weight)
        for name, weighted, weight in rows(
            installation.database,
            "SELECT m.name, SUM(d.weighted), SUM(d.weight) FROM targets_dailyrollup d "
            "JOIN targets_metric m ON m.id = d.metric_id GROUP BY m.name",
        )
    }
    for word in WORDS:
        scores = [json.loads(enriched)["score"] for _key, of, _raw, enriched, _tokens in kept if of == word]
        assert summed[f"{word} number"] == len(scores)
        assert weighed[f"{word} score"] == (pytest.approx(sum(scores)), len(scores))
    lost = rows(installation.database, "SELECT COUNT(*) FROM connectors_enrichment WHERE failures > 0")
    assert lost == [(0,)]
