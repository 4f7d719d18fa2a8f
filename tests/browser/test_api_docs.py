"""The description of the API: its calls are opened, tried and answered on the page, and nobody is shut out of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.watching import barriers

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, StorageState

    from tests.browser.product import Product

pytestmark = pytest.mark.browser

DOCS = "/api/docs/"
STILL = {"reduced_motion": "reduce"}


@pytest.fixture
def docs(open_browser: Callable[..., Page], owner: StorageState) -> Page:
    """The page, with its calls drawn."""
    page = open_browser(storage_state=owner, **STILL)
    page.goto(DOCS)
    page.locator(".opblock").first.wait_for()
    return page


def opened(page: Page, call: str) -> Locator:
    """Open a call by what its button says."""
    button = page.get_by_role("button", name=call, exact=True)
    button.click()
    return page.locator(".opblock.is-open", has=button)


def test_a_call_is_tried_with_the_session_of_whoever_reads(docs: Page) -> None:
    call = opened(docs, "GET /api/v1/organisations/ List organisations")
    call.get_by_role("button", name="Try it out").click()
    call.get_by_role("button", name="Execute").click()
    expect(call.locator(".live-responses-table .response .response-col_status")).to_contain_text("200")
    assert list(barriers(docs)) == []


def test_a_call_that_writes_is_let_in(docs: Page) -> None:
    call = opened(docs, "POST /api/v1/organisations/ Make an organisation")
    call.get_by_role("button", name="Try it out").click()
    call.get_by_label("Request body").fill('{"name": "Made on the page of the API", "time_zone": "UTC"}')
    call.get_by_role("button", name="Execute").click()
    expect(call.locator(".live-responses-table .response .response-col_status")).to_contain_text("201")
    assert list(barriers(docs)) == []


def test_every_field_of_a_call_has_a_name(docs: Page) -> None:
    call = opened(
        docs, "GET /api/v1/{organisation}/targets/ List the targets, most urgent first, each with its latest verdict"
    )
    call.get_by_role("button", name="Try it out").click()
    expect(call.get_by_label("organisation", exact=True)).to_be_editable()
    assert list(barriers(docs)) == []


def test_the_address_of_a_call_opens_it(docs: Page, browser: Browser, product: Product) -> None:
    opened(docs, "GET /api/v1/organisations/ List organisations")
    docs.wait_for_url(re.compile("#/organisations/"))
    page = browser.new_page()  # not watched: the library complains of the underscores in names of calls
    page.goto(docs.url)
    expect(page.locator(".opblock.is-open")).to_contain_text("List organisations")
    page.close()


def test_a_key_can_be_entered(docs: Page) -> None:
    docs.get_by_role("button", name="Authorize").first.click()
    docs.get_by_role("heading", name="Available authorizations").wait_for()
    assert list(barriers(docs)) == []
    docs.get_by_role("button", name="Close").first.click()
    docs.get_by_role("heading", name="Available authorizations").wait_for(state="detached")
