"""The scheduler's tick and the claims that follow it, with ten thousand feeds due at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from celery import current_app

from bench.measure import Row, took
from connectors.models import Feed
from organisations.setup import found
from targets.collecting import _claim  # the claim alone, which nobody else has to name
from targets.tasks import dispatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.load import World

DUE = 10_000
ORGANISATIONS = 10
CLAIMS = 500


def rows(world: World) -> Iterator[Row]:
    """Yield how many feeds the tick rings for, and how many of them one worker claims."""
    feeds = [pk for number in range(ORGANISATIONS) for pk in _feeds(world, number)]
    rung = took(lambda: _ring_for(feeds))
    what = f"Ringing for {DUE:,} due feeds"
    yield Row(what=what, measured=DUE / rung.cpu, unit="a second of CPU", bar=167, at_least=True)
    yield Row(what="", measured=DUE / rung.wall, unit="a second", bar=167, at_least=True)
    claims: list[object] = []
    claimed = took(lambda: claims.extend(_claim(pk, world.now) for pk in feeds[:CLAIMS]))
    assert all(claims), "a feed that is due was not claimed"
    yield Row(what="Claims by one worker", measured=CLAIMS / claimed.cpu, unit="a second of CPU")
    yield Row(what="", measured=CLAIMS / claimed.wall, unit="a second")
    _clear_away(feeds)


def _feeds(world: World, number: int) -> list[int]:
    """Add an organisation with its share of the due feeds."""
    organisation = found(name=f"Due {number}", time_zone="UTC", owner=world.large.user)
    connection = organisation.connections.create(
        name="Source", kind="http", settings={"address": "http://127.0.0.1:9/"}
    )
    share = DUE // ORGANISATIONS
    due = [world.now - timedelta(seconds=60 * place / share) for place in range(share)]
    feeds = [Feed(connection=connection, name=f"Feed {place}", due_at=at) for place, at in enumerate(due)]
    return [feed.pk for feed in connection.feeds.bulk_create(feeds, batch_size=1000)]


def _clear_away(feeds: list[int]) -> None:
    """Leave nothing due and nothing in the queue for the worker that is measured later."""
    Feed.unscoped.filter(pk__in=feeds).update(due_at=None)
    current_app.control.purge()


def _ring_for(feeds: list[int]) -> None:
    """Tick until every feed was rung for; the queue is one of files."""
    while Feed.unscoped.filter(pk__in=feeds[::1000], rung_at=None).exists():
        dispatch()
