"""Asking a source: the one place where settings, credentials, session and kind meet."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_network
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings as installation
from django.db import IntegrityError
from django.db.models import CharField
from django.forms import Form
from django.forms.utils import pretty_name
from django.utils.translation import gettext_noop, override

from connectors.errors import FetchError, Malformed, Misconfigured, Reason, Refused
from connectors.models import CallRecord, Collection, Connection, Feed
from connectors.outbound import CallNote, GuardedSession, Policy, Redaction
from connectors.problems import problem
from connectors.protocol import Call, Kind, Page, Window
from connectors.secrets import KeyLost

logger = logging.getLogger(__name__)

SECONDS_OF_A_TRIAL = 10.0  # somebody waits for it
KEY_LOST = problem("key_lost")
UNEXPECTED = problem("unexpected")
LONGEST = {
    column.name: column.max_length for column in CallRecord._meta.concrete_fields if isinstance(column, CharField)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a source answered when it was tried: a page or an error, and a note of every request."""

    page: Page | None
    error: FetchError | None
    notes: tuple[CallNote, ...]


def policy() -> Policy:
    """Return what outgoing calls may do on this installation, from its settings."""
    return Policy(
        allowed_networks=tuple(ip_network(text) for text in installation.OUTBOUND_ALLOWED_NETWORKS),
        allowed_hosts=frozenset(host.strip().lower().rstrip(".") for host in installation.OUTBOUND_ALLOWED_HOSTS),
        egress_proxy=installation.OUTBOUND_PROXY or None,
    )


def fetch(feed: Feed, window: Window, *, now: datetime, collection: Collection) -> Page:
    """Ask a feed's source for one stretch of time, and write every request into the call log. Raises FetchError.

    Call it outside of transactions: it waits for the network, and the log is to stay whatever becomes of the rest.
    """
    connection = feed.connection
    order = _Order(
        kind=connection.kind_module,
        settings=connection.settings,
        secrets=_opened(connection),
        query=feed.query,
        window=window,
        zone=connection.organisation.zone,
        cursor=feed.cursor,
    )
    return _carry_out(order, policy=policy(), now=now, log=lambda note: _write_down(note, collection, connection))


def try_out(
    *,
    kind: Kind,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    query: Mapping[str, Any],
    window: Window,
    zone: ZoneInfo,
    now: datetime,
) -> Trial:
    """Ask once, quickly and without a row in the database, for people who try a connection. Raises no FetchError."""
    notes: list[CallNote] = []
    order = _Order(kind=kind, settings=settings, secrets=secrets, query=query, window=window, zone=zone)
    try:
        quick = replace(policy(), deadline=SECONDS_OF_A_TRIAL, attempts=1)
        page = _carry_out(order, policy=quick, now=now, log=notes.append)
    except FetchError as error:
        return Trial(page=None, error=error, notes=tuple(notes))
    return Trial(page=page, error=None, notes=tuple(notes))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What is wanted of whom, as it was stored or typed in."""

    kind: Kind
    settings: Mapping[str, Any]
    secrets: Mapping[str, str]
    query: Mapping[str, Any]
    window: Window
    zone: ZoneInfo
    cursor: Any = None


def _carry_out(order: _Order, *, policy: Policy, now: datetime, log: Callable[[CallNote], None]) -> Page:
    secrets = _cleaned(order.kind.Secrets, order.secrets, hidden=True)
    known = [value for value in secrets.values() if value]
    with GuardedSession(policy=policy, secrets=known, log=log, now=_clock(now)) as session:
        call = Call(
            session=session,
            settings=_cleaned(order.kind.Settings, order.settings),
            secrets=secrets,
            query=_cleaned(order.kind.Query, order.query),
            window=order.window,
            zone=order.zone,
            cursor=order.cursor,
        )
        return _fetched(order.kind, call, redaction=Redaction(known))


def _fetched(kind: Kind, call: Call, *, redaction: Redaction) -> Page:
    """Run the kind. Whatever it raises leaves as a FetchError without secrets."""
    try:
        return kind.fetch(call)
    except FetchError as error:
        raise error.masked(redaction.text) from None
    except Exception as error:
        # a kind meets answers that nobody foresaw, and a collection must end with a reason
        _note_unexpected(error)
        raise Malformed(UNEXPECTED) from None


def _note_unexpected(error: Exception) -> None:
    """Log where it happened, and not what it says: that may quote an answer or a key."""
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("A kind raised %s:\n%s", type(error).__name__, where)


def _cleaned(form_class: type[Form], given: Mapping[str, Any], *, hidden: bool = False) -> dict[str, Any]:
    """Return what a kind's form makes of stored values. Raises Misconfigured."""
    form = form_class(data=dict(given))
    if form.is_valid():
        return form.cleaned_data
    raise Misconfigured(problem("unfit_secret" if hidden else "unfit_setting", setting=_first_wrong(form)))


def _first_wrong(form: Form) -> str:
    """Return the label of the first field with something wrong, untranslated: it is translated when it is shown."""
    name = next(iter(form.errors))
    with override(None):
        return (
            str(form.fields[name].label or pretty_name(name)) if name in form.fields else gettext_noop("What is asked")
        )


def _opened(connection: Connection) -> dict[str, str]:
    try:
        return connection.unseal()
    except KeyLost:
        raise Refused(KEY_LOST, reason=Reason.UNAUTHORISED, permanent=True) from None


def _clock(now: datetime) -> Callable[[], datetime]:
    """Return a clock that starts at `now`: a collection has one beginning, and its requests follow it."""
    started = monotonic()
    return lambda: now + timedelta(seconds=monotonic() - started)


def _write_down(note: CallNote, collection: Collection, connection: Connection) -> None:
    texts = {name: getattr(note, name)[:length] for name, length in LONGEST.items()}
    # the connection may have been deleted while it was asked: then there is no log to write to
    with suppress(IntegrityError):
        connection.calls.create(
            collection=collection,
            at=note.at,
            status=note.status,
            took=note.took,
            size=note.size,
            attempt=note.attempt,
            sample=note.sample,
            problem=note.problem.as_stored() if note.problem else {},
            **texts,
        )
