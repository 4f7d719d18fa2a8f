"""An HTTP API that answers in JSON or JSON Lines, or with a table, Prometheus text or a plain number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from connectors import paging, signing, tables, templating, times
from connectors.errors import Blocked, Malformed, Reason, Refused, TooLarge
from connectors.fields import Address, Choice, HeaderName, Lines, Path, RelativePath, Text, WrittenTime, pairs
from connectors.numerals import COMMA, POINT
from connectors.outbound import Answer
from connectors.outbound.answer import charset_of
from connectors.outbound.links import next_link
from connectors.outbound.urls import same_origin
from connectors.paths import look_up
from connectors.problems import Problem, Unreadable, problem
from connectors.protocol import Call, Page
from organisations.wanted import Form

LABEL = gettext_lazy("HTTP API")
SUMMARY = gettext_lazy("Reads numbers from an API that answers in JSON, or from a table such as CSV.")
COLLECTS = True

MOST_PAGES = 100
MOST_BYTES = 50_000_000  # of all pages together
MOST_SECONDS = 150.0  # for all pages together, so that a collection ends within its lease
PLACEHOLDERS = frozenset({"since", "until"}) | paging.PLACEHOLDERS
LAST_DAY, MOMENT_AFTER = "last_day", "moment_after"
FOUND_OUT = "auto"
ENTER_ADDRESS = gettext_lazy("Enter an address, such as https://api.example.com/visitors.")
BYTES_LOOKED_AT = 64 * 1024
NOT_THERE = 404
SIGN_IN_PAGE = re.compile(r"""<input[^>]+type=["']?password""", re.IGNORECASE)
SIGN_IN_PATH = re.compile(r"(^|[/_.-])(log-?in|sign-?in|sso|saml|oauth2?|authori[sz]e)([/_.-]|$)", re.IGNORECASE)


class Settings(Form):
    """Where the API is and how one signs in."""

    WANTED = {"address": ENTER_ADDRESS}

    address = Address(
        label=gettext_lazy("Address"),
        help_text=gettext_lazy("What all its addresses begin with, for example https://analytics.example.com/api."),
    )
    sign_in = Choice(label=gettext_lazy("Does it need a key?"), choices=signing.WAYS)
    header_name = HeaderName(label=gettext_lazy("Header of the key"), initial="X-API-Key")
    query_name = Text(label=gettext_lazy("Parameter of the key"), initial="api_key", max_length=100)
    headers = Lines(
        label=gettext_lazy("More headers"),
        separator=":",
        help_text=gettext_lazy("Sent with every call, for example Accept-Language: en."),
    )


class Secrets(Form):
    """What the sign-in needs; the rest stays empty."""

    key = forms.CharField(
        label=gettext_lazy("Key or token"), required=False, max_length=5000, widget=forms.PasswordInput
    )
    user_name = forms.CharField(
        label=gettext_lazy("User name"), required=False, max_length=500, widget=forms.PasswordInput
    )
    password = forms.CharField(
        label=gettext_lazy("Password"), required=False, max_length=500, strip=False, widget=forms.PasswordInput
    )


