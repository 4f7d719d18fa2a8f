"""Scheduled reports: who gets which, when an issue is due, and what stands in it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from alerts import render
from alerts.models import Delivery, DeliveryState, Recipient, Report, ReportRun, daily_report
from connectors import asking
from connectors.models import Feed
from connectors.models.feed import Health, Timing
from connectors.slots import latest_slot, next_slot
from organisations.models import Organisation
from organisations.reader import speaking
from organisations.roles import Role
from targets.filters import Filters
from targets.models import StatusChange

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from alerts.render import Letter
    from organisations.models import User
    from targets.models import Target

AT_ONCE = 100  # reports, or new organisations, in one tick
LONGEST_LEAD = timedelta(days=1)  # how long before a report a feed may be asked


def ensure_default(organisation: Organisation, now: datetime) -> Report:
    """Return the organisation's first report; make one, to its owners, on its working days, where there is none."""
    report: Report | None = organisation.reports.order_by("pk").first()
    if report is not None:
        return report
    with speaking(organisation.language):
        name = daily_report()
    with transaction.atomic():
        report, is_new = organisation.reports.get_or_create(name=name, defaults={"weekdays": organisation.working_days})
        if is_new:
            owners = organisation.memberships.filter(role=Role.OWNER, user__is_active=True).select_related("user")
            arrange(report, [membership.user for membership in owners], now=now)
    return report


def without_report() -> list[Organisation]:
    """Return organisations that have no report yet."""
    return list(Organisation.objects.filter(reports=None)[:AT_ONCE])


def arrange(report: Report, people: Iterable[User], *, now: datetime) -> None:
    """Store a report with exactly these people as its recipients, and say when it is due next.

    Somebody who stopped it and is named again stays stopped: only they can start it again.
    """
    people = list(people)
    with transaction.atomic():
        report.due_at = due_after(report, now)
        report.save()
        report.recipients.exclude(user__in=people).delete()
        for user in people:
            report.recipients.get_or_create(user=user)


def reschedule(report: Report, now: datetime) -> None:
    """Say when a report is due next, after its schedule was changed."""
    report.due_at = due_after(report, now)
    report.save(update_fields=["due_at"])


def due_after(report: Report, now: datetime) -> datetime | None:
    """Return the next slot of a report's schedule; None while it is switched off."""
    if not report.is_active:
        return None
    return next_slot(report.at, report.weekdays, report.organisation.zone, now)


def due(now: datetime) -> list[Report]:
    """Return the reports that are due, the longest waiting first."""
    rows = Report.unscoped.select_related("organisation").filter(due_at__lte=now, is_active=True)
    return list(rows.order_by("due_at")[:AT_ONCE])


def ask_ahead(now: datetime) -> None:
    """Make the feeds due that are to be asked just before a report of their organisation."""
    soon = Report.unscoped.filter(is_active=True, due_at__gt=now, due_at__lte=now + LONGEST_LEAD)
    for report in soon.select_related("organisation").order_by("due_at"):
        if report.due_at is not None:
            _ask_ahead_of(report, report.due_at, now)


def _ask_ahead_of(report: Report, due_at: datetime, now: datetime) -> None:
    before = latest_slot(report.at, report.weekdays, report.organisation.zone, due_at - timedelta(minutes=1))
    for lead in _leads(report):
        if now >= due_at - lead:
            ahead = _asked_before(report, lead).filter(_not_asked_since(due_at - lead))
            asking.before_reports(ahead, now, due_at - before)


def _leads(report: Report) -> list[timedelta]:
    feeds = Feed.unscoped.within(report.organisation).filter(timing=Timing.BEFORE_REPORT)
    return [timedelta(minutes=minutes) for minutes in feeds.values_list("lead_minutes", flat=True).distinct()]


def _asked_before(report: Report, lead: timedelta) -> QuerySet[Feed]:
    feeds: QuerySet[Feed] = Feed.unscoped.within(report.organisation).filter(
        timing=Timing.BEFORE_REPORT, lead_minutes=lead // timedelta(minutes=1), due_at=None, paused_at=None
    )
    if feeds.filter(working_days_only=True).exists() and not _is_working_day(report):
        return feeds.filter(working_days_only=False)
    return feeds


def _is_working_day(report: Report) -> bool:
    day = report.due_at.astimezone(report.organisation.zone).weekday() if report.due_at else None
    return day in report.organisation.working_days


def _not_asked_since(moment: datetime) -> Q:
    """Leave out what was asked ahead of this report already, and what waits for somebody to mend it."""
    return Q(collected_at=None) | (Q(collected_at__lt=moment, set_aside_at=None) & ~Q(health=Health.UNAUTHORISED))


