"""Signed tokens of the pretend gateway: JWT (RFC 7519) with HS256 (RFC 7515), made and checked. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.sandbox import keys

LEEWAY = 60  # seconds that clocks may differ
LONGEST_LIFE = 24 * 3600  # seconds; a gateway takes no token that never ends
ACCESS, REFRESH = "access", "refresh"


class BadToken(ValueError):
    """A token is not accepted; the message says why."""


def made(claims: Mapping[str, Any]) -> str:
    """Return a token that holds `claims`."""
    body = f"{_packed({'alg': 'HS256', 'typ': 'JWT'})}.{_packed(claims)}"
    return f"{body}.{_signature(body)}"


def checked(token: str, now: datetime) -> dict[str, Any]:
    """Return the claims of a token whose signature, issuer and times are right. Raises BadToken."""
    body, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(body).encode()):
        raise BadToken("The signature does not fit.")
    head, _, packed = body.partition(".")
    if _unpacked(head).get("alg") != "HS256":
        raise BadToken("Sign with HS256.")
    claims = _unpacked(packed)
    if claims.get("iss") not in keys.ISSUERS:
        raise BadToken("The issuer is not known.")
    _check_times(claims, now.timestamp())
    return claims


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    ends, begins = claims.get("exp"), claims.get("nbf", claims.get("iat", 0))
    if not isinstance(ends, int | float) or not isinstance(begins, int | float):
        raise BadToken("The token must say when it ends (exp), in seconds.")
    if ends <= now:
        raise BadToken("The token has expired.")
    if begins > now + LEEWAY:
        raise BadToken("The token is not valid yet.")
    if claims.get("typ") != REFRESH and ends > now + LONGEST_LIFE:
        raise BadToken("The token lives longer than a day.")


def _packed(document: Mapping[str, Any]) -> str:
    return _base64(json.dumps(document, separators=(",", ":")).encode())


def _unpacked(text: str) -> dict[str, Any]:
    try:
        document = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        raise BadToken("This is no token.") from None
    if not isinstance(document, dict):
        raise BadToken("This is no token.")
    return document


def _signature(body: str) -> str:
    return _base64(hmac.new(keys.SIGNING_KEY.encode(), body.encode(), hashlib.sha256).digest())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
