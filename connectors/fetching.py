"""Asking a source: the one place where settings, credentials, session and kind meet."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from ipaddress import ip_network
from time import monotonic
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings as installation
from django.db import IntegrityError
from django.db.models import CharField
from django.forms import Form
from django.forms.utils import pretty_name
from django.utils.translation import gettext_noop, override

from connectors import signing
from connectors.calls.log import LogOf, NoLog
from connectors.calls.masking import hidden
from connectors.calls.row_masking import mask_of_rows
from connectors.calls.rules import kept
from connectors.errors import FetchError, Malformed, Misconfigured, Reason, Refused
from connectors.models import CallRecord, Collection, Connection, Feed
from connectors.outbound import CallNote, ClientCertificate, GuardedSession, Policy
from connectors.outbound.answer import as_it_is
from connectors.outbound.gate import OPEN, Gate
from connectors.outbound.notes import ignore
from connectors.problems import problem
from connectors.protocol import Call, CallLog, Gateway, Kind, Page, Tokens, Window
from connectors.secrets import KeyLost
from connectors.stored_tokens import TokensOf
from connectors.throttling import gate_of
from connectors.tokens import TokensOfATry

ResultT = TypeVar("ResultT")
logger = logging.getLogger(__name__)

DAYS_TRIED = 7  # enough rows to see what a list is
SECONDS_OF_A_TRIAL, SECONDS_AT_THE_GATE = 10.0, 3.0  # somebody waits for it
KEY_LOST = problem("key_lost")
UNEXPECTED = problem("unexpected")
LONGEST = {
    column.name: column.max_length for column in CallRecord._meta.concrete_fields if isinstance(column, CharField)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place that is called, as it was stored or typed in; `tokens` keeps what its sign-in gave."""

    kind: Kind
    settings: Mapping[str, Any]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    tokens: Tokens = field(default_factory=TokensOfATry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is wanted of whom, as it was stored or typed in; `form` cleans the `query`, the kind's own where None.

    `may_be_empty` and `may_guess` as in Call.
    """

    place: Place
    query: Mapping[str, Any]
    window: Window
    zone: ZoneInfo
    gateway: Place | None = None
    form: type[Form] | None = None
    cursor: Any = None
    validators: Mapping[str, str] = field(default_factory=dict)
    gate: Gate = OPEN
    calls: CallLog = field(default_factory=NoLog)
    may_be_empty: bool = False
    may_guess: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a source answered when it was tried: a page or an error, and a note of every request.

    `mask` takes the secrets out of a text, those included that were obtained on the way.
    """

    page: Page | None
    error: FetchError | None
    notes: tuple[CallNote, ...]
    mask: Callable[[str], str] = field(default=as_it_is, repr=False)


def policy() -> Policy:
    """Return what outgoing calls may do on this installation, from its settings."""
    return Policy(
        allowed_networks=tuple(ip_network(text) for text in installation.OUTBOUND_ALLOWED_NETWORKS),
        allowed_hosts=frozenset(host.strip().lower().rstrip(".") for host in installation.OUTBOUND_ALLOWED_HOSTS),
        egress_proxy=installation.OUTBOUND_PROXY or None,
    )


def place_of(connection: Connection, *, now: datetime) -> Place:
    """Return a stored connection as a place to call. Raises Refused where its seal cannot be opened."""
    try:
        secrets = connection.unseal()
    except KeyLost:
        raise Refused(KEY_LOST, reason=Reason.UNAUTHORISED, permanent=True) from None
    tokens = TokensOf(connection=connection, now=clock_from(now))
    return Place(kind=connection.kind_module, settings=connection.settings, secrets=secrets, tokens=tokens)


def order_of(connection: Connection, query: Mapping[str, Any], window: Window, *, now: datetime, **more: Any) -> Order:
    """Return what is wanted of a stored connection, through its gateway and within its limits; `more` as in Order.

    Raises Refused where a seal cannot be opened.
    """
    gateway = connection.gateway
    return Order(
        place=place_of(connection, now=now),
        gateway=place_of(gateway, now=now) if gateway else None,
        query=query,
        window=window,
        zone=connection.organisation.zone,
        gate=gate_of(connection),
        calls=LogOf(connection.organisation),
        **more,
    )


def fetch(feed: Feed, window: Window, *, now: datetime, collection: Collection) -> Page:
    """Ask a feed's source for one stretch of time, and write every request into the call log. Raises FetchError.

    The rows that come hold none of the connection's secrets, for they are kept, shown and made segments of.
    Call it outside of transactions: it waits for the network, and the log is to stay whatever becomes of the rest.
    """
    connection = feed.connection
    order = order_of(
        connection,
        feed.query,
        window,
        now=now,
        cursor=feed.cursor,
        validators=feed.validators,
        may_be_empty=bool(feed.at_path),
        may_guess=False,
    )
    log = partial(write_down, collection=collection, connection=connection)
    return carried_out(order, partial(_fetched, connection.kind_module), policy=policy(), now=now, log=log)


def _fetched(kind: Kind, call: Call) -> Page:
    page = kind.fetch(call)
    return replace(page, rows=mask_of_rows(call)(page.rows))


def try_out(
    *,
    kind: Kind,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    query: Mapping[str, Any],
    window: Window,
    zone: ZoneInfo,
    now: datetime,
    tokens: Tokens | None = None,
    gateway: Place | None = None,
    gate: Gate = OPEN,
    calls: CallLog | None = None,
    log: Callable[[CallNote], None] = ignore,
) -> Trial:
    """Ask once, quickly and without a row in the database, for people who try a connection. Raises no FetchError.

    `tokens` are those of a stored connection, so that a token that was replaced on the way is not lost; its `gate`
    counts this call too, and its `log` is given a note of it. `calls` is the log that may be read.
    """
    place = Place(kind=kind, settings=settings, secrets=secrets, tokens=tokens or TokensOfATry())
    order = Order(
        place=place, gateway=gateway, query=query, window=window, zone=zone, gate=gate, calls=calls or NoLog()
    )
    quick, notes = _quick(policy()), list[CallNote]()
    page, error, masks = None, None, list[Callable[[str], str]]()

    def asked(call: Call) -> Page:
        masks.append(call.session.redaction.text)
        return kind.fetch(call)

    def noted(note: CallNote) -> None:
        notes.append(note)
        log(note)

    try:
        page = carried_out(order, asked, policy=quick, now=now, log=noted)
    except FetchError as caught:
        error = caught
    return Trial(page=page, error=error, notes=tuple(notes), mask=masks[0] if masks else as_it_is)


def _quick(usual: Policy) -> Policy:
    seconds, wait = SECONDS_OF_A_TRIAL, SECONDS_AT_THE_GATE
    return replace(usual, deadline=seconds, attempts=1, first_turn=wait, next_turn=wait)


def trial_window(zone: ZoneInfo, now: datetime) -> Window:
    """Return the days a source is asked for when it is only tried: the last seven, today included."""
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return Window(since=today - timedelta(days=DAYS_TRIED - 1), until=now)


def carried_out(
    order: Order, do: Callable[[Call], ResultT], *, policy: Policy, now: datetime, log: Callable[[CallNote], None]
) -> ResultT:
    """Open a call and return what `do` makes of it; whatever it raises leaves as a FetchError without secrets."""
    settings, secrets = _of_place(order.place)
    gateway = _gateway(order.gateway) if order.gateway else None
    call_of = partial(
        Call,
        settings=settings,
        secrets=secrets,
        query=cleaned(order.form or order.place.kind.Query, order.query),
        window=order.window,
        zone=order.zone,
        cursor=order.cursor,
        validators=order.validators,
        tokens=order.place.tokens,
        calls=order.calls,
        gateway=gateway,
        may_be_empty=order.may_be_empty,
        may_guess=order.may_guess,
    )
    known = [value for each in (secrets, gateway.secrets if gateway else {}) for value in hidden(each)]
    certificate = _certificate(settings, secrets, gateway)
    with GuardedSession(
        policy=policy, secrets=known, log=log, now=clock_from(now), gate=order.gate, certificate=certificate
    ) as session:
        return _guarded(do, call_of(session=session))


def _of_place(place: Place) -> tuple[dict[str, Any], dict[str, Any]]:
    return cleaned(place.kind.Settings, place.settings), cleaned(place.kind.Secrets, place.secrets, hidden=True)


def _gateway(place: Place) -> Gateway:
    settings, secrets = _of_place(place)
    return Gateway(settings=settings, secrets=secrets, tokens=place.tokens)


def _certificate(
    settings: Mapping[str, Any], secrets: Mapping[str, str], gateway: Gateway | None
) -> ClientCertificate | None:
    """Return the certificate that is shown, to whom the connection is made: the gateway where there is one."""
    own = signing.certificate_of(settings, secrets)
    chain = (signing.certificate_of(gateway.settings, gateway.secrets) if gateway else None) or own
    to = gateway.settings if gateway else settings
    return ClientCertificate(chain=chain, address=to["address"]) if chain else None


def _guarded(do: Callable[[Call], ResultT], call: Call) -> ResultT:
    try:
        return do(call)
    except FetchError as error:
        raise error.masked(call.session.redaction.text) from None
    except Exception as error:
        # a kind meets answers that nobody foresaw, and a collection must end with a reason
        _note_unexpected(error)
        raise Malformed(UNEXPECTED) from None


def _note_unexpected(error: Exception) -> None:
    """Log where it happened, and not what it says: that may quote an answer or a key."""
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("A kind raised %s:\n%s", type(error).__name__, where)


@lru_cache(maxsize=2000)
def _as_before(form_class: type[Form], given: str) -> dict[str, Any]:
    """Return what a form made of the same values; a feed asks again and again, and a form takes its time."""
    return _judged(form_class, json.loads(given), hidden=False)


def cleaned(form_class: type[Form], given: Mapping[str, Any], *, hidden: bool = False) -> dict[str, Any]:
    """Return what a kind's form makes of stored values; secrets are remembered nowhere. Raises Misconfigured."""
    if hidden and given:
        return _judged(form_class, given, hidden=True)
    return dict(_as_before(form_class, json.dumps(given, sort_keys=True, default=str)))


def _judged(form_class: type[Form], given: Mapping[str, Any], *, hidden: bool) -> dict[str, Any]:
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


def clock_from(now: datetime) -> Callable[[], datetime]:
    """Return a clock that starts at `now`: a collection has one beginning, and its requests follow it."""
    started = monotonic()
    return lambda: now + timedelta(seconds=monotonic() - started)


def write_down(note: CallNote, *, connection: Connection, collection: Collection | None = None) -> None:
    """Write a request into the log of a connection, by the rules of the connection."""
    note = kept(note, connection)
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
