"""Which paths of an answer the metrics of a feed read, and which of them a change has taken away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from connectors.paths import look_up
from connectors.paths.fields import Paths, entries, fields_of, lies_within
from connectors.problems import Unreadable

if TYPE_CHECKING:
    from connectors.models import Feed, ShapeChange


def all_read(feed: Feed) -> Paths:
    """Return what the metrics of a feed read."""
    return frozenset().union(*(read_by(each, feed) for each in feed.metrics.all()))


def read_by(metric: Any, feed: Feed) -> Paths:
    """Return what a metric reads, from the root of the answer; a path that cannot be followed reads nothing."""
    found, ends = _fields(feed.query.get("rows", ""), frozenset({""}))
    rows = entries(ends)
    of_row = (metric.value_path, metric.weight_path, metric.segment_path, metric.row_filter)
    for path in (feed.at_path, feed.row_filter, feed.record_key, *of_row):
        found |= _fields(path, rows)[0]
    return found if metric.value_path else found | ends


def affected(change: ShapeChange) -> list[Any]:
    """Return the metrics that read something of what is gone."""
    gone = [each["path"] for each in change.gone]
    return [each for each in change.feed.metrics.order_by("name", "pk") if _reads(read_by(each, change.feed), gone)]


def is_mended(change: ShapeChange) -> bool:
    """Say whether all that was read and is gone is there again, or not read any more."""
    seen = (change.feed.shape or {}).get("seen", {})
    missing = [each["path"] for each in change.gone if not seen.get(each["path"], {}).get(each["type"], 0) & 1]
    return not missing or not _reads(all_read(change.feed), missing)


def _fields(path: Any, bases: Paths) -> tuple[Paths, Paths]:
    try:
        look_up(path)
    except Unreadable:
        return frozenset(), bases
    return fields_of(path, bases)


def _reads(read: Paths, gone: Iterable[str]) -> bool:
    return any(lies_within(path, each) for each in gone for path in read)
