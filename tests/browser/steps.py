"""What people do on the pages, one function for each errand; every step goes through what is visible."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.processes.installation import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.product import Product

OWNER = "owner@example.com"
PASSWORD = "a-long-walk-home"
SANDBOX_KEY = "sandbox-key"
DAILY = "/sandbox/analytics/visitors?startDate=2026-11-01&endDate=2026-11-07&metric=uniqueVisitors"
DISTINCT = "/sandbox/analytics/unique-visitors?startDate=2026-11-01&endDate=2026-11-07"


def heading(page: Page, words: str | re.Pattern[str]) -> Locator:
    """Return the one heading of a page, if it reads so."""
    return page.get_by_role("heading", level=1, name=words)


def arrive(page: Page, words: str | re.Pattern[str]) -> None:
    """Wait for the page with this heading, and for its scripts: before those, a choice would change nothing."""
    heading(page, words).wait_for()
    page.wait_for_load_state()


def make_first_account(page: Page, *, organisation: str) -> None:
    """Open the fresh product, make its first account, and arrive at the welcome."""
    page.goto("/")
    arrive(page, "Create the first account")
    page.get_by_label("Name of your organisation").fill(organisation)
    page.get_by_label("Your name").fill("Owner")
    page.get_by_label("E-mail").fill(OWNER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Time zone").select_option("UTC")
    page.get_by_role("button", name="Create the account").click()
    arrive(page, re.compile("^Welcome, Owner"))


def sign_in(page: Page, email: str = OWNER) -> None:
    """Sign in, and arrive wherever the front door leads."""
    page.goto("/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("navigation", name="Main").wait_for()


def found_organisation(page: Page, name: str) -> str:
    """Found another organisation; returns its path, such as /growth/."""
    page.goto("/organisations/new/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Time zone").select_option("UTC")
    page.get_by_role("button", name="Create the organisation").click()
    arrive(page, re.compile("^Welcome"))
    return path_of(page)


def show_samples(page: Page, home: str) -> None:
    """Fill an empty organisation with the twelve sample targets, and look at the list."""
    page.goto(home)
    page.get_by_role("button", name="Show me sample targets").click()
    page.get_by_text("These are sample targets.").wait_for()
    page.wait_for_load_state()


def keep_number(page: Page, home: str, name: str) -> None:
    """Make a number that people type in, in an empty organisation; its page is open afterwards."""
    page.goto(home)
    page.get_by_role("link", name="Type a number").click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Continue").click()
    arrive(page, name)


def join(page: Page, home: str, product: Product, guest: Page, email: str, *, role: str) -> Page:
    """Invite somebody, follow the link of the mail in their browser, and arrive at the welcome; returns it."""
    page.goto(f"{home}settings/people/")
    page.get_by_label("E-mail").fill(email)
    choice = page.get_by_label(re.compile("^Role")).last
    choice.select_option(label=choice.locator("option", has_text=re.compile(f"^{role}")).inner_text())
    page.get_by_role("button", name="Send the invitation").click()
    page.get_by_text(f"An invitation is on its way to {email}.").wait_for()
    guest.goto(link_in_mail(product, email))
    guest.get_by_label("Your name").fill(role)
    guest.get_by_label("Password").fill(PASSWORD)
    guest.get_by_role("button", name="Join").click()
    arrive(guest, re.compile(f"^Welcome, {role}"))
    return guest


def link_in_mail(product: Product, email: str) -> str:
    """Return the link of the invitation that came to an address."""
    wait_for(lambda: email in product.inbox.addresses)
    mail = next(mail for mail in product.inbox.mails if str(mail["To"]) == email)
    text = mail.get_body(("plain",))
    assert text is not None
    found = re.search(rf"{product.address}/invitations/\S+", text.get_content())
    assert found, "the mail has no link"
    return found.group()


def give_address(page: Page, home: str, address: str) -> None:
    """Take the wizard's first step, for a service that wants a key."""
    page.goto(f"{home}connections/new/")
    page.get_by_label("Address (URL)").fill(address)
    page.get_by_role("button", name="Continue").click()
    arrive(page, "Does it need a key?")


def give_key(page: Page, key: str = SANDBOX_KEY) -> None:
    """Take the second step, with a bearer token."""
    page.get_by_label("Bearer token").check()
    page.get_by_label("Key or token").fill(key)
    page.get_by_role("button", name="Test and continue").click()


def save_number(page: Page, *, name: str) -> None:
    """Take the third step with what is picked, and arrive at the question for the goal."""
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Save and set a target").click()
    arrive(page, "What should it reach, and by when?")


def start_tracking(page: Page, *, goal: str, name: str) -> str:
    """Take the last step; returns the path of the target's page."""
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Value", exact=True).fill(goal)
    page.get_by_role("button", name="Start tracking").click()
    arrive(page, name)
    return path_of(page)


def track_visitors(page: Page, home: str, site: str, *, goal: str, name: str = "Unique visitors") -> str:
    """Walk the whole wizard for the sum of the daily visitors; returns the path of the target's page."""
    give_address(page, home, site + DAILY)
    give_key(page)
    arrive(page, "Click the number you want to track")
    save_number(page, name=name)
    return start_tracking(page, goal=goal, name=name)


def check_now(page: Page) -> tuple[datetime, datetime]:
    """Have the source of a target asked, and look again until it has answered; returns moments just before and after.

    A quick worker has answered before the page says that it will: only what is there in both cases is waited for.
    """
    pressed = datetime.now(UTC)
    page.get_by_role("button", name="Check now").click()
    page.locator("#asking .notice").wait_for()
    wait_for(lambda: page.reload() and has_answered_since(page, pressed))
    return pressed, datetime.now(UTC)


def has_answered_since(page: Page, moment: datetime) -> bool:
    """Say whether the newest check in a target's log began after a moment, and has its answer."""
    newest = page.locator("table.checks tbody tr").first
    began = datetime.fromisoformat(newest.locator("time").get_attribute("datetime") or "")
    return began >= moment and newest.get_by_role("cell", name="Answered").count() > 0


def path_of(page: Page) -> str:
    """Return the path of the page at hand."""
    return re.sub(r"^https?://[^/]+", "", page.url).partition("?")[0]


def figure(page: Page, label: str) -> str:
    """Return one of the big figures of a target's page, with its line of context."""
    return page.locator(".stats > div", has=page.get_by_text(label, exact=True)).locator("dd").inner_text()


def number_in(text: str) -> float:
    """Return the first number in a text as the pages write them: 8,208 or −14 or €1.5."""
    found = re.search(r"[+−-]?[^\d\s]?[\d,]+(\.\d+)?", text)
    assert found, f"There is no number in “{text}”."
    return float(re.sub(r"[^\d.−-]", "", found.group()).replace("−", "-"))
