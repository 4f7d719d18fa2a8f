"""Telling people: scheduled reports, and one row per attempt to tell somebody."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import models

from organisations.models import Organisation, monday_to_friday, some_weekdays
from organisations.tenancy import TenantModel
from targets.models import StatusChange


class Report(TenantModel):
    """A scheduled summary of an organisation's targets by e-mail."""

    tenant_path = "organisation"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="reports")
    name = models.CharField(max_length=100, default="Daily report")
    at = models.TimeField("hour", default=dt.time(8), help_text="In the organisation's time zone.")
    weekdays = models.JSONField(default=monday_to_friday, validators=[some_weekdays])
    is_active = models.BooleanField("sent", default=True)
    due_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="alerts_report_name_once")]
        indexes = [models.Index(fields=["due_at"], name="alerts_report_due")]  # dispatch

    def __str__(self) -> str:
        return self.name


class Recipient(TenantModel):
    """A member who gets a report; the token in the mail's stop link needs no sign-in."""

    tenant_path = "report__organisation"

    report = models.ForeignKey(Report, models.CASCADE, related_name="recipients")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="report_places")
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["report", "user"], name="alerts_recipient_once")]

    def __str__(self) -> str:
        return f"{self.user} gets {self.report}"


class ReportRun(TenantModel):
    """One issue of a report: one slot of its schedule, whatever the number of schedulers."""

    tenant_path = "report__organisation"

    report = models.ForeignKey(Report, models.CASCADE, related_name="runs")
    slot_at = models.DateTimeField()
    subject = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-slot_at"]
        constraints = [models.UniqueConstraint(fields=["report", "slot_at"], name="alerts_report_slot_once")]

    def __str__(self) -> str:
        return f"{self.report} of {self.slot_at:%Y-%m-%d %H:%M} UTC"


class DeliveryState(models.TextChoices):
    """How far one attempt to tell has come."""

    WAITING = "waiting", "Waiting"
    SENT = "sent", "Sent"
    FAILED = "failed", "Given up"


class Delivery(TenantModel):
    """One message to one address: about a report's issue, a target's change or a feed's failure.

    Sent at least once, always under the same id.
    """

    tenant_path = "organisation"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="deliveries")
    run = models.ForeignKey(ReportRun, models.CASCADE, null=True, related_name="deliveries")
    change = models.ForeignKey(StatusChange, models.CASCADE, null=True, related_name="deliveries")
    subject_key = models.CharField(
        max_length=120, help_text="What it is about; with the address, the key that keeps it single."
    )
    address = models.EmailField()
    message_id = models.UUIDField(default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=8, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    due_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["subject_key", "address"], name="alerts_delivery_once")]
        indexes = [models.Index(fields=["due_at"], name="alerts_delivery_due")]  # the sweep

    def __str__(self) -> str:
        return f"to {self.address}"
