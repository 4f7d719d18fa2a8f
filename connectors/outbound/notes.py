"""What is written down of every call."""

from dataclasses import dataclass
from datetime import datetime

from connectors.problems import Problem

SAMPLE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class CallNote:
    """One request on the wire, or one that was not let out; safe to store and to show.

    `at` is aware, UTC; `took` in seconds; `size` counts the bytes of the body as read. `status` is None without an
    answer, `problem` without a failure; `reason` is its class. A redirect has a note of its own, whose
    sample says where it led.
    """

    at: datetime
    method: str
    url: str
    status: int | None
    took: float
    size: int
    attempt: int
    problem: Problem | None
    reason: str = ""
    correlation_id: str
    request_headers: dict[str, str]
    sample: str


def ignore(note: CallNote) -> None:
    """Keep no log."""
