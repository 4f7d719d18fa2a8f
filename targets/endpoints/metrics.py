"""The API of metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from organisations.api import TenantViewSet
from targets.models import Metric
from targets.serializers import MetricSerializer

if TYPE_CHECKING:
    from django.db.models import QuerySet


class Metrics(TenantViewSet):
    """Named numbers over time."""

    model = Metric
    serializer_class = MetricSerializer
    filterset_fields = ["feed", "value_kind", "name"]
    search_fields = ["name"]
    ordering_fields = ["name", "last_at", "created_at"]

    def get_queryset(self) -> QuerySet[Any]:
        """Return the metrics with what their judgement needs at hand."""
        rows: QuerySet[Any] = super().get_queryset()
        return rows if self.action == "list" else rows.select_related("organisation", "feed__connection")

    def get_serializer_context(self) -> dict[str, Any]:
        """Hand the clock to the serializer, which has the metric's targets judged."""
        return {**super().get_serializer_context(), "now": timezone.now()}
