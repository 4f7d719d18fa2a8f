"""The picture of a target as it was judged: the row in, a PNG out. For pages and mails alike."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from targets.charts.data import mark_of, settled
from targets.charts.drawing import draw
from targets.domain.terms import SETTLED, Comparison
from targets.domain.verdict import Track
from targets.notes import notes_between
from targets.numbers import numbers_of
from targets.presenting import today_on

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from targets.models import Target


def picture_of(target: Target, track: Mapping[str, Any], now: datetime) -> bytes:
    """Return the chart of one stored track of a target, its present one or that of a closed period, with its notes.

    What is decided is drawn without a forecast. The words are those of the active language.
    """
    drawn = Track.from_plain(track)
    ends_on = drawn.starts_on + timedelta(days=len(drawn.pace))
    if target.status in SETTLED:
        drawn = settled(drawn)
    return draw(
        drawn,
        numbers_of(target.metric, goal=target.goal),
        comparison=Comparison(target.comparison),
        mark=mark_of(drawn, today_on(target, now)),
        notes=notes_between(target, drawn.starts_on, ends_on),
    )
