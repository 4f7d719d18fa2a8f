"""The admin's screens of what was read and found; nobody changes these by hand."""

from __future__ import annotations

from django.contrib import admin

from organisations.admin_logs import Log
from targets.models import DailyRollup, EvaluationSnapshot, Observation, PeriodResult, StatusChange


@admin.register(Observation)
class ObservationAdmin(Log):
    """Every reading. They are changed by typing in, pushing and collecting, which keep the days in step."""

    list_display = ["metric", "at", "whole_day", "segment", "value", "weight", "recorded_at", "collection_id"]
    list_filter = ["whole_day", "metric__organisation"]
    list_select_related = ["metric"]
    search_fields = ["metric__name", "segment"]
    ordering = ["-pk"]  # the only order over all metrics that an index serves


@admin.register(DailyRollup)
class RollupAdmin(Log):
    """The days that the readings add up to."""

    list_display = ["metric", "on", "segment", "total", "count", "weighted", "weight", "minimum", "maximum", "last"]
    list_filter = ["metric__organisation"]
    list_select_related = ["metric"]
    search_fields = ["metric__name", "segment"]
    ordering = ["-pk"]


@admin.register(PeriodResult)
class PeriodAdmin(Log):
    """The frozen verdicts on closed periods."""

    list_display = ["target", "starts_on", "ends_on", "status", "value", "goal", "closed_at", "restated_at"]
    list_filter = ["status", ("restated_at", admin.EmptyFieldListFilter), "target__organisation"]
    list_select_related = ["target"]
    search_fields = ["target__name"]
    date_hierarchy = "starts_on"


@admin.register(EvaluationSnapshot)
class SnapshotAdmin(Log):
    """The verdicts as they stood on each day."""

    list_display = ["target", "on", "status", "at"]
    list_filter = ["status", "target__organisation"]
    list_select_related = ["target"]
    search_fields = ["target__name"]
    date_hierarchy = "on"


@admin.register(StatusChange)
class ChangeAdmin(Log):
    """Every change of status, and when it was told."""

    list_display = ["target", "at", "old_status", "new_status", "period_starts_on", "announced_at"]
    list_filter = ["new_status", "old_status", ("announced_at", admin.EmptyFieldListFilter), "target__organisation"]
    list_select_related = ["target"]
    search_fields = ["target__name"]
    date_hierarchy = "at"
