"""The API of walls: the link is told once, and only those who manage may make, see and end one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from organisations.access import Access
from organisations.models import User
from targets.models import Wall
from targets.walls import hang
from tests.targets.stage import a_metric, a_target

pytestmark = pytest.mark.django_db
WALLS = "/api/v1/growth/walls/"
Program = Callable[[User], APIClient]


def test_a_wall_is_made_and_its_link_told_once(owner: User, api: Program, access: Access) -> None:
    a_target(a_metric(access.organisation, days=[10.0] * 60), goal=400, name="Far", team="Growth")
    answer = api(owner).post(WALLS, {"name": "Kitchen", "team": "Growth"}, format="json")
    assert answer.status_code == 201
    path = "/" + answer.json()["link"].split("/", 3)[3]
    assert "Far" in Client().get(path).content.decode()
    (listed,) = api(owner).get(WALLS).json()["results"]
    assert (listed["name"], listed["team"], listed["tag"]) == ("Kitchen", "Growth", "")
    assert "link" not in listed
    assert "token" not in str(listed)


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "name"), ({"name": "Kitchen", "team": "Nobody"}, "team"), ({"name": "K", "colour": "red"}, "colour")],
)
def test_what_cannot_be_is_refused_by_field(owner: User, api: Program, body: dict[str, str], field: str) -> None:
    answer = api(owner).post(WALLS, body, format="json")
    assert answer.status_code == 400
    assert field in str(answer.json())
    assert not Wall.unscoped.exists()


def test_a_wall_is_ended(owner: User, api: Program, access: Access) -> None:
    link = hang(access, Wall(name="Kitchen"))
    assert api(owner).delete(f"{WALLS}{access.rows(Wall).get().pk}/").status_code == 204
    assert Client().get("/" + link.split("/", 3)[3]).status_code == 404


@pytest.mark.parametrize("who", ["viewer", "editor"])
def test_walls_are_for_those_who_manage(who: str, request: pytest.FixtureRequest, api: Program, access: Access) -> None:
    hang(access, Wall(name="Kitchen"))
    program, wall = api(request.getfixturevalue(who)), access.rows(Wall).get()
    assert program.get(WALLS).status_code == 403
    assert program.post(WALLS, {"name": "Mine"}, format="json").status_code == 403
    assert program.delete(f"{WALLS}{wall.pk}/").status_code == 403
    assert access.rows(Wall).count() == 1


def test_a_wall_of_another_organisation_is_not_there(outsider: User, api: Program, access: Access) -> None:
    hang(access, Wall(name="Kitchen"))
    wall, program = access.rows(Wall).get(), api(outsider)
    assert program.get(f"/api/v1/elsewhere/walls/{wall.pk}/").status_code == 404
    assert program.delete(f"/api/v1/elsewhere/walls/{wall.pk}/").status_code == 404
    assert program.get("/api/v1/elsewhere/walls/").json()["results"] == []
