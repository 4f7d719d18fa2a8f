"""Each reads in their own language, on their own ground: by their account, or by what their browser says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser import steps

if TYPE_CHECKING:
    from playwright.sync_api import Page, StorageState

    from tests.browser.product import Product

pytestmark = pytest.mark.browser

GROUND = "getComputedStyle(document.body).backgroundColor"
ENGLISH_NUMBER = re.compile(r"\d,\d{3}\b")
GERMAN_NUMBER = re.compile(r"\d\.\d{3}\b")


@pytest.fixture
def own_account(page: Page, home: str, product: Product, open_browser: Callable[..., Page]) -> Page:
    """The browser of a member who may change their account without changing the owner's."""
    return steps.join(page, home, product, open_browser(), f"{home.strip('/')}-reader@example.org", role="Editor")


def choose(page: Page, **choices: str) -> None:
    """Choose on the account's page, by the names of the fields: their labels change with the language."""
    page.goto("/account/")
    for name, value in choices.items():
        page.locator(f"main [name={name}]").select_option(value)
    page.locator("main form .btn.primary").click()
    page.locator(".toast, .notice").first.wait_for()


def test_the_account_chooses_the_language_of_every_page(own_account: Page, home: str) -> None:
    page = own_account
    steps.show_samples(page, home)
    assert ENGLISH_NUMBER.search(page.locator("table.targets").inner_text())
    choose(page, language="de")
    assert page.locator("html").get_attribute("lang") == "de"
    page.goto(home)
    assert page.locator("html").get_attribute("lang") == "de"
    assert page.locator("h1").inner_text() == "Ziele"
    words = {word.strip() for word in page.locator("table.targets .pill").all_inner_texts()}
    assert words == {"Verfehlt", "Im Rückstand", "Gefährdet", "Keine Daten", "Im Plan", "Erreicht"}
    table = page.locator("table.targets").inner_text()
    assert GERMAN_NUMBER.search(table)
    assert not ENGLISH_NUMBER.search(table)
    page.locator("table.targets tr.row", has=page.locator(".pill.at_risk")).locator("th a").first.click()
    page.locator("html.chart-ready").wait_for()
    page.get_by_role("slider").press("Home")
    assert "Ist" in page.locator("#readout").inner_text()
    choose(page, language="en-gb")
    page.goto(home)
    assert page.locator("h1").inner_text() == "Targets"


def test_german_numbers_are_read_back(own_account: Page, home: str) -> None:
    page = own_account
    steps.keep_number(page, home, "Umsatz")
    metric = page.url
    choose(page, language="de")
    page.goto(metric)
    form = page.locator("form", has=page.locator("[name=value]")).first
    form.locator("[name=value]").fill("1.234")
    form.locator(".btn.primary").click()
    page.get_by_role("cell", name="1.234", exact=True).first.wait_for()
    choose(page, language="en-gb")
    page.goto(metric)
    page.get_by_role("cell", name="1,234", exact=True).first.wait_for()


def test_a_stranger_reads_what_their_browser_asks_for_and_may_choose(open_browser: Callable[..., Page]) -> None:
    page = open_browser(locale="de-DE")
    page.goto("/login/")
    assert page.locator("html").get_attribute("lang") == "de"
    assert page.get_by_role("button", name="Anmelden").is_visible()
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Sign in").wait_for()
    assert page.locator("html").get_attribute("lang") == "en-gb"
    page.goto("/account/reset/")
    assert page.locator("html").get_attribute("lang") == "en-gb", "the choice stays"


def test_the_account_chooses_the_theme(own_account: Page, home: str) -> None:
    page = own_account
    page.emulate_media(color_scheme="light")
    page.goto(home)
    light = page.evaluate(GROUND)
    choose(page, theme="dark")
    page.goto(home)
    assert page.locator("html").get_attribute("data-theme") == "dark", "written by the server: no flash"
    assert page.evaluate(GROUND) != light
    choose(page, theme="")
    page.goto(home)
    assert page.evaluate(GROUND) == light


def test_the_theme_is_dark_without_scripts_too(own_account: Page, open_browser: Callable[..., Page], home: str) -> None:
    choose(own_account, theme="dark")
    state: StorageState = own_account.context.storage_state()
    page = open_browser(storage_state=state, java_script_enabled=False, color_scheme="light")
    page.goto(home)
    assert page.locator("html").get_attribute("data-theme") == "dark"
