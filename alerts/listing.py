"""What the pages say of each report, and of each mail that went out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from alerts import words
from alerts.models import Delivery, DeliveryState, Report
from organisations import languages, managed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from organisations.access import Access
    from organisations.models import Managed, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One report: what it covers, when it comes, who gets it, and who stopped it for themselves."""

    report: Report
    covered: str
    schedule: str
    next: str
    last: str
    people: list[User]
    stopped: list[User]
    mark: Managed | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One mail: when it was written, what it is about, and how far it came."""

    delivery: Delivery
    when: str
    about: str
    went: str
    is_given_up: bool


def summaries(reports: Iterable[Report], access: Access, now: datetime) -> list[Summary]:
    """Return what the pages say of reports."""
    rows = list(reports)
    marks = managed.marks_at(access.organisation, rows)
    return [_summary(report, marks.get(report), access, now) for report in rows]


def _summary(report: Report, mark: Managed | None, access: Access, now: datetime) -> Summary:
    members = report.recipients.filter(user__is_active=True, user__memberships__organisation=report.organisation_id)
    places = list(members.select_related("user").order_by("user__name", "user__email"))
    last = report.runs.first()
    return Summary(
        report=report,
        covered=words.covered(report.team, report.tag),
        schedule=schedule(report, access),
        next=words.slot(report.due_at, now=now, zone=access.zone) if report.due_at else "",
        last=words.slot(last.slot_at, now=now, zone=access.zone) if last else "",
        people=[place.user for place in places if place.stopped_at is None],
        stopped=[place.user for place in places if place.stopped_at is not None],
        mark=mark,
    )


def schedule(report: Report, access: Access) -> str:
    """Say when a report comes; whoever lives by another clock reads whose clock it is."""
    said = words.schedule(report.at, report.weekdays)
    if access.zone == report.organisation.zone:
        return said
    return _("%(schedule)s (%(zone)s)") % {"schedule": said, "zone": report.organisation.time_zone}


def posted(delivery: Delivery, access: Access, now: datetime) -> Posted:
    """Return what the pages say of a mail."""
    return Posted(
        delivery=delivery,
        when=languages.clock(delivery.created_at, now=now, zone=access.zone),
        about=_about(delivery),
        went=_went(delivery, access),
        is_given_up=delivery.state == DeliveryState.FAILED,
    )


def _about(delivery: Delivery) -> str:
    if delivery.run:
        return delivery.run.report.name
    if delivery.change:
        return delivery.change.target.name
    if delivery.subject_key.startswith("test:"):
        return pgettext("a mail", "Test")
    return _("A connection that needs a new key")


def _went(delivery: Delivery, access: Access) -> str:
    if delivery.state == DeliveryState.SENT:
        return pgettext("a mail", "Sent")
    if delivery.state == DeliveryState.FAILED:
        return _("Given up. %(why)s") % {"why": delivery.trouble}
    if not delivery.error or delivery.due_at is None:
        return pgettext("a mail", "Waiting")
    tried = ngettext(
        "Tried once, next at %(time)s. %(why)s", "Tried %(number)s times, next at %(time)s. %(why)s", delivery.attempts
    )
    time = languages.time(delivery.due_at, zone=access.zone)
    return tried % {"number": languages.grouped(delivery.attempts), "time": time, "why": delivery.trouble}
