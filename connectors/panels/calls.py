"""What a connection's calls add up to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.calls.figures import figures, sentence
from connectors.calls.log import hours, logged_with, makes_calls
from connectors.calls.spans import USUAL, Span
from connectors.calls.tallies import summed

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.models import Connection
    from organisations.access import Access

SHOWN = ("errors", "slow")  # the figures of the panel, by their rules of thumb; the sentence has the rest


def of(access: Access, row: Connection, now: datetime) -> dict[str, Any]:
    """Return what the page shows of the calls; nothing where nobody is called."""
    if not makes_calls(row):
        return {}
    span, zone, logged = Span(USUAL), access.organisation.zone, logged_with(row)
    tally, before = (
        summed(line[2] for line in hours(access.organisation, logged, window))
        for window in (span.window(now, zone), span.before(now, zone))
    )
    lead, rest = sentence(tally, span)
    shown = [figure for figure in figures(tally, before) if figure.rule in SHOWN] if tally.calls else []
    return {"lead": lead, "rest": rest, "figures": shown}
