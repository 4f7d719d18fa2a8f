"""Reads the URLconf and calls what it finds, for tests that walk every address."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from organisations.models import User

PLACEHOLDER = "<slug:organisation>/"
MISSING = 10**9
ARGUMENTS: dict[str, Any] = {
    "token": "00000000-0000-4000-8000-000000000000",
    "uidb36": "1",
    "key": "never-issued",
    "starts_on": "2026-01-01",
    "starter": "website-traffic",
    "rule": "errors",
    "service": "plausible",
    "kind": "prompt",
}
# the word before a pk in an address, where it is not a model's name with an s
ROWS = {"people": "membership", "keys": "apikey", "deliveries": "delivery"}


@dataclass(frozen=True, slots=True)
class Address:
    """One entry of the URLconf."""

    route: str
    name: str
    view: Any
    arguments: tuple[str, ...]

    @property
    def is_page(self) -> bool:
        """Whether it is a page of an organisation."""
        return self.route.startswith(PLACEHOLDER)

    @property
    def is_api(self) -> bool:
        """Whether it is a part of an organisation's API."""
        return self.route.startswith(f"api/v1/{PLACEHOLDER}")

    @property
    def is_admin(self) -> bool:
        """Whether it is a screen of the admin."""
        return self.route.startswith("admin/")

    @property
    def view_class(self) -> Any:
        """The class behind an API address."""
        return getattr(self.view, "cls", None)

    @property
    def methods(self) -> list[str]:
        """The methods worth trying: a page's two, or those an API address answers to."""
        if not self.is_api:
            return ["get", "post"]
        methods = getattr(self.view, "actions", None) or [
            method for method in self.view_class.http_method_names if hasattr(self.view_class, method)
        ]
        return [method for method in methods if method not in {"head", "options"}]

    @property
    def rows(self) -> list[str]:
        """The names of the models whose rows the address names."""
        return [self.model_of(name) for name in self.arguments if name != "organisation" and name not in ARGUMENTS]

    def path(self, organisation: str = "", rows: dict[str, int] | None = None) -> str:
        """Write the address out, with keys of rows by the name of their model; what is not given does not exist."""
        keys = rows or {}
        given = {name: ARGUMENTS.get(name) or keys.get(self.model_of(name), MISSING) for name in self.arguments}
        return reverse(self.name, kwargs=given | ({"organisation": organisation} if organisation else {}))

    def model_of(self, argument: str) -> str:
        """Return the name of the model whose row an argument names."""
        if argument != "pk":
            return argument
        model = getattr(self.view_class, "model", None)
        if model is not None:
            return str(model._meta.model_name)
        word = self.route.split("<int:pk>", maxsplit=1)[0].rstrip("/").rsplit("/", maxsplit=1)[-1]
        return ROWS.get(word, word.removesuffix("s"))


def entries(resolver: URLResolver | None = None, before: str = "", names: tuple[str, ...] = ()) -> Iterator[Address]:
    """Yield every entry of the URLconf."""
    for entry in (resolver or get_resolver()).url_patterns:
        pattern = entry.pattern
        here = (*names, *getattr(pattern, "converters", {}), *pattern.regex.groupindex)
        route = before + str(pattern).lstrip("^")
        if isinstance(entry, URLResolver):
            yield from entries(entry, route, here)
        elif isinstance(entry, URLPattern):
            yield Address(route, entry.name or "", entry.callback, tuple(dict.fromkeys(here)))


@dataclass(frozen=True, slots=True)
class Seen:
    """What an answer was, and which statements wrote to the database before they were undone."""

    status: int
    leads_to: str
    text: str
    wrote: tuple[str, ...]

    def words(self, *forbidden: str) -> list[str]:
        """Return which of the words stand anywhere in the answer, headers included."""
        return [word for word in forbidden if word in self.text]


class Visitor:
    """Somebody with a browser, whose every call is undone."""

    def __init__(self, user: User | None = None) -> None:
        self.client = Client(raise_request_exception=False)
        if user is not None:
            self.client.force_login(user)

    def call(self, method: str, path: str) -> Seen:
        """Call an address; an unhandled error is an answer with status 500 and the error's text."""
        body = {"data": "{}", "content_type": "application/json"} if "/api/" in path and method != "get" else {}
        writes: list[str] = []
        with transaction.atomic():
            with connection.execute_wrapper(noting(writes)):
                answer = getattr(self.client, method)(path, **body)
                text = told(answer)
            transaction.set_rollback(True)
        return Seen(answer.status_code, answer.headers.get("Location", ""), text, tuple(writes))


def noting(writes: list[str]) -> Callable[..., Any]:
    """Return a wrapper that notes every statement that writes anything but the visitor's own session."""

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and "django_session" not in sql:
            writes.append(sql)
        return execute(sql, params, many, context)

    return note


def told(answer: Any) -> str:
    """Return everything an answer says, headers included."""
    if error := getattr(answer, "exc_info", None):
        return f"{error[1]!r}"
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return f"{body.decode('utf-8', errors='replace')} {json.dumps(dict(answer.headers))}"
