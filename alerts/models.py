"""Telling people: scheduled reports, and one row per attempt to tell somebody."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from organisations.models import Organisation, monday_to_friday, some_weekdays
from organisations.tenancy import TenantModel
from targets.models import StatusChange


def daily_report() -> str:
    """Return the name of a report that nobody named, in the language of the moment; from then on it stays."""
    return gettext("Daily report")


class Report(TenantModel):
    """A scheduled summary by e-mail of an organisation's targets: of all, or of one team's or one tag's.

    Team and tag are names, so that a report outlives the last target of a team and takes up its next.
    """

    tenant_path = "organisation"
    described_in = "reports"

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, verbose_name=_("organisation"), related_name="reports"
    )
    name = models.CharField(_("name"), max_length=100, default=daily_report)
    team = models.CharField(_("team"), max_length=60, blank=True, help_text=_("Empty: the targets of all teams."))
    tag = models.CharField(_("tag"), max_length=40, blank=True, help_text=_("Empty: with any tag."))
    at = models.TimeField(_("time of day"), default=dt.time(8), help_text=_("In the organisation's time zone."))
    weekdays = models.JSONField(_("weekdays"), default=monday_to_friday, validators=[some_weekdays])
    is_active = models.BooleanField(
        _("is sent"), default=True, help_text=_("Off: the schedule rests, and nobody gets anything.")
    )
    due_at = models.DateTimeField(_("due at"), null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("report"), _("reports")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="alerts_report_name_once")]
        indexes = [models.Index(fields=["due_at"], name="alerts_report_due")]  # dispatch

    def __str__(self) -> str:
        return self.name


class Recipient(TenantModel):
    """A member who gets a report; the token in the mail's stop link needs no sign-in."""

    tenant_path = "report__organisation"
    described_with_parent = True

    report = models.ForeignKey(Report, models.CASCADE, verbose_name=_("report"), related_name="recipients")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("person"), related_name="report_places"
    )
    token = models.UUIDField(_("token"), default=uuid.uuid4, unique=True, editable=False)
    stopped_at = models.DateTimeField(_("stopped at"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("recipient"), _("recipients")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["report", "user"], name="alerts_recipient_once")]

    def __str__(self) -> str:
        return f"{self.user} ← {self.report}"


class ReportRun(TenantModel):
    """One issue of a report: one slot of its schedule, whatever the number of schedulers."""

    tenant_path = "report__organisation"

    report = models.ForeignKey(Report, models.CASCADE, verbose_name=_("report"), related_name="runs")
    slot_at = models.DateTimeField(_("slot"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("issue of a report"), _("issues of reports")
        ordering = ["-slot_at"]
        constraints = [models.UniqueConstraint(fields=["report", "slot_at"], name="alerts_report_slot_once")]

    def __str__(self) -> str:
        return f"{self.report}, {self.slot_at:%Y-%m-%d %H:%M} UTC"


class DeliveryState(models.TextChoices):
    """How far one attempt to tell has come."""

    WAITING = "waiting", pgettext_lazy("a mail", "Waiting")
    SENT = "sent", pgettext_lazy("a mail", "Sent")
    FAILED = "failed", pgettext_lazy("a mail", "Given up")


class Unsent(models.TextChoices):
    """Why we gave a message up ourselves; whatever else stands in `error` is the mail server's own words."""

    LATE = "late", _("It could not be sent within three days.")
    UNWANTED = "unwanted", _("This address no longer gets it.")


class Delivery(TenantModel):
    """One message to one address: about a report's issue, a target's change or a feed's failure.

    Sent at least once, always under the same id.
    """

    tenant_path = "organisation"

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, verbose_name=_("organisation"), related_name="deliveries"
    )
    run = models.ForeignKey(
        ReportRun, models.CASCADE, verbose_name=_("issue of a report"), null=True, related_name="deliveries"
    )
    change = models.ForeignKey(
        StatusChange, models.CASCADE, verbose_name=_("status change"), null=True, related_name="deliveries"
    )
    subject_key = models.CharField(
        _("subject key"),
        max_length=120,
        help_text=_("What it is about; with the address, the key that keeps it single."),
    )
    address = models.EmailField(_("address"))
    message_id = models.UUIDField(_("message id"), default=uuid.uuid4, editable=False)
    state = models.CharField(_("state"), max_length=8, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.CharField(
        _("error"),
        max_length=300,
        blank=True,
        help_text=_("The mail server's words, or why it was given up: “late” or “unwanted”."),
    )
    due_at = models.DateTimeField(_("due at"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("delivery"), _("deliveries")
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["subject_key", "address"], name="alerts_delivery_once")]
        indexes = [models.Index(fields=["due_at"], name="alerts_delivery_due")]  # the sweep

    def __str__(self) -> str:
        return f"→ {self.address}"

    @property
    def trouble(self) -> str:
        """Why it was not sent, in the reader's language or in the mail server's."""
        return str(Unsent(self.error).label) if self.error in Unsent else self.error
