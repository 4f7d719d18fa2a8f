"""nginx as a gateway with keys and `limit_req`: one address, one credential and one limit for what is behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors.models import CallRecord, Connection, Feed
from connectors.models.feed import Health, Outcome
from organisations.access import Access
from targets import collecting
from tests.outside.conftest import Outsider, free_port, program, running

pytestmark = [pytest.mark.outside, pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]

PER_SECOND = 5
PAGES = 12
CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/errors;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    log_format calls '$status $http_x_request_id $request_uri';
    access_log {folder}/calls calls;
    limit_req_zone $http_x_gateway_key zone=keys:1m rate={rate}r/s;
    limit_req_status 429;
    map $http_x_gateway_key $known {{ default 0; "the-key-of-the-gateway" 1; }}
    server {{
        listen 127.0.0.1:{port};
        location /crm/ {{
            if ($known = 0) {{ return 401; }}
            limit_req zone=keys;
            proxy_pass {upstream}/;
        }}
    }}
}}
"""


@pytest.fixture
def nginx(httpserver: HTTPServer, tmp_path: Path) -> Iterator[Outsider]:
    """A gateway before a service whose list has twelve pages."""
    httpserver.expect_request("/deals").respond_with_handler(_page)
    port = free_port()
    text = CONFIGURATION.format(folder=tmp_path, port=port, upstream=httpserver.url_for(""), rate=PER_SECOND)
    (tmp_path / "nginx.conf").write_text(text.replace(f"{httpserver.url_for('')}/", httpserver.url_for("/")))
    with running([program("nginx", "OUTSIDE_NGINX"), "-c", str(tmp_path / "nginx.conf")], port, tmp_path) as server:
        yield server


def _page(request: Request) -> Response:
    number = int(request.args["page"])
    rows = [{"id": number, "at": "2026-11-20T10:00:00Z", "amount": 1}] if number <= PAGES else []
    return Response(json.dumps(rows), content_type="application/json")


@pytest.fixture
def gateway(access: Access, nginx: Outsider) -> Connection:
    made: Connection = access.organisation.connections.create(
        name="Gateway",
        kind="http",
        settings={"address": nginx.address, "sign_in": "header", "header_name": "X-Gateway-Key"},
        calls_limit=PER_SECOND,
        calls_per=1,
    )
    made.seal({"key": "the-key-of-the-gateway"})
    made.save()
    return made


@pytest.fixture
def feed(access: Access, gateway: Connection) -> Feed:
    behind = access.organisation.connections.create(
        name="CRM", kind="http", settings={"address": "crm"}, gateway=gateway
    )
    query = {"path": "deals", "params": "page={page}", "cursor_use": "page_number"}
    feed: Feed = behind.feeds.create(name="Deals", query=query, at_path="at", due_at=timezone.now())
    access.organisation.metrics.create(feed=feed, name="Deals", value_path="amount")
    return feed


def collected(feed: Feed) -> Outcome | None:
    """Collect until nothing holds it back any more."""
    now = datetime.now(UTC)
    outcome = collecting.run(feed.pk, now, announce=_nobody, announce_feed=_nobody)
    feed.refresh_from_db()
    return outcome


def _nobody(_: int) -> None:
    """Tell nobody."""


def test_every_page_comes_through_and_the_limit_of_the_gateway_is_never_touched(feed: Feed, nginx: Outsider) -> None:
    assert collected(feed) == Outcome.OK
    calls = [line.split() for line in nginx.read("calls").splitlines()]
    assert [status for status, _, _ in calls] == ["200"] * (PAGES + 1)
    assert all(path.startswith("/crm/deals?") for _, _, path in calls)
    assert feed.collections.get().rows == PAGES


def test_the_gateways_log_and_ours_know_each_call_by_the_same_id(feed: Feed, nginx: Outsider) -> None:
    collected(feed)
    theirs = [line.split()[1] for line in nginx.read("calls").splitlines()]
    ours = CallRecord.unscoped.filter(connection=feed.connection).order_by("at", "pk")
    assert list(ours.values_list("correlation_id", flat=True)) == theirs


def test_without_a_limit_of_our_own_the_gateway_refuses_and_is_obeyed(
    feed: Feed, gateway: Connection, nginx: Outsider
) -> None:
    Connection.unscoped.filter(pk=gateway.pk).update(calls_limit=None)
    collected(feed)
    assert "429" in [line.split()[0] for line in nginx.read("calls").splitlines()]
    assert feed.health in {Health.FAILING, Health.FRESH}
    assert feed.due_at is not None
    assert feed.due_at > datetime.now(UTC) - timedelta(minutes=1)


def test_a_key_that_the_gateway_refuses_stops_what_is_behind_it(feed: Feed, gateway: Connection) -> None:
    gateway.seal({"key": "another-key"})
    gateway.save()
    assert collected(feed) == Outcome.FAILED
    assert feed.health == Health.UNAUTHORISED
