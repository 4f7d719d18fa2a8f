"""The pretend services, followed as a feed follows them; what arrived is held against their ledgers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from pytest_django.live_server_helper import LiveServer

from connectors.sandbox import keys
from tests.connectors.feeding import Feeding
from tests.connectors.sandbox.pretending import Services

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
LEDGER = "following"


def feed_of(site: str, key: str, **query: Any) -> Feeding:
    """Return a feed whose calls are written down in the ledger."""
    query["headers"] = f"X-Ledger: {LEDGER}\nX-Sandbox-Limit: 1000/60"
    settings = {"sign_in": "header", "header_name": "X-API-Key"}
    return Feeding(f"{site}/sandbox", query, secrets={"key": key}, settings=settings)


def served(site: str, service: str) -> list[Any]:
    """Return the ids that the ledger says were served, in order."""
    lines = Services(site, LEDGER).ledger()["lines"]
    return [one for line in lines if line["service"] == service for one in line["served"]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("chaos", ["", "duplicate", "shuffled"])
def test_posts_are_followed_by_their_ids_and_every_one_comes_once(live_server: LiveServer, chaos: str) -> None:
    posts = feed_of(
        live_server.url,
        keys.SOCIAL,
        path="social/posts",
        params=f"q=coffee\ncount=100\nsince_id={{cursor}}\nchaos={chaos}",
        rows="posts",
        cursor="id",
        cursor_use="greatest",
    )
    got: list[int] = []
    for days in (0, 1, 1, 3):
        with time_machine.travel(NOW + timedelta(days=days)):
            got += [row["id"] for row in posts.collect().rows]
    assert set(got) == set(served(live_server.url, "social"))
    assert len(got) == len(set(got)) or chaos == "duplicate", "the service itself sends some twice"
    assert posts.cursor == max(got)


@pytest.mark.django_db(transaction=True)
def test_deals_are_followed_by_the_time_they_were_closed_page_by_page(live_server: LiveServer) -> None:
    deals = feed_of(
        live_server.url,
        keys.DEALS,
        path="crm/deals",
        params="closed_since={cursor}\npage={page}\nper_page=100",
        rows="data",
        cursor="closed_at",
        cursor_use="latest",
        cursor_overlap=24 * 60,
        date_format="datetime_utc",
        pages="page_number",
    )
    got: set[int] = set()
    for days in (0, 4):
        with time_machine.travel(NOW + timedelta(days=days)):
            rows = deals.collect().rows
            got |= {row["id"] for row in rows}
    assert got == set(served(live_server.url, "crm"))
    assert {row["closed_at"] >= (NOW - timedelta(days=2)).isoformat() for row in rows} == {True}, "only what is new"


@pytest.mark.django_db(transaction=True)
def test_a_token_is_fetched_by_a_step_and_opens_the_gateway(live_server: LiveServer) -> None:
    steps = f"""
        POST gateway/token
        header Content-Type: application/x-www-form-urlencoded
        body grant_type=client_credentials&client_id={keys.CLIENT_ID}&client_secret={{key}}
        keep token = access_token
        """
    feed = Feeding(
        f"{live_server.url}/sandbox",
        {
            "steps": steps,
            "method": "POST",
            "path": "gateway/sentiment",
            "body": '{"text": "I love it"}',
            "headers": "Authorization: Bearer {token}",
        },
        secrets={"key": keys.CLIENT_SECRET},
        settings={"sign_in": "steps"},
    )
    (row,) = feed.collect().rows
    assert row["label"] == "positive"
    written = " ".join(f"{note.url} {note.sample} {note.request_headers}" for note in feed.notes)
    assert not re.search(r"eyJ[\w-]+\.", written), "no token stands in the log"
