"""The world that is measured: an organisation of a thousand targets, one of ten, and feeds by the thousand.

The twelve samples of the product are recorded and judged in full, with 400 days of readings each. The other targets are
twins of these: their metrics get the last 30 days through the same recording, their verdicts are copied.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.test import Client

from bench.calling import Caller, application, bare_application
from bench.measure import cpu_ms
from blueprints.sample.adding import add
from blueprints.sample.head import the_sample
from connectors.extract import Point
from connectors.models import Connection, Feed
from organisations.access import Access, access_for
from organisations.keys import new_key
from organisations.models import User
from organisations.roles import Role
from organisations.setup import found
from targets.models import Metric, Target
from targets.recording import record_points

if TYPE_CHECKING:
    from organisations.tenancy import TenantModel

MANY, FEW = 1000, 10
SOURCES = 20  # connections of the large organisation
RECENT = timedelta(days=30)
OK_ADDRESS = "bench/ok/"
ASKED = {"kind": "http", "settings": {"address": "http://127.0.0.1:9/"}}
RowT = TypeVar("RowT", bound="TenantModel")
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Two organisations, who calls, and the bare answer's milliseconds of CPU behind the product's middleware."""

    now: datetime
    large: Access
    small: Access
    person: Caller
    program: Caller
    stranger: Caller
    floor_ms: float

    def judged(self) -> list[Target]:
        """Return the targets of the large organisation that were judged in full."""
        rows = self.large.rows(Target).select_related("organisation", "metric__organisation", "metric__feed")
        return list(rows.order_by("pk")[: len(the_sample().parts)])


def world(now: datetime, say: Say) -> World:
    """Fill the database and let people and programs in."""
    owner = User.objects.create_user("owner@example.com", name="The owner")
    with transaction.atomic():
        small, large = _organisation("Small", owner, now), _organisation("Large", owner, now)
        small.rows(Target).filter(pk__in=list(small.rows(Target).values_list("pk", flat=True)[FEW:])).delete()
        _add_twins(large, now, say)
    with database.cursor() as cursor:
        cursor.execute("ANALYZE")
    person = Caller(application=application(), headers={"HTTP_COOKIE": _session_of(owner)})
    _, token = new_key(large, name="Bench", role=Role.EDITOR, expires_at=None)
    return World(
        now=now,
        large=large,
        small=small,
        person=person,
        program=Caller(application=person.application, headers={"HTTP_AUTHORIZATION": f"Bearer {token}"}),
        stranger=Caller(application=bare_application()),
        floor_ms=cpu_ms(lambda: person.get(f"/{OK_ADDRESS}"), times=500, warm_up=50),
    )


def points_of(metric: Metric, since: datetime) -> list[Point]:
    """Return a metric's readings from a moment on, ready to be recorded elsewhere."""
    rows = metric.observations.filter(at__gte=since).values("at", "whole_day", "segment", "value")
    return [Point(**row) for row in rows]


def twin(row: RowT, **changes: Any) -> RowT:
    """Return an unsaved copy of a row."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return type(row)(**{**values, "id": None, **changes})


def _organisation(name: str, owner: User, now: datetime) -> Access:
    """Found an organisation with the samples, as if their readings came from a source that answers."""
    slug = found(name=name, time_zone="Europe/Berlin", owner=owner).slug
    access = access_for(owner, slug)
    add(access, now)
    access.rows(Connection).update(is_sample=False, **ASKED)
    access.rows(Feed).update(**_answering(now))
    return access


def _answering(now: datetime) -> dict[str, Any]:
    return {"health": "fresh", "collected_at": now, "answered_at": now, "due_at": now + timedelta(hours=1)}


def _add_twins(access: Access, now: datetime, say: Say) -> None:
    patterns = list(access.rows(Target).select_related("metric").order_by("pk"))
    readings = {pattern.metric_id: points_of(pattern.metric, now - RECENT) for pattern in patterns}
    numbers = range(len(patterns), MANY)
    feeds = _add_feeds(access, len(numbers), now)
    targets: list[Target] = []
    for number, feed in zip(numbers, feeds, strict=True):
        pattern = patterns[number % len(patterns)]
        metric = twin(pattern.metric, feed_id=feed.pk, name=f"{pattern.metric.name} {number}")
        metric.organisation = access.organisation
        metric.save()
        record_points(metric, readings[pattern.metric_id], now=now)
        targets.append(twin(pattern, metric_id=metric.pk, name=f"{pattern.name} {number}"))
        if number % 250 == 0:
            say(f"  {number:,} of {MANY:,} targets")
    access.organisation.targets.bulk_create(targets, batch_size=200)


def _add_feeds(access: Access, count: int, now: datetime) -> Sequence[Feed]:
    sources = [access.organisation.connections.create(name=f"Source {number}", **ASKED) for number in range(SOURCES)]
    rows = [
        Feed(connection=sources[number % SOURCES], name=f"Feed {number}", **_answering(now)) for number in range(count)
    ]
    return sources[0].feeds.bulk_create(rows, batch_size=1000)


def _session_of(person: User) -> str:
    """Sign a person in, in a real session, and return the cookie."""
    client = Client()
    client.force_login(person)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
