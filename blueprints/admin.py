"""Admin screen of the files that manage rows."""

from __future__ import annotations

from django.contrib import admin

from blueprints.models import Blueprint
from organisations.admin_logs import Log


@admin.register(Blueprint)
class BlueprintAdmin(Log):
    """Files as they were applied last: read here, applied on the pages, by the command or through the API."""

    list_display = ["name", "organisation", "is_locked", "applied_at", "applied_by"]
    list_filter = ["is_locked", "organisation"]
    search_fields = ["name", "organisation__name"]
    date_hierarchy = "applied_at"
