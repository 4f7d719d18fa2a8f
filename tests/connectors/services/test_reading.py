"""A file about a service is read with all that is wrong with it; answers never lead it astray."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils import translation

from connectors.services import BadService, all_services, checked, filled
from connectors.services.forms import ServiceForm

SMALL = """\
name: Shop
summary: {en: A shop., de: Ein Laden.}
documented_at: https://docs.example.com
kind: http
asks:
  SHOP:
    label: {en: Shop, de: Laden}
    help: {en: Its number., de: Seine Nummer.}
    example: "7"
  KEY:
    label: {en: Key, de: Schlüssel}
    help: {en: Your key., de: Ihr Schlüssel.}
    kind: secret
    credential: key
    example: any
connection:
  name: Shop ${SHOP}
  settings: {address: https://api.example.com, sign_in: bearer}
  calls_limit: 5
feeds:
  orders:
    name: {en: Orders, de: Bestellungen}
    asks: window
    query: {path: "shops/${SHOP}/orders", params: {tag: [a, b]}, rows: "data[?shop=='${SHOP}']"}
metrics:
  orders:
    feed: orders
    name: {en: Orders, de: Bestellungen}
    summary: {en: All of them., de: Alle.}
    value_kind: flow
"""


def test_a_small_file_is_enough() -> None:
    service = checked("shop", SMALL)
    whole = filled(service, {"SHOP": "7", "KEY": "secret-words"})
    assert (whole.name, whole.secrets, whole.limits) == ("Shop 7", {"key": "secret-words"}, {"calls_limit": 5})
    assert whole.sources["orders"].query == {
        "path": "shops/7/orders",
        "params": "tag=a\ntag=b",
        "rows": "data[?shop=='7']",
    }
    assert filled(service, {"SHOP": "7"}, address="http://localhost").settings["address"] == "http://localhost"


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("kind: http", "kind: htpp", "kind: htpp is none of"),
        ("documented_at: https://docs.example.com\n", "", "documented_at: is missing."),
        ("calls_limit: 5", "call_limit: 5", "connection.call_limit: there is no such field."),
        ("{en: A shop., de: Ein Laden.}", "{en: A shop.}", "summary: write it in every language: en, de."),
        ("${SHOP}/orders", "${STORE}/orders", "asks: ${STORE} is used and not asked for."),
        ("name: Shop ${SHOP}", "name: Shop ${KEY}", "asks.KEY: a secret is sent by the sign-in alone."),
        ("credential: key", "credential: kee", "asks.KEY.credential: one of"),
        ("kind: secret", "kind: scret", "asks.KEY.kind: one of text, address, secret, choice."),
        ("feed: orders", "feed: order", "metrics.orders.feed: there is no feed order."),
        ("feed: orders", "feed: order", "feeds: no metric reads orders."),
        ('example: "7"', 'example: "7 7"', "asks.SHOP.example: does not look like its own pattern."),
        ('    example: "7"', '    kind: choice\n    example: "7"', "asks.SHOP.choices: a choice has choices"),
        ("    value_kind: flow\n", "", "metrics.orders.value_kind: is missing."),
        ("asks: window", "ask: window", "feeds.orders.ask: there is no such field."),
        ("sign_in: bearer", "sign_in: barer", "settings: * sign_in"),
        ("data[?shop", "data[?shop[", "orders: * rows"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(right: str, wrong: str, said: str) -> None:
    assert right in SMALL
    with pytest.raises(BadService) as error:
        checked("shop", SMALL.replace(right, wrong))
    assert said in str(error.value)
    assert str(error.value).startswith("shop: ")


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(BadService) as error:
        checked("shop", SMALL.replace("kind: secret", "kind: x").replace("feed: orders", "feed: x"))
    assert len(str(error.value).splitlines()) >= 3


@pytest.mark.parametrize("text", ["- a list", "a: [", "text"])
def test_what_is_no_mapping_is_no_service(text: str) -> None:
    with pytest.raises(BadService, match="shop: "):
        checked("shop", text)


@pytest.mark.parametrize("answer", ["{since}", "a b", "x'y", 'x"y', "${KEY}", "line\nbreak", "`1`", "back\\slash"])
def test_an_answer_with_signs_that_lead_astray_is_refused(answer: str) -> None:
    form = ServiceForm({"SHOP": answer, "KEY": "any"}, service=checked("shop", SMALL))
    assert form.errors == {"SHOP": ["This should look like 7."]}


def test_an_answer_stays_one_part_of_the_path() -> None:
    whole = filled(checked("shop", SMALL), {"SHOP": "../admin?x=1"})
    assert whole.sources["orders"].query["path"] == "shops/..%2Fadmin%3Fx%3D1/orders"


def test_a_stored_key_does_not_follow_an_address_elsewhere() -> None:
    service = all_services()["plausible"]
    said, masks = {"ADDRESS": "https://plausible.io", "SITE": "example.com"}, {"KEY": "••••"}
    same = ServiceForm({**said, "SITE": "example.org", "KEY": ""}, service=service, said=said, masks=masks)
    assert same.is_valid()
    other = ServiceForm({**said, "ADDRESS": "https://other.example"}, service=service, said=said, masks=masks)
    assert list(other.errors) == ["KEY"]


def test_texts_are_in_the_language_of_the_reader() -> None:
    service = all_services()["plausible"]
    with translation.override("de"):
        assert str(service.asks["SITE"].label) == "Website"
        assert filled(service, {"ADDRESS": "", "SITE": "x", "KEY": ""}).measures["visits"].values["unit"] == "Besuche"


def test_the_example_of_the_documentation_is_a_service() -> None:
    document = (Path(__file__).parents[3] / "docs" / "connectors.md").read_text()
    [example] = [block for block in re.findall(r"```yaml\n(.*?)```", document, re.DOTALL) if "documented_at" in block]
    service = checked("shop", example)
    assert list(service.measures) == ["orders"]
    for known in all_services().values():
        assert f"| {known.name} |" in document
