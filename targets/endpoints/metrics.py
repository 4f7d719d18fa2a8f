"""The API of metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from connectors import asking
from connectors.errors import FetchError
from connectors.problems import Unreadable
from organisations.api import Conflict, TenantViewSet
from targets.models import Metric
from targets.serializers import MetricSerializer
from targets.trying.last_answers import forget, last_answer
from targets.trying.rows import rows_to_try
from targets.trying.serializers import TriedMetricSerializer, TryMetricSerializer, tried_answer, untried_answer
from targets.trying.tried import try_rows

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from connectors.models import Feed
    from targets.trying.forms import TryForm


def _asks_again(request: Request) -> bool:
    return isinstance(request.data, dict) and request.data.get("again") is True


def _tried(feed: Feed, form: TryForm, *, again: bool, now: datetime) -> dict[str, Any]:
    if again:
        forget(feed)
    result = last_answer(feed, now)
    if not result.ok:
        return untried_answer(result.message)
    try:
        rows = rows_to_try(feed, result.answer, form.query())
        return tried_answer(try_rows(rows, feed, form.reading(), now))
    except (FetchError, Unreadable) as error:
        return untried_answer(str(error.problem))


class Metrics(TenantViewSet):
    """Named numbers over time."""

    model = Metric
    serializer_class = MetricSerializer
    filterset_fields = ["feed", "value_kind", "name"]
    search_fields = ["name"]
    ordering_fields = ["name", "last_at", "created_at"]
    leaves_alone = frozenset({"try_out"})

    def get_queryset(self) -> QuerySet[Any]:
        """Return the metrics with what their judgement needs at hand."""
        rows: QuerySet[Any] = super().get_queryset()
        return rows if self.action == "list" else rows.select_related("organisation", "feed__connection")

    @extend_schema(request=TryMetricSerializer, responses=TriedMetricSerializer)
    @action(detail=True, methods=["post"], url_path="try")
    def try_out(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Try a way of reading on the last answer of the source; nothing is kept."""
        metric, now = self.get_object(), timezone.now()
        if not metric.feed.collects:
            raise Conflict(asking.nobody())
        metric.feed.connection.organisation = self.access.organisation
        asked = TryMetricSerializer(metric, data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        return Response(_tried(metric.feed, cast("TryForm", asked.form), again=_asks_again(request), now=now))

    def get_serializer_context(self) -> dict[str, Any]:
        """Hand the clock to the serializer, which has the metric's targets judged."""
        return {**super().get_serializer_context(), "now": timezone.now()}
