"""Limits are round numbers in the units in which they are said, and the document names those that hold."""

from pathlib import Path

import pytest
from django.conf import settings

from connectors.kinds import http
from connectors.outbound.policy import Policy
from connectors.trials import BIG
from organisations.languages import size
from targets.reading_forms import LARGEST_UPLOAD

DOCUMENT = Path(__file__).parents[2] / "docs" / "connectors.md"


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (Policy().max_bytes, "10 MB"),
        (Policy().max_header_bytes, "64 kB"),
        (http.MOST_BYTES, "50 MB"),
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
    pages = f"At most {http.MOST_PAGES} pages, {size(http.MOST_BYTES)} and {http.MOST_SECONDS:.0f} seconds"
    assert pages in text
