"""A rule of thumb about the calls of a connection becomes a target in two clicks, and is judged by the log."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from blueprints.applying import Order, apply
from blueprints.exporting import export
from blueprints.mistakes import Mistaken
from connectors.calls.hours import add_up
from connectors.calls.log import LogOf
from connectors.models import Connection
from connectors.protocol import Window
from organisations.access import Access, access_for
from organisations.models import Organisation, User
from targets import collecting
from targets.domain.terms import Status
from targets.models import Metric, StatusChange, Target

NOW = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)  # a Friday afternoon in Berlin
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def friday() -> Iterator[None]:
    """Stop the clock on Friday 20 November 2026 at 14:30 in Berlin."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def client(editor: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(editor)


@pytest.fixture
def analytics(organisation: Organisation) -> Connection:
    settings = {"address": "https://api.example.com", "sign_in": "none"}
    row: Connection = organisation.connections.create(name="Analytics", kind="http", settings=settings)
    for place in range(200):  # 25 days, 8 hours of each; every 20th call fails
        at = NOW - timedelta(minutes=1) - (place // 8) * DAY - (place % 8) * HOUR
        call(row, at, took=0.4 + place % 5 / 10, reason="timeout" if place % 20 == 0 else "")
    add_up(NOW)
    return row


def call(connection: Connection, at: datetime, *, took: float = 0.4, reason: str = "") -> None:
    connection.calls.create(
        at=at, took=took, reason=reason, method="GET", url="https://api.example.com/x", status=200, size=9,
        correlation_id="1",
    )  # fmt: skip


def at(connection: Connection, rule: str) -> str:
    return f"/growth/connections/{connection.pk}/calls/target/{rule}/"


def shown(client: Client, connection: Connection, rule: str) -> str:
    response = client.get(at(connection, rule))
    assert response.status_code == 200
    return response.content.decode()


def filled(page: str) -> dict[str, str]:
    """Return what stands in the form, as a click on its button sends it."""
    chosen = re.search(r'<option value="(\w+)" selected', page)
    typed = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in ("goal", "name")}
    assert chosen
    return {"period": chosen[1], **{name: found[1] if found else "" for name, found in typed.items()}}


def tracked(client: Client, connection: Connection, rule: str, **changes: str) -> Target:
    """Click the button as the form is filled in, and return the target whose page one lands on."""
    response = client.post(at(connection, rule), filled(shown(client, connection, rule)) | changes)
    assert response.status_code == 302, response.content.decode()
    landed = response.headers["Location"]
    page = client.get(landed)
    assert page.status_code == 200
    assert "Tracking. It is judged again every hour." in page.content.decode()
    return Target.unscoped.get(pk=int(landed.strip("/").split("/")[-1]))


# --- two clicks -------------------------------------------------------------------------------------------------------


def test_the_error_rate_becomes_a_target_with_its_values_at_once(client: Client, analytics: Connection) -> None:
    target = tracked(client, analytics, "errors")
    metric = target.metric
    assert (target.name, target.comparison, target.goal, target.period) == (
        "Error rate of Analytics", "at_most", 5.0, "month",
    )  # fmt: skip
    assert (metric.read_as, metric.value_path, metric.weight_path, metric.unit) == ("ratio", "failed", "calls", "%")
    assert metric.observations.count() == 200
    # of November's 158 calls 8 failed: the mean weighs each hour by its calls
    month = analytics.calls.filter(at__gte=datetime(2026, 10, 31, 23, tzinfo=UTC))
    assert target.value == pytest.approx(100 * month.exclude(reason="").count() / month.count())
    assert target.status in (Status.ON_TRACK, Status.AT_RISK, Status.BEHIND)


def test_the_time_of_an_answer_becomes_a_target(client: Client, analytics: Connection) -> None:
    assert "95 of 100 calls of the last 30 days were answered within" in shown(client, analytics, "slow")
    target = tracked(client, analytics, "slow")
    assert (target.name, target.goal, target.metric.value_path, target.metric.unit) == (
        "95 of 100 answers of Analytics", 1.0, "p95", "s",
    )  # fmt: skip
    assert target.value == pytest.approx(0.6, rel=0.1)
    assert target.status == Status.ON_TRACK


