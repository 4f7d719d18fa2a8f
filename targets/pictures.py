"""The picture of a target as it was judged: the row in, a PNG out. For pages and mails alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from targets.charts import mark_of
from targets.domain.terms import Comparison
from targets.domain.verdict import Track
from targets.drawing import draw
from targets.numbers import numbers_of
from targets.presenting import today_on

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from targets.models import Target


def picture_of(target: Target, track: Mapping[str, Any], now: datetime) -> bytes:
    """Return the chart of one stored track of a target, its present one or that of a closed period."""
    drawn = Track.from_plain(track)
    return draw(
        drawn,
        numbers_of(target.metric, goal=target.goal),
        comparison=Comparison(target.comparison),
        mark=mark_of(drawn, today_on(target, now)),
    )
