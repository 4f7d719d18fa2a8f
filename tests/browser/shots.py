"""Writes pictures of every page, from a running product: `python -m tests.browser.shots [folder]`.

All pages go into the folder (`shots/` unless another is named) at two widths and in both themes, signed in or not;
walls as a television shows them, the most important pages in German, on paper (PDF), and the admin besides. The few
that the README shows go into `docs/screenshots/`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

import django
from playwright.sync_api import sync_playwright

from tests import environment
from tests.browser import steps
from tests.browser.conftest import CHROMIUM
from tests.browser.product import Product, running, usual_port
from tests.browser.sources_shown import shown
from tests.processes.installation import ROOT, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize


Theme = Literal["light", "dark"]
DOCS = ROOT / "docs" / "screenshots"
SIZES: dict[str, ViewportSize] = {"1280": {"width": 1280, "height": 900}, "390": {"width": 390, "height": 844}}
THEMES: tuple[Theme, ...] = ("light", "dark")
COLOURS = 256  # of a picture in the documentation, so that it stays small …
TALLEST = 1900  # … and pixels from its top
TELEVISION: ViewportSize = {"width": 1920, "height": 1080}
GROWTH = "/growth/"
IN_DOCS = {
    "growth-1280-light": "overview",
    "growth-target-1280-light": "target",
    "connection-pick-1280-light": "pick",
    "growth-mail-1280-light": "mail",
    "growth-wall-1920-dark": "wall",
    "growth-german-1280-dark": "german",
    "sources-connection-1280-light": "connection",
    "sources-calls-1280-light": "calls",
    "sources-enrichment-1280-light": "enrichment",
    "sources-records-1280-light": "records",
    "sources-record-1280-light": "record",
    "sources-try-1280-light": "try",
    "sources-schedule-1280-light": "schedule",
    "sources-services-1280-light": "services",
}
LOWER = {"calls": 1240, "enrichment": 1100, "records": 900, "schedule": 1150, "try": 1100}  # where the top says enough
IN_GERMAN = ("growth", "growth-target", "connection-pick", "target-edit", "settings", "admin")
SIGNED_OUT = ("account_login", "account_reset_password", "account_reset_password_from_key")
ON_PAPER = ("growth", "growth-target", "crowd-overview")
OF_ADMIN = ("", "targets/target/", "connectors/feed/", "targets/target/add/")
LONG = "Different people who opened the pricing page and came back within the week, northern region"
CROWD = """
import random
from datetime import UTC, datetime, timedelta
from django.utils import timezone
from connectors.extract import Point
from organisations.models import Organisation
from targets.judging import judge_target, pause
from targets.recording import record_points
here, now, chance = Organisation.objects.get(slug={slug!r}), timezone.now(), random.Random(7)
feed = here.connections.create(name="Import", kind="push").feeds.create(name="Daily", every=1440)
for number in range(60):
    name = {long!r} if number == 3 else f"Number {{number + 1}}"
    level = number % 3 == 1
    kind, unit = "level" if level else "flow", ["", "€", "ms"][number % 3]
    metric = here.metrics.create(feed=feed, name=name, value_kind=kind, unit=unit)
    mean = 10 ** chance.uniform(0.5, 6)
    days = [now.date() - timedelta(days=ago) for ago in range(120, 0, -1)] if number % 11 else []
    points = [Point(at=datetime(day.year, day.month, day.day, tzinfo=UTC), whole_day=True, segment="",
                    value=round(mean * chance.uniform(0.6, 1.4))) for day in days]
    record_points(metric, points, now=now)
    goal = round(mean * (chance.uniform(0.9, 1.1) if level else 30 * chance.uniform(0.85, 1.15)))
    within = level and number % 2
    target = here.targets.create(
        metric=metric, name=name, team=["Growth", "Customer experience and retention", ""][number % 3],
        goal=goal * (0.9 if within else 1), goal_upper=goal * 1.1 if within else None, tracking_since=now.date(),
        comparison="within" if within else ["at_least", "at_most"][number % 5 == 0],
        aggregation="mean" if level else "sum", period=["month", "quarter", "year", "week"][number % 4],
    )
    judge_target(target.pk, now)
    if number == 6:
        pause(target, now)
