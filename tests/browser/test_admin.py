"""The admin of the first account: everything in reach, no secret in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from tests.browser import steps
from tests.browser.watching import barriers, overhang
from tests.processes.installation import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.product import Product

pytestmark = pytest.mark.browser


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
    page.get_by_label("Action:").select_option("Collect now")
    page.get_by_role("button", name="Go").or_(page.get_by_role("button", name="Run")).first.click()
    page.locator(".messagelist .success, .messagelist .info").first.wait_for()
    wait_for(lambda: latest_collection(page) != before)


def latest_collection(page: Page) -> str:
    """Return the newest line of the log of collections."""
    page.goto("/admin/connectors/collection/")
    return page.locator("#result_list tbody tr a").first.get_attribute("href") or ""


def test_the_admins_own_scripts_work_under_the_content_policy(page: Page, home: str) -> None:
    page.goto(home)
    page.get_by_role("button", name="Show me sample targets").click()
    page.get_by_text("These are sample targets.").wait_for()
    for path in ("alerts/report/", "django_celery_beat/periodictask/add/", "organisations/user/add/"):
        page.goto(f"/admin/{path}")
        assert list(overhang(page)) == []
    page.goto("/admin/targets/target/")
    page.locator("#action-toggle").check()
    assert page.locator("input.action-select").first.is_checked()
    page.locator("#result_list th a").first.click()
    page.locator(".select2-selection").first.click()
    page.locator(".select2-results li").first.wait_for()
    page.keyboard.press("Escape")
    page.locator("#calendarlink0").click()
    assert page.locator("#calendarbox0").is_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_admin_shuts_nobody_out(page: Page, home: str, theme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    for path in ("", "organisations/organisation/", "organisations/user/", "organisations/organisation/add/"):
        page.goto(f"/admin/{path}")
        assert list(barriers(page)) == []
