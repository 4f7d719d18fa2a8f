"""The call log for programs, and in the admin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from connectors.calls.hours import add_up
from connectors.models import Connection
from organisations.models import Organisation, User

NOW = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)  # a Friday afternoon in Berlin
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
API = "/api/v1/growth/"


@pytest.fixture(autouse=True)
def friday() -> Iterator[None]:
    """Stop the clock on Friday 20 November 2026 at 14:30 in Berlin."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def program(viewer: User, api: Callable[[User], APIClient]) -> APIClient:
    return api(viewer)


@pytest.fixture
def analytics(organisation: Organisation) -> Connection:
    row: Connection = organisation.connections.create(name="Analytics", kind="http", daily_quota=4)
    for hours, took, reason in [(1, 0.2, ""), (1, 0.4, "timeout"), (26, 1.0, ""), (24 * 7 + 1, 2.0, "server_error")]:
        call(row, NOW - hours * HOUR, took=took, reason=reason)
    return row


def call(connection: Connection, at: datetime, *, took: float = 0.2, reason: str = "") -> None:
    connection.calls.create(
        at=at, took=took, reason=reason, method="GET", url="https://api.example.com/x", status=200, size=100,
        correlation_id="1",
    )  # fmt: skip


def summary(program: APIClient, connection: Connection, query: str = "", *, status: int = 200) -> dict[str, Any]:
    response = program.get(f"{API}connections/{connection.pk}/calls/summary/{query}")
    assert response.status_code == status, response.content
    answer: dict[str, Any] = response.json()
    return answer


@pytest.mark.parametrize("added_up", [False, True])
def test_a_summary_has_figures_the_week_before_and_a_row_a_day(
    program: APIClient, analytics: Connection, added_up: bool
) -> None:
    if added_up:
        add_up(NOW)
    found = summary(program, analytics)
    assert (found["calls"], found["failed"], found["size"], found["reasons"]) == (3, 1, 300, {"timeout": 1})
    assert found["error_rate"] == pytest.approx(1 / 3, abs=1e-6)
    assert found["took"] == pytest.approx(1.6 / 3, abs=1e-6)
    assert [found[name] for name in ("p50", "p95", "p99")] == pytest.approx([0.4, 1.0, 1.0], rel=0.05)
    assert (found["week_before"]["calls"], found["week_before"]["error_rate"]) == (1, 1.0)
    assert (found["daily_quota"], found["by"], found["until"]) == (4, "day", "2026-11-20T13:30:00Z")
    assert [(row["at"], row["calls"], row["quota_used"]) for row in found["rows"]] == [
        ("2026-11-19", 1, 0.25),
        ("2026-11-20", 2, 0.5),
    ]


def test_a_summary_by_the_hour_of_a_chosen_stretch(program: APIClient, analytics: Connection) -> None:
    found = summary(program, analytics, "?by=hour&since=2026-11-20&until=2026-11-20T13:00")
    assert found["since"] == "2026-11-19T23:00:00Z"  # the beginning of the day in Berlin
    assert found["until"] == "2026-11-20T12:00:00Z"  # one in the afternoon, in Berlin
    assert (found["calls"], found["rows"]) == (0, [])
    found = summary(program, analytics, "?by=hour&since=2026-11-20T12:00Z&until=2026-11-20T13:00Z")
    assert [(row["at"], row["calls"], row["failed"]) for row in found["rows"]] == [("2026-11-20T12:00:00+00:00", 2, 1)]
    assert "quota_used" not in found["rows"][0]


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("?by=week", "by", "Ask by hour or by day."),
        ("?since=soon", "since", "is not one we recognise"),
        ("?since=2026-11-21", "until", "The end must come after the beginning."),
        ("?since=2026-09-01&by=hour", "since", "Ask for at most 31 days at once."),
        ("?since=2024-01-01", "since", "Ask for at most 400 days at once."),
        ("?sinc=2026-11-01", "sinc", "There is no such filter. Known: by, since, until."),
    ],
)
def test_what_makes_no_sense_is_refused(
    program: APIClient, analytics: Connection, query: str, field: str, sentence: str
) -> None:
    errors = summary(program, analytics, query, status=400)["errors"]
    assert sentence in errors[field][0]


def test_a_summary_of_a_foreign_connection_is_not_there(program: APIClient, elsewhere: Organisation) -> None:
    summary(program, elsewhere.connections.create(name="Foreign", kind="http"), status=404)


def test_a_gateways_summary_includes_what_is_behind_it(
    program: APIClient, analytics: Connection, organisation: Organisation
) -> None:
    gateway = organisation.connections.create(name="Gateway", kind="http")
    Connection.unscoped.filter(pk=analytics.pk).update(gateway=gateway)
    assert summary(program, gateway)["calls"] == 3


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", 4),
        ("failed=true", 2),
        ("failed=false", 2),
        ("reason=timeout", 1),
        ("took__gte=1", 2),
        ("took__gte=1&failed=false", 1),
        ("correlation_id=1", 4),
    ],
)
def test_the_calls_are_filtered(program: APIClient, analytics: Connection, query: str, expected: int) -> None:
    assert program.get(f"{API}calls/?connection={analytics.pk}&{query}").json()["count"] == expected


@pytest.mark.parametrize("query", ["reason=bored", "failed=perhaps", "took__gte=long", "slow=1"])
def test_a_filter_that_makes_no_sense_is_refused(program: APIClient, analytics: Connection, query: str) -> None:
    assert program.get(f"{API}calls/?{query}").status_code == 400


def test_the_kinds_tell_of_the_log(program: APIClient, organisation: Organisation) -> None:
    kinds = {kind["kind"]: kind for kind in program.get(f"{API}kinds/").json()}
    assert [field["name"] for field in kinds["calls"]["settings"]] == ["of"]
    assert kinds["calls"]["query"][0]["choices"] == ["hour", "day"]


def test_the_admin_narrows_calls_and_shows_hours(
    superuser: User, client_of: Callable[[User], Client], analytics: Connection
) -> None:
    add_up(NOW)
    browser = client_of(superuser)

    def shown(address: str) -> str:
        response = browser.get(f"/admin/connectors/{address}")
        assert response.status_code == 200
        return response.content.decode()

    assert "2 calls" in shown("callrecord/?failed=yes")
    assert "2 calls" in shown("callrecord/?failed=no")
    narrowed = shown("callrecord/?reason=timeout")
    assert "1 call" in narrowed
    assert "No answer in time" in narrowed
    hours = shown("callhour/")
    assert "50.0%" in hours
    row = analytics.call_hours.latest("hour")
    assert browser.get(f"/admin/connectors/callhour/{row.pk}/change/").status_code == 200
    assert browser.post(f"/admin/connectors/callhour/{row.pk}/delete/", {"post": "yes"}).status_code == 403
