"""The pretend gateway hands out tokens, checks them, and judges texts once for each key."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.sandbox import keys, sentiment, tokens
from tests.connectors.sandbox.pretending import (
    NOW,
    Services,
    signed,
)

GOOD, BAD = "What a wonderful, friendly bakery, I love it!", "Terrible bread, rude staff, I hate it."


def test_client_credentials_get_a_token_with_a_short_life(services: Services) -> None:
    form = {"grant_type": "client_credentials", "client_id": keys.CLIENT_ID, "client_secret": keys.CLIENT_SECRET}
    answer = services.post("gateway/token", data=form)
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 300)
    token = {"Authorization": f"Bearer {body['access_token']}"}
    assert services.post("gateway/sentiment", token, json={"text": GOOD}).json()["label"] == "positive"


def test_a_refresh_token_gets_a_new_one_and_is_none_itself(services: Services) -> None:
    client = (keys.CLIENT_ID, keys.CLIENT_SECRET)
    first = services.post("gateway/token", data={"grant_type": "client_credentials"}, auth=client).json()
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = services.post("gateway/token?life=7", data=form, auth=client).json()
    assert second["expires_in"] == 7
    for token, status in ((second["access_token"], 200), (first["refresh_token"], 401)):
        headers = {"Authorization": f"Bearer {token}"}
        assert services.post("gateway/sentiment", headers, json={"text": "Fine."}).status_code == status


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "client_credentials", "client_secret": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "none"}, 400, "invalid_grant"),
    ],
)
def test_the_token_endpoint_refuses(services: Services, form: dict[str, str], status: int, error: str) -> None:
    client = {"client_id": keys.CLIENT_ID, "client_secret": keys.CLIENT_SECRET}
    answer = services.post("gateway/token", data=client | form)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


@pytest.mark.parametrize(
    "claims", [{"iss": "somebody"}, {"exp": 1}, {"exp": None}, {"nbf": 9e9}, {"exp": 9e9}, {"typ": "refresh"}]
)
def test_a_token_that_is_not_right_is_refused(services: Services, claims: dict[str, Any]) -> None:
    headers = signed(datetime.now(UTC).timestamp(), **claims)
    assert services.post("gateway/sentiment", headers, json={"text": "Fine."}).status_code == 401


@pytest.mark.parametrize("token", ["", "a.b.c", "none", tokens.made({"iss": keys.CLIENT_ID})[:-2] + "AA"])
def test_a_token_with_a_wrong_signature_is_refused(token: str) -> None:
    with pytest.raises(tokens.BadToken):
        tokens.checked(token, NOW)


def test_a_token_that_says_it_is_not_signed_is_refused() -> None:
    head, claims = "eyJhbGciOiJub25lIn0", tokens.made({"iss": keys.CLIENT_ID, "exp": 9e9}).split(".")[1]
    with pytest.raises(tokens.BadToken):
        tokens.checked(f"{head}.{claims}.", NOW)


def test_texts_are_truly_judged_one_or_many_and_charged_by_the_text(services: Services) -> None:
    headers = signed(datetime.now(UTC).timestamp())
    one = services.post("gateway/sentiment", headers, json={"text": GOOD}).json()
    many = services.post("gateway/sentiment", headers, json={"texts": [GOOD, BAD, "A table."]}).json()["results"]
    assert many[0] == one == sentiment.judged(GOOD)
    assert [judged["label"] for judged in many] == ["positive", "negative", "neutral"]
    assert services.ledger()["sentiment"]["charged"] == 4


def test_the_same_key_is_answered_again_and_charged_once(services: Services) -> None:
    headers = signed(datetime.now(UTC).timestamp()) | {"Idempotency-Key": "batch-1"}
    answers = [services.post("gateway/sentiment", headers, json={"texts": [GOOD, BAD]}) for _ in range(3)]
    assert len({answer.text for answer in answers}) == 1
    assert [answer.headers.get("Idempotent-Replayed") for answer in answers] == [None, "true", "true"]
    assert services.ledger()["sentiment"]["charged"] == 2
    assert services.post("gateway/sentiment", headers, json={"text": BAD}).status_code == 422


@pytest.mark.parametrize(
    ("body", "status"), [({}, 400), ({"texts": []}, 400), ({"text": 5}, 400), ({"texts": ["x"] * 101}, 413)]
)
def test_texts_that_are_none_are_refused(services: Services, body: dict[str, Any], status: int) -> None:
    headers = signed(datetime.now(UTC).timestamp())
    assert services.post("gateway/sentiment", headers, json=body).status_code == status
