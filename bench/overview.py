"""Pages that people open: the overview of few and of many targets, and one target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.calling import Bars, queries_of, rows_of_page
from bench.load import FEW, MANY
from bench.measure import Row, cpu_ms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.load import World

MOST_QUERIES = 10


def rows(world: World) -> Iterator[Row]:
    """Yield what the pages cost; the overview may not ask the database more often for many targets than for few."""
    small, large = (f"/{access.organisation.slug}/" for access in (world.small, world.large))
    person = world.person
    yield from rows_of_page(f"Overview of {FEW} targets", person, small, floor=world.floor_ms, bars=Bars(), times=20)
    as_many = min(MOST_QUERIES, queries_of(lambda: person.get(small)))
    bars = Bars(ms=120, queries=as_many, kilobytes=400)
    yield from rows_of_page(f"Overview of {MANY:,} targets", person, large, floor=world.floor_ms, bars=bars, times=20)
    packed = cpu_ms(lambda: person.get(large, HTTP_ACCEPT_ENCODING="gzip"), times=20)
    yield Row(what="", measured=packed, unit="ms CPU, compressed", floor=world.floor_ms)
    page = f"{large}targets/{world.judged()[0].pk}/"
    yield from rows_of_page("Page of one target", person, page, floor=world.floor_ms, bars=Bars(), times=50)
