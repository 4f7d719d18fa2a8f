"""A curl command, as people paste it from documentation and browsers, taken apart into a request. Pure; nothing is run.

What is needed to ask the same is kept. What only concerns the terminal is left aside. What would change the answer and
is not known here is named in the error, so that nobody wonders why the answer is another one.
"""

from __future__ import annotations

import base64
import binascii
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlencode, urlsplit, urlunsplit

from django.utils.translation import gettext as _

from connectors import signing
from connectors.answers import ACCEPT
from connectors.fields import CREDENTIAL_PARAMETERS, NO_SECRETS, SECRET_WORDS
from connectors.hints import words
from connectors.signing.ways import client_certificate

Pairs = tuple[tuple[str, str], ...]

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
METHODS = ("GET", "POST")
# what a browser says about itself and the page it was on, and what the connection sets by itself
LEFT_ASIDE = re.compile(
    r"sec-.*|priority|dnt|te|upgrade-insecure-requests|connection|content-length|accept-encoding|host|pragma|cache-control"
    r"|origin|referer|user-agent|x-requested-with|.*(csrf|xsrf).*",
    re.IGNORECASE,
)

SHORT = {
    "X": "request", "H": "header", "d": "data", "u": "user", "G": "get", "A": "user-agent", "b": "cookie",
    "e": "referer", "k": "insecure", "L": "location", "s": "silent", "S": "show-error", "v": "verbose", "i": "include",
    "f": "fail", "g": "globoff", "N": "no-buffer", "o": "output", "O": "remote-name", "m": "max-time", "w": "write-out",
    "D": "dump-header", "c": "cookie-jar", "#": "progress-bar", "4": "ipv4", "6": "ipv6", "J": "remote-header-name",
    "q": "disable", "E": "cert",
}  # fmt: skip
DATA = frozenset({"data", "data-ascii", "data-raw", "data-binary", "data-urlencode", "json"})
VALUED = DATA | {"request", "header", "user", "user-agent", "cookie", "referer", "url", "oauth2-bearer", "cert", "key"}
HARMLESS = frozenset(
    {
        "compressed", "location", "silent", "show-error", "verbose", "include", "fail", "fail-with-body", "globoff",
        "no-buffer", "remote-name", "remote-header-name", "progress-bar", "no-progress-meter", "ipv4", "ipv6",
        "disable", "http1.1", "http2", "http2-prior-knowledge", "http3", "tlsv1.2", "tlsv1.3", "tr-encoding",
        "no-keepalive", "tcp-nodelay", "create-dirs", "no-sessionid", "styled-output", "basic",
    }
)  # fmt: skip
HARMLESS_VALUED = frozenset(
    {
        "output", "max-time", "connect-timeout", "retry", "retry-delay", "retry-max-time", "write-out", "dump-header",
        "cookie-jar", "max-redirs", "stderr", "keepalive-time", "limit-rate",
    }
)  # fmt: skip
ANSI = {
    "n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "v": "\v", "\\": "\\",
    "'": "'", '"': '"', "?": "?",
}  # fmt: skip
# what stands in place of a secret in a command that was written for others, as ours are
VARIABLE = re.compile(r"\$\{?[A-Z_][A-Z0-9_]*\}?")
KEY = "$KEY"
# one quoted stretch of a command; only the last group is foreign to shlex
QUOTED = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.|\$'((?:\\.|[^'\\])*)'""", re.DOTALL)
ANSI_SIGN = re.compile(r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|(.))", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What a curl command asks for.

    `address` holds no credentials. `sign_in` are the settings of the sign-in (see `connectors.signing`) and
    `credentials` what belongs under seal, variables of the shell left out; `left_out` names further credentials, of
    which only one can be sent.
    """

    address: str
    method: str = "GET"
    headers: Pairs = ()
    body: str = ""
    content_type: str = ""
    sign_in: dict[str, str] = field(default_factory=lambda: {"sign_in": signing.NONE})
    credentials: dict[str, str] = field(default_factory=dict, repr=False)
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Key:
    """One way in which a command signs in; `rank` 0 is the one that is kept where there are several."""

    rank: int
    name: str
    sign_in: dict[str, str]
    credentials: dict[str, str] = field(repr=False)


Options = list[tuple[str, str]]


def is_command(text: str) -> bool:
    """Say whether a text is a curl command, and not an address."""
    return re.match(r"\s*(?:\$\s+)?curl(?:\.exe)?\s", text) is not None


def parse(text: str) -> Command:
    """Return what a curl command asks for. Raises ValueError, with a sentence that says what to do."""
    options = list(_options(_split(text)))
    given = dict(options)
    headers = [_header(value) for name, value in options if name == "header"]
    address, keys = _address(options)
    keys += [*_keys_of_options(options), *_keys_of_headers(headers)]
    body, content_type = _body(options, headers)
    if "get" in given:
        address, more = _with_query(address, body)
        body, keys = "", keys + more
    kept, *others = sorted(keys, key=lambda key: key.rank) or [_Key(9, "", {"sign_in": signing.NONE}, {})]
    return Command(
        address=address,
        method=_method(given, body),
        headers=tuple(_asked(headers, given)),
        body=body,
        content_type=content_type if body else "",
        sign_in=kept.sign_in,
        credentials={name: value for name, value in kept.credentials.items() if not VARIABLE.fullmatch(value)},
        left_out=tuple(dict.fromkeys(key.name for key in others if key.sign_in != kept.sign_in)),
    )


# --- words of the command ---------------------------------------------------------------------------------------------


def _split(text: str) -> list[str]:
    """Return the words of a command as a shell would pass them on, from bash, zsh or the Windows command line."""
    plain = _from_windows(text) if re.search(r'\^\s*\n|\^"|\s\^\s', text) else text
    plain = re.sub(r"\\\r?\n", " ", plain)
    plain = QUOTED.sub(lambda found: shlex.quote(_ansi(found[1])) if found[1] is not None else found[0], plain)
    plain = re.sub(r"(^|\s)\\(?=\s)", r"\1", plain)  # a field of one line took the line breaks away, and left these
    try:
        return [word for word in shlex.split(plain) if word != "$"][1:]
    except ValueError:
        raise ValueError(_("A quotation mark is missing in this command. Copy it whole.")) from None


def _from_windows(text: str) -> str:
    """Undo the carets: at the end of a line it goes on, elsewhere the next sign is meant as it is."""
    return re.sub(r"\^(.)", r"\1", re.sub(r"\^[ \t]*\r?\n|(?<=\s)\^(?=\s)", " ", text), flags=re.DOTALL)


def _ansi(text: str) -> str:
    def sign(found: re.Match[str]) -> str:
        code = found[1] or found[2] or found[3]
        if code:
            return chr(int(code, 16))
        return chr(int(found[4], 8)) if found[4] else ANSI.get(found[5], f"\\{found[5]}")

    try:
        return ANSI_SIGN.sub(sign, text)
    except (ValueError, OverflowError):
        raise ValueError(_("A sign in this command cannot be read. Copy it whole.")) from None


def _options(words_: list[str]) -> Iterator[tuple[str, str]]:
    """Yield every option by its long name, with its value; an address is the option `url`."""
    waiting = iter(words_)
    for word in waiting:
        if word.startswith("--") and len(word) > 2:
            yield from _long(word[2:], waiting)
        elif word.startswith("-") and len(word) > 1:
            yield from _short(word[1:], waiting)
        else:
            yield "url", word


def _long(word: str, waiting: Iterator[str]) -> Iterator[tuple[str, str]]:
    name, equals, value = word.partition("=")
    _check(name, f"--{name}")
    if name in VALUED or name in HARMLESS_VALUED:
        value = value if equals else _next(waiting, f"--{name}")
    if name not in HARMLESS and name not in HARMLESS_VALUED:
        yield name, value


def _short(letters: str, waiting: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Read letters that may stand together, the last of them with its value: -sSXPOST."""
    for place, letter in enumerate(letters):
        name = SHORT.get(letter, "")
        _check(name, f"-{letter}")
        if name in VALUED or name in HARMLESS_VALUED:
            value = letters[place + 1 :] or _next(waiting, f"-{letter}")
            if name in VALUED:
                yield name, value
            return
        if name not in HARMLESS:
            yield name, ""


