"""A key in a parameter of the address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from connectors.signing.contract import Sign, given

if TYPE_CHECKING:
    from connectors.protocol import Call

SLUG = "query"
LABEL = _("Key in the address")
IS_COMMON = True
SETTINGS = ("query_name",)
SECRETS = ("key",)
NEEDED = ("key",)


def sign(call: Call) -> Sign:
    """Return the parameter with the key."""
    return Sign(params=[(call.settings["query_name"], given(call.secrets, "key"))])


def places(settings: Mapping[str, Any]) -> frozenset[str]:
    """Return the parameter's name."""
    return frozenset({f"?{settings['query_name']}"})
