"""The API of observations: read them, push one or many, delete some; and the days they add up to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import django_filters
from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema, inline_serializer
from rest_framework import generics, serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.response import Response

from organisations.api import OrganisationView
from targets.judging import judge_metric
from targets.models import DailyRollup, Metric, Observation
from targets.pushing import NotReadable, points_in
from targets.recording import delete_readings, record_points
from targets.serializers import DaySerializer, ObservationSerializer
from targets.tasks import announce

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from targets.models import StatusChange

RECORDED = inline_serializer("Recorded", {"recorded": serializers.IntegerField()})
DELETED = inline_serializer("Deleted", {"deleted": serializers.IntegerField()})
ONE_OR_MANY = PolymorphicProxySerializer(
    component_name="OneOrMany",
    serializers=[ObservationSerializer, ObservationSerializer(many=True)],
    resource_type_field_name=None,
)
MOST_DELETED = 10_000


class Untouched(BaseParser):
    """Hands the body over as it came, for the typed decoder."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> bytes:  # noqa: ARG002
        """Return the bytes."""
        body: bytes = stream.read()
        return body


class Span(django_filters.FilterSet):
    """`since` is included, `until` is not."""

    since = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte")
    until = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt")

    class Meta:
        model = Observation
        fields = ["segment"]


class DaySpan(django_filters.FilterSet):
    """`since` is included, `until` is not."""

    since = django_filters.DateFilter(field_name="on", lookup_expr="gte")
    until = django_filters.DateFilter(field_name="on", lookup_expr="lt")

    class Meta:
        model = DailyRollup
        fields = ["segment"]


class OfMetric(OrganisationView, generics.ListAPIView[Any]):
    """A view under one metric of the organisation."""

    def metric(self) -> Metric:
        """Return the metric in the address; 404 whether it is missing or foreign."""
        return self.access.get(Metric, self.kwargs["metric"])


class Observations(OfMetric):
    """The readings of a metric, latest first. Pushing the same reading twice changes nothing; a new value replaces it."""

    serializer_class = ObservationSerializer
    parser_classes: ClassVar[list[type[BaseParser]]] = [Untouched]
    filterset_class = Span
    ordering_fields = ["at", "value"]

    def get_queryset(self) -> QuerySet[Any]:
        """Return the metric's readings."""
        return Observation.unscoped.none() if getattr(self, "swagger_fake_view", False) else self.metric().observations.all()

    @extend_schema(request=ONE_OR_MANY, responses={201: RECORDED})
    def post(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Store one reading or a list of them, all or none; the targets are judged before the answer."""
        now, metric = timezone.now(), self.metric()
        try:
            points = points_in(request.data, zone=self.access.organisation.zone, now=now)
        except NotReadable as error:
            raise ValidationError(error.errors) from error
        with transaction.atomic():
            _judge(metric, record_points(metric, points, now=now), now)
        return Response({"recorded": len(points)}, status=status.HTTP_201_CREATED)

    @extend_schema(
        parameters=[OpenApiParameter(name, str, required=True) for name in ("since", "until")], responses=DELETED
    )
    def delete(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Delete the readings from `since` to before `until`; both must be given."""
        missing = [name for name in ("since", "until") if not request.query_params.get(name)]
        if missing:
            raise ValidationError({name: ["Say from when to when readings are to be deleted."] for name in missing})
        now, metric = timezone.now(), self.metric()
        rows = list(self.filter_queryset(self.get_queryset())[:MOST_DELETED])
        with transaction.atomic():
            _judge(metric, delete_readings(metric, rows), now)
        return Response({"deleted": len(rows)})


class Days(OfMetric):
    """The days that the readings add up to, in the organisation's time zone."""

    serializer_class = DaySerializer
    filterset_class = DaySpan
    ordering_fields = ["on"]

    def get_queryset(self) -> QuerySet[Any]:
        """Return the metric's days."""
        return DailyRollup.unscoped.none() if getattr(self, "swagger_fake_view", False) else self.metric().rollups.all()


def _judge(metric: Metric, touched: date | None, now: datetime) -> None:
    """Judge the metric's targets by what was touched, and ring for the changes once it is committed."""
    if touched is None:
        return
    changes = judge_metric(metric, now, touched_since=touched)
    transaction.on_commit(lambda: _announce(changes))


def _announce(changes: list[StatusChange]) -> None:
    for change in changes:
        announce(change.pk)
