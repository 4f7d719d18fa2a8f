"""What one collection has in hand: the right to collect, what it asks for, and what came."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.errors import FetchError
    from connectors.extract import Point
    from connectors.models import Collection, Feed
    from connectors.protocol import Page, Window
    from connectors.records import Readable
    from connectors.sifting import Aside
    from targets.collection.windows import Errand
    from targets.models import Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to collect one feed, until the lease runs out or somebody else takes it over.

    `marks` tell later whether what is kept of the answer still holds; see `targets.confirming`.
    """

    feed: Feed
    token: uuid.UUID
    collection: Collection
    errand: Errand
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What somebody may have asked of a feed since it was claimed, while its row is locked."""

    due_at: datetime | None
    covered_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """What one collection brought: pages with the window each answers, and why it stopped early, if it did."""

    pages: tuple[tuple[Window, Page], ...]
    failure: FetchError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one metric found in a harvest: its points, how many rows were refused, the first of them, and the others.

    `left_out` rows are not meant for it. `stands` says that the last answer still does, with the same readings.
    `adds_on` says that the points are beside what came before, also where their time is the same.
    `failure` says why nothing of it is taken, where that is so.
    """

    metric: Metric
    points: tuple[Point, ...] = ()
    refused: int = 0
    aside: tuple[Aside, ...] = ()
    left_out: int = 0
    stands: bool = False
    adds_on: bool = False
    failure: FetchError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was found in a harvest: by metric, or the rows that a feed keeps as records, of which metrics are made.

    `aside` and `left_out` are the rows that no metric was to read.
    """

    metrics: tuple[Found, ...] = ()
    records: Readable | None = None
    aside: tuple[Aside, ...] = ()
    left_out: int = 0
