"""No sign-in: anybody may ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import pgettext_lazy

from connectors.signing.contract import Sign

if TYPE_CHECKING:
    from connectors.protocol import Call

SLUG = "none"
LABEL = pgettext_lazy("sign-in", "No")
IS_COMMON = True
SETTINGS: tuple[str, ...] = ()
SECRETS: tuple[str, ...] = ()
NEEDED: tuple[str, ...] = ()


def sign(call: Call) -> Sign:  # noqa: ARG001  the contract of a way
    """Return nothing."""
    return Sign()


def places(settings: Mapping[str, Any]) -> frozenset[str]:  # noqa: ARG001  the contract of a way
    """Return nothing."""
    return frozenset()
