"""The whole contract of a kind.

A kind is one module in `connectors/kinds/`, named by its slug, that offers what `Kind` lists. Django forms are the
schema of its settings, secrets and query for pages, API and admin alike. A kind is given its guarded session and knows
nothing of the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from django.forms import Form
    from django_stubs_ext import StrOrPromise

    from connectors.calling import Request
    from connectors.errors import FetchError
    from connectors.outbound import GuardedSession
    from connectors.problems import Problem

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The half-open stretch of time `[since, until)` that is asked for; aware datetimes.

    For a metric that reports the period's total so far, `since` is the start of the period.
    """

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a sign-in gave: `values` are sealed where they are kept; at `expires_at` (aware) it is worth nothing."""

    values: Mapping[str, str] = field(repr=False)
    expires_at: datetime


class Tokens(Protocol):
    """Keeps the token of a sign-in for all workers until shortly before it runs out."""

    def get(self, made_from: str, obtain: Callable[[Mapping[str, str] | None], Token]) -> Mapping[str, str]:
        """Return the values of the kept token, or of a new one.

        `made_from` says of which sign-in it is (a fingerprint, no secret). `obtain` is given the values of the token
        that ran out, which may hold a refresh token; one worker at a time calls it. Raises FetchError.
        """
        ...

    def drop(self, made_from: str) -> None:
        """Forget the token: the service does not take it any more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """The connection that all calls go through: cleaned settings and secrets of its kind, and its own token."""

    settings: Mapping[str, Any]
    secrets: Mapping[str, str] = field(repr=False)
    tokens: Tokens


class CallLog(Protocol):
    """Reads what the log of a connection adds up to."""

    def rows(self, of: str, window: Window, *, by: str) -> Sequence[Row]:
        """Return a row an `hour` or a `day` (the organisation's) for the connection of a name, oldest first.

        Each has `at`, `calls`, `failed`, `took` (mean seconds), `p50`, `p95`, `p99`, `error_rate` (a share) and `size`
        (bytes); stretches without a call are left out. Raises Misconfigured where the organisation has no such
        connection.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Everything a kind needs to fetch once.

    `settings`, `secrets` and `query` are the cleaned values of the kind's forms; `cursor` is what the last page
    returned; `zone` is the organisation's time zone, in which the kind writes dates. `validators` are what the last
    answer said to ask conditionally by; `gateway` is set where the connection stands behind one. `may_be_empty` says
    that rows are expected, each with its time, so that no content is an answer; `may_guess` that somebody sees what
    comes, so that what is not certain may be found out.
    """

    session: GuardedSession
    settings: Mapping[str, Any]
    secrets: Mapping[str, str]
    query: Mapping[str, Any]
    window: Window
    zone: ZoneInfo
    tokens: Tokens
    calls: CallLog
    cursor: Any = None
    validators: Mapping[str, str] = field(default_factory=dict)
    gateway: Gateway | None = None
    may_be_empty: bool = False
    may_guess: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one fetch brought: rows, where to continue next time, and the answer as it came, for previews.

    `written` says how the answer was read, as values of the query that read the next one in the same way.
    `validators` are kept to ask conditionally next time; `unchanged` says that nothing is new since then, so that
    there are no rows and the last answer still stands. `once` says that no row comes again while the cursor is kept.
    `cut` says that something is left to the next call, which goes on from `cursor`: by a limit, or by `cut_by`, which
    is what went wrong after these rows had come.
    """

    rows: list[Any] = field(default_factory=list)
    cursor: Any = None
    answer: Any = None
    written: Mapping[str, str] = field(default_factory=dict)
    validators: Mapping[str, str] = field(default_factory=dict)
    unchanged: bool = False
    once: bool = False
    cut: Problem | None = None
    cut_by: FetchError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One record that is to be enriched: its key, and its row as it came. What it says is data, never an order."""

    key: str
    row: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Enriched:
    """What a service made of one record: `fields` to keep beside it, or a `problem`; what it cost.

    `tokens` counts what went in and came out; `cost` is in the currency of the connection's own prices.
    """

    key: str
    fields: Mapping[str, Any] | None = None
    problem: Problem | None = None
    tokens: int = 0
    cost: float = 0.0


class Kind(Protocol):
    """What a module in `connectors/kinds/` offers.

    One that can also enrich records offers what `Enriching` lists.
    """

    LABEL: StrOrPromise  # "HTTP API"
    SUMMARY: StrOrPromise  # one sentence for the page that offers it
    COLLECTS: bool  # False where values arrive by themselves and nothing is fetched

    Settings: type[Form]  # shown, stored as JSON with the connection
    Secrets: type[Form]  # sealed, never shown again
    Query: type[Form]  # per feed

    @staticmethod
    def fetch(call: Call) -> Page:
        """Fetch once. Raises `connectors.errors.FetchError`."""
        ...

    @staticmethod
    def address(settings: Mapping[str, Any]) -> str:
        """Return what to show as the connection's address; empty where it has none."""
        ...


class Enriching(Kind, Protocol):
    """A kind that can also enrich records.

    `query` is the cleaned form as it was stored, of which fields that came later may be missing; in `call.query` none
    is.
    """

    Enrichment: type[Form]
    PROPOSED: Mapping[str, str]  # what stands in that form where nothing was entered yet, to be changed

    @staticmethod
    def about(query: Mapping[str, Any], row: Row) -> Any:
        """Return what is told of a row, as JSON: where this stays the same, the answer still stands.

        Raises `connectors.problems.Unreadable`.
        """
        ...

    @staticmethod
    def takes_several(query: Mapping[str, Any]) -> bool:
        """Say whether one call may be about several records."""
        ...

    @staticmethod
    def currency(settings: Mapping[str, Any], query: Mapping[str, Any]) -> str:
        """Return the sign of the money that an answer costs; empty where it is free."""
        ...

    @staticmethod
    def letter(call: Call, items: Sequence[Item]) -> str:
        """Return what would be sent, for people, without credentials. Raises FetchError."""
        ...

    @staticmethod
    def enrich(call: Call, items: Sequence[Item], *, key: str) -> list[Enriched]:
        """Ask about records in one call; one `Enriched` for each, in their order. Raises FetchError where none came.

        `key` is an idempotency key, which stays the same when the call is repeated.
        """
        ...


def is_called(kind: Kind) -> bool:
    """Say whether there is anybody to call; where values arrive by themselves there is not."""
    return kind.COLLECTS or enriches(kind)


def enriches(kind: Kind) -> TypeGuard[Enriching]:
    """Say whether a kind can enrich records."""
    return hasattr(kind, "enrich")


class Asking(Kind, Protocol):
    """A kind whose question is one request, which people may look at and repeat by hand."""

    @staticmethod
    def request(call: Call, known: Callable[[str], str]) -> Request:
        """Return the request with which a query begins, but for the sign-in; `known` stands in for values by name.

        Raises FetchError.
        """
        ...


def is_asking(kind: Kind) -> TypeGuard[Asking]:
    """Say whether the question of a kind is one request."""
    return hasattr(kind, "request")
