"""The log of what another connection was asked: how many calls, how many failed, and how long they took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connectors.fields import Choice, ConnectionName
from connectors.protocol import Call, Page
from organisations.wanted import Form

LABEL = _("Call log")
SUMMARY = _("Reads how often another connection is called, how many calls fail, and how long they take.")
COLLECTS = True


class Settings(Form):
    """Whose calls are read."""

    WANTED = {"of": _("Choose the connection whose calls are read.")}

    of = ConnectionName(
        label=_("Calls of"), help_text=_("A connection of this organisation. A gateway includes what is behind it.")
    )


class Secrets(Form):
    """Nothing to keep: the log is here."""


class Query(Form):
    """For which stretches of time the calls are added up."""

    by = Choice(
        label=_("Added up by"),
        choices=[("hour", _("the hour")), ("day", _("the day"))],
        help_text=_("A row for each; days are those of the organisation's time zone."),
    )


def fetch(call: Call) -> Page:
    """Return a row for each hour or day with a call. Raises FetchError where there is no such connection."""
    rows = [dict(row) for row in call.calls.rows(call.settings["of"], call.window, by=call.query["by"])]
    return Page(rows=rows, answer=rows)


def address(settings: Mapping[str, Any]) -> str:
    """Return whose calls they are."""
    of = settings.get("of", "")
    return gettext("The calls of %(name)s") % {"name": of} if of else ""
