"""The list of targets: counted, filtered and searched, with scripts and without."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser import steps
from tests.browser.steps import heading
from tests.browser.watching import until

if TYPE_CHECKING:
    from playwright.sync_api import Page, StorageState

pytestmark = pytest.mark.browser

STAYED = "window.stayed"


def statuses(page: Page) -> set[str]:
    """Return the words on the pills of the list."""
    return {word.strip() for word in page.locator("table.targets .pill").all_inner_texts()}


def names(page: Page) -> list[str]:
    """Return the names of the targets that are listed."""
    return page.locator("table.targets th a").all_inner_texts()


def test_choosing_a_status_swaps_the_list_and_leaves_the_page(page: Page, home: str) -> None:
    steps.show_samples(page, home)
    before = names(page)
    page.evaluate(f"{STAYED} = true")
    page.get_by_role("link", name=re.compile("Behind$")).click()
    page.wait_for_url(re.compile("status=behind"))
    page.locator("#show-behind[aria-current]").wait_for()
    assert statuses(page) == {"Behind"}
    assert page.evaluate(STAYED), "the page was not loaded anew"
    assert "status=behind" in (page.locator("#to-csv").get_attribute("href") or ""), "the download follows the filter"
    assert page.locator("#shown").inner_text(), "a screen reader hears how many are left"
    page.go_back()
    page.wait_for_url(re.compile(f"{home}$"))
    page.locator("#show-all[aria-current]").wait_for()
    assert names(page) == before


def test_typing_searches_and_keeps_the_word_in_the_box(page: Page, home: str) -> None:
    steps.show_samples(page, home)
    wanted = names(page)[0]
    page.evaluate(f"{STAYED} = true")
    page.get_by_label("Find a target").press_sequentially(wanted[:8].lower(), delay=20)
    page.wait_for_url(re.compile("q="))
    until(page, "document.querySelectorAll('table.targets th a').length < 12")
    assert wanted in names(page)
    assert page.get_by_label("Find a target").input_value() == wanted[:8].lower()
    assert page.evaluate("document.activeElement.id") == "q", "the focus stays where it is typed"
    assert page.evaluate(STAYED)
    page.get_by_label("Find a target").fill("nothing is called so")
    page.get_by_role("link", name="Show all targets").click()
    page.locator("#show-all[aria-current]").wait_for()


def test_whoever_was_signed_out_meanwhile_is_led_to_the_sign_in(page: Page, home: str) -> None:
    steps.show_samples(page, home)
    page.context.clear_cookies()
    page.get_by_role("link", name=re.compile("Behind$")).click()
    heading(page, re.compile("^Sign in")).wait_for()
    page.wait_for_url(re.compile("/login/"))


def test_choosing_a_team_and_a_status_narrows_twice(page: Page, home: str) -> None:
    steps.show_samples(page, home)
    teams = page.get_by_label("Team", exact=True)
    team = teams.locator("option").nth(1).inner_text()
    teams.select_option(label=team)
    page.wait_for_url(re.compile("team="))
    until(page, "document.querySelectorAll('table.targets th a').length < 12")
    of_team = names(page)
    some = page.locator("table.targets .pill").first.inner_text().strip()
    page.locator("#tally").get_by_role("link", name=re.compile(f"{some}$")).click()
    page.wait_for_url(re.compile("status="))
    until(page, "document.querySelector('#tally a:not(.all)[aria-current]')")
    assert "team=" in page.url
    assert statuses(page) == {some}
    assert set(names(page)) <= set(of_team)


def test_filters_work_without_scripts(open_browser: Callable[..., Page], owner: StorageState) -> None:
    page = open_browser(storage_state=owner, java_script_enabled=False)
    steps.show_samples(page, steps.found_organisation(page, "Filters without scripts"))
    page.get_by_role("link", name=re.compile("Behind$")).click()
    page.wait_for_url(re.compile("status=behind"))
    assert statuses(page) == {"Behind"}
    page.get_by_label("Find a target").fill("nothing is called so")
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("link", name="Show all targets").click()
    page.wait_for_url(re.compile("/$"))
    page.get_by_label("Team", exact=True).select_option(index=1)
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile("team="))
    assert 0 < len(names(page)) < 12


def test_a_row_leads_to_its_target_wherever_it_is_clicked(page: Page, home: str) -> None:
    steps.show_samples(page, home)
    name = names(page)[0]
    box = page.locator("table.targets tr.row").first.locator("td.prog").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    heading(page, name).wait_for()
