"""Fetching in a process of its own, whose memory is measured: `python -m tests.connectors.memory GOOD BAD…`.

Asks the good address first, so that all that is needed once is there, and then one bad one after the other. Prints as
JSON for each by how many bytes the most memory in use has grown since, how long it took, and what came of it.
"""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import replace
from time import monotonic
from typing import Any

import django

from tests import environment as environment

DEADLINE = 3.0
PAGE = 1024


def main(good: str, bad: list[str]) -> list[dict[str, Any]]:
    """Ask all of them; returns what is printed."""
    from connectors import fetching
    from tests.connectors.asking import trial

    usual = fetching.policy()
    fetching.policy = lambda: replace(usual, deadline=DEADLINE, attempts=1)
    fetching.SECONDS_OF_A_TRIAL = DEADLINE
    assert trial(good).error is None
    before = most_in_use()
    return [asked(url, before) for url in bad]


def asked(url: str, before: int) -> dict[str, Any]:
    """Ask one of the bad ones."""
    from tests.connectors.asking import trial

    started = monotonic()
    error = trial(url).error
    assert error is not None
    took = monotonic() - started
    return {"grew": most_in_use() - before, "seconds": took, "reason": error.reason, "message": error.message}


def most_in_use() -> int:
    """Return the most memory that this process ever held, in bytes."""
    unit = 1 if sys.platform == "darwin" else PAGE
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    import os

    os.environ["DJANGO_SETTINGS_MODULE"] = "trackerproject.settings"
    django.setup()
    sys.stdout.write(json.dumps(main(sys.argv[1], sys.argv[2:])))