def open_run(report: Report, now: datetime) -> list[int]:
    """Make the issue for the latest missed slot, with a delivery for each recipient; returns the deliveries' ids.

    Whoever moves the due moment on makes the issue; everybody else gets nothing. Slots missed in a row become one
    issue. An organisation without targets gets an issue without deliveries.
    """
    slot = latest_slot(report.at, report.weekdays, report.organisation.zone, now)
    with transaction.atomic():
        seen = Report.unscoped.filter(pk=report.pk, due_at=report.due_at, is_active=True)
        if not seen.won(due_at=due_after(report, now)):
            return []
        run, is_new = report.runs.get_or_create(slot_at=slot)
        if not is_new:
            return []
        wanted = recipients(report) if shown_targets(report).exists() else Recipient.unscoped.none()
        deliveries = [_delivery(run, recipient, now) for recipient in wanted.select_related("user")]
        if not deliveries:
            report.runs.filter(pk=run.pk).update(finished_at=now)
    return [delivery.pk for delivery in deliveries]


def recipients(report: Report) -> QuerySet[Recipient]:
    """Return who gets the report now: chosen, not stopped, and a member still."""
    return report.recipients.filter(
        stopped_at=None, user__is_active=True, user__memberships__organisation=report.organisation_id
    )


def shown_targets(report: Report) -> QuerySet[Target]:
    """Return what stands in a report, most urgent first: everything of its team and tag that is not paused."""
    chosen = Filters(team=report.team, tag=report.tag).apply(report.organisation.targets.filter(paused_at=None))
    return chosen.select_related("metric__feed", "organisation").order_by("urgency", "gap_share", "name", "pk")


def order_test(report: Report, user: User, now: datetime) -> Delivery:
    """Have the report as it would be now sent to one person alone."""
    key = f"test:{report.pk}:{now.isoformat()}"
    return report.organisation.deliveries.create(subject_key=key, address=user.email, due_at=now)


def letter_of_run(delivery: Delivery, now: datetime) -> Letter | None:
    """Return the issue as this address gets it; None when its owner left, stopped it, or nothing is left to tell."""
    run = delivery.run
    if run is None:
        return None
    recipient = _place(run.report, delivery.address)
    targets = list(shown_targets(run.report))
    if recipient is None or not targets:
        return None
    previous = run.report.runs.filter(slot_at__lt=run.slot_at).first()
    changes = changes_since(run.report, previous.slot_at, now) if previous else None
    return render.report(run.report, targets, changes=changes, recipient=recipient, now=now)


def letter_now(report: Report, now: datetime, *, address: str = "", as_page: bool = False) -> Letter | None:
    """Return a report, stored or not, as it would be now, for the test and (`as_page`) the preview.

    None where there is no target in it.
    """
    targets = list(shown_targets(report))
    if not targets:
        return None
    previous, recipient = (report.runs.first(), _place(report, address)) if report.pk else (None, None)
    changes = changes_since(report, previous.slot_at, now) if previous else None
    return render.report(report, targets, changes=changes, recipient=recipient, now=now, as_page=as_page)


def letter_of_test(delivery: Delivery, now: datetime) -> Letter | None:
    """Return the report that a test was ordered of; None when the report, or the member, is gone."""
    report = delivery.organisation.reports.filter(pk=delivery.subject_key.split(":")[1]).first()
    member = delivery.organisation.memberships.filter(user__email=delivery.address, user__is_active=True)
    return letter_now(report, now, address=delivery.address) if report and member.exists() else None


def changes_since(report: Report, since: datetime, now: datetime) -> list[StatusChange]:
    """Return what of a report changed its status in `(since, now]`, oldest first."""
    rows = StatusChange.unscoped.within(report.organisation).filter(at__gt=since, at__lte=now)
    shown = shown_targets(report).order_by().values("pk")
    return list(rows.filter(target__in=shown).select_related("target").order_by("at", "pk"))


def finish_run(run_id: int, now: datetime) -> None:
    """Mark an issue whose last delivery is done."""
    run = ReportRun.unscoped.filter(pk=run_id, finished_at=None)
    run.exclude(deliveries__state=DeliveryState.WAITING).update(finished_at=now)


def place_of(token: UUID) -> Recipient | None:
    """Return the place that a stop link is about."""
    rows = Recipient.unscoped.select_related("report__organisation", "user")
    recipient: Recipient | None = rows.filter(token=token).first()
    return recipient


def stop(recipient: Recipient, now: datetime) -> None:
    """Send this report to this person no more; a second time changes nothing."""
    Recipient.unscoped.filter(pk=recipient.pk, stopped_at=None).update(stopped_at=now)


def start_again(recipient: Recipient) -> None:
    """Send this report to this person again."""
    Recipient.unscoped.filter(pk=recipient.pk).update(stopped_at=None)


def _place(report: Report, address: str) -> Recipient | None:
    return recipients(report).select_related("user").filter(user__email=address).first()


def _delivery(run: ReportRun, recipient: Recipient, now: datetime) -> Delivery:
    delivery, _ = run.report.organisation.deliveries.get_or_create(
        subject_key=f"report:{run.pk}", address=recipient.user.email, defaults={"run": run, "due_at": now}
    )
    return delivery
