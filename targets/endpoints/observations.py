"""The API of observations: read them, push one or many, delete some; and the days they add up to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import django_filters
from django.core.cache import cache
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import transaction
from django.db.models import Q
from django.forms import CharField
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    PolymorphicProxySerializer,
    extend_schema,
    inline_serializer,
)
from rest_framework import generics, serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from connectors.written import times
from organisations.api import LISTED, OrganisationView
from organisations.api_bodies import RawJson
from organisations.api_filters import TenantFilters
from organisations.models import hash_of
from targets.correcting import remove
from targets.domain.periods import start_of_day
from targets.judging import judge_metric
from targets.models import DailyRollup, Metric, Observation
from targets.pushing import NotReadable, points_in
from targets.recording import record_points
from targets.serializers import DaySerializer, ObservationSerializer

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from django.db.models import QuerySet
    from rest_framework.request import Request

RECORDED = inline_serializer("Recorded", {"recorded": serializers.IntegerField()})
DELETED = inline_serializer("Deleted", {"deleted": serializers.IntegerField()})
ONE_OR_MANY = PolymorphicProxySerializer(
    component_name="OneOrMany",
    serializers=[ObservationSerializer(many=False), ObservationSerializer(many=True)],
    resource_type_field_name=None,
    many=False,
)
EXAMPLES = [
    OpenApiExample("Now", {"value": 21.5}, request_only=True),
    OpenApiExample("For a whole day", {"at": "2026-11-20", "value": 412}, request_only=True),
    OpenApiExample(
        "Several, by category",
        [
            {"at": "2026-11-20T14:30:00Z", "value": 99.9, "segment": "Books"},
            {"at": "2026-11-20T14:30:00Z", "value": 12, "segment": "Music"},
        ],
        request_only=True,
    ),
]
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="A repeated request with the same key stores a reading without `at` at the time of the first.",
)
SPAN = [
    OpenApiParameter("at", str, description="The one reading of this time or, for a date, of this whole day."),
    OpenApiParameter("since", str, description="Without `at`: from when, included."),
    OpenApiParameter("until", str, description="Without `at`: to when, not included."),
    OpenApiParameter("segment", str, description="Only readings of this segment."),
]
MOST_DELETED = 10_000
KEY_LASTS = timedelta(days=1)


class TimeField(CharField):
    """A date, or a time with or without a zone, as readings carry them."""

    def clean(self, value: Any) -> str:
        """Return the text. Raises ValidationError where it says no time."""
        text: str = super().clean(value)
        try:
            times.read(text or "2026-01-01", fmt=times.AUTO, zone=UTC)  # type: ignore[arg-type]  # any zone does to try
        except ValueError:
            raise DjangoValidationError(_("Write a date or a time: 2026-11-20 or 2026-11-20T14:30:00Z.")) from None
        return text


class TimeFilter(django_filters.Filter):  # type: ignore[misc]  # the library is not annotated
    """Compares the time of readings with a moment; a date means the start of that day."""

    field_class = TimeField

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's, in which a time without a zone is meant."""
        zone: ZoneInfo = self.parent.request.parser_context["view"].access.organisation.zone
        return zone

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Return the readings on this side of the moment."""
        if not value:
            return qs
        moment = times.read(value, fmt=times.AUTO, zone=self.zone)
        if not moment.whole_day:
            return qs.filter(**{f"at__{self.lookup_expr}": moment.at})
        timed = {f"at__{self.lookup_expr}": start_of_day(moment.at.date(), self.zone), "whole_day": False}
        return qs.filter(Q(**timed) | Q(**{f"at__{self.lookup_expr}": moment.at, "whole_day": True}))


class MomentFilter(TimeFilter):
    """Finds the readings of exactly one moment; a date means the reading for that whole day."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Return the readings of the moment, one for each segment."""
        if not value:
            return qs
        moment = times.read(value, fmt=times.AUTO, zone=self.zone)
        return qs.filter(at=moment.at, whole_day=moment.whole_day)


