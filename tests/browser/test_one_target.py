"""One target from its first day to its last: set, changed, written about, paused and deleted."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.browser import steps
from tests.browser.steps import heading

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def target(page: Page, home: str) -> str:
    """The path of a target on a typed-in number; its page is open."""
    steps.keep_number(page, home, "Sign-ups")
    page.get_by_label("Value", exact=True).fill("12")
    page.get_by_role("button", name="Add reading", exact=True).click()
    page.get_by_text("Reading added.").wait_for()
    page.get_by_role("link", name="Set a target").click()
    return steps.start_tracking(page, goal="400", name="Sign-ups")


def test_a_target_is_changed_and_says_why(page: Page, target: str) -> None:
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Name", exact=True).fill("New sign-ups")
    page.get_by_label("Value", exact=True).fill("500")
    page.get_by_label(re.compile("^Why")).fill("The campaign was extended.")
    page.get_by_role("button", name="Save").click()
    heading(page, "New sign-ups").wait_for()
    assert steps.path_of(page) == target
    assert "500" in page.locator(".lede").inner_text() + page.locator(".stats").inner_text()
    assert page.locator("#notes").get_by_text("The campaign was extended.").is_visible()


def test_a_target_rests_and_goes_on(page: Page, target: str) -> None:
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Resume").wait_for()
    assert page.locator("h1 + .pill").inner_text().strip() == "Paused"
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("button", name="Pause").wait_for()
    assert page.locator("h1 + .pill").inner_text().strip() != "Paused"


def test_a_target_is_deleted_on_a_page_that_names_it(page: Page, home: str, target: str) -> None:
    page.get_by_role("link", name="Delete this target").click()
    heading(page, re.compile("Sign-ups")).wait_for()
    page.get_by_role("link", name=re.compile("Keep|Cancel")).click()
    heading(page, "Sign-ups").wait_for()
    page.get_by_role("link", name="Delete this target").click()
    page.get_by_label("Name").fill("Something else")
    page.get_by_role("button", name=re.compile("^Delete")).click()
    page.get_by_role("heading", name="There is a problem").wait_for()
    page.get_by_label("Name").fill("Sign-ups")
    page.get_by_role("button", name=re.compile("^Delete")).click()
    page.wait_for_url(re.compile(f"{home}$"))
    assert page.request.get(target).status == 404
    page.goto(f"{home}metrics/")
    page.get_by_role("link", name="Sign-ups").first.wait_for()


def test_a_note_is_changed_and_deleted(page: Page, target: str) -> None:
    today = datetime.now(UTC).date()
    page.get_by_role("link", name="Add note").click()
    page.get_by_label("What happened?").fill("Prices <went> up.")
    page.get_by_role("button", name="Add note").click()
    heading(page, "Sign-ups").wait_for()
    note = page.locator("#notes li")
    assert "Prices <went> up." in note.inner_text()
    assert f"{today.day} {today:%b}" in note.inner_text()
    note.get_by_role("link", name=re.compile("^Edit")).click()
    page.get_by_label("What happened?").fill("Prices went down.")
    page.get_by_role("button", name="Save").click()
    page.locator("#notes").get_by_text("Prices went down.").wait_for()
    note.get_by_role("link", name=re.compile("^Delete")).click()
    page.get_by_role("button", name=re.compile("^Delete")).click()
    page.get_by_text("No notes.").wait_for()


def test_a_note_without_words_is_asked_for_again(page: Page, target: str) -> None:
    page.get_by_role("link", name="Add note").click()
    page.evaluate("document.querySelectorAll('form').forEach((form) => { form.noValidate = true; })")
    page.get_by_role("button", name="Add note").click()
    page.get_by_role("heading", name="There is a problem").wait_for()
