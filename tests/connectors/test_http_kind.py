"""The HTTP kind against real servers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pytest_httpserver import HTTPServer

from connectors import registry
from connectors.extract import Reading, extract
from connectors.fetching import try_out
from connectors.protocol import Window

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def test_s1(httpserver: HTTPServer) -> None:
    rows = [{"date": "2026-11-01", "uniqueVisitors": 320}, {"date": "2026-11-02", "uniqueVisitors": 410}]
    httpserver.expect_oneshot_request(
        "/api/visitors",
        query_string={"startDate": "2026-11-01", "endDate": "2026-11-20", "metric": "uniqueVisitors"},
        headers={"Authorization": "Bearer k3y"},
    ).respond_with_json(rows)
    trial = try_out(
        kind=registry.kind("http"),
        settings={"address": httpserver.url_for("/api"), "sign_in": "bearer"},
        secrets={"key": "k3y"},
        query={"path": "visitors", "params": "startDate={since}\nendDate={until}\nmetric=uniqueVisitors"},
        window=Window(since=datetime(2026, 10, 31, 23, tzinfo=UTC), until=NOW),
        zone=BERLIN,
        now=NOW,
    )
    assert trial.error is None, trial.error
    assert trial.page is not None
    print(trial.notes)
    print(extract(trial.page.rows, Reading(at_path="date", value_path="uniqueVisitors", zone=BERLIN), now=NOW))
