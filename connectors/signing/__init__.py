"""Signing in to a service: the credentials go into the place that was chosen, and nowhere else.

`registry` lists the ways, a module each in `ways/`; `forms` holds the fields that they go by; a kind whose forms mix
these in, and which sends through `connectors.calling`, signs in with any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from connectors.signing.contract import Sign
from connectors.signing.registry import ALL, BY_SLUG, CHOICES, FIELDS, TAKES, ways_with
from connectors.signing.ways import client_certificate

if TYPE_CHECKING:
    from connectors.protocol import Call

NONE, BEARER, HEADER, QUERY, BASIC, STEPS = "none", "bearer", "header", "query", "basic", "steps"
WAYS = CHOICES
WITHOUT_STEPS = [way for way in CHOICES if way[0] != STEPS]  # where there are no steps that name a credential

__all__ = [
    "ALL",
    "BASIC",
    "BEARER",
    "BY_SLUG",
    "FIELDS",
    "HEADER",
    "NONE",
    "QUERY",
    "STEPS",
    "TAKES",
    "WAYS",
    "WITHOUT_STEPS",
    "Sign",
    "certificate_of",
    "places",
    "sign",
    "ways_with",
    "without_key",
]


def sign(call: Call) -> Sign:
    """Return what the settings of a call's sign-in make of its secrets. Raises FetchError."""
    return BY_SLUG[call.settings["sign_in"]].sign(call)


def places(settings: Mapping[str, Any]) -> frozenset[str]:
    """Return where the credentials of a sign-in go, to see whether two go to the same place."""
    return BY_SLUG[settings["sign_in"]].places(settings)


def certificate_of(settings: Mapping[str, Any], secrets: Mapping[str, str]) -> str | None:
    """Return the certificate with its key (PEM) that a sign-in shows. Raises Refused where they do not fit."""
    shows = settings.get("sign_in") == client_certificate.SLUG
    return client_certificate.chain(secrets) if shows else None


def without_key(url: str, settings: Mapping[str, Any]) -> str:
    """Return a URL without the key that a service may have written into it, because the key is sent anyway."""
    parts = urlsplit(url)
    key = settings["query_name"] if settings["sign_in"] == QUERY else None
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != key])
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
