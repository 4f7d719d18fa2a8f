"""The call log: what calls add up to, over which time, which of them failed, and a target on them in two clicks."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser import sources, steps
from tests.browser.steps import figure, number_in
from tests.processes.installation import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.product import Product

pytestmark = pytest.mark.browser


@pytest.fixture
def calls(page: Page, home: str, product: Product) -> str:
    """The path of the call log of a shop that is out of order, once calls to it have failed."""
    sources.make_trouble(page, home, product.address)
    shop = sources.open_connection(page, home, sources.OUTAGE)
    wait_for(lambda: page.goto(f"{shop}calls/") and page.get_by_role("region", name="Why calls failed").count())
    return f"{shop}calls/"


def count_in(page: Page) -> float:
    """Return how many calls the page says there were."""
    return number_in(figure(page, "Calls"))


def test_the_stretch_of_time_is_chosen(page: Page, calls: str) -> None:
    page.goto(calls)
    assert figure(page, "Error rate").startswith("100%")
    page.get_by_role("heading", name="Day by day").wait_for()
    page.get_by_role("link", name="24 hours").click()
    page.get_by_role("heading", name="Hour by hour").wait_for()
    assert page.get_by_role("navigation", name="Stretch of time").locator("[aria-current]").inner_text() == "24 hours"
    page.get_by_text("The same as a table").click()
    rows = page.get_by_role("region", name="The same as a table").locator("tbody tr")
    assert sum(number_in(row.locator("td").first.inner_text()) for row in rows.all()) == count_in(page)


def test_the_log_is_narrowed_down_and_taken_away(page: Page, calls: str) -> None:
    page.goto(calls)
    log = page.get_by_role("region", name="The log")
    page.get_by_role("link", name=re.compile("^Show them")).first.click()
    log.get_by_text("Those that failed so:").wait_for()
    assert log.locator(".calls > li").count() > 0
    page.get_by_label("Find in the address").fill("never-asked-for")
    log.get_by_role("button", name="Apply").click()
    log.get_by_text("No call in the log is like this.").wait_for()
    log.get_by_role("link", name="Show all").click()
    expect(log.locator(".calls > li").first).to_be_visible()
    log.get_by_label("Failures alone").check()
    log.get_by_role("button", name="Apply").click()
    expect(log.locator(".calls > li").first).to_be_visible()
    with page.expect_download() as taken:
        log.get_by_role("link", name="Download CSV").click()
    rows = list(csv.reader(io.StringIO(Path(taken.value.path()).read_text())))
    assert 0 < log.locator(".calls > li").count() < len(rows)  # its head, and calls that came meanwhile
    assert {row[rows[0].index("Status")] for row in rows[1:]} == {"500"}


def test_one_call_says_what_was_asked_and_what_came(page: Page, calls: str) -> None:
    page.goto(calls)
    page.get_by_role("region", name="The log").locator(".calls > li a").first.click()
    steps.heading(page, re.compile("^Call, ")).wait_for()
    assert "/sandbox/orders?chaos=500" in page.get_by_role("region", name="What was asked").inner_text()
    assert "500" in page.get_by_role("region", name="What came").inner_text()
    page.get_by_role("link", name="The check it belongs to").click()
    steps.heading(page, re.compile(".")).wait_for()


def test_an_error_rate_becomes_a_target_in_two_clicks(page: Page, calls: str) -> None:
    page.goto(calls)
    page.get_by_role("link", name=re.compile("^Make it a target ?: Error rate$")).click()
    steps.arrive(page, "Make the error rate a target")
    page.get_by_role("button", name="Start tracking").click()
    steps.arrive(page, f"Error rate of {sources.OUTAGE}")
    assert number_in(figure(page, "Actual")) == 100


def test_all_connections_stand_on_one_page_the_worst_first(page: Page, home: str, calls: str) -> None:
    page.goto(f"{home}connections/")
    page.get_by_role("link", name="The calls of all connections").click()
    steps.arrive(page, "Calls of all connections")
    worst = page.locator("tbody tr").first.get_by_role("link")
    assert worst.inner_text() == sources.OUTAGE
    worst.click()
    steps.arrive(page, f"Calls of {sources.OUTAGE}")
