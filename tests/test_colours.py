"""Every colour is a token in one place, and everything written or drawn in it can be seen, by day and by night.

Ratios are those of WCAG 2.2: 4.5 for text (1.4.3), 3 for what carries meaning without being text (1.4.11).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SHEETS = sorted((Path(__file__).resolve().parents[1] / "static" / "css").glob("*.css"))
APP, ADMIN = (next(sheet for sheet in SHEETS if sheet.name == name).read_text() for name in ("app.css", "admin.css"))
SECTION_1 = APP.partition("/* ---- 2 BASE")[0]
TEXT, GRAPHICS = 4.5, 3.0
LIGHT, DARK = 0, 1
THEMES = {"light": LIGHT, "dark": DARK}
Colour = tuple[float, float, float]

INKS = ("ink", "ink-2", "ink-3", "accent")
STATUSES = ("met", "on-track", "at-risk", "behind", "missed", "no-data")
SOLID, TINTED = ("met", "missed"), ("on-track", "at-risk", "behind", "no-data")
PAIRS = [
    *[(TEXT, ink, ground) for ink in INKS for ground in ("bg", "surface", "sunken", "accent-soft")],
    (TEXT, "on-accent", "accent"),
    *[(TEXT, f"{status}-text", f"{status}-mark") for status in SOLID],
    *[(TEXT, f"{status}-text", ground) for status in TINTED for ground in (f"{status}-tint", "surface")],
    *[(GRAPHICS, f"{status}-mark", ground) for status in STATUSES for ground in ("surface", "bg")],
    *[(GRAPHICS, "line-strong", ground) for ground in ("surface", "bg")],
    *[(GRAPHICS, line, "surface") for line in ("c-actual", "c-pace", "c-target", "c-today")],
    *[(GRAPHICS, line, "c-fan-50") for line in ("c-actual", "c-target")],
    (GRAPHICS, "c-pace", "c-fan-80"),
]
# Django's own variables, as its stylesheets put them upon each other
PAIRS_OF_ADMIN = [
    *[("body-fg", ground) for ground in ("body-bg", "darkened-bg", "selected-bg", "selected-row")],
    *[("body-fg", f"message-{kind}-bg") for kind in ("success", "warning", "error")],
    *[("body-quiet-color", ground) for ground in ("body-bg", "darkened-bg")],
    *[("body-loud-color", "body-bg"), ("body-medium-color", "body-bg")],
    *[("link-fg", ground) for ground in ("body-bg", "darkened-bg", "selected-bg", "selected-row")],
    *[(f"header-{what}color", "header-bg") for what in ("", "branding-", "link-")],
    *[(f"breadcrumbs-{what}fg", "breadcrumbs-bg") for what in ("", "link-")],
    *[("button-fg", f"{what}button-bg") for what in ("", "default-", "close-", "delete-")],
    *[("primary-fg", "primary"), ("error-fg", "body-bg"), ("object-tools-fg", "object-tools-bg")],
]
LITERAL = re.compile(
    r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color)\("
    r"|\b(?:white|black|silver|gr[ae]y|red|green|blue|yellow|orange|navy|teal|purple|pink|brown)\b(?!-)"
)
# the description of the API is drawn by a library that brings colours of its own; the page around it takes its ground
WITH_THEIR_OWN = {"api-docs.css"}


def declared(css: str) -> dict[str, str]:
    """Return what a stylesheet gives each custom property first."""
    found: dict[str, str] = {}
    for name, value in re.findall(r"--([\w-]+):\s*([^;]+);", without_comments(css)):
        found.setdefault(name, value.strip())
    return found


def without_comments(css: str) -> str:
    return re.sub(r"/\*.*?\*/", " ", css, flags=re.DOTALL)


def colour(value: str, theme: int, tokens: dict[str, str]) -> Colour | None:
    """Return the red, green and blue of a value from 0 to 1, whatever it refers to; None for what is no colour."""
    if found := re.fullmatch(r"var\(--([\w-]+)\)", value):
        return colour(tokens[found[1]], theme, tokens)
    if found := re.fullmatch(r"light-dark\((.+?),\s*(.+)\)", value):
        return colour(found[1 + theme], theme, tokens)
    if found := re.fullmatch(r"color-mix\(in oklab,\s*(\S+) (\d+)%,\s*(\S+)\)", value):
        one, other = colour(found[1], theme, tokens), colour(found[3], theme, tokens)
        return mixed(one, other, int(found[2]) / 100) if one and other else None
    if found := re.fullmatch(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", value):
        pairs = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
        red, green, blue = (int(pairs[place : place + 2], 16) / 255 for place in (0, 2, 4))
        return red, green, blue
    return None


def linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def curved(part: float) -> float:
    clipped = min(max(part, 0), 1)
    return clipped * 12.92 if clipped <= 0.0031308 else 1.055 * clipped ** (1 / 2.4) - 0.055


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """Mix two colours in OKLab, as `color-mix` does (Ottosson 2020, sRGB matrices)."""
    return from_oklab(*(a * share + b * (1 - share) for a, b in zip(oklab(one), oklab(other), strict=True)))


def oklab(given: Colour) -> Colour:
    r, g, b = (linear(part) for part in given)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def from_oklab(light: float, a: float, b: float) -> Colour:
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        curved(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
        curved(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
        curved(-0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
    )


def contrast(one: Colour, other: Colour) -> float:
    """Return the ratio of two colours' relative luminances, as WCAG 2 defines it."""
    darker, lighter = sorted(
        0.2126 * linear(each[0]) + 0.7152 * linear(each[1]) + 0.0722 * linear(each[2]) for each in (one, other)
    )
    return (lighter + 0.05) / (darker + 0.05)


