"""What a real call leaves in the log: by the rules of its connection, under the connection that was asked."""

from __future__ import annotations

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from connectors.errors import FetchError
from connectors.fetching import fetch
from connectors.models import CallRecord, Connection, Feed
from connectors.trials import tried_connection
from organisations.models import Organisation
from tests.connectors.asking import NOVEMBER, NOW, Api

ANSWER = '[{"email": "jo@example.com", "visitors": 5, "home": {"phone": "+49 30 123"}}]'


@pytest.fixture
def api(httpserver: HTTPServer) -> Api:
    api = Api(httpserver)
    api.answers_json(ANSWER)
    return api


def asked(organisation: Organisation, address: str, **rules: object) -> Connection:
    """Save a connection with its rules, ask it once for something with a name in it, and return it."""
    connection: Connection = organisation.connections.create(
        name="Analytics", kind="http", settings={"address": address, "sign_in": "none"}, **rules
    )
    feed: Feed = connection.feeds.create(name="Visitors", query={"path": "visitors", "params": "email=jo@example.com"})
    collection = feed.collections.create(started_at=NOW)
    try:
        fetch(feed, NOVEMBER, now=NOW, collection=collection)
    except FetchError:
        return connection
    return connection


def written(connection: Connection) -> CallRecord:
    return connection.calls.order_by("pk")[0]


def test_masked_fields_are_masked_before_anything_is_written(organisation: Organisation, api: Api) -> None:
    call = written(asked(organisation, api.address, redacted_names="email, home"))
    assert call.sample == '[{"email": "•••", "visitors": 5, "home": "•••"}]'
    assert call.url.endswith("/api/visitors?email=•••")
    assert "jo" in api.requests[0].args["email"]


def test_what_the_log_says_is_what_was_sent_along(organisation: Organisation, api: Api) -> None:
    call = written(asked(organisation, api.address))
    assert call.correlation_id == api.requests[0].headers["X-Request-Id"]
    assert (call.method, call.status, call.attempt, call.size) == ("GET", 200, 1, len(ANSWER))
    assert 0 < call.took < 30
    assert call.sample == ANSWER


def test_no_sample_of_a_good_answer_is_kept_where_failures_alone_are_wanted(
    organisation: Organisation, api: Api
) -> None:
    assert written(asked(organisation, api.address, samples="failures")).sample == ""


def test_the_sample_of_a_failure_is_kept_masked(organisation: Organisation, api: Api) -> None:
    api.answers(lambda _: Response(ANSWER, status=404, content_type="application/json"))
    call = written(asked(organisation, api.address, samples="failures", redacted_names="email"))
    assert (call.reason, "jo@example.com" in call.sample, '"visitors": 5' in call.sample) == ("not_found", False, True)


def test_no_sample_at_all_is_kept_where_none_is_wanted(organisation: Organisation, api: Api) -> None:
    api.answers(lambda _: Response(ANSWER, status=404))
    assert written(asked(organisation, api.address, samples="none")).sample == ""


def test_what_somebody_tries_by_hand_stands_in_the_log_by_the_same_rules(organisation: Organisation, api: Api) -> None:
    connection = asked(organisation, api.address, redacted_names="email, home")
    assert tried_connection(connection, {"path": "visitors"}, NOW).ok
    by_hand = connection.calls.get(collection=None)
    assert (by_hand.status, by_hand.sample) == (200, '[{"email": "•••", "visitors": 5, "home": "•••"}]')


def test_a_call_through_a_gateway_is_logged_under_the_connection_that_was_asked(
    organisation: Organisation, api: Api
) -> None:
    gateway = organisation.connections.create(
        name="Gateway", kind="http", settings={"address": api.address, "sign_in": "none"}
    )
    connection = asked(organisation, "behind", gateway=gateway)
    assert (connection.calls.count(), gateway.calls.count()) == (1, 0)
