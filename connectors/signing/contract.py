"""What a way of signing in offers, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from connectors.errors import Reason, Refused
from connectors.problems import problem

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from connectors.outbound import PreparedRequest
    from connectors.protocol import Call

AUTHORIZATION = "authorization"  # the header that most ways use, as `places` names it


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Credentials in their place, ready to be sent.

    `stamp` returns the headers that are made of a request as it goes out, anew for each attempt. `forget` is there
    where a kept token was used: it drops the token, so that the next sign is made with a new one.
    """

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: list[tuple[str, str]] = field(default_factory=list, repr=False)
    stamp: Callable[[PreparedRequest], Mapping[str, str]] | None = field(default=None, repr=False)
    forget: Callable[[], None] | None = None


class Way(Protocol):
    """What a module in `connectors/signing/ways/` offers: one way of signing in.

    `SETTINGS` and `SECRETS` name the fields of `connectors.signing.forms` that it goes by; of those, `NEEDED` have to
    be filled in.
    """

    SLUG: str
    LABEL: StrOrPromise
    IS_COMMON: bool  # offered first; the others below “More ways”
    SETTINGS: tuple[str, ...]
    SECRETS: tuple[str, ...]
    NEEDED: tuple[str, ...]

    @staticmethod
    def sign(call: Call) -> Sign:
        """Return what `call.settings` make of `call.secrets`. Raises FetchError, Refused where one is not entered."""
        ...

    @staticmethod
    def places(settings: Mapping[str, Any]) -> frozenset[str]:
        """Return where the credentials go: headers in lower case, parameters with `?` before them."""
        ...


def given(secrets: Mapping[str, str], name: str) -> str:
    """Return a credential. Raises Refused where it was not entered."""
    secret = secrets.get(name, "")
    if not secret:
        raise Refused(problem("no_key"), reason=Reason.UNAUTHORISED, permanent=True)
    return secret
