"""A signed JSON web token as the bearer token (RFC 7519, RFC 6750): nobody is asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from connectors.signing import assertions
from connectors.signing.contract import AUTHORIZATION, Sign, given
from connectors.signing.tokens import with_token

if TYPE_CHECKING:
    from connectors.protocol import Call, Token

SLUG = "jwt"
LABEL = _("Signed token (JWT)")
IS_COMMON = False
SETTINGS = assertions.SETTINGS
SECRETS = assertions.SECRETS
NEEDED = ("signing_key",)


def sign(call: Call) -> Sign:
    """Return the header with a token that the connection signed itself."""
    given(call.secrets, "signing_key")

    def obtain(before: Mapping[str, str] | None) -> Token:  # noqa: ARG001  an older token is of no use
        return assertions.made(call)

    return with_token(call, obtain, made_from=(*SETTINGS, *SECRETS))


def places(settings: Mapping[str, Any]) -> frozenset[str]:  # noqa: ARG001  the contract of a way
    """Return the one header."""
    return frozenset({AUTHORIZATION})
