"""Signed requests, checked as a service would: from what came over the wire, with the standard library alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors.errors import Reason
from connectors.models import CallRecord
from tests.connectors.asking import NOW, Api, error_of, page_of, trial
from tests.connectors.signing.conftest import Connect, Fetch

KEY = "the-key-of-the-exchange"


@pytest.fixture
def api(httpserver: HTTPServer) -> Api:
    return Api(httpserver)


def ask(api: Api, *, query: dict[str, Any] | None = None, key: str = KEY, **settings: Any) -> Request:
    """Return the request that came."""
    page_of(trial(api.address, query=query, secrets={"signing_key": key}, sign_in="hmac", **settings))
    return api.requests[-1]


def path_of(request: Request) -> str:
    """Return the path as it stood in the request line, before anybody decoded it."""
    return str(request.environ["REQUEST_URI"]).partition("?")[0]


def expected(request: Request, text: str, *, name: str = "sha256", key: bytes = KEY.encode()) -> bytes:
    return hmac.new(key, text.encode(), name).digest()


def test_method_path_query_and_body_are_signed(api: Api) -> None:
    request = ask(api, query={"path": "v1/zahlen/ü", "params": "from={since}\nq=a b&c"})
    body = hashlib.sha256(b"").hexdigest()
    text = f"GET\n{path_of(request)}\n{request.query_string.decode()}\n{body}"
    assert "%C3%BC" in text
    assert "q=a+b%26c" in text
    assert request.headers["X-Signature"] == expected(request, text).hex()


def test_a_body_is_signed_as_it_is_sent(api: Api) -> None:
    query = {"method": "POST", "body": '{"since": "{since}", "name": "Grüße"}'}
    request = ask(api, query=query, signed_text="{body_sha256}:{body}")
    body = request.get_data()
    text = hashlib.sha256(body).hexdigest().encode() + b":" + body
    assert request.headers["X-Signature"] == hmac.new(KEY.encode(), text, "sha256").hexdigest()


@pytest.mark.parametrize("name", ["sha256", "sha512", "sha1"])
@pytest.mark.parametrize(
    ("code", "written"), [("hex", bytes.hex), ("base64", lambda raw: base64.b64encode(raw).decode())]
)
def test_hash_and_writing_can_be_chosen(api: Api, name: str, code: str, written: Callable[[bytes], str]) -> None:
    request = ask(api, signed_text="{method}{path}", hash_name=name, signature_code=code)
    assert request.headers["X-Signature"] == written(expected(request, "GET/api", name=name))


def test_time_and_nonce_are_signed_and_sent(api: Api) -> None:
    names: dict[str, Any] = {
        "timestamp_header": "X-Time",
        "nonce_header": "X-Nonce",
        "signature_header": "Authorization",
    }
    request = ask(api, signed_text="{timestamp}.{nonce}.{host}", signature_form="HMAC {signature}", **names)
    moment, nonce = request.headers["X-Time"], request.headers["X-Nonce"]
    assert abs(int(moment) - NOW.timestamp()) < 60
    signature = expected(request, f"{moment}.{nonce}.{request.headers['Host']}").hex()
    assert request.headers["Authorization"] == f"HMAC {signature}"


def test_all_may_stand_in_one_header(api: Api) -> None:
    request = ask(api, signed_text="{timestamp}.{body}", signature_form="t={timestamp},v1={signature}")
    moment, _, signature = request.headers["X-Signature"].removeprefix("t=").partition(",v1=")
    assert signature == expected(request, f"{moment}.").hex()


@pytest.mark.parametrize(
    ("form", "read"),
    [
        ("unix", lambda text: datetime.fromtimestamp(int(text), UTC)),
        ("unix_ms", lambda text: datetime.fromtimestamp(int(text) / 1000, UTC)),
        ("iso", datetime.fromisoformat),
    ],
)
def test_the_time_is_written_as_the_service_wants_it(api: Api, form: str, read: Callable[[str], datetime]) -> None:
    request = ask(api, timestamp_header="X-Time", timestamp_form=form)
    assert abs(read(request.headers["X-Time"]) - NOW) < timedelta(seconds=60)


@pytest.mark.parametrize(
    ("code", "written"), [("base64", base64.b64encode(KEY.encode()).decode()), ("hex", KEY.encode().hex())]
)
def test_a_key_may_be_entered_in_another_writing(api: Api, code: str, written: str) -> None:
    request = ask(api, key=written, key_code=code, signed_text="{path}")
    assert request.headers["X-Signature"] == expected(request, "/api").hex()


@pytest.mark.parametrize("code", ["base64", "hex"])
def test_a_key_that_is_not_written_so_is_for_people_to_mend(api: Api, code: str) -> None:
    error = error_of(trial(api.address, secrets={"signing_key": "ä!"}, sign_in="hmac", key_code=code))
    assert (error.message, error.reason) == (
        "The signing key is not written as the settings say. Enter it again.",
        Reason.UNAUTHORISED,
    )


def test_what_a_value_holds_is_not_filled_again(api: Api) -> None:
    request = ask(api, query={"params": "q={path}".replace("{path}", "%7Bnonce%7D")}, signed_text="{query}|{path}")
    text = f"{request.query_string.decode()}|/api"
    assert request.headers["X-Signature"] == expected(request, text).hex()


def test_each_attempt_is_signed_anew(
    api: Api, monkeypatch: pytest.MonkeyPatch, connect: Connect, collected: Fetch
) -> None:
    monkeypatch.setattr(
        "connectors.outbound.session.pause_before_next", lambda *_, attempt, **__: 0.0 if attempt < 3 else None
    )
    answers = [Response(status=503), Response(status=503), Response("[]", content_type="application/json")]
    api.answers(lambda _: answers.pop(0))
    settings = {"sign_in": "hmac", "signed_text": "{nonce}", "nonce_header": "X-Nonce", "address": api.address}
    collected(connect(settings, {"signing_key": KEY}))
    nonces = [request.headers["X-Nonce"] for request in api.requests]
    assert len(set(nonces)) == 3
    for request, nonce in zip(api.requests, nonces, strict=True):
        assert request.headers["X-Signature"] == expected(request, nonce).hex()
    assert KEY not in repr(list(CallRecord.unscoped.values()))


def test_a_signature_in_a_header_of_any_name_is_masked_in_the_log(api: Api, connect: Connect, collected: Fetch) -> None:
    settings = {"sign_in": "hmac", "signature_header": "X-Mac", "address": api.address}
    collected(connect(settings, {"signing_key": KEY}))
    signature = api.requests[0].headers["X-Mac"]
    assert signature not in repr(list(CallRecord.unscoped.values()))
