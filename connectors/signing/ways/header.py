"""A key in a header of the service's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from connectors.signing.contract import Sign, given

if TYPE_CHECKING:
    from connectors.protocol import Call

SLUG = "header"
LABEL = _("Key in a header")
IS_COMMON = True
SETTINGS = ("header_name",)
SECRETS = ("key",)
NEEDED = ("key",)


def sign(call: Call) -> Sign:
    """Return the header with the key."""
    return Sign(headers={call.settings["header_name"]: given(call.secrets, "key")})


def places(settings: Mapping[str, Any]) -> frozenset[str]:
    """Return the header's name."""
    return frozenset({str(settings["header_name"]).lower()})
