"""Our style sheets are served without comments and indentation, and still say the same."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
import requests

from tests.processes.installation import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.browser.product import Product

pytestmark = pytest.mark.browser
RULES = """css => {
  const style = document.head.appendChild(document.createElement("style"));
  style.textContent = css;
  return [...style.sheet.cssRules].map(rule => rule.cssText);
}"""
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_style_sheet_is_served_shorter_and_with_the_same_rules(
    browser: Browser, product: Product, sheet: Path
) -> None:
    page, written, sent = browser.new_page(), sheet.read_text(), served(product, f"css/{sheet.name}")
    assert len(sent) < len(written)
    assert rules(page, sent) == rules(page, written)
    page.close()


def served(product: Product, name: str) -> str:
    """Return a static file as the product serves it to a page, under its hashed name."""
    hashed = json.loads((product.static / "staticfiles.json").read_text())["paths"][name]
    answer = requests.get(f"{product.address}/static/{hashed}", timeout=10)
    answer.raise_for_status()
    return answer.text


def rules(page: Page, css: str) -> list[str]:
    """Return the rules of a sheet as the browser understands them.

    Spaces after commas and colons mean nothing, and the hash in the name of another sheet says nothing.
    """
    unhashed = re.sub(r"\.[0-9a-f]{12}(?=\.css)", "", css)
    return [re.sub(r"([,:])\s+", r"\1", rule) for rule in page.evaluate(RULES, unhashed)]