def ratio(ink: str, ground: str, theme: int, tokens: dict[str, str]) -> float:
    """Return the contrast of two values of a stylesheet."""
    one, other = colour(ink, theme, tokens), colour(ground, theme, tokens)
    assert one is not None, ink
    assert other is not None, ground
    return contrast(one, other)


def rules(css: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield selector and declarations of every rule, inside of media queries too."""
    for selector, body in re.findall(r"([^{};]+)\{([^{}]*)\}", without_comments(css)):
        yield " ".join(selector.split()), dict(re.findall(r"([\w-]+):\s*([^;]+?)\s*(?:;|$)", body))


def literals(css: str) -> list[str]:
    """Return every colour that a stylesheet writes out."""
    return [literal for _, given in rules(css) for value in given.values() for literal in LITERAL.findall(value)]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("least", "ink", "ground"), PAIRS)
def test_tokens_can_be_told_from_what_they_stand_on(theme: str, least: float, ink: str, ground: str) -> None:
    tokens = declared(SECTION_1)
    assert ratio(tokens[ink], tokens[ground], THEMES[theme], tokens) >= least


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground"), PAIRS_OF_ADMIN)
def test_the_admin_can_be_read(theme: str, ink: str, ground: str) -> None:
    tokens = declared(ADMIN)
    assert ratio(tokens[ink], tokens[ground], THEMES[theme], tokens) >= TEXT


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_rule_that_sets_ink_and_ground_can_be_read(theme: str, sheet: Path) -> None:
    tokens = {**declared(SECTION_1), **declared(sheet.read_text())}
    found = []
    for selector, given in rules(sheet.read_text()):
        ink = colour(given.get("color", ""), THEMES[theme], tokens)
        ground = colour(given.get("background", given.get("background-color", "")), THEMES[theme], tokens)
        if ink and ground and contrast(ink, ground) < TEXT:
            found.append(f"{selector}: {contrast(ink, ground):.2f}")
    assert found == []


@pytest.mark.parametrize("theme", THEMES)
def test_whatever_is_pointed_at_can_still_be_read(theme: str) -> None:
    tokens = declared(SECTION_1)
    hovered = dict(rules(APP))
    primary, row = (
        hovered[selector]["background"] for selector in (".btn.primary:hover", ".targets tbody tr.row:hover > *")
    )
    assert ratio(tokens["on-accent"], primary, THEMES[theme], tokens) >= TEXT
    for ink in ("ink", "ink-2", "ink-3", *(f"{status}-text" for status in TINTED)):
        assert ratio(tokens[ink], row, THEMES[theme], tokens) >= TEXT, ink


def test_colours_are_written_among_the_tokens_alone() -> None:
    sheets = {sheet.name: sheet.read_text() for sheet in SHEETS if sheet.name not in WITH_THEIR_OWN}
    sheets["app.css"] = APP.removeprefix(SECTION_1)
    sheets["admin.css"] = re.sub(r"--[\w-]+:\s*light-dark\([^;]*;", "", ADMIN)
    assert [f"{name}: {literal}" for name, css in sheets.items() for literal in literals(css)] == []


def test_the_admin_has_the_tokens_of_all_other_pages() -> None:
    tokens, theirs = declared(SECTION_1), declared(ADMIN)
    copied = {name: value for name, value in theirs.items() if value.startswith("light-dark(")}
    assert copied
    assert copied == {name: tokens.get(name) for name in copied}


def test_every_token_that_is_used_is_there() -> None:
    here = declared(APP) | declared(ADMIN)
    of_django = re.compile(r"admin\.css$")
    found = []
    for sheet in SHEETS:
        css = without_comments(sheet.read_text())
        known = declared(ADMIN) if of_django.search(sheet.name) else here | declared(css)
        found += [f"{sheet.name}: {name}" for name in re.findall(r"var\(--([\w-]+)[),]", css) if name not in known]
    assert found == []


@pytest.mark.parametrize(
    ("one", "other", "ratio_of_w3c"),
    [("#000000", "#ffffff", 21.0), ("#767676", "#ffffff", 4.54), ("#777", "#fff", 4.48)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio_of_w3c: float) -> None:
    assert ratio(one, other, LIGHT, {}) == pytest.approx(ratio_of_w3c, abs=0.005)


def test_a_mix_lies_between_its_ends() -> None:
    """Half of white and black is the grey that browsers show, #636363."""
    grey = colour("color-mix(in oklab, #ffffff 50%, #000000)", LIGHT, {})
    assert grey is not None
    assert [round(part * 255) for part in grey] == [99, 99, 99]
    assert colour("color-mix(in oklab, #1f4fc0 100%, #000000)", LIGHT, {}) == pytest.approx(
        colour("#1f4fc0", LIGHT, {}), abs=0.002
    )


@pytest.mark.parametrize(
    "css", ["a { color: #fff; }", "a { background: rgb(0 0 0 / .1) }", "@media print { a{border:1px solid gray} }"]
)
def test_a_literal_is_noticed(css: str) -> None:
    assert literals(css)


def test_tokens_and_names_are_no_literals() -> None:
    assert not literals(
        "#add a { color: var(--ink); white-space: nowrap; background: color-mix(in oklab, var(--ink) 9%) }"
    )
