"""Our style sheets are served without comments and indentation, and still say the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from rcssmin import cssmin

from tests.processes.installation import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
RULES = """css => {
  const style = document.head.appendChild(document.createElement("style"));
  style.textContent = css;
  return [...style.sheet.cssRules].map(rule => rule.cssText);
}"""
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_shortened_style_sheet_has_the_same_rules(browser: Browser, sheet: Path) -> None:
    page, written = browser.new_page(), sheet.read_text()
    shortened = cssmin(written)
    assert len(shortened) < len(written)
    assert rules(page, shortened) == rules(page, written)


def rules(page: Page, css: str) -> list[str]:
    """Return the rules of a sheet as the browser understands them; spaces after commas and colons mean nothing."""
    return [re.sub(r"([,:])\s+", r"\1", rule) for rule in page.evaluate(RULES, css)]
