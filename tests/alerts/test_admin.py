"""The admin screens of this app open, change what may be changed, and keep records as they are."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from alerts import reporting
from alerts.models import Report
from organisations.models import Organisation, User
from tests.alerts.factories import NOW

ClientOf = Callable[[User], Client]


@pytest.fixture
def report(organisation: Organisation, owner: User) -> Report:
    report = reporting.ensure_default(organisation, NOW)
    reporting.order_test(report, owner, NOW)
    report.runs.create(slot_at=NOW)
    return report


@pytest.mark.parametrize("model", ["report", "recipient", "reportrun", "delivery"])
def test_every_list_and_row_opens(report: Report, superuser: User, client_of: ClientOf, model: str) -> None:
    browser = client_of(superuser)
    rows = {
        "report": report.pk,
        "recipient": report.recipients.get().pk,
        "reportrun": report.runs.get().pk,
        "delivery": report.organisation.deliveries.get().pk,
    }
    assert browser.get(reverse(f"admin:alerts_{model}_changelist")).status_code == 200
    assert browser.get(reverse(f"admin:alerts_{model}_change", args=[rows[model]])).status_code == 200


@pytest.mark.parametrize("model", ["reportrun", "delivery"])
def test_records_are_not_written_by_hand(report: Report, superuser: User, client_of: ClientOf, model: str) -> None:
    assert client_of(superuser).get(reverse(f"admin:alerts_{model}_add")).status_code == 403


def test_a_report_changed_in_the_admin_is_due_anew(report: Report, superuser: User, client_of: ClientOf) -> None:
    form = {"organisation": report.organisation_id, "name": "Daily report", "at": "08:00", "weekdays": "[0]"}
    inline = {"recipients-TOTAL_FORMS": 0, "recipients-INITIAL_FORMS": 0}
    address = reverse("admin:alerts_report_change", args=[report.pk])
    assert client_of(superuser).post(address, form | inline).status_code == 302
    report.refresh_from_db()
    assert (report.is_active, report.due_at) == (False, None)
