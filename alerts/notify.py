"""Tells one person, once, that something happened: a target changed its status, a feed lost its key."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from alerts import render
from connectors.models import Feed
from connectors.models.feed import Health
from organisations.models import User
from organisations.roles import Permission, roles_with
from targets.domain.terms import Status
from targets.models import StatusChange

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from alerts.models import Delivery
    from alerts.render import Letter
    from organisations.models import Organisation
    from targets.models import Target

LEFT_BEHIND_AFTER = timedelta(minutes=1)  # a change nobody announced by then is taken up by the sweep
AT_ONCE = 500
TOLD = frozenset({Status.MISSED, Status.BEHIND, Status.AT_RISK, Status.NO_DATA, Status.ON_TRACK, Status.MET})


def announce(change_id: int, now: datetime) -> list[int]:
    """Write the delivery that a change calls for and mark it announced, both or neither; returns their ids."""
    with transaction.atomic():
        if not StatusChange.unscoped.filter(pk=change_id, announced_at=None).update(announced_at=now):
            return []
        change = _changes().get(pk=change_id)
        owner = told_of(change)
        if owner is None:
            return []
        delivery, _ = change.target.organisation.deliveries.get_or_create(
            subject_key=f"change:{change.pk}", address=owner.email, defaults={"change": change, "due_at": now}
        )
    return [delivery.pk]


def told_of(change: StatusChange) -> User | None:
    """Return who hears of a change: the target's owner while a member; nobody of a paused or sample target, or of a
    change that another has overtaken in the same period.
    """
    target = change.target
    is_sample = target.metric.feed.connection.is_sample
    if change.new_status not in TOLD or is_sample or target.paused_at is not None or _overtaken(change):
        return None
    return _owner(target)


def announce_feed(feed_id: int, now: datetime) -> list[int]:
    """Tell the people who manage the organisation, once, that a source takes its key no more; returns ids."""
    with transaction.atomic():
        if not _untold().filter(pk=feed_id).update(owners_told_at=now):
            return []
        feed = Feed.unscoped.select_related("connection__organisation").get(pk=feed_id)
        organisation, key = feed.connection.organisation, _key_of(feed)
        deliveries = [
            organisation.deliveries.get_or_create(subject_key=key, address=user.email, defaults={"due_at": now})[0]
            for user in managers(organisation)
        ]
    return [delivery.pk for delivery in deliveries]


def managers(organisation: Organisation) -> QuerySet[User]:
    """Return who looks after the organisation and can log in."""
    return User.objects.filter(
        is_active=True, memberships__organisation=organisation, memberships__role__in=roles_with(Permission.MANAGE)
    )


def unannounced(now: datetime) -> list[int]:
    """Return changes that should have been announced by now, oldest first."""
    rows = StatusChange.unscoped.filter(announced_at=None, at__lte=now - LEFT_BEHIND_AFTER)
    return list(rows.order_by("at").values_list("pk", flat=True)[:AT_ONCE])


def untold_feeds() -> list[int]:
    """Return feeds that lost their key and nobody was told."""
    return list(_untold().order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def letter_of_change(delivery: Delivery, now: datetime) -> Letter | None:
    """Return the mail about a change; None when the target has another owner, or the owner left."""
    change = _changes().filter(deliveries=delivery).first()
    owner = _owner(change.target) if change else None
    if change is None or owner is None or owner.email != delivery.address:
        return None
    return render.change(change, now=now)


def letter_of_feed(delivery: Delivery, now: datetime) -> Letter | None:
    """Return the mail about a source that no longer takes its key; None when that is mended, or the address left."""
    pk = delivery.subject_key.split(":")[1]
    feeds = Feed.unscoped.select_related("connection__organisation").within(delivery.organisation)
    feed = feeds.filter(pk=pk, health=Health.UNAUTHORISED).first()
    if feed is None or not managers(delivery.organisation).filter(email=delivery.address).exists():
        return None
    return render.lost_key(feed, now=now)


def _changes() -> QuerySet[StatusChange]:
    rows: QuerySet[StatusChange] = StatusChange.unscoped.select_related(
        "target__owner", "target__organisation", "target__metric__feed__connection"
    )
    return rows


def _untold() -> QuerySet[Feed]:
    rows: QuerySet[Feed] = Feed.unscoped.filter(
        health=Health.UNAUTHORISED, failing_since__isnull=False, owners_told_at=None, paused_at=None
    )
    return rows


def _key_of(feed: Feed) -> str:
    since = feed.failing_since.isoformat() if feed.failing_since else ""
    return f"feed:{feed.pk}:{since}"


def _owner(target: Target) -> User | None:
    owner = target.owner
    if owner is None or not owner.is_active:
        return None
    return owner if target.organisation.memberships.filter(user=owner).exists() else None


def _overtaken(change: StatusChange) -> bool:
    later = change.target.changes.filter(period_starts_on=change.period_starts_on, at__gt=change.at)
    return later.exists()
