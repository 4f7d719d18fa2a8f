"""From a well-known service to a target: choosing it, entering an account, seeing its numbers, setting a goal."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.product import BIND
from tests.browser.steps import figure, number_in
from tests.targets.set_up.test_services import KEY, plausible

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_httpserver import HTTPServer

    from tests.browser.product import Product

pytestmark = pytest.mark.browser

NUMBERS = "Plausible answers. Which numbers do you want?"


@pytest.fixture
def address(httpserver: HTTPServer) -> str:
    """Where a pretend Plausible is."""
    httpserver.expect_request(re.compile("/.*")).respond_with_handler(plausible)
    return f"http://{BIND}:{httpserver.port}"


def enter_account(page: Page, address: str, *, key: str = KEY) -> None:
    """Fill in what Plausible asks, and have it tried."""
    page.get_by_label("Address").fill(address)
    page.get_by_label("Site").fill("example.com")
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Test and continue").click()


def test_a_service_becomes_a_target(page: Page, home: str, address: str) -> None:
    page.goto(f"{home}connections/")
    page.get_by_role("link", name="Choose a service").click()
    steps.arrive(page, "Which service has your numbers?")
    page.get_by_role("link", name="Plausible").click()
    steps.arrive(page, "Plausible")
    enter_account(page, address)
    steps.arrive(page, NUMBERS)
    page.get_by_text("1,310 visitors").first.wait_for()
    page.get_by_role("checkbox", name="Website visitors a day").uncheck()
    page.get_by_role("checkbox", name="People on the website").check()
    page.get_by_role("button", name="Save and set a target").click()
    steps.arrive(page, "What should it reach, and by when?")
    steps.start_tracking(page, goal="20", name="People on the website")
    assert number_in(figure(page, "Actual")) == 7
    page.goto(f"{home}connections/")
    page.get_by_role("link", name="Plausible example.com").click()
    page.get_by_text("At most 600 calls an hour").wait_for()


def test_a_refused_key_is_said_and_the_rest_stays(page: Page, home: str, address: str) -> None:
    page.goto(f"{home}services/plausible/")
    enter_account(page, address, key="not-the-key-at-all")
    page.get_by_role("heading", name="Answer").wait_for()
    page.get_by_text(re.compile("401")).first.wait_for()
    assert page.title().startswith("Error:")
    expect(page.get_by_label("Site")).to_have_value("example.com")
    expect(page.get_by_label("API key")).to_have_value("")
    assert "not-the-key-at-all" not in page.content()
    page.get_by_label("API key").fill(KEY)
    page.get_by_role("button", name="Test and continue").click()
    steps.arrive(page, NUMBERS)


def test_nothing_chosen_is_said_in_words(page: Page, home: str, address: str) -> None:
    page.goto(f"{home}services/plausible/")
    enter_account(page, address)
    steps.arrive(page, NUMBERS)
    for box in page.get_by_role("checkbox").all():
        box.uncheck()
    page.get_by_role("button", name="Save only").click()
    page.get_by_role("heading", name="There is a problem").wait_for()
    page.goto(f"{home}connections/")
    page.get_by_text("No connections yet").wait_for()


def test_by_keyboard_alone(page: Page, home: str, address: str) -> None:
    page.goto(f"{home}services/")
    page.get_by_role("link", name="Plausible").focus()
    page.keyboard.press("Enter")
    steps.arrive(page, "Plausible")
    page.get_by_label("Address").focus()
    for entered in (address, "example.com", KEY):
        page.keyboard.press("ControlOrMeta+A")
        page.keyboard.type(entered)
        page.keyboard.press("Tab")
    page.get_by_label("API key").focus()
    page.keyboard.press("Enter")
    steps.arrive(page, NUMBERS)
    box = page.get_by_role("checkbox").first
    before = box.is_checked()
    box.focus()
    page.keyboard.press("Space")
    assert box.is_checked() != before


def test_who_only_looks_is_offered_none(
    page: Page, home: str, product: Product, open_browser: Callable[..., Page]
) -> None:
    viewer = steps.join(page, home, product, open_browser(), f"{home.strip('/')}-looks@example.org", role="Viewer")
    viewer.goto(f"{home}connections/")
    viewer.get_by_text("No connections yet").wait_for()
    assert viewer.get_by_role("link", name="Choose a service").count() == 0
    assert viewer.request.get(f"{home}services/").status == 403
