"""The admin screen of past ranges that are fetched again."""

from __future__ import annotations

from django.contrib import admin

from connectors.models import BackFill
from organisations.admin_logs import Log


@admin.register(BackFill)
class BackFillAdmin(Log):
    """Past ranges, and how far they have been fetched."""

    list_display = ["feed", "since", "until", "done_until", "state", "readings", "created_at", "finished_at"]
    list_filter = ["state", "feed__connection__organisation"]
    list_select_related = ["feed__connection"]
    search_fields = ["feed__name", "feed__connection__name"]
    exclude = ["lease_token", "lease_until", "rung_at"]
