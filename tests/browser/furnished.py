"""An organisation with something of everything in it, and the way to each of its pages; made on the pages."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.urls import reverse

from tests.browser import sources, steps
from tests.processes.installation import wait_for
from tests.walk import ARGUMENTS, Address, entries

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.product import Product

LONG_NAME = "Different people who opened the pricing page and came back within a week"
LONG_TEAM = "Customer experience and retention, northern region"
# what is there for programs, and what has a walk of its own
NO_PAGES = ("admin/", "api/v1/", "sandbox/")
KEPT = """\
blueprint: 1
connections:
  Waiting rooms of the northern region:
    kind: push
feeds:
  Waiting rooms of the northern region / Counted at noon:
metrics:
  People in the northern waiting room:
    feed: Waiting rooms of the northern region / Counted at noon
    unit: people
"""
KEYS = """
import json
from organisations.models import Organisation
from tests.world import tenant_models
from targets.models import Target
here = Organisation.objects.get(slug={slug!r})
keys = {{model._meta.model_name: model.unscoped.within(here).order_by("-pk").values_list("pk", flat=True).first()
        for model in tenant_models()}}
target = Target.unscoped.within(here).select_related("metric__feed").get(pk={target})
feed = target.metric.feed
keys |= {{"target": target.pk, "metric": target.metric_id, "feed": feed.pk, "connection": feed.connection_id}}
keys["callrecord"] = feed.connection.calls.values_list("pk", flat=True).first()
keys["starts_on"] = target.results.first().starts_on.isoformat()
print(json.dumps(keys))
"""


@dataclass(frozen=True, slots=True)
class Furnished:
    """Where the organisation is, the keys of its rows by the name of their model, and the link of its wall.

    Keys and link are empty where nothing is there yet. `others` are keys of rows for addresses that do not go with the
    first, and `more` the paths of pages that look otherwise for other rows.
    """

    home: str
    slug: str
    keys: dict[str, int | str]
    wall: str = ""
    others: list[dict[str, int | str]] = field(default_factory=list)
    more: dict[str, str] = field(default_factory=dict)


def furnish(page: Page, home: str, product: Product) -> Furnished:
    """Put something of everything into an empty organisation, and leave a connection half made in the wizard."""
    steps.show_samples(page, home)
    target = steps.track_visitors(page, home, product.address, goal="12,700")
    _rename(page, target)
    write_note(page, target, "The campaign began, and somebody wrote about it at rather great length.")
    _invite(page, home)
    _make_key(page, home)
    _send_report(page, home, product)
    wall = make_wall(page, home)
    _keep_file(page, home)
    sources.furnish_sources(page, home, product)
    _begin_service(page, home, product.address)
    steps.give_address(page, home, product.address + steps.DAILY)
    steps.give_key(page)
    steps.heading(page, "Click the number you want to track").wait_for()
    answer_starter(page, home)
    slug = home.strip("/")
    number = re.sub(r"\D", "", target.removeprefix(home))
    keys = json.loads(product.shell(KEYS.format(slug=slug, target=number)))
    fetch_past(page, f"{home}connections/{keys['connection']}/feeds/{keys['feed']}/past/")
    others = sources.keys_of(product, home)
    return Furnished(home, slug, keys, wall, others, _more(home, others, sources.behind_gateway(product, home)))


def _more(home: str, others: list[dict[str, int | str]], connections: list[int]) -> dict[str, str]:
    """Return the paths of pages that look otherwise with records, with trouble, and at a gateway."""
    _, prices, orders = others
    troubled = {"prices": prices["connection"], "outage": orders["connection"]}
    return {
        **{f"connection-{name}": f"{home}connections/{pk}/" for name, pk in troubled.items()},
        **{f"connection-at-{pk}": f"{home}connections/{pk}/" for pk in connections},
        "connection-records": f"{home}connections/{others[0]['connection']}/",
        "calls-gateway": f"{home}connections/{connections[0]}/calls/",
        "calls-outage": f"{home}connections/{orders['connection']}/calls/",
        "collection-aside": f"{home}connections/{prices['connection']}/checks/{prices['collection']}/",
        "try-aside": f"{home}metrics/{prices['metric']}/try/",
        "enrichment-choose": f"{home}connections/{prices['connection']}/feeds/{prices['feed']}/enrichment/",
    }


def fetch_past(page: Page, path: str) -> None:
    """Have a month of the past fetched again."""
    page.goto(path)
    page.get_by_label("First day").fill("2026-03-01")
    page.get_by_label("Last day").fill("2026-03-31")
    page.get_by_role("button", name="Fetch them").click()
    page.get_by_role("heading", name="Past range").wait_for()


def _begin_service(page: Page, home: str, site: str) -> None:
    """Enter the account of a service that is not there: what was entered is kept, and nothing is made."""
    page.goto(f"{home}services/plausible/")
    page.get_by_label("Address").fill(f"{site}/sandbox")
    page.get_by_label("Site").fill("example.com")
    page.get_by_label("API key").fill("never-issued")
    page.get_by_role("button", name="Test and continue").click()
    page.get_by_role("heading", name="Answer").wait_for()


def _rename(page: Page, target: str) -> None:
    page.goto(f"{target}edit/")
    page.get_by_label("Name", exact=True).fill(LONG_NAME)
    page.get_by_text("Owner, tags, pace and other details").click()
    page.get_by_label("Team").fill(LONG_TEAM)
    page.get_by_role("button", name="Save").click()
    steps.heading(page, LONG_NAME).wait_for()


def write_note(page: Page, target: str, text: str) -> None:
    """Write a note for today."""
    page.goto(f"{target}notes/new/")
    page.locator("main [name=text]").fill(text)
    page.get_by_role("button", name="Add note").click()
    page.locator("#notes li").wait_for()


def make_wall(page: Page, home: str) -> str:
    """Make a link for a wall; returns its path."""
    page.goto(f"{home}walls/")
    page.get_by_label("Name").fill("Kitchen, second floor")
    page.get_by_role("button", name="Make a link").click()
    page.get_by_role("heading", name="Your new link").wait_for()
    return urlsplit(page.locator("section code.path").first.inner_text()).path


def answer_starter(page: Page, home: str) -> None:
    """Answer a starter's questions as they are proposed, and look at what would come of them."""
    page.goto(f"{home}starters/website-traffic/")
    page.get_by_role("button", name="Try and preview").click()
    steps.heading(page, "Is this what you want?").wait_for()


