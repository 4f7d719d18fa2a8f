"""Seals all credentials anew under the newest key, so that older keys can leave the ring."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connectors import secrets
from connectors.models import Connection, SignInToken
from connectors.secrets import KeyLost

BATCH = 200


class Command(BaseCommand):
    """Put the new key first in ENCRYPTION_KEYS, restart, run this, then take the old keys out."""

    help = "Seal all credentials anew under the first of ENCRYPTION_KEYS. Can be stopped and run again at any time."

    def handle(self, *_: Any, **__: Any) -> None:
        """Seal anew what another key sealed, name what no key opens, and fail if there is any."""
        sealed, lost = 0, 0
        for batch in batches():
            for connection in batch:
                if secrets.is_current(connection.sealed):
                    continue
                try:
                    sealed += seal_anew(connection)
                except KeyLost:
                    lost += 1
                    self.stderr.write(f"{connection.organisation} / {connection}: no key opens its credentials.")
            self.stdout.write(f"{sealed} sealed anew so far.")
        self._tokens()
        self.stdout.write(f"Done: {sealed} sealed anew, {lost} lost.")
        if lost:
            raise CommandError("Keep the old keys, or enter the credentials of the connections named above again.")

    def _tokens(self) -> None:
        """Seal kept tokens anew: some hold a refresh token, which nobody could enter again. A lost one is fetched."""
        tokens = SignInToken.unscoped.exclude(sealed="").select_related("connection").order_by("pk")
        for token in tokens.iterator(BATCH):
            if not secrets.is_current(token.sealed):
                with suppress(KeyLost):
                    seal_token_anew(token)


def batches() -> Iterator[list[Connection]]:
    """Yield all connections with credentials, in batches, so that no transaction and no list grows long."""
    connections = Connection.unscoped.exclude(sealed="").select_related("organisation").order_by("pk")
    reached = 0
    while batch := list(connections.filter(pk__gt=reached)[:BATCH]):
        yield batch
        reached = batch[-1].pk


def seal_anew(connection: Connection) -> int:
    """Seal one connection's credentials under the newest key; 0 if somebody entered new ones meanwhile, else 1."""
    before = connection.sealed
    connection.seal(connection.unseal())
    return Connection.unscoped.filter(pk=connection.pk, sealed=before).update(sealed=connection.sealed)


def seal_token_anew(token: SignInToken) -> None:
    """Seal one token under the newest key, unless it was renewed meanwhile."""
    before = token.sealed
    token.seal(token.unseal())
    SignInToken.unscoped.filter(pk=token.pk, sealed=before).update(sealed=token.sealed)
