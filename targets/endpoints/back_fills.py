"""The API of past ranges that are fetched again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError as Unfit
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from connectors.models import BackFill, Feed
from connectors.panels.back_fills import percent_done
from organisations.api import Conflict, TenantSerializer, TenantViewSet
from targets import back_filling

if TYPE_CHECKING:
    from rest_framework.request import Request


class BackFillSerializer(TenantSerializer):
    """A past range `[since, until)` of a feed, and how far it has been fetched."""

    percent = serializers.SerializerMethodField(help_text="How much has been fetched, rounded down.")
    message = serializers.CharField(read_only=True, help_text="What holds it up; empty where nothing does.")

    class Meta:
        model = BackFill
        fields = [
            "id", "feed", "since", "until", "done_until", "percent", "state", "readings", "message", "created_at",
            "finished_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_percent(self, row: BackFill) -> int:
        """Return how much has been fetched."""
        return percent_done(row)


class NewBackFillSerializer(serializers.Serializer[Any]):
    """Which days to fetch again, both included, in the organisation's zone."""

    feed = serializers.IntegerField()
    first_on = serializers.DateField()
    last_on = serializers.DateField()


class BackFills(TenantViewSet):
    """Past ranges that are fetched again, step by step; one at a time for each feed."""

    model = BackFill
    serializer_class = BackFillSerializer
    filterset_fields = ["feed", "state"]
    ordering_fields = ["created_at"]
    http_method_names = ["get", "post", "head", "options"]

    @extend_schema(request=NewBackFillSerializer, responses={201: BackFillSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Begin to fetch a past range."""
        asked = NewBackFillSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = dict(asked.validated_data)
        feed = self.access.get(Feed, values.pop("feed"))
        try:
            row = back_filling.start(feed, now=timezone.now(), **values)
        except Unfit as error:
            raise Conflict(" ".join(error.messages)) from None
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=BackFillSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Let it rest after the step that is running."""
        row = self.get_object()
        back_filling.pause(row)
        return Response(self.get_serializer(row).data)

    @extend_schema(request=None, responses=BackFillSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Go on where it rested."""
        row = self.get_object()
        back_filling.resume(row, timezone.now())
        return Response(self.get_serializer(row).data)

    @extend_schema(request=None, responses=BackFillSerializer)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """End it; what was fetched stays."""
        row = self.get_object()
        back_filling.stop(row, timezone.now())
        return Response(self.get_serializer(row).data)
