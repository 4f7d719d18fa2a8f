"""The API of reports: read by all members, changed by those who manage."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from rest_framework.test import APIClient

from alerts import reporting
from alerts.models import Report
from organisations.models import Organisation, User
from tests.alerts.factories import NOW

Api = Callable[[User], APIClient]
REPORTS = "/api/v1/growth/reports/"
RECIPIENTS = "/api/v1/growth/recipients/"
DELIVERIES = "/api/v1/growth/deliveries/"


@pytest.fixture
def report(organisation: Organisation, owner: User) -> Report:
    return reporting.ensure_default(organisation, NOW)


def test_every_member_reads_reports(report: Report, viewer: User, api: Api) -> None:
    answer = api(viewer).get(REPORTS).json()
    assert [row["name"] for row in answer["results"]] == ["Daily report"]


def test_a_manager_makes_a_report_and_it_is_due(report: Report, admin: User, api: Api) -> None:
    answer = api(admin).post(REPORTS, {"name": "Fridays", "at": "15:00", "weekdays": [4]})
    assert answer.status_code == 201
    created = report.organisation.reports.get(name="Fridays")
    assert created.due_at is not None
    assert created.due_at > datetime.now(UTC)


def test_a_report_that_nobody_names_is_named_in_the_language_of_its_maker(
    organisation: Organisation, admin: User, api: Api
) -> None:
    answer = api(admin).post(REPORTS, {"at": "15:00", "weekdays": [4]}, headers={"Accept-Language": "de"})
    assert answer.json()["name"] == "Täglicher Bericht"


def test_switching_off_clears_what_is_due(report: Report, owner: User, api: Api) -> None:
    assert api(owner).patch(f"{REPORTS}{report.pk}/", {"is_active": False}).status_code == 200
    report.refresh_from_db()
    assert report.due_at is None


@pytest.mark.parametrize("weekdays", [[], [7], [1, 1], "monday", None])
def test_weekdays_that_are_none_are_refused(report: Report, owner: User, api: Api, weekdays: object) -> None:
    assert api(owner).patch(f"{REPORTS}{report.pk}/", {"weekdays": weekdays}).status_code == 400


def test_a_viewer_changes_nothing(report: Report, viewer: User, editor: User, api: Api) -> None:
    for person in (viewer, editor):
        assert api(person).post(REPORTS, {"name": "Mine"}).status_code == 403
        assert api(person).post(RECIPIENTS, {"report": report.pk, "user": person.pk}).status_code == 403


def test_reports_are_not_deleted(report: Report, owner: User, api: Api) -> None:
    assert api(owner).delete(f"{REPORTS}{report.pk}/").status_code == 405


def test_only_members_become_recipients(report: Report, owner: User, viewer: User, outsider: User, api: Api) -> None:
    assert api(owner).post(RECIPIENTS, {"report": report.pk, "user": viewer.pk}).status_code == 201
    assert api(owner).post(RECIPIENTS, {"report": report.pk, "user": outsider.pk}).status_code == 400


def test_another_organisations_report_takes_no_recipient(
    report: Report, outsider: User, elsewhere: Organisation, api: Api
) -> None:
    body = {"report": report.pk, "user": outsider.pk}
    assert api(outsider).post("/api/v1/elsewhere/recipients/", body).status_code == 400


def test_deliveries_are_read_only(report: Report, owner: User, api: Api) -> None:
    reporting.order_test(report, owner, NOW)
    assert api(owner).get(DELIVERIES).json()["count"] == 1
    assert api(owner).post(DELIVERIES, {"address": "x@example.com"}).status_code == 405
