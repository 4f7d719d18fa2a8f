"""What came of trying a source, ready for the page: the line under *Answer*, and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from connectors.answers.tables import JSON
from connectors.calls.log import LogOf
from connectors.errors import FetchError, Reason, Refused
from connectors.fetching import Place, Trial, place_of, try_out, write_down
from connectors.fetching import trial_window as trial_window
from connectors.outbound.gate import OPEN, Gate
from connectors.outbound.notes import CallNote, ignore
from connectors.paths.trails import DEEPEST
from connectors.protocol import CallLog, Kind, Page, Tokens
from connectors.throttling import gate_of
from organisations import languages

if TYPE_CHECKING:
    from connectors.models import Connection, Feed

BIG = 1_000_000  # bytes


class Remedy(StrEnum):
    """What helps after a failed try."""

    SIGN_IN = "sign_in"
    ADDRESS = "address"
    ALLOW = "allow"
    AGAIN = "again"


REMEDIES = {
    Reason.UNAUTHORISED: Remedy.SIGN_IN,
    Reason.NOT_FOUND: Remedy.ADDRESS,
    Reason.CLIENT_ERROR: Remedy.ADDRESS,
    Reason.MALFORMED: Remedy.ADDRESS,
    Reason.TOO_LARGE: Remedy.ADDRESS,
    Reason.MISCONFIGURED: Remedy.ADDRESS,
    Reason.BLOCKED: Remedy.ALLOW,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One try: `answer` and how it came, or `message` and the `remedy`; `sample` is the start of what came instead.

    `written` says how the answer was read, as values of a feed's query. `wait` is for how many seconds the source wants
    to be left alone, where it said so.
    """

    answer: Any = None
    written: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    took: float = 0.0
    size: int = 0
    message: str = ""
    sample: str = ""
    remedy: Remedy | None = None
    wait: int = 0

    @property
    def ok(self) -> bool:
        """Whether it answered as hoped."""
        return self.remedy is None

    @property
    def milliseconds(self) -> int:
        """How long the answer took."""
        return round(self.took * 1000)

    @property
    def took_in_words(self) -> str:
        """How long the answer took, for people."""
        return languages.duration(self.took)

    @property
    def size_in_words(self) -> str:
        """The size of the answer, for people."""
        return languages.size(self.size)

    @property
    def form(self) -> str:
        """How the answer is written; JSON where nothing else is known."""
        return self.written.get("answer", JSON)

    @property
    def is_big(self) -> bool:
        """Whether the answer is too large to be shown whole."""
        return self.size > BIG


def tried(
    *,
    kind: Kind,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    query: Mapping[str, Any],
    zone: ZoneInfo,
    now: datetime,
    tokens: Tokens | None = None,
    gateway: Place | None = None,
    gate: Gate = OPEN,
    calls: CallLog | None = None,
    log: Callable[[CallNote], None] = ignore,
) -> Result:
    """Ask a source once, as `try_out` does. Must not run inside a transaction."""
    trial = try_out(
        kind=kind,
        settings=settings,
        secrets=secrets,
        query=query,
        window=trial_window(zone, now),
        zone=zone,
        now=now,
        tokens=tokens,
        gateway=gateway,
        gate=gate,
        calls=calls,
        log=log,
    )
    return result_of(trial, now)


def tried_feed(feed: Feed, now: datetime) -> Result:
    """Ask a feed's source once as it is asked, with the stored credentials; nothing of the answer is kept."""
    return tried_connection(feed.connection, feed.query, now)


def tried_connection(connection: Connection, query: Mapping[str, Any], now: datetime) -> Result:
    """Ask a stored connection once, through its gateway and with the stored credentials; nothing of the answer is kept.

    Its limits count this call, it stands in the log, and one that is left alone after failures is tried with it.
    """
    try:
        place = place_of(connection, now=now)
        gateway = place_of(connection.gateway, now=now) if connection.gateway else None
    except Refused as error:
        return Result(message=error.message_of_a_trial, remedy=Remedy.SIGN_IN)
    return tried(
        kind=place.kind,
        settings=place.settings,
        secrets=place.secrets,
        query=query,
        zone=connection.organisation.zone,
        now=now,
        tokens=place.tokens,
        gateway=gateway,
        gate=gate_of(connection, by_hand=True),
        calls=LogOf(connection.organisation),
        log=partial(write_down, connection=connection),
    )


def result_of(trial: Trial, now: datetime) -> Result:
    """Return what to show of a trial; a source that repeats a credential does not show it."""
    note = trial.notes[-1] if trial.notes else None
    came: dict[str, Any] = {"status": note.status, "took": note.took, "size": note.size} if note else {}
    if trial.error is not None:
        return _failure(trial.error, came, now)
    page = trial.page or Page()
    return Result(answer=_masked(page.answer, trial.mask), written=page.written, **came)


def _failure(error: FetchError, came: dict[str, Any], now: datetime) -> Result:
    remedy = REMEDIES.get(error.reason, Remedy.AGAIN)
    came = {**came, "status": error.status or came.get("status")}
    sample = "" if error.reason == Reason.NOT_FOUND else error.sample  # a page that says “not found” adds nothing
    wait = max(round((error.retry_at - now).total_seconds()), 0) if error.retry_at else 0
    return Result(message=error.message_of_a_trial, sample=sample, remedy=remedy, wait=wait, **came)


def _masked(answer: Any, mask: Callable[[str], str], depth: int = 0) -> Any:
    if depth > DEEPEST:
        return "…"
    if isinstance(answer, dict):
        return {mask(key): _masked(value, mask, depth + 1) for key, value in answer.items()}
    if isinstance(answer, list):
        return [_masked(value, mask, depth + 1) for value in answer]
    return mask(answer) if isinstance(answer, str) else answer
