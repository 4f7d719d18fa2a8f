"""Tags through the API: a list of names, the same one in whatever case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from organisations.models import Organisation, User
from targets.models import Tag, Target
from tests.targets.stage import a_metric, a_target, friday  # noqa: F401  a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("friday")]
ADDRESS = "/api/v1/growth/targets/"


@pytest.fixture
def program(owner: User, api: Callable[[User], APIClient]) -> APIClient:
    return api(owner)


@pytest.fixture
def target(organisation: Organisation) -> Target:
    return a_target(a_metric(organisation, days=[10.0] * 60), goal=300)


def patch(program: APIClient, target: Target, tags: Any) -> Any:
    return program.patch(f"{ADDRESS}{target.pk}/", {"tags": tags}, format="json")


def test_a_target_is_made_with_tags(program: APIClient, organisation: Organisation) -> None:
    metric = a_metric(organisation, days=[10.0] * 60)
    body = {"metric": metric.pk, "name": "Tagged", "goal": 5, "tags": ["shop", "Shop", "autumn"]}
    answer = program.post(ADDRESS, body, format="json")
    assert answer.status_code == 201, answer.json()
    assert answer.json()["tags"] == ["autumn", "shop"]


def test_tags_are_replaced_whole_and_stay_where_nothing_is_said(program: APIClient, target: Target) -> None:
    assert patch(program, target, ["a", "b"]).json()["tags"] == ["a", "b"]
    assert program.patch(f"{ADDRESS}{target.pk}/", {"team": "X"}, format="json").json()["tags"] == ["a", "b"]
    assert patch(program, target, ["B", "c"]).json()["tags"] == ["b", "c"]
    assert list(Tag.unscoped.values_list("name", flat=True)) == ["b", "c"]
    assert patch(program, target, []).json()["tags"] == []
    assert not Tag.unscoped.exists()


@pytest.mark.parametrize("tags", [[""], ["  "], ["a,b"], ["x" * 41], "shop", [1], None, [None]])
def test_what_is_no_list_of_names_is_refused(program: APIClient, target: Target, tags: Any) -> None:
    patch(program, target, ["kept"])
    answer = patch(program, target, tags)
    assert answer.status_code == (200 if tags == [1] else 400)
    if tags != [1]:
        assert "tags" in str(answer.json())
        assert list(target.tags.values_list("name", flat=True)) == ["kept"]


def test_the_list_names_the_tags_of_each_and_costs_one_query_more(
    program: APIClient, target: Target, organisation: Organisation, django_assert_max_num_queries: Any
) -> None:
    other = a_target(target.metric, goal=5, name="Other")
    patch(program, target, ["a", "b"])
    patch(program, other, ["b"])
    with django_assert_max_num_queries(8):
        rows = program.get(ADDRESS).json()["results"]
    assert {row["name"]: row["tags"] for row in rows} == {"Sign-ups": ["a", "b"], "Other": ["b"]}


def test_targets_are_found_by_their_tag(program: APIClient, target: Target) -> None:
    a_target(target.metric, goal=5, name="Other")
    patch(program, target, ["a"])
    rows = program.get(ADDRESS, {"tags__name": "a"}).json()["results"]
    assert [row["name"] for row in rows] == ["Sign-ups"]


def test_a_deleted_target_takes_its_tags_along(program: APIClient, target: Target) -> None:
    patch(program, target, ["a"])
    assert program.delete(f"{ADDRESS}{target.pk}/").status_code == 204
    assert not Tag.unscoped.exists()
