"""Keeping secrets out of everything that is written down."""

import base64
import html
import json
import re
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import quote

MASK = "•••"
# Shorter pieces of base64 occur by chance.
SHORTEST_ENCODED = 6
SENSITIVE = "auth|cookie|credential|key|pass|secret|session|sign|token"
SENSITIVE_HEADER = re.compile(SENSITIVE, re.IGNORECASE)
SENSITIVE_PARAMETER = re.compile(rf"([?&][^=&#\s]*(?:{SENSITIVE})[^=&#\s]*=)[^&#\s]+", re.IGNORECASE)
USER_INFO = re.compile(r"(?<=://)[^/?#@\s]*@")


class Redaction:
    """Masks known secrets, as URLs, JSON, HTML and base64 spell them, and what is secret by its name."""

    def __init__(self, secrets: Collection[str]) -> None:
        spellings = [
            pattern for secret in sorted(filter(None, secrets), key=len, reverse=True) for pattern in _spellings(secret)
        ]
        self._secrets = re.compile("|".join(spellings) or r"(?!)", re.IGNORECASE)

    def text(self, text: str) -> str:
        """Return `text` with every secret masked."""
        return self._secrets.sub(MASK, text)

    def finds(self, text: str) -> bool:
        """Tell whether `text` holds a secret."""
        return self._secrets.search(text) is not None

    def url(self, url: str) -> str:
        """Return `url` without user-info, and with secrets and parameters named like secrets masked."""
        return SENSITIVE_PARAMETER.sub(rf"\1{MASK}", self.text(USER_INFO.sub("", url)))

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return a copy with secrets masked, and with the values of headers named like secrets masked whole."""
        return {name: MASK if SENSITIVE_HEADER.search(name) else self.text(value) for name, value in headers.items()}


def _spellings(secret: str) -> Iterator[str]:
    """Yield patterns that match the secret written plainly, each character perhaps escaped, and inside base64."""
    yield "".join(f"(?:{'|'.join(_ways_to_write(character))})" for character in secret)
    for shift in range(3):
        core = _inside_base64(secret.encode(), shift=shift)
        if len(core) >= SHORTEST_ENCODED:
            yield re.escape(core).replace(r"\+", "[+-]").replace("/", "[/_]")


def _ways_to_write(character: str) -> list[str]:
    """Return the character itself and as URLs, forms, JSON and HTML write it."""
    octets = "".join(f"%{octet:02X}" for octet in character.encode())
    ways = [character, octets, quote(character, safe=""), json.dumps(character)[1:-1], html.escape(character)]
    if character == " ":
        ways.append("+")
    if character == "/":
        ways.append("\\/")
    return [re.escape(way) for way in dict.fromkeys(ways)]


def _inside_base64(secret: bytes, *, shift: int) -> str:
    """Return the characters of base64 that depend on the secret alone when `shift` bytes stand before it."""
    encoded = base64.b64encode(b"\0" * shift + secret).decode().rstrip("=")
    first = (shift * 8 + 5) // 6
    last = (shift + len(secret)) * 8 // 6
    return encoded[first:last]
