"""From what a caller asks for to a request that may be sent, and from a redirect to the next one."""

import base64
from collections.abc import Mapping, Sequence
from urllib.parse import urljoin

from requests import PreparedRequest, Request
from requests.exceptions import InvalidHeader, RequestException
from urllib3.util import parse_url

from connectors.errors import Blocked, Malformed, Misconfigured
from connectors.outbound.redaction import Redaction
from connectors.outbound.urls import UNUSABLE, same_origin
from connectors.problems import problem

Params = Mapping[str, str] | Sequence[tuple[str, str]]
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
OURS_TO_SET = frozenset(
    {
        "connection", "content-length", "expect", "host", "keep-alive", "proxy-authorization",
        "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
# Everything else may carry a key: services name such headers as they like.
HARMLESS = frozenset({"accept", "accept-encoding", "accept-language", "user-agent", "x-request-id"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})


def prepared(
    method: str,
    url: str,
    *,
    params: Params | None,
    headers: Mapping[str, str],
    body: bytes | None,
    auth: tuple[str, str] | None,
) -> PreparedRequest:
    """Return the request, or raise Misconfigured if it cannot be one. `auth` is a user name and a password."""
    if method.upper() not in METHODS:
        raise Misconfigured(problem("unknown_method"))
    if auth is not None:
        headers = {**headers, "Authorization": _basic(*auth)}
    for name, value in headers.items():
        _vet_header(name, value)
    try:
        return Request(method.upper(), url, headers=dict(headers), params=params, data=body).prepare()
    except InvalidHeader:
        raise Misconfigured(problem("broken_header")) from None
    except (RequestException, UnicodeError):
        raise Misconfigured(UNUSABLE) from None


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _vet_header(name: str, value: str) -> None:
    if name.lower() in OURS_TO_SET:
        raise Misconfigured(problem("own_header", name=name))
    try:
        f"{name}{value}".encode("latin-1")
    except UnicodeEncodeError:
        raise Misconfigured(problem("unwritable_header", name=name[:40])) from None


def redirected(request: PreparedRequest, *, status: int, location: str, redaction: Redaction) -> PreparedRequest:
    """Return the request that follows a redirect. Raises Blocked where following it would give something away.

    To another origin go no body, no secret and none but a few harmless headers; from https to http goes nothing.
    """
    following = request.copy()
    try:
        following.prepare_url(urljoin(request.url or "", location), None)
        before, after = parse_url(request.url or ""), parse_url(following.url or "")
    except (RequestException, ValueError):
        raise Malformed(problem("redirect_nowhere"), status=status) from None
    _drop_body_where_it_becomes_a_get(following, status=status)
    if (before.scheme, after.scheme) == ("https", "http"):
        raise Blocked(problem("redirect_in_the_open"))
    if not same_origin(before, after):
        _take_nothing_along(following, redaction=redaction)
    return following


def _drop_body_where_it_becomes_a_get(request: PreparedRequest, *, status: int) -> None:
    """Follow RFC 9110, sections 15.4.2 to 15.4.4: 303 always becomes a GET, 301 and 302 do after a POST."""
    if request.method == "HEAD" or not (status == 303 or (status in (301, 302) and request.method == "POST")):
        return
    request.method = "GET"
    request.body = None
    for name in ("Content-Length", "Content-Type", "Content-Encoding"):
        request.headers.pop(name, None)


def _take_nothing_along(request: PreparedRequest, *, redaction: Redaction) -> None:
    if request.body is not None:
        raise Blocked(problem("redirect_elsewhere", method=request.method))
    if redaction.finds(request.url or ""):
        raise Blocked(problem("redirect_with_key"))
    for name in [name for name in request.headers if name.lower() not in HARMLESS]:
        del request.headers[name]
