"""A number without a source: typed in, pasted with a mistake, and tracked; and the samples, put in and taken out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.browser import steps
from tests.browser.steps import figure, heading, number_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_a_typed_in_number_becomes_a_target(page: Page, home: str) -> None:
    steps.keep_number(page, home, "Sign-ups")
    today = datetime.now(UTC).date()
    page.get_by_label("Value", exact=True).fill("12")
    page.get_by_role("button", name="Add reading", exact=True).click()
    page.get_by_text("Reading added.").wait_for()
    page.get_by_role("link", name="Set a target").click()
    steps.start_tracking(page, goal="400", name="Sign-ups")
    assert number_in(figure(page, "Actual")) == 12
    page.get_by_role("link", name="Type in a reading").click()
    page.get_by_label("Date", exact=True).fill(today.isoformat())
    page.get_by_label("Value", exact=True).fill("30")
    page.get_by_role("button", name="Add reading", exact=True).click()
    page.get_by_text("Reading added.").wait_for()
    page.get_by_role("link", name="Sign-ups", exact=True).click()
    assert number_in(figure(page, "Actual")) == 30, "a reading of the same day is replaced"


def test_a_wrong_line_is_named_and_nothing_that_was_pasted_is_lost(page: Page, home: str) -> None:
    steps.keep_number(page, home, "Sign-ups")
    last_month = datetime.now(UTC).date().replace(day=1) - timedelta(days=1)
    good = [f"{last_month.replace(day=number)},{number}" for number in range(1, 29)]
    wrong = [*good[:5], "many", *good[5:]]
    page.get_by_text("Paste many, or upload a CSV file").click()
    page.get_by_label("Lines of date and value").fill("\n".join(wrong))
    page.get_by_role("button", name="Add readings").click()
    heading_of_summary = page.get_by_role("heading", name="There is a problem")
    heading_of_summary.wait_for()
    assert page.get_by_text(re.compile("^(Lines of date and value: )?Line 6: ")).first.is_visible()
    assert page.title().startswith("Error:")
    assert page.get_by_label("Lines of date and value").input_value().split() == wrong
    assert page.get_by_text("No reading yet.").first.is_visible()

    page.get_by_label("Lines of date and value").fill("\n".join(good))
    page.get_by_role("button", name="Add readings").click()
    page.get_by_text("28 readings added.").wait_for()
    page.get_by_role("link", name="Set a target").click()
    page.get_by_label("Value", exact=True).fill("400")
    row = page.get_by_role("region", name="The last periods").get_by_role("row", name=re.compile(f"{last_month:%B %Y}"))
    assert row.count() == 0 or number_in(row.get_by_role("cell").last.inner_text()) == sum(range(1, 29))


def test_samples_come_with_every_status_and_go_without_a_trace(page: Page, home: str) -> None:
    steps.show_samples(page, home)
    words = page.locator("table.targets .pill").all_inner_texts()
    assert len(words) == 12
    assert {word.strip() for word in words} == {"Missed", "Behind", "At risk", "No data", "On track", "Met"}
    page.get_by_role("link", name=re.compile("Behind$")).click()
    page.wait_for_url(re.compile("status=behind"))
    assert {word.strip() for word in page.locator("table.targets .pill").all_inner_texts()} == {"Behind"}
    page.get_by_label("Find a target").fill("nothing is called so")
    page.get_by_label("Find a target").press("Enter")
    page.get_by_role("link", name="Show all targets").click()
    page.get_by_role("button", name="Remove the samples").click()
    heading(page, re.compile("^Welcome")).wait_for()
    page.goto(f"{home}metrics/")
    page.get_by_text("No metrics yet").wait_for()
    page.goto(f"{home}connections/")
    page.get_by_text("No connections yet").wait_for()


def test_the_theme_button_turns_and_is_remembered(page: Page, home: str) -> None:
    page.goto(home)
    shown = [page.evaluate("getComputedStyle(document.body).backgroundColor")]
    for theme in ("light", "dark"):
        page.get_by_role("button", name=re.compile("^Theme")).click()
        page.get_by_role("button", name=f"Theme: {theme}").wait_for()
        shown.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert shown[0] == shown[1] != shown[2]
    page.goto(f"{home}metrics/")
    page.get_by_role("button", name="Theme: dark").wait_for()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == shown[2]
