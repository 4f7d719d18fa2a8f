"""One target's page as people use it: a note on the chart, the way back from a number to a call, and asking now."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.steps import heading
from tests.browser.watching import overhang, settled

if TYPE_CHECKING:
    from playwright.sync_api import Page, StorageState

    from tests.browser.product import Product

pytestmark = pytest.mark.browser
HAPPENED = "The checkout was down for three hours."


def spoken(page: Page) -> str:
    """Return what the slider says of the selected day."""
    return page.get_by_label("Day shown above the chart").get_attribute("aria-valuetext") or ""


def sample(page: Page, home: str, name: str) -> None:
    """Open one of the sample targets."""
    steps.show_samples(page, home)
    page.get_by_role("link", name=name).click()
    heading(page, name).wait_for()


def test_a_note_is_written_and_said_by_chart_table_and_panel(page: Page, home: str) -> None:
    sample(page, home, "New paid subscriptions")
    slider = page.get_by_label("Day shown above the chart")
    last_day = spoken(page)
    page.get_by_role("link", name="Add note").click()
    day = page.get_by_label("Day", exact=True)
    day.fill(page.evaluate("day => new Date(new Date(day) - 864e5).toISOString().slice(0, 10)", day.input_value()))
    page.get_by_label("What happened?").fill(HAPPENED)
    page.get_by_role("button", name="Add note").click()
    page.get_by_text("The note is on the chart.").wait_for()
    assert HAPPENED in page.get_by_role("region", name="Notes").inner_text()
    slider.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    assert spoken(page).startswith(last_day)
    said = re.search(rf"Note ([A-Z]): {re.escape(HAPPENED)}", spoken(page))
    assert said, spoken(page)
    assert HAPPENED in page.locator("#readout").inner_text()
    page.get_by_role("button", name="Table").click()
    page.get_by_role("link", name=f"Note {said[1]}", exact=True).click()
    assert HAPPENED in page.locator("li:target").inner_text()


def test_a_name_and_a_unit_without_an_end_wrap_in_the_narrowest_window(page: Page, home: str) -> None:
    sample(page, home, "Monthly recurring revenue")
    target = page.url
    page.get_by_role("link", name="Monthly recurring revenue").last.click()
    page.get_by_role("link", name="Edit").first.click()
    page.get_by_label("Unit").fill("W" * 20)
    page.get_by_role("button", name="Save").click()
    page.goto(f"{target}edit/")
    page.get_by_label("Name", exact=True).fill("W" * 100)
    page.get_by_role("button", name="Save").click()
    heading(page, "W" * 100).wait_for()
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        settled(page)
        assert list(overhang(page)) == [], width


def test_a_number_is_walked_back_to_the_call_that_brought_it(page: Page, home: str, product: Product) -> None:
    page.goto(steps.track_visitors(page, home, product.address, goal="10000"))
    page.get_by_role("link", name="The readings behind these numbers").click()
    heading(page, "What the number is made of").wait_for()
    page.get_by_role("region", name="Days as a table").get_by_role("link", name=re.compile("^Check of")).first.click()
    heading(page, re.compile("^Check of")).wait_for()
    assert "200 OK" in page.inner_text("main")
    assert "/sandbox/analytics/visitors" in page.inner_text("main")
    assert steps.SANDBOX_KEY not in page.inner_text("main")


def test_checking_now_changes_the_page_without_leaving_it(page: Page, home: str, product: Product) -> None:
    page.goto(steps.track_visitors(page, home, product.address, goal="10000"))
    page.get_by_role("button", name="Gap to pace").click()
    page.evaluate("window.stayed = true")
    newest = page.locator("table.checks time").first
    earlier = newest.get_attribute("datetime") or ""
    page.get_by_role("button", name="Check now").click()
    page.get_by_text(re.compile(r"answered: \d+ reading")).wait_for(timeout=60_000)
    expect(newest).not_to_have_attribute("datetime", earlier)
    page.get_by_role("button", name="Gap to pace", pressed=True).wait_for()
    assert page.evaluate("window.stayed && document.activeElement.id") == "check-now"
    page.get_by_label("Day shown above the chart").press("Home")
    assert "Actual" in spoken(page)


def test_without_a_script_there_is_the_table_and_checking_now_still_works(
    open_browser: Callable[..., Page], owner: StorageState, page: Page, home: str, product: Product
) -> None:
    address = steps.track_visitors(page, home, product.address, goal="10000")
    plain = open_browser(storage_state=owner, java_script_enabled=False)
    plain.goto(address)
    assert plain.get_by_role("region", name="Chart data as a table").is_visible()
    assert not plain.locator("#chart").is_visible()
    steps.check_now(plain)
    assert plain.get_by_text(re.compile(r"answered: \d+ reading")).is_visible()


def test_without_the_chart_s_script_the_table_stands_alone(page: Page, home: str) -> None:
    page.route(re.compile("/vendor/chart"), lambda route: route.fulfill(body="", content_type="text/javascript"))
    sample(page, home, "New paid subscriptions")
    page.get_by_role("table", name=re.compile("actual, pace and forecast")).wait_for()
    expect(page.get_by_role("group", name="Show as")).to_be_hidden()
    expect(page.locator(".chart-box")).to_be_hidden()
