"""From answers to rows: a connection, its feed and the metric that was picked, or one more metric of a feed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from connectors import asking, registry
from connectors.hints import words
from connectors.models import Connection, Feed
from connectors.models.feed import Asks
from connectors.ways import Way
from targets.domain.terms import ValueKind
from targets.models import Metric
from targets.set_up.forms import Nature
from targets.set_up.wizard import KIND

if TYPE_CHECKING:
    from organisations.access import Access
    from targets.set_up.forms import FurtherForm, NumberForm, PickForm
    from targets.set_up.wizard import Draft

VALUE_KINDS = {Nature.RUNNING: ValueKind.RUNNING, Nature.COUNT: ValueKind.FLOW, Nature.LEVEL: ValueKind.LEVEL}


def set_up(draft: Draft, form: PickForm, access: Access, *, written: Mapping[str, str], now: datetime) -> Metric:
    """Save everything or nothing; the feed is due at `now`, and whoever calls rings for it.

    `written` says how the answer was read when the number was picked: the next one is read in the same way.
    """
    with transaction.atomic():
        feed = _feed(_connection(draft, access), draft, form, written, now)
        return _metric(feed, form, access)


def add_number(feed: Feed, form: FurtherForm, access: Access, *, now: datetime) -> Metric:
    """Save one more metric of a feed, and ask for its history at `now`; whoever calls rings for it."""
    with transaction.atomic():
        metric = _metric(feed, form, access)
        asking.anew(feed, now)
        return metric


def _connection(draft: Draft, access: Access) -> Connection:
    settings = registry.kind(KIND).Settings(draft.settings)
    settings.full_clean()
    connection = Connection(
        organisation=access.organisation,
        kind=KIND,
        name=_free_name(draft.origin, access),
        settings=settings.cleaned_data,
        gateway=access.get(Connection, draft.gateway) if draft.gateway else None,
    )
    connection.seal(draft.credentials())
    connection.save()
    return connection


def _feed(connection: Connection, draft: Draft, form: PickForm, written: Mapping[str, str], now: datetime) -> Feed:
    way, nature = form.way(), Nature(form.cleaned_data["nature"])
    asks = asked_for(way, nature, asks_for_dates=draft.asks_for_dates)
    feed: Feed = connection.feeds.create(
        name=feed_name(draft),
        query={**draft.to_ask(), **written, "rows": way.rows},
        asks=asks,
        running_period=form.cleaned_data["running_period"] if asks == Asks.PERIOD else "",
        at_path=way.at,
        at_format=way.at_format,
        every=form.cleaned_data["every"],
        due_at=now,
    )
    return feed


def asked_for(way: Way, nature: Nature, *, asks_for_dates: bool) -> Asks:
    """Return what stretch of time the feed asks for.

    Dated rows are asked for since the last time; a total without dates only means something over a known period. A
    count or a level without dates is what there is now.
    """
    if not asks_for_dates:
        return Asks.NOW
    if way.at:
        return Asks.WINDOW
    return Asks.PERIOD if nature == Nature.RUNNING else Asks.NOW


def _metric(feed: Feed, form: NumberForm, access: Access) -> Metric:
    cleaned: dict[str, Any] = form.cleaned_data
    metric: Metric = feed.metrics.create(
        organisation=access.organisation,
        name=cleaned["name"],
        value_path=form.way().value,
        segment_path=form.way().segment,
        scale=form.scale(),
        value_kind=VALUE_KINDS[Nature(cleaned["nature"])],
        unit=cleaned["unit"],
        decimals=cleaned["decimals"],
        counts_distinct=cleaned["counts_distinct"] and cleaned["nature"] == Nature.COUNT,
    )
    return metric


def _free_name(origin: str, access: Access) -> str:
    """Return the host as a name, with a number where it is taken."""
    stem = (urlsplit(origin).netloc or "API")[:90]
    taken = set(access.rows(Connection).filter(name__startswith=stem).values_list("name", flat=True))
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem} {number}"
    return name


def feed_name(draft: Draft) -> str:
    """Return a name for what is asked: the last words of its path."""
    last = next((part for part in reversed(draft.query["path"].split("/")) if words(part)), "")
    return " ".join(words(last)).capitalize()[:100] or _("Everything")
