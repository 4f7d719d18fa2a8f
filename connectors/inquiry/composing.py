"""From what somebody wrote to the request that goes out: its placeholders filled, each value escaped for its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from connectors import calling, templating
from connectors.answers import ACCEPT
from connectors.calling import Request
from connectors.errors import Blocked, Malformed
from connectors.fields import pairs
from connectors.outbound.urls import same_origin
from connectors.problems import Problem, problem

if TYPE_CHECKING:
    from connectors.protocol import Call
    from connectors.templating import Values

JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A request as it was written. `path` follows the connection's address; `params` and `headers` are lines."""

    method: str = "GET"
    path: str = ""
    params: str = ""
    headers: str = ""
    body: str = ""
    content_type: str = JSON

    @property
    def placeholders(self) -> set[str]:
        """The names that stand in braces. Raises ValueError for a body that is no JSON where it should be."""
        used = templating.placeholders("\n".join([self.path, self.params, self.headers]))
        if self.body and templating.is_json(self.content_type):
            return used | templating.placeholders_in_json(templating.parse_json(self.body))
        return used | templating.placeholders(self.body)


def template_of(query: Mapping[str, Any]) -> Template:
    """Return what a query asks."""
    return Template(**{name: query[name] for name in Template.__dataclass_fields__})


def composed(call: Call, template: Template, values: Values, *, unsendable: Problem) -> Request:
    """Return the request. Raises Malformed, as `unsendable`, where a value cannot stand in its place."""
    try:
        return _composed(call, template, values)
    except (ValueError, LocationParseError):
        raise Malformed(unsendable) from None


def _composed(call: Call, template: Template, values: Values) -> Request:
    headers = {
        "Accept": ACCEPT,
        **dict(pairs(call.settings["headers"], separator=":")),
        **dict(_filled(template.headers, values, separator=":")),
    }
    body = None
    if template.body:
        headers = {"Content-Type": template.content_type, **headers}
        body = templating.fill_body(template.body, values, content_type=template.content_type).encode()
    return Request(
        method=template.method,
        url=_url(calling.base(call), templating.fill_path(template.path, values)),
        params=_filled(template.params, values, separator="="),
        headers=headers,
        body=body,
    )


def _filled(lines: str, values: Values, *, separator: str) -> list[tuple[str, str]]:
    """Fill the values of lines; a line that asks for a value that is not there yet is left out."""
    wanted = [(name, value) for name, value in pairs(lines, separator=separator) if not templating.lacks(value, values)]
    return [(name, templating.fill_line(value, values)) for name, value in wanted]


def _url(base: str, path: str) -> str:
    parts = urlsplit(base)
    whole = f"{parts.path.rstrip('/')}/{path}" if path else parts.path
    return urlunsplit((parts.scheme, parts.netloc, whole, parts.query, ""))


def at_address(call: Call, request: Request, address: str) -> Request:
    """Return the request for the next page that an answer names by its address, which says all that is asked.

    Raises Blocked where it is another service's: the key would go along. Raises Malformed where it is no address.
    """
    try:
        following = urljoin(request.url, address)
        stays = same_origin(parse_url(request.url), parse_url(following))
    except (ValueError, LocationParseError):
        raise Malformed(problem("cursor_unsendable")) from None
    if not stays:
        raise Blocked(problem("next_page_elsewhere"))
    headers = {name: value for name, value in request.headers.items() if name != "Content-Type"}
    return Request(url=calling.without_keys(call, following), headers=headers)
