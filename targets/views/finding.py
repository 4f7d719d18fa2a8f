"""The target, and the closed period of it, that an address names."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.http import Http404

from targets.models import PeriodResult, Target

if TYPE_CHECKING:
    from organisations.access import Access


def target_named(access: Access, pk: int) -> Target:
    """Return the target with everything its pages show; 404 whether it is missing or another organisation's."""
    related = ("organisation", "metric__organisation", "metric__feed__connection", "owner")
    row = access.rows(Target).select_related(*related).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def result_named(target: Target, starts_on: str) -> PeriodResult:
    """Return the target's closed period that began on a day, written 2026-10-01; 404 where there is none."""
    result = target.results.filter(starts_on=day_named(starts_on)).first()
    if result is None:
        raise Http404
    return result


def day_named(text: str) -> date:
    """Return the day that an address names; 404 where it names none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404 from None
