"""One real installation and one real browser for all tests here; each test has an organisation of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import steps
from tests.browser.product import Product, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, StorageState

CHROMIUM = "/usr/bin/chromium"
NUMBERS = count(1)
PATIENCE = 15_000  # milliseconds that a page may take on a busy machine

if find_spec("playwright") is None:  # installed by `make e2e` only
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The running product, with its static files as a real installation serves them."""
    with running(tmp_path_factory.mktemp("product"), hashed_static=True) as product:
        yield product


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use the system's Chromium."""
    options = ["--no-sandbox", "--disable-dev-shm-usage"]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": options}


@pytest.fixture(scope="session")
def owner(browser: Browser, product: Product) -> StorageState:
    """The session of the first account, made on the pages of the fresh product."""
    context = browser.new_context(base_url=product.address)
    steps.make_first_account(context.new_page(), organisation="First")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def open_browser(browser: Browser, product: Product) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a browser of its own, and fail if any of its pages complained."""
    from playwright.sync_api import expect

    from tests.browser.watching import watched

    expect.set_options(timeout=PATIENCE)
    contexts: list[tuple[BrowserContext, list[str]]] = []

    def opened(**options: Any) -> Page:
        context = browser.new_context(**{"base_url": product.address, "locale": "en-GB", **options})
        context.set_default_timeout(PATIENCE)
        contexts.append((context, watched(context)))
        return context.new_page()

    yield opened
    complaints = [complaint for _, found in contexts for complaint in found]
    for context, _ in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_browser: Callable[..., Page], owner: StorageState) -> Page:
    """The owner's browser."""
    return open_browser(storage_state=owner)


@pytest.fixture
def home(page: Page) -> str:
    """The path of a new, empty organisation of the owner."""
    return steps.found_organisation(page, f"Team {next(NUMBERS)}")
