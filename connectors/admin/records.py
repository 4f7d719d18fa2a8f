"""Admin screens of the rows that feeds keep, and of what they are enriched with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from connectors.admin.sources import checked
from connectors.enrich_forms import EnrichmentRules
from connectors.enriching import acts
from connectors.enriching.acts import Redo
from connectors.models import Enrichment, Record
from connectors.protocol import enriches
from organisations.admin_logs import Log
from organisations.admin_scope import TenantAdmin, rows_with, unlocked
from organisations.roles import Permission

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest


class EnrichmentForm(EnrichmentRules):
    """An enrichment, whose query is what its connection's kind takes."""

    def clean(self) -> dict[str, Any]:
        """Check the query as the kind does."""
        cleaned = super().clean()
        connection = cleaned.get("connection") or getattr(self.instance, "connection", None)
        if connection is None or not enriches(connection.kind_module):
            return cleaned
        try:
            cleaned["query"] = checked(connection.kind_module.Enrichment, cleaned.get("query"))
            self.refuse_batch(cleaned["query"])
        except forms.ValidationError as error:
            self.add_error("query", error)
        return cleaned


@admin.register(Enrichment)
class EnrichmentAdmin(TenantAdmin):
    """What the records of feeds are passed through."""

    form = EnrichmentForm
    actions = ["pause", "resume", "try_failed"]
    list_display = ["feed", "connection", "batch", "spent_calls", "due_at", "failures", "paused_at", "what_holds_it_up"]
    list_filter = ["reason", ("paused_at", admin.EmptyFieldListFilter), "feed__connection__organisation"]
    list_select_related = ["feed__connection", "connection"]
    search_fields = ["feed__name", "feed__connection__name", "connection__name"]
    fieldsets = [
        (None, {"fields": ["feed", "connection", "query", "batch"]}),
        (gettext_lazy("Budget"), {"fields": ["daily_calls", "daily_cost", "spent_on", "spent_calls", "spent_cost"]}),
        (
            gettext_lazy("State"),
            {
                "fields": [
                    "recipe",
                    "redo_total",
                    "what_holds_it_up",
                    "failures",
                    "failing_since",
                    "due_at",
                    "paused_at",
                ]
            },
        ),
    ]
    readonly_fields = [
        "spent_on", "spent_calls", "spent_cost", "recipe", "redo_total", "what_holds_it_up", "failures",
        "failing_since", "due_at", "paused_at",
    ]  # fmt: skip

    @admin.display(description=gettext_lazy("what holds it up"), empty_value="–")
    def what_holds_it_up(self, row: Enrichment) -> str:
        """What holds it up."""
        return row.message

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ARG002  the base's contract
        """Keep an enrichment with its feed."""
        return [*self.readonly_fields, *(["feed"] if obj else [])]

    def save_model(self, request: HttpRequest, obj: Enrichment, form: Any, change: bool) -> None:  # noqa: ARG002  the base's contract
        """Save, and let it begin at once; old answers stay as they are."""
        acts.save(obj, form.cleaned_data["query"], redo=Redo.GO_ON, now=timezone.now())

    def delete_model(self, request: HttpRequest, obj: Enrichment) -> None:  # noqa: ARG002  the base's contract
        """Enrich no more; answers that came stay."""
        acts.remove(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Enrichment]) -> None:  # noqa: ARG002  the base's contract
        """Enrich no more; answers that came stay."""
        for row in queryset.select_related("feed__connection"):
            acts.remove(row)

    @admin.action(description=gettext_lazy("Pause"), permissions=["change"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Enrichment]) -> None:
        """Ask nothing more until resumed."""
        self._each(request, queryset.filter(paused_at=None), acts.pause)

    @admin.action(description=gettext_lazy("Resume"), permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Enrichment]) -> None:
        """Go on at once."""
        self._each(request, queryset.exclude(paused_at=None), acts.resume)

    @admin.action(description=gettext_lazy("Try what failed again"), permissions=["change"])
    def try_failed(self, request: HttpRequest, queryset: QuerySet[Enrichment]) -> None:
        """Ask about all records again that failed."""
        self._each(request, queryset, _try_failed)

    def _each(
        self, request: HttpRequest, queryset: QuerySet[Enrichment], act: Callable[[Enrichment, datetime], object]
    ) -> None:
        rows = list(unlocked(rows_with(queryset, request.user, Permission.EDIT)).select_related("feed__connection"))
        for row in rows:
            act(row, timezone.now())
        said = ngettext("%(count)s enrichment is changed.", "%(count)s enrichments are changed.", len(rows))
        self.message_user(request, said % {"count": len(rows)}, messages.SUCCESS)


def _try_failed(row: Enrichment, now: datetime) -> object:
    return acts.ask_again(row, row.feed.records.filter(state=Record.State.FAILED), now)


@admin.register(Record)
class RecordAdmin(Log):
    """The rows that feeds keep."""

    list_display = ["key", "feed", "at", "state", "attempts", "tokens", "cost", "what_went_wrong"]
    list_filter = ["state", "feed__connection__organisation"]
    list_select_related = ["feed__connection"]
    search_fields = ["key", "feed__name", "feed__connection__name"]
    readonly_fields = ["what_went_wrong"]
    date_hierarchy = "at"

    @admin.display(description=gettext_lazy("what went wrong"), empty_value="–")
    def what_went_wrong(self, row: Record) -> str:
        """What went wrong, in words."""
        return row.message
