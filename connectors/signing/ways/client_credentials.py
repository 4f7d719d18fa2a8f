"""OAuth 2 client credentials (RFC 6749, section 4.4): name and secret of a client are exchanged for a token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from connectors.protocol import Token
from connectors.signing.contract import AUTHORIZATION, Sign, given
from connectors.signing.granting import granted
from connectors.signing.tokens import ACCESS, with_token

if TYPE_CHECKING:
    from connectors.protocol import Call

SLUG = "client_credentials"
LABEL = _("OAuth 2 with client name and secret")
IS_COMMON = False
SETTINGS = ("token_address", "client_id", "client_auth", "scope", "audience")
SECRETS = ("client_secret",)
NEEDED = ("token_address", "client_id", "client_secret")


def sign(call: Call) -> Sign:
    """Return the header with the client's token."""
    given(call.secrets, "client_secret")

    def obtain(before: Mapping[str, str] | None) -> Token:  # noqa: ARG001  the client needs no older token
        wanted = {name: call.settings[name] for name in ("scope", "audience")}
        token = granted(call, {"grant_type": "client_credentials", **wanted}, harmless=True)
        return Token(values={ACCESS: token.values[ACCESS]}, expires_at=token.expires_at)

    return with_token(call, obtain, made_from=(*SETTINGS, *SECRETS))


def places(settings: Mapping[str, Any]) -> frozenset[str]:  # noqa: ARG001  the contract of a way
    """Return the one header."""
    return frozenset({AUTHORIZATION})
