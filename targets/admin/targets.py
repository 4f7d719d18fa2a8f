"""The admin's screen of targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organisations.admin_scope import rows_with, unlocked
from organisations.roles import Permission
from targets import judging
from targets.admin.rules import AsOnThePage, ByTheForm, ask_feeds
from targets.forms.full import FullTargetForm
from targets.models import Target
from targets.saving import save_target

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from django.http import HttpRequest

WHEN_JUDGED = ["period_starts_on", "period_ends_on", "evaluated_at"]


class TargetRules(AsOnThePage):
    """The page's rules for a target."""

    page_form = FullTargetForm


@admin.register(Target)
class TargetAdmin(ByTheForm):
    """What organisations want to reach, each with its latest verdict."""

    form = TargetRules
    list_display = [
        "name",
        "organisation",
        "metric",
        "team",
        "owner",
        "status",
        "value",
        "goal",
        "chance",
        "period",
        "period_ends_on",
        "evaluated_at",
    ]
    list_filter = ["status", "period", "comparison", ("paused_at", admin.EmptyFieldListFilter), "organisation"]
    list_select_related = ["organisation", "metric", "owner"]
    search_fields = ["name", "team", "metric__name", "owner__email", "organisation__name"]
    autocomplete_fields = ["metric", "owner"]
    date_hierarchy = "period_ends_on"
    actions = ["collect_now", "judge_now", "pause", "resume"]
    fieldsets = [
        (None, {"fields": ["organisation", "name", "team", "owner"]}),
        (
            _("What it asks for"),
            {"fields": ["metric", "aggregation", "comparison", "goal", "goal_upper", "start_value"]},
        ),
        (_("When"), {"fields": ["period", "starts_on", "ends_on", "time_zone", "profile"]}),
        (
            _("Verdict"),
            {"fields": ["status", "status_since", "value", "chance", *WHEN_JUDGED]},
        ),
        (_("State"), {"fields": ["tracking_since", "paused_at", "judge_at", "version", "created_at"]}),
    ]
    readonly_fields = [
        "status",
        "status_since",
        "value",
        "chance",
        *WHEN_JUDGED,
        "tracking_since",
        "paused_at",
        "judge_at",
        "version",
        "created_at",
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave the drawing in the database."""
        return super().get_queryset(request).defer("track")

    def save_model(self, request: HttpRequest, obj: Target, form: Any, change: bool) -> None:  # noqa: ARG002  the base's contract
        """Save and judge, as the page does."""
        save_target(form.judged, timezone.now())

    @admin.action(description=_("Collect now"), permissions=["change"])
    def collect_now(self, request: HttpRequest, queryset: QuerySet[Target]) -> None:
        """Make the targets' feeds due at once."""
        ask_feeds(self, request, queryset.values("metric__feed"))

    @admin.action(description=_("Judge now"), permissions=["change"])
    def judge_now(self, request: HttpRequest, queryset: QuerySet[Target]) -> None:
        """Judge by the readings that are there."""
        now = timezone.now()
        self._each(
            request,
            queryset.filter(paused_at=None),
            lambda row: judging.judge_target(row.pk, now),
            gettext("Targets judged: %(number)s."),
        )

    @admin.action(description=_("Pause"), permissions=["change"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Target]) -> None:
        """Stop judging."""
        now = timezone.now()
        self._each(
            request,
            unlocked(queryset).filter(paused_at=None),
            lambda row: judging.pause(row, now),
            gettext("Targets paused: %(number)s."),
        )

    @admin.action(description=_("Resume"), permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Target]) -> None:
        """Judge again, at once."""
        now = timezone.now()
        self._each(
            request,
            unlocked(queryset).exclude(paused_at=None),
            lambda row: judging.resume(row, now),
            gettext("Targets resumed: %(number)s."),
        )

    def _each(self, request: HttpRequest, queryset: QuerySet[Target], act: Callable[[Target], Any], done: str) -> None:
        """Do something to each row that one may change; the list also shows what one may only see."""
        rows = list(rows_with(queryset, request.user, Permission.EDIT))
        with transaction.atomic():
            for row in rows:
                act(row)
        self.message_user(request, done % {"number": len(rows)}, messages.SUCCESS)
