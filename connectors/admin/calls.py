"""Admin screens of the call log: each call, and what they add up to by the hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils.translation import gettext_lazy

from connectors.calls.figures import rate_words, reason_words, took_words
from connectors.calls.filters import FAILED
from connectors.calls.tallies import Tally
from connectors.models import CallHour, CallRecord
from organisations.admin_logs import Log

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


class FailedFilter(admin.SimpleListFilter):
    """Whether a call brought what was asked for."""

    title = gettext_lazy("failed")
    parameter_name = "failed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:  # noqa: ARG002  the library's contract
        """Offer both."""
        return [("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002  the library's contract
        """Return the calls that failed, or the others."""
        if self.value() is None:
            return queryset
        return queryset.filter(FAILED) if self.value() == "yes" else queryset.exclude(FAILED)


class ReasonFilter(admin.AllValuesFieldListFilter):
    """Why calls failed, in words."""

    def choices(self, changelist: Any) -> Any:
        """Offer the reasons that there are; most calls have none, and those the filter before this one finds."""
        for choice in super().choices(changelist):
            if choice["display"]:
                yield {**choice, "display": reason_words(str(choice["display"]))}


@admin.register(CallRecord)
class CallAdmin(Log):
    """Every request that went out, redacted."""

    list_display = ["at", "connection", "method", "url", "status", "took", "size", "attempt", "what_went_wrong"]
    list_filter = [FailedFilter, ("reason", ReasonFilter), "status", "method", "connection__organisation"]
    list_select_related = ["connection"]
    search_fields = ["url", "connection__name", "correlation_id"]
    readonly_fields = ["what_went_wrong"]
    date_hierarchy = "at"

    @admin.display(description=gettext_lazy("what went wrong"), empty_value="–")
    def what_went_wrong(self, row: CallRecord) -> str:
        """What went wrong, in words."""
        return row.error


@admin.register(CallHour)
class CallHourAdmin(Log):
    """What the calls of an hour add up to."""

    list_display = ["hour", "connection", "calls", "failed", "error_rate", "half_within", "most_within", "size"]
    list_filter = ["connection__organisation"]
    list_select_related = ["connection"]
    search_fields = ["connection__name"]
    date_hierarchy = "hour"
    fields = ["connection", "hour", "calls", "failed", "error_rate", "half_within", "most_within", "size", "reasons"]
    readonly_fields = ["error_rate", "half_within", "most_within"]

    @admin.display(description=gettext_lazy("error rate"))
    def error_rate(self, row: CallHour) -> str:
        """The share of the calls that failed."""
        return rate_words(row.failed / row.calls if row.calls else None)

    @admin.display(description=gettext_lazy("half within"))
    def half_within(self, row: CallHour) -> str:
        """How long half of the calls took at most."""
        return took_words(Tally(durations=row.durations).p50)

    @admin.display(description=gettext_lazy("95 of 100 within"))
    def most_within(self, row: CallHour) -> str:
        """How long 95 of 100 calls took at most."""
        return took_words(Tally(durations=row.durations).p95)
