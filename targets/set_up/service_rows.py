"""From a well-known service to rows: its connection, what is asked of it, and the metrics that were chosen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import transaction

from connectors.models import Connection, Feed
from connectors.serializers import ConnectionSerializer, FeedSerializer
from organisations.api_forms import judged
from targets.models import Metric

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from connectors.services.filling import Filled, FilledMeasure, FilledSource
    from organisations.access import Access

ROOM = 94  # characters of a name that leave room for a number behind it


def set_up(whole: Filled, chosen: Iterable[str], access: Access, *, now: datetime) -> list[Metric]:
    """Save everything or nothing, in the order of the service's file; the feeds are due at once.

    Raises organisations.documents.Refused where the kind or the database does not take an answer.
    """
    measures = [measure for key, measure in whole.measures.items() if key in set(chosen)]
    wanted = {measure.source for measure in measures}
    with transaction.atomic():
        connection = _connection(whole, access)
        feeds = {key: _feed(connection, source, access, now) for key, source in whole.sources.items() if key in wanted}
        return [_metric(feeds[measure.source], measure, access) for measure in measures]


def _connection(whole: Filled, access: Access) -> Connection:
    data = {
        "name": free_name(whole.name, access.rows(Connection)),
        "kind": whole.kind,
        "settings": dict(whole.settings),
        "secrets": dict(whole.secrets),
        **whole.limits,
    }
    connection: Connection = judged(ConnectionSerializer(data=data, context={"access": access}))
    return connection


def _feed(connection: Connection, source: FilledSource, access: Access, now: datetime) -> Feed:
    data = {"connection": connection.pk, "name": source.name, "query": dict(source.query), **source.values}
    feed: Feed = judged(FeedSerializer(data=data, context={"access": access, "now": now}))
    return feed


def _metric(feed: Feed, measure: FilledMeasure, access: Access) -> Metric:
    values: dict[str, Any] = dict(measure.values)
    values["name"] = free_name(values["name"], access.rows(Metric))
    metric = Metric(organisation=access.organisation, feed=feed, **values)
    metric.full_clean(exclude=["organisation", "feed"])
    metric.save()
    return metric


def free_name(name: str, rows: QuerySet[Any]) -> str:
    """Return a name, with a number behind it where it is taken."""
    stem = name[:ROOM]
    taken = set(rows.filter(name__startswith=stem).values_list("name", flat=True))
    free, number = stem, 1
    while free in taken:
        number += 1
        free = f"{stem} {number}"
    return free
