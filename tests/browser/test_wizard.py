"""The way from an address to a target, for each sort of answer: one number, a table, a pasted command."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import requests
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.steps import figure, heading, number_in
from tests.browser.watching import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, StorageState

    from tests.browser.product import Product

pytestmark = pytest.mark.browser

PICK = "Click the number you want to track"


def give_open_address(page: Page, home: str, address: str) -> None:
    """Take the first step for a service that asks for no key: the second is left out."""
    page.goto(f"{home}connections/new/")
    page.get_by_label("Address (URL)").fill(address)
    page.get_by_role("button", name="Continue").click()
    steps.arrive(page, PICK)


def test_one_number_of_an_open_service_becomes_a_target(page: Page, home: str, product: Product) -> None:
    give_open_address(page, home, f"{product.address}/sandbox/summary")
    before = page.locator("#panel .path").inner_text()
    number = page.locator("#json label").nth(1)
    picked = number.inner_text()
    number.click()
    until(page, "before => document.querySelector('#panel .path').textContent !== before", before)
    assert number_in(page.locator("#panel .picked").inner_text()) == number_in(picked)
    page.get_by_label("A level right now").check()
    steps.save_number(page, name="A level")
    assert page.locator(".lede").get_by_text("A level is at").is_visible(), "the question for the goal says where it is"
    steps.start_tracking(page, goal="1000000", name="A level")
    assert number_in(figure(page, "Actual")) == number_in(picked)


@pytest.mark.parametrize("table", ["orders.csv", "umsatz.csv"])
def test_a_column_of_a_table_becomes_daily_readings(table: str, page: Page, home: str, product: Product) -> None:
    """The sum of the month agrees with the table, whether it is written with points or, as in German, with commas."""
    give_open_address(page, home, f"{product.address}/sandbox/{table}")
    page.locator("#json table tbody tr").first.locator("label").last.click()
    until(page, "document.querySelector('#json input:checked').closest('td').cellIndex === 2")
    page.locator("#panel").get_by_text(re.compile("every row")).wait_for()
    steps.save_number(page, name="Revenue")
    steps.start_tracking(page, goal="10000", name="Revenue")
    truth = sum(of_this_month(requests.get(f"{product.address}/sandbox/orders.csv", timeout=10).text))
    shown = number_in(page.locator(".stats dd").first.inner_text())
    assert shown == pytest.approx(truth, abs=0.51), "rounded as the metric is"


def of_this_month(table: str) -> list[float]:
    """Return the revenue of the rows of this month."""
    month = f"{datetime.now(UTC):%Y-%m}"
    return [float(row["revenue"]) for row in csv.DictReader(io.StringIO(table)) if row["date"].startswith(month)]


@pytest.mark.parametrize("answer", ["metrics", "online", "orders"])
def test_other_sorts_of_answers_can_be_picked_from(answer: str, page: Page, home: str, product: Product) -> None:
    give_open_address(page, home, f"{product.address}/sandbox/{answer}")
    assert page.locator("#json input[type=radio]").count() >= 1
    picked = page.locator("#json label:has(input:checked) .v").inner_text()
    assert number_in(page.locator("#panel .picked").inner_text()) == number_in(picked), (
        "whatever the hour: 0 at midnight"
    )
    steps.save_number(page, name="A number")


def test_finding_narrows_the_answer_and_says_how_many_are_left(page: Page, home: str, product: Product) -> None:
    give_open_address(page, home, f"{product.address}/sandbox/summary")
    every = page.locator("#json input[type=radio]").count()
    name = page.locator("#json .k").last.inner_text()
    page.get_by_label("Find in the answer").fill(name)
    shown = [box for box in page.locator("#json label").all() if box.is_visible()]
    assert 0 < len(shown) < every
    page.get_by_label("Find in the answer").press("Enter")
    assert heading(page, PICK).is_visible(), "Enter presses no button of the form"


def test_testing_again_keeps_what_was_typed(page: Page, home: str, product: Product) -> None:
    give_open_address(page, home, f"{product.address}/sandbox/summary")
    page.evaluate("window.stayed = true")
    page.locator("#json label").nth(1).click()
    picked = page.locator("#json input:checked").get_attribute("value") or ""
    expect(page.locator("#panel .path")).to_have_text(picked)
    page.get_by_label("Name", exact=True).fill("My own name")
    page.get_by_label("A level right now").check()
    ask_again(page)
    expect(page.get_by_label("Name", exact=True)).to_have_value("My own name")
    expect(page.get_by_label("A level right now")).to_be_checked()
    expect(page.locator("#panel .path")).to_have_text(picked)
    assert page.evaluate("window.stayed"), "the page was not loaded anew"
    steps.save_number(page, name="My own name")


def ask_again(page: Page) -> None:
    """Press the button, and wait until the page's inside is that of the next answer."""
    page.locator("#main").evaluate("main => { main.dataset.former = '' }")
    page.get_by_role("button", name="Test again").click()
    page.locator("#main:not([data-former]) #again").wait_for()


