"""Every request is signed with a shared key (HMAC, RFC 2104): the service sees that nothing of it was changed.

What is signed differs from service to service, so it is written as a text with places that are filled in.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import uuid
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from connectors.errors import Reason, Refused
from connectors.problems import problem
from connectors.signing.contract import Sign, given

if TYPE_CHECKING:
    from datetime import datetime

    from django_stubs_ext import StrOrPromise

    from connectors.outbound import PreparedRequest
    from connectors.protocol import Call

SLUG = "hmac"
LABEL = _("Signed requests (HMAC)")
IS_COMMON = False
SETTINGS = (
    "hash_name", "signed_text", "signature_header", "signature_form", "signature_code", "timestamp_header",
    "timestamp_form", "nonce_header", "key_code",
)  # fmt: skip
SECRETS = ("signing_key",)
NEEDED = ("signing_key",)

HASHES = [("sha256", "SHA-256"), ("sha512", "SHA-512"), ("sha1", "SHA-1")]
HEX, BASE64 = "hex", "base64"
CODES: list[tuple[str, StrOrPromise]] = [(HEX, _("hexadecimal")), (BASE64, "Base64")]
PLAIN = "text"
KEY_CODES: list[tuple[str, StrOrPromise]] = [(PLAIN, _("as it is")), (BASE64, "Base64"), (HEX, _("hexadecimal"))]
UNIX, UNIX_MS, ISO = "unix", "unix_ms", "iso"
TIMES: list[tuple[str, StrOrPromise]] = [
    (UNIX, _("seconds since 1970")),
    (UNIX_MS, _("milliseconds since 1970")),
    (ISO, "2026-11-20T15:00:00Z"),
]
IN_TEXT = frozenset({"method", "host", "path", "query", "body", "body_sha256", "timestamp", "nonce"})
IN_SIGNATURE = frozenset({"signature", "timestamp", "nonce"})
PLACE = re.compile(r"\{(\w+)\}")


def sign(call: Call) -> Sign:
    """Return what signs each request as it goes out."""
    key = _key(given(call.secrets, "signing_key"), call.settings["key_code"])
    return Sign(stamp=partial(stamped, call=call, key=key))


def stamped(request: PreparedRequest, *, call: Call, key: bytes) -> dict[str, str]:
    """Return the headers that sign a request as it is."""
    settings, now = call.settings, call.session.now()
    named = {"timestamp": moment(now, settings["timestamp_form"]), "nonce": uuid.uuid4().hex}
    text = filled(settings["signed_text"], values_of(request, named))
    digest = hmac.new(key, text, settings["hash_name"]).digest()
    signature = digest.hex() if settings["signature_code"] == HEX else base64.b64encode(digest).decode()
    call.session.hide(signature)
    written = filled(settings["signature_form"], {**_encoded(named), "signature": signature.encode()}).decode()
    headers = {
        settings["timestamp_header"]: named["timestamp"],
        settings["nonce_header"]: named["nonce"],
        settings["signature_header"]: written,
    }
    return {name: value for name, value in headers.items() if name}


def values_of(request: PreparedRequest, named: Mapping[str, str]) -> dict[str, bytes]:
    """Return what may stand in the text that is signed, as it goes over the wire."""
    parts = urlsplit(request.url or "")
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else body
    plain = {
        "method": request.method or "",
        "host": parts.netloc,
        "path": parts.path or "/",
        "query": parts.query,
        "body_sha256": hashlib.sha256(body).hexdigest(),
        **named,
    }
    return {**_encoded(plain), "body": body}


def filled(template: str, values: Mapping[str, bytes]) -> bytes:
    """Fill the places of a text, each once; what stands in braces and is no place stays."""
    pieces = PLACE.split(template)
    kept = [piece.encode() if number % 2 == 0 else values.get(piece, f"{{{piece}}}".encode())
            for number, piece in enumerate(pieces)]  # fmt: skip
    return b"".join(kept)


def moment(now: datetime, form: str) -> str:
    """Write a moment as the service wants it."""
    if form == ISO:
        return f"{now:%Y-%m-%dT%H:%M:%SZ}"
    return str(int(now.timestamp() * (1000 if form == UNIX_MS else 1)))


def _encoded(named: Mapping[str, str]) -> dict[str, bytes]:
    return {name: value.encode() for name, value in named.items()}


def _key(text: str, code: str) -> bytes:
    """Return the key itself. Raises Refused where it is not written as is said."""
    try:
        if code == BASE64:
            return base64.b64decode(text, validate=True)
        return bytes.fromhex(text) if code == HEX else text.encode()
    except (binascii.Error, ValueError):
        raise Refused(problem("signing_key_unreadable"), reason=Reason.UNAUTHORISED, permanent=True) from None


def places(settings: Mapping[str, Any]) -> frozenset[str]:
    """Return the headers of signature, time and nonce."""
    names = (settings[name] for name in ("signature_header", "timestamp_header", "nonce_header"))
    return frozenset(str(name).lower() for name in names if name)
