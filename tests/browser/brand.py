"""Draws the product's mark for browsers, phones and chats, from the one drawing: `python -m tests.browser.brand`.

Written are `static/favicon.ico` and `static/icons/`, whose pictures are committed; run it again when
`static/favicon.svg` changes.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM
from tests.processes.installation import ROOT

if TYPE_CHECKING:
    from PIL.Image import Image
    from playwright.sync_api import Page

STATIC = ROOT / "static"
ICONS = STATIC / "icons"
MARK = (STATIC / "favicon.svg").read_text()
SQUARE = MARK.replace('rx="5"', 'rx="0"', 1)  # phones cut the corners themselves
COLOURS = 64  # of a picture, so that it stays small
SIGN = """
<style>
  body {{ margin: 0; width: 1200px; height: 630px; box-sizing: border-box; padding: 0 96px; display: flex;
    flex-direction: column; justify-content: center; background: #f6f6f2; color: #17191d;
    font-family: Inter, "Noto Sans", "Liberation Sans", "DejaVu Sans", sans-serif; }}
  .name {{ display: flex; align-items: center; gap: 40px; font-size: 128px; font-weight: 680; letter-spacing: -.02em; }}
  .name svg {{ width: 144px; height: 144px; }}
  .way {{ margin-top: 88px; width: 100%; height: 72px; }}
</style>
<div class="name">{mark}Waymark</div>
<svg class="way" viewBox="0 0 1008 72"><rect y="18" width="1008" height="36" rx="6" fill="#e4e3dc"/>
  <rect x="640" y="18" width="190" height="36" fill="#1f4fc0" opacity=".3"/>
  <rect y="18" width="620" height="36" rx="6" fill="#1f4fc0"/>
  <rect x="780" width="8" height="72" rx="4" fill="#17191d"/></svg>
"""


def main() -> None:
    """Write every picture."""
    ICONS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]).new_page()
        mark(page, 48).save(STATIC / "favicon.ico", sizes=[(16, 16), (32, 32), (48, 48)])
        for file, size in {"touch-180.png": 180, "mark-192.png": 192, "mark-512.png": 512}.items():
            mark(page, size, drawing=SQUARE).convert("RGB").quantize(COLOURS).save(ICONS / file, optimize=True)
        drawn(page, SIGN.format(mark=MARK), 1200, 630).convert("RGB").quantize(COLOURS).save(
            ICONS / "preview.png", optimize=True
        )


def mark(page: Page, size: int, *, drawing: str = MARK) -> Image:
    """Return the mark as a square picture, in pixels."""
    return drawn(page, f"<style>body{{margin:0}}svg{{display:block;width:{size}px}}</style>{drawing}", size, size)


def drawn(page: Page, html: str, width: int, height: int) -> Image:
    """Return what a piece of HTML looks like."""
    from PIL import Image

    page.set_viewport_size({"width": width, "height": height})
    page.set_content(html)
    return Image.open(BytesIO(page.screenshot(omit_background=True)))


if __name__ == "__main__":
    main()
