"""A file becomes targets: pasted, answered, looked at, applied; drift is told and taken back; a lock holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser import steps
from tests.browser.steps import heading
from tests.browser.test_every_page import NARROWEST, STILL, none_of, offences_here
from tests.browser.watching import overhang

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page, StorageState

    from tests.browser.product import Product

pytestmark = pytest.mark.browser

FILE = """\
blueprint: 1
connections:
  Website analytics:
    kind: http
    settings:
      address: {address}/sandbox/analytics
      sign_in: bearer
    secrets:
      key: ${{ANALYTICS_KEY}}
feeds:
  Website analytics / Visitors by day:
    query:
      path: visitors
      params:
        startDate: "{{since}}"
        endDate: "{{until}}"
        metric: uniqueVisitors
    asks: window
    at_path: date
metrics:
  Website visitors:
    feed: Website analytics / Visitors by day
    value_path: uniqueVisitors
targets:
  Visitors a month:
    metric: Website visitors
    goal: at least ${{GOAL}} per month
"""
AT = "settings/blueprint/"


def paste(page: Page, home: str, text: str) -> None:
    """Paste a text on the page, and ask for the difference."""
    page.goto(f"{home}{AT}")
    page.get_by_label("Or paste the text here").fill(text)
    page.get_by_role("button", name="Show the difference").click()
    heading(page, "What would happen").wait_for()


def answer(page: Page) -> None:
    """Answer the open value, look at the difference, and give the secret."""
    page.get_by_label("GOAL", exact=True).fill("10000")
    page.get_by_role("button", name="Show the difference").click()
    page.get_by_text("4 are created.").first.wait_for()
    page.get_by_label("ANALYTICS_KEY", exact=True).fill(steps.SANDBOX_KEY)


def apply_as(page: Page, name: str) -> None:
    """Apply what is shown by a file that manages it from now on."""
    page.get_by_label("These files manage what they describe").check()
    page.get_by_label("Name of the file").fill(name)
    page.get_by_role("button", name="Apply", exact=True).click()
    page.get_by_text("Applied: 4 are created.").wait_for()


def change_goal(page: Page, home: str, goal: str) -> str:
    """Change the goal on the pages; returns the path of the target's page."""
    page.goto(home)
    page.get_by_role("link", name="Visitors a month").click()
    heading(page, "Visitors a month").wait_for()
    target = steps.path_of(page)
    page.goto(f"{target}edit/")
    page.get_by_label("Value", exact=True).fill(goal)
    page.get_by_role("button", name="Save").click()
    heading(page, "Visitors a month").wait_for()
    return target


def walk(page: Page, home: str, product: Product) -> None:
    """Walk from a pasted text to targets under lock."""
    paste(page, home, FILE.format(address=product.address))
    answer(page)
    apply_as(page, "growth.yaml")
    assert page.get_by_role("link", name="Visitors a month").is_visible(), "the overview shows what was made"
    target = change_goal(page, home, "7")
    page.goto(f"{home}{AT}")
    page.get_by_text("Not as the file says.").click()
    page.get_by_text("at least 7 per month").wait_for()
    page.get_by_role("link", name="Apply again growth.yaml").click()
    page.get_by_text("1 is changed; 3 stay as they are.").first.wait_for()
    assert page.get_by_label("GOAL", exact=True).input_value() == "10000"
    page.get_by_role("button", name="Apply", exact=True).click()
    page.get_by_text("As the file says").wait_for()
    page.get_by_role("button", name="Lock growth.yaml").click()
    page.get_by_text("growth.yaml is locked").wait_for()
    page.goto(target)
    page.get_by_text("Managed by growth.yaml and locked").wait_for()
    assert page.get_by_role("link", name="Edit", exact=True).count() == 0


def test_a_pasted_file_becomes_targets_and_keeps_them(page: Page, home: str, product: Product) -> None:
    walk(page, home, product)
    assert steps.SANDBOX_KEY not in page.content()


def test_the_same_without_scripts(
    open_browser: Callable[..., Page], owner: StorageState, home: str, product: Product
) -> None:
    walk(open_browser(storage_state=owner, java_script_enabled=False), home, product)


def test_mistakes_are_read_first_and_the_text_stays(page: Page, home: str, product: Product) -> None:
    paste(page, home, FILE.format(address=product.address).replace("kind: http", "kind: htpp"))
    page.get_by_role("heading", name="There is a problem").wait_for()
    assert page.title().startswith("Error: ")
    assert page.evaluate("document.activeElement.matches('[data-focus]')"), "the summary is read first"
    page.get_by_role("link", name=re.compile("Did you mean “http”")).click()
    text = page.get_by_label("blueprint.yaml", exact=True)
    text.fill(text.input_value().replace("htpp", "http"))
    page.get_by_role("button", name="Show the difference").click()
    page.get_by_text("The file leaves values open.").wait_for()


def test_files_are_uploaded_and_the_organisation_is_downloaded(
    page: Page, home: str, product: Product, tmp_path: Path
) -> None:
    above, below = FILE.format(address=product.address).split("metrics:\n")
    (tmp_path / "numbers.yaml").write_text(above)
    (tmp_path / "goals.yaml").write_text(f"blueprint: 1\nmetrics:\n{below}")
    page.goto(f"{home}{AT}")
    page.get_by_label("YAML files").set_input_files([tmp_path / "numbers.yaml", tmp_path / "goals.yaml"])
    page.get_by_role("button", name="Show the difference").click()
    heading(page, "What would happen").wait_for()
    answer(page)
    page.get_by_role("button", name="Apply", exact=True).click()
    page.get_by_text("Applied: 4 are created.").wait_for()
    page.goto(f"{home}{AT}")
    page.get_by_label("Without people’s addresses").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as a file").click()
    assert download.value.suggested_filename == f"waymark-{home.strip('/')}.yaml"
    assert "goal: at least 10000 per month" in download.value.path().read_text()


@pytest.mark.parametrize("width", [1280, 390])
def test_every_state_of_the_difference_can_be_read(
    open_browser: Callable[..., Page], owner: StorageState, home: str, product: Product, width: int
) -> None:
    page = open_browser(storage_state=owner, viewport={"width": width, "height": 900}, **STILL)
    text, found = FILE.format(address=product.address), list[str]()
    paste(page, home, text.replace("metric: Website", "metric: Web site"))
    found += offences_here(page)
    paste(page, home, text)
    found += offences_here(page)
    answer(page)
    found += offences_here(page)
    apply_as(page, "growth.yaml")
    change_goal(page, home, "7")
    page.goto(f"{home}{AT}")
    page.get_by_text("Not as the file says.").click()
    found += offences_here(page)
    paste(page, home, "blueprint: 1\nconnections:\n")
    page.get_by_label("Remove what the file does not name").check()
    page.get_by_label("These files manage what they describe").check()
    page.get_by_label("Name of the file").fill("growth.yaml")
    page.get_by_role("button", name="Show the difference").click()
    page.get_by_role("heading", name="Removed").wait_for()
    found += offences_here(page)
    page.get_by_label("Name of the organisation").fill("another")
    page.get_by_role("button", name="Apply", exact=True).click()
    page.get_by_role("heading", name="There is a problem").wait_for()
    found += offences_here(page)
    page.set_viewport_size({"width": NARROWEST, "height": 900})
    none_of([*found, *overhang(page)])
