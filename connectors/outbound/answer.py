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

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins with the one of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SAMPLE = 300
BYTES_OF_A_SAMPLE = 8192
TOO_LARGE = "number is infinity"  # how orjson speaks of a number like 1e400, or of hundreds of digits
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
        """Decode the body by its declared character set, else by its byte order mark, else as UTF-8.

        Raises Malformed if it is not in that set.
        """
        said = charset_of(self.headers)
        with suppress(LookupError, UnicodeDecodeError):
            return self.body.decode(codec_of(said or marked_as(self.body))).removeprefix("\ufeff")
        found = problem("other_charset", charset=said[:20]) if said else problem("charset_unsaid")
        raise Malformed(found, status=self.status, sample=self.sample())

    def json(self) -> Any:
        """Parse the body. Raises Malformed for anything but strict JSON: NaN, Infinity and 1e999 are refused too."""
        text = self.text()
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as error:
            found = _what_it_is(text, kind=self.headers.get("Content-Type", ""), why=error.msg)
        raise Malformed(found, status=self.status, sample=self.sample())

    def sample(self, length: int = SAMPLE) -> str:
        """Return the first characters of the body, secrets masked."""
        return sample_of(self.body, headers=self.headers, mask=self.mask, length=length)


def charset_of(headers: Mapping[str, str]) -> str | None:
    """Return the character set that the answer declares, in lower case."""
    message = Message()
    message["Content-Type"] = headers.get("Content-Type", "")
    return message.get_content_charset()


def marked_as(body: bytes) -> str:
    """Return the character set of which a body bears the byte order mark; UTF-8 where there is none."""
    return next((charset for mark, charset in MARKS if body.startswith(mark)), "utf-8")


def codec_of(charset: str) -> str:
    """Return the codec for `charset`. Raises LookupError for unknown ones and for those not meant for text."""
    name = codecs.lookup(charset).name
    if name in UNUSUAL_CODECS:
        raise LookupError(name)
    return name


def sample_of(body: bytes, *, headers: Mapping[str, str], mask: Callable[[str], str], length: int) -> str:
    """Return the first `length` characters of a body that is text, secrets masked; empty for anything else."""
    start = body[:BYTES_OF_A_SAMPLE]
    charset = charset_of(headers) or marked_as(body)
    try:
        text = start.decode(codec_of(charset), errors="replace").removeprefix("\ufeff")
    except LookupError:
        text = start.decode("ascii", errors="replace")
    if "\0" in text:
        return ""
    # Masked before it is cut, or the first half of a secret would stay at the end.
    return mask(text)[:length]


def _what_it_is(text: str, *, kind: str, why: str) -> Problem:
    """Say what a body is that is no JSON; `why` is the parser's own word."""
    start = text.lstrip()[:20].lower()
    if not start:
        return problem("empty")
    if "html" in kind.lower() or (start.startswith("<") and not start.startswith("<?xml")):
        return problem("html")
    if TOO_LARGE in why:
        return problem("number_too_large")
    return problem("cut_off" if start[0] in '{["' else "not_json")