def test_the_calls_of_a_day_are_held_against_the_quota(client: Client, analytics: Connection) -> None:
    Connection.unscoped.filter(pk=analytics.pk).update(daily_quota=500)
    assert "There were 8 calls on the busiest of the last 30 days." in shown(client, analytics, "quota")
    target = tracked(client, analytics, "quota")
    assert (target.goal, target.period, target.aggregation, target.value) == (500.0, "day", "sum", 8.0)


def test_without_a_quota_somebody_has_to_say_how_many(client: Client, analytics: Connection) -> None:
    page = client.post(at(analytics, "quota"), {"goal": "", "period": "day", "name": "Calls"}).content.decode()
    assert "Enter the value that is not to be passed." in page
    assert not Target.unscoped.exists()


def test_what_is_there_is_used_again(client: Client, analytics: Connection) -> None:
    tracked(client, analytics, "errors")
    second = tracked(client, analytics, "errors", goal="2", period="week")
    third = tracked(client, analytics, "slow")
    assert (second.name, second.goal, second.period) == ("Error rate of Analytics 2", 2.0, "week")
    assert Connection.unscoped.filter(kind="calls").count() == 1
    assert third.metric.feed == second.metric.feed
    assert Metric.unscoped.count() == 2
    assert third.metric.observations.count() == 200


def test_nobody_is_told_of_a_change_where_there_was_none(client: Client, analytics: Connection) -> None:
    tracked(client, analytics, "errors")
    assert not StatusChange.unscoped.exclude(old_status="").filter(old_status=Status.NO_DATA).exists()


def test_a_name_that_is_taken_is_refused(client: Client, analytics: Connection) -> None:
    tracked(client, analytics, "errors")
    entered = {"goal": "5", "period": "month", "name": "Error rate of Analytics"}
    assert "There is another target of this name." in client.post(at(analytics, "errors"), entered).content.decode()


@pytest.mark.parametrize("goal", ["-1", "many", "1e999"])
def test_a_limit_that_makes_no_sense_is_refused(client: Client, analytics: Connection, goal: str) -> None:
    response = client.post(at(analytics, "errors"), {"goal": goal, "period": "month", "name": "Rate"})
    assert "There is a problem" in response.content.decode()
    assert not Connection.unscoped.filter(kind="calls").exists()


def test_there_is_no_such_rule_and_no_rule_where_nobody_is_called(
    client: Client, analytics: Connection, organisation: Organisation
) -> None:
    by_hand = organisation.connections.create(name="By hand", kind="push")
    assert client.get(at(analytics, "nothing")).status_code == 404
    assert client.get(at(by_hand, "errors")).status_code == 404


def test_a_viewer_may_not(viewer: User, client_of: Callable[[User], Client], analytics: Connection) -> None:
    assert client_of(viewer).get(at(analytics, "errors")).status_code == 403
    assert client_of(viewer).post(at(analytics, "errors"), {}).status_code == 403


# --- afterwards -------------------------------------------------------------------------------------------------------


def again(metric: Metric, now: datetime) -> None:
    """Collect the feed of a metric as the worker would."""
    type(metric.feed).unscoped.filter(pk=metric.feed_id).update(due_at=now)
    collecting.run(metric.feed_id, now, announce=lambda _: None, announce_feed=lambda _: None)


def test_the_running_hour_is_read_again_until_it_is_over(client: Client, analytics: Connection) -> None:
    metric = tracked(client, analytics, "quota", goal="100").metric
    for _ in range(4):
        call(analytics, NOW + timedelta(minutes=10))
    add_up(NOW + HOUR)
    again(metric, NOW + HOUR)
    hour = metric.observations.get(at=NOW.replace(minute=0))
    assert hour.value == 1 + 4
    metric.targets.get().refresh_from_db()
    assert Target.unscoped.get().value == 8 + 4


def test_renaming_a_connection_takes_those_that_read_its_log_along(client: Client, analytics: Connection) -> None:
    metric = tracked(client, analytics, "errors").metric
    client.post(
        f"/growth/connections/{analytics.pk}/edit/",
        {"name": "Web analytics", "settings-address": "https://api.example.com", "settings-sign_in": "none"},
    )
    reader = Connection.unscoped.get(kind="calls")
    assert reader.settings == {"of": "Web analytics"}
    again(metric, NOW + HOUR)
    metric.feed.refresh_from_db()
    assert metric.feed.health == "fresh"


