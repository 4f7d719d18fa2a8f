"""The pretend language model keeps to a schema, counts its tokens, and is sloppy where it says so."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from connectors.sandbox import chat, schema_filling
from tests.connectors.sandbox.pretending import (
    MODELS,
    Services,
)

GOOD, BAD = "What a wonderful, friendly bakery, I love it!", "Terrible bread, rude staff, I hate it."
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "label": {"type": "string", "enum": ["positive", "neutral", "negative"]},
        "score": {"type": "number", "minimum": -1, "maximum": 1},
        "stars": {"type": "integer", "minimum": 1, "maximum": 5},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        "summary": {"type": "string", "maxLength": 30},
        "recommends": {"type": "boolean"},
        "topics": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3},
        "about": {"$ref": "#/$defs/thing"},
        "note": {"type": ["string", "null"]},
    },
    "required": ["label", "score", "stars", "confidence", "summary", "recommends", "topics", "about", "note"],
    "additionalProperties": False,
    "$defs": {"thing": {"type": "object", "properties": {"on": {"type": "string", "format": "date"}}}},
}


def asking(text: str, *more: dict[str, str], model: str = chat.SMALL, **others: Any) -> dict[str, Any]:
    """Return a request for a completion that keeps to the schema."""
    wanted = {"type": "json_schema", "json_schema": {"name": "judged", "schema": SCHEMA, "strict": True}}
    messages = [{"role": "system", "content": "Judge the post."}, {"role": "user", "content": text}, *more]
    return {"model": model, "messages": messages, "response_format": wanted, **others}


@pytest.mark.parametrize(("text", "label", "low", "high"), [(GOOD, "positive", 0.5, 1), (BAD, "negative", -1, -0.5)])
def test_the_model_keeps_to_the_schema(services: Services, text: str, label: str, low: float, high: float) -> None:
    body = services.post("ai/v1/chat/completions", MODELS, json=asking(text)).json()
    said = json.loads(body["choices"][0]["message"]["content"])
    jsonschema.validate(said, SCHEMA)
    assert said["label"] == label
    assert low <= said["score"] <= high
    assert said["recommends"] is (label == "positive")


def test_the_model_counts_and_charges_its_tokens(services: Services) -> None:
    body = services.post("ai/v1/chat/completions", MODELS, json=asking("A plain table.")).json()
    written = body["choices"][0]["message"]["content"]
    assert body["usage"]["prompt_tokens"] == len(["Judge", "the", "post", ".", "A", "plain", "table", "."])
    assert body["usage"]["completion_tokens"] == chat.tokens(written)
    assert body["usage"]["total_tokens"] == services.ledger()["ai"]["charged"]
    shorter = services.post("ai/v1/chat/completions", MODELS, json=asking(GOOD, max_tokens=5)).json()
    assert (shorter["choices"][0]["finish_reason"], shorter["usage"]["completion_tokens"]) == ("length", 5)


def test_a_list_of_texts_is_answered_one_by_one() -> None:
    label = {"type": "object", "properties": {"label": {"enum": ["positive", "negative"]}}}
    schema = {"type": "object", "properties": {"answers": {"type": "array", "items": label}}}
    said = schema_filling.filled(schema, json.dumps([GOOD, BAD]))
    assert said == {"answers": [{"label": "positive"}, {"label": "negative"}]}


def test_the_models_are_listed_and_an_unknown_one_is_told_in_the_usual_form(services: Services) -> None:
    listed = services.get("ai/v1/models", MODELS).json()["data"]
    assert [model["id"] for model in listed] == ["sandbox-small", "sandbox-large", "sandbox-sloppy"]
    answer = services.post("ai/v1/chat/completions", MODELS, json=asking("Hm.", model="other"))
    assert answer.status_code == 404
    assert answer.json()["error"].keys() == {"message", "type", "param", "code"}
    assert answer.json()["error"]["code"] == "model_not_found"
    assert services.get("ai/v1/models").json()["error"]["code"] == "invalid_api_key"


@pytest.mark.parametrize(
    "changed",
    [
        {"messages": []},
        {"stream": True},
        {"response_format": {"type": "json_schema"}},
        {"response_format": {"type": "json_schema", "json_schema": {"schema": {"$ref": "#/nowhere"}}}},
        {"response_format": {"type": "json_schema", "json_schema": {"schema": {"$ref": "#"}}}},
        {"messages": [{"role": "user", "content": "word " * 9000}]},
    ],
)
def test_the_model_says_what_it_cannot_do(services: Services, changed: dict[str, Any]) -> None:
    answer = services.post("ai/v1/chat/completions", MODELS, json=asking("Hm.") | changed)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


def fits(text: str) -> bool:
    """Say whether an answer is JSON that fits the schema."""
    try:
        jsonschema.validate(json.loads(text), SCHEMA)
    except (ValueError, jsonschema.ValidationError):
        return False
    return True


def test_the_sloppy_model_breaks_the_schema_now_and_then_and_mostly_repairs_it() -> None:
    texts = [f"Post number {number}, which I like." for number in range(200)]
    first = {text: chat.answered(asking(text, model=chat.SLOPPY)).text for text in texts}
    assert {text: chat.answered(asking(text, model=chat.SLOPPY)).text for text in texts} == first
    broken = [text for text in texts if not fits(first[text])]
    assert 40 < len(broken) < 100
    assert any("```json" in first[text] for text in broken)
    repair = {"role": "user", "content": "That did not fit the schema."}
    still = [
        text
        for text in broken
        if not fits(
            chat.answered(asking(text, {"role": "assistant", "content": first[text]}, repair, model=chat.SLOPPY)).text
        )
    ]
    assert 0 < len(still) < len(broken) / 2
    assert all(fits(chat.answered(asking(text)).text) for text in texts)
