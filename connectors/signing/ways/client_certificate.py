"""A certificate that is shown when the secure connection is made (mutual TLS)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509 import load_pem_x509_certificates
from django.utils.translation import gettext_lazy as _

from connectors.errors import Reason, Refused
from connectors.problems import problem
from connectors.signing import pem
from connectors.signing.contract import Sign, given

if TYPE_CHECKING:
    from connectors.protocol import Call

SLUG = "certificate"
LABEL = _("Client certificate")
IS_COMMON = False
SETTINGS: tuple[str, ...] = ()
SECRETS = ("certificate", "private_key")
NEEDED = ("certificate", "private_key")
CERTIFICATE = "certificate"  # its place: the connection itself, which shows one


def sign(call: Call) -> Sign:
    """Return nothing to send: the session shows the certificate. Raises Refused where it cannot."""
    chain(call.secrets)
    return Sign()


def chain(secrets: Mapping[str, str]) -> str:
    """Return key and certificates as one text (PEM). Raises Refused where they are missing or do not fit each other."""
    keys = [block for block in pem.blocks(given(secrets, "private_key")) if "PRIVATE KEY" in pem.kind_of(block)]
    certificates = [block for block in pem.blocks(given(secrets, "certificate")) if pem.kind_of(block) == "CERTIFICATE"]
    if not keys or not certificates or not _fit(keys[0], "".join(certificates)):
        raise Refused(problem("certificate_unfit"), reason=Reason.UNAUTHORISED, permanent=True)
    return "".join([keys[0], *certificates])


def _fit(key: str, certificates: str) -> bool:
    """Say whether a key is that of the first certificate; one that asks for a passphrase is of no use."""
    try:
        private = load_pem_private_key(key.encode(), password=None).public_key()
        shown = load_pem_x509_certificates(certificates.encode())[0].public_key()
    except (TypeError, ValueError, UnsupportedAlgorithm):
        return False
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return private.public_bytes(*form) == shown.public_bytes(*form)


def places(settings: Mapping[str, Any]) -> frozenset[str]:  # noqa: ARG001  the contract of a way
    """Return that the connection itself is used."""
    return frozenset({CERTIFICATE})
