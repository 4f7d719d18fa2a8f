"""The ways of signing in by their names, the common ones first: forms, pages, files and the API follow this list."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from connectors.signing.ways import (
    basic,
    bearer,
    client_certificate,
    client_credentials,
    exchanged_jwt,
    header,
    in_steps,
    none,
    query,
    refresh_token,
    signed_jwt,
    signed_requests,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from connectors.signing.contract import Way

ALL: tuple[Way, ...] = cast(
    "tuple[Way, ...]",
    (
        none,
        bearer,
        header,
        query,
        basic,
        client_credentials,
        refresh_token,
        signed_jwt,
        exchanged_jwt,
        signed_requests,
        client_certificate,
        in_steps,
    ),
)
BY_SLUG: dict[str, Way] = {way.SLUG: way for way in ALL}
CHOICES: list[tuple[str, StrOrPromise]] = [(way.SLUG, way.LABEL) for way in ALL]
TAKES: dict[str, tuple[str, ...]] = {way.SLUG: way.SECRETS for way in ALL}
FIELDS: tuple[str, ...] = tuple(dict.fromkeys(name for way in ALL for name in (*way.SETTINGS, *way.SECRETS)))


def ways_with(name: str) -> list[str]:
    """Return the ways that go by a field, be it a setting or a secret."""
    return [way.SLUG for way in ALL if name in (*way.SETTINGS, *way.SECRETS)]
