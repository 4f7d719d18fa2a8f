"""The sentences that only mails say: how many targets need attention, and what changed since the last report."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from targets import wording
from targets.domain.status import MOVING
from targets.domain.terms import NEEDS_ATTENTION, Status
from targets.judging import plan_of
from targets.presenting import found_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from targets.domain.plan import Plan
    from targets.domain.verdict import Evaluation
    from targets.models import StatusChange, Target
    from targets.numbers import Numbers
    from targets.presenting import Row

MOST_CHANGES = 4  # named in the sentence; more are counted
MOST_NAMED = 2  # targets in the opening sentence
GOOD = frozenset({Status.ON_TRACK, Status.MET})
COLUMNS = ("Target", "Status", "Actual", "Likely finish")


def headline(attention: int, total: int) -> str:
    """Return the report's headline and subject: “6 of 12 targets need attention”, “All 12 targets are fine”."""
    if total == 1:
        return "The target needs attention" if attention else "The target is fine"
    if not attention:
        return f"All {total:,} targets are fine"
    return f"{attention:,} of {total:,} targets need{'s' if attention == 1 else ''} attention"


def changed(changes: Iterable[StatusChange]) -> str:
    """Say what moved since the last report; a target that came back to where it was did not move."""
    moves = _moves(changes)
    if not moves:
        return "No status has changed since the last report."
    named = "; ".join(moves[:MOST_CHANGES])
    more = f"; and {len(moves) - MOST_CHANGES} more" if len(moves) > MOST_CHANGES else ""
    return f"Since the last report: {named}{more}."


def moved(old: Status, new: Status) -> str:
    """Say from which status to which: “from on track to at risk”."""
    return f"from {wording.status_word(old).lower()} to {wording.status_word(new).lower()}"


def news(name: str, old: Status, new: Status) -> str:
    """Return the subject of a mail about a change: “Cloud spend: at risk”, “Cloud spend: back on track”."""
    is_back = new == Status.ON_TRACK and old in MOVING
    return f"{name}: {'back ' if is_back else ''}{wording.status_word(new).lower()}"


def lede(targets: Sequence[Target]) -> str:
    """Name the most urgent targets, or the closest call where all is fine. `targets` are in order of urgency."""
    counts = Counter(Status(target.status) for target in targets)
    worst = [_named(target) for target in targets if target.status in NEEDS_ATTENTION][:MOST_NAMED]
    close = min((target for target in targets if target.chance is not None), key=_chance, default=None)
    return wording.overview_sentence(counts, worst, closest=_named(close) if close else None).rest


def before(old: Status, new: Status) -> str:
    """Say what it was until now, and whether that is good news."""
    was = f"was {wording.status_word(old).lower()} until now"
    return f"Good news: it {was}." if new in GOOD else f"It {was}."


def needed(plan: Plan, found: Evaluation, status: Status, numbers: Numbers) -> str:
    """Say what it takes from here; nothing where nothing is expected to move."""
    return wording.needed(plan, found, numbers.unit) if status in MOVING else ""


def likely(found: Evaluation, numbers: Numbers) -> str:
    """Say how wide the forecast is, as people count: “8 in 10 outcomes: 1,088 to 1,275.”"""
    if found.forecast is None or found.status not in MOVING:
        return ""
    low, high = found.forecast.q10, found.forecast.q90
    span = wording.span(low, high, unit=numbers.unit, decimals=numbers.decimals, short=numbers.short)
    return f"8 in 10 outcomes: {span}."


def table(rows: Sequence[Row]) -> str:
    """Return the report's table as text in columns, for mails without HTML."""
    cells = [COLUMNS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def _moves(changes: Iterable[StatusChange]) -> list[str]:
    ends: dict[int, tuple[str, str, str]] = {}
    for change in changes:
        first = ends[change.target_id][1] if change.target_id in ends else change.old_status
        ends[change.target_id] = (change.target.name, first, change.new_status)
    return [f"{name} moved {moved(Status(old), Status(new))}" for name, old, new in ends.values() if old != new]


def _named(target: Target) -> wording.Named:
    found = found_of(target)
    words = wording.gap_phrase(plan_of(target), found, target.metric.unit) if found else ""
    return wording.Named(name=target.name, status=Status(target.status), words=words, chance=target.chance)


def _chance(target: Target) -> float:
    return target.chance or 0.0


def _cells(row: Row) -> tuple[str, str, str, str]:
    finish = f"{row.finish}, {row.chance}" if row.chance else row.finish
    return row.name, row.word, f"{row.value} {row.goal}", finish
