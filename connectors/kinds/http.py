"""An HTTP API that answers in JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from django import forms
from django.core.exceptions import ValidationError
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from connectors import signing, templating, times
from connectors.errors import Blocked, Malformed, TooLarge
from connectors.fields import Address, Choice, HeaderName, Lines, Path, RelativePath, Text, WrittenTime, pairs
from connectors.outbound import Answer
from connectors.outbound.urls import same_origin
from connectors.paths import look_up
from connectors.protocol import Call, Page

LABEL = "HTTP API"
SUMMARY = "Reads numbers from an API that answers in JSON."
COLLECTS = True

MOST_PAGES = 100
MOST_BYTES = 50 * 2**20  # of all pages together
MOST_SECONDS = 150.0  # for all pages together, so that a collection ends within its lease
PLACEHOLDERS = frozenset({"since", "until", "cursor"})
KNOWN = "{since}, {until} and {cursor}"
LAST_DAY, MOMENT_AFTER = "last_day", "moment_after"
NEXT_PAGE, NEXT_ADDRESS, NEXT_TIME = "next_page", "next_address", "next_time"


class Settings(forms.Form):
    """Where the API is and how one signs in."""

    address = Address(help_text="What all its addresses begin with, for example https://analytics.example.com/api.")
    sign_in = Choice(label="Does it need a key?", choices=signing.WAYS)
    header_name = HeaderName(label="Header of the key", initial="X-API-Key")
    query_name = Text(label="Parameter of the key", initial="api_key", max_length=100)
    headers = Lines(
        label="More headers", separator=":", help_text="Sent with every call, for example Accept-Language: en."
    )


class Secrets(forms.Form):
    """What the sign-in needs; the rest stays empty."""

    key = forms.CharField(label="Key or token", required=False, max_length=5000, widget=forms.PasswordInput)
    user_name = forms.CharField(label="User name", required=False, max_length=500, widget=forms.PasswordInput)
    password = forms.CharField(
        label="Password", required=False, max_length=500, strip=False, widget=forms.PasswordInput
    )


class Query(forms.Form):
    """What is asked, and where the rows stand in the answer."""

    method = Choice(choices=[("GET", "GET"), ("POST", "POST")])
    path = RelativePath(help_text="Follows the connection's address. May hold {since}, {until} and {cursor}.")
    params = Lines(label="Parameters", separator="=", help_text="One a line, for example startDate={since}.")
    headers = Lines(label="Headers", separator=":", help_text="Only for this feed, one a line.")
    body = forms.CharField(required=False, max_length=20_000, widget=forms.Textarea, help_text="Only with POST.")
    content_type = Text(label="Content type of the body", initial="application/json", max_length=100)
    rows = Path(help_text="Where the list stands in the answer, for example data.items. Empty: the whole answer.")
    date_format = WrittenTime(label="Dates are sent as", initial=times.DATE)
    until_is = Choice(
        label="{until} is",
        choices=[(LAST_DAY, "the last day asked for"), (MOMENT_AFTER, "the day after it")],
        help_text="Only for dates. A time of day is always the moment at which the asked stretch ends.",
    )
    cursor = Path(help_text="Where the answer says how it goes on, for example meta.next. Empty: one page.")
    cursor_use = Choice(
        label="The cursor leads to",
        choices=[
            (NEXT_PAGE, "the next page, by {cursor}"),
            (NEXT_ADDRESS, "the next page, being its address"),
            (NEXT_TIME, "what is new next time, by {cursor}"),
        ],
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a body that cannot be sent, unknown placeholders, and a cursor that leads nowhere."""
        query = super().clean() or {}
        if self.errors:
            return query
        if query["body"] and query["method"] == "GET":
            raise ValidationError({"body": "A body goes with POST."})
        _check_placeholders(query)
        return query


def _check_placeholders(query: Mapping[str, Any]) -> None:
    try:
        used = _placeholders(query)
    except ValueError:
        raise ValidationError({"body": "This is not valid JSON."}) from None
    for name in sorted(used - PLACEHOLDERS):
        raise ValidationError(f"{{{name}}} is not known: only {KNOWN} are filled. Other braces need a space inside.")
    by_placeholder = bool(query["cursor"]) and query["cursor_use"] != NEXT_ADDRESS
    if by_placeholder and "cursor" not in used:
        raise ValidationError(
            {"cursor": "Write {cursor} where it is to be sent: in the path, the parameters or the body."}
        )
    if not by_placeholder and "cursor" in used:
        raise ValidationError({"cursor": "Say where the answer holds the cursor that {cursor} stands for."})


def _placeholders(query: Mapping[str, Any]) -> set[str]:
    used = templating.placeholders("\n".join([query["path"], query["params"], query["headers"]]))
    if query["body"] and templating.is_json(query["content_type"]):
        return used | templating.placeholders_in_json(templating.parse_json(query["body"]))
    return used | templating.placeholders(query["body"])


def uses_window(query: Mapping[str, Any]) -> bool:
    """Say whether a cleaned query asks for a stretch of time, or for what is there now."""
    return bool(_placeholders(query) & {"since", "until"})


def address(settings: Mapping[str, Any]) -> str:
    """Return the address that all calls begin with."""
    return str(settings.get("address", ""))


