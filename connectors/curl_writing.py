"""A request as a curl command that somebody runs in a terminal, or pastes into the wizard. Secrets stay out. Pure.

Where a secret belongs stands a variable of the shell, such as "$KEY": whoever runs the command fills it in first. So do
values that other calls bring, and what is made anew for each request.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from connectors import signing
from connectors.outbound.preparing import prepared
from connectors.signing.ways import client_certificate, signed_requests

if TYPE_CHECKING:
    from connectors.calling import Request

NEXT_LINE = " \\\n  "
# a word of letters, digits and lines: in an address, in JSON and in a form it is written as it is
PLACE = "VARIABLE_OF_THE_SHELL_{}_ENDS"
IN_PLACE = re.compile(r"VARIABLE_OF_THE_SHELL_([A-Z0-9_]+?)_ENDS")
GLOBS = re.compile(r"[][{}]")  # which curl would take for several addresses
FETCHED = "ACCESS_TOKEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What a sign-in adds to a command: headers, parameters of the address, and options with their words."""

    headers: dict[str, str] = field(default_factory=dict)
    params: list[tuple[str, str]] = field(default_factory=list)
    options: tuple[tuple[str, str], ...] = ()


def variable(name: str) -> str:
    """Return what stands for a variable of the shell until the command is written."""
    return PLACE.format(re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_") or "VALUE")


def written(request: Request, *signs: Signed) -> str:
    """Return a request as a command, each part in its own line."""
    whole = replace(
        request,
        params=[*request.params, *(pair for sign in signs for pair in sign.params)],
        headers={**request.headers, **{name: value for sign in signs for name, value in sign.headers.items()}},
    )
    options = [option for sign in signs for option in sign.options]
    return NEXT_LINE.join(["curl " + _quoted(_address(whole)), *_parts(whole), *map(_option, options)])


def signed(settings: Mapping[str, Any], *, prefix: str = "") -> Signed:
    """Return what a sign-in adds, a variable in place of each secret; `prefix` tells a gateway's from the others."""
    key, way = variable(f"{prefix}key"), settings["sign_in"]
    if way == signing.HEADER:
        return Signed(headers={settings["header_name"]: key})
    if way == signing.QUERY:
        return Signed(params=[(settings["query_name"], key)])
    if way == signing.BASIC:
        pair = f"{variable(f'{prefix}user_name')}:{variable(f'{prefix}password')}"
        return Signed(options=(("--user", pair),))
    if way == client_certificate.SLUG:
        names = (("--cert", "certificate"), ("--key", "private_key"))
        return Signed(options=tuple((option, variable(f"{prefix}{name}")) for option, name in names))
    if way == signed_requests.SLUG:
        return Signed(headers=dict(_stamped(settings, prefix)))
    if not signing.places(settings):
        return Signed()
    return Signed(headers={"Authorization": f"Bearer {key if way == signing.BEARER else variable(prefix + FETCHED)}"})


def _stamped(settings: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name in ("timestamp", "nonce", "signature"):
        if settings[f"{name}_header"]:
            yield settings[f"{name}_header"], variable(f"{prefix}{name}")


def _address(request: Request) -> str:
    """Return the address as it would go over the wire."""
    asked = prepared(request.method, request.url, params=request.params, headers={}, body=None, auth=None)
    return asked.url or request.url


def _parts(request: Request) -> Iterator[str]:
    if GLOBS.search(_address(request)):
        yield "--globoff"
    usual = "GET" if request.body is None else "POST"
    if request.method != usual:
        yield _option(("--request", request.method))
    for name, value in request.headers.items():
        yield _option(("--header", f"{name}: {value}" if value else f"{name};"))
    if request.body is not None:
        yield _option(("--data-raw", request.body.decode()))


def _option(option: tuple[str, str]) -> str:
    return f"{option[0]} {_quoted(option[1])}"


def _quoted(text: str) -> str:
    """Quote a text for the shell, but for the variables in it, which the shell is to fill in."""
    pieces = enumerate(IN_PLACE.split(text))  # by turns what is meant as it is, and the name of a variable
    return "".join(f'"${piece}"' if place % 2 else shlex.quote(piece) for place, piece in pieces if piece) or "''"
