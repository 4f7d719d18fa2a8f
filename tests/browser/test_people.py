"""Somebody is invited by a mail, comes in as a viewer in their own browser, and meets no button they cannot use."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve

from organisations.roles import Role, allows
from tests.browser import steps
from tests.browser.steps import heading

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.product import Product

pytestmark = pytest.mark.browser

VIEWER = "viewer@example.org"


@pytest.fixture
def viewer(page: Page, home: str, product: Product, open_browser: Callable[..., Page]) -> Page:
    """The browser of somebody who has just taken the owner's invitation to look on."""
    return steps.join(page, home, product, open_browser(), f"{home.strip('/')}-{VIEWER}", role="Viewer")


def ways_on(page: Page) -> set[tuple[str, str]]:
    """Return every way on from a page: (get, path) of its links, (post, path) of its forms."""
    links = page.locator("a[href]").evaluate_all("all => all.map(each => each.href)")
    forms = page.locator('form[method="post"]:has(button)').evaluate_all("all => all.map(each => each.action)")
    ways = [("get", link) for link in links] + [("post", form) for form in forms]
    return {(method, urlsplit(address).path) for method, address in ways}


def refuses_viewers(method: str, path: str) -> bool:
    """Say whether a page of an organisation asks more of whoever comes than a viewer may."""
    try:
        view = resolve(path).func
    except Resolver404:
        return True
    asks = getattr(view, "asks", None)
    return asks is not None and not allows(Role.VIEWER, asks[method == "post"])


def test_a_viewer_meets_no_way_that_is_closed_to_them(page: Page, home: str, product: Product, viewer: Page) -> None:
    target = steps.track_visitors(page, home, product.address, goal="10000")
    waiting, seen = [home, target, f"{home}settings/"], set[str]()
    closed: list[str] = []
    while waiting:
        path = waiting.pop()
        seen.add(path)
        assert viewer.goto(path).status == 200, path  # type: ignore[union-attr]
        for method, way in ways_on(viewer):
            if refuses_viewers(method, way):
                closed.append(f"{path}: {method} {way}")
            elif method == "get" and way.startswith(home) and way not in seen | set(waiting) and "." not in way:
                waiting.append(way)
    assert closed == []
    assert {home, target, f"{home}reports/", f"{home}connections/", f"{home}metrics/"} <= seen
    assert len(ways_on(page)) > len(ways_on(viewer)), "the owner has more ways than the viewer"


def test_an_invitation_works_once(page: Page, home: str, product: Product, viewer: Page) -> None:
    link = steps.link_in_mail(product, f"{home.strip('/')}-{VIEWER}")
    assert viewer.request.get(link).status == 410
    page.reload()
    row = page.get_by_role("row", name=re.compile("^Viewer"))
    row.get_by_role("combobox").select_option(label="Editor")
    row.get_by_role("button", name="Change").click()
    page.get_by_text("Viewer is Editor now.").wait_for()
    viewer.reload()
    viewer.get_by_role("button", name="Show me sample targets").wait_for()


def test_signing_out_and_in_again_leads_back(page: Page, home: str, viewer: Page) -> None:
    viewer.locator("details.menu summary").click()
    viewer.get_by_role("button", name="Sign out").click()
    viewer.goto(f"{home}metrics/")
    heading(viewer, re.compile("^Sign in")).wait_for()
    viewer.get_by_label("E-mail").fill(f"{home.strip('/')}-{VIEWER}")
    viewer.get_by_label("Password").fill(steps.PASSWORD)
    viewer.get_by_role("button", name="Sign in").click()
    heading(viewer, "Metrics").wait_for()
