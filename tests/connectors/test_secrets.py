"""Credentials under seal."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from connectors import secrets
from connectors.models import Connection
from connectors.secrets import KeyLost
from organisations.models import Organisation

OLD, NEW = "old:" + "A" * 43 + "=", "new:" + "B" * 43 + "="
KEY = {"key": "k3y-of-the-analytics-service"}


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"]))
    )
)
def test_what_is_sealed_comes_back(credentials: dict[str, str]) -> None:
    assert secrets.unseal(secrets.seal(credentials, context="a"), context="a") == credentials


def test_a_seal_shows_nothing_and_never_repeats() -> None:
    one, other = secrets.seal(KEY, context="a"), secrets.seal(KEY, context="a")
    assert one != other
    assert "k3y" not in one


def test_a_seal_does_not_open_in_another_row() -> None:
    with pytest.raises(KeyLost):
        secrets.unseal(secrets.seal(KEY, context="connection:1"), context="connection:2")


@pytest.mark.parametrize("text", ["", "1", "1.tests.x", "1.tests.!!.!!", "1.gone.AAAA.AAAA", "1.tests..", "a.b.c.d.e"])
def test_a_broken_seal_asks_for_new_credentials(text: str) -> None:
    with pytest.raises(KeyLost):
        secrets.unseal(text, context="a")


@given(st.data())
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_seal_that_was_touched_does_not_open(data: st.DataObject) -> None:
    sealed = secrets.seal(KEY, context="a")
    head, _, body = sealed.rpartition(".")
    place = data.draw(st.integers(0, len(body) - 5))
    swapped = "A" if body[place] != "A" else "B"
    with pytest.raises(KeyLost):
        secrets.unseal(f"{head}.{body[:place]}{swapped}{body[place + 1 :]}", context="a")


def test_every_key_of_the_ring_opens_and_the_newest_seals(settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = [OLD]
    before = secrets.seal(KEY, context="a")
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    after = secrets.seal(KEY, context="a")
    assert (secrets.is_current(before), secrets.is_current(after)) == (False, True)
    assert secrets.unseal(before, context="a") == secrets.unseal(after, context="a") == KEY
    settings.ENCRYPTION_KEYS = [NEW]
    assert secrets.unseal(after, context="a") == KEY
    with pytest.raises(KeyLost):
        secrets.unseal(before, context="a")


def test_a_key_of_the_same_name_does_not_open_what_another_sealed(settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = [OLD]
    before = secrets.seal(KEY, context="a")
    settings.ENCRYPTION_KEYS = [NEW.replace("new:", "old:")]
    with pytest.raises(KeyLost):
        secrets.unseal(before, context="a")


def test_a_mask_says_that_something_is_stored_and_shows_nothing_of_it() -> None:
    shown = secrets.masks({"key": KEY["key"], "password": "hunter2", "user_name": ""})
    assert shown == {"key": "••••••••vice", "password": "••••••••"}


@pytest.mark.django_db
def test_a_connection_keeps_its_credentials_under_seal(organisation: Organisation) -> None:
    connection = organisation.connections.create(name="Analytics", kind="http")
    assert (connection.sealed, connection.unseal(), connection.masked()) == ("", {}, {})
    connection.seal(KEY)
    connection.save()
    stored = Connection.unscoped.get(pk=connection.pk)
    assert "k3y" not in stored.sealed
    assert stored.unseal() == KEY
    stored.seal({"key": ""})
    assert stored.sealed == ""


@pytest.mark.django_db
def test_credentials_copied_to_another_connection_do_not_open(
    organisation: Organisation, elsewhere: Organisation
) -> None:
    ours = organisation.connections.create(name="Analytics", kind="http")
    ours.seal(KEY)
    theirs = elsewhere.connections.create(name="Analytics", kind="http", sealed=ours.sealed)
    with pytest.raises(KeyLost):
        theirs.unseal()
