"""Sealing all credentials anew."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from connectors import secrets
from connectors.management.commands import rotate_keys
from connectors.models import Connection, SignInToken
from organisations.models import Organisation

OLD, NEW = "old:" + "A" * 43 + "=", "new:" + "B" * 43 + "="

pytestmark = pytest.mark.django_db


def connect(organisation: Organisation, name: str, key: str) -> Connection:
    connection: Connection = organisation.connections.create(name=name, kind="http")
    connection.seal({"key": key})
    connection.save()
    return connection


@pytest.fixture
def sealed(organisation: Organisation, elsewhere: Organisation, settings: Settings) -> list[Connection]:
    """Five connections whose credentials the old key sealed, and one without any; the new key leads the ring."""
    settings.ENCRYPTION_KEYS = [OLD]
    found = [connect(organisation, f"API {number}", f"key-{number}") for number in range(4)]
    found.append(connect(elsewhere, "API 4", "key-4"))
    organisation.connections.create(name="Typed in", kind="push")
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    return found


def rotate() -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("rotate_keys", stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def keys_of(connections: list[Connection]) -> list[str]:
    return [Connection.unscoped.get(pk=connection.pk).unseal()["key"] for connection in connections]


def test_afterwards_the_old_key_may_leave_the_ring(sealed: list[Connection], settings: Settings) -> None:
    out, err = rotate()
    assert out.endswith("Done: 5 sealed anew, 0 lost.\n")
    assert err == ""
    settings.ENCRYPTION_KEYS = [NEW]
    assert keys_of(sealed) == ["key-0", "key-1", "key-2", "key-3", "key-4"]


def test_a_second_run_finds_nothing_to_do(sealed: list[Connection]) -> None:
    rotate()
    before = list(Connection.unscoped.values_list("sealed", flat=True))
    assert "Done: 0 sealed anew, 0 lost." in rotate()[0]
    assert list(Connection.unscoped.values_list("sealed", flat=True)) == before


def test_it_goes_on_where_it_was_stopped(sealed: list[Connection], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotate_keys, "BATCH", 2)
    seal_anew = rotate_keys.seal_anew
    done: list[Connection] = []

    def interrupted(connection: Connection) -> int:
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(connection)
        return seal_anew(connection)

    monkeypatch.setattr(rotate_keys, "seal_anew", interrupted)
    with pytest.raises(KeyboardInterrupt):
        rotate()
    monkeypatch.setattr(rotate_keys, "seal_anew", seal_anew)
    assert "2 sealed anew so far.\nDone: 2 sealed anew, 0 lost." in rotate()[0]
    assert keys_of(sealed) == ["key-0", "key-1", "key-2", "key-3", "key-4"]


def test_a_lost_key_is_named_and_the_rest_goes_on(sealed: list[Connection], settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = ["gone:" + "C" * 43 + "="]
    sealed[1].seal({"key": "nobody opens this"})
    sealed[1].save()
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("rotate_keys", stdout=out, stderr=err)
    assert caught.value.returncode == 1
    assert "Done: 4 sealed anew, 1 lost." in out.getvalue()
    assert err.getvalue() == "Growth / API 1: no key opens its credentials.\n"
    assert keys_of([connection for connection in sealed if connection.name != "API 1"]) == [
        "key-0",
        "key-2",
        "key-3",
        "key-4",
    ]


def test_a_key_that_was_entered_meanwhile_is_not_overwritten(sealed: list[Connection]) -> None:
    stale = sealed[0]
    fresh = Connection.unscoped.get(pk=stale.pk)
    fresh.seal({"key": "entered a moment ago"})
    fresh.save()
    assert rotate_keys.seal_anew(stale) == 0
    assert keys_of([fresh]) == ["entered a moment ago"]


def test_nothing_is_printed_that_is_secret(sealed: list[Connection]) -> None:
    out, err = rotate()
    assert "key-" not in out + err
    assert all(connection.sealed not in out + err for connection in sealed)
    assert all(
        secrets.is_current(text) for text in Connection.unscoped.exclude(sealed="").values_list("sealed", flat=True)
    )


def test_kept_tokens_are_sealed_anew_too(sealed: list[Connection], settings: Settings) -> None:
    now = timezone.now()
    for connection, ring in ((sealed[0], [OLD]), (sealed[1], ["lost:" + "C" * 43 + "="])):
        settings.ENCRYPTION_KEYS = ring
        token = SignInToken(connection=connection, renew_at=now, expires_at=now)
        token.seal({"refresh_token": "of the chain"})
        token.save()
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    assert "Done: 5 sealed anew, 0 lost." in rotate()[0]
    settings.ENCRYPTION_KEYS = [NEW]
    assert SignInToken.unscoped.get(pk=sealed[0].pk).unseal() == {"refresh_token": "of the chain"}
