"""Sending one request of a kind: to the right address, signed in, through the gateway where there is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from connectors import addressing, signing
from connectors.errors import Misconfigured, Refused
from connectors.fields import pairs
from connectors.problems import Problem, problem

if TYPE_CHECKING:
    from connectors.outbound import Answer, PreparedRequest
    from connectors.protocol import Call
    from connectors.signing import Sign

NOT_SIGNED_IN = 401


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What goes out, but for the sign-in. The answer to a `private` one is quoted nowhere: it brings secrets."""

    method: str = "GET"
    url: str
    params: list[tuple[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    idempotent: bool | None = None
    private: bool = False


def base(call: Call) -> str:
    """Return the address that every request of a connection begins with. Raises Misconfigured where it leads nowhere.

    Behind a gateway that is the gateway's address, and behind it the connection's own path.
    """
    own = str(call.settings["address"])
    if call.gateway is None:
        if addressing.is_path(own):
            raise Misconfigured(problem("no_gateway"))
        return own
    before = str(call.gateway.settings["address"])
    if not addressing.is_behind(own, before):
        raise Misconfigured(problem("behind_elsewhere"))
    return addressing.behind(own, before)


def send(call: Call, request: Request) -> Answer:
    """Sign a request and send it. Raises FetchError.

    Where the service does not take a kept token any more, the token is dropped, and the request sent once more with a
    new one: nothing came of the first.
    """
    signs = list(_signs(call))
    try:
        return _sent(call, request, signs)
    except Refused as error:
        kept = [sign.forget for sign in signs if sign.forget]
        if error.status != NOT_SIGNED_IN or not kept:
            raise
    for forget in kept:
        forget()
    return _sent(call, request, list(_signs(call)))


def without_keys(call: Call, url: str) -> str:
    """Return a URL without the keys that a service may have written into it, because they are sent anyway."""
    bare = signing.without_key(url, call.settings)
    return signing.without_key(bare, call.gateway.settings) if call.gateway else bare


def clash(own: Mapping[str, Any], gateway: Mapping[str, Any]) -> Problem | None:
    """Return what is wrong where a connection and its gateway put their credentials into the same place."""
    shared = signing.places(own) & signing.places(gateway)
    return problem("sign_ins_clash", place=_named(min(shared))) if shared else None


def _signs(call: Call) -> Iterator[Sign]:
    """Yield the connection's own sign and, on top of it, its gateway's. Raises Misconfigured where they clash."""
    gateway = call.gateway
    if gateway is None:
        yield signing.sign(call)
        return
    found = clash(call.settings, gateway.settings)
    if found is not None:
        raise Misconfigured(found)
    yield signing.sign(call)
    yield signing.sign(
        replace(call, settings=gateway.settings, secrets=gateway.secrets, tokens=gateway.tokens, gateway=None)
    )


def _named(place: str) -> str:
    """Return a place as services write it: Authorization, ?api_key."""
    return place if place.startswith("?") else "-".join(word.capitalize() for word in place.split("-"))


def _sent(call: Call, request: Request, signs: Sequence[Sign]) -> Answer:
    headers = {**of_gateway(call), **request.headers}
    for sign in signs:
        headers |= sign.headers
    stamps = [sign.stamp for sign in signs if sign.stamp]

    def stamp(prepared: PreparedRequest) -> Mapping[str, str]:
        for each in stamps:  # the gateway's last: it signs what the connection signed
            prepared.headers.update(each(prepared))
        return {}

    return call.session.request(
        request.method,
        request.url,
        params=[*request.params, *(pair for sign in signs for pair in sign.params)],
        headers=headers,
        body=request.body,
        idempotent=request.idempotent,
        stamp=stamp if stamps else None,
        private=request.private,
    )


def of_gateway(call: Call) -> dict[str, str]:
    """Return the headers that the gateway is sent with every call."""
    return dict(pairs(call.gateway.settings.get("headers", ""), separator=":")) if call.gateway else {}
