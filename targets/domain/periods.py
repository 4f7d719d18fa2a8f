"""Periods: which stretch of time a target is about, in its own time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from targets.domain.terms import PeriodKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """How an organisation counts time. Monday is 0; `fiscal_year_starts_in` is a month from 1 to 12."""

    zone: ZoneInfo
    week_starts_on: int = 0
    fiscal_year_starts_in: int = 1
    working_days: frozenset[int] = frozenset({0, 1, 2, 3, 4})


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodRule:
    """Which periods follow each other; `starts_on` and `ends_on` (exclusive) only for a fixed range."""

    kind: PeriodKind
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One concrete half-open stretch of whole local days `[starts_on, ends_on)`."""

    kind: PeriodKind
    starts_on: date
    ends_on: date
    zone: ZoneInfo
