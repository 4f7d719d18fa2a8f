"""Values that arrive by themselves: typed in on a page or sent to the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from connectors.protocol import Call, Page
from organisations.wanted import Form

LABEL = _("Typed in or pushed")
SUMMARY = _("People type readings on a page, or programs send them to the API.")
COLLECTS = False


class Settings(Form):
    """Nothing to set: there is no address to call."""


class Secrets(Form):
    """Nothing to keep: programs sign in with an API key of the organisation."""


class Query(Form):
    """Nothing to ask."""


def fetch(call: Call) -> Page:  # noqa: ARG001  the contract of a kind
    """Return an empty page: nobody is asked."""
    return Page()


def address(settings: Mapping[str, Any]) -> str:  # noqa: ARG001  the contract of a kind
    """Return nothing: values arrive by themselves."""
    return ""