print(" ".join(str(pk) for pk in here.targets.order_by("pk").values_list("pk", flat=True)))
"""


def main(folder: Path) -> None:
    """Start the product, furnish it, and take every picture."""
    with (
        TemporaryDirectory() as place,
        running(Path(place), port=usual_port()) as product,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--lang=en-GB"])
        page = browser.new_context(base_url=product.address, locale="en-GB").new_page()
        steps.make_first_account(page, organisation="Growth")
        scenes = dict(all_scenes(page, product))
        take_all(browser, page, product, scenes, folder)
        take_signed_out(browser, product, scenes, folder)
        take_german(browser, page, product, scenes, folder)
        take_walls(browser, page, product, scenes, folder)
        print_some(page, scenes, folder)
        into_docs(folder)


def all_scenes(page: Page, product: Product) -> Iterator[tuple[str, str]]:
    """Yield the name and the path of everything worth a look; the last session of the wizard stays open."""
    from tests.browser.furnished import furnish, pages_of

    yield from crowd(page, product)
    yield from failing(page, product)
    yield from ranges(page)
    yield "welcome", steps.found_organisation(page, "Nothing yet")
    yield from ((f"empty-{name}", f"/nothing-yet/{name}/") for name in ("metrics", "connections", "reports"))
    yield from growth(page, product)
    yield from shown(page, product)
    furnished = furnish(page, steps.found_organisation(page, "Northern region"), product)
    yield from pages_of(page, furnished).items()
    yield from ((f"admin-{path.strip('/').replace('/', '-')}".rstrip("-"), f"/admin/{path}") for path in OF_ADMIN)


def crowd(page: Page, product: Product) -> Iterator[tuple[str, str]]:
    """Yield an organisation with sixty targets of every sort, some with long names, one paused."""
    home = steps.found_organisation(page, "Sixty")
    keys = product.shell(CROWD.format(slug=home.strip("/"), long=LONG)).split()
    yield "crowd-overview", home
    yield from ((f"crowd-{what}", f"{home}{what}/") for what in ("metrics", "connections"))
    for what, number in {"nodata": 0, "level": 1, "long": 3, "ceiling": 5, "paused": 6, "range": 7}.items():
        yield f"crowd-target-{what}", f"{home}targets/{keys[number]}/"


def failing(page: Page, product: Product) -> Iterator[tuple[str, str]]:
    """Yield an organisation whose only connection has lost its key."""
    home = steps.found_organisation(page, "Failing")
    target = steps.track_visitors(page, home, product.address, goal="10000")
    page.goto(f"{home}connections/")
    page.locator("tbody a").first.click()
    connection = steps.path_of(page)
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Key or token").fill("revoked-since")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Check now").click()
    wait_for(lambda: page.goto(connection) and page.get_by_text("Needs a new key").count())
    yield from {"failing-connection": connection, "failing-target": target, "failing-overview": home}.items()
    yield "failing-connections", f"{home}connections/"


def ranges(page: Page) -> Iterator[tuple[str, str]]:
    """Yield a typed-in number without a reading, with a target."""
    home = steps.found_organisation(page, "Typed in")
    page.goto(f"{home}metrics/new/")
    page.get_by_label("Name").fill("Sign-ups")
    page.get_by_role("button", name="Continue").click()
    yield "typed-metric", steps.path_of(page)
    page.get_by_role("link", name="Set a target").click()
    yield "typed-target", steps.start_tracking(page, goal="400", name="Sign-ups")


def growth(page: Page, product: Product) -> Iterator[tuple[str, str]]:
    """Yield what the documentation shows: the samples and one target of one's own; and the page of each sample."""
    from tests.browser.furnished import make_wall, write_note

    steps.show_samples(page, GROWTH)
    yield "growth", GROWTH
    target = steps.track_visitors(page, GROWTH, product.address, goal="12,500")
    write_note(page, target, "The spring campaign began.")
    yield "growth-target", target
    yield "growth-wall", make_wall(page, GROWTH)
    page.goto(f"{GROWTH}reports/")
    page.locator("tbody a").first.click()
    page.frame_locator("iframe").get_by_role("link").first.wait_for()
    yield "growth-mail", f"{steps.path_of(page)}mail/"
    page.goto(GROWTH)
    for link in page.locator("table.targets th a").all():
        name = link.inner_text().lower().replace(" ", "-").replace(",", "")
        yield f"sample-{name}", link.get_attribute("href") or ""


