"""Rows that are kept, one by one: enriched by a service or a model, looked at, found, taken away, asked about again."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser import sources, steps
from tests.browser.steps import number_in
from tests.processes.installation import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.product import Product

pytestmark = pytest.mark.browser

RECORDS = re.compile(r"^[1-9]\d* records?")
HOURS = 8  # two to seven posts each


def make(page: Page, home: str, product: Product, *, more: str) -> str:
    """Make the network and those who judge its posts; returns the path of its connection, whose page is open."""
    sources.make_network(page, home, product.address, since=sources.lately(HOURS), more=more)
    return sources.open_connection(page, home, sources.NETWORK)


def choose_service(page: Page, connection: str, name: str) -> None:
    """Go from the connection, once it has records, to the form about what is asked of a service."""
    wait_for(lambda: page.goto(connection) and page.get_by_role("link", name=RECORDS).count())
    page.get_by_role("link", name="Enrich them by a service or an AI model").click()
    steps.arrive(page, "Which service is asked about each record?")
    page.get_by_role("radio", name=name, exact=True).check()
    page.get_by_role("button", name="Continue").click()
    steps.arrive(page, "What is asked about each record?")
    page.get_by_role("radio", name=re.compile("^Ask about all of them")).check()


def count_of(page: Page, word: str) -> float:
    """Return one of the counts below the records of a feed."""
    return number_in(page.locator(".part .facts > div", has=page.get_by_text(word, exact=True)).inner_text())


def test_rows_are_kept_once_somebody_says_by_what_they_are_told_apart(page: Page, home: str, product: Product) -> None:
    connection = make(page, home, product, more="")
    page.get_by_role("link", name=f"Edit {sources.POSTS}").click()
    steps.arrive(page, "What is asked, and how often?")
    page.get_by_label("Keeps its rows").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="There is a problem").wait_for()
    page.get_by_label("Key of a row").fill("id")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name=f"Check now {sources.POSTS}").click()
    wait_for(lambda: page.goto(connection) and page.get_by_role("link", name=RECORDS).count())


def test_posts_are_enriched_looked_at_found_and_taken_away(page: Page, home: str, product: Product) -> None:
    connection = make(page, home, product, more=sources.KEPT)
    choose_service(page, connection, sources.SENTIMENT)
    page.get_by_role("button", name="Try it on the latest record").click()
    page.get_by_text("It answers. Nothing of this is kept.").wait_for()
    assert '"label"' in page.get_by_role("region", name="What is kept").inner_text()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved. Records that wait are passed on within seconds.").wait_for()
    every = page.get_by_role("link", name=RECORDS)
    wait_for(lambda: page.goto(connection) and count_of(page, "Enriched") == number_in(every.inner_text()))
    every.click()
    steps.arrive(page, f"Records of {sources.POSTS}")
    found = page.locator("table.records tbody tr").first.get_by_role("link").inner_text()
    page.get_by_label("Find in rows and answers").fill(found)
    page.get_by_role("button", name="Find").click()
    expect(page.locator("table.records tbody tr").first).to_contain_text(found)
    few = page.locator("table.records tbody tr").count()
    with page.expect_download() as taken:
        page.get_by_role("link", name="Download JSON Lines").click()
    lines = Path(taken.value.path()).read_text().splitlines()
    assert len(lines) == few
    assert all(found in json.dumps(json.loads(line), ensure_ascii=False) for line in lines)
    page.locator("table.records tbody tr").first.get_by_role("link").click()
    steps.heading(page, re.compile("^Record ")).wait_for()
    assert found in page.get_by_role("region", name="The row as it came").last.inner_text()
    assert '"score"' in page.get_by_role("region", name="What was made of it").last.inner_text()
    page.goto(f"{steps.path_of(page).partition('/records/')[0]}/records/?q=never-written")
    page.get_by_text("No record was found").wait_for()


def test_another_prompt_asks_whether_to_redo_and_says_the_price(page: Page, home: str, product: Product) -> None:
    """Thirty calls a minute go out, so that redoing is still on its way when it is stopped."""
    connection = make(page, home, product, more=sources.KEPT)
    choose_service(page, connection, sources.MODEL)
    page.get_by_label("Model", exact=True).fill("sandbox-small")
    page.get_by_role("button", name="Save").click()
    wait_for(lambda: page.goto(connection) and count_of(page, "Enriched") > 0)
    page.get_by_role("link", name="Change what is asked").click()
    steps.arrive(page, "What is asked about each record?")
    page.get_by_label("Prompt").fill("Say how glad the writer of {text} is.")
    redo = page.get_by_role("region", name="Redo old records?")
    assert re.search(r"About €[\d.]+ for \d+ records", redo.inner_text())
    redo.get_by_role("radio", name=re.compile("^Redo all of them")).check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("progressbar", name="Old records that are redone").wait_for()
    page.get_by_role("button", name="Stop redoing").click()
    page.get_by_text("Stopped. Old answers that were not redone yet stay as they are.").wait_for()
    assert page.get_by_role("progressbar", name="Old records that are redone").count() == 0


def test_an_enrichment_rests_and_ends(page: Page, home: str, product: Product) -> None:
    connection = make(page, home, product, more=sources.KEPT + sources.ENRICHED)
    page.get_by_role("button", name="Pause Enriching").click()
    page.get_by_text("Paused. New records wait until you resume it.").wait_for()
    page.get_by_role("button", name="Resume Enriching").click()
    page.get_by_text("Resumed. Records that waited are passed on within seconds.").wait_for()
    page.get_by_role("link", name="Enrich no more").click()
    page.get_by_role("button", name="Enrich no more").click()
    page.get_by_text("Records are passed on no more.").wait_for()
    assert steps.path_of(page) == connection
