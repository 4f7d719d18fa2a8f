"""What was stored before codes were stays readable, and there is a way back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from organisations.models import Organisation

SENTENCES, CODES = [("connectors", "0001_initial")], [("connectors", "0003_no_stored_sentences")]


def at(state: list[tuple[str, str]]) -> Any:
    """Bring the database into a state, and return its models."""
    executor = MigrationExecutor(connection)
    executor.migrate(state)
    return MigrationExecutor(connection).loader.project_state(state).apps


@pytest.fixture
def before(transactional_db: None) -> Iterator[Any]:
    """The models as they were when sentences were stored."""
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()  # of every app: going back undid what builds on it
    yield at(SENTENCES)
    at(newest)


def test_a_stored_sentence_is_told_as_it_is_and_comes_back(before: Any) -> None:
    organisation = Organisation.objects.create(name="Growth", slug="growth")
    connections = before.get_model("connectors", "Connection").unscoped
    billing = connections.create(organisation_id=organisation.pk, name="Billing", kind="http")
    feed = billing.feeds.create(name="Paid", message="It answered 100%.", reason="client_error")
    quiet = feed.collections.create(started_at=timezone.now())
    after = at(CODES)
    told = after.get_model("connectors", "Feed").unscoped.get(pk=feed.pk)
    assert told.problem == {"code": "told", "data": {"text": "It answered 100%."}}
    assert after.get_model("connectors", "Collection").unscoped.get(pk=quiet.pk).problem == {}
    again = at(SENTENCES)
    assert again.get_model("connectors", "Feed").unscoped.get(pk=feed.pk).message == "It answered 100%."
