"""By keyboard alone: the way past the navigation, the menu, the slider of the chart, the numbers of an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser import steps
from tests.browser.watching import until

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.product import Product

pytestmark = pytest.mark.browser

FOCUSED = "document.activeElement"


def test_the_first_stop_leads_past_the_navigation(page: Page, home: str) -> None:
    steps.show_samples(page, home)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    assert skip.evaluate(f"skip => skip === {FOCUSED}")
    box = skip.bounding_box()
    assert box
    assert box["x"] >= 0, "it comes into sight"
    assert box["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate(f"{FOCUSED}.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate(f"{FOCUSED}.closest('main') !== null")


def test_each_target_is_one_stop(page: Page, home: str) -> None:
    steps.show_samples(page, home)
    page.locator("table.targets th a").first.focus()
    page.keyboard.press("Tab")
    assert page.locator("table.targets th a").nth(1).evaluate(f"link => link === {FOCUSED}")
    page.keyboard.press("Enter")
    page.locator("#h-chart").wait_for()


def test_escape_closes_the_menu_and_gives_the_focus_back(page: Page, home: str) -> None:
    page.goto(home)
    menu = page.locator("details.menu")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    assert menu.get_attribute("open") is not None
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert menu.locator("summary").evaluate(f"summary => summary === {FOCUSED}")


def test_the_slider_walks_through_the_days(page: Page, home: str, product: Product) -> None:
    steps.track_visitors(page, home, product.address, goal="10000")
    page.locator("html.chart-ready").wait_for()
    slider = page.get_by_role("slider", name="Day shown above the chart")
    readout = page.locator("#readout .when")
    slider.focus()
    page.keyboard.press("Home")
    first = readout.inner_text()
    page.keyboard.press("ArrowRight")
    second = readout.inner_text()
    page.keyboard.press("End")
    last = readout.inner_text()
    page.keyboard.press("ArrowLeft")
    assert len({first, second, last, readout.inner_text()}) == 4
    page.keyboard.press("Home")
    assert readout.inner_text() == first
    said = slider.get_attribute("aria-valuetext") or ""
    assert said.startswith(first), "the value is said in words, the day first"
    assert len(said) > len(first)


def test_arrows_walk_through_the_numbers_of_an_answer(page: Page, home: str, product: Product) -> None:
    steps.give_address(page, home, product.address + steps.DAILY)
    steps.give_key(page)
    steps.arrive(page, "Click the number you want to track")
    picked = page.locator("#json input:checked")
    before = picked.get_attribute("value")
    picked.focus()
    page.keyboard.press("ArrowDown")
    until(
        page,
        "before => document.querySelector('#panel .path').textContent && "
        "document.querySelector('#json input:checked').value !== before",
        before,
    )
    after = picked.get_attribute("value")
    assert after != before
    assert page.evaluate(f"{FOCUSED}.value") == after, "the focus goes along"
    page.keyboard.press("ArrowUp")
    assert picked.get_attribute("value") == before
