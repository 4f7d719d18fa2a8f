"""The JSON Schema for editors: valid, true to the whole document, and strict about slips."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from blueprints import nodes
from blueprints.describing import NAME, schema
from blueprints.documents import VERSION
from blueprints.exporting import export, text_of
from blueprints.registry import sections
from blueprints.starters.shelf import all_starters
from organisations.access import Access
from tests.blueprints import strategies as made_up
from tests.blueprints.files import WHOLE


def wrong_with(text: str) -> str:
    """Return what the schema has against a document; nothing where it is right."""
    error = best_match(Draft202012Validator(schema()).iter_errors(nodes.read(text).plain()))
    return error.message if error else ""


def test_it_is_a_schema_with_the_version_in_its_name() -> None:
    Draft202012Validator.check_schema(schema())
    assert schema()["$id"] == NAME == f"urn:waymark:blueprint:{VERSION}"
    assert set(sections()) <= set(schema()["properties"])


def test_the_whole_document_is_right() -> None:
    assert wrong_with(WHOLE) == ""


@pytest.mark.parametrize("slug", all_starters())
def test_every_starter_is_right(slug: str) -> None:
    assert wrong_with(all_starters()[slug].text) == ""


@given(made_up.rows("owner@growth.example"))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_can_be_exported_is_right(rows: made_up.Rows) -> None:
    read = {section: {name: _written(section, body) for name, body in named.items()} for section, named in rows.items()}
    assert wrong_with(text_of(read)) == ""


def _written(section: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return a body as an export writes it."""
    fields = max(sections()[section].variants().values(), key=lambda fields: len(set(fields) & set(body)))
    if section == "connections":
        fields = sections()[section].variants()[body["kind"]]
    shapes = {name: fields[name].shape for name in body if name != "query"}
    return body | {name: shape.read(body[name]) for name, shape in shapes.items()}


def test_an_export_is_right(access: Access) -> None:
    assert wrong_with(export(access)) == ""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("blueprint: 1", "blueprint: 2"),
        ("targets:", "tragets:"),
        ("    goal: between", "    gaol: between"),
        ("between 21 and 23 per day", "lots"),
        ("kind: http", "kind: htpp"),
        ("sign_in: bearer", "sign_in: baerer"),
        ("      address: https://analytics.example.com/api\n", ""),
        ("${ANALYTICS_KEY}", "hunter2"),
        ("      path: visitors", "      paht: visitors"),
        ("  Typed in / Daily:", "  Daily:"),
        ("every: 1 hour", "every: often"),
        ("counts_distinct: true", "counts_distinct: perhaps"),
        ("decimals: 1", "decimals: 7"),
        ("value_kind: level", "value_kind: leval"),
        ("    metric: Room temperature\n", ""),
        ("at: 7:30", "at: noon"),
        ("tags: [Growth, Website]", "tags: {Growth: 1}"),
    ],
)
def test_slips_are_marked(before: str, after: str) -> None:
    assert WHOLE.count(before) == 1
    assert wrong_with(WHOLE.replace(before, after))


def test_open_values_may_stand_anywhere() -> None:
    text = WHOLE.replace("decimals: 1", "decimals: ${DECIMALS}").replace("at: 7:30", "at: ${AT}")
    assert wrong_with(text.replace("counts_distinct: true", "counts_distinct: ${DISTINCT}")) == ""


def test_everybody_may_have_it(client: Client, db: None) -> None:
    answer = client.get("/api/v1/blueprint.schema.json", headers={"accept-language": "de"})
    assert answer["Content-Type"] == "application/schema+json"
    assert answer.json() == schema()


def test_the_command_prints_it() -> None:
    out = StringIO()
    call_command("blueprint", "schema", stdout=out)
    assert json.loads(out.getvalue()) == schema()
