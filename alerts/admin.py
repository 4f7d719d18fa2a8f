"""Admin screens of reports and of what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils import timezone

from alerts import reporting
from alerts.models import Delivery, Recipient, Report, ReportRun
from organisations.admin_scope import TenantAdmin, TenantInline
from organisations.roles import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest


class RecipientInline(TenantInline):
    """Who gets a report."""

    model = Recipient
    edit_permission = Permission.MANAGE
    readonly_fields = ["stopped_at"]


@admin.register(Report)
class ReportAdmin(TenantAdmin):
    """Scheduled summaries with their recipients."""

    edit_permission = Permission.MANAGE
    list_display = ["name", "organisation", "at", "weekdays", "is_active", "due_at"]
    list_filter = ["is_active", "organisation"]
    search_fields = ["name", "organisation__name"]
    readonly_fields = ["due_at", "created_at"]
    inlines = [RecipientInline]

    def save_model(self, request: HttpRequest, obj: Report, form: Any, change: bool) -> None:
        """Store the report and say when it is due."""
        super().save_model(request, obj, form, change)
        reporting.reschedule(obj, timezone.now())


class Record(TenantAdmin):
    """What happened: to be read, never changed."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  the base's contract
        """Let nobody invent one."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  the base's contract
        """Let nobody rewrite one."""
        return False


@admin.register(Recipient)
class RecipientAdmin(TenantAdmin):
    """Who gets which report."""

    edit_permission = Permission.MANAGE
    list_display = ["user", "report", "stopped_at"]
    list_filter = ["report"]
    search_fields = ["user__email", "report__name"]
    readonly_fields = ["stopped_at"]


@admin.register(ReportRun)
class ReportRunAdmin(Record):
    """Issues of reports."""

    edit_permission = Permission.MANAGE
    list_display = ["report", "slot_at", "subject", "finished_at"]
    list_filter = ["report"]
    date_hierarchy = "slot_at"


@admin.register(Delivery)
class DeliveryAdmin(Record):
    """Messages, and how far each came."""

    edit_permission = Permission.MANAGE
    list_display = ["address", "subject_key", "state", "attempts", "error", "due_at", "sent_at"]
    list_filter = ["state", "organisation"]
    search_fields = ["address", "subject_key", "message_id"]
    date_hierarchy = "created_at"
