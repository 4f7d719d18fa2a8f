"""Signing in to an HTTP service: the credentials go into the place that was chosen, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from connectors.errors import Reason, Refused
from connectors.problems import problem

NONE, BEARER, HEADER, QUERY, BASIC = "none", "bearer", "header", "query", "basic"
WAYS = [
    (NONE, pgettext_lazy("sign-in", "No")),
    (BEARER, _("Bearer token")),
    (HEADER, _("Key in a header")),
    (QUERY, _("Key in the address")),
    (BASIC, _("User name and password")),
]
TAKES: dict[str, tuple[str, ...]] = {
    NONE: (),
    BEARER: ("key",),
    HEADER: ("key",),
    QUERY: ("key",),
    BASIC: ("user_name", "password"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Credentials in their place, ready to be sent."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: list[tuple[str, str]] = field(default_factory=list, repr=False)
    auth: tuple[str, str] | None = field(default=None, repr=False)


def sign(settings: Mapping[str, Any], secrets: Mapping[str, str]) -> Sign:
    """Return what `settings` (sign_in, header_name, query_name) make of `secrets` (key, user_name, password).

    Raises Refused where the credentials were not entered.
    """
    way = settings["sign_in"]
    if way == NONE:
        return Sign()
    if way == BASIC:
        user_name, password = secrets.get("user_name", ""), secrets.get("password", "")
        _given(user_name or password)
        return Sign(auth=(user_name, password))
    key = _given(secrets.get("key", ""))
    if way == QUERY:
        return Sign(params=[(settings["query_name"], key)])
    if way == HEADER:
        return Sign(headers={settings["header_name"]: key})
    return Sign(headers={"Authorization": f"Bearer {key}"})


def _given(secret: str) -> str:
    if not secret:
        raise Refused(problem("no_key"), reason=Reason.UNAUTHORISED, permanent=True)
    return secret


def without_key(url: str, settings: Mapping[str, Any]) -> str:
    """Return a URL without the key that a service may have written into it, because the key is sent anyway."""
    parts = urlsplit(url)
    key = settings["query_name"] if settings["sign_in"] == QUERY else None
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != key])
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
