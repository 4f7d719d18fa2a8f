"""The API of records and of what they are enriched with."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

import django_filters
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from connectors.enrich_serializers import (
    EnrichmentSerializer,
    RecordSerializer,
    TriedSerializer,
    TryEnrichmentSerializer,
)
from connectors.enriching import acts, asking
from connectors.errors import FetchError
from connectors.models import Enrichment, Record
from connectors.protocol import Item
from connectors.record_filters import Filters
from connectors.record_sheets import CSV, JSON_LINES, download
from connectors.serializers import cleaned
from organisations.api import Conflict, TenantViewSet
from organisations.api_filters import TenantFilters

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import StreamingHttpResponse
    from rest_framework.request import Request

    from connectors.enriching.asking import Tried
    from connectors.protocol import Enriching

READ = ["get", "head", "options"]
FILES = [(CSV, "CSV"), (JSON_LINES, "JSON Lines")]
AGAIN = inline_serializer("AskAgain", {"record": serializers.IntegerField(required=False)})
WAITING = inline_serializer("AskedAgain", {"records": serializers.IntegerField(help_text="How many wait now.")})


class RecordFilters(TenantFilters):
    """`q` is said in a row, its answer or its key; `at` is a range of moments; `file` is only for downloads."""

    q = django_filters.CharFilter(method="saying")
    file = django_filters.ChoiceFilter(choices=FILES, method="as_it_is")

    class Meta:
        model = Record
        fields = {"feed": ["exact"], "state": ["exact"], "key": ["exact"], "at": ["gte", "lt"]}

    def saying(self, rows: QuerySet[Record], name: str, text: str) -> QuerySet[Record]:  # noqa: ARG002  the library's contract
        """Return the records that say something."""
        return Filters.of({"q": text}).apply(rows, UTC)

    def as_it_is(self, rows: QuerySet[Record], name: str, text: str) -> QuerySet[Record]:  # noqa: ARG002  the library's contract
        """Return all of them."""
        return rows


class Records(TenantViewSet):
    """The rows that feeds keep, latest first, with what they were enriched with."""

    model = Record
    serializer_class = RecordSerializer
    http_method_names = READ
    filterset_class = RecordFilters
    ordering_fields = ["at", "recorded_at"]

    @extend_schema(responses={(200, "text/csv"): bytes, (200, "application/jsonl"): bytes})
    @action(detail=False)
    def download(self, request: Request, **kwargs: Any) -> StreamingHttpResponse:  # noqa: ARG002  the framework's contract
        """Take the chosen records away as CSV (the usual) or as JSON Lines."""
        rows = self.filter_queryset(self.get_queryset())
        return download(rows, "records", request.query_params.get("file", CSV))


class Enrichments(TenantViewSet):
    """What the records of feeds are passed through, and how that is going."""

    model = Enrichment
    serializer_class = EnrichmentSerializer
    filterset_fields = ["feed", "connection"]
    ordering_fields = ["due_at"]
    leaves_alone = frozenset({"try_out", "ask_again"})

    def get_queryset(self) -> Any:
        """Return the enrichments with their feeds and connections at hand."""
        rows = super().get_queryset().select_related("feed__connection__organisation", "connection")
        return rows.order_by("pk")

    def get_serializer_context(self) -> dict[str, Any]:
        """Hand the clock to the serializer."""
        return {**super().get_serializer_context(), "now": timezone.now()}

    def perform_destroy(self, instance: Enrichment) -> None:
        """Enrich no more; answers that came stay beside their records."""
        acts.remove(instance)

    @extend_schema(request=TryEnrichmentSerializer, responses=TriedSerializer)
    @action(detail=True, methods=["post"], url_path="try")
    def try_out(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Ask about one record, and keep nothing of it. It may be charged."""
        row, asked = self.get_object(), TryEnrichmentSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        record = self._record(row, asked.validated_data.get("record"))
        form = _kind_of(row).Enrichment
        query = cleaned(form, {**row.query, **asked.validated_data.get("query", {})}, "query")
        item = Item(key=record.key, row=record.raw)
        return Response(TriedSerializer(_told(asking.try_out(row.connection, query, item, now=timezone.now()))).data)

    def _record(self, row: Enrichment, pk: int | None) -> Record:
        """Return the record that is named, else the latest. Raises ValidationError or Conflict where there is none."""
        records = row.feed.records.all() if pk is None else row.feed.records.filter(pk=pk)
        found = records.first()
        if found is None and pk is not None:
            raise ValidationError({"record": [_("The feed has no such record.")]})
        if found is None:
            raise Conflict(_("There is no record to try it on yet. Check the feed first."))
        return found

    @extend_schema(request=AGAIN, responses={202: WAITING})
    @action(detail=True, methods=["post"], url_path="ask-again")
    def ask_again(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Ask about one record again, or without a word about all that failed."""
        row = self.get_object()
        named = request.data.get("record") if isinstance(request.data, dict) else None
        if named is not None and type(named) is not int:
            raise ValidationError({"record": [_("Send an id, which is a whole number.")]})
        failed = row.feed.records.filter(state=Record.State.FAILED)
        chosen = failed if named is None else row.feed.records.filter(pk=named)
        return Response({"records": acts.ask_again(row, chosen, timezone.now())}, status=202)

    @extend_schema(request=None, responses=EnrichmentSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Ask nothing more until resumed; new records wait."""
        row = self.get_object()
        acts.pause(row, timezone.now())
        return Response(self.get_serializer(row).data)

    @extend_schema(request=None, responses=EnrichmentSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Go on at once."""
        row = self.get_object()
        acts.resume(row, timezone.now())
        return Response(self.get_serializer(row).data)

    @extend_schema(request=None, responses=EnrichmentSerializer)
    @action(detail=True, methods=["post"], url_path="stop-redoing")
    def stop_redoing(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Leave the old answers that were not redone yet as they are."""
        row = self.get_object()
        acts.stop_redoing(row)
        return Response(self.get_serializer(row).data)


def _kind_of(row: Enrichment) -> Enriching:
    """Return the kind of the connection. Raises Conflict where it enriches nothing any more."""
    try:
        return asking.kind_of(row.connection)
    except FetchError as error:
        raise Conflict(error.message) from None


def _told(tried: Tried) -> dict[str, Any]:
    answer = tried.enriched
    return {
        "letter": tried.letter,
        "enriched": answer.fields if answer else None,
        "message": tried.message,
        "tokens": answer.tokens if answer else 0,
        "cost": answer.cost if answer else 0.0,
        "sample": tried.notes[-1].sample if tried.notes else "",
    }
