"""OAuth 2 with a refresh token (RFC 6749, section 6): what somebody allowed once is exchanged for tokens ever anew.

Many services replace the refresh token each time it is used. The new one is kept under seal beside the token, and the
one that was entered only begins the chain.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from connectors.signing.contract import AUTHORIZATION, Sign, given
from connectors.signing.granting import REFRESH, granted
from connectors.signing.tokens import with_token

if TYPE_CHECKING:
    from connectors.protocol import Call, Token

SLUG = "refresh_token"
LABEL = _("OAuth 2 with a refresh token")
IS_COMMON = False
SETTINGS = ("token_address", "client_id", "client_auth", "scope")
SECRETS = ("refresh_token", "client_secret")
NEEDED = ("token_address", "refresh_token")


def sign(call: Call) -> Sign:
    """Return the header with a token of the person who allowed it."""
    entered = given(call.secrets, "refresh_token")

    def obtain(before: Mapping[str, str] | None) -> Token:
        latest = (before or {}).get(REFRESH) or entered
        grant = {"grant_type": "refresh_token", REFRESH: latest, "scope": call.settings["scope"]}
        return granted(call, grant, harmless=False)

    return with_token(call, obtain, made_from=(*SETTINGS, *SECRETS))


def places(settings: Mapping[str, Any]) -> frozenset[str]:  # noqa: ARG001  the contract of a way
    """Return the one header."""
    return frozenset({AUTHORIZATION})
