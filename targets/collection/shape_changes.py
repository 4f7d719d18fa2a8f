"""Noticing that the answers of a feed have changed their shape, and whether anything that is read is gone."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from connectors.paths.read import all_read
from connectors.shapes import Difference, compared, shape_of

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.models import Feed, ShapeChange
    from targets.collection.harvest import Harvest

MOST = 40  # paths of one change


def note_shape(feed: Feed, harvest: Harvest, now: datetime) -> ShapeChange | None:
    """Compare the last answer with those before; returns a change in which something is gone.

    What it is like is put into the feed, which closing the collection saves; call it in the same transaction. An answer
    in which the rows are not where they were is an answer too.
    """
    answer = _last_answer(harvest)
    if answer is None:
        return None
    read = all_read(feed)
    feed.shape, found = compared(feed.shape, shape_of(answer, read=read), of=_question(feed), read=read)
    return _kept(feed, found, now) if found.gone else None


def _last_answer(harvest: Harvest) -> Any:
    """Return what was answered last, also where the rows were not found in it; None where nothing new was."""
    if harvest.failure is not None and harvest.failure.answer is not None:
        return harvest.failure.answer
    answered = (page.answer for _, page in reversed(harvest.pages) if not page.unchanged)
    return next(answered, None)


def _question(feed: Feed) -> str:
    """Return what tells whether two answers were given to the same question."""
    asked = json.dumps([feed.connection.address, feed.query], sort_keys=True)
    return sha256(asked.encode()).hexdigest()[:16]


def _kept(feed: Feed, found: Difference, now: datetime) -> ShapeChange:
    gone = sorted(found.gone, key=lambda each: not each.is_read)[:MOST]
    change: ShapeChange = feed.shape_changes.create(
        at=now,
        gone=[
            {"path": each.path, "type": each.type, "is_read": each.is_read, "instead": each.instead} for each in gone
        ],
        new=[{"path": path, "type": kind} for path, kind in found.new[:MOST]],
        matters=found.matters,
    )
    return change