def _invite(page: Page, home: str) -> None:
    page.goto(f"{home}settings/people/")
    page.get_by_label("E-mail").fill("somebody.with.a.rather.long.name@department.example.org")
    page.get_by_role("button", name="Send the invitation").click()
    page.get_by_text("An invitation is on its way").wait_for()


def _make_key(page: Page, home: str) -> None:
    page.goto(f"{home}settings/keys/")
    page.get_by_label("Name").fill("Nightly import")
    page.get_by_role("button", name="Make a key").click()
    page.get_by_role("heading", name="Your new key").wait_for()


def _keep_file(page: Page, home: str) -> None:
    """Apply a file that manages what it describes, and change that by hand."""
    page.goto(f"{home}settings/blueprint/")
    page.get_by_label("Or paste the text here").fill(KEPT)
    page.get_by_role("button", name="Show the difference").click()
    page.get_by_label("These files manage what they describe").check()
    page.get_by_role("button", name="Apply", exact=True).click()
    page.get_by_text("Applied: 3 are created.").wait_for()
    page.goto(f"{home}metrics/")
    page.get_by_role("link", name="People in the northern waiting room").click()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Unit").fill("guests")
    page.get_by_role("button", name="Save").click()
    steps.heading(page, "People in the northern waiting room").wait_for()


def _send_report(page: Page, home: str, product: Product) -> None:
    sent = len(product.inbox.mails)
    page.goto(f"{home}reports/")
    page.get_by_role("button", name=re.compile("^Send me a test")).first.click()
    wait_for(lambda: len(product.inbox.mails) > sent)


def path_of(address: Address, slug: str, keys: dict[str, int | str]) -> str:
    """Write an address out with the keys of an organisation's rows."""
    known = {**ARGUMENTS, **keys, "organisation": slug}
    return reverse(address.name, kwargs={name: known[address.model_of(name)] for name in address.arguments})


def pages_of(page: Page, furnished: Furnished) -> dict[str, str]:
    """Return the path of every page that can be read, by its name. Fails where an address answers with an error."""
    found = {"wall": furnished.wall} if furnished.wall else {}
    for address in entries():
        if address.route.startswith(NO_PAGES) or not (furnished.keys or address.arguments == ("organisation",)):
            continue
        paths = (path_of(address, furnished.slug, {**furnished.keys, **keys}) for keys in ({}, *furnished.others))
        path = next((path for path in paths if _is_page(page, path)), None)
        if path is not None:
            found[address.name] = path
    return found | furnished.more


def _is_page(page: Page, path: str) -> bool:
    """Say whether a page for people is there. Fails where the address answers with an error."""
    answer = page.request.get(path)
    assert answer.status < 500, f"{path}: {answer.status}"
    return answer.status == 200 and "text/html" in answer.headers["content-type"]
