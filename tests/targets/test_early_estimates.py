"""Under seven days of readings there is an estimate and no chance, wherever one looks."""

from __future__ import annotations

import csv
from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from alerts import words
from organisations.models import Organisation, User
from targets.models import Target
from tests.targets.stage import a_metric, a_target, friday  # noqa: F401  a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("friday")]


@pytest.fixture
def early(organisation: Organisation) -> Target:
    """Six days of readings, on track by pace."""
    return a_target(a_metric(organisation, "New", days=[10.0] * 6), goal=90, name="New")


def test_the_page_tells_an_estimate(early: Target, owner: User, client_of: Callable[[User], Client]) -> None:
    html = client_of(owner).get(f"/growth/targets/{early.pk}/").content.decode()
    assert "an early estimate ends near" in html
    assert "% chance" not in html


def test_the_lists_tell_no_chance(early: Target, owner: User, client_of: Callable[[User], Client]) -> None:
    visitor = client_of(owner)
    (line,) = csv.DictReader(visitor.get("/growth/targets.csv").content.decode("utf-8-sig").splitlines())
    html = visitor.get("/growth/").content.decode()
    assert (early.status, line["Chance"]) == ("on_track", "")
    assert "closest call" not in html
    assert "% chance" not in html


def test_the_api_says_the_same_as_the_page(early: Target, owner: User, api: Callable[[User], APIClient]) -> None:
    program = api(owner)
    one = program.get(f"/api/v1/growth/targets/{early.pk}/").json()
    (listed,) = program.get("/api/v1/growth/targets/").json()["results"]
    for said in (one, listed):
        assert said["chance"] is None
        assert said["evaluation"]["forecast"]["chance"] is None
        assert said["evaluation"]["forecast"]["early"]


def test_a_report_calls_nothing_close_that_it_cannot_know(early: Target, organisation: Organisation) -> None:
    assert words.lede([early]) == ""
    known = a_target(a_metric(organisation, "Old", days=[10.0] * 60), goal=250, name="Old")
    assert words.lede([early, known]) == "The closest call is Old, >99% chance."


def test_a_report_and_the_overview_name_the_same_closest_call(
    organisation: Organisation, owner: User, client_of: Callable[[User], Client]
) -> None:
    metric = a_metric(organisation, days=[10.0] * 60)
    near, met = a_target(metric, goal=290, name="Near"), a_target(metric, goal=100, name="Reached")
    said = words.lede([near, met])
    assert said.startswith("The closest call is Near,")
    assert said.replace(">", "&gt;") in client_of(owner).get("/growth/").content.decode()


def test_what_a_goal_would_mean_is_an_estimate(early: Target, owner: User, client_of: Callable[[User], Client]) -> None:
    asked = {"name": "Newer", "metric": early.metric_id, "goal": "60", "comparison": "at_least", "period": "month"}
    page = client_of(owner).post(
        "/growth/targets/new/", asked | {"aggregation": "sum", "profile": "linear", "preview": "1"}
    )
    meaning = page.context["meaning"]
    assert meaning.lines[-1].value.endswith(" likely, an early estimate")
    assert "chance" not in " ".join(meaning.summary)
