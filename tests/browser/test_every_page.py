"""Every page of the URLconf, on a desk and in a hand, by day and by night: no complaint, no barrier, no sideways way.

A new page is tested by existing: it is found in the URLconf and opened with the rows of an organisation that has
something of everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

import pytest

from tests.browser import steps
from tests.browser.furnished import Furnished, furnish, pages_of
from tests.browser.watching import barriers, drawn, overhang, settled

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, StorageState

    from tests.browser.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

WIDTHS = {"desk": 1280, "hand": 390}
NARROWEST = 320  # WCAG 2.2, 1.4.10: a page is read at this width without scrolling sideways
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
STILL = {"reduced_motion": "reduce"}  # or a colour is measured half-way to the next
NEEDED = {"overview", "target", "target-period", "target-new", "metric", "connection", "connection-pick", "feed-edit"}
NEEDED |= {"report-preview", "people", "api-keys", "account", "home", "organisation-new", "member-remove"}
NEEDED |= {
    "note-new",
    "note-edit",
    "walls",
    "wall",
    "wall-here",
    "wall-revoke",
    "target-readings",
    "collection",
    "api-docs",
    "starters",
    "starter",
    "starter-preview",
}
REFUSED = ["connections/new/", "metrics/new/", "targets/new/", "reports/new/", "settings/people/", "settings/keys/"]
REFUSED += ["starters/room-climate/", "services/plausible/", "connections/kinds/prompt/"]
NEEDED |= {"blueprint", "blueprint-again", "blueprint-forget"}
NEEDED |= {"calls", "call", "calls-everywhere", "call-target"}
NEEDED |= {"records", "record", "enrichment", "enrichment-delete", "connection-of-kind", "back-fill-new"}
NEEDED |= {"metric-try", "set-aside", "services", "service", "service-metrics"}
LEFT_EMPTY = """() => {
    document.querySelectorAll("form").forEach((form) => { form.noValidate = true; });
    const boxes = document.querySelectorAll("main input:not([type=hidden]):not([type=checkbox])");
    boxes.forEach((box) => { box.value = ""; });
}"""
SIGNED_OUT = ["/login/", "/account/reset/", "/account/reset/sent/", "/invitations/never-issued/", "/no-such-page/"]


@pytest.fixture(scope="module")
def furnished(browser: Browser, product: Product, owner: StorageState) -> Iterator[Furnished]:
    context = browser.new_context(base_url=product.address, storage_state=owner)
    page = context.new_page()
    yield furnish(page, steps.found_organisation(page, "Customer experience and retention, northern region"), product)
    context.close()


def offences(page: Page, path: str) -> Iterator[str]:
    """Open a page and yield what is wrong with it."""
    page.goto(path)
    drawn(page)
    yield from offences_here(page)


def offences_here(page: Page) -> Iterator[str]:
    """Yield what is wrong with the page at hand in each theme, and in a narrow window."""
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        found = [*barriers(page, of_colour=theme != THEMES[0]), *overhang(page)]
        yield from (f"{page.url} ({theme}): {offence}" for offence in found)
    size = page.viewport_size
    assert size
    if size["width"] == WIDTHS["hand"]:
        page.set_viewport_size({**size, "width": NARROWEST})
        settled(page)
        yield from (f"{page.url} ({NARROWEST} px): {offence}" for offence in overhang(page))
        page.set_viewport_size(size)


def none_of(found: list[str]) -> None:
    """Fail with all offences at once."""
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize("where", list(WIDTHS))
def test_every_page_of_a_member(
    where: str, open_browser: Callable[..., Page], owner: StorageState, furnished: Furnished
) -> None:
    page = open_browser(storage_state=owner, viewport={"width": WIDTHS[where], "height": 900}, **STILL)
    pages = pages_of(page, furnished)
    assert set(pages) >= NEEDED, sorted(NEEDED - set(pages))
    none_of([offence for path in pages.values() for offence in offences(page, path)])


@pytest.mark.parametrize("where", list(WIDTHS))
def test_every_page_of_a_stranger(where: str, open_browser: Callable[..., Page], furnished: Furnished) -> None:
    page = open_browser(viewport={"width": WIDTHS[where], "height": 900}, **STILL)
    none_of([offence for path in SIGNED_OUT for offence in offences(page, path)])


def test_every_page_while_there_is_nothing_yet(open_browser: Callable[..., Page], owner: StorageState) -> None:
    page = open_browser(storage_state=owner, viewport={"width": WIDTHS["hand"], "height": 900}, **STILL)
    home = steps.found_organisation(page, "Nothing yet")
    pages = pages_of(page, Furnished(home, home.strip("/"), {}))
    assert set(pages) >= {"overview", "metrics", "connections", "reports"}
    none_of([offence for path in pages.values() for offence in offences(page, path)])


@pytest.mark.parametrize("form", REFUSED)
def test_a_refused_form_says_what_is_wrong(
    form: str, open_browser: Callable[..., Page], owner: StorageState, furnished: Furnished
) -> None:
    page = open_browser(storage_state=owner, viewport={"width": WIDTHS["hand"], "height": 900}, **STILL)
    page.goto(furnished.home + form)
    page.evaluate(LEFT_EMPTY)
    page.locator("main form .btn.primary").last.click()
    page.get_by_role("heading", name="There is a problem").wait_for()
    assert page.title().startswith("Error: ")
    assert page.evaluate("document.activeElement.matches('[data-focus]')"), "the summary is read first"
    field = page.locator("[aria-invalid]").first
    assert page.locator(f"#{field.get_attribute('id')}_error").is_visible()
    none_of(list(offences_here(page)))
