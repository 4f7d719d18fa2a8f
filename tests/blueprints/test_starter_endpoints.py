"""The API of starters."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from blueprints.starters.shelf import all_starters
from connectors.models import Connection
from organisations.models import User
from targets.models import Target

LIST = "/api/v1/growth/starters/"
TRAFFIC, CLIMATE = f"{LIST}website-traffic/", f"{LIST}room-climate/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def program(owner: User, api: Callable[[User], APIClient]) -> APIClient:
    return api(owner)


def test_the_list_says_what_each_asks(program: APIClient) -> None:
    found = {each["slug"]: each for each in program.get(LIST).json()}
    assert set(found) == set(all_starters())
    goal = next(each for each in found["website-traffic"]["questions"] if each["name"] == "GOAL")
    assert goal == {
        "name": "GOAL",
        "ask": "Goal for the month",
        "hint": "Unique visitors of the days together.",
        "kind": "number",
        "default": "10000",
        "choices": {},
    }


def test_texts_are_in_the_language_that_is_asked_for(program: APIClient) -> None:
    titles = {each["title"] for each in program.get(LIST, headers={"Accept-Language": "de"}).json()}
    assert "Raumklima" in titles
    assert "Room climate" not in titles


def test_one_comes_with_its_file(program: APIClient) -> None:
    assert program.get(CLIMATE).json()["text"] == all_starters()["room-climate"].text
    assert program.get(f"{LIST}nothing/").status_code == 404


def test_what_is_not_answered_is_as_proposed(program: APIClient, owner: User) -> None:
    answer = program.post(f"{TRAFFIC}apply/", {"answers": {"GOAL": 12000, "DAILY": False}})
    assert answer.status_code == 201, answer.json()
    target = Target.unscoped.get(pk=answer.json()["target"])
    assert (target.name, target.goal, target.owner) == ("Website visitors", 12000, owner)
    assert {"section": "feeds", "name": "Website analytics / Visitors by day"} in answer.json()["created"]
    assert Connection.unscoped.get().unseal() == {"key": "sandbox-key"}
    assert not target.organisation.reports.get(name="Website traffic every day").is_active


@pytest.mark.parametrize(
    ("body", "name", "sentence"),
    [
        ({"answers": {"LOW": "cold"}}, "LOW", "Write a number, such as 1200 or 99.9."),
        ({"answers": {"LOW": 23, "HIGH": 21}}, "HIGH", "Enter a value above the lower one."),
        ({"answers": {"OWNER": "nobody@example.com"}}, "OWNER", "“nobody@example.com” cannot be chosen here"),
        ({"answers": {"LOWEST": 3}}, "LOWEST", "This is not asked."),
    ],
)
def test_what_cannot_be_used_is_said_by_question(
    program: APIClient, body: dict[str, object], name: str, sentence: str
) -> None:
    answer = program.post(f"{CLIMATE}apply/", body)
    assert answer.status_code == 400
    assert sentence in answer.json()["errors"]["answers"][name][0]
    assert not Target.unscoped.exists()


@pytest.mark.parametrize("body", [[], {"answers": []}, {"answer": {}}])
def test_another_body_is_refused(program: APIClient, body: object) -> None:
    assert program.post(f"{CLIMATE}apply/", body).status_code == 400


def test_a_viewer_reads_and_uses_nothing(viewer: User, api: Callable[[User], APIClient]) -> None:
    program = api(viewer)
    assert program.get(LIST).status_code == 200
    assert program.post(f"{CLIMATE}apply/", {}).status_code == 403
