"""Tells one person, once, that something happened: a target changed its status, a feed lost its key."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from alerts import render
from connectors.errors import Reason
from connectors.models import Connection, Enrichment, Feed, ShapeChange
from connectors.models.feed import Health
from connectors.paths.read import is_mended
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
    from organisations.tenancy import TenantQuerySet
    from targets.models import Target

LEFT_BEHIND_AFTER = timedelta(minutes=1)  # a change nobody announced by then is taken up by the sweep
AT_ONCE = 500
STANDS_STILL = Q(health=Health.UNAUTHORISED) | Q(set_aside_at__isnull=False)
TOLD = frozenset({Status.MISSED, Status.BEHIND, Status.AT_RISK, Status.NO_DATA, Status.ON_TRACK, Status.MET})


def announce(change_id: int, now: datetime) -> list[int]:
    """Write the delivery that a change calls for and mark it announced, both or neither; returns their ids."""
    with transaction.atomic():
        if not StatusChange.unscoped.filter(pk=change_id, announced_at=None).won(announced_at=now):
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
    """Tell the people who manage the organisation, once, that a source is not asked any more; returns ids.

    One key that is refused is one mail, however many feeds go with it.
    """
    with transaction.atomic():
        connection = _held_connection(Feed.unscoped.filter(pk=feed_id))
        is_known = connection is not None and _knows_of_key(connection)
        if connection is None or not _untold().filter(pk=feed_id).won(owners_told_at=now):
            return []
        feed = Feed.unscoped.get(pk=feed_id)
        if is_known and feed.health == Health.UNAUTHORISED:
            return []
        return _tell_managers(connection.organisation, _key_of(feed), now)


def announce_enrichment(enrichment_id: int, now: datetime) -> list[int]:
    """Tell the people who manage the organisation, once, that a service takes its key no more; returns ids."""
    with transaction.atomic():
        connection = _held_connection(Enrichment.unscoped.filter(pk=enrichment_id))
        is_known = connection is not None and _knows_of_key(connection)
        if connection is None or not _untold_enrichments().filter(pk=enrichment_id).won(owners_told_at=now):
            return []
        row = Enrichment.unscoped.get(pk=enrichment_id)
        key = f"enrichment:{row.pk}:{row.failing_since.isoformat() if row.failing_since else ''}"
        return [] if is_known else _tell_managers(connection.organisation, key, now)


def _held_connection(rows: QuerySet[Feed] | QuerySet[Enrichment]) -> Connection | None:
    """Return the connection of a row, locked until the transaction ends: of several that are told of, one is first."""
    pks = list(rows.values_list("connection_id", flat=True))
    found: Connection | None = Connection.unscoped.filter(pk__in=pks).select_related("organisation").held().first()
    return found


def _knows_of_key(connection: Connection) -> bool:
    """Say whether it was told already that the key of a connection is refused; a new key has that forgotten."""
    feeds = connection.feeds.filter(health=Health.UNAUTHORISED, owners_told_at__isnull=False)
    enrichments = connection.enrichments.filter(reason=Reason.UNAUTHORISED, owners_told_at__isnull=False)
    return bool(feeds.exists() or enrichments.exists())


def _tell_managers(organisation: Organisation, subject_key: str, now: datetime) -> list[int]:
    deliveries = [
        organisation.deliveries.get_or_create(subject_key=subject_key, address=user.email, defaults={"due_at": now})[0]
        for user in managers(organisation)
    ]
    return [delivery.pk for delivery in deliveries]


def announce_shape(shape_change_id: int, now: datetime) -> list[int]:
    """Tell the people who manage the organisation, once, that what is read is gone from a source's answers."""
    with transaction.atomic():
        is_wanted = _untold_shapes().filter(pk=shape_change_id).exists()
        if not is_wanted or not _shapes().filter(pk=shape_change_id, told_at=None).won(told_at=now):
            return []
        change = _shapes().get(pk=shape_change_id)
        return _tell_managers(change.feed.connection.organisation, f"shape:{change.pk}", now)


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
    """Return feeds that are not asked any more and nobody was told."""
    return list(_untold().order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def untold_enrichments() -> list[int]:
    """Return enrichments whose service takes its key no more and nobody was told."""
    return list(_untold_enrichments().order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def untold_shapes() -> list[int]:
    """Return changes in answers that matter and nobody was told."""
    return list(_untold_shapes().order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def letter_of_change(delivery: Delivery, now: datetime) -> Letter | None:
    """Return the mail about a change; None when the target has another owner, or the owner left."""
    change = _changes().filter(deliveries=delivery).first()
    owner = _owner(change.target) if change else None
    if change is None or owner is None or owner.email != delivery.address:
        return None
    return render.change(change, now=now)


def letter_of_feed(delivery: Delivery, now: datetime) -> Letter | None:
    """Return the mail about a source that nobody asks any more, for its key was refused or it failed for good.

    None when that is mended, or the address left.
    """
    pk = delivery.subject_key.split(":")[1]
    feeds = Feed.unscoped.select_related("connection__organisation").within(delivery.organisation)
    feed = feeds.filter(STANDS_STILL, pk=pk).first()
    if feed is None or not managers(delivery.organisation).filter(email=delivery.address).exists():
        return None
    return render.lost_key(feed, now=now) if feed.health == Health.UNAUTHORISED else render.set_aside(feed, now=now)


def letter_of_enrichment(delivery: Delivery, now: datetime) -> Letter | None:
    """Return the mail about a service that takes its key no more; None when that is mended, or the address left."""
    pk = delivery.subject_key.split(":")[1]
    rows = Enrichment.unscoped.select_related("connection__organisation", "feed").within(delivery.organisation)
    row = rows.filter(pk=pk, reason=Reason.UNAUTHORISED).first()
    if row is None or not managers(delivery.organisation).filter(email=delivery.address).exists():
        return None
    return render.refused_enrichment(row, now=now)


def letter_of_shape(delivery: Delivery, now: datetime) -> Letter | None:
    """Return the mail about answers that have changed; None when that is mended, or the address left."""
    change = _shapes().within(delivery.organisation).filter(pk=delivery.subject_key.split(":")[1]).first()
    if (
        change is None
        or is_mended(change)
        or not managers(delivery.organisation).filter(email=delivery.address).exists()
    ):
        return None
    return render.changed_answers(change, now=now)


def _changes() -> QuerySet[StatusChange]:
    rows: QuerySet[StatusChange] = StatusChange.unscoped.select_related(
        "target__owner", "target__organisation", "target__metric__feed__connection"
    )
    return rows


def _untold() -> TenantQuerySet[Feed]:
    rows: TenantQuerySet[Feed] = Feed.unscoped.filter(
        STANDS_STILL, failing_since__isnull=False, owners_told_at=None, paused_at=None
    )
    return rows


def _untold_enrichments() -> TenantQuerySet[Enrichment]:
    rows: TenantQuerySet[Enrichment] = Enrichment.unscoped.filter(
        reason=Reason.UNAUTHORISED, failing_since__isnull=False, owners_told_at=None, paused_at=None
    )
    return rows


def _shapes() -> TenantQuerySet[ShapeChange]:
    return ShapeChange.unscoped.select_related("feed__connection__organisation")


def _untold_shapes() -> TenantQuerySet[ShapeChange]:
    rows: TenantQuerySet[ShapeChange] = ShapeChange.unscoped.filter(
        matters=True, told_at=None, feed__connection__is_sample=False, feed__paused_at=None
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
