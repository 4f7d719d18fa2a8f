"""What a feed asks, as a curl command."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from connectors import calling, curl_writing
from connectors.calls.log import NoLog
from connectors.errors import FetchError
from connectors.fetching import cleaned, clock_from, policy, trial_window
from connectors.outbound import GuardedSession
from connectors.protocol import Asking, Call, Gateway, is_asking
from connectors.tokens import TokensOfATry

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.models import Connection, Feed

OF_GATEWAY = "gateway_"  # what the names of its variables begin with


def of(feed: Feed, now: datetime) -> dict[str, Any]:
    """Return the command, secrets left out; nothing where what is asked is not one request."""
    command = command_of(feed, now)
    return {"command": command} if command else {}


def command_of(feed: Feed, now: datetime) -> str:
    """Return the command that asks for the last days; empty where there is none, or what is stored does not fit."""
    kind = feed.connection.kind_module
    if not is_asking(kind):
        return ""
    try:
        return _written(kind, feed, now)
    except FetchError:
        return ""


def _written(kind: Asking, feed: Feed, now: datetime) -> str:
    connection, zone = feed.connection, feed.connection.organisation.zone
    gateway = _gateway(connection.gateway) if connection.gateway else None
    with GuardedSession(policy=policy(), now=clock_from(now)) as session:  # through which nothing goes
        call = Call(
            session=session,
            settings=cleaned(kind.Settings, connection.settings),
            secrets={},
            query=cleaned(kind.Query, feed.query),
            window=trial_window(zone, now),
            zone=zone,
            tokens=TokensOfATry(),
            calls=NoLog(),
            gateway=gateway,
        )
        asked = kind.request(call, curl_writing.variable)
    request = replace(asked, headers={**calling.of_gateway(call), **asked.headers})
    signs = [curl_writing.signed(call.settings)]
    if gateway is not None:
        signs.append(curl_writing.signed(gateway.settings, prefix=OF_GATEWAY))
    return curl_writing.written(request, *signs)


def _gateway(row: Connection) -> Gateway:
    settings = cleaned(row.kind_module.Settings, row.settings)
    return Gateway(settings=settings, secrets={}, tokens=TokensOfATry())
