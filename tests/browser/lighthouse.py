"""Holds the main pages against Lighthouse: `python -m tests.browser.lighthouse [page …]`, or `make lighthouse`.

The product runs as after `make run`, with hashed and packed files, an organisation of thirteen targets and somebody
who is signed in. Each page is measured three times on a phone (a processor four times slower, a slow network) and on a
desk; the median counts. Ends with 1 if a page falls short. Lighthouse comes from npm, once, into `.cache/lighthouse`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from tests.browser import steps
from tests.browser.conftest import CHROMIUM
from tests.browser.product import Product, running
from tests.processes.installation import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

VERSION = "12.8.2"
FOLDER = ROOT / ".cache" / "lighthouse"
PROGRAM = FOLDER / "node_modules" / "lighthouse" / "cli" / "index.js"
RUNS = 3
ATTEMPTS = 4  # now and then it loses the trace of a page, and asks to be run again
FORMS = {"phone": [], "desk": ["--preset=desktop"]}
HEADS = {"performance": "speed", "accessibility": "access", "best-practices": "practice", "seo": "search"}
LEAST = {"accessibility": 100, "best-practices": 100, "seo": 100}
LEAST_SPEED = {"phone": 95, "desk": 95}
MOST_KB = {"overview": 40, "target": 120}
MOST_SHIFT = 0.1
HOME = "/growth/"
SIGNED_OUT = "sign-in"


@dataclass(frozen=True, slots=True)
class Measured:
    """The medians of one page on one device: scores of 100, layout shift, kilobytes sent, and what cost points."""

    page: str
    form: str
    scores: dict[str, int]
    shift: float
    kilobytes: float
    lost: list[str]

    @property
    def shortfalls(self) -> Iterator[str]:
        """Say what the page falls short of."""
        for category, least in {**LEAST, "performance": LEAST_SPEED[self.form]}.items():
            if self.scores[category] < least:
                yield f"{HEADS[category]} {self.scores[category]}, at least {least}: {', '.join(self.lost)}"
        if self.kilobytes > MOST_KB.get(self.page, float("inf")):
            yield f"{self.kilobytes:.1f} kB, at most {MOST_KB[self.page]}"
        if self.shift > MOST_SHIFT:
            yield f"shifts by {self.shift:.3f}, at most {MOST_SHIFT}"


def main(wanted: list[str]) -> int:
    """Measure the pages wanted, or all; returns what the shell is told."""
    install()
    with TemporaryDirectory() as place, running(Path(place), hashed_static=True) as product:
        pages, cookie = furnished(product)
        chosen = {name: path for name, path in pages.items() if not wanted or name in wanted}
        say(f"{'':20}" + "".join(f"{head:>10}" for head in [*HEADS.values(), "shift", "kB"]))
        results = [
            measure(name, form, product.address + path, "" if name == SIGNED_OUT else cookie)
            for name, path in chosen.items()
            for form in FORMS
        ]
    short = [f"{each.page}, {each.form}: {shortfall}" for each in results for shortfall in each.shortfalls]
    say("\n".join(["", *short] if short else ["", "All within the budget."]))
    return int(bool(short))


def install() -> None:
    """Fetch Lighthouse from npm, unless it is there."""
    manifest = PROGRAM.parent.parent / "package.json"
    if manifest.exists() and json.loads(manifest.read_text())["version"] == VERSION:
        return
    options = ["--prefix", str(FOLDER), "--cache", str(FOLDER / "npm"), "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(["npm", "install", *options, f"lighthouse@{VERSION}"], check=True)


def furnished(product: Product) -> tuple[dict[str, str], str]:
    """Fill the product; returns the path of each page to measure, and the cookie of the one who is signed in."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--lang=en-GB"])
        context = browser.new_context(base_url=product.address, locale="en-GB")
        paths = pages_of(context.new_page(), product)
        cookie = "; ".join(f"{each['name']}={each['value']}" for each in context.cookies())
        browser.close()
    return paths, cookie


def pages_of(page: Page, product: Product) -> dict[str, str]:
    """Make the organisation, its targets and a connection half-way in the wizard; returns the paths."""
    steps.make_first_account(page, organisation="Growth")
    steps.show_samples(page, HOME)
    target = steps.track_visitors(page, HOME, product.address, goal="12,500")
    steps.give_address(page, HOME, product.address + steps.DAILY)
    steps.give_key(page)
    steps.heading(page, "Click the number you want to track").wait_for()
    wizard = {"wizard-address": f"{HOME}connections/new/", "wizard-pick": steps.path_of(page)}
    return {"overview": HOME, "target": target, **wizard, SIGNED_OUT: "/login/"}


def measure(page: str, form: str, address: str, cookie: str) -> Measured:
    """Measure one page on one device several times, and print its line."""
    reports = [report(address, FORMS[form], cookie) for _ in range(RUNS)]
    scores = {name: round(median(each["categories"][name]["score"] * 100 for each in reports)) for name in HEADS}
    shift = median(value(each, "cumulative-layout-shift") for each in reports)
    kilobytes = median(value(each, "total-byte-weight") for each in reports) / 1000
    measured = Measured(page, form, scores, shift, kilobytes, sorted({each for one in reports for each in lost(one)}))
    figures = "".join(f"{score:>10}" for score in scores.values())
    say(f"{f'{page}, {form}':20}{figures}{shift:>10.3f}{kilobytes:>10.1f}")
    return measured


def report(address: str, options: list[str], cookie: str) -> dict[str, Any]:
    """Run Lighthouse once, and again where it lost its own trace; returns its report."""
    command = ["node", str(PROGRAM), address, "--quiet", "--output=json", "--chrome-flags=--headless=new --no-sandbox"]
    headers = [f"--extra-headers={json.dumps({'Cookie': cookie})}"] if cookie else []
    whole = [*command, f"--only-categories={','.join(HEADS)}", *options, *headers]
    environment = {**os.environ, "CHROME_PATH": CHROMIUM}
    for _ in range(ATTEMPTS):
        done = subprocess.run(whole, env=environment, capture_output=True, timeout=300)
        if done.returncode == 0:
            break
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["finalDisplayedUrl"] == address, f"{address} leads to {found['finalDisplayedUrl']}"
    return found


def value(report: dict[str, Any], audit: str) -> float:
    """Return the number that an audit measured."""
    return float(report["audits"][audit]["numericValue"])


def lost(report: dict[str, Any]) -> Iterator[str]:
    """Yield the audits that cost points."""
    for name in HEADS:
        for each in report["categories"][name]["auditRefs"]:
            score = report["audits"][each["id"]]["score"]
            if each["weight"] and score is not None and score < 1:
                yield f"{each['id']} {score:.2f}"


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
