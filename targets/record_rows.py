"""A record as metrics see it: the fields of its row, and beside them what it was enriched with and what that cost."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import jmespath

if TYPE_CHECKING:
    from connectors.models import Feed, Record
    from targets.models import Metric

ENRICHED, ENRICHMENT = "enriched", "enrichment"
SHOWN = 50  # records from which a number is picked


def row_of(record: Record) -> dict[str, Any]:
    """Return the row that the paths of metrics lead into."""
    return {
        **record.raw,
        ENRICHED: record.enriched,
        ENRICHMENT: {"tokens": record.tokens, "cost": record.cost} if record.answers else None,
    }


def latest_rows(feed: Feed) -> list[dict[str, Any]]:
    """Return the latest records of a feed as metrics see them, those that have their answers first; [] without any."""
    if not feed.keeps_records:
        return []
    answered = feed.records.filter(enriched__isnull=False)[:SHOWN]
    return [row_of(record) for record in answered or feed.records.all()[:SHOWN]]


def reads_answers(metric: Metric) -> bool:
    """Say whether a metric reads what records were enriched with, or what that cost."""
    return bool(_read_by(metric))


def is_seen(metric: Metric, record: Record) -> bool:
    """Say whether a record has what a metric reads of its enrichment; a metric that reads nothing of it sees all."""
    read = _read_by(metric)
    has_answer = record.enriched is not None or ENRICHED not in read
    return has_answer and (bool(record.answers) or ENRICHMENT not in read)


def _read_by(metric: Metric) -> frozenset[str]:
    return named_in(metric.value_path, metric.segment_path, metric.weight_path, metric.row_filter)


def named_in(*paths: str) -> frozenset[str]:
    """Return what of an enrichment paths lead to."""
    return frozenset().union(*(_mentioned(path) for path in paths))


@lru_cache(maxsize=512)
def _mentioned(path: str) -> frozenset[str]:
    return frozenset(_fields(jmespath.compile(path).parsed)) & {ENRICHED, ENRICHMENT} if path else frozenset()


def _fields(node: Any) -> Iterator[str]:
    if node["type"] == "field":
        yield node["value"]
    for child in node["children"]:
        yield from _fields(child)
