"""Gateways in files: connections that name another of their own section, in whatever order they stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from blueprints.applying import Order, apply, prepare, validate
from blueprints.exporting import export
from blueprints.mistakes import Mistaken
from blueprints.planning import Change, Plan, Verb, named_first
from blueprints.starters.trying import tried
from connectors.models import Connection
from organisations.access import Access
from tests.connectors.asking import Api

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FILE = "growth.yaml"
ANSWERS = {"CRM_KEY": "planted-crm-key", "GATEWAY_KEY": "planted-gateway-key"}
BEHIND = """
  A behind it:
    kind: http
    settings: {address: crm, sign_in: bearer}
    secrets: {key: "${CRM_KEY}"}
    gateway: The gateway
"""
GATEWAY = """
  The gateway:
    kind: http
    settings: {address: "https://gw.example.com/v1", sign_in: header}
    secrets: {key: "${GATEWAY_KEY}"}
"""
WHOLE = f"blueprint: 1\nconnections:{BEHIND}{GATEWAY}"
pytestmark = pytest.mark.django_db
Put = Callable[..., Plan]


@pytest.fixture
def put(access: Access) -> Put:
    def applied(text: str = WHOLE, **how: Any) -> Plan:
        return apply(access, Order(**{"texts": {FILE: text}, "answers": ANSWERS, **how}), now=NOW)

    return applied


def row(access: Access, name: str) -> Connection:
    return access.rows(Connection).select_related("gateway").get(name=name)


def mistakes(put: Put, text: str, **how: Any) -> list[str]:
    with pytest.raises(Mistaken) as caught:
        put(text, **how)
    return [str(mistake) for mistake in caught.value.mistakes]


@pytest.mark.parametrize("text", [WHOLE, f"blueprint: 1\nconnections:{GATEWAY}{BEHIND}"])
def test_whatever_the_order_the_gateway_is_written_first(put: Put, access: Access, text: str) -> None:
    assert validate({FILE: text}) == []
    put(text)
    behind, gateway = row(access, "A behind it"), row(access, "The gateway")
    assert behind.gateway == gateway
    assert behind.unseal() == {"key": "planted-crm-key"}
    assert gateway.unseal() == {"key": "planted-gateway-key"}
    assert prepare(access, Order(texts={FILE: text}, answers=ANSWERS)).plan.changes == []


def test_an_export_says_the_same_and_can_be_applied_elsewhere(put: Put, access: Access) -> None:
    put()
    said = export(access)
    assert "    gateway: The gateway\n" in said
    assert prepare(access, Order(texts={FILE: said})).plan.changes == []
    access.rows(Connection).all().delete()
    put(said, answers=dict.fromkeys(re.findall(r"\$\{(\w+)\}", said), "planted"))
    assert row(access, "A behind it").gateway == row(access, "The gateway")


def test_a_connection_moves_behind_a_gateway_that_is_there(put: Put, access: Access) -> None:
    put(f"blueprint: 1\nconnections:{GATEWAY}")
    put(f"blueprint: 1\nconnections:{BEHIND}")
    assert row(access, "A behind it").gateway == row(access, "The gateway")


def test_without_the_line_it_stands_behind_none(put: Put, access: Access) -> None:
    put()
    alone = BEHIND.replace("    gateway: The gateway\n", "").replace("crm", "https://crm.example.com")
    put(f"blueprint: 1\nconnections:{alone}")
    assert row(access, "A behind it").gateway is None


def test_gateway_and_connection_can_change_places(put: Put, access: Access) -> None:
    put()
    swapped = """blueprint: 1
connections:
  The gateway:
    kind: http
    settings: {address: under}
    gateway: A behind it
  A behind it:
    kind: http
    settings: {address: "https://other.example.com"}