def signed_in(browser: Browser, page: Page, product: Product, viewport: ViewportSize, locale: str = "en-GB") -> Page:
    """Open the owner's browser in another size or language."""
    state = page.context.storage_state()
    context = browser.new_context(
        base_url=product.address, storage_state=state, viewport=viewport, reduced_motion="reduce", locale=locale
    )
    return context.new_page()


def take_all(browser: Browser, page: Page, product: Product, scenes: dict[str, str], folder: Path) -> None:
    """Take every scene at every size in every theme, signed in as the owner."""
    for size, viewport in SIZES.items():
        screen = signed_in(browser, page, product, viewport)
        for name, path in scenes.items():
            open_drawn(screen, path)
            take_themes(screen, folder, f"{name}-{size}")
        screen.context.close()


def take_signed_out(browser: Browser, product: Product, scenes: dict[str, str], folder: Path) -> None:
    """Take a few scenes as whoever is not signed in sees them, in place of what the owner sees there."""
    for size, viewport in SIZES.items():
        context = browser.new_context(
            base_url=product.address, viewport=viewport, reduced_motion="reduce", locale="en-GB"
        )
        screen = context.new_page()
        for name in SIGNED_OUT:
            open_drawn(screen, scenes[name])
            take_themes(screen, folder, f"{name}-{size}")
        context.close()


def take_german(browser: Browser, page: Page, product: Product, scenes: dict[str, str], folder: Path) -> None:
    """Take a few scenes for a browser that asks for German."""
    screen = signed_in(browser, page, product, SIZES["1280"], "de-DE")
    for name in IN_GERMAN:
        open_drawn(screen, scenes[name])
        take_themes(screen, folder, f"{name}-german-1280")
    screen.context.close()


def take_walls(browser: Browser, page: Page, product: Product, scenes: dict[str, str], folder: Path) -> None:
    """Take every wall as a television shows it."""
    screen = signed_in(browser, page, product, TELEVISION)
    for name in ("growth-wall", "wall"):
        for theme in THEMES:
            open_drawn(screen, f"{scenes[name]}?theme={theme}")
            take(screen, folder / f"{name}-1920-{theme}.png")
    screen.context.close()


def print_some(page: Page, scenes: dict[str, str], folder: Path) -> None:
    """Print a few scenes on paper."""
    for name in ON_PAPER:
        open_drawn(page, scenes[name])
        page.pdf(path=folder / f"{name}.pdf", format="A4", prefer_css_page_size=True)


def open_drawn(page: Page, path: str) -> None:
    """Open a page, and wait until its chart or its list of calls is drawn."""
    page.goto(path)
    if page.locator("#api").count():
        page.locator("#api .opblock").first.wait_for()
    if page.locator("canvas").count():
        page.locator("html.chart-ready").wait_for()


def take_themes(page: Page, folder: Path, name: str) -> None:
    """Take a picture of the page in each theme."""
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        take(page, folder / f"{name}-{theme}.png")


def take(page: Page, file: Path) -> None:
    """Take a picture of the whole page, once it is drawn."""
    file.parent.mkdir(parents=True, exist_ok=True)
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.screenshot(path=file, full_page=True)


def into_docs(folder: Path) -> None:
    """Copy the chosen few into the documentation, with fewer colours."""
    from PIL import Image

    DOCS.mkdir(parents=True, exist_ok=True)
    for scene, name in IN_DOCS.items():
        picture = Image.open(folder / f"{scene}.png").convert("RGB")
        picture = picture.crop((0, 0, picture.width, min(picture.height, LOWER.get(name, TALLEST))))
        picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE).save(DOCS / f"{name}.png", optimize=True)


if __name__ == "__main__":
    os.environ.update(environment.FIXED, DJANGO_SETTINGS_MODULE="trackerproject.settings")
    django.setup()
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "shots")
