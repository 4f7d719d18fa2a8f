"""The whole contract of a kind.

A kind is one module in `connectors/kinds/`, named by its slug, that offers what `Kind` lists. Django forms are the
schema of its settings, secrets and query for pages, API and admin alike. A kind is given its guarded session and knows
nothing of the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from django.forms import Form
    from django_stubs_ext import StrOrPromise

    from connectors.outbound import GuardedSession

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The half-open stretch of time `[since, until)` that is asked for; aware datetimes.

    For a metric that reports the period's total so far, `since` is the start of the period.
    """

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Everything a kind needs to fetch once.

    `settings`, `secrets` and `query` are the cleaned values of the kind's forms; `cursor` is what the last page
    returned; `zone` is the organisation's time zone, in which the kind writes dates.
    """

    session: GuardedSession
    settings: Mapping[str, Any]
    secrets: Mapping[str, str]
    query: Mapping[str, Any]
    window: Window
    zone: ZoneInfo
    cursor: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one fetch brought: rows, where to continue next time, and the answer as it came, for previews.

    `written` says how the answer was read, as values of the query that read the next one in the same way.
    """

    rows: list[Any] = field(default_factory=list)
    cursor: Any = None
    answer: Any = None
    written: Mapping[str, str] = field(default_factory=dict)


class Kind(Protocol):
    """What a module in `connectors/kinds/` offers."""

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
