"""What the log keeps of a call, by the rules of its connection. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.calls.masking import masked, names_in
from connectors.models.connection import Samples

if TYPE_CHECKING:
    from connectors.models import Connection
    from connectors.outbound import CallNote


def kept(note: CallNote, connection: Connection) -> CallNote:
    """Return a note of a call as it may be stored: fields masked by name everywhere, and its sample if it is wanted."""
    names = names_in(connection.redacted_names)
    wanted = _keeps_sample(note, Samples(connection.samples))
    return replace(
        note,
        url=masked(note.url, names),
        problem=note.problem.masked(lambda text: masked(text, names)) if note.problem else None,
        sample=masked(note.sample, names) if wanted else "",
    )


def _keeps_sample(note: CallNote, samples: Samples) -> bool:
    return samples == Samples.ALL or (samples == Samples.FAILURES and note.problem is not None)
