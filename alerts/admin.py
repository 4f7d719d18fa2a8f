"""Admin screens of reports and of what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alerts import reporting
from alerts.models import Delivery, Recipient, Report, ReportRun
from organisations import languages
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
    list_display = ["name", "organisation", "team", "tag", "at", "days", "is_active", "due_at"]
    list_filter = ["is_active", "organisation"]
    search_fields = ["name", "organisation__name"]
    readonly_fields = ["due_at", "created_at"]
    inlines = [RecipientInline]

    @admin.display(description=_("weekdays"))
    def days(self, report: Report) -> str:
        """Name the weekdays."""
        return languages.listed([languages.weekday_name(day) for day in sorted(report.weekdays)])

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
    list_display = ["report", "slot_at", "created_at", "finished_at"]
    list_filter = ["report"]
    date_hierarchy = "slot_at"


@admin.register(Delivery)
class DeliveryAdmin(Record):
    """Messages, and how far each came."""

    edit_permission = Permission.MANAGE
    list_display = ["address", "subject_key", "state", "attempts", "why", "due_at", "sent_at"]
    list_filter = ["state", "organisation"]
    search_fields = ["address", "subject_key", "message_id"]
    date_hierarchy = "created_at"

    @admin.display(description=_("error"))
    def why(self, delivery: Delivery) -> str:
        """Say why it was not sent."""
        return delivery.trouble
