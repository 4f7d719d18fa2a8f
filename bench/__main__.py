"""Measure speed: `python -m bench` for everything, `python -m bench overview api` for some of it.

Seconds on the wall depend on what else a machine does, so most figures are CPU of this process, beside a floor measured
in the same run. It ends well whatever the figures are: speed is looked at, not tested.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from importlib import import_module

from bench.installation import installed
from bench.measure import Row, table

JOBS = {
    "floor": "a bare answer",
    "overview": "pages",
    "api": "the API's list",
    "judging": "recording, forecast, judgement",
    "pushing": "pushed readings",
    "dispatching": "ringing and claims",
    "fetching": "calls to sources",
    "throttling": "keeping to limits",
    "collecting": "a worker",
    "blueprints": "whole organisations from files",
}


def say(text: str) -> None:
    """Print a line of progress at once."""
    print(text, flush=True)


def measure(names: list[str]) -> list[Row]:
    """Fill the database and measure what is named. Django must have been set up."""
    from django.core.cache import cache
    from django.utils import timezone

    from bench.load import world

    say("→ Filling: 12 targets recorded and judged in full, 988 twins of them with their last 30 days")
    filled = world(timezone.now(), say)
    found: list[Row] = []
    for name in names:
        say(f"→ Measuring {JOBS[name]}")
        cache.clear()  # the rate limit reads back every call of the last minute
        found += import_module(f"bench.{name}").rows(filled)
    return found


def main() -> None:
    """Read the command line, measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure speed beside a bare floor.")
    parser.add_argument("names", nargs="*", help=f"what to measure: {', '.join(JOBS)}; everything if none is named")
    names = parser.parse_args().names or list(JOBS)
    if unknown := set(names) - set(JOBS):
        parser.error(f"not known: {', '.join(sorted(unknown))}. Choose from {', '.join(JOBS)}.")
    begun = time.monotonic()
    say("→ Preparing a database of its own")
    with installed() as database:
        found = measure(names)
    say(f"\n{database}, Python {platform.python_version()}, {os.cpu_count()} cores\n\n{table(found)}")
    say(f"\nTook {time.monotonic() - begun:.0f} s. Figures over a bar fail nothing; docs/speed.md says what they mean.")


if __name__ == "__main__":
    main()
