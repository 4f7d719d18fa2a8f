"""A token that is sent as it was entered (RFC 6750)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from connectors.signing.contract import AUTHORIZATION, Sign, given

if TYPE_CHECKING:
    from connectors.protocol import Call

SLUG = "bearer"
LABEL = _("Bearer token")
IS_COMMON = True
SETTINGS: tuple[str, ...] = ()
SECRETS = ("key",)
NEEDED = ("key",)


def sign(call: Call) -> Sign:
    """Return the header with the token."""
    return Sign(headers={"Authorization": f"Bearer {given(call.secrets, 'key')}"})


def places(settings: Mapping[str, Any]) -> frozenset[str]:  # noqa: ARG001  the contract of a way
    """Return the one header."""
    return frozenset({AUTHORIZATION})
