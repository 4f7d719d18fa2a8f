"""The API of the rows that could not be read, and of changes in the shape of answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import generics, serializers

from connectors import shape_words
from connectors.models import Collection, Feed, SetAside, ShapeChange
from connectors.serializers import CODE, SENTENCE
from organisations.api import LISTED, OrganisationView, TenantSerializer

if TYPE_CHECKING:
    from django.db.models import QuerySet


class SetAsideSerializer(TenantSerializer):
    """One row that a check could not read; `row` is its start as it came, secrets masked."""

    metric = serializers.CharField(source="metric_name", help_text="Empty where no metric was to read it.")
    code = serializers.CharField(read_only=True, help_text=CODE)
    message = serializers.CharField(read_only=True, help_text=SENTENCE)

    class Meta:
        model = SetAside
        fields = ["metric", "place", "code", "message", "row"]


class SetAsideRows(OrganisationView, generics.ListAPIView[Any]):
    """The rows that one check set aside, at most 50 for each metric."""

    serializer_class = SetAsideSerializer
    filter_backends = LISTED
    filterset_fields = {"metric_name": ["exact"]}

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows of the check in the address; 404 whether it is missing or foreign."""
        if getattr(self, "swagger_fake_view", False):
            return SetAside.unscoped.none()
        return self.access.get(Collection, self.kwargs["collection"]).set_aside.all()


class ShapeChangeSerializer(TenantSerializer):
    """A change in the shape of a feed's answers. `instead` is what probably took the place of a path that is gone."""

    message = serializers.SerializerMethodField(help_text="What has changed, in the language that is asked for.")

    class Meta:
        model = ShapeChange
        fields = ["id", "at", "gone", "new", "matters", "message"]

    def get_message(self, change: ShapeChange) -> str:
        """Return the sentence."""
        return shape_words.sentence(change)


class ShapeChanges(OrganisationView, generics.ListAPIView[Any]):
    """How the answers of one feed have changed, latest first."""

    serializer_class = ShapeChangeSerializer
    filter_backends = LISTED
    filterset_fields = {"matters": ["exact"]}

    def get_queryset(self) -> QuerySet[Any]:
        """Return the changes of the feed in the address; 404 whether it is missing or foreign."""
        if getattr(self, "swagger_fake_view", False):
            return ShapeChange.unscoped.none()
        return self.access.get(Feed, self.kwargs["feed"]).shape_changes.all()
