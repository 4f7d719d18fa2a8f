"""Connections on their pages: ways of signing in, gateways, limits, calls let out again, and who may do what."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from connectors.signing import registry
from tests.browser import sources, steps
from tests.browser.test_every_page import STILL
from tests.browser.watching import until
from tests.processes.installation import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.product import Product

pytestmark = pytest.mark.browser

WAY = "settings-sign_in"
SHOWN = """names => names.filter(name => ["", "settings-", "secrets-"].some(before =>
    [...document.getElementsByName(before + name)].some(control => control.offsetParent)))"""
MOST_TRIES = 8


@pytest.fixture
def trouble(page: Page, home: str, product: Product) -> str:
    """The path of a connection to a shop that is out of order, beside one that answers."""
    sources.make_trouble(page, home, product.address)
    return sources.open_connection(page, home, sources.OUTAGE)


def test_each_sign_in_shows_its_own_fields_alone(page: Page, trouble: str) -> None:
    page.goto(f"{trouble}edit/")
    page.wait_for_load_state()
    shown = {}
    for way in registry.ALL:
        page.locator(f"[name={WAY}]").select_option(way.SLUG)
        shown[way.SLUG] = set(page.evaluate(SHOWN, list(registry.FIELDS)))
    assert shown == {way.SLUG: {*way.SETTINGS, *way.SECRETS} for way in registry.ALL}


def test_the_wizard_shows_the_fields_of_each_sign_in_alone(page: Page, home: str, product: Product) -> None:
    steps.give_address(page, home, product.address + steps.DAILY)
    page.get_by_text("More ways to sign in").click()
    ways = [way for way in registry.ALL if page.locator(f"[name=sign_in][value={way.SLUG}]").count()]
    assert len(ways) == len(registry.ALL) - 1, "all but signing in by steps, which are a matter of a feed"
    shown = {}
    for way in ways:
        page.locator(f"[name=sign_in][value={way.SLUG}]").check()
        shown[way.SLUG] = set(page.evaluate(SHOWN, list(registry.FIELDS)))
    assert shown == {way.SLUG: {*way.SETTINGS, *way.SECRETS} for way in ways}


def test_a_connection_moves_behind_a_gateway(page: Page, home: str, product: Product) -> None:
    sources.make_network(page, home, product.address, since=sources.lately(1), more="")
    sources.make_trouble(page, home, product.address)
    moved = sources.open_connection(page, home, sources.EXCHANGE)
    page.goto(f"{moved}edit/")
    page.get_by_label("Address", exact=True).fill("/prices")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="There is a problem").wait_for()
    page.get_by_label("Gateway").select_option(label=sources.GATEWAY)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name=f"through {sources.GATEWAY}").wait_for()
    page.get_by_text(f"{product.address}/sandbox/gateway/prices").first.wait_for()
    page.get_by_role("link", name=f"through {sources.GATEWAY}").click()
    steps.arrive(page, sources.GATEWAY)
    behind = page.get_by_role("region", name="Behind this gateway")
    assert sorted(behind.get_by_role("link").all_inner_texts()) == [sources.EXCHANGE, sources.SENTIMENT]
    page.goto(f"{home}connections/")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=sources.GATEWAY, exact=True))
    assert "Asked for others" in row.inner_text(), "nobody asks it for numbers, so it does not wait for any"


def test_limits_are_saved_and_seen(page: Page, home: str, trouble: str) -> None:
    page.goto(f"{trouble}edit/")
    page.get_by_label("Most calls").fill("40")
    page.get_by_label("In", exact=True).select_option(label="an hour")
    page.get_by_label("At once").fill("2")
    page.get_by_label("Calls a day").fill("500")
    page.get_by_role("button", name="Save").click()
    limits = page.get_by_role("region", name="Limits")
    limits.get_by_text("At most 40 calls an hour").wait_for()
    assert "of 2 are running" in limits.inner_text()
    assert "of 500 calls" in limits.inner_text()
    assert limits.get_by_role("progressbar", name="How much of the day’s calls is used up").count() == 1
    page.goto(f"{trouble}edit/")
    page.get_by_label("Most calls").fill("0")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="There is a problem").wait_for()


def test_a_source_that_is_left_alone_can_be_tried_again(page: Page, trouble: str) -> None:
    """Failures in a row open the circuit; somebody who knows better closes it."""
    limits = page.get_by_role("region", name="Limits")
    for _ in range(MOST_TRIES):
        if limits.get_by_text("Open: no call goes out").count():
            break
        page.get_by_role("button", name="Test now").click()
        page.get_by_role("region", name="Test").wait_for()
        page.goto(trouble)
    limits.get_by_text("Open: no call goes out").wait_for()
    limits.get_by_role("button", name="Try again now").click()
    page.get_by_text(f"Calls to {sources.OUTAGE} go out again.").wait_for()


def test_what_a_feed_asks_is_copied_out_as_a_command_without_its_key(page: Page, home: str, product: Product) -> None:
    steps.track_visitors(page, home, product.address, goal="10000")
    page.goto(f"{home}connections/")
    page.locator("tbody th a").first.click()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_text("As a curl command").click()
    command = page.get_by_label("What Visitors asks, as a curl command").input_value()
    assert command.startswith("curl")
    assert f"{product.address}/sandbox/analytics/visitors" in command
    assert steps.SANDBOX_KEY not in command
    page.get_by_role("button", name="Copy Visitors").click()
    page.get_by_text("Copied", exact=True).wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == command


def test_a_choice_by_keyboard_shows_what_it_needs(page: Page, trouble: str) -> None:
    page.goto(f"{trouble}edit/")
    page.wait_for_load_state()
    choice = page.locator(f"[name={WAY}]")
    choice.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Key or token")).to_be_visible()
    page.keyboard.press("Tab")
    until(page, "document.activeElement.name !== 'settings-sign_in' && document.activeElement.offsetParent !== null")


def test_without_scripts_every_field_is_there(
    page: Page, home: str, trouble: str, open_browser: Callable[..., Page]
) -> None:
    plain = open_browser(storage_state=page.context.storage_state(), java_script_enabled=False, **STILL)
    plain.goto(f"{trouble}edit/")
    plain.locator(f"[name={WAY}]").select_option("header")
    plain.get_by_label("Key or token").fill("a-key-of-the-shop")
    plain.get_by_role("button", name="Save").click()
    steps.heading(plain, sources.OUTAGE).wait_for()
    assert "stored encrypted" in plain.get_by_role("region", name="Settings").inner_text()


def test_who_only_looks_sees_nothing_that_is_not_theirs(
    page: Page, home: str, product: Product, open_browser: Callable[..., Page]
) -> None:
    """Every link of every page about a source leads somewhere, and nothing can be sent."""
    sources.make_network(page, home, product.address, since=sources.lately(6))
    network = sources.open_connection(page, home, sources.NETWORK)
    wait_for(lambda: page.reload() and page.get_by_text("Enriched").count() > 0)
    viewer = steps.join(page, home, product, open_browser(), f"{home.strip('/')}-looks@example.org", role="Viewer")
    found = [network]
    for path in found:
        viewer.goto(path)
        assert viewer.locator("main form[method=post]").count() == 0, path
        links = {link.get_attribute("href") or "" for link in viewer.locator("main a[href^='/']").all()}
        refused = [link for link in links if viewer.request.get(link).status >= 400]
        assert refused == [], path
        found += [link for link in sorted(links) if link.startswith(network) and link not in found][: 6 - len(found)]
    assert any("/records/" in path for path in found)
