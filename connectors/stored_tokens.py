"""Keeping the token of a sign-in in the database, for all workers: one of them renews it, before it runs out.

The row is the lease as well. Whoever holds it fetches a token, outside of any transaction; others go on with the token
that is still good, or wait. What is stored is under seal, the fingerprint of what it was made from within it, so that
neither can be read or guessed from the table.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.db.models import Q

from connectors.errors import Unreachable
from connectors.models import SignInToken
from connectors.problems import problem
from connectors.secrets import KeyLost

if TYPE_CHECKING:
    from connectors.models import Connection
    from connectors.protocol import Token
    from organisations.tenancy import TenantQuerySet

LEASE = timedelta(seconds=150)  # that fetching a token may take, repeated attempts included
PATIENCE = 60.0  # seconds that one waits for the worker who fetches a token
LOOK_AGAIN = 0.25  # seconds between two looks
AHEAD, SHARE_AHEAD = timedelta(seconds=60), 0.1  # a token is renewed before its end by the smaller of both
MADE_FROM = "made_from"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """A token as it stands in the database."""

    made_from: str
    values: Mapping[str, str] = field(repr=False)
    renew_at: datetime
    expires_at: datetime
    seal: str = field(repr=False)


@dataclass(slots=True, kw_only=True)
class TokensOf:
    """The token of one connection. `now` returns the aware time; may be shared by threads, of which one fetches."""

    connection: Connection
    now: Callable[[], datetime]
    sleep: Callable[[float], None] = time.sleep
    _held: _Kept | None = None
    _lock: Lock = field(default_factory=Lock, repr=False)

    def get(self, made_from: str, obtain: Callable[[Mapping[str, str] | None], Token]) -> Mapping[str, str]:
        """Return the values of the kept token, or of a new one. Call it outside of transactions. Raises FetchError."""
        with self._lock:
            if self._held is None or self._held.made_from != made_from or self.now() >= self._held.renew_at:
                self._held = self._from_store(made_from, obtain)
            return self._held.values

    def drop(self, made_from: str) -> None:
        """Let the token that was used last be renewed: the service does not take it any more.

        What renews it stays, and so does a token that another worker fetched meanwhile.
        """
        with self._lock:
            if self._held is not None and self._held.made_from == made_from:
                over = self.now()
                self._rows().filter(sealed=self._held.seal).update(renew_at=over, expires_at=over)
                self._held = None

    def _from_store(self, made_from: str, obtain: Callable[[Mapping[str, str] | None], Token]) -> _Kept:
        until = monotonic() + PATIENCE
        while True:
            kept = self._stored(made_from)
            if kept is not None and self.now() < kept.renew_at:
                return kept
            lease = self._leased()
            if lease:
                return self._renewed(made_from, obtain, lease)
            if kept is not None and self.now() < kept.expires_at:
                return kept
            if monotonic() >= until:
                raise Unreachable(problem("token_awaited"))
            self.sleep(LOOK_AGAIN)

    def _renewed(self, made_from: str, obtain: Callable[[Mapping[str, str] | None], Token], lease: str) -> _Kept:
        """Fetch a token and store it, unless another worker did between the look and the lease."""
        mine = self._rows().filter(lease=lease)
        try:
            kept = self._stored(made_from)
            if kept is not None and self.now() < kept.renew_at:
                return kept
            started = self.now()
            token = obtain(kept.values if kept else None)
            return self._store(made_from, token, started, mine)
        finally:
            mine.update(lease="", leased_until=None)

    def _store(self, made_from: str, token: Token, started: datetime, mine: TenantQuerySet[SignInToken]) -> _Kept:
        row = SignInToken(connection=self.connection)
        row.seal({MADE_FROM: made_from, **token.values})
        ahead = min(AHEAD, (token.expires_at - started) * SHARE_AHEAD)
        renew_at = token.expires_at - ahead
        mine.update(sealed=row.sealed, renew_at=renew_at, expires_at=token.expires_at)
        return _Kept(
            made_from=made_from,
            values=token.values,
            renew_at=renew_at,
            expires_at=token.expires_at,
            seal=row.sealed,
        )

    def _stored(self, made_from: str) -> _Kept | None:
        """Return the stored token; None where there is none of this sign-in, or where no key opens it."""
        row = self._rows().first()
        if row is None:
            return None
        row.connection = self.connection
        try:
            values = row.unseal()
        except KeyLost:
            return None
        if values.pop(MADE_FROM, "") != made_from:
            return None
        return _Kept(
            made_from=made_from,
            values=values,
            renew_at=row.renew_at,
            expires_at=row.expires_at,
            seal=row.sealed,
        )

    def _leased(self) -> str:
        """Take the lease and return its name; empty where another worker holds it. Raises Unreachable."""
        now, lease = self.now(), uuid.uuid4().hex
        over = {"sealed": "", "renew_at": now, "expires_at": now}
        try:
            self._rows().get_or_create(connection=self.connection, defaults=over)
        except IntegrityError:  # the connection may have been deleted while it was asked
            raise Unreachable(problem("broken_off")) from None
        free = Q(leased_until=None) | Q(leased_until__lte=now)
        return lease if self._rows().filter(free).won(lease=lease, leased_until=now + LEASE) else ""

    def _rows(self) -> TenantQuerySet[SignInToken]:
        rows: TenantQuerySet[SignInToken] = SignInToken.unscoped.filter(pk=self.connection.pk)
        return rows
