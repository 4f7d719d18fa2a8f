"""Keys of the tests' own, as PEM."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa


@dataclass(frozen=True)
class Pair:
    private: str
    public: str


def _pair(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> Pair:
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return Pair(private.decode(), public.decode())


@cache
def rsa_pair() -> Pair:
    return _pair(rsa.generate_private_key(public_exponent=65537, key_size=2048))


@cache
def ec_pair() -> Pair:
    return _pair(ec.generate_private_key(ec.SECP256R1()))


SHARED = "a-shared-secret-of-more-than-32-letters"
