"""Targets over the API: made and judged in one call, refused in the words of the page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from organisations.access import Access, access_for
from organisations.keys import new_key
from organisations.models import Organisation, User
from organisations.roles import Role
from targets.forms.full import FullTargetForm
from targets.forms.short import TargetForm
from targets.models import Metric, Target

Api = Callable[[User], APIClient]
BASE = "/api/v1/growth/"
TARGETS = f"{BASE}targets/"


@pytest.fixture
def program(api: Api, editor: User) -> APIClient:
    return api(editor)


def metric_of(organisation: Organisation, name: str, **more: Any) -> Metric:
    """Make a metric that is pushed."""
    connection, _ = organisation.connections.get_or_create(name="Typed in", defaults={"kind": "push"})
    feed, _ = connection.feeds.get_or_create(name="Daily", defaults={"every": 1440, "due_at": None})
    made: Metric = organisation.metrics.create(feed=feed, name=name, **more)
    return made


@pytest.fixture
def metric(organisation: Organisation) -> Metric:
    return metric_of(organisation, "Visitors")


@pytest.fixture
def level(organisation: Organisation) -> Metric:
    return metric_of(organisation, "Temperature", value_kind="level")


@pytest.fixture
def target(program: APIClient, metric: Metric) -> Target:
    made = program.post(TARGETS, {"metric": metric.pk, "name": "Many visitors", "goal": 1000})
    return Target.unscoped.get(pk=made.json()["id"])


@pytest.fixture
def foreign(outsider: User) -> Target:
    elsewhere = access_for(outsider, "elsewhere").organisation
    metric = metric_of(elsewhere, "Canary")
    made: Target = elsewhere.targets.create(metric=metric, name="Canary", goal=1, tracking_since=timezone.now())
    return made


def errors(answer: Any) -> dict[str, list[str]]:
    """Return what is wrong by field, having checked that the answer is a problem."""
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    found: dict[str, list[str]] = answer.json()["errors"]
    return found


def push(program: APIClient, metric: Metric, value: float) -> None:
    """Push one reading for now."""
    assert program.post(f"{BASE}metrics/{metric.pk}/observations/", {"value": value}).status_code == 201


def test_a_target_is_judged_before_the_answer(program: APIClient, metric: Metric) -> None:
    push(program, metric, 1200)
    answer = program.post(TARGETS, {"metric": metric.pk, "name": "Many visitors", "goal": 1000})
    assert answer.status_code == 201
    found = answer.json()
    assert (found["status"], found["value"]) == ("met", 1200)
    assert found["evaluation"]["share"] == 1.2


def test_the_value_of_the_period_is_the_usual_one_for_the_metric(
    program: APIClient, metric: Metric, level: Metric
) -> None:
    found = [program.post(TARGETS, {"metric": row.pk, "name": row.name, "goal": 9}).json() for row in (metric, level)]
    assert [one["aggregation"] for one in found] == ["sum", "latest"]


def test_the_list_says_what_each_target_says(program: APIClient, target: Target, metric: Metric) -> None:
    push(program, metric, 1200)
    program.post(f"{TARGETS}{target.pk}/pause/")
    (listed,) = program.get(TARGETS).json()["results"]
    assert listed == program.get(f"{TARGETS}{target.pk}/").json()


def test_a_changed_question_is_a_new_version_and_a_new_name_is_not(program: APIClient, target: Target) -> None:
    Target.unscoped.update(goal=0.1 + 0.2)
    own = f"{TARGETS}{target.pk}/"
    assert program.patch(own, {"name": "More visitors", "team": "Growth"}).json()["goal"] == 0.1 + 0.2
    target.refresh_from_db()
    assert target.version == 1
    program.patch(own, {"goal": 2000})
    target.refresh_from_db()
    assert (target.version, target.goal, target.name) == (2, 2000, "More visitors")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "Taken"}, "name"),
        ({"name": None}, "name"),
        ({"goal": None}, "goal"),
        ({"goal": "10,000"}, "goal"),
        ({"goal": True}, "goal"),
        ({"goal": [1]}, "goal"),
        ({"goal": 0}, "goal"),
        ({"goal": -5}, "goal"),
        ({"comparison": "around"}, "comparison"),
        ({"comparison": 1}, "comparison"),
        ({"comparison": "within"}, "goal_upper"),
        ({"comparison": "within", "goal_upper": 10}, "goal_upper"),
        ({"comparison": "within", "goal_upper": "x"}, "goal_upper"),
        ({"period": "fortnight"}, "period"),
        ({"period": "range", "ends_on": "2026-12-31"}, "starts_on"),
        ({"period": "range", "starts_on": "2026-12-31", "ends_on": "2026-12-01"}, "ends_on"),
        ({"period": "range", "starts_on": "soon", "ends_on": "2026-12-01"}, "starts_on"),
        ({"period": "range", "starts_on": 20261201, "ends_on": "2026-12-01"}, "starts_on"),
        ({"time_zone": "Atlantis/Capital"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"profile": "steep"}, "profile"),
        ({"aggregation": "median"}, "aggregation"),
        ({"owner": 999_999}, "owner"),
        ({"owner": "owner@growth.example"}, "owner"),
        ({"metric": None}, "metric"),
        ({"metric": 999_999}, "metric"),
        ({"metric": -1}, "metric"),
        ({"metric": 10**30}, "metric"),
        ({"team": "x" * 61}, "team"),
        ({"team": "a\x00b"}, "team"),
        ({"organisation": 1}, "organisation"),
    ],
)
def test_what_makes_no_target_is_refused_at_its_field(
    program: APIClient, metric: Metric, change: dict[str, Any], field: str
) -> None:
    metric.organisation.targets.create(metric=metric, name="Taken", goal=1, tracking_since=timezone.now())
    answer = program.post(TARGETS, {"metric": metric.pk, "name": "Many visitors", "goal": 10, **change})
    assert list(errors(answer)) == [field]
    assert Target.unscoped.count() == 1


def test_the_api_refuses_in_the_words_of_the_page(program: APIClient, access: Access, level: Metric) -> None:
    wrong = {
        "metric": level.pk,
        "name": "Warm",
        "goal": 21,
        "comparison": "within",
        "aggregation": "sum",
        "period": "day",
    }
    form = TargetForm(wrong, access=access)
    assert not form.is_valid()
    assert errors(program.post(TARGETS, wrong)) == {name: list(said) for name, said in form.errors.items()}


def test_read_only_fields_come_back_without_effect(program: APIClient, target: Target) -> None:
    answer = program.patch(f"{TARGETS}{target.pk}/", {"status": "met", "value": 9, "evaluation": {"value": 9}, "id": 5})
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["value"], answer.json()["id"]) == ("no_data", None, target.pk)


def test_a_name_that_is_taken_at_the_same_moment_is_a_conflict(
    program: APIClient, metric: Metric, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(form: FullTargetForm, now: datetime) -> Target:
        raise IntegrityError("UNIQUE constraint failed")

    monkeypatch.setattr("targets.serializers.save_target", too_late)
    answer = program.post(TARGETS, {"metric": metric.pk, "name": "Many visitors", "goal": 10})
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert "UNIQUE" not in answer.content.decode()


def test_a_target_is_paused_and_resumed(program: APIClient, target: Target, metric: Metric) -> None:
    own = f"{TARGETS}{target.pk}/"
    paused = program.post(f"{own}pause/").json()
    assert (paused["status"], paused["paused_at"] is None) == ("paused", False)
    push(program, metric, 1200)
    assert program.get(own).json()["value"] is None
    resumed = program.post(f"{own}resume/").json()
    assert (resumed["status"], resumed["value"], resumed["paused_at"]) == ("met", 1200, None)


def test_a_check_asks_the_source(program: APIClient, organisation: Organisation, target: Target) -> None:
    refused = program.post(f"{TARGETS}{target.pk}/check/")
    assert (refused.status_code, refused["Content-Type"]) == (409, "application/problem+json")
    feed = organisation.connections.create(name="Analytics", kind="http").feeds.create(name="Visitors", due_at=None)
    Metric.unscoped.update(feed=feed)
    assert program.post(f"{TARGETS}{target.pk}/check/").status_code == 202
    feed.refresh_from_db()
    assert feed.due_at is not None


def test_chart_periods_and_changes_are_there_to_be_read(program: APIClient, target: Target, metric: Metric) -> None:
    last_month = (timezone.now().replace(day=1) - timedelta(days=3)).date().isoformat()
    for value in (1, 1200):
        many = [{"at": last_month, "value": 5}, {"at": timezone.now().isoformat(), "value": value}]
        program.post(f"{BASE}metrics/{metric.pk}/observations/", many)
    own = f"{TARGETS}{target.pk}/"
    chart = program.get(f"{own}chart/").json()
    assert (chart["evaluation"]["value"], chart["track"]["goal"]) == (1201, 1000)
    (change,) = program.get(f"{own}changes/").json()["results"]
    assert change["new_status"] == "met"
    assert program.get(f"{own}periods/?page_size=5").json()["count"] == target.results.count()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["First", "Second"]),
        ("search=fir", ["First"]),
        ("name=Second", ["Second"]),
        ("team=Growth", ["First"]),
        ("status=no_data", ["First", "Second"]),
        ("status=met", []),
        ("period=week", ["Second"]),
        ("ordering=-name", ["Second", "First"]),
        ("page_size=1", ["First"]),
        ("page_size=1&page=2", ["Second"]),
        ("owner=999999", []),
    ],
)
def test_the_list_is_filtered_searched_ordered_and_paged(
    program: APIClient, metric: Metric, query: str, found: list[str]
) -> None:
    program.post(TARGETS, {"metric": metric.pk, "name": "First", "goal": 10, "team": "Growth"})
    program.post(TARGETS, {"metric": metric.pk, "name": "Second", "goal": 10, "period": "week"})
    assert [row["name"] for row in program.get(f"{TARGETS}?{query}").json()["results"]] == found


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("nmae=First", "nmae"),
        ("organisation=1", "organisation"),
        ("metric__organisation=1", "metric__organisation"),
        ("ordering=goal", "ordering"),
        ("ordering=metric__organisation__name", "ordering"),
        ("status=splendid", "status"),
        ("metric=x", "metric"),
        ("metric=1.5", "metric"),
        ("metric=99999999999999999999999", "metric"),
        ("search=%00", "search"),
        ("name=%00", "name"),
    ],
)
def test_questions_that_make_no_sense_are_refused(program: APIClient, target: Target, query: str, field: str) -> None:
    assert list(errors(program.get(f"{TARGETS}?{query}"))) == [field]


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "%00"])
def test_a_page_that_is_not_there_is_missing(program: APIClient, target: Target, page: str) -> None:
    answer = program.get(f"{TARGETS}?page={page}")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_foreign_targets_metrics_and_people_are_missing_ones(
    program: APIClient, metric: Metric, foreign: Target, outsider: User
) -> None:
    for part in ("", "chart/", "periods/", "changes/"):
        found = [program.get(f"{TARGETS}{pk}/{part}") for pk in (foreign.pk, 999_999)]
        assert (found[0].status_code, found[0].content) == (404, found[1].content)
    for part in ("pause/", "resume/", "check/"):
        assert program.post(f"{TARGETS}{foreign.pk}/{part}").status_code == 404
    body = {"metric": metric.pk, "name": "Spy", "goal": 10}
    for name, theirs in (("metric", foreign.metric_id), ("owner", outsider.pk)):
        named = [program.post(TARGETS, {**body, name: pk}) for pk in (theirs, 999_999)]
        assert errors(named[0]) == errors(named[1])
        filtered = [program.get(f"{TARGETS}?{name}={pk}") for pk in (theirs, 999_999)]
        assert filtered[0].content == filtered[1].content
    assert program.delete(f"{TARGETS}{foreign.pk}/").status_code == 404
    assert Target.unscoped.filter(pk=foreign.pk).exists()


def test_nobody_from_outside_is_let_in(api: Api, outsider: User, target: Target) -> None:
    strange, missing = (api(outsider).get(f"/api/v1/{slug}/targets/") for slug in ("growth", "nowhere"))
    assert (strange.status_code, strange.content) == (404, missing.content)
    nobody = APIClient().get(TARGETS)
    assert (nobody.status_code, nobody["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize(("role", "status"), [(Role.VIEWER, 403), (Role.EDITOR, 200)])
def test_a_key_may_what_its_role_may(access: Access, target: Target, role: Role, status: int) -> None:
    _, token = new_key(access, name="Warehouse", role=role, expires_at=None)
    program = APIClient(headers={"Authorization": f"Bearer {token}"}, enforce_csrf_checks=True)
    assert program.get(TARGETS).json()["count"] == 1
    assert program.patch(f"{TARGETS}{target.pk}/", {"team": "Growth"}).status_code == status


@pytest.mark.parametrize("stop", ["revoked", "expired"])
def test_a_key_that_ended_opens_nothing(access: Access, target: Target, stop: str) -> None:
    key, token = new_key(access, name="Warehouse", role=Role.VIEWER, expires_at=datetime(2030, 1, 1, tzinfo=UTC))
    program = APIClient(headers={"Authorization": f"Bearer {token}"})
    assert program.get(TARGETS).status_code == 200
    if stop == "revoked":
        key.delete()
    else:
        type(key).unscoped.update(expires_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert program.get(TARGETS).status_code == 401


@pytest.mark.parametrize("part", ["", "{target}/periods/", "{target}/changes/"])
def test_lists_cost_the_same_whatever_their_length(
    program: APIClient, target: Target, metric: Metric, part: str
) -> None:
    costs = []
    for wanted in (10, 200):
        _fill(target, metric, wanted)
        with CaptureQueriesContext(database) as queries:
            address = f"{TARGETS}{part.format(target=target.pk)}"
            assert len(program.get(f"{address}?page_size=1000").json()["results"]) == wanted
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 6


def _fill(target: Target, metric: Metric, wanted: int) -> None:
    """Bring organisation and target to so many targets, closed periods and changes."""
    now, today = timezone.now(), timezone.now().date()
    for number in range(metric.organisation.targets.count(), wanted):
        metric.organisation.targets.create(metric=metric, name=f"T{number}", goal=1, tracking_since=today)
    for number in range(target.results.count(), wanted):
        day = today - timedelta(days=number)
        target.results.create(starts_on=day, ends_on=day, status="met", goal=1, evaluation={}, closed_at=now)
    for _ in range(target.changes.count(), wanted):
        target.changes.create(at=now, old_status="met", new_status="behind", evaluation={})
