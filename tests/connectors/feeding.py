"""Asking as a feed does, time after time: with the cursor and the validators that the call before brought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.calls.log import NoLog
from connectors.fetching import policy
from connectors.kinds import http
from connectors.outbound import CallNote, GuardedSession
from connectors.protocol import Call, Page, Window
from connectors.tokens import TokensOfATry
from tests.connectors.asking import BERLIN, NOVEMBER, NOW


@dataclass
class Feeding:
    """One feed: what it asks, what it keeps from call to call, and a note of every request."""

    address: str
    query: Mapping[str, Any]
    secrets: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    cursor: Any = None
    validators: Mapping[str, str] = field(default_factory=dict)
    notes: list[CallNote] = field(default_factory=list)

    def collect(self, window: Window = NOVEMBER) -> Page:
        """Ask once, and keep what a collection keeps. Raises FetchError, and keeps nothing then."""
        settings = cleaned(http.Settings({"address": self.address, **self.settings}))
        secrets = cleaned(http.Secrets(dict(self.secrets)))
        hidden = [value for value in secrets.values() if value]
        with GuardedSession(
            policy=policy(), now=lambda: NOW, secrets=hidden, log=self.notes.append, sleep=lambda _: None
        ) as session:
            call = Call(
                session=session,
                settings=settings,
                secrets=secrets,
                query=cleaned(http.Query(dict(self.query))),
                window=window,
                zone=BERLIN,
                cursor=self.cursor,
                validators=self.validators,
                tokens=TokensOfATry(),
                calls=NoLog(),
            )
            page = http.fetch(call)
        self.cursor, self.validators = page.cursor, page.validators
        return page


def cleaned(form: Any) -> dict[str, Any]:
    """Return what a form makes of what it was given."""
    assert form.is_valid(), form.errors
    found: dict[str, Any] = form.cleaned_data
    return found
