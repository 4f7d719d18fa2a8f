"""A reading is for a day that has begun where the organisation is, however it comes: typed, pasted or pushed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from rest_framework.test import APIClient

from organisations.models import Organisation, User
from targets.forms.readings import PasteForm, ReadingForm
from targets.models import Metric
from targets.moments import CLOCKS_DIFFER
from targets.pushing import NotReadable, points_in
from tests.targets.stage import NOW, a_metric, friday  # noqa: F401  a fixture

FURTHEST_EAST, GREENWICH, WEST = "Pacific/Kiritimati", "UTC", "America/Los_Angeles"
SECOND = timedelta(seconds=1)


def midnight(zone: str) -> datetime:
    """Return when 21 November 2026 begins."""
    return datetime(2026, 11, 21, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def refusals(at: str, *, zone: str, now: datetime) -> set[str]:
    """Return what is said about one reading: by the form for one, by the form for many, and by the API."""
    there, written = ZoneInfo(zone), at.replace("T", " ")
    day, _, time = at.partition("T")
    one = ReadingForm({"day": day, "time": time, "value": "1"}, zone=there, now=now)
    many = PasteForm({"lines": f"{written},1"}, zone=there, now=now)
    said = [
        *map(str, one.errors.get("day", [])),
        *list(map(str, many.errors.get("lines", [])))[1:],
        *pushed(at, there, now),
    ]
    assert len(said) in {0, 3}, "all of them, or none"
    return {sentence.removeprefix("Line 1: ").replace(written, at) for sentence in said}


def pushed(at: str, zone: ZoneInfo, now: datetime) -> list[str]:
    try:
        points_in(json.dumps({"at": at, "value": 1}).encode(), zone=zone, now=now)
    except NotReadable as error:
        return error.errors["at"]
    return []


@pytest.mark.parametrize("zone", [FURTHEST_EAST, GREENWICH, WEST])
def test_a_whole_day_is_taken_from_its_first_second_on(zone: str) -> None:
    assert not refusals("2026-11-21", zone=zone, now=midnight(zone))
    assert not refusals("2026-11-20", zone=zone, now=midnight(zone))
    assert refusals("2026-11-22", zone=zone, now=midnight(zone)) == {"“2026-11-22” is in the future."}


@pytest.mark.parametrize("zone", [FURTHEST_EAST, GREENWICH, WEST])
def test_tomorrow_is_refused_until_the_last_second_of_today(zone: str) -> None:
    just_before = midnight(zone) - SECOND
    assert refusals("2026-11-21", zone=zone, now=just_before) == {"“2026-11-21” is in the future."}
    assert not refusals("2026-11-20", zone=zone, now=just_before)


@pytest.mark.parametrize("zone", [FURTHEST_EAST, GREENWICH, WEST])
def test_a_time_of_tomorrow_is_refused_too(zone: str) -> None:
    noon = midnight(zone) - timedelta(hours=12)
    assert refusals("2026-11-21T00:30", zone=zone, now=noon) == {"“2026-11-21T00:30” is in the future."}
    assert not refusals("2026-11-20T23:30", zone=zone, now=noon)


@pytest.mark.parametrize("zone", [FURTHEST_EAST, GREENWICH, WEST])
def test_a_program_whose_clock_runs_ahead_is_heard_around_midnight(zone: str) -> None:
    assert not refusals("2026-11-21T00:00", zone=zone, now=midnight(zone) - CLOCKS_DIFFER)
    assert refusals("2026-11-21T00:00", zone=zone, now=midnight(zone) - CLOCKS_DIFFER - SECOND)


@pytest.fixture
def metric(organisation: Organisation) -> Metric:
    """A metric far in the west, where the 21st is yet to come while it begins in Berlin."""
    organisation.time_zone = WEST
    organisation.save()
    return a_metric(organisation)


@pytest.mark.django_db
@pytest.mark.usefixtures("friday")
def test_pages_and_api_know_the_day_of_the_organisation(metric: Metric, owner: User) -> None:
    visitor, program = Client(), APIClient()
    for each in (visitor, program):
        each.force_login(owner)
    typed = {"way": "one", "day": f"{NOW:%Y-%m-}{NOW.day + 1}", "time": "", "value": "77"}
    page = visitor.post(f"/growth/metrics/{metric.pk}/type-in/", typed)
    answer = program.post(
        f"/api/v1/growth/metrics/{metric.pk}/observations/", {"at": typed["day"], "value": 77}, format="json"
    )
    assert "“2026-11-21” is in the future." in page.content.decode()
    assert answer.json()["errors"] == {"at": ["“2026-11-21” is in the future."]}
    assert not metric.observations.exists()
