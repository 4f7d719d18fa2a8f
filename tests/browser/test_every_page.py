"""Every page of the URLconf, on a desk and in a hand, by day and by night: no complaint, no barrier, no sideways scroll.

A new page is tested by existing: it is found in the URLconf and opened with the rows of an organisation that has
something of everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from tests.browser import steps
from tests.browser.furnished import Furnished, furnish
from tests.browser.watching import barriers, overhang
from tests.walk import ARGUMENTS, Address, entries

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WIDTHS = {"desk": 1280, "hand": 390}
THEMES = ("light", "dark")
STILL = {"reduced_motion": "reduce"}  # or a colour is measured half-way to the next
# what is there for programs, and the browser of the API's schema, which is a library's page
NO_PAGES = ("admin/", "api/", "sandbox/")
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


def path_of(address: Address, furnished: Furnished) -> str:
    """Write an address out with the keys of the organisation."""
    given = {"organisation": furnished.slug} | {
        name: furnished.keys.get(address.model_of(name)) or ARGUMENTS.get(name) for name in address.arguments
    }
    given["organisation"] = furnished.slug
    return reverse(address.name, kwargs={name: given[name] for name in address.arguments})


def pages_of(page: Page, furnished: Furnished) -> dict[str, str]:
    """Return the path of every page that can be read, by its name; an error is not a page."""
    found = {}
    for address in entries():
        if address.route.startswith(NO_PAGES):
            continue
        path = path_of(address, furnished)
        answer = page.request.get(path)
        assert answer.status < 500, f"{path}: {answer.status}"
        if answer.status == 200 and "text/html" in answer.headers["content-type"]:
            found[address.name] = path
    return found


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
