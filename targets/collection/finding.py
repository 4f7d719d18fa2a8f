"""Finding every metric of a feed in the pages that came: rows are sifted once, then read by each metric."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db.models import prefetch_related_objects

from connectors import records
from connectors.errors import FetchError, Malformed, Misconfigured
from connectors.extract import Extracted, Reading, extract_placed
from connectors.models.feed import Asks
from connectors.problems import problem
from connectors.sifting import sift
from targets.collection.confirming import confirmed
from targets.collection.harvest import Findings, Found
from targets.collection.windows import reading_moment
from targets.domain.terms import ReadAs, ValueKind
from targets.record_rows import reads_answers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from connectors.models import Feed
    from connectors.records import Readable
    from connectors.sifting import Sifted
    from targets.collection.harvest import Claim, Harvest
    from targets.models import Metric


@dataclass(frozen=True, slots=True)
class _Part:
    """The rows of one page that are meant, and the time of those that say none; `stands`: the last ones still do."""

    sifted: Sifted
    at: datetime
    stands: bool


def find(claim: Claim, harvest: Harvest, now: datetime) -> tuple[Findings, FetchError | None]:
    """Find every metric in the pages; a metric that cannot be looked for fails the collection and keeps the others.

    Where the rows are kept as records, metrics are read from those; here they are only tried.
    """
    try:
        parts = _parts(claim, harvest, now)
    except FetchError as misconfigured:
        return Findings(), misconfigured
    readable = _records(claim, harvest, now) if claim.feed.keeps_records else None
    if readable is not None:
        return _found_of_records(claim, harvest, parts, readable)
    found = tuple(_found(each, parts, harvest) for each in _metrics(claim.feed))
    aside = tuple(each for part in parts for each in part.sifted.aside)
    left_out = sum(part.sifted.left_out for part in parts)
    return Findings(metrics=found, aside=aside, left_out=left_out), _failure_of(found, harvest)


def _found_of_records(
    claim: Claim, harvest: Harvest, parts: Sequence[_Part], readable: Readable
) -> tuple[Findings, FetchError | None]:
    """Try the metrics on the rows that become records; those that read answers are to wait for them."""
    kept = _only_kept(parts, harvest, readable)
    tried = [each for each in _metrics(claim.feed) if not reads_answers(each)]
    found = tuple(_found(each, kept, harvest) for each in tried)
    failure = _none_readable(claim, readable) or _failure_of(found, harvest)
    return Findings(metrics=found, records=readable, left_out=readable.left_out), failure


def _failure_of(found: Sequence[Found], harvest: Harvest) -> FetchError | None:
    return next((each.failure for each in reversed(found) if each.failure), harvest.failure)


def _only_kept(parts: Sequence[_Part], harvest: Harvest, readable: Readable) -> list[_Part]:
    """Return the rows that become records: an unreadable one is told of once, and one that is replaced not at all."""
    kept, before, places = list[_Part](), 0, readable.places
    for part, (_window, page) in zip(parts, harvest.pages, strict=True):
        rows = [each for each in part.sifted.rows if before + each.place in places]
        kept.append(replace(part, sifted=replace(part.sifted, rows=rows)))
        before += len(page.rows)
    return kept


def _metrics(feed: Feed) -> list[Metric]:
    """Load the metrics as they are now; whatever follows in this collection takes these from the feed."""
    prefetch_related_objects([feed], "metrics")
    metrics = list(feed.metrics.all())
    for metric in metrics:
        metric.organisation = feed.connection.organisation
    return metrics


def _parts(claim: Claim, harvest: Harvest, now: datetime) -> list[_Part]:
    """Sift the rows of each page: what is kept as records is told apart by its key there."""
    feed, by_period = claim.feed, claim.feed.asks == Asks.PERIOD
    key = "" if feed.keeps_records else feed.record_key
    return [
        _Part(
            sifted=sift(page.rows, row_filter=feed.row_filter, key_path=key),
            at=reading_moment(window, now) if by_period else now,
            stands=page.unchanged,
        )
        for window, page in harvest.pages
    ]


def _records(claim: Claim, harvest: Harvest, now: datetime) -> Readable:
    by_period = claim.feed.asks == Asks.PERIOD
    rows = (
        (row, reading_moment(window, now) if by_period else now) for window, page in harvest.pages for row in page.rows
    )
    return records.read(claim.feed, rows, now=now)


def _none_readable(claim: Claim, readable: Readable) -> FetchError | None:
    if not readable.aside or readable.drafts:
        return None
    return Malformed(problem("no_row_readable", metric=claim.feed.name, why=readable.aside[0].reason))


def _found(metric: Metric, parts: Sequence[_Part], harvest: Harvest) -> Found:
    """Find one metric in the rows; where it cannot be looked for, or no row can be read, say why."""
    reading = reading_of(metric)
    try:
        read = [_read(metric, reading, part) for part in parts]
    except FetchError as misconfigured:
        return Found(metric=metric, failure=misconfigured)
    failure = _failure(metric, reading, read, harvest)
    return Found(
        metric=metric,
        points=() if failure else tuple(point for part in read for point in part.points),
        refused=sum(part.refused_count for part in read),
        aside=tuple(each for part in read for each in part.aside),
        left_out=sum(part.left_out for part in read),
        stands=bool(metric.feed.at_path) and any(part.stands for part in parts),
        adds_on=reading.adds_up and _come_once(metric.feed, harvest),
        failure=failure,
    )


def _read(metric: Metric, reading: Reading, part: _Part) -> Extracted:
    """Return what a metric finds in the rows of a page, or once more what it found in the last one."""
    if part.stands and not reading.at_path:
        return Extracted(points=confirmed(metric, part.at))
    return extract_placed(part.sifted.rows, reading, now=part.at)


def _failure(metric: Metric, reading: Reading, read: Sequence[Extracted], harvest: Harvest) -> FetchError | None:
    """Return what is wrong where nothing of an answer can be read, or what is read cannot be added up."""
    points = [point for part in read for point in part.points]
    refused = [reason for part in read for reason in part.refused]
    if refused and not points:
        return Malformed(problem("no_row_readable", metric=metric.name, why=refused[0]))
    # rows that are kept are added up anew each time, and those that come once are put on top of what was there
    goes_on = not metric.feed.keeps_records and any(page.cursor for _, page in harvest.pages)
    if (
        goes_on
        and not _come_once(metric.feed, harvest)
        and reading.adds_up
        and any(point.whole_day for point in points)
    ):
        return Misconfigured(problem("needs_time_of_day", metric=metric.name))
    return None


def _come_once(feed: Feed, harvest: Harvest) -> bool:
    """Say whether no row ever comes again; a feed that asks for stretches of time may be asked for one of them anew."""
    return feed.asks == Asks.NOW and all(page.once for _, page in harvest.pages)


def reading_of(metric: Metric) -> Reading:
    """Return where the metric stands in its feed's rows."""
    counts = metric.read_as == ReadAs.COUNTER
    return Reading(
        at_path=metric.feed.at_path,
        at_format=metric.feed.at_format,
        value_path=metric.value_path,
        weight_path=metric.weight_path,
        number_format=metric.number_format,
        segment_path=metric.segment_path,
        row_filter=metric.row_filter,
        scale=metric.scale,
        unit=metric.unit,
        zone=metric.organisation.zone,
        adds_up=metric.value_kind == ValueKind.FLOW and not counts,
        only_grows=counts,
    )
