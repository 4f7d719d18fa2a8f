"""What no page may do: complain on the console, break its own content policy, scroll sideways, shut people out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Page, WebError

UNASKED = "/favicon.ico"  # Chromium looks for it wherever a page names no icon, as the admin's do not
NOT_FOUND = "Failed to load resource"  # of a page itself: it answers 404 or 410, and says so to people
# nothing is fetched for it: no rule needs that, and it would break the content policy
HOW = {"resultTypes": ["violations"], "iframes": False, "preload": False, "rules": {"target-size": {"enabled": True}}}
COLOURS = ["color-contrast", "link-in-text-block"]  # what a theme can change
IN_A_MAIL = {"landmark-one-main", "region"}  # the mail program's page has its own landmarks
REPORT_POLICY = """
document.addEventListener("securitypolicyviolation",
    (event) => console.error("content policy: " + event.violatedDirective + " " + event.blockedURI));
"""
TIME_TO_FOLLOW = 2_000  # milliseconds
PATIENCE, INTERVAL = 15_000, 50  # milliseconds
OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def watched(context: BrowserContext) -> list[str]:
    """Note every complaint of every page of a context; the list grows as they come."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        where = message.location.get("url", "")
        itself = message.page is not None and where == message.page.url and message.text.startswith(NOT_FOUND)
        if message.type in {"error", "warning"} and not where.endswith(UNASKED) and not itself:
            complaints.append(f"{where}: {message.text}")

    def note_error(error: WebError) -> None:
        complaints.append(f"{error.page.url if error.page else ''}: {error.error}")

    context.on("console", note)
    context.on("weberror", note_error)
    context.add_init_script(REPORT_POLICY)
    return complaints


@cache
def axe() -> Axe:
    """Return the rule set, read once."""
    return Axe()


def barriers(page: Page, *, of_colour: bool = False) -> Iterator[str]:
    """Yield what axe-core finds on the page: the rule, and the elements that break it; of colours alone, if asked."""
    rules = {"runOnly": {"type": "rule", "values": COLOURS}} if of_colour else {}
    found = axe().run(page, options={**HOW, **rules}).response
    for violation in found["violations"]:
        if page.url.endswith("/mail/") and violation["id"] in IN_A_MAIL:
            continue
        where = "; ".join(f"{node['target'][0]} {node['html'][:120]}" for node in violation["nodes"][:3])
        yield f"{violation['id']}: {violation['help']}: {where}"


def drawn(page: Page) -> None:
    """Wait for what is on the page only once a script has asked for it: the calls of the API."""
    if page.locator("#api").count():
        page.locator("#api .opblock").first.wait_for()


def settled(page: Page) -> None:
    """Give a page that was made narrower the time that its chart takes to follow, and no more."""
    with suppress(AssertionError):
        until(page, f"{OVERHANG} <= 0", patience=TIME_TO_FOLLOW)


def until(page: Page, expression: str, arg: Any = None, *, patience: int = PATIENCE) -> None:
    """Return once an expression holds on the page; fail after so many milliseconds.

    Playwright's own waiting evaluates text within the page, which the content policy refuses, and the page complains.
    """
    deadline = monotonic() + patience / 1000
    while monotonic() < deadline:
        with suppress(Error):  # while the page is on its way to the next
            if page.evaluate(expression, arg):
                return
        page.wait_for_timeout(INTERVAL)
    raise AssertionError(f"Waited {patience} ms in vain for {expression}")


def overhang(page: Page) -> Iterator[str]:
    """Yield how far the page scrolls sideways, if it does."""
    pixels = page.evaluate(OVERHANG)
    if pixels > 0:
        yield f"scrolls sideways by {pixels} px"
