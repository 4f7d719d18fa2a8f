"""Client certificates, shown when a secure connection is made; the key stays in memory."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import NamedTemporaryFile


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCertificate:
    """A certificate with its key as one text (PEM), and the `address` of the one service that it is shown to."""

    chain: str = field(repr=False)
    address: str


def showing(certificate: ClientCertificate, *, ca_bundle: str | None) -> ssl.SSLContext:
    """Return TLS settings of one session, which trust what others trust and show a certificate."""
    context = ssl.create_default_context()
    if ca_bundle is not None:
        context.load_verify_locations(cafile=ca_bundle)
    with _as_file(certificate.chain) as path:
        context.load_cert_chain(path)
    return context


@contextmanager
def _as_file(text: str) -> Iterator[str]:
    """Yield the path of a file that holds a text for as long as the block runs: the library reads no text.

    It lies in memory where the system can do that, and else in a file that only this user may read.
    """
    if hasattr(os, "memfd_create"):
        with os.fdopen(os.memfd_create("certificate"), "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            yield f"/proc/self/fd/{file.fileno()}"
        return
    with NamedTemporaryFile("w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        yield file.name