def _check(name: str, written: str) -> None:
    if name == "insecure":
        sentence = _("Certificates are always checked here, so %(option)s cannot be used. Leave it out.")
        raise ValueError(sentence % {"option": written})
    if name not in VALUED and name not in HARMLESS and name not in HARMLESS_VALUED and name != "get":
        raise ValueError(_("%(option)s is not supported here. Leave it out.") % {"option": written})


def _next(waiting: Iterator[str], written: str) -> str:
    value = next(waiting, None)
    if value is None:
        raise ValueError(_("Behind %(option)s something is missing. Copy the command whole.") % {"option": written})
    return value


# --- what they mean ---------------------------------------------------------------------------------------------------


def _address(options: Options) -> tuple[str, list[_Key]]:
    """Return the address without what signs in, and that apart."""
    found = [value for name, value in options if name == "url"]
    if not found:
        raise ValueError(_("This command has no address."))
    if len(found) > 1:
        sentence = _("This command asks at more than one address: %(first)s and %(second)s. Paste one of them.")
        raise ValueError(sentence % {"first": found[0][:60], "second": found[1][:60]})
    text = found[0] if "://" in found[0] else f"https://{found[0]}"
    try:
        parts = urlsplit(text)
        user, password, port = parts.username, parts.password, parts.port
    except ValueError:
        raise ValueError(_("The address in this command is not complete.")) from None
    keys = [_basic(unquote(user or ""), unquote(password or ""))] if user or password else []
    host = parts.hostname or ""
    netloc = f"[{host}]" if ":" in host else host
    bare = urlunsplit((parts.scheme, f"{netloc}:{port}" if port else netloc, parts.path, "", ""))
    address, more = _with_query(bare, parts.query)
    return address, keys + more


