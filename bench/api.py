"""The API as programs read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.calling import Bars, rows_of_page
from bench.load import MANY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.load import World
    from bench.measure import Row


def rows(world: World) -> Iterator[Row]:
    """Yield what a list of every target, with its verdict whole, costs."""
    path = f"/api/v1/{world.large.organisation.slug}/targets/?page_size={MANY}"
    bars = Bars(ms=50, queries=6)
    what = f"API list of {MANY:,} targets"
    yield from rows_of_page(what, world.program, path, floor=world.floor_ms, bars=bars, times=20)
