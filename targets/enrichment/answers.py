"""Writing answers down beside their records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors import records
from connectors.models import Record
from connectors.problems import Unreadable, problem
from targets.enrichment.groups import told

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.enriching.asking import Answered
    from connectors.models import Enrichment
    from connectors.protocol import Enriched
    from targets.enrichment.groups import Group

WRITTEN = [
    "enriched", "state", "recipe", "attempts", "try_at", "asked", "problem", "tokens", "cost", "answers", "call_id",
    "enriched_at",
]  # fmt: skip


def write_answers(enrichment: Enrichment, group: Group, answered: Answered, now: datetime) -> set[datetime]:
    """Keep what a service said about records; returns the times of which readings may have changed.

    A record that changed meanwhile goes on waiting: the answer is about what it was. One that is gone is left out.
    """
    there = records.held(enrichment.feed, [record.pk for record in group.records])
    rows: list[Record] = []
    for asked, answer in zip(group.records, answered.enriched, strict=True):
        row = there.get(asked.pk)
        if row is None:
            continue
        _count(row, answer, answered.call_id)
        if _tells_the_same(enrichment, asked, row):
            _keep(enrichment, row, answer, now, is_alone=group.is_alone)
        rows.append(row)
    records.write(enrichment.feed, rows, WRITTEN)
    return {row.at for row in rows}


def _count(row: Record, answer: Enriched, call_id: str) -> None:
    row.asked, row.call_id = "", call_id
    row.tokens += answer.tokens
    row.cost += answer.cost
    row.answers += bool(answer.fields is not None or answer.tokens or answer.cost)


def _tells_the_same(enrichment: Enrichment, asked: Record, row: Record) -> bool:
    try:
        return bool(asked.raw == row.raw or told(enrichment, asked) == told(enrichment, row))
    except Unreadable:
        return False


def _keep(enrichment: Enrichment, row: Record, answer: Enriched, now: datetime, *, is_alone: bool) -> None:
    fields, wrong = None, answer.problem
    try:
        fields = records.storable(dict(answer.fields)) if answer.fields is not None else None
    except Unreadable:
        wrong = problem("answer_too_much", bytes=records.LARGEST)
    if fields is not None:
        row.enriched, row.state, row.problem, row.enriched_at = fields, Record.State.DONE, {}, now
        row.recipe, row.attempts, row.try_at = enrichment.recipe, 0, None
        return
    row.problem = wrong.as_stored() if wrong else {}
    if is_alone:
        row.state, row.recipe = Record.State.FAILED, enrichment.recipe
    else:
        row.attempts += 1  # it is asked about alone the next time