def test_testing_again_saves_nothing_where_the_first_try_was_lost(
    browser: Browser, owner: StorageState, product: Product
) -> None:
    page = browser.new_context(base_url=product.address, storage_state=owner, locale="en-GB").new_page()
    home = steps.found_organisation(page, "Lost on the way")
    give_open_address(page, home, f"{product.address}/sandbox/summary")
    page.get_by_label("Name", exact=True).fill("My own name")
    page.route(re.compile("/pick/$"), lambda route: route.fulfill(status=502), times=1)
    with page.expect_navigation():
        page.get_by_role("button", name="Test again").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("My own name")
    page.goto(f"{home}connections/")
    page.get_by_text("No connections yet").wait_for()
    page.context.close()


def test_what_is_typed_stays_with_another_number_without_scripts(
    open_browser: Callable[..., Page], owner: StorageState, product: Product
) -> None:
    page = open_browser(storage_state=owner, java_script_enabled=False)
    give_open_address(
        page, steps.found_organisation(page, "Picking without scripts"), f"{product.address}/sandbox/summary"
    )
    name, numbers = page.get_by_label("Name", exact=True), page.locator("#json input")
    proposed = name.input_value()
    numbers.nth(1).check()
    page.get_by_role("button", name="Use this number").click()
    expect(name).not_to_have_value(proposed)
    name.fill("My own name")
    numbers.nth(2).check()
    page.get_by_role("button", name="Use this number").click()
    expect(numbers.nth(2)).to_be_checked()
    expect(name).to_have_value("My own name")
    page.get_by_role("button", name="Test again").click()
    expect(name).to_have_value("My own name")
    steps.save_number(page, name="My own name")


def test_a_pasted_command_brings_its_key_along(page: Page, home: str, product: Product) -> None:
    page.goto(f"{home}connections/new/")
    command = f"curl -H 'Authorization: Bearer {steps.SANDBOX_KEY}' '{product.address}{steps.DAILY}'"
    page.get_by_label("Address (URL)").fill(command)
    page.get_by_role("button", name="Continue").click()
    steps.arrive(page, PICK)
    assert steps.SANDBOX_KEY not in page.content()
    steps.save_number(page, name="Visitors")


def test_an_address_without_an_answer_says_what_to_do_and_keeps_it(page: Page, home: str, product: Product) -> None:
    page.goto(f"{home}connections/new/")
    wrong = f"{product.address}/sandbox/nowhere"
    page.get_by_label("Address (URL)").fill(wrong)
    page.get_by_role("button", name="Continue").click()
    page.get_by_text(re.compile("404")).first.wait_for()
    assert page.title().startswith("Error:")
    assert page.get_by_label("Address (URL)").input_value() == wrong


def test_a_step_back_loses_nothing(page: Page, home: str, product: Product) -> None:
    steps.give_address(page, home, product.address + steps.DAILY)
    page.get_by_role("link", name="Back", exact=True).click()
    assert page.get_by_label("Address (URL)").input_value() == product.address + steps.DAILY


def test_a_new_connection_begins_with_nothing_of_one_that_was_left(page: Page, home: str, product: Product) -> None:
    steps.give_address(page, home, product.address + steps.DAILY)
    page.goto(f"{home}connections/new/")
    assert page.get_by_label("Address (URL)").input_value() == ""
