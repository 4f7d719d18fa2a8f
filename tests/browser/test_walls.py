"""A screen on a wall: fresh every minute, turning its pages, honest when the server is silent; its clock is stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser import steps

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.product import Product

pytestmark = pytest.mark.browser

MORE = """
from organisations.models import Organisation
from targets.models import Target
here = Organisation.objects.get(slug={slug!r})
first = here.targets.get(status="met")
fields = {{field.name: getattr(first, field.name) for field in Target._meta.concrete_fields if field.name != "id"}}
Target.unscoped.bulk_create(Target(**fields | {{"name": f"Another {{number}}"}}) for number in range(20))
"""
MINUTE = 60_000


def make_link(page: Page, home: str) -> str:
    """Make a link for a screen on the pages, and return it."""
    page.goto(f"{home}walls/")
    page.get_by_label("Name", exact=True).fill("Kitchen")
    page.get_by_role("button", name="Make a link").click()
    page.get_by_role("heading", name="Your new link").wait_for()
    return page.locator("code.path").inner_text()


def cards(screen: Page) -> list[str]:
    return screen.locator("main h2:visible").all_inner_texts()


@pytest.fixture
def screen(open_browser: Callable[..., Page]) -> Page:
    """A television: nobody signed in, its clock stopped."""
    television = open_browser(viewport={"width": 1920, "height": 1080})
    television.clock.install()
    return television


def test_a_dozen_cards_fill_the_screen_without_scrolling(page: Page, home: str, screen: Page) -> None:
    steps.show_samples(page, home)
    screen.goto(make_link(page, home))
    assert len(cards(screen)) == 12
    assert screen.evaluate("[document.documentElement.scrollHeight, document.documentElement.scrollWidth]") == [
        1080,
        1920,
    ]
    cut = (
        "Array.from(document.querySelectorAll('.wall li')).filter((card) => card.scrollHeight > card.clientHeight + 1)"
    )
    assert screen.evaluate(f"{cut}.length") == 0


def test_the_pages_turn_and_urgent_cards_stay(page: Page, home: str, screen: Page, product: Product) -> None:
    steps.show_samples(page, home)
    product.shell(MORE.format(slug=home.strip("/")))
    screen.goto(make_link(page, home))
    first = cards(screen)
    screen.clock.run_for(MINUTE // 2 + 1)
    second = cards(screen)
    assert (len(first), first[:6]) == (12, second[:6])
    assert not set(first[6:]) & set(second[6:])
    assert screen.get_by_text("Page 2 of").is_visible()


def test_a_screen_is_fresh_after_a_minute_and_says_when_it_is_not(page: Page, home: str, screen: Page) -> None:
    steps.show_samples(page, home)
    screen.goto(make_link(page, home))
    page.goto(home)
    page.get_by_role("button", name="Remove the samples").click()
    steps.heading(page, "Welcome, Owner. What would you like to see first?").wait_for()
    screen.clock.run_for(MINUTE + 1)
    screen.get_by_text("There are no targets to show here.").wait_for()
    screen.route("**/wall/**", lambda route: route.fulfill(status=503))
    for _ in range(4):
        with screen.expect_response("**/wall/**"):
            screen.clock.run_for(MINUTE)
    screen.get_by_text("Not refreshed since").wait_for()
    screen.unroute("**/wall/**")
    screen.clock.run_for(MINUTE)
    screen.get_by_text("Not refreshed since").wait_for(state="hidden")


def test_a_revoked_link_leaves_the_screen_with_nothing(page: Page, home: str, screen: Page) -> None:
    steps.show_samples(page, home)
    screen.goto(make_link(page, home))
    page.goto(f"{home}walls/")
    page.get_by_role("link", name="Revoke Kitchen").click()
    page.get_by_label("Name", exact=True).fill("Kitchen")
    page.get_by_role("button", name="Revoke").click()
    page.get_by_text("The link of “Kitchen” is revoked.").wait_for()
    screen.clock.run_for(MINUTE + 1)
    steps.heading(screen, "There is nothing here").wait_for()


def test_the_pointer_rests_while_nobody_moves_it_and_pages_can_be_held(
    page: Page, home: str, screen: Page, product: Product
) -> None:
    steps.show_samples(page, home)
    product.shell(MORE.format(slug=home.strip("/")))
    screen.goto(make_link(page, home))
    screen.clock.run_for(6_000)
    assert screen.evaluate("getComputedStyle(document.body).cursor") == "none"
    screen.keyboard.press("Tab")
    assert screen.evaluate("getComputedStyle(document.body).cursor") == "auto"
    screen.keyboard.press("Enter")
    screen.clock.run_for(MINUTE)
    assert screen.get_by_text("Page 1 of").is_visible()
    assert screen.get_by_role("button", name="Go on").is_visible()
