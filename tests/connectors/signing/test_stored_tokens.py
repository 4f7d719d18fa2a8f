"""Tokens in the database: one worker renews, the others go on or wait, and a dead one is not waited for for ever."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from pytest_django import Settings

from connectors import stored_tokens
from connectors.errors import Refused, Unreachable
from connectors.models import Connection, SignInToken
from connectors.protocol import Token
from connectors.stored_tokens import LEASE, PATIENCE, TokensOf
from organisations.models import Organisation
from tests.connectors.workers import Time

HOUR = timedelta(hours=1)
SIGN = "fingerprint"


@dataclass
class Counter:
    """Where tokens come from: numbered, good for an hour by the clock; keeps what it was given."""

    time: Time
    given: list[Mapping[str, str] | None] = field(default_factory=list)

    def obtain(self, before: Mapping[str, str] | None) -> Token:
        self.given.append(before)
        return Token(values={"access_token": f"token {len(self.given)}"}, expires_at=self.time.now + HOUR)


@pytest.fixture
def connection(organisation: Organisation) -> Connection:
    made: Connection = organisation.connections.create(name="Numbers", kind="http", settings={})
    return made


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """Return a clock that only sleeping moves; how long one waits goes by it, too."""
    clock = Time()
    monkeypatch.setattr(stored_tokens, "monotonic", lambda: clock.now.timestamp())
    return clock


@pytest.fixture
def source(time: Time) -> Counter:
    return Counter(time)


Hire = Callable[[], TokensOf]


@pytest.fixture
def hire(connection: Connection, time: Time) -> Hire:
    """Return what starts a worker: it knows what stands in the database, and nothing of the others."""
    return lambda: TokensOf(
        connection=Connection.unscoped.select_related("organisation").get(pk=connection.pk),
        now=time.read,
        sleep=time.sleep,
    )


def test_a_token_that_one_fetched_is_there_for_all(hire: Hire, source: Counter) -> None:
    assert hire().get(SIGN, source.obtain) == {"access_token": "token 1"}
    assert hire().get(SIGN, source.obtain) == {"access_token": "token 1"}
    assert source.given == [None]


def test_a_worker_that_has_a_good_token_does_not_look_again(
    hire: Hire, source: Counter, django_assert_num_queries: Callable[[int], object]
) -> None:
    worker = hire()
    worker.get(SIGN, source.obtain)
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        worker.get(SIGN, source.obtain)


def test_it_is_renewed_a_minute_ahead_and_the_old_one_handed_on(hire: Hire, source: Counter, time: Time) -> None:
    hire().get(SIGN, source.obtain)
    time.sleep(3539)
    assert hire().get(SIGN, source.obtain) == {"access_token": "token 1"}
    time.sleep(1)
    assert hire().get(SIGN, source.obtain) == {"access_token": "token 2"}
    assert source.given == [None, {"access_token": "token 1"}]


def test_while_one_renews_the_others_go_on_with_the_token_that_is_still_good(
    hire: Hire, source: Counter, time: Time
) -> None:
    hire().get(SIGN, source.obtain)
    time.sleep(3550)
    other = hire()
    seen: list[Mapping[str, str]] = []

    def slowly(before: Mapping[str, str] | None) -> Token:
        seen.append(other.get(SIGN, source.obtain))
        return source.obtain(before)

    assert hire().get(SIGN, slowly) == {"access_token": "token 2"}
    assert seen == [{"access_token": "token 1"}]
    assert time.slept == [3550]
    assert other.get(SIGN, source.obtain) == {"access_token": "token 2"}


def test_without_a_good_token_the_others_wait_for_the_one_who_fetches(hire: Hire, source: Counter, time: Time) -> None:
    first, second = hire(), hire()
    lease = first._leased()

    def wait(seconds: float) -> None:
        time.sleep(seconds)
        if len(time.slept) == 3:
            first._renewed(SIGN, source.obtain, lease)

    second.sleep = wait
    assert second.get(SIGN, source.obtain) == {"access_token": "token 1"}
    assert (len(time.slept), len(source.given)) == (3, 1)


def test_nobody_waits_for_ever(hire: Hire, source: Counter, time: Time) -> None:
    hire()._leased()
    with pytest.raises(Unreachable) as caught:
        hire().get(SIGN, source.obtain)
    assert caught.value.message.startswith("Another worker is fetching the token")
    assert sum(time.slept) == PATIENCE
    assert source.given == []


def test_a_worker_that_died_is_replaced_when_its_lease_is_over(hire: Hire, source: Counter, time: Time) -> None:
    dead = hire()
    lease = dead._leased()
    time.sleep(LEASE.total_seconds())
    assert hire().get(SIGN, source.obtain) == {"access_token": "token 1"}
    dead._store(
        SIGN, Token(values={"access_token": "late"}, expires_at=time.now), time.now, dead._rows().filter(lease=lease)
    )
    assert hire().get(SIGN, source.obtain) == {"access_token": "token 1"}


def test_after_a_failure_the_next_tries_at_once(hire: Hire, source: Counter, time: Time) -> None:
    def fail(before: Mapping[str, str] | None) -> Token:
        raise Refused("no")

    with pytest.raises(Refused):
        hire().get(SIGN, fail)
    assert hire().get(SIGN, source.obtain) == {"access_token": "token 1"}
    assert time.slept == []


def test_whoever_gets_the_lease_looks_once_more(hire: Hire, source: Counter) -> None:
    first, second = hire(), hire()
    first.get(SIGN, source.obtain)
    assert second._renewed(SIGN, source.obtain, second._leased()).values == {"access_token": "token 1"}
    assert len(source.given) == 1


def test_a_dropped_token_is_renewed_by_what_came_with_it(hire: Hire, source: Counter) -> None:
    worker = hire()
    worker.get(SIGN, source.obtain)
    worker.drop(SIGN)
    assert worker.get(SIGN, source.obtain) == {"access_token": "token 2"}
    assert source.given == [None, {"access_token": "token 1"}]


def test_a_worker_drops_only_the_token_that_it_used(hire: Hire, source: Counter) -> None:
    slow, quick = hire(), hire()
    for worker in (slow, quick):
        worker.get(SIGN, source.obtain)
    quick.drop(SIGN)
    quick.get(SIGN, source.obtain)
    slow.drop(SIGN)
    assert slow.get(SIGN, source.obtain) == {"access_token": "token 2"}
    assert len(source.given) == 2


def test_a_token_of_another_sign_in_is_not_handed_on(hire: Hire, source: Counter) -> None:
    hire().get(SIGN, source.obtain)
    assert hire().get("another", source.obtain) == {"access_token": "token 2"}
    assert source.given == [None, None]


def test_where_no_key_opens_it_a_new_one_is_fetched(hire: Hire, source: Counter, settings: Settings) -> None:
    hire().get(SIGN, source.obtain)
    settings.ENCRYPTION_KEYS = ["new:" + "B" * 43 + "="]
    assert hire().get(SIGN, source.obtain) == {"access_token": "token 2"}


def test_neither_token_nor_fingerprint_stands_in_the_table(hire: Hire, source: Counter) -> None:
    hire().get(SIGN, source.obtain)
    stored = repr(SignInToken.unscoped.values().get())
    assert SIGN not in stored
    assert "token 1" not in stored


def test_a_connection_that_is_gone_leaves_nothing(hire: Hire, source: Counter, connection: Connection) -> None:
    hire().get(SIGN, source.obtain)
    connection.delete()
    assert not SignInToken.unscoped.exists()


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_deleted_meanwhile_ends_it_with_a_reason(
    hire: Hire, source: Counter, connection: Connection
) -> None:
    worker = hire()
    connection.delete()
    with pytest.raises(Unreachable):
        worker.get(SIGN, source.obtain)
    assert source.given == []