def test_when_the_connection_has_gone_the_feed_says_so(client: Client, analytics: Connection) -> None:
    metric = tracked(client, analytics, "errors").metric
    analytics.delete()
    again(metric, NOW + HOUR)
    metric.feed.refresh_from_db()
    assert metric.feed.message == "There is no connection “Analytics”. Choose another whose calls are read."


# --- the kind on pages, in the API and in files -----------------------------------------------------------------------


def test_the_connection_is_chosen_from_those_of_the_organisation(
    client: Client, analytics: Connection, organisation: Organisation, elsewhere: Organisation
) -> None:
    elsewhere.connections.create(name="Foreign", kind="push")
    organisation.connections.create(name="Billing", kind="push")
    reader = organisation.connections.create(name="Log", kind="calls", settings={"of": "Analytics"})
    edit = f"/growth/connections/{reader.pk}/edit/"
    page = client.get(edit).content.decode()
    assert '<option value="Analytics" selected>Analytics</option>' in page
    assert '<option value="Billing">Billing</option>' in page
    assert "Foreign" not in page
    assert ">Log</option>" not in page
    client.post(edit, {"name": "Log", "settings-of": "Billing"})
    reader.refresh_from_db()
    assert reader.settings == {"of": "Billing"}
    assert "cannot be chosen here" in client.post(edit, {"name": "Log", "settings-of": "Foreign"}).content.decode()


def test_the_api_refuses_a_connection_that_is_not_there(
    editor: User, api: Callable[[User], Any], analytics: Connection
) -> None:
    program = api(editor)
    sent = {"name": "Log", "kind": "calls", "settings": {"of": "Nowhere"}}
    refused = program.post("/api/v1/growth/connections/", sent)
    assert refused.status_code == 400
    assert refused.json()["errors"] == {"settings.of": ["There is no connection “Nowhere”."]}
    made = program.post("/api/v1/growth/connections/", {**sent, "settings": {"of": "Analytics"}})
    assert (made.status_code, made.json()["address"]) == (201, "The calls of Analytics")
    renamed = program.patch(f"/api/v1/growth/connections/{analytics.pk}/", {"name": "Web"})
    assert renamed.status_code == 200
    assert Connection.unscoped.get(kind="calls").settings == {"of": "Web"}


def test_trying_the_connection_shows_the_rows_of_the_log(client: Client, analytics: Connection) -> None:
    reader = tracked(client, analytics, "errors").metric.feed.connection
    page = client.post(f"/growth/connections/{reader.pk}/test/").content.decode()
    assert "It answers. Nothing of this test is kept." in page
    assert "The calls of Analytics" in page


def test_a_file_carries_it_to_another_installation(
    client: Client, analytics: Connection, access: Access, outsider: User
) -> None:
    reader = tracked(client, analytics, "slow").metric.feed.connection
    Connection.unscoped.filter(pk=reader.pk).update(name="A log")  # which comes before what it reads
    text, there = export(access, people=False), access_for(outsider, "elsewhere")
    assert "of: Analytics" in text
    apply(there, Order(texts={"growth.yaml": text}), now=NOW)
    assert there.rows(Connection).get(kind="calls").settings == {"of": "Analytics"}
    assert there.rows(Metric).get().value_path == "p95"
    assert export(there, people=False) == text


def test_a_file_that_names_no_connection_is_refused_at_its_line(access: Access, analytics: Connection) -> None:
    text = "blueprint: 1\nconnections:\n  Log:\n    kind: calls\n    settings:\n      of: Analytica\n"
    with pytest.raises(Mistaken) as refused:
        apply(access, Order(texts={"growth.yaml": text}), now=NOW)
    (mistake,) = refused.value.mistakes
    assert "There is no “Analytica” under connections." in str(mistake)
    assert "line 6" in str(mistake)
    assert "Analytics" in str(mistake)
    apply(access, Order(texts={"growth.yaml": text.replace("Analytica", "Analytics")}), now=NOW)
    assert access.rows(Connection).get(name="Log").settings == {"of": "Analytics"}


def test_rows_of_the_log_are_those_that_the_metrics_read(analytics: Connection) -> None:
    rows = LogOf(analytics.organisation).rows("Analytics", Window(since=NOW - 30 * DAY, until=NOW), by="day")
    assert len(rows) == 25
    assert sum(row["calls"] for row in rows) == 200
