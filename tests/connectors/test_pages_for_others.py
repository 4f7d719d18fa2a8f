"""Connections with nothing of their own to bring: gateways, and services that are asked about records."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from connectors.models import Connection, Enrichment
from connectors.models.feed import Health
from organisations.models import Organisation, User

LIST = "/growth/connections/"


@pytest.fixture
def client(editor: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(editor)


@pytest.fixture
def gateway(organisation: Organisation) -> Connection:
    return connect(organisation, "Gateway", address="https://gateway.example.com")


def connect(
    organisation: Organisation, name: str, *, address: str, kind: str = "http", gateway: Connection | None = None
) -> Connection:
    """Save a connection without a feed."""
    settings = {"address": address, "sign_in": "none"}
    return organisation.connections.create(name=name, kind=kind, settings=settings, gateway=gateway)


def page(client: Client, row: Connection | None = None) -> str:
    """Return the text of a connection's page, or of the list."""
    answer = client.get(f"{LIST}{row.pk}/" if row else LIST)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_gateway_says_who_goes_through_it(client: Client, organisation: Organisation, gateway: Connection) -> None:
    shop = connect(organisation, "Shop", address="/shop", gateway=gateway)
    shown = page(client, gateway)
    assert "Other connections go through it." in shown
    assert f'<a href="{LIST}{shop.pk}/">Shop</a>' in shown
    assert "Nothing is asked of it" not in shown
    assert shown.count("Behind this gateway") == 1


def test_a_service_leads_to_the_records_it_is_asked_about(client: Client, organisation: Organisation) -> None:
    judge = connect(organisation, "Judge", address="https://judge.example.com")
    network = connect(organisation, "Network", address="https://network.example.com")
    posts = network.feeds.create(name="Posts", keeps_records=True, record_key="id", due_at=None)
    assert "Nothing is asked of it yet." in page(client, judge)
    Enrichment.unscoped.create(feed=posts, connection=judge)
    shown = page(client, judge)
    assert "It is asked about the records of other connections." in shown
    assert f'href="{LIST}{network.pk}/feeds/{posts.pk}/records/"' in shown


def test_a_model_says_what_it_is_there_for(client: Client, organisation: Organisation) -> None:
    model = connect(organisation, "Model", address="https://ai.example.com/v1", kind="prompt")
    shown = page(client, model)
    assert "It is there for the records of other connections." in shown
    assert "typed in" not in shown


def test_the_list_does_not_wait_for_their_answers(
    client: Client, organisation: Organisation, gateway: Connection
) -> None:
    shop = connect(organisation, "Shop", address="/shop", gateway=gateway)
    shop.feeds.create(name="Orders", health=Health.FRESH, due_at=None)
    shown = page(client)
    assert "Shop answers." in shown
    assert "Asked for others" in shown
    assert f'href="{LIST}{gateway.pk}/calls/"' in shown
