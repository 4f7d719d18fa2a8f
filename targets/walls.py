"""Links for screens on a wall: making one, finding it by its token, and noting that a screen asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from organisations.models import hash_of, new_token
from targets.filters import Filters
from targets.models import Wall

if TYPE_CHECKING:
    from organisations.access import Access
    from organisations.tenancy import TenantQuerySet
    from targets.models import Target

A_MINUTE = timedelta(minutes=1)


def hang(access: Access, wall: Wall) -> str:
    """Save a new wall and return its link, which is kept nowhere."""
    token = new_token()
    wall.organisation, wall.created_by, wall.token_hash = access.organisation, access.user, hash_of(token)
    wall.save()
    return settings.SITE_URL + reverse("wall", args=[token])


def found_by(token: str) -> Wall | None:
    """Return the wall that a token opens; None for one that never was, or that was revoked."""
    wall: Wall | None = Wall.unscoped.select_related("organisation").filter(token_hash=hash_of(token)).first()
    return wall


def targets_of(wall: Wall) -> TenantQuerySet[Target]:
    """Return the targets that a wall shows: its organisation's, of its team and with its tag."""
    targets: TenantQuerySet[Target] = wall.organisation.targets.all()
    return filters_of(wall).apply(targets)


def filters_of(wall: Wall) -> Filters:
    """Return what somebody chose for a wall."""
    return Filters(team=wall.team, tag=wall.tag)


def note_shown(wall: Wall, now: datetime) -> None:
    """Write down that a screen asked, once a minute at most."""
    if wall.shown_at is not None and now - wall.shown_at < A_MINUTE:
        return
    waiting = Q(shown_at=None) | Q(shown_at__lte=now - A_MINUTE)
    Wall.unscoped.filter(waiting, pk=wall.pk).update(shown_at=now)
