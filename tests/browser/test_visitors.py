"""Ten thousand unique visitors a month, from an empty organisation to a verdict, on the pages alone.

Every number is held against the source's own answers. Today's count grows while a test looks at it, so what a page says
has to lie between two answers of the source: one from before the check and one from after it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.browser import steps
from tests.browser.source import Source, month_of, share_of_month, this_month
from tests.browser.steps import figure, heading, number_in
from tests.processes.installation import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page, StorageState

    from tests.browser.product import Product

pytestmark = pytest.mark.browser

GOAL = 10_000
OUT_OF_REACH_AT_TIMES = 12_700  # some of the past months were above it, some below


@pytest.fixture
def source(product: Product) -> Source:
    return Source(product.address)


def earlier_periods(page: Page) -> dict[str, tuple[str, float, float]]:
    """Return what the table of earlier periods says: the result, the final value and the difference."""
    rows = page.get_by_role("region", name="Earlier periods as a table").locator("tbody tr")
    cells = [row.locator("th, td").all_inner_texts() for row in rows.all()]
    return {label: (result.strip(), number_in(value), number_in(gap)) for label, result, value, _, gap in cells}


def downloaded(page: Page, path: str) -> dict[str, dict[str, str]]:
    """Return a downloaded table by its first column."""
    text = page.request.get(path).body().decode("utf-8-sig")
    return {next(iter(row.values())): row for row in csv.DictReader(io.StringIO(text))}


def test_the_sum_of_the_month_agrees_with_the_source(page: Page, home: str, product: Product, source: Source) -> None:
    steps.track_visitors(page, home, product.address, goal="10,000")
    low = source.total(*this_month())
    asked, answered = steps.check_now(page)
    high = source.total(*this_month())

    value = number_in(figure(page, "Actual"))
    assert low <= value <= high
    share = (int(value) * 100 + GOAL // 2) // GOAL  # a half is rounded up, as browsers do
    assert figure(page, "Actual").endswith(f"{share}% of at least 10,000")
    pace = number_in(figure(page, "Against pace").partition("pace for now is")[2])
    assert GOAL * share_of_month(asked) - 1 <= pace <= GOAL * share_of_month(answered) + 1
    assert number_in(figure(page, "Against pace")) == pytest.approx(value - pace, abs=1)
    assert page.get_by_text("somebody who comes on three days counts three times").is_visible()


def test_past_months_are_met_or_missed_as_the_source_says(
    page: Page, home: str, product: Product, source: Source
) -> None:
    steps.track_visitors(page, home, product.address, goal=str(OUT_OF_REACH_AT_TIMES))
    shown = earlier_periods(page)
    truth = {label: source.total(*month_of(label)) for label in shown}
    assert len(shown) == 12
    assert {label: value for label, (_, value, _) in shown.items()} == truth
    assert {label: gap for label, (*_, gap) in shown.items()} == {
        label: total - OUT_OF_REACH_AT_TIMES for label, total in truth.items()
    }
    results = {label: result for label, (result, *_) in shown.items()}
    assert results == {label: "Met" if total >= OUT_OF_REACH_AT_TIMES else "Missed" for label, total in truth.items()}
    assert set(results.values()) == {"Met", "Missed"}, "the goal tells nothing apart any more"


def test_a_past_month_has_a_page_of_its_own(page: Page, home: str, product: Product, source: Source) -> None:
    steps.track_visitors(page, home, product.address, goal="10000")
    link = page.get_by_role("region", name="Earlier periods as a table").get_by_role("link").first
    label = link.inner_text()
    link.click()
    page.wait_for_url(re.compile(r"/targets/\d+/\d{4}-\d\d-01/$"))
    total = source.total(*month_of(label))
    assert page.get_by_text(f"{total:,}").first.is_visible()
    assert page.get_by_text("Met", exact=True).first.is_visible()
    assert page.get_by_text("Forecast, middle").count() == 0
    page.get_by_role("navigation", name="Period").get_by_role("link", name=re.compile("^Next period")).click()
    page.wait_for_url(re.compile(r"/targets/\d+/$"))


def test_the_chart_and_the_download_hold_the_course_of_the_month(
    page: Page, home: str, product: Product, source: Source
) -> None:
    path = steps.track_visitors(page, home, product.address, goal="10000")
    page.locator("html.chart-ready").wait_for()
    rows = downloaded(page, path + "days.csv")
    first, today = this_month()
    total = 0
    for day, count in source.daily(first, today).items():
        total += count
        assert day == today or float(rows[day.isoformat()]["Actual"]) == total, f"at the end of {day}"
    page.get_by_role("slider", name="Day shown above the chart").press("Home")
    assert re.search(r"Actual [\d,]+", page.locator("#readout").inner_text())
    page.get_by_role("button", name="Table").click()
    assert page.get_by_role("region", name="Chart data as a table").is_visible()


def test_the_distinct_count_of_the_month_is_asked_of_the_source(
    page: Page, home: str, product: Product, source: Source
) -> None:
    steps.give_address(page, home, product.address + steps.DISTINCT)
    steps.give_key(page)
    steps.arrive(page, "Click the number you want to track")
    page.get_by_label("A running total").check()
    page.get_by_label("Total of the").select_option("Month")
    steps.save_number(page, name="Different people")
    steps.start_tracking(page, goal="5000", name="Different people")
    low = source.distinct(*this_month())
    steps.check_now(page)
    assert low <= number_in(figure(page, "Actual")) <= source.distinct(*this_month())
    assert source.distinct(*this_month()) < source.total(*this_month()) or this_month()[1].day == 1
    shown = {label: value for label, (_, value, _) in earlier_periods(page).items()}
    assert shown == {label: source.distinct(*month_of(label)) for label in shown}
    assert shown
    assert page.get_by_text("counts three times").count() == 0


def test_a_wrong_key_is_said_so_and_nothing_has_to_be_typed_again(page: Page, home: str, product: Product) -> None:
    steps.give_address(page, home, product.address + steps.DAILY)
    steps.give_key(page, "another-key")
    page.get_by_text("It answered 401: the key is missing or wrong.").wait_for()
    steps.give_key(page)
    steps.arrive(page, "Click the number you want to track")
    page.get_by_role("link", name="Change address").click()
    assert page.get_by_label("Address (URL)").input_value() == product.address + steps.DAILY


def test_metric_connection_and_report_lead_from_one_to_the_next(page: Page, home: str, product: Product) -> None:
    steps.track_visitors(page, home, product.address, goal="1,000,000")
    page.get_by_role("link", name="Unique visitors").last.click()
    heading(page, "Unique visitors").wait_for()
    assert page.get_by_role("link", name="Unique visitors").count() == 1, "the target that uses the metric"
    page.get_by_role("link", name="Look at the connection").or_(
        page.get_by_role("region", name="Where it comes from").get_by_role("link").first
    ).click()
    page.get_by_role("button", name="Test now").click()
    page.get_by_text("Of this test a line in the call log is kept").wait_for()
    assert steps.SANDBOX_KEY not in page.content()
    page.get_by_role("link", name="Reports").click()
    page.locator("tbody a").first.click()
    mail = page.frame_locator("iframe")
    mail.get_by_role("link", name="Unique visitors", exact=True).wait_for()
    page.get_by_role("button", name="Send me a test").click()
    page.get_by_text("A test is on its way to owner@example.com").wait_for()
    wait_for(lambda: any(str(mail["To"]) == steps.OWNER for mail in product.inbox.mails))
    sent = next(mail for mail in product.inbox.mails if str(mail["To"]) == steps.OWNER)
    assert "image/png" in {part.get_content_type() for part in sent.walk()}, "it needs attention, so its chart is shown"


def test_the_same_wizard_works_without_javascript(
    open_browser: Callable[..., Page], owner: StorageState, product: Product, source: Source
) -> None:
    page = open_browser(storage_state=owner, java_script_enabled=False)
    home = steps.found_organisation(page, "No script")
    steps.give_address(page, home, product.address + steps.DAILY)
    steps.give_key(page)
    steps.arrive(page, "Click the number you want to track")
    page.get_by_role("radio", name=re.compile("unique ?Visitors", re.IGNORECASE)).nth(2).check()
    page.get_by_role("button", name="Use this number").click()
    assert "[2].uniqueVisitors" in page.locator("#h-pick").locator("xpath=ancestor::section").inner_text()
    steps.save_number(page, name="Visitors")
    page.get_by_label("Value", exact=True).fill("10000")
    page.get_by_role("button", name="Preview").click()
    page.get_by_text("333.3 a day").or_(page.get_by_text(" a day, ")).first.wait_for()
    steps.start_tracking(page, goal="10000", name="Visitors")
    assert number_in(figure(page, "Actual")) <= source.total(*this_month())
    assert page.get_by_role("region", name="Chart data as a table").is_visible()


def test_the_month_of_a_label_is_whole() -> None:
    assert month_of("February 2028") == (date(2028, 2, 1), date(2028, 2, 29))
