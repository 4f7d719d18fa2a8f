"""Services that send back what they were sent: nothing that is kept of their rows holds a secret."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors.calls.row_masking import without
from connectors.models import Connection, Feed
from connectors.models.feed import Asks, Outcome
from connectors.outbound import MASK
from organisations.access import Access
from targets import collecting
from tests.targets.test_records import NINE, NOW, order, values

KEY, GATEWAY_KEY, TOKEN = "planted-key-of-the-shop", "planted-key-of-the-gateway", "planted-token-of-a-login"


def echo(request: Request) -> Response:
    """Answer with two orders that hold every header and the parameters of the request."""
    seen = {"sent": dict(request.headers), "url": request.url}
    rows = [order(1, NINE, 10, **seen), order(2, NINE, 5, **seen)]
    return Response(json.dumps(rows), content_type="application/json")


def connect(access: Access, name: str, settings: dict[str, Any], secrets: dict[str, str], **more: Any) -> Connection:
    row: Connection = access.organisation.connections.create(name=name, kind="http", settings=settings, **more)
    row.seal(secrets)
    row.save()
    return row


def feed_of(connection: Connection, *, keeps: bool, **query: str) -> Feed:
    made: Feed = connection.feeds.create(
        name="Orders", query={"path": "orders", **query}, asks=Asks.NOW, at_path="at", due_at=NOW,
        keeps_records=keeps, record_key="id" if keeps else "",
    )  # fmt: skip
    return made


def run(feed: Feed) -> Outcome | None:
    return collecting.run(feed.pk, NOW, announce=lambda _pk: None, announce_feed=lambda _pk: None)


@pytest.fixture
def address(httpserver: HTTPServer) -> str:
    httpserver.expect_request("/orders").respond_with_handler(echo)
    httpserver.expect_request("/crm/orders").respond_with_handler(echo)
    httpserver.expect_request("/login").respond_with_json({"token": TOKEN, "account": "12345"})
    return httpserver.url_for("")


@pytest.mark.parametrize(
    ("sign_in", "secrets"),
    [
        ({"sign_in": "bearer"}, {"key": KEY}),
        ({"sign_in": "header"}, {"key": KEY}),
        ({"sign_in": "query"}, {"key": KEY}),
        ({"sign_in": "basic"}, {"user_name": "reports", "password": KEY}),
    ],
)
def test_a_record_holds_no_key_that_its_service_sent_back(
    access: Access, address: str, sign_in: dict[str, str], secrets: dict[str, str]
) -> None:
    feed = feed_of(connect(access, "Shop", {"address": address, **sign_in}, secrets), keeps=True)
    assert run(feed) == Outcome.OK
    kept = json.dumps([row.raw for row in feed.records.all()], ensure_ascii=False)
    assert KEY not in kept
    assert MASK in kept


def test_a_record_holds_no_key_of_the_gateway(access: Access, address: str) -> None:
    settings = {"address": address, "sign_in": "header", "header_name": "X-Gateway-Key"}
    gateway = connect(access, "Gateway", settings, {"key": GATEWAY_KEY})
    crm = connect(access, "CRM", {"address": "crm", "sign_in": "bearer"}, {"key": KEY}, gateway=gateway)
    feed = feed_of(crm, keeps=True)
    assert run(feed) == Outcome.OK
    kept = json.dumps([row.raw for row in feed.records.all()])
    assert KEY not in kept
    assert GATEWAY_KEY not in kept


def test_a_segment_is_not_named_by_a_key(access: Access, address: str) -> None:
    feed = feed_of(connect(access, "Shop", {"address": address, "sign_in": "bearer"}, {"key": KEY}), keeps=False)
    metric = access.organisation.metrics.create(
        feed=feed, name="Sold", value_path="amount", segment_path="sent.Authorization"
    )
    assert run(feed) == Outcome.OK
    assert values(metric) == {(NINE, f"Bearer {MASK}"): 15.0}


def test_a_token_of_a_login_is_masked_and_a_number_that_steps_keep_is_not(access: Access, address: str) -> None:
    steps = "GET login\nkeep token = token\nkeep account = account"
    connection = connect(access, "Shop", {"address": address, "sign_in": "steps"}, {"key": KEY})
    feed = feed_of(
        connection, keeps=True, steps=steps, headers="Authorization: Bearer {token}", params="account={account}"
    )
    assert run(feed) == Outcome.OK
    kept = json.dumps([row.raw for row in feed.records.all()])
    assert TOKEN not in kept
    assert "account=12345" in kept


def test_a_document_without_a_secret_is_given_back_as_it_is() -> None:
    document = [{"at": "2026-11-20", "amount": 10**30}]
    assert without(document, {KEY}) == document
    rows = [{"amount": 1, "text": "nothing"}]
    assert without(rows, {KEY}) is rows
    assert without(rows, set()) is rows


def test_a_short_secret_is_masked_only_where_it_is_the_whole_text() -> None:
    rows = [{"demo": "demo", "text": "A demonstration", KEY: f"with {KEY} inside"}]
    assert without(rows, {"demo", KEY}) == [{"demo": MASK, "text": "A demonstration", MASK: f"with {MASK} inside"}]


def test_a_user_name_of_one_letter_is_not_masked_wherever_it_stands(access: Access, address: str) -> None:
    secrets = {"user_name": "o", "password": KEY}
    feed = feed_of(connect(access, "Shop", {"address": address, "sign_in": "basic"}, secrets), keeps=True)
    assert run(feed) == Outcome.OK
    call = feed.connection.calls.get()
    assert call.url.endswith("/orders")
    assert '"amount": 10' in call.sample
