"""The look holds: every colour is a token that can be read, and no page carries a script or style of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CSS = (ROOT / "static/css/app.css").read_text()
TOKENS = {found[1]: (found[2], found[3]) for found in re.finditer(r"--([\w-]+):\s*light-dark\((#\w+),\s*(#\w+)\)", CSS)}
TOKENS["c-actual"] = TOKENS["accent"]
PAGES = sorted(path for path in (ROOT / "templates").rglob("*.html") if "mail" not in path.parts)
STATUSES = ("met", "on-track", "at-risk", "behind", "missed", "no-data")
MOVING = ("on-track", "at-risk", "behind", "no-data")
TEXT, GRAPHICS = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11
PAIRS = [
    *[(TEXT, ink, ground) for ink in ("ink", "ink-2", "ink-3", "accent") for ground in ("bg", "surface", "sunken")],
    *[(TEXT, ink, "accent-soft") for ink in ("ink", "ink-2", "ink-3", "accent")],
    (TEXT, "on-accent", "accent"),
    (TEXT, "met-text", "met-mark"),
    (TEXT, "missed-text", "missed-mark"),
    *[(TEXT, f"{status}-text", ground) for status in MOVING for ground in (f"{status}-tint", "surface")],
    *[(GRAPHICS, f"{status}-mark", ground) for status in STATUSES for ground in ("surface", "bg")],
    *[(GRAPHICS, "line-strong", ground) for ground in ("surface", "bg")],
    *[(GRAPHICS, line, "surface") for line in ("c-actual", "c-pace", "c-target", "c-today")],
    *[(GRAPHICS, line, "c-fan-50") for line in ("c-actual", "c-target")],
    (GRAPHICS, "c-pace", "c-fan-80"),
]


def luminance(colour: str) -> float:
    """Return the relative luminance of a #rrggbb colour, as WCAG 2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("least", "ink", "ground"), PAIRS)
def test_everything_can_be_read_in_light_and_dark(least: float, ink: str, ground: str) -> None:
    for shade in (0, 1):
        assert contrast(TOKENS[ink][shade], TOKENS[ground][shade]) >= least


def test_colours_are_written_among_the_tokens_alone() -> None:
    tokens, rest = CSS.split("/* ---- 2 BASE", maxsplit=1)
    assert "light-dark" in tokens
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[\s;,)])", rest)) <= {"#fff", "#999"}, "paper has two of its own"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT / "templates")))
def test_no_page_carries_a_script_a_style_or_unescaped_text(page: Path) -> None:
    text = page.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"<style|\sstyle=|\son\w+=", text)
    assert "|safe" not in text
    assert "autoescape off" not in text


def test_the_chart_library_points_to_no_map_that_is_not_there() -> None:
    assert "sourceMappingURL" not in (ROOT / "static/vendor/chart.js/chart.umd.min.js").read_text()
