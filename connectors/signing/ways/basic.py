"""User name and password (RFC 7617)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from connectors.errors import Reason, Refused
from connectors.problems import problem
from connectors.signing.contract import AUTHORIZATION, Sign

if TYPE_CHECKING:
    from connectors.protocol import Call

SLUG = "basic"
LABEL = _("User name and password")
IS_COMMON = True
SETTINGS: tuple[str, ...] = ()
SECRETS = ("user_name", "password")
NEEDED = ("user_name",)


def sign(call: Call) -> Sign:
    """Return the header. Services that know keys alone take one as the user's name, and no password."""
    user_name, password = call.secrets.get("user_name", ""), call.secrets.get("password", "")
    if not (user_name or password):
        raise Refused(problem("no_key"), reason=Reason.UNAUTHORISED, permanent=True)
    return Sign(headers={"Authorization": f"Basic {packed(user_name, password)}"})


def packed(user_name: str, password: str) -> str:
    """Return both as the header holds them."""
    return base64.b64encode(f"{user_name}:{password}".encode()).decode()


def places(settings: Mapping[str, Any]) -> frozenset[str]:  # noqa: ARG001  the contract of a way
    """Return the one header."""
    return frozenset({AUTHORIZATION})
