"""From the first page to a live target by a starter: gallery, questions, preview, start; with scripts and without."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from tests.browser import steps
from tests.browser.steps import figure, heading, number_in

if TYPE_CHECKING:
    from playwright.sync_api import Page, StorageState

    from tests.browser.product import Product

pytestmark = pytest.mark.browser
logger = logging.getLogger(__name__)


def start_traffic(page: Page, home: str) -> float:
    """Walk from the welcome to the target of the website's traffic; returns the seconds that it took."""
    began = monotonic()
    page.goto(home)
    page.get_by_role("link", name="begin with a starter").click()
    heading(page, "What would you like to begin with?").wait_for()
    page.get_by_role("link", name="Use this: Website traffic", exact=True).click()
    heading(page, "Website traffic").wait_for()
    page.get_by_label("Goal for the month").fill("12,000")
    page.get_by_role("button", name="Try and preview").click()
    heading(page, "Is this what you want?").wait_for()
    page.get_by_text("200 OK").wait_for()
    page.get_by_text(re.compile("^Website visitors: [67] readings in this answer")).wait_for()
    page.get_by_role("button", name="Start", exact=True).click()
    heading(page, "Website visitors").wait_for()
    return monotonic() - began


def is_live(page: Page) -> None:
    """Hold that a target has its numbers, its verdict and its chart."""
    assert number_in(figure(page, "Actual")) > 0
    assert "of at least 12,000" in figure(page, "Actual")
    assert page.locator(".title-row .pill").inner_text() in ("On track", "At risk", "Behind", "Met", "Missed")
    assert page.get_by_role("heading", name="Earlier periods").count(), "its history is there"


def test_a_starter_leads_to_a_live_target(page: Page, home: str) -> None:
    took = start_traffic(page, home)
    logger.warning("From the welcome to the live target in %.1f seconds.", took)
    is_live(page)


def test_a_starter_works_without_scripts(
    open_browser: Callable[..., Page], owner: StorageState, home: str, product: Product
) -> None:
    page = open_browser(storage_state=owner, java_script_enabled=False)
    start_traffic(page, home)
    is_live(page)


def test_a_wrong_key_leads_back_to_its_question(page: Page, home: str) -> None:
    page.goto(f"{home}starters/website-visitors-distinct/")
    page.get_by_label("Key").fill("another-key")
    page.get_by_role("button", name="Try and preview").click()
    page.get_by_text("It answered 401: the key is missing or wrong.").wait_for()
    assert page.title().startswith("Error: ")
    page.get_by_role("link", name="Change sign-in").click()
    page.get_by_label("Key").fill(steps.SANDBOX_KEY)
    page.get_by_role("button", name="Try and preview").click()
    page.get_by_text("200 OK").wait_for()
    page.get_by_role("button", name="Start", exact=True).click()
    heading(page, "Different website visitors").wait_for()
    assert number_in(figure(page, "Actual")) > 0


def test_two_of_a_kind_have_names_of_their_own(page: Page, home: str) -> None:
    for name in ("Room temperature", "Room temperature 2"):
        page.goto(f"{home}starters/room-climate/")
        page.get_by_role("button", name="Preview").click()
        page.get_by_role("button", name="Start", exact=True).click()
        heading(page, name).wait_for()
