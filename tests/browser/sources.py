"""Sources of every sort, from the sandbox: a gateway, records that are enriched, calls that fail."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from connectors.sandbox.social import FIRST_HOUR
from tests.browser import steps
from tests.processes.installation import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.product import Product

NETWORK, POSTS, GATEWAY, SENTIMENT, MODEL = "Social network", "Posts about coffee", "Gateway", "Sentiment", "AI model"
EXCHANGE, PRICES, OUTAGE, ORDERS = "Exchange", "Prices", "Shop that is out of order", "Orders"
FEEDS = [POSTS, PRICES, ORDERS]
SECRETS = {"NETWORK_KEY": "sandbox-social-key", "CLIENT_SECRET": "sandbox-client-secret", "MODEL_KEY": "sandbox-ai-key"}
HEAD = "blueprint: 1\n"
OF_NETWORK = """\
connections:
  Social network:
    kind: http
    settings: {{address: "{site}/sandbox/social", sign_in: header, headers: "X-Ledger: {ledger}"}}
    secrets: {{key: "${{NETWORK_KEY}}"}}
    calls_limit: 600
    daily_quota: 2000
  Gateway:
    kind: http
    settings:
      address: "{site}/sandbox/gateway"
      sign_in: client_credentials
      token_address: "{site}/sandbox/gateway/token"
      client_id: sandbox-client
      client_auth: body
      headers: "X-Ledger: {ledger}"
    secrets: {{client_secret: "${{CLIENT_SECRET}}"}}
    calls_limit: 600
    most_at_once: 4
    daily_quota: 5000
  Sentiment:
    kind: http
    gateway: Gateway
    settings: {{address: /sentiment, sign_in: none}}
  AI model:
    kind: prompt
    settings: {{address: "{site}/sandbox/ai/v1", sign_in: bearer, price_in: 150, price_out: 600}}
    secrets: {{key: "${{MODEL_KEY}}"}}
    calls_limit: 30
feeds:
  Social network / Posts about coffee:
    query:
      path: posts
      params: {{q: coffee, count: "100", since_id: "{since}"}}
      rows: posts{paging}
    every: 1 hour
    at_path: created_at
"""
ONWARD = "\n      cursor: id\n      cursor_use: greatest"
KEPT = "    record_key: id\n    keeps_records: true\n"
ENRICHED = """\
enrichments:
  Social network / Posts about coffee:
    connection: Sentiment
    batch: 100
    query: {item: '"{text}"', sends: text=text, body: '{"texts": "{items}"}', answers: results}
    daily_calls: 1000
metrics:
  Mean score of posts about coffee:
    feed: Social network / Posts about coffee
    value_path: enriched.score
    value_kind: level
    decimals: 2
"""
OF_TROUBLE = """\
connections:
  Exchange:
    kind: http
    settings: {{address: "{site}/sandbox", sign_in: none}}
  Shop that is out of order:
    kind: http
    settings: {{address: "{site}/sandbox", sign_in: none}}
    calls_limit: 30
feeds:
  Exchange / Prices:
    query: {{path: prices, params: {{symbols: "BTC,ETH"}}, rows: data}}
    every: 15 minutes
    at_path: at
  Shop that is out of order / Orders:
    query: {{path: orders, params: {{chaos: "500"}}}}
metrics:
  Price in euros:
    feed: Exchange / Prices
    value_path: symbol == 'ETH' && symbol || price
    value_kind: level
    segment_path: symbol
  Change of the day:
    feed: Exchange / Prices
    value_path: change || price
    value_kind: level
  Orders of the day:
    feed: Shop that is out of order / Orders
    value_path: orders
    value_kind: level
"""
CHANGED = """
from django.utils import timezone
from connectors.models import Feed
feed = Feed.unscoped.get(connection__organisation__slug={slug!r}, name="Prices")
feed.shape_changes.create(at=timezone.now(), matters=True, new=[{{"path": "data[].daily_change", "type": "number"}}],
    gone=[{{"path": "data[].change", "type": "number", "is_read": True, "instead": "data[].daily_change"}}])
