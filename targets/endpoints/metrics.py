"""The API of metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from organisations.api import TenantViewSet
from targets.models import Metric
from targets.serializers import MetricSerializer

if TYPE_CHECKING:
    from django.db.models import QuerySet


class Metrics(TenantViewSet):
    """Named numbers over time. A metric without a feed of its own is one that values are pushed to."""

    model = Metric
    serializer_class = MetricSerializer
    filterset_fields = ["feed", "value_kind", "name"]
    search_fields = ["name"]
    ordering_fields = ["name", "last_at", "created_at"]

    def get_queryset(self) -> QuerySet[Any]:
        """Return the metrics with their feeds at hand."""
        rows: QuerySet[Any] = super().get_queryset()
        return rows.select_related("organisation", "feed__connection")
