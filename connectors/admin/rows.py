"""Admin screens of the rows that could not be read, and of changes in the shape of answers."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy

from connectors import shape_words
from connectors.models import SetAside, ShapeChange
from organisations.admin_logs import Log


@admin.register(SetAside)
class SetAsideAdmin(Log):
    """Rows that could not be read."""

    list_display = ["feed", "collection_id", "metric_name", "place", "why"]
    list_filter = ["feed__connection__organisation"]
    list_select_related = ["feed__connection"]
    search_fields = ["feed__name", "feed__connection__name", "metric_name", "row"]
    fields = ["feed", "collection", "metric_name", "place", "why", "row"]
    readonly_fields = ["why"]
    ordering = ["-pk"]

    @admin.display(description=gettext_lazy("why"))
    def why(self, row: SetAside) -> str:
        """Why it was set aside, in words."""
        return row.message


@admin.register(ShapeChange)
class ShapeChangeAdmin(Log):
    """What has gone from the answers of sources."""

    list_display = ["feed", "at", "what", "matters", "told_at"]
    list_filter = ["matters", ("told_at", admin.EmptyFieldListFilter), "feed__connection__organisation"]
    list_select_related = ["feed__connection"]
    search_fields = ["feed__name", "feed__connection__name"]
    fields = ["feed", "at", "what", "gone", "new", "matters", "told_at"]
    readonly_fields = ["what"]
    date_hierarchy = "at"

    @admin.display(description=gettext_lazy("what has changed"))
    def what(self, row: ShapeChange) -> str:
        """What has changed, in words."""
        return shape_words.sentence(row)