def fetch(call: Call) -> Page:
    """Sign in, ask, and follow the cursor.

    A cursor to the next page is followed to its end, and the whole is refused where it has none. A cursor for next time
    is followed until nothing new comes, and kept. Raises FetchError.
    """
    parts = list(_parts(call))
    kept = [part.cursor for part in parts if part.cursor is not None] or [call.cursor]
    return Page(
        rows=[row for part in parts for row in part.rows],
        cursor=kept[-1] if call.query["cursor_use"] == NEXT_TIME else None,
        answer=parts[0].document,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What one request brought."""

    rows: list[Any]
    cursor: str | int | float | None
    document: Any
    size: int


def _parts(call: Call) -> Iterator[_Part]:
    keeps = call.query["cursor_use"] == NEXT_TIME
    cursor, seen, size = call.cursor if keeps else None, set(), 0
    until = monotonic() + MOST_SECONDS
    for _ in range(MOST_PAGES):
        part = _part(call, cursor)
        yield part
        seen.add(cursor)
        cursor, size = part.cursor, size + part.size
        if cursor is None or cursor in seen or (keeps and not part.rows):
            return
        if size > MOST_BYTES or monotonic() > until:
            break
    if not keeps:
        raise TooLarge(f"There are more than {MOST_PAGES} pages, or they take too long. Ask for less at once.")


def _part(call: Call, cursor: Any) -> _Part:
    answer = _ask(call, cursor)
    document = answer.json()
    rows = _found(call.query["rows"], document, answer)
    if rows is None:
        where = f"at “{call.query['rows']}” in the answer" if call.query["rows"] else "in the answer"
        raise _malformed(f"Nothing stands {where}. Check where the rows are.", answer)
    return _Part(
        rows=rows if isinstance(rows, list) else [rows],
        cursor=_next_cursor(call.query["cursor"], document, answer),
        document=document,
        size=len(answer.body),
    )


def _next_cursor(path: str, document: Any, answer: Answer) -> str | int | float | None:
    found = _found(path, document, answer) if path else None
    if found is None or found is False or found == "":
        return None
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        raise _malformed(f"What stands at “{path}” in the answer is no cursor: neither text nor a number.", answer)
    return found


def _found(path: str, document: Any, answer: Answer) -> Any:
    try:
        return look_up(path)(document)
    except ValueError as error:
        raise _malformed(f"The answer cannot be read: {error}.", answer) from None


def _malformed(sentence: str, answer: Answer) -> Malformed:
    return Malformed(sentence, status=answer.status, sample=answer.sample())


def _ask(call: Call, cursor: Any) -> Answer:
    try:
        request = _request(call, cursor)
    except (ValueError, LocationParseError) as error:
        raise Malformed(f"The cursor of the answer cannot be sent back: {error}.") from None
    sign = signing.sign(call.settings, call.secrets)
    return call.session.request(
        request.method,
        request.url,
        params=[*request.params, *sign.params],
        headers={**request.headers, **sign.headers},
        body=request.body,
        auth=sign.auth,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What goes out, but for the sign-in."""

    method: str = "GET"
    url: str
    params: list[tuple[str, str]] = field(default_factory=list)
    headers: dict[str, str]
    body: bytes | None = None


def _request(call: Call, cursor: Any) -> _Request:
    query, values = call.query, _values(call, cursor)
    url = _url(call.settings["address"], templating.fill_path(query["path"], values))
    headers = {
        "Accept": "application/json, */*;q=0.1",
        **dict(pairs(call.settings["headers"], separator=":")),
        **dict(_filled(query["headers"], values, separator=":")),
    }
    if cursor is not None and query["cursor_use"] == NEXT_ADDRESS:
        return _Request(url=_next_address(url, str(cursor), call.settings), headers=headers)
    params = _filled(query["params"], values, separator="=")
    if not query["body"]:
        return _Request(method=query["method"], url=url, params=params, headers=headers)
    body = templating.fill_body(query["body"], values, content_type=query["content_type"])
    headers = {"Content-Type": query["content_type"], **headers}
    return _Request(method=query["method"], url=url, params=params, headers=headers, body=body.encode())


def _filled(lines: str, values: templating.Values, *, separator: str) -> list[tuple[str, str]]:
    """Fill the values of lines; a line that asks for a value that is not there yet is left out."""
    wanted = [(name, value) for name, value in pairs(lines, separator=separator) if not templating.lacks(value, values)]
    return [(name, templating.fill_line(value, values)) for name, value in wanted]


def _url(base: str, path: str) -> str:
    parts = urlsplit(base)
    whole = f"{parts.path.rstrip('/')}/{path}" if path else parts.path
    return urlunsplit((parts.scheme, parts.netloc, whole, parts.query, ""))


def _next_address(first: str, cursor: str, settings: Mapping[str, Any]) -> str:
    """Return the address of the next page. Raises Blocked where it is another service's: the key would go along."""
    following = urljoin(first, cursor)
    if not same_origin(parse_url(first), parse_url(following)):
        raise Blocked("The answer says that the next page is on another host. Connect that host instead.")
    return signing.without_key(following, settings)


def _values(call: Call, cursor: Any) -> templating.Values:
    fmt, since, until = call.query["date_format"], call.window.since, call.window.until
    if call.query["until_is"] == LAST_DAY and not times.has_time_of_day(fmt):
        until = max(since, until - timedelta(microseconds=1))
    return {
        "since": times.written(since, fmt=fmt, zone=call.zone),
        "until": times.written(until, fmt=fmt, zone=call.zone),
        "cursor": cursor,
    }