failed = Feed.unscoped.get(connection__organisation__slug={slug!r}, name="Posts about coffee").records.first()
failed.state, failed.enriched, failed.attempts = "failed", None, 3
failed.problem = {{"code": "no_answer_for_record"}}
failed.save()
"""
DONE = """
from connectors.models import Collection, Record
records = Record.unscoped.filter(feed__connection__organisation__slug={slug!r})
asked = Collection.unscoped.filter(feed__connection__organisation__slug={slug!r}, feed__name__in={feeds!r})
print(records.filter(state="done").count(), asked.exclude(outcome="").values("feed").distinct().count())
"""
KEYS = """
import json
from connectors.models import Feed
found = []
for name in {feeds!r}:
    feed = Feed.unscoped.get(connection__organisation__slug={slug!r}, name=name)
    rows = {{"metric": feed.metrics, "record": feed.records, "collection": feed.collections,
            "callrecord": feed.connection.calls}}
    found.append({{"connection": feed.connection_id, "feed": feed.pk}}
        | {{name: each.first().pk for name, each in rows.items() if each.exists()}})
print(json.dumps(found))
"""
CONNECTIONS = """
import json
from connectors.models import Connection
keys = dict(Connection.unscoped.filter(organisation__slug={slug!r}).values_list("name", "pk"))
print(json.dumps([keys[name] for name in {names!r}]))
"""


def apply_file(page: Page, home: str, text: str) -> None:
    """Apply a file on its page, and answer what it asks for; arrives at the sentence that says so."""
    page.goto(f"{home}settings/blueprint/")
    page.get_by_label("Or paste the text here").fill(text)
    page.get_by_role("button", name="Show the difference").click()
    steps.arrive(page, "What would happen")
    for name, secret in SECRETS.items():
        if page.get_by_label(name, exact=True).count():
            page.get_by_label(name, exact=True).fill(secret)
    page.get_by_role("button", name="Apply", exact=True).click()
    page.get_by_text("Applied:").wait_for()


def make_network(page: Page, home: str, site: str, *, since: str = "{cursor}", more: str = KEPT + ENRICHED) -> None:
    """Make the social network, the gateway before the service of sentiment, and the AI model.

    `since` is the id of a post after which they are asked for, `more` what follows in the file: how posts are kept.
    """
    paging = ONWARD if since == "{cursor}" else ""
    made = OF_NETWORK.format(site=site, ledger=home.strip("/"), since=since, paging=paging)
    apply_file(page, home, HEAD + made + more)


def lately(hours: int) -> str:
    """Return the id that a post of so many hours ago would have: there are two to seven an hour."""
    since = datetime.now(UTC) - timedelta(hours=hours)
    return str(int((since - FIRST_HOUR).total_seconds()) * 1000)


def make_trouble(page: Page, home: str, site: str) -> None:
    """Make a source some of whose rows are no numbers, and one that is out of order."""
    apply_file(page, home, HEAD + OF_TROUBLE.format(site=site))


def furnish_sources(page: Page, home: str, product: Product) -> None:
    """Make all of them, and wait until each has been asked and something has been enriched."""
    slug = home.strip("/")
    make_network(page, home, product.address)
    make_trouble(page, home, product.address)
    asked = DONE.format(slug=slug, feeds=[PRICES, ORDERS])
    wait_for(lambda: [int(count) > 0 for count in product.shell(asked).split()] == [True, True], patience=120)
    product.shell(CHANGED.format(slug=slug))


def open_connection(page: Page, home: str, name: str) -> str:
    """Open the page of a connection by its name; returns its path."""
    page.goto(f"{home}connections/")
    page.get_by_role("link", name=name, exact=True).click()
    steps.arrive(page, name)
    return steps.path_of(page)


def keys_of(product: Product, home: str) -> list[dict[str, int | str]]:
    """Return the keys of the rows about each feed by the name of their model, the one with records first."""
    found: list[dict[str, int | str]] = json.loads(product.shell(KEYS.format(slug=home.strip("/"), feeds=FEEDS)))
    return found


def behind_gateway(product: Product, home: str) -> list[int]:
    """Return the keys of the gateway, of the service behind it, and of the AI model."""
    names = [GATEWAY, SENTIMENT, MODEL]
    found: list[int] = json.loads(product.shell(CONNECTIONS.format(slug=home.strip("/"), names=names)))
    return found
