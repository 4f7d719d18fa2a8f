"""The API of targets and their verdicts."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import orjson
from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils import timezone
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from connectors.endpoints.sources import ASKED, ask
from organisations.api import TenantViewSet
from targets import judging
from targets.models import Tag, Target
from targets.serializers import ChangeSerializer, PeriodSerializer, TargetSerializer
from targets.tags import drop_unused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from rest_framework.request import Request

CHART = inline_serializer(
    "Chart",
    {"evaluation": serializers.DictField(allow_null=True), "track": serializers.DictField(allow_null=True)},
)


COLUMNS = [name for name in TargetSerializer.Meta.fields if name not in ("evaluation", "tags")]


class Targets(TenantViewSet):
    """What the organisation wants to reach. A target that was made or changed is judged before the answer."""

    model = Target
    serializer_class = TargetSerializer
    filterset_fields = ["status", "team", "period", "metric", "owner", "name", "tags__name"]
    search_fields = ["name", "team"]
    ordering_fields = ["urgency", "gap_share", "name", "created_at", "period_ends_on"]
    leaves_alone = frozenset({"check"})

    def get_queryset(self) -> QuerySet[Any]:
        """Return the targets, each with what its judgement needs at hand."""
        rows: QuerySet[Any] = super().get_queryset()
        return rows if self.action == "list" else rows.select_related("organisation", "metric__feed__connection")

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """List the targets, most urgent first, each with its latest verdict."""
        # the list is long and asked for often: columns go out as they stand, verdicts as the text they are stored as
        rows = self.filter_queryset(self.get_queryset()).values(*COLUMNS, verdict=Cast("evaluation", TextField()))
        page: Any = self.paginate_queryset(rows) or []
        tags = self._tags_of([row["id"] for row in page])
        return self.get_paginated_response([_answered(row, tags[row["id"]]) for row in page])

    def get_serializer_context(self) -> dict[str, Any]:
        """Hand the clock to the serializer, which judges what it saves."""
        return {**super().get_serializer_context(), "now": timezone.now()}

    def perform_destroy(self, instance: Target) -> None:
        """Delete a target, and the tags that nothing carries any more."""
        super().perform_destroy(instance)
        drop_unused(self.access.organisation)

    @extend_schema(responses=CHART)
    @action(detail=True)
    def chart(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Show the latest verdict, and the period day by day as it is drawn."""
        target = self.get_object()
        return Response({"evaluation": target.evaluation, "track": target.track})

    @extend_schema(responses=PeriodSerializer(many=True), filters=False)
    @action(detail=True)
    def periods(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """List the frozen verdicts on closed periods, latest first."""
        return self._paged(self.get_object().results.defer("track"), PeriodSerializer)

    @extend_schema(responses=ChangeSerializer(many=True), filters=False)
    @action(detail=True)
    def changes(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """List the changes of status, latest first."""
        return self._paged(self.get_object().changes.all(), ChangeSerializer)

    @extend_schema(request=None, responses={202: ASKED})
    @action(detail=True, methods=["post"])
    def check(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Ask the source now, whatever the schedule; the verdict follows within seconds."""
        return ask(self.get_object().metric.feed)

    @extend_schema(request=None, responses=TargetSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Stop judging; the history stays."""
        target = self.get_object()
        judging.pause(target, timezone.now())
        return Response(self.get_serializer(target).data)

    @extend_schema(request=None, responses=TargetSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Judge again, at once."""
        target = self.get_object()
        judging.resume(target, timezone.now())
        target.refresh_from_db()
        return Response(self.get_serializer(target).data)

    def _tags_of(self, targets: Sequence[int]) -> dict[int, tuple[str, ...]]:
        """Return the names of the tags of each target."""
        names: dict[int, tuple[str, ...]] = defaultdict(tuple)
        for pk, name in self.access.rows(Tag).filter(targets__in=targets).values_list("targets", "name"):
            names[pk] += (name,)
        return names

    def _paged(self, rows: QuerySet[Any], serializer: type[serializers.BaseSerializer[Any]]) -> Response:
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(serializer(page, many=True, context=self.get_serializer_context()).data)


def _answered(row: dict[str, Any], tags: tuple[str, ...]) -> dict[str, Any]:
    verdict = row.pop("verdict")
    return {**row, "tags": tags, "evaluation": verdict and orjson.Fragment(verdict)}
