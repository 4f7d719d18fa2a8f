"""What somebody has answered to a starter so far, kept in the session until it is used; secrets are sealed at once."""

from __future__ import annotations

import secrets as randomness
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.utils.translation import get_language

from blueprints.starters.trying import Tried, tried
from connectors.secrets import KeyLost, masks, seal, unseal

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from blueprints.planning import Plan
    from organisations.access import Access

KEY = "starter"
ANSWER_WAITS = 30 * 60  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The answers to one starter in one organisation. `answers` may be shown again, what is `sealed` may not."""

    organisation: int
    slug: str
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
        kept = {} if moved else self.secrets()
        both = {**kept, **entered}
        sealed = seal(both, context=self._context()) if both else ""
        return replace(self, answers={**self.answers, **answers}, sealed=sealed)

    def _context(self) -> str:
        return f"starter:{self.uid}"


def draft_of(request: HttpRequest, access: Access, slug: str) -> Draft | None:
    """Return what was answered so far to this starter in this organisation."""
    kept = request.session.get(KEY)
    if not kept or (kept["organisation"], kept["slug"]) != (access.organisation.pk, slug):
        return None
    return Draft(**kept)


def begun(access: Access, slug: str) -> Draft:
    """Return a draft without an answer."""
    return Draft(organisation=access.organisation.pk, slug=slug, uid=randomness.token_urlsafe(16))


def keep(request: HttpRequest, draft: Draft) -> None:
    """Keep the draft in the session; what sources said to an earlier version of it is forgotten."""
    request.session[KEY] = asdict(draft)
    cache.delete(_place(draft))


def forget(request: HttpRequest, draft: Draft) -> None:
    """Forget the draft, once it is used."""
    request.session.pop(KEY, None)
    cache.delete(_place(draft))


def ask(draft: Draft, plan: Plan, access: Access, now: datetime) -> list[Tried]:
    """Ask the sources once, and keep what came of it for the page that shows it."""
    found = tried(plan, access, draft.whole(), now=now)
    cache.set(_place(draft), (get_language(), found), ANSWER_WAITS)
    return found


def last_answers(draft: Draft, plan: Plan, access: Access, now: datetime) -> list[Tried]:
    """Return what the sources said last; they are asked where nothing is kept in the reader's language."""
    language, kept = cache.get(_place(draft), ("", []))
    return kept if language == get_language() else ask(draft, plan, access, now)


def _place(draft: Draft) -> str:
    return f"starter-answer:{draft.uid}"