def _with_query(address: str, query: str) -> tuple[str, list[_Key]]:
    """Add parameters to an address, but for those that carry a key."""
    pairs = parse_qsl(query, keep_blank_values=True)
    keys = [
        _Key(2, name, {"sign_in": signing.QUERY, "query_name": name}, {"key": value})
        for name, value in pairs
        if (name.lower() in CREDENTIAL_PARAMETERS and value) or value == KEY
    ]
    taken = {key.name for key in keys}
    kept = urlencode([pair for pair in pairs if pair[0] not in taken])
    return address + (("&" if "?" in address else "?") + kept if kept else ""), keys


def _method(given: dict[str, str], body: str) -> str:
    method = given.get("request", "POST" if body else "GET").upper()
    if method not in METHODS:
        raise ValueError(_("%(method)s is not supported here, only GET and POST.") % {"method": method[:20]})
    if method == "GET" and body:
        raise ValueError(_("This command sends a body with GET. A body goes with POST."))
    return method


def _header(text: str) -> tuple[str, str]:
    name, _colon, value = text.partition(":")
    if text.startswith("@"):
        raise ValueError(_("%(text)s names a file, which cannot be read here. Write what is in it.") % {"text": text})
    return name.strip().rstrip(";"), value.strip()


def _asked(headers: list[tuple[str, str]], given: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the headers that belong to the question itself."""
    for name, value in headers:
        of_ours = VARIABLE.fullmatch(value) or (name.lower(), value) == ("accept", ACCEPT)
        aside = name.lower() == "content-type" or LEFT_ASIDE.fullmatch(name) or _is_secret(name)
        if value and not of_ours and not aside:
            yield name, value
    if "json" in given and "accept" not in {name.lower() for name, _value in headers}:
        yield "Accept", JSON


def _body(options: Options, headers: list[tuple[str, str]]) -> tuple[str, str]:
    """Return the body and its content type."""
    parts = [(name, value) for name, value in options if name in DATA]
    named = [name for name, _value in parts]
    body = ("" if "json" in named else "&").join(_data(name, value) for name, value in parts)
    # a command with JSON and without its type was meant so, and a service that knows forms alone would not take it
    usual = JSON if "json" in named or body.lstrip()[:1] in ("{", "[") else FORM
    content_type = next((value for name, value in headers if name.lower() == "content-type"), usual)
    return body, content_type.partition(";")[0].strip()


def _data(name: str, value: str) -> str:
    if name == "data-urlencode":
        return _encoded(value)
    if name != "data-raw" and value.startswith("@"):
        raise ValueError(_("%(text)s names a file, which cannot be read here. Write what is in it.") % {"text": value})
    return value if name in ("data-raw", "data-binary", "json") else value.replace("\r", "").replace("\n", "")


def _encoded(value: str) -> str:
    """Encode as curl does: `content`, `=content` or `name=content`."""
    if "@" in value.partition("=")[0]:
        raise ValueError(_("%(text)s names a file, which cannot be read here. Write what is in it.") % {"text": value})
    name, equals, content = value.partition("=")
    if not equals:
        return quote_plus(name)
    return f"{name}={quote(content, safe='')}" if name else quote(content, safe="")


# --- signing in -------------------------------------------------------------------------------------------------------


def _keys_of_options(options: Options) -> Iterator[_Key]:
    for name, value in options:
        if name == "user":
            user, _colon, password = value.partition(":")
            yield _basic(user, password)
        elif name == "oauth2-bearer":
            yield _Key(0, "--oauth2-bearer", {"sign_in": signing.BEARER}, {"key": value})
        elif name in ("cert", "key"):  # files, which cannot be read here
            yield _Key(0, f"--{name}", {"sign_in": client_certificate.SLUG}, {})
        elif name == "cookie" and "=" in value:
            yield _in_header("Cookie", value, rank=3)
        elif name == "cookie":
            raise ValueError(
                _("%(text)s names a file, which cannot be read here. Write what is in it.") % {"text": value}
            )


def _keys_of_headers(headers: list[tuple[str, str]]) -> Iterator[_Key]:
    for name, value in headers:
        if name.lower() == "authorization" and value:
            yield _authorization(name, value)
        elif name.lower() == "cookie" and value:
            yield _in_header("Cookie", value, rank=3)
        elif (_is_secret(name) and value) or value == KEY:
            yield _in_header(name, value, rank=1)


def _authorization(name: str, value: str) -> _Key:
    scheme, _space, rest = value.partition(" ")
    if scheme.lower() == "bearer" and rest.strip():
        return _Key(0, name, {"sign_in": signing.BEARER}, {"key": rest.strip()})
    if scheme.lower() == "basic":
        try:
            user, _colon, password = base64.b64decode(rest.strip(), validate=True).decode().partition(":")
            return _basic(user, password)
        except (binascii.Error, UnicodeDecodeError):
            pass
    return _in_header(name, value, rank=0)


def _basic(user: str, password: str) -> _Key:
    credentials = {name: text for name, text in (("user_name", user), ("password", password)) if text}
    return _Key(0, _("the user name"), {"sign_in": signing.BASIC}, credentials)


def _in_header(name: str, value: str, *, rank: int) -> _Key:
    return _Key(rank, name, {"sign_in": signing.HEADER, "header_name": name}, {"key": value})


def _is_secret(name: str) -> bool:
    """Say whether a header carries a credential, by its name."""
    spoken = set(words(name))
    return name.lower() == "cookie" or bool(spoken & SECRET_WORDS and not spoken & NO_SECRETS)
