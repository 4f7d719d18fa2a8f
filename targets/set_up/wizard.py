"""What somebody has entered in the new-connection wizard so far, kept in the session until it is saved.

Credentials are sealed from the moment they arrive. The last answer waits in the cache, secrets masked, so that picking
and picking again asks nobody twice.
"""

from __future__ import annotations

import secrets as randomness
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.cache import cache

from connectors import addressing, gateways, registry, signing
from connectors.errors import Refused
from connectors.fetching import place_of
from connectors.fields import pairs
from connectors.models import Connection
from connectors.secrets import KeyLost, masks, seal, unseal
from connectors.tokens import TokensOfATry
from connectors.trials import Remedy, Result, tried

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django_stubs_ext import StrOrPromise

    from connectors.address_forms import AddressForm
    from organisations.access import Access

KEY = "new-connection"
KIND = "http"
ITSELF = "/"  # the address of a connection that is the whole of its gateway
ANSWER_WAITS = 30 * 60  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A connection that is not saved yet.

    `form` is what was typed on the first page, `query` what a feed would ask with the dates as they were typed;
    `fill_dates` says whether Waymark fills them in anew. `sign_in` holds the settings of the sign-in, `sealed` its
    credentials. `origin` is what all addresses begin with: through a `gateway` (its id) that is the gateway's address.
    """

    organisation: int
    uid: str
    form: dict[str, str]
    origin: str
    query: dict[str, Any]
    gateway: int | None = None
    fill_dates: bool = True
    sign_in: dict[str, str] = field(default_factory=lambda: {"sign_in": signing.NONE})
    sealed: str = ""

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of the connection."""
        return {"address": ITSELF if self.gateway else self.origin, **self.sign_in}

    @property
    def way(self) -> StrOrPromise:
        """How one signs in, in words."""
        return signing.BY_SLUG[self.sign_in["sign_in"]].LABEL

    @property
    def dates(self) -> addressing.Dates | None:
        """The parameters that ask for a stretch of time, if there are any."""
        return addressing.dates_in(self._params())

    @property
    def asks_for_dates(self) -> bool:
        """Whether Waymark fills in the stretch of time."""
        return self.fill_dates and self.dates is not None

    @property
    def address(self) -> str:
        """What is asked, for people, with the placeholders that Waymark fills in."""
        params = pairs(self.to_ask()["params"], separator="=")
        return addressing.put_together(self.origin, self.query["path"], params)

    def to_ask(self) -> dict[str, Any]:
        """Return the query of the feed."""
        dates = self.dates
        if not self.fill_dates or dates is None:
            return self.query
        params = addressing.with_placeholders(self._params(), dates)
        return {**self.query, "params": addressing.lines(params), "date_format": dates.written}

    def credentials(self) -> dict[str, str]:
        """Return the credentials; nothing where they cannot be opened any more."""
        try:
            return unseal(self.sealed, context=self._context()) if self.sealed else {}
        except KeyLost:
            return {}

    def masks(self) -> dict[str, str]:
        """Return what may be shown of the credentials, by their names."""
        return masks(self.credentials())

    def masked(self) -> str:
        """Return what may be shown of the credentials, in one line."""
        return " ".join(self.masks().values())

    def signed_in(self, sign_in: dict[str, str], entered: dict[str, str]) -> Draft:
        """Return the draft with another sign-in; if the way stays, so do the credentials that are not entered anew."""
        stays = sign_in["sign_in"] == self.sign_in["sign_in"]
        if entered:
            whole = {**(self.credentials() if stays else {}), **entered}
            return replace(self, sign_in=sign_in, sealed=seal(whole, context=self._context()))
        return replace(self, sign_in=sign_in, sealed=self.sealed if stays else "")

    def _params(self) -> list[tuple[str, str]]:
        return pairs(self.query["params"], separator="=")

    def _context(self) -> str:
        return f"draft:{self.uid}"


def started(form: AddressForm, before: Draft | None, access: Access) -> Draft:
    """Return the draft after the first page; a key entered before stays only where the service is the same."""
    gateway = form.through()
    through = gateway.pk if gateway else None
    stays = before if before and (before.origin, before.gateway) == (form.typed.origin, through) else None
    draft = Draft(
        organisation=access.organisation.pk,
        uid=before.uid if before else randomness.token_urlsafe(16),
        form={name: str(form.cleaned_data.get(name) or "") for name in form.fields},
        origin=form.typed.origin,
        query=form.query,
        gateway=through,
        fill_dates=stays.fill_dates if stays else True,
        sign_in=stays.sign_in if stays else {"sign_in": signing.NONE},
        sealed=stays.sealed if stays else "",
    )
    said = form.sign_in()
    return draft.signed_in(*said) if said else draft


def draft_of(request: HttpRequest, access: Access) -> Draft | None:
    """Return what was entered so far in this organisation."""
    kept = request.session.get(KEY)
    if not kept or kept["organisation"] != access.organisation.pk:
        return None
    return Draft(**kept)


def keep(request: HttpRequest, draft: Draft) -> None:
    """Keep the draft in the session; an answer to an earlier version of it is forgotten."""
    request.session[KEY] = asdict(draft)
    cache.delete(_place(draft))


def forget(request: HttpRequest, draft: Draft) -> None:
    """Forget the draft, once it is saved."""
    request.session.pop(KEY, None)
    cache.delete(_place(draft))


def gateways_of(access: Access) -> list[Connection]:
    """Return the connections that a new one can stand behind."""
    rows = access.rows(Connection).filter(kind__in=gateways.kinds_that_go_through(), gateway=None)
    return list(rows.order_by("name"))


def ask(request: HttpRequest, draft: Draft, access: Access, now: datetime) -> tuple[Draft, Result]:
    """Ask the service once, and keep the answer for the page on which a number is picked.

    Returns the draft as it is afterwards, too: a service may replace the refresh token that it was shown.
    """
    tokens = TokensOfATry()
    try:
        result = _asked(draft, access, now, tokens)
    except Refused as error:  # the seal of the gateway cannot be opened
        result = Result(message=error.message, remedy=Remedy.AGAIN)
    renewed = {name: value for name, value in tokens.renewed().items() if name in draft.credentials()}
    if renewed:
        draft = draft.signed_in(draft.sign_in, renewed)
        keep(request, draft)
    cache.set(_place(draft), result, ANSWER_WAITS)
    return draft, result


def _asked(draft: Draft, access: Access, now: datetime, tokens: TokensOfATry) -> Result:
    gateway = access.get(Connection, draft.gateway) if draft.gateway else None
    return tried(
        kind=registry.kind(KIND),
        settings=draft.settings,
        secrets=draft.credentials(),
        query=draft.to_ask(),
        zone=access.organisation.zone,
        now=now,
        tokens=tokens,
        gateway=place_of(gateway, now=now) if gateway else None,
    )


def last_answer(request: HttpRequest, draft: Draft, access: Access, now: datetime) -> tuple[Draft, Result]:
    """Return what the service answered last; it is asked where nothing is kept."""
    kept: Result | None = cache.get(_place(draft))
    return (draft, kept) if kept else ask(request, draft, access, now)


def refusal(draft: Draft) -> Result | None:
    """Return what the service said where it refused what it was shown; None where nothing is kept, or it did not."""
    kept: Result | None = cache.get(_place(draft))
    return kept if kept is not None and not kept.ok else None


def _place(draft: Draft) -> str:
    return f"draft-answer:{draft.uid}"
