"""Signing in with tokens that are fetched: client credentials, refresh tokens, and what the service may answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from werkzeug import Response

from connectors.errors import FetchError, Malformed, Reason, Refused
from connectors.models import CallRecord, SignInToken
from connectors.signing.granting import UNSAID
from tests.connectors.asking import NOW, error_of, page_of, trial
from tests.connectors.signing.conftest import Connect, Fetch
from tests.connectors.signing.login import Login, basic, document

CLIENT_SECRET = "cl1ent s3cret: +/="


@pytest.fixture
def by_client(login: Login, connect: Connect) -> Any:
    return connect({**login.settings, "sign_in": "client_credentials"}, {"client_secret": CLIENT_SECRET})


@pytest.fixture
def by_refresh_token(login: Login, connect: Connect) -> Any:
    secrets = {"refresh_token": "refresh-token-0", "client_secret": CLIENT_SECRET}
    return connect({**login.settings, "sign_in": "refresh_token"}, secrets)


def refusal(feed: Any, collected: Fetch) -> FetchError:
    with pytest.raises(FetchError) as caught:
        collected(feed)
    return caught.value


def test_a_client_gets_a_token_and_calls_with_it(login: Login, by_client: Any, collected: Fetch) -> None:
    assert collected(by_client).rows[0]["value"] == 7
    (asked,) = login.granted
    assert asked["grant_type"] == "client_credentials"
    assert basic(asked["authorization"]) == ("our client", CLIENT_SECRET)
    assert "client_secret" not in asked
    assert "scope" not in asked


def test_name_and_secret_may_go_in_the_form_with_scope_and_audience(login: Login) -> None:
    told = {"client_auth": "body", "scope": "read all", "audience": "https://api.example.com"}
    settings = {**login.settings, **told, "sign_in": "client_credentials"}
    page_of(trial(query={"path": "numbers"}, secrets={"client_secret": CLIENT_SECRET}, **settings))
    (asked,) = login.granted
    assert asked == {
        "grant_type": "client_credentials",
        "client_id": "our client",
        "client_secret": CLIENT_SECRET,
        "scope": "read all",
        "audience": "https://api.example.com",
        "authorization": "",
    }


def test_a_token_is_fetched_once_for_many_collections(login: Login, by_client: Any, collected: Fetch) -> None:
    for minutes in range(5):
        collected(by_client, NOW + timedelta(minutes=minutes))
    assert (len(login.granted), len(login.called)) == (1, 5)


@pytest.mark.parametrize(
    ("life", "still", "over"),
    [(3600, 3539, 3541), (300, 269, 271), ("120", 107, 109), (None, UNSAID - 31, UNSAID - 29), (-5, 269, 271)],
)
def test_it_is_renewed_ahead_of_its_end(
    login: Login, by_client: Any, collected: Fetch, life: Any, still: float, over: float
) -> None:
    login.life = life
    collected(by_client)
    collected(by_client, NOW + timedelta(seconds=still - 5))
    assert len(login.granted) == 1
    collected(by_client, NOW + timedelta(seconds=over))
    assert len(login.granted) == 2
    assert login.called[-1].headers["Authorization"] == "Bearer access-token-number-2"


def test_a_kept_token_that_is_refused_is_replaced_once(login: Login, by_client: Any, collected: Fetch) -> None:
    collected(by_client)
    login.revoke()
    assert collected(by_client).rows[0]["value"] == 7
    assert (len(login.granted), len(login.called)) == (2, 3)
    collected(by_client)
    assert len(login.granted) == 2


def test_a_new_token_that_is_refused_is_not_replaced_again(login: Login, by_client: Any, collected: Fetch) -> None:
    collected(by_client)
    login.good = {"another"}
    login.refusing = lambda _: document({"access_token": "never good", "expires_in": 60})
    assert refusal(by_client, collected).reason == Reason.UNAUTHORISED
    assert (len(login.granted), len(login.called)) == (2, 3)


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "another client"},
        {"scope": "less"},
        {"audience": "others"},
        {"client_auth": "body"},
    ],
)
def test_a_token_of_another_sign_in_is_worth_nothing(
    login: Login, by_client: Any, collected: Fetch, change: dict[str, str]
) -> None:
    collected(by_client)
    connection = by_client.connection
    connection.settings = {**connection.settings, **change}
    connection.save()
    collected(by_client)
    assert len(login.granted) == 2


def test_a_token_of_another_secret_is_worth_nothing(login: Login, by_client: Any, collected: Fetch) -> None:
    collected(by_client)
    by_client.connection.seal({"client_secret": "another"})
    by_client.connection.save()
    collected(by_client)
    assert [basic(asked["authorization"])[1] for asked in login.granted] == [CLIENT_SECRET, "another"]


def test_another_path_of_the_service_goes_on_with_the_token(login: Login, by_client: Any, collected: Fetch) -> None:
    collected(by_client)
    connection = by_client.connection
    connection.settings = {**connection.settings, "address": login.address.removesuffix("/api")}
    connection.save()
    by_client.query = {"path": "api/numbers"}
    by_client.save()
    collected(by_client)
    assert len(login.granted) == 1


def test_a_refresh_token_brings_tokens_and_the_next_refresh_token(
    login: Login, by_refresh_token: Any, collected: Fetch
) -> None:
    collected(by_refresh_token)
    collected(by_refresh_token, NOW + timedelta(hours=2))
    collected(by_refresh_token, NOW + timedelta(hours=4))
    assert [asked["refresh_token"] for asked in login.granted] == [
        "refresh-token-0",
        "refresh-token-1",
        "refresh-token-2",
    ]


def test_a_refresh_token_that_stays_is_used_again(login: Login, by_refresh_token: Any, collected: Fetch) -> None:
    login.rotates = False
    for hours in (0, 2, 4):
        collected(by_refresh_token, NOW + timedelta(hours=hours))
    assert {asked["refresh_token"] for asked in login.granted} == {"refresh-token-0"}


def test_a_revoked_token_does_not_lose_the_refresh_token(login: Login, by_refresh_token: Any, collected: Fetch) -> None:
    collected(by_refresh_token)
    login.revoke()
    collected(by_refresh_token)
    assert [asked["refresh_token"] for asked in login.granted] == ["refresh-token-0", "refresh-token-1"]


def test_a_new_refresh_token_begins_anew(login: Login, by_refresh_token: Any, collected: Fetch) -> None:
    collected(by_refresh_token)
    login.refresh = "another refresh token"
    by_refresh_token.connection.seal({"refresh_token": "another refresh token"})
    by_refresh_token.connection.save()
    collected(by_refresh_token)
    assert login.granted[-1]["refresh_token"] == "another refresh token"


def test_a_client_without_a_secret_only_gives_its_name(login: Login) -> None:
    settings = {**login.settings, "sign_in": "refresh_token"}
    page_of(trial(query={"path": "numbers"}, secrets={"refresh_token": "refresh-token-0"}, **settings))
    (asked,) = login.granted
    assert (asked["client_id"], asked["authorization"]) == ("our client", "")
    assert "client_secret" not in asked


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (document({"error": "invalid_client"}, 401), "The token address answered 401, “invalid_client”"),
        (document({"error": "invalid_grant"}, 400), "The token address answered 400, “invalid_grant”"),
        (document({"error": {"code": 7}}, 403), "The token address answered 403: something"),
        (Response("<html>", status=404), "The token address answered 404: something"),
    ],
)
def test_a_refusal_of_the_token_address_is_for_people_to_mend(
    login: Login, by_client: Any, collected: Fetch, answer: Response, said: str
) -> None:
    login.refusing = lambda _: answer
    error = refusal(by_client, collected)
    assert error.message.startswith(said)
    assert (error.reason, error.permanent) == (Reason.UNAUTHORISED, True)
    assert login.called == []


@pytest.mark.parametrize(("status", "reason"), [(429, Reason.RATE_LIMITED), (500, Reason.SERVER_ERROR)])
def test_trouble_of_the_token_address_passes(
    login: Login, by_client: Any, collected: Fetch, status: int, reason: Reason
) -> None:
    login.refusing = lambda _: Response("", status=status)
    error = refusal(by_client, collected)
    assert (error.reason, error.permanent) == (reason, False)


@pytest.mark.parametrize(
    "answer",
    [
        Response("[]", content_type="application/json"),
        Response("", content_type="application/json"),
        Response("<html>sign in", content_type="text/html"),
        document({"token_type": "Bearer"}),
        document({"access_token": 12}),
    ],
)
def test_an_answer_without_a_token_is_said_and_not_quoted(
    login: Login, by_client: Any, collected: Fetch, answer: Response
) -> None:
    login.refusing = lambda _: answer
    error = refusal(by_client, collected)
    assert isinstance(error, Malformed)
    assert (error.message, error.sample) == ("The token address answered without a token. Check that address.", "")


@pytest.mark.parametrize(
    ("way", "missing"), [("client_credentials", "client_secret"), ("refresh_token", "refresh_token")]
)
def test_without_its_secret_nothing_is_asked(login: Login, way: str, missing: str) -> None:
    error = error_of(trial(query={"path": "numbers"}, secrets={}, **login.settings, sign_in=way))
    assert (error.message, error.reason) == ("The connection has no key yet. Enter it.", Reason.UNAUTHORISED)
    assert login.granted == []
    assert missing


def test_both_calls_stand_in_the_log_and_neither_holds_a_secret(
    login: Login, by_refresh_token: Any, collected: Fetch
) -> None:
    collected(by_refresh_token)
    token, numbers = CallRecord.unscoped.order_by("at")
    assert (token.method, token.url, token.status) == ("POST", login.token_address, 200)
    assert token.sample == ""
    assert numbers.sample == '[{"value": 7, "echo": "•••"}]'
    logged = repr(list(CallRecord.unscoped.values()))
    for secret in (CLIENT_SECRET, "refresh-token-0", "refresh-token-1", "access-token-number-1"):
        assert secret not in logged


def test_a_token_is_kept_sealed(login: Login, by_refresh_token: Any, collected: Fetch) -> None:
    collected(by_refresh_token)
    stored = repr(SignInToken.unscoped.values().get())
    assert "access-token" not in stored
    assert "refresh-token" not in stored
    assert SignInToken.unscoped.get().unseal()["refresh_token"] == "refresh-token-1"


def test_a_token_that_an_answer_repeats_is_masked_in_what_is_shown_of_it(login: Login) -> None:
    settings = {**login.settings, "sign_in": "client_credentials"}
    tried = trial(query={"path": "numbers"}, secrets={"client_secret": CLIENT_SECRET}, **settings)
    assert page_of(tried).answer == [{"value": 7, "echo": "access-token-number-1"}]
    assert tried.mask("access-token-number-1") == "•••"


def test_a_refused_token_is_not_in_the_error(login: Login, by_client: Any, collected: Fetch) -> None:
    login.good = {"another"}
    login.refusing = lambda _: document({"access_token": "a-token-nobody-takes", "expires_in": 60})
    error = refusal(by_client, collected)
    assert isinstance(error, Refused)
    assert "a-token-nobody-takes" not in f"{error.message} {error.sample} {error!r}"
    assert "•••" in error.sample
