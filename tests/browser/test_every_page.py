"""Every page of the URLconf, on a desk and in a hand, by day and by night: no complaint, no barrier, no sideways scroll.

A new page is tested by existing: it is found in the URLconf and opened with the rows of an organisation that has
something of everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import steps
from tests.browser.furnished import Furnished, furnish, pages_of
from tests.browser.watching import barriers, overhang

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WIDTHS = {"desk": 1280, "hand": 390}
THEMES = ("light", "dark")
STILL = {"reduced_motion": "reduce"}  # or a colour is measured half-way to the next
NEEDED = {"overview", "target", "target-period", "target-new", "metric", "connection", "connection-pick", "feed-edit"} | {
    "report-preview", "people", "api-keys", "account", "home", "organisation-new", "member-remove"
}  # fmt: skip
SIGNED_OUT = ["/login/", "/account/reset/", "/account/reset/sent/", "/invitations/never-issued/", "/no-such-page/"]


@pytest.fixture(scope="module")
def furnished(browser: Browser, product: Product, owner: dict[str, Any]) -> Iterator[Furnished]:
    context = browser.new_context(base_url=product.address, storage_state=owner)
    page = context.new_page()
    yield furnish(page, steps.found_organisation(page, "Customer experience and retention, northern region"), product)
    context.close()


def offences(page: Page, path: str) -> Iterator[str]:
    """Open a page and yield what is wrong with it in each theme."""
    page.goto(path)
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        yield from (f"{path} ({theme}): {offence}" for offence in [*barriers(page), *overhang(page)])


@pytest.mark.parametrize("where", list(WIDTHS))
def test_every_page_of_a_member(
    where: str, open_browser: Callable[..., Page], owner: dict[str, Any], furnished: Furnished
) -> None:
    page = open_browser(storage_state=owner, viewport={"width": WIDTHS[where], "height": 900}, **STILL)
    pages = pages_of(page, furnished)
    assert set(pages) >= NEEDED, sorted(NEEDED - set(pages))
    found = [offence for path in pages.values() for offence in offences(page, path)]
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize("where", list(WIDTHS))
def test_every_page_of_a_stranger(where: str, open_browser: Callable[..., Page], furnished: Furnished) -> None:
    page = open_browser(viewport={"width": WIDTHS[where], "height": 900}, **STILL)
    found = [offence for path in SIGNED_OUT for offence in offences(page, path)]
    assert not found, "\n".join(["", *found])
