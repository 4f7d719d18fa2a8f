"""The API's description (OpenAPI), made once per process, and its documentation page, which calls no other server."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from django.http import HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView
from drf_spectacular.generators import SchemaGenerator

from organisations.reader import speaking

if TYPE_CHECKING:
    from django.http import HttpRequest

Operation = dict[str, Any]

ENGLISH = "en-gb"
BEFORE_THE_NOUN = "/api/v1/{organisation}/"
VERBS = {
    "list": "List",
    "create": "Make",
    "retrieve": "Show",
    "partial_update": "Change",
    "update": "Replace",
    "destroy": "Delete",
}
PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["title", "status", "detail"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "One sentence for people."},
        "errors": {
            "type": "object",
            "description": "By field, as `goal`, `settings.address` or `17.value`: what to change.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}
WENT_WRONG = {
    "description": "What went wrong.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


@require_safe
def schema(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  the shape of a view
    """Answer the description as JSON; it is the same for everybody."""
    return HttpResponse(document(), content_type="application/json")


@cache
def document() -> bytes:
    """Return the description, in English. It takes a second to make and stays the same as long as the process lives."""
    generator: Any = SchemaGenerator  # the library is not annotated
    with speaking(ENGLISH):
        return orjson.dumps(generator().get_schema(public=True))


def described(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:  # noqa: ARG001  the library's contract
    """Give every operation a summary, the noun it is about, and what it answers when something goes wrong."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    every = [(_noun(address), one) for address, operations in result["paths"].items() for one in operations.values()]
    said = Counter(one.get("description") for _, one in every)
    for noun, operation in every:
        operation["tags"] = [noun]
        operation["summary"] = _usual(operation, noun) if said[operation.get("description")] > 1 else _own(operation)
        operation["responses"]["default"] = WENT_WRONG
    result["tags"] = [{"name": noun} for noun in dict.fromkeys(noun for noun, _ in every)]
    return result


def _noun(address: str) -> str:
    """Return the last word of an address that is a collection: observations of metrics/{metric}/observations/."""
    rest = address.removeprefix(BEFORE_THE_NOUN) if address.startswith(BEFORE_THE_NOUN) else "organisations/"
    first, *others = [word for word in rest.split("/") if word and "{" not in word] or ["organisations"]
    return others[0] if others and others[0] in {"observations", "days", "notes"} else first


def _own(operation: Operation) -> str:
    """Return the first sentence of what only this operation says."""
    return str(operation["description"]).split("\n")[0].split(". ")[0].rstrip(".")


def _usual(operation: Operation, noun: str) -> str:
    """Return what to call an operation whose description is that of its whole view: List targets, Show a target."""
    verb = next(verb for name, verb in VERBS.items() if operation["operationId"].endswith(f"_{name}"))
    if verb == "List":
        return f"List {noun}"
    one = f"{noun.removesuffix('ies')}y" if noun.endswith("ies") else noun.removesuffix("s")
    return f"{verb} {'an' if one[0] in 'aeio' else 'a'} {one}"


site: list[URLPattern] = [
    path("api/v1/schema/", schema, name="api-schema"),
    path("api/docs/", TemplateView.as_view(template_name="api_docs.html"), name="api-docs"),
]
