"""The description of the API is complete, valid, and true enough to be used."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.translation import override
from rest_framework.test import APIClient

from organisations.models import User
from trackerproject.schema import document

Operation = tuple[str, str, dict[str, Any]]


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(document())
    return found


def operations(described: dict[str, Any]) -> Iterator[Operation]:
    """Yield method, address and description of every operation."""
    for address, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method, address, operation


def addresses(resolver: URLResolver | None = None, before: str = "/") -> Iterator[str]:
    """Yield every address under /api/v1/ as the description writes it: {id} for whatever stands there."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + str(pattern.pattern).removeprefix("^").removesuffix("$").removesuffix("\\Z")
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, route)
        elif isinstance(pattern, URLPattern) and route.startswith("/api/v1/"):
            yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", re.sub(r"\(\?P<pk>[^)]*\)", "{id}", route))


def test_it_is_made_without_a_warning_and_valid() -> None:
    said = StringIO()
    call_command(
        "spectacular",
        "--validate",
        "--fail-on-warn",
        stdout=said,
        stderr=said,
    )
    assert "openapi: 3" in said.getvalue()


def test_every_address_is_in_it(described: dict[str, Any]) -> None:
    known = {re.sub(r"\{pk\}", "{id}", address) for address in addresses()}
    missing = known - set(described["paths"]) - {"/api/v1/schema/", "/api/v1/blueprint.schema.json"}
    assert not missing
    assert len(known) > 30


def test_every_operation_says_in_a_few_words_what_it_does(described: dict[str, Any]) -> None:
    summaries = [operation["summary"] for _, _, operation in operations(described)]
    assert all(summary[0].isupper() and len(summary) < 90 and not summary.endswith(".") for summary in summaries)
    assert len(set(summaries)) > len(summaries) * 0.9


def test_every_operation_stands_under_its_noun_and_may_go_wrong(described: dict[str, Any]) -> None:
    nouns = {tag["name"] for tag in described["tags"]}
    assert {"connections", "feeds", "metrics", "observations", "targets", "organisations"} <= nouns
    for method, address, operation in operations(described):
        assert set(operation["tags"]) <= nouns, address
        assert "application/problem+json" in operation["responses"]["default"]["content"], (method, address)


def test_secrets_go_in_and_never_out(described: dict[str, Any]) -> None:
    connection = described["components"]["schemas"]["Connection"]["properties"]
    assert connection["secrets"]["writeOnly"] is True
    assert connection["masks"]["readOnly"] is True


def test_the_examples_can_be_sent_as_they_stand(
    described: dict[str, Any], api: Callable[[User], APIClient], editor: User
) -> None:
    program = api(editor)
    made: dict[str, int] = {}
    for noun in ("connections", "feeds", "metrics", "targets"):
        posted = described["paths"][f"/api/v1/{{organisation}}/{noun}/"]["post"]
        for example in posted["requestBody"]["content"]["application/json"]["examples"].values():
            body = {name: made.get(f"{name}s", value) for name, value in example["value"].items()}
            answer = program.post(f"/api/v1/growth/{noun}/", body)
            assert answer.status_code == 201, answer.content
            made.setdefault(noun, answer.json()["id"])
    readings = described["paths"]["/api/v1/{organisation}/metrics/{metric}/observations/"]["post"]
    for example in readings["requestBody"]["content"]["application/json"]["examples"].values():
        address = f"/api/v1/growth/metrics/{made['metrics']}/observations/"
        assert program.post(address, example["value"]).status_code == 201


def test_it_and_its_page_are_open_and_call_no_other_server(client: Client, db: None) -> None:
    answer = client.get("/api/v1/schema/")
    assert answer["Content-Type"] == "application/json"
    assert answer.json()["info"]["title"] == "Waymark API"
    page = client.get("/api/docs/").content.decode()
    assert re.findall(r"""(?:src|href|action)=["']https?://""", page) == []
    assert "<script>" not in page
    assert 'data-schema="/api/v1/schema/"' in page


def test_it_is_english_whoever_asks_first(client: Client) -> None:
    document.cache_clear()
    spoken = client.get("/api/v1/schema/", headers={"accept-language": "de"}).content
    document.cache_clear()
    with override("en-gb"):
        assert spoken == document()
    page = client.get("/api/docs/", headers={"accept-language": "de"}).content.decode()
    assert '<div id="api" lang="en"' in page
