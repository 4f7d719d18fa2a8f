"""A typed address, taken apart: where the service is, what is asked of it, which dates it is asked for. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.utils.translation import gettext as _

from connectors.fields import CREDENTIAL_PARAMETERS, UNSPEAKABLE, looks_like_path
from connectors.hints import words
from connectors.problems import problem
from connectors.written import times

Pairs = tuple[tuple[str, str], ...]

SINCE_WORDS = frozenset({"after", "begin", "from", "min", "since", "start"})
UNTIL_WORDS = frozenset({"before", "end", "finish", "max", "stop", "to", "until"})
WRITTEN = (
    (re.compile(r"\d{4}-\d\d-\d\d"), times.DATE),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*"), times.DATETIME),
    (re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])"), "%Y%m%d"),
    (re.compile(r"\d\d\.\d\d\.\d{4}"), "%d.%m.%Y"),
    (re.compile(r"1\d{9}"), times.UNIX),
    (re.compile(r"1\d{12}"), times.UNIX_MS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The parts of an address: `origin` is scheme, host and port; `key` is the parameter that carries a key, if any."""

    origin: str
    path: str
    params: Pairs
    key: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """The parameters that hold the first and the last moment asked for (one may be empty), and how they are written."""

    since: str
    until: str
    written: str


def take_apart(address: str) -> Typed:
    """Return the parts of an address, https:// being understood. Raises ValueError with a sentence for the page."""
    text = address.strip()
    text = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = None
    if not usable or UNSPEAKABLE.search(text):
        raise ValueError(_incomplete())
    if "@" in parts.netloc:
        raise ValueError(
            _(
                "The address holds a user name or password. Leave them out: "
                "the next step asks for them and encrypts them."
            )
        )
    pairs = tuple(parse_qsl(parts.query, keep_blank_values=True))
    if any(UNSPEAKABLE.search(name) or not value.isprintable() for name, value in pairs):
        raise ValueError(_incomplete())
    keys = [pair for pair in pairs if pair[0].lower() in CREDENTIAL_PARAMETERS and pair[1]]
    if len(keys) > 1:
        raise ValueError(
            _("The address holds more than one key. Leave them out: the next step asks for the key and encrypts it.")
        )
    return Typed(
        origin=f"{parts.scheme}://{parts.netloc}",
        path=parts.path.removeprefix("/"),
        params=tuple(pair for pair in pairs if pair not in keys),
        key=keys[0] if keys else None,
    )


def take_apart_behind(address: str, gateway: str) -> Typed:
    """Return the parts of an address that is reached through a gateway: what follows the gateway's address is its path.

    A path alone is enough. Raises ValueError with a sentence for the page.
    """
    before = urlsplit(gateway)
    begin = urlunsplit((before.scheme, before.netloc, before.path.rstrip("/"), "", ""))
    text = address.strip()
    typed = take_apart(f"{begin}/{text.lstrip('/')}" if looks_like_path(text) else text)
    under = before.path.strip("/")
    if origin(typed.origin) != origin(gateway) or not f"{typed.path}/".startswith(f"{under}/" if under else ""):
        raise ValueError(str(problem("behind_elsewhere")))
    return replace(typed, origin=begin, path=typed.path.removeprefix(under).lstrip("/"))


def _incomplete() -> str:
    return _("This is not a complete address. It should look like https://api.example.com/path.")


def put_together(origin: str, path: str, params: Sequence[tuple[str, str]]) -> str:
    """Return an address for people, placeholders as they are."""
    query = urlencode(params, safe="{}:,@")
    return f"{origin}/{path}{'?' if query else ''}{query}"


def lines(params: Sequence[tuple[str, str]]) -> str:
    """Write parameters as feeds keep them, one a line."""
    return "\n".join(f"{name}={value}" for name, value in params)


def dates_in(params: Sequence[tuple[str, str]]) -> Dates | None:
    """Find the parameters that ask for a stretch of time: named like a beginning or an end, and holding a date."""
    since = next((pair for pair in params if _is_date(pair, SINCE_WORDS)), None)
    until = next((pair for pair in params if _is_date(pair, UNTIL_WORDS) and pair != since), None)
    example = since or until
    if example is None:
        return None
    return Dates(since=since[0] if since else "", until=until[0] if until else "", written=written(example[1]))


def with_placeholders(params: Sequence[tuple[str, str]], dates: Dates) -> Pairs:
    """Replace the dates by what Waymark fills in anew with every call."""
    filled = {dates.since: "{since}", dates.until: "{until}"}
    return tuple((name, filled.get(name, value)) for name, value in params)


def written(value: str) -> str:
    """Return the format in which a parameter writes a date; empty if it is none."""
    return next((fmt for pattern, fmt in WRITTEN if pattern.fullmatch(value)), "")


def _is_date(pair: tuple[str, str], names: frozenset[str]) -> bool:
    name, value = pair
    together = re.match(r"(start|end|from|to|since|until)", name.lower())
    known = names & {*words(name), together[1] if together else ""}
    return bool(known and written(value))


def is_path(address: str) -> bool:
    """Say whether an address is only a path, which needs a gateway before it."""
    return "://" not in address


def is_behind(own: str, gateway: str) -> bool:
    """Say whether an address can be reached through a gateway: it is a path, or one of the same service."""
    return is_path(own) or origin(own) == origin(gateway)


def behind(own: str, gateway: str) -> str:
    """Return where an address leads through a gateway: a path follows the gateway's address."""
    if not is_path(own):
        return own
    parts, path = urlsplit(gateway), own.lstrip("/")
    whole = f"{parts.path.rstrip('/')}/{path}" if path else parts.path
    return urlunsplit((parts.scheme, parts.netloc, whole, parts.query, ""))


def origin(address: str) -> tuple[str, str]:
    """Return whom an address belongs to: scheme and host with port; nothing for a path."""
    parts = urlsplit(address)
    return parts.scheme, parts.netloc.lower()
