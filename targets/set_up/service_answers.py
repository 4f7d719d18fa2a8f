"""What a well-known service says to the answers about it: whether it takes the key, and what its questions bring."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from connectors import registry
from connectors.services import filled
from connectors.services.filling import cleaned
from connectors.trials import Result, tried
from targets.set_up.drafts import remember, said_to

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.services import Service
    from organisations.access import Access
    from targets.set_up.drafts import Draft

PATIENCE = 12.0  # seconds after which nothing more is asked for one page


def first_answer(draft: Draft, service: Service, access: Access, now: datetime) -> Result:
    """Ask what comes first in the service's file once, to see whether it answers and takes the key."""
    first = next(iter(service.sources))
    result = _asked(draft, service, access, now, [first])[first]
    if result.ok:
        remember(draft, {first: result})
    return result


def answers(draft: Draft, service: Service, access: Access, now: datetime) -> dict[str, Result]:
    """Return what the service said to each of its questions; those that it was not asked yet are asked now.

    One page waits for a limited time: what was not asked by then is missing.
    """
    kept = said_to(draft) or {}
    found: dict[str, Result] = kept | _asked(
        draft, service, access, now, [key for key in service.sources if key not in kept]
    )
    remember(draft, found)
    return found


def _asked(draft: Draft, service: Service, access: Access, now: datetime, keys: list[str]) -> dict[str, Result]:
    whole, until = filled(service, draft.whole()), monotonic() + PATIENCE
    settings, queries = cleaned(whole)
    found: dict[str, Result] = {}
    for key in keys:
        if monotonic() > until:
            break
        found[key] = tried(
            kind=registry.kind(service.kind),
            settings=settings,
            secrets=whole.secrets,
            query=queries[key],
            zone=access.organisation.zone,
            now=now,
        )
    return found
