"""Pages say which file manages a row, and show no button that its lock would refuse."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from alerts.models import Report
from organisations import managed
from organisations.models import Organisation, User
from tests.targets.stage import a_feed, a_metric, a_target

if TYPE_CHECKING:
    from organisations.tenancy import TenantModel

FILE = "growth.yaml"
UNLOCKED, LOCKED = f"Managed by {FILE}</p>", f"Managed by {FILE} and locked</p>"
CHANGES = re.compile(r"/growth/[^\"]*/(edit|delete|pause)/\"|/feeds/\d+/\"")  # where the buttons lead

SignedIn = Callable[[User], Client]


@pytest.fixture
def rows(organisation: Organisation) -> dict[str, TenantModel]:
    """One row of each section; its connection is one that can be asked."""
    feed = a_feed(organisation, kind="http", name="Shop")
    target = a_target(a_metric(organisation, "Visitors", feed=feed), goal=100)
    report = Report.unscoped.create(organisation=organisation, name="Fridays")
    return {row.described_in: row for row in (feed.connection, feed, target.metric, target, report)}


@pytest.fixture
def pages(rows: dict[str, TenantModel]) -> dict[str, str]:
    """The page on which the row of each section is shown."""
    at = {section: ["growth", row.pk] for section, row in rows.items()}
    return {
        "connections": reverse("connection", args=at["connections"]),
        "feeds": reverse("connection", args=at["connections"]),
        "metrics": reverse("metric", args=at["metrics"]),
        "targets": reverse("target", args=at["targets"]),
        "reports": reverse("report-preview", args=at["reports"]),
    }


def mark(rows: dict[str, TenantModel], *sections: str, locked: bool) -> None:
    """Mark the rows of some sections as described by the file."""
    organisation = Organisation.objects.get(slug="growth")
    for section in sections:
        managed.put(organisation, section=section, row_ids=[rows[section].pk], file=FILE, locked=locked)


def ways_to_change(html: str) -> set[str]:
    """Return what the links and buttons of a page that change something do."""
    return {found.group(1) or "edit" for found in CHANGES.finditer(html)}


@pytest.mark.parametrize("section", ["connections", "feeds", "metrics", "targets", "reports"])
def test_a_page_says_which_file_manages_its_row(
    client_of: SignedIn, owner: User, rows: dict[str, TenantModel], pages: dict[str, str], section: str
) -> None:
    client = client_of(owner)
    before = client.get(pages[section]).content.decode()
    assert "Managed by" not in before
    mark(rows, section, locked=False)
    unlocked = client.get(pages[section]).content.decode()
    assert unlocked.count(UNLOCKED) == 1
    assert ways_to_change(unlocked) == ways_to_change(before) != set()
    mark(rows, section, locked=True)
    assert client.get(pages[section]).content.decode().count(LOCKED) == 1


def test_a_page_of_a_locked_row_shows_no_way_to_change_it(
    client_of: SignedIn, owner: User, rows: dict[str, TenantModel], pages: dict[str, str]
) -> None:
    mark(rows, *rows, locked=True)
    client = client_of(owner)
    assert {section: ways_to_change(client.get(page).content.decode()) for section, page in pages.items()} == {
        section: set() for section in pages
    }


def test_a_locked_connection_still_takes_a_test_a_check_and_another_number(
    client_of: SignedIn, owner: User, rows: dict[str, TenantModel], pages: dict[str, str]
) -> None:
    mark(rows, *rows, locked=True)
    html = client_of(owner).get(pages["connections"]).content.decode()
    assert all(way in html for way in ("/test/", "/collect/", "/numbers/new/", "/key/"))


@pytest.mark.parametrize(("page", "below"), [("connections", "feeds"), ("metrics", "targets")])
def test_what_stands_over_a_locked_row_is_edited_and_not_deleted(
    client_of: SignedIn, owner: User, rows: dict[str, TenantModel], pages: dict[str, str], page: str, below: str
) -> None:
    mark(rows, below, locked=True)
    html = client_of(owner).get(pages[page]).content.decode()
    assert "/edit/" in html
    assert "/delete/" not in html


def test_the_list_of_reports_marks_each_and_hides_its_button(
    client_of: SignedIn, owner: User, rows: dict[str, TenantModel]
) -> None:
    mark(rows, "reports", locked=True)
    other = Report.unscoped.create(organisation=Organisation.objects.get(slug="growth"), name="Mondays")
    html = client_of(owner).get("/growth/reports/").content.decode()
    assert html.count(LOCKED) == 1
    assert f"/growth/reports/{other.pk}/edit/" in html
    assert f"/growth/reports/{rows['reports'].pk}/edit/" not in html


def test_the_name_of_a_file_is_escaped(
    client_of: SignedIn, owner: User, organisation: Organisation, rows: dict[str, TenantModel], pages: dict[str, str]
) -> None:
    managed.put(organisation, section="targets", row_ids=[rows["targets"].pk], file="<b>.yaml", locked=False)
    assert "Managed by &lt;b&gt;.yaml" in client_of(owner).get(pages["targets"]).content.decode()


@pytest.mark.parametrize("section", ["connections", "metrics", "targets", "reports"])
def test_a_page_asks_for_its_marks_once(
    client_of: SignedIn, owner: User, rows: dict[str, TenantModel], pages: dict[str, str], section: str
) -> None:
    mark(rows, *rows, locked=True)
    with CaptureQueriesContext(connection) as asked:
        client_of(owner).get(pages[section])
    assert sum("organisations_managed" in query["sql"] for query in asked) == 1
