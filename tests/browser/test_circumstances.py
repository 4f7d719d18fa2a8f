"""On paper, without motion, in the system's own colours, without the chart's script, without any script."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser import steps

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, StorageState

    from tests.browser.product import Product

pytestmark = pytest.mark.browser

A4 = {"format": "A4", "prefer_css_page_size": True}
MOVING = """() => [...document.querySelectorAll("*")].filter((element) => {
    const style = getComputedStyle(element);
    return style.transitionDuration.split(",").some((each) => parseFloat(each) > 0) || style.animationName !== "none";
}).map((element) => element.outerHTML.slice(0, 80))"""
EDGES = """pills => pills.map((pill) => {
    const style = getComputedStyle(pill);
    return style.borderTopStyle !== "none" && parseFloat(style.borderTopWidth) > 0;
})"""
FILLS = "marks => marks.map((mark) => [getComputedStyle(mark).fill, getComputedStyle(document.body).backgroundColor])"


@pytest.fixture(scope="module")
def samples(browser: Browser, product: Product, owner: StorageState) -> Iterator[tuple[str, str]]:
    """The path of an organisation with twelve sample targets, and that of one of them."""
    context = browser.new_context(base_url=product.address, storage_state=owner, locale="en-GB")
    page = context.new_page()
    home = steps.found_organisation(page, "Circumstances")
    steps.show_samples(page, home)
    target = page.locator("table.targets tr.row", has=page.locator(".pill.at_risk")).locator("th a").first
    yield home, target.get_attribute("href") or ""
    context.close()


def pages_in(pdf: bytes) -> int:
    """Return the number of pages of a document as Chromium writes it."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_twelve_targets_fit_on_one_sheet(page: Page, samples: tuple[str, str]) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(samples[0])
    assert page.locator("table.targets tr.row").count() == 12
    assert pages_in(page.pdf(**A4)) == 1  # type: ignore[arg-type]  # words of one's own, spelled out above


def test_paper_shows_what_was_measured_and_nothing_to_press(page: Page, samples: tuple[str, str]) -> None:
    page.emulate_media(media="print", color_scheme="dark")
    for path in samples:
        page.goto(path)
        for gone in (".nav", ".btn", ".filters", ".scrub", ".seg", ".skip"):
            assert not any(each.is_visible() for each in page.locator(gone).all()), f"{path}: {gone}"
        ink, paper = page.evaluate(
            "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
        )
        assert paper == "rgb(255, 255, 255)", "light, also from the dark"
        assert max(int(part) for part in re.findall(r"\d+", ink)) < 80
    assert page.locator("#as-table").is_visible(), "the numbers of the chart go along"
    assert page.locator(".pill").first.is_visible()


def test_nothing_moves_for_whoever_asked_for_stillness(page: Page, samples: tuple[str, str]) -> None:
    page.emulate_media(reduced_motion="reduce")
    for path in samples:
        page.goto(path)
        assert page.evaluate(MOVING) == []


def test_statuses_can_be_told_in_the_systems_own_colours(
    open_browser: Callable[..., Page], owner: StorageState, samples: tuple[str, str]
) -> None:
    page = open_browser(storage_state=owner, forced_colors="active")
    page.goto(samples[0])
    edges = page.locator("table.targets .pill").evaluate_all(EDGES)
    assert len(edges) == 12
    assert all(edges), "each pill keeps an edge, as its ground is gone"
    fills = page.locator("table.targets .bullet .bar, table.targets .bullet .dot").evaluate_all(FILLS)
    assert fills
    assert all(fill != ground for fill, ground in fills), "bars stand out from the ground"


def test_the_table_stands_in_for_a_chart_that_cannot_be_drawn(
    open_browser: Callable[..., Page], owner: StorageState, samples: tuple[str, str]
) -> None:
    page = open_browser(storage_state=owner)
    # an empty script in place of the library: a refused one would rightly be a complaint on the console
    page.route(re.compile(r"chart\.umd"), lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto(samples[1])
    table = page.get_by_role("region", name="Chart data as a table")
    table.wait_for(state="visible")
    assert table.get_by_role("row").count() > 2


def test_a_target_is_whole_without_scripts(
    open_browser: Callable[..., Page], owner: StorageState, samples: tuple[str, str]
) -> None:
    page = open_browser(storage_state=owner, java_script_enabled=False)
    page.goto(samples[1])
    assert page.get_by_role("region", name="Chart data as a table").is_visible()
    assert page.locator(".lede").inner_text().strip()
    assert page.locator(".stats dd").count() >= 3
    assert not page.locator("#scrub").is_visible(), "a slider that moves nothing"
    assert not page.locator("#theme").is_visible(), "a button that does nothing"
    page.locator("details.menu summary").click()
    page.get_by_role("link", name="Account").click()
    page.get_by_role("heading", name="Account", level=1).wait_for()
