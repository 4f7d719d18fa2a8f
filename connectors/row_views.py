"""Rows that were set aside, as they are listed: which of the answer, for which metric, why, and what stands in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from organisations.languages import clock_inside

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from connectors.models import SetAside


@dataclass(frozen=True, slots=True, kw_only=True)
class AsideView:
    """One row that was set aside, and the check that did."""

    check: int
    when: str
    metric: str
    sentence: str
    row: str


def aside_views(rows: Iterable[SetAside], now: datetime, zone: ZoneInfo) -> list[AsideView]:
    """Return rows, their checks at hand, as they are listed."""
    return [
        AsideView(
            check=row.collection_id,
            when=clock_inside(row.collection.started_at, now=now, zone=zone),
            metric=row.metric_name,
            sentence=row.message,
            row=row.row,
        )
        for row in rows
    ]


def of_checks(views: Sequence[AsideView]) -> list[tuple[AsideView, list[AsideView]]]:
    """Return rows by their checks, which follow one another; each check is known by its first row."""
    groups = [list(group) for _check, group in groupby(views, key=lambda view: view.check)]
    return [(group[0], group) for group in groups]
