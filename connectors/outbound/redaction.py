"""Keeping secrets out of everything that is written down."""

import base64
import html
import json
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

MASK = "•••"
# Shorter pieces of base64 occur by chance.
SHORTEST_ENCODED = 6
NEVER_ESCAPED = re.compile(r"[A-Za-z0-9]+")
SENSITIVE_HEADER = re.compile("auth|cookie|credential|key|pass|secret|session|sign|token", re.IGNORECASE)
# By its end only: a `keyword` or `sessions` is what was asked for, and worth reading in the log.
SENSITIVE_PARAMETER = re.compile(
    r"([?&][^=&#\s]*(?:auth|credentials?|key|pass|passw(?:or)?d|pwd|secret|sig|signature|token)=)[^&#\s]+",
    re.IGNORECASE,
)
USER_INFO = re.compile(r"(?<=://)[^/?#@\s]*@")


class Redaction:
    """Masks known secrets, as URLs, JSON, HTML and base64 spell them, and what is secret by its name."""

    def __init__(self, secrets: Collection[str]) -> None:
        self._secrets: list[str] = []
        self._probes: list[str] = []
        self.hide(*secrets)

    def hide(self, *secrets: str) -> None:
        """Mask further secrets from now on, such as a token that was just obtained."""
        new = {secret for secret in secrets if secret} - set(self._secrets)
        if new:
            self._secrets = sorted({*self._secrets, *new}, key=len, reverse=True)
            self._probes = [*self._probes, *(probe for secret in new for probe in _probes(secret))]
            self.__dict__.pop("_pattern", None)

    @property
    def secrets(self) -> frozenset[str]:
        """What is masked by its value."""
        return frozenset(self._secrets)

    def text(self, text: str) -> str:
        """Return `text` with every secret masked."""
        return self._pattern.sub(MASK, text) if self._may_find(text) else text

    def finds(self, text: str) -> bool:
        """Tell whether `text` holds a secret."""
        return self._may_find(text) and self._pattern.search(text) is not None

    def _may_find(self, text: str) -> bool:
        """Look for what no spelling changes: a hundred times faster, and most texts hold no secret."""
        return any(probe in text for probe in self._probes)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(pattern for secret in self._secrets for pattern in _spellings(secret)))

    def url(self, url: str) -> str:
        """Return `url` without user-info, and with secrets and parameters named like secrets masked."""
        return SENSITIVE_PARAMETER.sub(rf"\1{MASK}", self.text(USER_INFO.sub("", url)))

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return a copy with secrets masked, and with the values of headers named like secrets masked whole."""
        return {name: MASK if SENSITIVE_HEADER.search(name) else self.text(value) for name, value in headers.items()}


def _probes(secret: str) -> Iterator[str]:
    """Yield, for each way to write the secret, a part that is written so and not otherwise."""
    for written in (secret, *_inside_base64(secret.encode())):
        yield max(NEVER_ESCAPED.findall(written), key=len, default="")


def _spellings(secret: str) -> Iterator[str]:
    """Yield patterns that match the secret written plainly, each character perhaps escaped, and inside base64."""
    yield "".join(f"(?:{'|'.join(_ways_to_write(character))})" for character in secret)
    for core in _inside_base64(secret.encode()):
        yield re.escape(core).replace(r"\+", "[+-]").replace("/", "[/_]")


def _ways_to_write(character: str) -> list[str]:
    """Return the character itself and as URLs, forms, JSON and HTML write it."""
    octets = "".join(f"%{octet:02X}" for octet in character.encode())
    ways = [character, octets, octets.lower(), json.dumps(character)[1:-1], html.escape(character)]
    if character == " ":
        ways.append("+")
    if character == "/":
        ways.append("\\/")
    return [re.escape(way) for way in dict.fromkeys(ways)]


def _inside_base64(secret: bytes) -> Iterator[str]:
    """Yield the characters of base64 that depend on the secret alone, for 0, 1 and 2 bytes before it (modulo 3)."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + secret).decode().rstrip("=")
        core = encoded[(shift * 8 + 5) // 6 : (shift + len(secret)) * 8 // 6]
        if len(core) >= SHORTEST_ENCODED:
            yield core
