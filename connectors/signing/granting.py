"""Asking a token address for a token: OAuth 2 (RFC 6749), and what other grants share with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from connectors.errors import Malformed, Reason, Refused
from connectors.problems import problem
from connectors.protocol import Token
from connectors.signing.tokens import ACCESS
from connectors.signing.ways.basic import packed

if TYPE_CHECKING:
    from connectors.outbound import Answer
    from connectors.protocol import Call

FORM = "application/x-www-form-urlencoded"
REFRESH = "refresh_token"
UNSAID = 300.0  # seconds a token is taken to live where the service does not say
LONGEST = 30 * 24 * 3600.0  # seconds after which even a token that lives for ever is fetched anew
IN_HEADER, IN_BODY = "header", "body"
MENDABLE = frozenset({400, 401, 403, 404, 405, 410})
LONGEST_ERROR = 60  # characters of what the service calls the error


def granted(call: Call, grant: Mapping[str, str], *, harmless: bool) -> Token:
    """Return the token that the token address hands out for a grant, empty fields left out.

    `harmless` says that asking twice does no harm. The answer is not written down, and all that it holds under seal is
    masked from now on. Raises Refused where a person has to mend the sign-in, and FetchError.
    """
    fields, headers = client(call)
    form = {name: value for name, value in {**grant, **fields}.items() if value}
    try:
        answer = call.session.request(
            "POST",
            call.settings["token_address"],
            headers={"Content-Type": FORM, "Accept": "application/json", **headers},
            body=urlencode(form).encode(),
            idempotent=harmless,
            private=True,
        )
    except Refused as error:
        raise _to_mend(error) from None
    return _token(call, answer, before=grant.get(REFRESH, ""))


def client(call: Call) -> tuple[dict[str, str], dict[str, str]]:
    """Return how the client says who it is (RFC 6749, section 2.3.1): fields of the form, and headers.

    A client without a secret is a public one, which only gives its name; one without a name gives nothing.
    """
    name, secret = call.settings.get("client_id", ""), call.secrets.get("client_secret", "")
    if call.settings.get("client_auth") == IN_HEADER and secret:
        pair = packed(quote(name, safe=""), quote(secret, safe=""))
        call.session.hide(pair)
        return {}, {"Authorization": f"Basic {pair}"}
    return {"client_id": name, "client_secret": secret}, {}


def _to_mend(error: Refused) -> Refused:
    """Return what to say of a token address that refuses: it is the sign-in that has to be mended."""
    if error.status not in MENDABLE:
        return error
    named = _named(error.sample)
    found = (
        problem("token_refused_as", status=error.status, error=named)
        if named
        else problem("token_refused", status=error.status)
    )
    return Refused(found, reason=Reason.UNAUTHORISED, permanent=True, status=error.status, sample=error.sample)


def _named(sample: str) -> str:
    """Return what the service calls the error, such as `invalid_client` (RFC 6749, section 5.2)."""
    try:
        document = json.loads(sample)
    except ValueError:
        return ""
    error = document.get("error") if isinstance(document, dict) else None
    return error[:LONGEST_ERROR] if isinstance(error, str) else ""


def _token(call: Call, answer: Answer, *, before: str) -> Token:
    """Return what was answered; a refresh token that is not replaced stays good (RFC 6749, section 6)."""
    document = _document(answer)
    kept = {name: document.get(name) for name in (ACCESS, REFRESH)}
    values = {name: value for name, value in kept.items() if isinstance(value, str) and value}
    call.session.hide(*values.values())
    if ACCESS not in values:
        raise Malformed(problem("no_token_in_answer"), status=answer.status)
    if before:
        values.setdefault(REFRESH, before)
    return Token(values=values, expires_at=call.session.now() + timedelta(seconds=_life(document.get("expires_in"))))


def _document(answer: Answer) -> dict[str, Any]:
    try:
        document = answer.json()
    except Malformed:  # without its sample, which may hold a token
        document = None
    if not isinstance(document, dict):
        raise Malformed(problem("no_token_in_answer"), status=answer.status)
    return document


def _life(said: Any) -> float:
    """Return for how many seconds a token lives; some services write the number as a text."""
    try:
        seconds = float(said) if isinstance(said, int | float | str) and not isinstance(said, bool) else UNSAID
    except ValueError:
        seconds = UNSAID
    return min(seconds, LONGEST) if seconds > 0 else UNSAID