"""
    put(swapped)
    assert row(access, "The gateway").gateway == row(access, "A behind it")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("gateway: The gateway", "gateway: The gatevay"), "There is no “The gatevay” under connections."),
        (("    gateway: The gateway\n", ""), "needs a gateway before it"),
        (("address: crm", "address: https://crm.example.com"), "leads past its gateway"),
        (("sign_in: header", "sign_in: basic"), "The gateway signs in with Authorization"),
    ],
)
def test_what_cannot_stand_there_is_refused_at_its_line(
    put: Put, access: Access, change: tuple[str, str], said: str
) -> None:
    found = mistakes(put, WHOLE.replace(*change))
    assert said in found[0]
    assert re.match(r"growth\.yaml:\d+", found[0]) or "line" in found[0]
    assert not access.rows(Connection).exists()


def test_two_that_name_each_other_are_refused(put: Put, access: Access) -> None:
    ring = WHOLE + "    gateway: A behind it\n"
    assert mistakes(put, ring)
    assert not access.rows(Connection).exists()


def test_a_key_is_asked_for_again_when_the_gateway_is_another(put: Put, access: Access) -> None:
    put()
    other = WHOLE.replace("The gateway", "Another")
    plan = prepare(access, Order(texts={FILE: other}, answers={})).plan
    assert plan.missing_secrets == ["CRM_KEY", "GATEWAY_KEY"]
    put(other, answers={"CRM_KEY": "new", "GATEWAY_KEY": "new"})
    assert row(access, "A behind it").unseal() == {"key": "new"}


def test_keys_behind_a_gateway_do_not_move_with_it(put: Put, access: Access) -> None:
    put()
    moved = GATEWAY.replace("gw.example.com", "new.example.com")
    put(f"blueprint: 1\nconnections:{moved}")
    assert row(access, "A behind it").sealed == ""
    plan = prepare(access, Order(texts={FILE: f"blueprint: 1\nconnections:{BEHIND}"}, answers={})).plan
    assert plan.missing_secrets == ["CRM_KEY"]


def test_a_gateway_goes_with_those_behind_it(put: Put, access: Access) -> None:
    put()
    plan = put("blueprint: 1\nconnections: {}\n", prune=True)
    assert sorted(change.name for change in plan.of(Verb.REMOVE)) == ["A behind it", "The gateway"]
    assert not access.rows(Connection).exists()


def test_a_gateway_does_not_go_while_others_go_through_it(put: Put, access: Access) -> None:
    put(f"blueprint: 1\nconnections:{GATEWAY}", file="gateway.yaml")
    put(f"blueprint: 1\nconnections:{BEHIND}")
    (said,) = mistakes(put, "blueprint: 1\nconnections: {}\n", file="gateway.yaml", prune=True)
    assert "“A behind it” under connections goes by it. Change that first, or let both go." in said
    assert row(access, "The gateway")


def test_named_first_keeps_the_order_of_all_others() -> None:
    changes = [
        Change(section="connections", name=name, verb=Verb.CREATE, after={"kind": "http", "gateway": gateway})
        for name, gateway in [("a", "c"), ("b", ""), ("c", ""), ("d", "d"), ("e", "f"), ("f", "e"), ("g", "away")]
    ]
    ordered = [change.name for change in named_first("connections", changes, lambda *_: None)]
    assert ordered[:3] == ["c", "a", "b"]
    assert sorted(ordered) == ["a", "b", "c", "d", "e", "f", "g"]


@pytest.mark.django_db(transaction=True)
def test_a_starter_is_tried_through_a_gateway_that_is_to_be_created(access: Access, httpserver: HTTPServer) -> None:
    api = Api(httpserver)
    gateway = GATEWAY.replace("https://gw.example.com/v1", api.address)
    feed = "feeds:\n  A behind it / Deals:\n    query: {path: deals}\n"
    text = f"blueprint: 1\nconnections:{BEHIND}{gateway}{feed}"
    plan = prepare(access, Order(texts={FILE: text}, answers=ANSWERS)).plan
    (came,) = tried(plan, access, ANSWERS, now=NOW)
    assert came.result.ok, came.result.message
    assert api.requests[0].path == "/api/crm/deals"
    assert api.requests[0].headers["X-API-Key"] == "planted-gateway-key"
    assert api.requests[0].headers["Authorization"] == "Bearer planted-crm-key"


@pytest.mark.django_db(transaction=True)
def test_a_starter_is_tried_through_a_gateway_that_is_there(access: Access, put: Put, httpserver: HTTPServer) -> None:
    api = Api(httpserver)
    put(f"blueprint: 1\nconnections:{GATEWAY.replace('https://gw.example.com/v1', api.address)}")
    feed = "feeds:\n  A behind it / Deals:\n    query: {path: deals}\n"
    plan = prepare(access, Order(texts={FILE: f"blueprint: 1\nconnections:{BEHIND}{feed}"}, answers=ANSWERS)).plan
    (came,) = tried(plan, access, ANSWERS, now=NOW)
    assert came.result.ok, came.result.message
    assert api.requests[0].headers["X-API-Key"] == "planted-gateway-key"
