"""When a source is asked: by the clock, by when numbers are to be there, on working days; and the past once more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.processes.installation import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.product import Product

pytestmark = pytest.mark.browser


@pytest.fixture
def connection(page: Page, home: str, product: Product) -> str:
    """The path of the connection that the daily visitors come from; its page is open."""
    steps.track_visitors(page, home, product.address, goal="10000")
    page.goto(f"{home}connections/")
    page.locator("tbody th a").first.click()
    page.get_by_role("heading", name="Visitors").wait_for()
    return steps.path_of(page)


def edit_feed(page: Page, connection: str, *, when: str) -> None:
    """Open the form of the feed, and choose by what it becomes due."""
    page.goto(connection)
    page.get_by_role("link", name="Edit Visitors").click()
    steps.arrive(page, "What is asked, and how often?")
    page.get_by_label("When").select_option(label=when)


def rhythm(page: Page) -> str:
    """Return how often the page says that the feed is asked."""
    return page.locator("dl.rows > div", has=page.get_by_text("How often", exact=True)).locator("dd").inner_text()


def test_a_schedule_by_the_clock(page: Page, connection: str) -> None:
    edit_feed(page, connection, when="At times of the clock (cron)")
    expect(page.locator("select[name=every]")).to_be_hidden()
    cron = page.get_by_label(re.compile("^Cron"))
    cron.fill("61 6 * * *")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="There is a problem").wait_for()
    cron.fill("30 6 * * 1-5")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Visitors").wait_for()
    assert "30 6 * * 1-5" in rhythm(page)


def test_numbers_that_are_to_be_there_in_the_morning_of_working_days(page: Page, connection: str) -> None:
    edit_feed(page, connection, when="So that the numbers are there at a time of day")
    expect(page.get_by_label(re.compile("^Cron"))).to_be_hidden()
    page.get_by_label(re.compile("^Ready by")).fill("09:00")
    page.get_by_label(re.compile("^Minutes ahead")).fill("30")
    page.get_by_label("On working days alone").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Visitors").wait_for()
    assert rhythm(page) == "30 minutes ahead of 09:00, on working days alone"


def test_just_before_each_report(page: Page, connection: str) -> None:
    edit_feed(page, connection, when="Just before each report")
    page.get_by_label(re.compile("^Minutes ahead")).fill("20")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Visitors").wait_for()
    assert "20 minutes" in rhythm(page)
    assert "report" in rhythm(page)


def slow_down(page: Page, connection: str) -> None:
    """Let one call a minute out, so that a long range is still on its way when somebody pauses it."""
    page.goto(f"{connection}edit/")
    page.get_by_label("Most calls").fill("1")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("At most 1 call a minute").wait_for()


def fetch_again(page: Page, connection: str, first: str, last: str) -> Locator:
    """Ask for a past range; returns the part of the page about it."""
    page.goto(connection)
    page.get_by_role("link", name="Fetch the past again").click()
    steps.arrive(page, "Which days are to be fetched again?")
    page.get_by_label("First day").fill(first)
    page.get_by_label("Last day").fill(last)
    page.get_by_role("button", name="Fetch them").click()
    return page.locator(".part", has=page.get_by_role("heading", name="Past range"))


def test_a_past_range_is_fetched_to_its_end(page: Page, connection: str) -> None:
    past = fetch_again(page, connection, "2026-01-05", "2026-01-18")
    past.wait_for()
    wait_for(lambda: page.goto(connection) and "100%" in past.inner_text())
    assert "Done, 14 readings" in past.inner_text()
    assert past.get_by_role("button").count() == 0


def test_a_past_range_is_paused_taken_up_and_stopped(page: Page, connection: str) -> None:
    slow_down(page, connection)
    past = fetch_again(page, connection, "2020-01-01", "2025-12-31")
    past.get_by_role("progressbar", name="How much has been fetched").wait_for()
    past.get_by_role("button", name="Pause").click()
    expect(past).to_contain_text("Paused")
    past.get_by_role("button", name="Resume").click()
    expect(past).to_contain_text("Running")
    past.get_by_role("button", name="Stop").click()
    expect(past).to_contain_text("Stopped")
    expect(page.get_by_role("link", name="Fetch the past again")).to_be_visible()


def test_a_range_that_ends_before_it_begins_is_refused(page: Page, connection: str) -> None:
    fetch_again(page, connection, "2026-02-10", "2026-02-01")
    page.get_by_role("heading", name="There is a problem").wait_for()
    page.get_by_text("The last day lies before the first one.").first.wait_for()
