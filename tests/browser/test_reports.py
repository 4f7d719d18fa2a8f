"""A report is composed beside its mail, which follows what is chosen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser import steps

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

SCROLLS = "document.documentElement.scrollHeight > document.documentElement.clientHeight"


def test_the_mail_follows_what_is_chosen_and_is_shown_whole(page: Page, home: str) -> None:
    steps.show_samples(page, home)
    page.goto(f"{home}reports/new/")
    mail, frame = page.frame_locator("iframe.mail"), page.locator("iframe.mail")
    expect(mail.get_by_role("link", name="Website visitors", exact=True)).to_be_visible()
    whole = frame.get_attribute("height") or ""
    page.locator("main [name=targets]").select_option(label="the targets of Finance")
    expect(mail.get_by_role("link", name="Revenue invoiced", exact=True)).to_be_visible()
    expect(mail.get_by_role("link", name="Website visitors", exact=True)).to_have_count(0)
    expect(frame).not_to_have_attribute("height", re.compile(f"^{whole}$"))
    assert not mail.locator("html").evaluate(f"() => {SCROLLS}"), "the frame is as tall as the mail"