class Span(TenantFilters):
    """`since` is included, `until` is not; `at` is one moment."""

    at = MomentFilter(field_name="at")
    since = TimeFilter(field_name="at", lookup_expr="gte")
    until = TimeFilter(field_name="at", lookup_expr="lt")

    class Meta:
        model = Observation
        fields = ["segment"]


class DaySpan(TenantFilters):
    """`since` is included, `until` is not."""

    since = django_filters.DateFilter(field_name="on", lookup_expr="gte")
    until = django_filters.DateFilter(field_name="on", lookup_expr="lt")

    class Meta:
        model = DailyRollup
        fields = ["segment"]


class OfMetric(OrganisationView, generics.ListAPIView[Any]):
    """A view under one metric of the organisation."""

    filter_backends = LISTED

    def metric(self) -> Metric:
        """Return the metric in the address; 404 whether it is missing or foreign."""
        metric = self.access.get(Metric, self.kwargs["metric"])
        metric.organisation = self.access.organisation
        return metric


class Observations(OfMetric):
    """The readings of a metric, latest first."""

    serializer_class = ObservationSerializer
    parser_classes = [RawJson]
    filterset_class = Span
    ordering_fields = ["at", "value"]

    def get_queryset(self) -> QuerySet[Any]:
        """Return the metric's readings."""
        described = getattr(self, "swagger_fake_view", False)
        return Observation.unscoped.none() if described else self.metric().observations.all()

    @extend_schema(request=ONE_OR_MANY, responses={201: RECORDED}, parameters=[IDEMPOTENCY_KEY], examples=EXAMPLES)
    def post(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Store one reading or a list of them, all or none.

        A reading of the same time and segment is replaced. The targets are judged before the answer.
        """
        metric = self.metric()
        now = _first_asked(metric, request.headers.get("Idempotency-Key", ""), timezone.now())
        try:
            points = points_in(_body(request), zone=self.access.organisation.zone, now=now)
        except NotReadable as error:
            raise ValidationError(error.errors) from error
        with transaction.atomic():
            touched = record_points(metric, points, now=now)
            if touched is not None:
                judge_metric(metric, now, touched_since=touched)
        return Response({"recorded": len(points)}, status=status.HTTP_201_CREATED)

    @extend_schema(parameters=SPAN, responses={200: DELETED})
    def delete(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Delete the reading `at` a time, or those from `since` to before `until`.

        At most the latest 10,000 go at once. What was collected comes back with a later check of the same time.
        """
        _refuse_without_a_time(request)
        metric = self.metric()
        rows = list(self.filter_queryset(metric.observations.all())[:MOST_DELETED])
        remove(metric, rows, now=timezone.now())
        return Response({"deleted": len(rows)})


class Days(OfMetric):
    """The days that the readings add up to, in the organisation's time zone, earliest first."""

    serializer_class = DaySerializer
    filterset_class = DaySpan
    ordering_fields = ["on"]

    def get_queryset(self) -> QuerySet[Any]:
        """Return the metric's days."""
        described = getattr(self, "swagger_fake_view", False)
        return DailyRollup.unscoped.none() if described else self.metric().rollups.all()


def _refuse_without_a_time(request: Request) -> None:
    """Raise ValidationError where all readings of a metric would be deleted by a slip."""
    missing = [name for name in ("since", "until") if not request.query_params.get(name)]
    if missing and not request.query_params.get("at"):
        raise ValidationError({name: [_("Say from when to when readings are to be deleted.")] for name in missing})


def _body(request: Request) -> bytes:
    body: Any = request.data  # bytes of a parser that leaves them alone; an empty dict where nothing was sent
    return body or b""


def _first_asked(metric: Metric, key: str, now: datetime) -> datetime:
    """Return when a request with this key came first, so that a reading without a time keeps its time when repeated."""
    if not key:
        return now
    place = f"pushed:{metric.pk}:{hash_of(key)}"
    return now if cache.add(place, now, KEY_LASTS.total_seconds()) else cache.get(place, now)
