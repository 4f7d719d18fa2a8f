"""Trying how a number is read: what comes of a path shows at once, what is wrong is said, nothing is kept unasked."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.steps import number_in

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, StorageState

    from tests.browser.product import Product

pytestmark = pytest.mark.browser


@pytest.fixture
def tried(page: Page, home: str, product: Product) -> str:
    """The path of the page on which the daily visitors are tried; it is open."""
    return arrive(page, home, product)


def arrive(page: Page, home: str, product: Product) -> str:
    """Track the daily visitors, and go from the number's page to the one on which it is tried."""
    steps.track_visitors(page, home, product.address, goal="10000")
    page.goto(f"{home}metrics/")
    page.get_by_role("link", name="Unique visitors").click()
    page.get_by_role("link", name="Try how it is read").click()
    steps.arrive(page, "How Unique visitors is read")
    return steps.path_of(page)


def outcome(page: Page) -> Locator:
    """Return the part of the page that says what comes of it."""
    return page.locator("#tried")


def first_value(page: Page) -> float:
    """Return the first reading."""
    return number_in(outcome(page).locator("table").last.locator("tbody td.num").first.inner_text())


def test_what_comes_of_a_change_shows_at_once(page: Page, tried: str) -> None:
    expect(outcome(page).get_by_role("status")).to_contain_text("readings")
    before = first_value(page)
    page.evaluate("window.stayed = true")
    page.get_by_label("Times", exact=True).fill("2")
    expect(outcome(page).locator("table").last.locator("tbody td.num").first).to_have_text(
        re.compile(f"^{2 * before:,.0f}$")
    )
    assert page.evaluate("window.stayed"), "the page was not loaded anew"
    page.goto(tried)
    assert first_value(page) == before, "nothing was kept"


def test_a_wrong_path_is_said_in_words(page: Page, tried: str) -> None:
    path = page.get_by_label(re.compile("^Value"))
    path.fill("uniqueVisitors[")
    expect(outcome(page).locator(".notice")).to_contain_text("Value")
    path.fill("visitorsOfTheDay")
    expect(outcome(page).locator(".refused").first).to_be_visible()
    assert outcome(page).locator("table").last.get_by_text("No reading comes of these rows.").is_visible()
    path.fill("uniqueVisitors")
    expect(outcome(page).locator(".refused")).to_have_count(0)


def test_what_was_tried_is_kept_once_it_is_saved(page: Page, tried: str) -> None:
    before = first_value(page)
    page.get_by_label("Times", exact=True).fill("2")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved. The source is asked again, for its history too.").wait_for()
    page.goto(tried)
    assert first_value(page) == 2 * before
    page.get_by_role("button", name="Ask the source again").click()
    expect(outcome(page).get_by_role("status")).to_contain_text("readings")


def test_without_scripts_a_button_tries_it(
    open_browser: Callable[..., Page], owner: StorageState, product: Product
) -> None:
    page = open_browser(storage_state=owner, java_script_enabled=False)
    tried = arrive(page, steps.found_organisation(page, "Trying without scripts"), product)
    before = first_value(page)
    page.get_by_label("Times", exact=True).fill("2")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_label("Times", exact=True)).to_have_value("2")
    assert first_value(page) == 2 * before
    page.get_by_label(re.compile("^Value")).fill("uniqueVisitors[")
    page.get_by_role("button", name="Try it").click()
    page.get_by_role("heading", name="There is a problem").wait_for()
    page.goto(tried)
    assert first_value(page) == before, "nothing was kept"
