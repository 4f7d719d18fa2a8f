"""Signed tokens, checked by a library that knows nothing of ours: as bearer tokens, and exchanged for others."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest
from pytest_httpserver import HTTPServer

from connectors.errors import FetchError, Reason
from connectors.models import CallRecord
from tests.connectors.asking import NOW, Api, error_of, page_of, trial
from tests.connectors.signing.conftest import Connect, Fetch
from tests.connectors.signing.keys import SHARED, ec_pair, rsa_pair
from tests.connectors.signing.login import Login

ISSUER = "numbers@project.example"


@pytest.fixture
def api(httpserver: HTTPServer) -> Api:
    return Api(httpserver)


def sent(api: Api, key: str, **settings: Any) -> str:
    """Return the token with which a request came."""
    page_of(trial(api.address, secrets={"signing_key": key}, sign_in="jwt", **settings))
    return str(api.requests[-1].headers["Authorization"]).removeprefix("Bearer ")


def claims_of(token: str, key: str, algorithm: str, **options: Any) -> dict[str, Any]:
    """Return the claims of a token, once the signature fits; the time is the tests' own."""
    unbound: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
    claims: dict[str, Any] = jwt.decode(token, key, algorithms=[algorithm], options=unbound, **options)
    return claims


@pytest.mark.parametrize(
    ("algorithm", "private", "public"),
    [
        ("HS256", SHARED, SHARED),
        ("RS256", rsa_pair().private, rsa_pair().public),
        ("ES256", ec_pair().private, ec_pair().public),
    ],
    ids=["HS256", "RS256", "ES256"],
)
def test_a_token_is_signed_and_says_who_for_whom_and_how_long(
    api: Api, algorithm: str, private: str, public: str
) -> None:
    settings = {"algorithm": algorithm, "issuer": ISSUER, "subject": "sales", "audience": "the api", "key_id": "k-1"}
    token = sent(api, private, **settings, life="900", claims='{"role": "reader", "scopes": ["a", "b"]}')
    assert jwt.get_unverified_header(token) == {"alg": algorithm, "kid": "k-1", "typ": "JWT"}
    claims = claims_of(token, public, algorithm, audience="the api")
    issued = claims.pop("iat")
    assert abs(issued - NOW.timestamp()) < 60
    assert claims == {
        "iss": ISSUER,
        "sub": "sales",
        "aud": "the api",
        "exp": issued + 900,
        "role": "reader",
        "scopes": ["a", "b"],
    }


def test_what_is_left_empty_is_not_said(api: Api) -> None:
    claims = claims_of(sent(api, SHARED), SHARED, "HS256")
    assert sorted(claims) == ["exp", "iat"]
    assert claims["exp"] - claims["iat"] == 300


@pytest.mark.parametrize(
    "spoiled",
    [
        lambda pem: pem.replace("\n", "\\n"),
        lambda pem: pem.replace("\n", " "),
        lambda pem: pem.replace("\n", "\r\n"),
        lambda pem: json.dumps({"type": "service_account", "private_key": pem}),
        lambda pem: f"Bag Attributes\n    friendlyName: x\n{pem}",
    ],
    ids=["escaped", "one line", "windows", "in JSON", "with a preface"],
)
def test_a_key_is_read_however_it_was_copied(api: Api, spoiled: Any) -> None:
    token = sent(api, spoiled(rsa_pair().private), algorithm="RS256")
    assert claims_of(token, rsa_pair().public, "RS256")


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("RS256", SHARED),
        ("RS256", ec_pair().private),
        ("RS256", rsa_pair().public),
        ("ES256", rsa_pair().private),
        ("ES256", "-----BEGIN PRIVATE KEY-----\nbm8=\n-----END PRIVATE KEY-----"),
        ("HS256", rsa_pair().public),
    ],
)
def test_a_key_that_does_not_fit_is_for_people_to_mend(api: Api, algorithm: str, key: str) -> None:
    error = error_of(trial(api.address, secrets={"signing_key": key}, sign_in="jwt", algorithm=algorithm))
    assert error.message.startswith(f"The signing key does not fit {algorithm}")
    assert error.reason == Reason.UNAUTHORISED
    assert api.requests == []
    assert key not in repr(error)


def test_a_signed_token_is_kept_until_shortly_before_its_end(connect: Connect, collected: Fetch, api: Api) -> None:
    feed = connect({"address": api.address, "sign_in": "jwt", "life": "300"}, {"signing_key": SHARED})
    for seconds in (0, 200, 265, 275, 400):
        collected(feed, NOW + timedelta(seconds=seconds))
    tokens = [str(request.headers["Authorization"]) for request in api.requests]
    assert [tokens.index(token) for token in tokens] == [0, 0, 0, 3, 3]
    assert tokens[0] not in repr(list(CallRecord.unscoped.values()))


def test_a_service_account_exchanges_its_token(login: Login) -> None:
    settings = {**login.settings, "sign_in": "jwt_exchange", "algorithm": "RS256", "issuer": ISSUER}
    secrets = {"signing_key": rsa_pair().private}
    page_of(trial(query={"path": "numbers"}, secrets=secrets, **{**settings, "client_id": ""}, scope="read:numbers"))
    (asked,) = login.granted
    assert asked["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assert asked["scope"] == "read:numbers"
    assert "client_id" not in asked
    claims = claims_of(asked["assertion"], rsa_pair().public, "RS256", audience=login.token_address)
    assert (claims["iss"], claims["scope"]) == (ISSUER, "read:numbers")
    assert login.called[0].headers["Authorization"] == "Bearer access-token-number-1"


def test_an_audience_that_is_named_comes_first(login: Login) -> None:
    settings = {**login.settings, "sign_in": "jwt_exchange", "issuer": ISSUER, "audience": "https://other.example"}
    page_of(trial(query={"path": "numbers"}, secrets={"signing_key": SHARED}, **settings))
    assert claims_of(login.granted[0]["assertion"], SHARED, "HS256", audience="https://other.example")


def test_an_exchanged_token_is_fetched_once(login: Login, connect: Connect, collected: Fetch) -> None:
    settings = {**login.settings, "sign_in": "jwt_exchange", "issuer": ISSUER}
    feed = connect(settings, {"signing_key": SHARED})
    for minutes in range(3):
        collected(feed, NOW + timedelta(minutes=minutes))
    assert len(login.granted) == 1
    logged = repr(list(CallRecord.unscoped.values()))
    assert login.granted[0]["assertion"] not in logged
    assert SHARED not in logged


def test_the_pretend_gateway_takes_a_token_of_ours(api: Api) -> None:
    from connectors.sandbox import keys, tokens

    token = sent(api, keys.SIGNING_KEY, issuer=keys.CLIENT_ID)
    assert tokens.checked(token, datetime.fromtimestamp(NOW.timestamp(), NOW.tzinfo))["iss"] == keys.CLIENT_ID


def test_no_token_without_a_key(api: Api) -> None:
    for way in ("jwt", "jwt_exchange"):
        more: dict[str, Any] = {"token_address": api.address, "issuer": ISSUER}
        error: FetchError = error_of(trial(api.address, sign_in=way, **more))
        assert error.message == "The connection has no key yet. Enter it."
