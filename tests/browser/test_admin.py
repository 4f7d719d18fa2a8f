"""The admin of the first account: everything in reach, no secret in sight, and held to what all pages are held to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser import steps
from tests.browser.watching import barriers
from tests.processes.installation import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page, StorageState

    from tests.browser.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ALSO_DARK = "/admin/targets/target/"  # a list, a form to change and one to add: the others are dressed alike
OURS = re.compile(r"^/admin/(organisations|connectors|targets|alerts)/\w+/$")


def test_the_admin_collects_now_and_shows_no_secret(page: Page, home: str, product: Product) -> None:
    steps.track_visitors(page, home, product.address, goal="10000", name="Watched from the admin")
    page.goto("/admin/connectors/connection/")
    assert page.get_by_role("link", name=product.address.removeprefix("http://")).count() >= 1
    page.get_by_role("link", name=product.address.removeprefix("http://")).first.click()
    page.get_by_role("button", name="Save", exact=True).wait_for()
    assert steps.SANDBOX_KEY not in page.content()

    page.goto("/admin/connectors/feed/")
    assert steps.SANDBOX_KEY not in page.content()
    before = latest_collection(page)
    page.goto("/admin/connectors/feed/")
    page.locator("input.action-select").first.check()
    page.get_by_label("Action:").select_option("Check now")
    page.get_by_role("button", name="Go").or_(page.get_by_role("button", name="Run")).first.click()
    page.locator(".messagelist .success, .messagelist .info").first.wait_for()
    wait_for(lambda: latest_collection(page) != before)


def latest_collection(page: Page) -> str:
    """Return the newest line of the log of collections."""
    page.goto("/admin/connectors/collection/")
    return page.locator("#result_list tbody tr a").first.get_attribute("href") or ""


def test_every_screen_of_the_admin(
    page: Page, home: str, product: Product, open_browser: Callable[..., Page], owner: StorageState
) -> None:
    steps.track_visitors(page, home, product.address, goal="10000")
    screen = open_browser(storage_state=owner, reduced_motion="reduce")
    seen = []
    for path in screens(screen):
        seen += [f"{path}: {barrier}" for barrier in barriers(screen)]
        if path.startswith(ALSO_DARK):
            screen.emulate_media(color_scheme="dark")
            seen += [f"{path}, dark: {barrier}" for barrier in barriers(screen, of_colour=True)]
            screen.emulate_media(color_scheme="light")
    assert not seen, "\n".join(["", *seen])


def screens(page: Page) -> Iterator[str]:
    """Open one screen after the other: the index, each list of ours, its first row, its form, its latest stretches."""
    page.goto("/admin/")
    yield "/admin/"
    links = page.locator("#content a").evaluate_all("all => all.map(each => each.getAttribute('href'))")
    lists = sorted({link for link in links if link and OURS.match(link)})
    assert len(lists) > 10, lists
    for path in lists:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        yield path
        row = page.locator("#result_list tbody th a, #result_list tbody td a").first
        more = [row.get_attribute("href") or ""] if row.count() else []
        more += ["add/"] if page.locator(".object-tools .addlink").count() else []
        for address in more:
            page.goto(path + address if address == "add/" else address)
            yield address if address != "add/" else path + address
        page.goto(path)
        while (stretch := page.locator(".toplinks a:not(.date-back)").last).count():
            address = path + (stretch.get_attribute("href") or "")
            page.goto(address)
            yield address