class Query(Form):
    """What is asked, and where the rows stand in the answer."""

    method = Choice(label=gettext_lazy("Method"), choices=[("GET", "GET"), ("POST", "POST")])
    path = RelativePath(
        label=gettext_lazy("Path"),
        help_text=gettext_lazy("Follows the connection's address. May hold {since}, {until} and {cursor}."),
    )
    params = Lines(
        label=gettext_lazy("Parameters"),
        separator="=",
        help_text=gettext_lazy("One a line, for example startDate={since}."),
    )
    headers = Lines(
        label=gettext_lazy("Headers"), separator=":", help_text=gettext_lazy("Only for this feed, one a line.")
    )
    body = forms.CharField(
        label=gettext_lazy("Body"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea,
        help_text=gettext_lazy("Only with POST."),
    )
    content_type = Text(label=gettext_lazy("Content type of the body"), initial="application/json", max_length=100)
    answer = Choice(
        label=gettext_lazy("The answer is"),
        choices=[
            (FOUND_OUT, gettext_lazy("whatever it looks like")),
            (tables.JSON, "JSON"),
            (tables.JSON_LINES, gettext_lazy("JSON Lines, a document a line")),
            (tables.TABLE, gettext_lazy("a table, such as CSV")),
            (tables.PROMETHEUS, gettext_lazy("Prometheus text")),
            (tables.NUMBER, gettext_lazy("a plain number")),
        ],
    )
    decimal = Choice(
        label=gettext_lazy("Numbers in text are written"),
        choices=[
            (FOUND_OUT, gettext_lazy("as they show themselves")),
            (POINT, "1,234.5"),
            (COMMA, "1.234,5"),
        ],
        help_text=gettext_lazy("Only for a table or a plain number."),
    )
    rows = Path(
        label=gettext_lazy("Rows"),
        help_text=gettext_lazy("Where the list stands in the answer, for example data.items. Empty: the whole answer."),
    )
    date_format = WrittenTime(label=gettext_lazy("Dates are sent as"), initial=times.DATE)
    until_is = Choice(
        label=gettext_lazy("{until} is"),
        choices=[
            (LAST_DAY, gettext_lazy("the last day asked for")),
            (MOMENT_AFTER, gettext_lazy("the day after it")),
        ],
        help_text=gettext_lazy("Only for dates. A time of day is always the moment at which the asked stretch ends."),
    )
    cursor = Path(
        label=gettext_lazy("Cursor"),
        help_text=gettext_lazy("Where the answer says how it goes on, for example meta.next. Empty: one page."),
    )
    cursor_use = Choice(
        label=gettext_lazy("How it goes on"),
        choices=paging.CHOICES,
        help_text=gettext_lazy("What the cursor leads to, or how pages are counted."),
    )
    first_page = Choice(
        label=gettext_lazy("The first page is number"),
        choices=[("1", "1"), ("0", "0")],
        help_text=gettext_lazy("Only where pages are counted."),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a body that cannot be sent, unknown placeholders, and a cursor that leads nowhere."""
        query = super().clean() or {}
        if self.errors:
            return query
        if query["body"] and query["method"] == "GET":
            raise ValidationError({"body": _("A body goes with POST.")})
        _check_placeholders(query)
        return query


def _check_placeholders(query: Mapping[str, Any]) -> None:
    try:
        used = _placeholders(query)
    except ValueError:
        raise ValidationError({"body": _("This is not valid JSON.")}) from None
    for name in sorted(used - PLACEHOLDERS):
        sentence = _(
            "%(placeholder)s is not known: only {since}, {until}, {cursor}, {page} and {offset} are filled. "
            "Other braces need a space inside."
        )
        raise ValidationError(sentence % {"placeholder": f"{{{name}}}"})
    for field_name, sentence in paging.refusals(query, used):
        raise ValidationError({field_name: sentence})


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
    """Sign in, ask, and go on from page to page.

    Pages are followed to their end, and the whole is refused where it has none. A cursor for next time is followed
    until nothing new comes, and kept. Raises FetchError.
    """
    parts = list(_parts(call))
    kept = [part.cursor for part in parts if part.cursor is not None] or [call.cursor]
    return Page(
        rows=[row for part in parts for row in part.rows],
        cursor=kept[-1] if call.query["cursor_use"] == paging.NEXT_TIME else None,
        answer=parts[0].document,
        written=parts[0].written,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What one request brought."""

    rows: list[Any]
    cursor: str | int | float | None
    document: Any
    written: Mapping[str, str]
    size: int


def _parts(call: Call) -> Iterator[_Part]:
    keeps = call.query["cursor_use"] == paging.NEXT_TIME
    cursor, seen, size = call.cursor if keeps else paging.first(call.query), set(), 0
    until = monotonic() + MOST_SECONDS
    before: _Part | None = None
    for _page in range(MOST_PAGES):
        part = _part(call, cursor) if before is None else _further(call, cursor, before)
        if part is None:
            return
        yield part
        before = part
        seen.add(cursor)
        cursor, size = part.cursor, size + part.size
        if cursor is None or cursor in seen or (keeps and not part.rows):
            return
        if size > MOST_BYTES or monotonic() > until:
            break
    if not keeps:
        raise TooLarge(problem("too_many_pages", pages=MOST_PAGES))


def _further(call: Call, cursor: Any, before: _Part) -> _Part | None:
    """Return the page after another; None where a counted page is not there any more.

    Raises Malformed for a counted page that is the one before once more: the service does not count as it was told.
    """
    is_counted = call.query["cursor_use"] in paging.COUNTED
    try:
        part = _part(call, cursor)
    except Refused as error:
        if is_counted and error.status == NOT_THERE:
            return None
        raise
    if is_counted and part.rows and part.rows == before.rows:
        raise Malformed(problem("same_page_again"))
    return part


def _part(call: Call, cursor: Any) -> _Part:
    answer = _ask(call, cursor)
    document, written = _document(call, answer)
    rows = _found(call.query["rows"], document, answer)
    if rows is None:
        raise _malformed(_nothing_at(call.query["rows"]), answer)
    rows = rows if isinstance(rows, list) else [rows]
    return _Part(
        rows=rows,
        cursor=_following(call.query, cursor, rows, document, answer),
        document=document,
        written=written,
        size=len(answer.body),
    )


def _nothing_at(path: str) -> Problem:
    return problem("nothing_at_path", path=path) if path else problem("nothing_in_answer")


def _document(call: Call, answer: Answer) -> tuple[Any, dict[str, str]]:
    """Return what an answer says, and how it was read. JSON comes first, so that nothing else is found in it."""
    wanted, decimal = call.query["answer"], call.query["decimal"].replace(FOUND_OUT, "")
    if wanted in (FOUND_OUT, tables.JSON):
        try:
            return _as_json(answer, wanted)
        except Malformed as error:
            _refuse_sign_in_page(call, answer)
            found = tables.recognised(_text(answer), kind=answer.headers.get("Content-Type", "").lower())
            if wanted == tables.JSON or not found:
                raise error from None
            wanted = found
    _refuse_sign_in_page(call, answer)
    try:
        return _read(_text(answer), wanted, decimal)
    except Unreadable as error:
        raise _malformed(error.problem, answer) from None


def _as_json(answer: Answer, wanted: str) -> tuple[Any, dict[str, str]]:
    """Return what an answer says in JSON; a number by itself is a plain number, though it is JSON too."""
    document = answer.json()
    alone = wanted == FOUND_OUT and isinstance(document, int | float) and not isinstance(document, bool)
    return document, {"answer": tables.NUMBER if alone else tables.JSON}


def _read(text: str, wanted: str, decimal: str) -> tuple[Any, dict[str, str]]:
    written = {"answer": wanted}
    if wanted == tables.TABLE:
        written["decimal"] = decimal = decimal or tables.decimal_sign(text)
    return tables.read(text, wanted, decimal=decimal), written


def _text(answer: Answer) -> str:
    """Return the body as text; an old table that does not say so is in the character set of Windows."""
    try:
        return answer.text()
    except Malformed:
        if charset_of(answer.headers) is not None:
            raise
        return answer.body.decode("cp1252", errors="replace")


def _refuse_sign_in_page(call: Call, answer: Answer) -> None:
    """Say that a key is missing where a page for people came instead of the answer: it asks them to sign in."""
    start = answer.body[:BYTES_LOOKED_AT].decode("utf-8", errors="replace")
    if not start.lstrip().startswith("<"):
        return
    asked, came = urlsplit(call.settings["address"]), urlsplit(answer.url)
    led_on = SIGN_IN_PATH.search(came.path) and not came.path.startswith(
        f"{asked.path.rstrip('/')}/{call.query['path']}"
    )
    if led_on or SIGN_IN_PAGE.search(start):
        sample = answer.sample()
        found = problem("sign_in_page")
        raise Refused(found, reason=Reason.UNAUTHORISED, permanent=True, status=answer.status, sample=sample)


def _following(query: Mapping[str, Any], cursor: Any, rows: list[Any], document: Any, answer: Answer) -> Any:
    """Return by what the next page is asked for; None where there is none."""
    if query["cursor_use"] in paging.COUNTED:
        return paging.following(query, cursor, len(rows))
    if query["cursor_use"] == paging.LINK:
        return next_link(answer.headers)
    return _next_cursor(query["cursor"], document, answer)


def _next_cursor(path: str, document: Any, answer: Answer) -> str | int | float | None:
    found = _found(path, document, answer) if path else None
    if found is None or found is False or found == "":
        return None
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        raise _malformed(problem("no_cursor_there", path=path), answer)
    return found


def _found(path: str, document: Any, answer: Answer) -> Any:
    try:
        return look_up(path)(document)
    except ValueError:
        raise _malformed(problem("path_does_not_fit", path=path), answer) from None


def _malformed(why: Problem, answer: Answer) -> Malformed:
    return Malformed(why, status=answer.status, sample=answer.sample())


def _ask(call: Call, cursor: Any) -> Answer:
    try:
        request = _request(call, cursor)
    except (ValueError, LocationParseError):
        raise Malformed(problem("cursor_unsendable")) from None
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
        "Accept": "application/json, text/csv;q=0.5, */*;q=0.1",
        **dict(pairs(call.settings["headers"], separator=":")),
        **dict(_filled(query["headers"], values, separator=":")),
    }
    if cursor is not None and query["cursor_use"] in paging.BY_ADDRESS:
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
        raise Blocked(problem("next_page_elsewhere"))
    return signing.without_key(following, settings)


def _values(call: Call, cursor: Any) -> templating.Values:
    fmt, since, until = call.query["date_format"], call.window.since, call.window.until
    if call.query["until_is"] == LAST_DAY and not times.has_time_of_day(fmt):
        until = max(since, until - timedelta(microseconds=1))
    return {
        "since": times.written(since, fmt=fmt, zone=call.zone),
        "until": times.written(until, fmt=fmt, zone=call.zone),
        **paging.values(call.query, cursor),
    }
