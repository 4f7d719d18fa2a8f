"""One check as a page: when, what was asked, each call, and which readings it brought. Rows in, words out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors.models.feed import Asks, Outcome
from organisations.languages import clock, clock_inside, grouped
from targets.numbers import numbers_of
from targets.sources import took

if TYPE_CHECKING:
    from connectors.models import Collection
    from targets.models import Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What one metric has of a check, in words."""

    pk: int
    name: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPage:
    """What the page of one check says."""

    heading: str
    began: str
    lead: str
    rest: str
    asked_for: str
    took: str


def check_page(run: Collection, now: datetime, zone: ZoneInfo) -> CheckPage:
    """Return the words of one check's page, its clock times in the reader's zone."""
    lead, rest = check_sentence(run)
    return CheckPage(
        heading=_("Check of %(when)s") % {"when": clock_inside(run.started_at, now=now, zone=zone)},
        began=clock(run.started_at, now=now, zone=zone),
        lead=lead,
        rest=rest,
        asked_for=asked_for(run, now, zone),
        took=took(run),
    )


def check_sentence(run: Collection) -> tuple[str, str]:
    """Say how a check ended, and what it brought or why it failed."""
    if run.outcome == Outcome.RUNNING:
        return _("It is under way."), _("What it brings appears here in a moment.")
    if run.outcome == Outcome.LOST:
        return _("It was interrupted."), _("Nothing is lost: the next check asks for the same again.")
    if run.outcome == Outcome.FAILED:
        return _("It failed."), run.message
    if run.outcome == Outcome.HELD:
        return _("It was held back."), run.message
    return _("It was answered."), brought_words(run)


def brought_words(run: Collection) -> str:
    """Say how many readings a check brought, or records that have yet to be enriched."""
    if not run.observations and run.feed.keeps_records and run.rows:
        return ngettext("It brought %(count)s record.", "It brought %(count)s records.", run.rows) % {
            "count": grouped(run.rows)
        }
    if not run.observations:
        return _("There was nothing new.")
    return ngettext("It brought %(count)s reading.", "It brought %(count)s readings.", run.observations) % {
        "count": grouped(run.observations)
    }


def asked_for(run: Collection, now: datetime, zone: ZoneInfo) -> str:
    """Say which stretch of time was asked for."""
    if run.feed.asks == Asks.NOW or run.since is None or run.until is None:
        return str(Asks.NOW.label)
    return _("%(since)s to %(until)s") % {
        "since": clock(run.since, now=now, zone=zone),
        "until": clock(run.until, now=now, zone=zone),
    }


def brought_by(run: Collection, metrics: Iterable[Metric]) -> list[Brought]:
    """Return what each metric of the feed still has of a check; a later check may have brought it anew."""
    return [Brought(pk=metric.pk, name=metric.name, words=_still_has(metric, run)) for metric in metrics]


def _still_has(metric: Metric, run: Collection) -> str:
    readings = metric.observations.filter(collection=run)  # by metric, for that is what readings are indexed by
    latest, count = readings.first(), readings.count()
    if latest is None:
        return _("None of this check; a later one brought them anew.") if run.observations else _("None")
    return ngettext("%(value)s", "%(count)s readings, the latest %(value)s", count) % {
        "count": grouped(count),
        "value": numbers_of(metric).value(latest.value),
    }
