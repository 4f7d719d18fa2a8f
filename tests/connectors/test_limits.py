"""Limits are round numbers in the units in which they are said, and the document names those that hold."""

from pathlib import Path

import pytest
from django.conf import settings

from connectors.answers import pages
from connectors.kinds import http
from connectors.outbound.breaker import FIRST_REST, LONGEST_REST, MOST_FAILURES
from connectors.outbound.pacing import pace_of
from connectors.outbound.policy import Policy
from connectors.outbound.standing import UNTOLD
from connectors.trials import BIG
from organisations.languages import size
from targets.forms.readings import LARGEST_UPLOAD

DOCUMENT = Path(__file__).parents[2] / "docs" / "connectors.md"


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (Policy().max_bytes, "10 MB"),
        (Policy().max_header_bytes, "64 kB"),
        (pages.MOST_BYTES, "50 MB"),
        (BIG, "1 MB"),
        (LARGEST_UPLOAD, "2 MB"),
        (settings.DATA_UPLOAD_MAX_MEMORY_SIZE, "5 MB"),
    ],
)
def test_a_limit_is_a_round_number(limit: int, said: str) -> None:
    assert size(limit) == said


def test_the_document_names_the_limits_that_hold() -> None:
    text = " ".join(DOCUMENT.read_text(encoding="utf-8").split())
    policy = Policy()
    assert f"One attempt may take {policy.deadline:.0f} seconds and {size(policy.max_bytes)}." in text
    assert f"At most {size(pages.MOST_BYTES)} and {pages.MOST_SECONDS:.0f} seconds are read in one go." in text
    for name in ("most_pages", "most_details"):
        assert f"At most `{name}` ({http.Query.base_fields[name].initial})" in text


def test_the_document_names_how_connections_are_called_with_consideration() -> None:
    text = " ".join(DOCUMENT.read_text(encoding="utf-8").split())
    policy, pace = Policy(), pace_of(60, 60)
    assert f"up to {policy.first_turn:.0f} seconds for its turn, and up to {policy.next_turn:.0f}" in text
    assert f"After {MOST_FAILURES} failures in a row" in text
    assert (FIRST_REST.total_seconds(), LONGEST_REST.total_seconds()) == (60, 1800)
    assert f"keeps everybody away for {UNTOLD.total_seconds():.0f} seconds" in text
    assert f"of 60 calls a minute, {60 / pace.interval.total_seconds():.0f} go out each minute" in text
