"""The admin's screen of metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from targets.admin.rules import AsOnThePage, ByTheForm, ask_feeds
from targets.forms.finding import number_formats
from targets.forms.full import FullMetricForm
from targets.models import Metric
from targets.rules import HOW_FOUND
from targets.saving import save_metric

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


class MetricRules(AsOnThePage):
    """The page's rules for a metric."""

    page_form = FullMetricForm
    number_format = number_formats()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"feed", "read_as"} & set(self.fields):
            self.fields[name].required = False
        if "feed" in self.fields:
            self.fields["feed"].help_text = _("Empty: typed in or pushed.")


@admin.register(Metric)
class MetricAdmin(ByTheForm):
    """Named numbers over time."""

    form = MetricRules
    readonly_when_there = ["organisation", "feed"]
    list_display = ["name", "organisation", "feed", "value_kind", "unit", "last_at", "last_value"]
    list_filter = ["value_kind", "read_as", "higher_is_better", "counts_distinct", "organisation"]
    list_select_related = ["organisation", "feed__connection"]
    search_fields = ["name", "unit", "feed__name", "feed__connection__name", "organisation__name"]
    autocomplete_fields = ["feed"]
    date_hierarchy = "last_at"
    actions = ["collect_now"]
    fieldsets = [
        (None, {"fields": ["organisation", "name", "unit", "decimals"]}),
        (_("Where it stands"), {"fields": ["feed", *HOW_FOUND]}),
        (
            _("What it is"),
            {"fields": ["value_kind", "higher_is_better", "missing_is_zero", "can_fall", "counts_distinct"]},
        ),
        (_("On lists"), {"fields": ["scale_min", "scale_max"]}),
        (_("State"), {"fields": ["last_at", "last_value", "read_until", "read_through", "rollup_zone", "created_at"]}),
    ]
    readonly_fields = ["last_at", "last_value", "read_until", "read_through", "rollup_zone", "created_at"]

    def save_model(self, request: HttpRequest, obj: Metric, form: Any, change: bool) -> None:  # noqa: ARG002  the base's contract
        """Save, and judge the metric's targets by it."""
        save_metric(form.judged, timezone.now())

    @admin.action(description=_("Collect now"), permissions=["change"])
    def collect_now(self, request: HttpRequest, queryset: QuerySet[Metric]) -> None:
        """Make the metrics' feeds due at once."""
        ask_feeds(self, request, queryset.values("feed"))
