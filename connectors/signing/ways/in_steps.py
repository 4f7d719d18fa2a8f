"""Credentials that are sent only where the steps of a feed name them, such as `{password}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from connectors.signing.contract import Sign

if TYPE_CHECKING:
    from connectors.protocol import Call

SLUG = "steps"
LABEL = _("Only where the steps of a feed name it")
IS_COMMON = False
SETTINGS: tuple[str, ...] = ()
SECRETS = ("key", "user_name", "password")
NEEDED: tuple[str, ...] = ()


def sign(call: Call) -> Sign:  # noqa: ARG001  the contract of a way
    """Return nothing: steps send what they name."""
    return Sign()


def places(settings: Mapping[str, Any]) -> frozenset[str]:  # noqa: ARG001  the contract of a way
    """Return nothing."""
    return frozenset()
