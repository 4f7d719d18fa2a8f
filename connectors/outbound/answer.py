"""What a source answered."""

import codecs
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

import orjson

from connectors.errors import Malformed
from connectors.problems import Problem, problem

SAMPLE = 300
BYTES_OF_A_SAMPLE = 8192
# Their decoders are not meant for text of others: some take quadratic time.
UNUSUAL_CODECS = frozenset({"idna", "punycode", "raw_unicode_escape", "undefined", "unicode_escape", "utf-7"})


def as_it_is(text: str) -> str:
    """Return the text."""
    return text


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer.

    `url` is where it came from after redirects, `took` the seconds of the last attempt, `attempts` how many there were.
    The names of `headers` are case-insensitive. Body, headers and URL may hold secrets and stay out of the repr.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    url: str = field(repr=False)
    took: float
    attempts: int
    mask: Callable[[str], str] = field(default=as_it_is, repr=False, compare=False)

    def text(self) -> str:
        """Decode the body by its declared character set, UTF-8 if none. Raises Malformed if it is not in that set."""
        charset = charset_of(self.headers) or "utf-8"
        with suppress(LookupError, UnicodeDecodeError):
            return self.body.decode(codec_of(charset)).removeprefix("\ufeff")
        raise Malformed(problem("other_charset", charset=charset[:20]), status=self.status, sample=self.sample())

    def json(self) -> Any:
        """Parse the body. Raises Malformed for anything but strict JSON: NaN, Infinity and 1e999 are refused too."""
        text = self.text()
        with suppress(orjson.JSONDecodeError):
            return orjson.loads(text)
        found = _what_it_is(text, kind=self.headers.get("Content-Type", ""))
        raise Malformed(found, status=self.status, sample=self.sample())

    def sample(self, length: int = SAMPLE) -> str:
        """Return the first characters of the body, secrets masked."""
        return sample_of(self.body, headers=self.headers, mask=self.mask, length=length)


def charset_of(headers: Mapping[str, str]) -> str | None:
    """Return the character set that the answer declares, in lower case."""
    message = Message()
    message["Content-Type"] = headers.get("Content-Type", "")
    return message.get_content_charset()


def codec_of(charset: str) -> str:
    """Return the codec for `charset`. Raises LookupError for unknown ones and for those not meant for text."""
    name = codecs.lookup(charset).name
    if name in UNUSUAL_CODECS:
        raise LookupError(name)
    return name


def sample_of(body: bytes, *, headers: Mapping[str, str], mask: Callable[[str], str], length: int) -> str:
    """Return the first `length` characters of a body that is text, secrets masked; empty for anything else."""
    start = body[:BYTES_OF_A_SAMPLE]
    if b"\0" in start:
        return ""
    try:
        text = start.decode(codec_of(charset_of(headers) or "utf-8"), errors="replace")
    except LookupError:
        text = start.decode("ascii", errors="replace")
    # Masked before it is cut, or the first half of a secret would stay at the end.
    return mask(text)[:length]


def _what_it_is(text: str, *, kind: str) -> Problem:
    start = text.lstrip()[:20].lower()
    if not start:
        return problem("empty")
    if "html" in kind.lower() or (start.startswith("<") and not start.startswith("<?xml")):
        return problem("html")
    return problem("cut_off" if start[0] in '{["' else "not_json")
