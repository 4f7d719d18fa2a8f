"""A signed JSON web token that is exchanged for a token (RFC 7523, section 2.1), as service accounts do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from connectors.protocol import Token
from connectors.signing import assertions
from connectors.signing.contract import AUTHORIZATION, Sign, given
from connectors.signing.granting import granted
from connectors.signing.tokens import ACCESS, with_token

if TYPE_CHECKING:
    from connectors.protocol import Call

SLUG = "jwt_exchange"
LABEL = _("Service account (its signed token is exchanged)")
IS_COMMON = False
SETTINGS = ("token_address", *assertions.SETTINGS, "scope")
SECRETS = assertions.SECRETS
NEEDED = ("token_address", "issuer", "signing_key")
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def sign(call: Call) -> Sign:
    """Return the header with the token that the service account was given."""
    given(call.secrets, "signing_key")

    def obtain(before: Mapping[str, str] | None) -> Token:  # noqa: ARG001  an older token is of no use
        scope = call.settings["scope"]
        said = {"aud": call.settings["token_address"], **({"scope": scope} if scope else {})}
        assertion = assertions.made(call, **said).values[ACCESS]
        token = granted(call, {"grant_type": GRANT, "assertion": assertion, "scope": scope}, harmless=True)
        return Token(values={ACCESS: token.values[ACCESS]}, expires_at=token.expires_at)

    return with_token(call, obtain, made_from=(*SETTINGS, *SECRETS))


def places(settings: Mapping[str, Any]) -> frozenset[str]:  # noqa: ARG001  the contract of a way
    """Return the one header."""
    return frozenset({AUTHORIZATION})
