"""How reports, their recipients and deliveries are spoken of in the API."""

from __future__ import annotations

from alerts.models import Delivery, Recipient, Report
from organisations.api import TenantSerializer


class ReportSerializer(TenantSerializer):
    """A scheduled summary; `due_at` is when it is sent next. Without `team` and `tag` it is of all targets."""

    class Meta:
        model = Report
        fields = ["id", "name", "team", "tag", "at", "weekdays", "is_active", "due_at", "created_at"]
        read_only_fields = ["due_at", "created_at"]


class RecipientSerializer(TenantSerializer):
    """A member who gets a report; `stopped_at` is set by the member alone."""

    class Meta:
        model = Recipient
        fields = ["id", "report", "user", "stopped_at"]
        read_only_fields = ["stopped_at"]


class DeliverySerializer(TenantSerializer):
    """One message to one address."""

    class Meta:
        model = Delivery
        fields = [
            "id",
            "subject_key",
            "run",
            "change",
            "address",
            "message_id",
            "state",
            "attempts",
            "error",
            "due_at",
            "sent_at",
            "created_at",
        ]
        read_only_fields = fields
