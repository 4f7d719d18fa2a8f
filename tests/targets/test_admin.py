"""The admin of metrics and targets judges by the rules of the page, and never across organisations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connectors.extract import Point
from connectors.models import Feed
from organisations.models import Organisation, User
from organisations.roles import Role
from targets.judging import judge_target
from targets.models import Metric, Target
from targets.recording import record_points
from tests.cast import member

SignedIn = Callable[[User], Client]
SCREENS = ["metric", "target", "observation", "dailyrollup", "periodresult", "evaluationsnapshot", "statuschange"]
LOGS = SCREENS[2:]
TARGET = {
    "name": "Many visitors",
    "comparison": "at_least",
    "goal": "1000",
    "period": "month",
    "aggregation": "sum",
    "profile": "linear",
}
METRIC = {"name": "Orders", "value_kind": "flow", "decimals": "0", "scale": "1", "higher_is_better": "on"}


def staff(user: User) -> User:
    """Let a person into the admin."""
    User.objects.filter(pk=user.pk).update(is_staff=True)
    user.refresh_from_db()
    return user


@pytest.fixture
def editing(client_of: SignedIn, editor: User) -> Client:
    return client_of(staff(editor))


def furnish(organisation: Organisation, name: str) -> Metric:
    """Give an organisation a metric with a reading, and a target with every kind of verdict."""
    now = timezone.now()
    feed = organisation.connections.create(name=name, kind="http").feeds.create(name=name, due_at=None)
    metric: Metric = organisation.metrics.create(feed=feed, name=name)
    record_points(metric, [Point(at=now, whole_day=False, segment="", value=1200.0)], now=now)
    target = organisation.targets.create(metric=metric, name=name, goal=1, tracking_since=date(2026, 1, 1))
    judge_target(target.pk, now)
    target.results.create(
        starts_on=date(2026, 1, 1), ends_on=date(2026, 2, 1), status="met", goal=1, evaluation={}, closed_at=now
    )
    target.changes.create(at=now, old_status="behind", new_status="met", evaluation={})
    return metric


@pytest.fixture
def metric(organisation: Organisation) -> Metric:
    return furnish(organisation, "Visitors")


@pytest.fixture
def foreign(elsewhere: Organisation) -> Metric:
    return furnish(elsewhere, "Canary")


def posted(row: Any, **changes: Any) -> dict[str, Any]:
    """Return what the form of a target or metric would send, with changes; unchecked boxes are not sent."""
    usual = TARGET if isinstance(row, Target) else METRIC
    return {name: value for name, value in {**usual, "name": row.name, **changes}.items() if value is not None}


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("query", ["", "?q=visitors"])
def test_every_screen_shows_ones_own_rows_and_no_others(
    editing: Client, metric: Metric, foreign: Metric, screen: str, query: str
) -> None:
    page = editing.get(f"/admin/targets/{screen}/{query}")
    assert page.status_code == 200
    assert "Visitors" in page.content.decode()
    assert "Canary" not in page.content.decode()


@pytest.mark.parametrize("screen", SCREENS)
def test_a_foreign_row_is_not_opened(editing: Client, metric: Metric, foreign: Metric, screen: str) -> None:
    target = foreign.targets.get()
    rows = {
        "metric": foreign,
        "target": target,
        "observation": foreign.observations.get(),
        "dailyrollup": foreign.rollups.get(),
        "periodresult": target.results.latest("pk"),
        "evaluationsnapshot": target.snapshots.get(),
        "statuschange": target.changes.latest("pk"),
    }
    for part in ("change", "delete"):
        answer = editing.get(f"/admin/targets/{screen}/{rows[screen].pk}/{part}/", follow=True)
        assert "Canary" not in answer.content.decode()
        assert answer.request["PATH_INFO"] == "/admin/" or answer.status_code == 403


@pytest.mark.parametrize("screen", LOGS)
def test_logs_are_only_read(client_of: SignedIn, superuser: User, metric: Metric, screen: str) -> None:
    client = client_of(superuser)
    assert client.get(f"/admin/targets/{screen}/add/").status_code == 403
    target = metric.targets.get()
    related = {"observation": metric.observations, "dailyrollup": metric.rollups, "periodresult": target.results}
    rows = {**related, "evaluationsnapshot": target.snapshots, "statuschange": target.changes}[screen]
    own = f"/admin/targets/{screen}/{rows.latest('pk').pk}/"
    assert client.get(f"{own}change/").status_code == 200
    assert client.post(f"{own}change/", {"value": 5}).status_code == 403
    assert client.post(f"{own}delete/", {"post": "yes"}).status_code == 403


def test_a_target_made_here_is_judged_at_once(editing: Client, metric: Metric, organisation: Organisation) -> None:
    answer = editing.post(
        "/admin/targets/target/add/", {**TARGET, "organisation": organisation.pk, "metric": metric.pk}
    )
    assert answer.status_code == 302
    target = organisation.targets.get(name="Many visitors")
    assert (target.status, target.value) == ("met", 1200)
    assert target.tracking_since is not None


def test_a_target_changed_here_asks_anew_and_is_judged(editing: Client, metric: Metric) -> None:
    target = metric.targets.get()
    answer = editing.post(f"/admin/targets/target/{target.pk}/change/", posted(target, metric=metric.pk, goal="5000"))
    assert answer.status_code == 302
    target.refresh_from_db()
    assert (target.goal, target.version, target.value) == (5000, 2, 1200)
    editing.post(
        f"/admin/targets/target/{target.pk}/change/", posted(target, metric=metric.pk, goal="5000", team="Growth")
    )
    target.refresh_from_db()
    assert (target.team, target.version) == ("Growth", 2)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"comparison": "within"}, "Enter the upper end of the range."),
        ({"period": "range"}, "Enter the first day."),
        ({"goal": "0"}, "Enter a value above 0."),
        ({"name": "Visitors"}, "There is another target of this name."),
        ({"time_zone": "Atlantis/Capital"}, "Atlantis/Capital"),
    ],
)
def test_what_the_page_refuses_is_refused_here(
    editing: Client, metric: Metric, organisation: Organisation, change: dict[str, str], sentence: str
) -> None:
    body = {**TARGET, "organisation": organisation.pk, "metric": metric.pk, **change}
    answer = editing.post("/admin/targets/target/add/", body)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert organisation.targets.count() == 1


@pytest.mark.parametrize("who", ["editor", "superuser"])
def test_a_target_never_names_another_organisations_metric_or_people(
    client_of: SignedIn, editor: User, superuser: User, outsider: User, metric: Metric, foreign: Metric, who: str
) -> None:
    client = client_of(staff(editor) if who == "editor" else superuser)
    body = {**TARGET, "organisation": metric.organisation_id, "metric": metric.pk}
    for strange in ({"metric": foreign.pk}, {"owner": outsider.pk}):
        answer = client.post("/admin/targets/target/add/", {**body, **strange})
        assert answer.status_code == 200
        assert "cannot be chosen here" in answer.content.decode()
    assert metric.organisation.targets.count() == 1


def test_nothing_is_made_in_an_organisation_that_one_may_only_see(
    client_of: SignedIn, metric: Metric, elsewhere: Organisation, editor: User
) -> None:
    elsewhere.memberships.create(user=staff(editor), role=Role.VIEWER)
    client = client_of(editor)
    client.post("/admin/targets/metric/add/", {**METRIC, "organisation": elsewhere.pk})
    assert not elsewhere.metrics.exists()


def test_a_metric_without_a_feed_is_typed_in(editing: Client, organisation: Organisation) -> None:
    assert editing.post("/admin/targets/metric/add/", {**METRIC, "organisation": organisation.pk}).status_code == 302
    assert organisation.metrics.get().feed.connection.kind == "push"


def test_a_metric_changed_here_has_its_targets_judged(editing: Client, metric: Metric) -> None:
    before = metric.targets.get().evaluated_at
    answer = editing.post(
        f"/admin/targets/metric/{metric.pk}/change/", posted(metric, value_kind="level", unit="people")
    )
    assert answer.status_code == 302
    metric.refresh_from_db()
    assert (metric.unit, metric.value_kind) == ("people", "flow")
    assert metric.targets.get().evaluated_at != before


def act(client: Client, screen: str, action: str, *rows: Any) -> str:
    """Run an action on rows and return the page that follows."""
    body = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(f"/admin/targets/{screen}/", body, follow=True).content.decode()


def test_targets_are_paused_resumed_and_judged_by_actions(editing: Client, metric: Metric) -> None:
    target = metric.targets.get()
    assert "Targets paused: 1." in act(editing, "target", "pause", target)
    target.refresh_from_db()
    assert target.status == "paused"
    assert "Targets judged: 0." in act(editing, "target", "judge_now", target)
    assert "Targets resumed: 1." in act(editing, "target", "resume", target)
    target.refresh_from_db()
    before = target.evaluated_at
    assert "Targets judged: 1." in act(editing, "target", "judge_now", target)
    target.refresh_from_db()
    assert (target.status, target.evaluated_at == before) == ("met", False)


@pytest.mark.parametrize("screen", ["metric", "target"])
def test_feeds_are_collected_by_an_action(editing: Client, metric: Metric, screen: str) -> None:
    row = metric if screen == "metric" else metric.targets.get()
    assert "Feeds asked within seconds: 1." in act(editing, screen, "collect_now", row)
    assert Feed.unscoped.get(pk=metric.feed_id).due_at is not None


@pytest.mark.parametrize("action", ["pause", "judge_now", "collect_now", "delete_selected"])
def test_actions_leave_rows_alone_that_one_may_only_see(
    client_of: SignedIn, editor: User, metric: Metric, foreign: Metric, elsewhere: Organisation, action: str
) -> None:
    elsewhere.memberships.create(user=staff(editor), role=Role.VIEWER)
    theirs = foreign.targets.get()
    act(client_of(editor), "target", action, theirs)
    body = {"action": action, "_selected_action": [theirs.pk], "post": "yes"}
    client_of(editor).post("/admin/targets/target/", body)
    after = foreign.targets.get()
    assert (after.status, after.evaluated_at) == (theirs.status, theirs.evaluated_at)
    assert Feed.unscoped.get(pk=foreign.feed_id).due_at is None


def test_a_metric_goes_with_everything_that_hangs_on_it(editing: Client, metric: Metric) -> None:
    own = f"/admin/targets/metric/{metric.pk}/delete/"
    page = editing.get(own).content.decode()
    assert "Observations: 1" in page
    assert editing.post(own, {"post": "yes"}).status_code == 302
    assert not Target.unscoped.exists()


def test_an_autocomplete_offers_only_ones_own(editing: Client, metric: Metric, foreign: Metric) -> None:
    asked = {"app_label": "targets", "model_name": "target", "field_name": "metric", "term": ""}
    found = editing.get("/admin/autocomplete/", asked).json()["results"]
    assert [row["text"] for row in found] == ["Visitors"]


@pytest.mark.parametrize("screen", SCREENS)
def test_lists_cost_the_same_whatever_their_length(
    editing: Client, metric: Metric, organisation: Organisation, screen: str
) -> None:
    costs = []
    for wanted in (10, 60):
        _fill(metric, wanted)
        with CaptureQueriesContext(database) as queries:
            assert editing.get(f"/admin/targets/{screen}/").status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1]


def _fill(metric: Metric, wanted: int) -> None:
    """Bring the organisation to so many rows on every screen."""
    now, today, organisation = timezone.now(), timezone.now().date(), metric.organisation
    at = [now - timedelta(days=ago) for ago in range(wanted)]
    record_points(metric, [Point(at=moment, whole_day=False, segment="", value=1.0) for moment in at], now=now)
    for number in range(organisation.targets.count(), wanted):
        other = organisation.metrics.create(feed=metric.feed, name=f"M{number}")
        owner = member(organisation, Role.EDITOR, email=f"m{number}@growth.example")
        target = organisation.targets.create(metric=other, owner=owner, name=f"T{number}", goal=1, tracking_since=today)
        day = today - timedelta(days=number)
        target.results.create(starts_on=day, ends_on=day, status="met", goal=1, evaluation={}, closed_at=now)
        target.snapshots.create(on=day, at=now, status="met", evaluation={})
        target.changes.create(at=now, old_status="met", new_status="behind", evaluation={})
