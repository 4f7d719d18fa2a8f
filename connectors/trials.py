"""What came of trying a source, ready for the page: the line under *Answer*, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from connectors.errors import FetchError, Reason
from connectors.fetching import KEY_LOST, Trial, try_out
from connectors.outbound import Redaction
from connectors.protocol import Kind, Page, Window
from connectors.secrets import KeyLost
from connectors.tables import JSON
from connectors.trails import DEEPEST
from organisations import languages

if TYPE_CHECKING:
    from connectors.models import Feed

DAYS_TRIED = 7  # enough rows to see what a list is
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


def trial_window(zone: ZoneInfo, now: datetime) -> Window:
    """Return the days a source is asked for when it is only tried: the last seven, today included."""
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return Window(since=today - timedelta(days=DAYS_TRIED - 1), until=now)


def tried(
    *,
    kind: Kind,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    query: Mapping[str, Any],
    zone: ZoneInfo,
    now: datetime,
) -> Result:
    """Ask a source once, without a row in the database. Must not run inside a transaction."""
    window = trial_window(zone, now)
    trial = try_out(kind=kind, settings=settings, secrets=secrets, query=query, window=window, zone=zone, now=now)
    return result_of(trial, secrets, now)


def tried_feed(feed: Feed, now: datetime) -> Result:
    """Ask a feed's source once as it is asked, with the stored credentials; nothing of it is kept."""
    connection = feed.connection
    try:
        credentials = connection.unseal()
    except KeyLost:
        return Result(message=str(KEY_LOST), remedy=Remedy.SIGN_IN)
    return tried(
        kind=connection.kind_module,
        settings=connection.settings,
        secrets=credentials,
        query=feed.query,
        zone=connection.organisation.zone,
        now=now,
    )


def result_of(trial: Trial, secrets: Mapping[str, str], now: datetime) -> Result:
    """Return what to show of a trial; a source that repeats a credential does not show it."""
    note = trial.notes[-1] if trial.notes else None
    came: dict[str, Any] = {"status": note.status, "took": note.took, "size": note.size} if note else {}
    if trial.error is not None:
        return _failure(trial.error, came, now)
    page = trial.page or Page()
    return Result(answer=_masked(page.answer, Redaction(list(secrets.values()))), written=page.written, **came)


def _failure(error: FetchError, came: dict[str, Any], now: datetime) -> Result:
    remedy = REMEDIES.get(error.reason, Remedy.AGAIN)
    came = {**came, "status": error.status or came.get("status")}
    sample = "" if error.reason == Reason.NOT_FOUND else error.sample  # a page that says “not found” adds nothing
    wait = max(round((error.retry_at - now).total_seconds()), 0) if error.retry_at else 0
    return Result(message=error.message, sample=sample, remedy=remedy, wait=wait, **came)


def _masked(answer: Any, redaction: Redaction, depth: int = 0) -> Any:
    if depth > DEEPEST:
        return "…"
    if isinstance(answer, dict):
        return {redaction.text(key): _masked(value, redaction, depth + 1) for key, value in answer.items()}
    if isinstance(answer, list):
        return [_masked(value, redaction, depth + 1) for value in answer]
    return redaction.text(answer) if isinstance(answer, str) else answer
