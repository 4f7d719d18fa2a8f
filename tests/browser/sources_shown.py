"""What the documentation shows of sources: a connection with limits, its calls, its records, forms about them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.browser import sources, steps
from tests.processes.installation import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.product import Product

ORDERS = """\
connections:
  Web shop:
    kind: http
    settings: {{address: "{site}/sandbox", sign_in: none}}
    calls_limit: 60
    daily_quota: 100
feeds:
  Web shop / Orders of a day:
    query: {{path: orders}}
    timing: ready_by
    ready_by: "09:00"
    lead_minutes: 30
    working_days_only: true
    at_path: date
metrics:
  Revenue of the web shop:
    feed: Web shop / Orders of a day
    value_path: revenue
    unit: €
"""
# two weeks of calls, an hour's after the other's: a few fail, and some days are slower
CALLED = """
import random, uuid
from datetime import timedelta
from django.utils import timezone
from connectors.calls.hours import add_up
from connectors.models import CallRecord, Connection
shop = Connection.unscoped.get(organisation__slug={slug!r}, name="Web shop")
now, chance = timezone.now(), random.Random(7)
def called(ago):
    at = now - timedelta(minutes=20 * ago + chance.uniform(0, 15))
    busy = 1 + 2 * (ago // 72 in (2, 3, 9))
    failed = chance.random() < 0.015 * busy
    return CallRecord(connection=shop, at=at, method="GET", url={site!r} + "/sandbox/orders", attempt=1,
        status=500 if failed else 200, reason="server_error" if failed else "", size=29 if failed else 5400,
        problem={{"code": "own_problem", "data": {{"status": 500}}}} if failed else {{}},
        took=chance.lognormvariate(-1.6, 0.5) * busy, correlation_id=uuid.uuid4().hex)
CallRecord.unscoped.bulk_create(called(ago) for ago in range(1, 72 * 14))
add_up(now + timedelta(hours=1))
"""


def shown(page: Page, product: Product) -> Iterator[tuple[str, str]]:
    """Yield the name and the path of each."""
    home = steps.found_organisation(page, "Customer care")
    sources.make_network(page, home, product.address)
    sources.apply_file(page, home, sources.HEAD + ORDERS.format(site=product.address))
    network = sources.open_connection(page, home, sources.NETWORK)
    wait_for(lambda: page.goto(network) and is_enriched(page), patience=120)
    yield "sources-connection", network
    page.get_by_role("link", name="Change what is asked").click()
    yield "sources-enrichment", steps.path_of(page)
    page.goto(network)
    page.get_by_role("link", name=f"records {sources.POSTS}").click()
    yield "sources-records", steps.path_of(page)
    page.locator("table.records tbody a").first.click()
    yield "sources-record", steps.path_of(page)
    product.shell(CALLED.format(slug=home.strip("/"), site=product.address))
    shop = sources.open_connection(page, home, "Web shop")
    yield "sources-calls", f"{shop}calls/"
    page.get_by_role("link", name="Edit Orders of a day").click()
    yield "sources-schedule", steps.path_of(page)
    page.goto(shop)
    page.get_by_role("link", name="Revenue of the web shop").click()
    yield "sources-try", f"{steps.path_of(page)}try/"
    yield "sources-services", f"{home}services/"


def is_enriched(page: Page) -> bool:
    """Say whether all records have their answers."""
    counts = dict(zip(*(page.locator(f".part .facts {part}").all_inner_texts() for part in ("dt", "dd")), strict=True))
    return counts.get("Enriched", "0") != "0" and counts.get("Waiting") == "0"
