"""Signed JSON web tokens (RFC 7519): what a connection says about itself, under its own signature."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from jwt.exceptions import PyJWTError

from connectors.errors import Reason, Refused
from connectors.problems import problem
from connectors.protocol import Token
from connectors.signing import pem
from connectors.signing.contract import given
from connectors.signing.tokens import ACCESS

if TYPE_CHECKING:
    from connectors.protocol import Call

SHARED = "HS256"
ALGORITHMS = [(SHARED, "HS256"), ("RS256", "RS256"), ("ES256", "ES256")]
OURS = frozenset({"iss", "sub", "aud", "iat", "exp"})  # claims that have a field of their own
SETTINGS = ("algorithm", "issuer", "subject", "audience", "key_id", "life", "claims")
SECRETS = ("signing_key",)


def made(call: Call, **usual: str) -> Token:
    """Return a token signed with the connection's key; `usual` are claims that settings leave out.

    Raises Refused where the key is missing or does not fit the algorithm.
    """
    settings, now = call.settings, call.session.now()
    life = timedelta(seconds=int(settings["life"]))
    own = {"iss": settings["issuer"], "sub": settings["subject"], "aud": settings["audience"]}
    claims = {
        **usual,
        **json.loads(settings["claims"] or "{}"),
        **{name: value for name, value in own.items() if value},
        "iat": int(now.timestamp()),
        "exp": int((now + life).timestamp()),
    }
    signed = _signed(claims, settings, given(call.secrets, "signing_key"))
    call.session.hide(signed)
    return Token(values={ACCESS: signed}, expires_at=now + life)


def _signed(claims: dict[str, Any], settings: Any, key: str) -> str:
    algorithm = settings["algorithm"]
    headers = {"kid": settings["key_id"]} if settings["key_id"] else None
    found = [key] if algorithm == SHARED else pem.blocks(key)
    try:
        return jwt.encode(claims, found[0], algorithm=algorithm, headers=headers)
    except (AttributeError, IndexError, PyJWTError, TypeError, ValueError, UnsupportedAlgorithm):
        said = problem("signing_key_unfit", algorithm=algorithm)
        raise Refused(said, reason=Reason.UNAUTHORISED, permanent=True) from None
