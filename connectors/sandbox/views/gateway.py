"""A pretend gateway: it hands out tokens, and lets signed calls through to a service that judges how texts sound."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Any

from connectors.sandbox import keys, sentiment, tokens
from connectors.sandbox.limits import Rate
from connectors.sandbox.tokens import BadToken
from connectors.sandbox.views.door import Asked, Refusal, Served, json_of, once, service

RATE = Rate(120, 60)
LIFE, LONGEST_LIFE = 300, 3600  # seconds of an access token
REFRESH_LIFE = 30 * 24 * 3600  # seconds of a refresh token
MOST_TEXTS = 100
SCOPE = "sentiment"


def signed(asked: Asked) -> None:
    """Let a call through that carries a token of the gateway, or one signed with its key. Raises Refusal."""
    kind, _, token = asked.request.headers.get("Authorization", "").partition(" ")
    try:
        if kind.lower() != "bearer":
            raise BadToken("Send a token as a bearer token.")
        if tokens.checked(token.strip(), asked.now).get("typ") == tokens.REFRESH:
            raise BadToken("This token only gets new ones.")
    except BadToken as error:
        raise Refusal(401, str(error), WWW_Authenticate='Bearer error="invalid_token"') from None


@service("sentiment", methods=("POST",), sign_in=signed, rate=RATE)
def judge(asked: Asked) -> Served:
    """Answer with label and score of one text, or of each of several. Charges each text once."""
    body = json_of(asked)
    texts = body["texts"] if "texts" in body else [body.get("text")]
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise Refusal(400, "Send one text under text, or a list of texts under texts.")
    if len(texts) > MOST_TEXTS:
        raise Refusal(413, f"Send at most {MOST_TEXTS} texts at once.")
    is_first, _ = once(asked, "sentiment")
    judged = [sentiment.judged(text) for text in texts]
    document: Any = {"results": judged} if "texts" in body else judged[0]
    headers = {} if is_first else {"Idempotent-Replayed": "true"}
    return Served(document=document, charged=len(texts) if is_first else 0, headers=headers)


@service("gateway", methods=("POST",), rate=RATE)
def token(asked: Asked) -> Served:
    """Hand out tokens (RFC 6749) for client credentials or for a refresh token; `?life=` says for how many seconds."""
    _check_client(asked)
    grant = asked.request.POST.get("grant_type", "")
    if grant == "refresh_token":
        _check_refresh(asked)
    elif grant != "client_credentials":
        raise Refusal(400, {"error": "unsupported_grant_type"})
    life = _life(asked)
    document = {
        "access_token": _made(asked, life, tokens.ACCESS),
        "token_type": "Bearer",
        "expires_in": life,
        "refresh_token": _made(asked, REFRESH_LIFE, tokens.REFRESH),
        "scope": SCOPE,
    }
    return Served(document=document, charged=0, ids=[grant], headers={"Cache-Control": "no-store"})


def _check_client(asked: Asked) -> None:
    """Refuse who does not give name and secret of the client, in the header or in the form."""
    name, secret = _basic(asked.request.headers.get("Authorization", ""))
    name = name or asked.request.POST.get("client_id", "")
    secret = secret or asked.request.POST.get("client_secret", "")
    right = hmac.compare_digest(secret.encode(), keys.CLIENT_SECRET.encode())
    if name != keys.CLIENT_ID or not right:
        raise Refusal(401, {"error": "invalid_client"}, WWW_Authenticate="Basic")


def _check_refresh(asked: Asked) -> None:
    try:
        claims = tokens.checked(asked.request.POST.get("refresh_token", ""), asked.now)
    except BadToken as error:
        raise Refusal(400, {"error": "invalid_grant", "error_description": str(error)}) from None
    if claims.get("typ") != tokens.REFRESH:
        raise Refusal(400, {"error": "invalid_grant", "error_description": "This is no refresh token."})


def _made(asked: Asked, life: int, kind: str) -> str:
    now = int(asked.now.timestamp())
    return tokens.made({"iss": "sandbox-gateway", "sub": keys.CLIENT_ID, "iat": now, "exp": now + life, "typ": kind})


def _life(asked: Asked) -> int:
    text = asked.request.GET.get("life", str(LIFE))
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= LONGEST_LIFE:
        raise Refusal(400, {"error": "invalid_request", "error_description": f"life is 1 to {LONGEST_LIFE} seconds."})
    return int(text)


def _basic(header: str) -> tuple[str, str]:
    kind, _, packed = header.partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        name, _, secret = base64.b64decode(packed, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return name, secret
