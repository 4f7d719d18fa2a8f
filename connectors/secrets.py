"""Credentials under seal.

A seal is `version.key-id.nonce.ciphertext`: AES-256-GCM under a key of the installation's ring, with the row it belongs
to as associated data, so that a sealed text copied to another row does not open. The newest key of the ring seals; all
of them open, until `manage.py rotate_keys` has sealed everything anew.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.translation import gettext as _

VERSION = "1"
NONCE_BYTES = 12  # the size that NIST SP 800-38D recommends for GCM
MASK = "••••••••"
SHOWN = 4  # characters of a long secret that its mask ends with
LONG_ENOUGH = 16  # shorter secrets show nothing at all


class KeyLost(Exception):
    """No key of the ring opens the seal: the credentials have to be entered again."""


def seal(credentials: Mapping[str, str], *, context: str) -> str:
    """Return the credentials as a sealed text, bound to `context` (the row and field they belong to)."""
    name, key = next(iter(_ring().items()))
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, json.dumps(dict(credentials)).encode(), context.encode())
    return ".".join([VERSION, name, _text(nonce), _text(sealed)])


def unseal(text: str, *, context: str) -> dict[str, str]:
    """Return the credentials. Raises KeyLost when the key is gone, or the text was changed or moved to another row."""
    try:
        _version, name, nonce, sealed = text.split(".")
        opened = AESGCM(_ring()[name]).decrypt(_bytes(nonce), _bytes(sealed), context.encode())
    except (InvalidTag, KeyError, ValueError) as error:
        raise KeyLost(_("The stored credentials cannot be opened any more. Enter them again.")) from error
    credentials: dict[str, str] = json.loads(opened)
    return credentials


def is_current(text: str) -> bool:
    """Say whether the newest key sealed this text."""
    return text.split(".")[1:2] == [next(iter(_ring()))]


def masks(credentials: Mapping[str, str]) -> dict[str, str]:
    """Return what may be shown: a mask, with the last characters of long secrets so that people can tell two apart."""
    return {
        name: MASK + (value[-SHOWN:] if len(value) >= LONG_ENOUGH else "")
        for name, value in credentials.items()
        if value
    }


def _ring() -> dict[str, bytes]:
    pairs = (entry.partition(":") for entry in settings.ENCRYPTION_KEYS)
    return {name: base64.urlsafe_b64decode(key) for name, _colon, key in pairs}


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text)
