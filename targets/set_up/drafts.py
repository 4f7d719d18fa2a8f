"""What somebody has answered to a starter or a service so far, kept in the session until it is used.

Secrets are sealed at once. What sources said to it waits in the cache, so that choosing and choosing again asks nobody
twice; it is forgotten with the answers that it belongs to.
"""

from __future__ import annotations

import secrets as randomness
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.utils.translation import get_language

from connectors.secrets import KeyLost, masks, seal, unseal

if TYPE_CHECKING:
    from django.http import HttpRequest

    from organisations.access import Access

SAID_WAITS = 30 * 60  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The answers to one file of a `sort`, such as a starter, in one organisation.

    `answers` may be shown again, what is `sealed` may not.
    """

    sort: str
    slug: str
    organisation: int
    uid: str
    answers: dict[str, str] = field(default_factory=dict)
    sealed: str = ""

    def secrets(self) -> dict[str, str]:
        """Return the secrets; nothing where they cannot be opened any more."""
        try:
            return unseal(self.sealed, context=self._context()) if self.sealed else {}
        except KeyLost:
            return {}

    def masks(self) -> dict[str, str]:
        """Return what may be shown of the secrets, by their names."""
        return masks(self.secrets())

    def whole(self) -> dict[str, str]:
        """Return everything that was answered, secrets among it."""
        return {**self.answers, **self.secrets()}

    def answered(self, answers: Mapping[str, str], entered: Mapping[str, str], *, moved: bool) -> Draft:
        """Return the draft with further answers; secrets do not move with an address to another service."""
        both = {**({} if moved else self.secrets()), **entered}
        sealed = seal(both, context=self._context()) if both else ""
        return replace(self, answers={**self.answers, **answers}, sealed=sealed)

    def _context(self) -> str:
        return f"{self.sort}:{self.uid}"


def draft_of(request: HttpRequest, access: Access, sort: str, slug: str) -> Draft | None:
    """Return what was answered so far in this organisation."""
    kept = request.session.get(sort)
    if not kept or (kept["organisation"], kept["slug"]) != (access.organisation.pk, slug):
        return None
    return Draft(**{**kept, "sort": sort})


def begun(access: Access, sort: str, slug: str) -> Draft:
    """Return a draft without an answer."""
    return Draft(sort=sort, slug=slug, organisation=access.organisation.pk, uid=randomness.token_urlsafe(16))


def keep(request: HttpRequest, draft: Draft) -> None:
    """Keep the draft in the session; what was said to an earlier version of it is forgotten."""
    request.session[draft.sort] = asdict(draft)
    cache.delete(_place(draft))


def forget(request: HttpRequest, draft: Draft) -> None:
    """Forget the draft, once it is used."""
    request.session.pop(draft.sort, None)
    cache.delete(_place(draft))


def remember(draft: Draft, said: Any) -> None:
    """Keep what sources said, whose sentences are in the reader's language."""
    cache.set(_place(draft), (get_language(), said), SAID_WAITS)


def said_to(draft: Draft) -> Any:
    """Return what sources said last; None where nothing is kept in the reader's language."""
    language, said = cache.get(_place(draft), ("", None))
    return said if language == get_language() else None


def _place(draft: Draft) -> str:
    return f"{draft.sort}-answer:{draft.uid}"
