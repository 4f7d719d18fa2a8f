"""LiteLLM as an OpenAI-compatible gateway: its models answer what they are told to, so that nothing has to be paid."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from connectors.models import Connection, Enrichment, Feed, Record
from organisations.access import Access
from targets import enriching
from tests.outside.conftest import Outsider, free_port, program, running

pytestmark = [pytest.mark.outside, pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]

KEY = "sk-outside-0123456789"
CONFIGURATION = f"""
model_list:
  - model_name: judge
    litellm_params:
      model: openai/judge
      api_key: none
      mock_response: '{{"label": "positive", "score": 0.8}}'
  - model_name: chatty
    litellm_params:
      model: openai/chatty
      api_key: none
      mock_response: Sure, I am happy to help with that.
general_settings:
  master_key: {KEY}
"""
SCHEMA = """{"type": "object", "additionalProperties": false, "required": ["label", "score"],
 "properties": {"label": {"enum": ["positive", "negative", "neutral"]}, "score": {"type": "number"}}}"""


@pytest.fixture(scope="module")
def litellm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outsider]:
    """A gateway with a model that answers as it should, and one that only talks."""
    folder: Path = tmp_path_factory.mktemp("litellm")
    (folder / "config.yaml").write_text(CONFIGURATION)
    port = free_port()
    command = [program("litellm", "OUTSIDE_LITELLM"), "--config", "config.yaml", "--host", "127.0.0.1"]
    with running([*command, "--port", str(port), "--telemetry", "False"], port, folder) as server:
        yield server


@pytest.fixture
def record(access: Access) -> Record:
    """One post that waits to be judged."""
    posts = access.organisation.connections.create(
        name="Posts", kind="http", settings={"address": "https://posts.example.com"}
    )
    feed: Feed = posts.feeds.create(name="Posts", record_key="id", keeps_records=True, due_at=None)
    now = timezone.now()
    kept: Record = feed.records.create(
        key="1", at=now, raw={"id": "1", "text": "What a good day"}, state=Record.State.WAITING, recorded_at=now
    )
    return kept


def enriched(access: Access, record: Record, litellm: Outsider, *, model: str, sign_in: str = "bearer") -> Record:
    """Pass the record through the gateway and return it as it stands then."""
    gateway: Connection = access.organisation.connections.create(
        name="AI",
        kind="prompt",
        settings={"address": f"{litellm.address}/v1", "sign_in": sign_in, "price_in": 1.0, "price_out": 2.0},
    )
    gateway.seal({"key": KEY})
    gateway.save()
    query = {"model": model, "prompt": "Say how the text in {text} sounds.", "sends": "text=text", "schema": SCHEMA}
    enrichment = Enrichment.unscoped.create(feed=record.feed, connection=gateway, query=query, due_at=timezone.now())
    enriching.run(enrichment.pk, timezone.now(), announce=_nobody, announce_enrichment=_nobody)
    record.refresh_from_db()
    return record


def _nobody(_: int) -> None:
    """Tell nobody."""


def test_a_record_is_judged_and_its_tokens_are_paid_for(access: Access, record: Record, litellm: Outsider) -> None:
    judged = enriched(access, record, litellm, model="judge")
    assert judged.state == Record.State.DONE, judged.message
    assert judged.enriched == {"label": "positive", "score": 0.8}
    assert judged.tokens > 0
    assert judged.cost > 0


def test_an_answer_that_never_fits_the_schema_is_not_kept(access: Access, record: Record, litellm: Outsider) -> None:
    judged = enriched(access, record, litellm, model="chatty")
    assert judged.enriched is None
    assert judged.message
    assert judged.tokens > 0  # what it said has been paid for all the same


def test_a_gateway_that_wants_a_key_costs_no_record(access: Access, record: Record, litellm: Outsider) -> None:
    judged = enriched(access, record, litellm, model="judge", sign_in="none")
    assert (judged.state, judged.enriched) == (Record.State.WAITING, None), judged.message
    assert judged.feed.enrichment.message
