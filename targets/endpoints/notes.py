"""The API of notes: what happened on a target's days, and who wrote it down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from organisations.api import TenantViewSet
from organisations.api_forms import FormSerializer
from targets.forms.notes import NoteForm
from targets.models import Note, Target

if TYPE_CHECKING:
    from django.db.models import QuerySet


@extend_schema_serializer(
    examples=[
        OpenApiExample("Of today", {"text": "The campaign began."}, request_only=True),
        OpenApiExample(
            "Of an earlier day", {"on": "2026-11-14", "text": "Checkout outage, 3 hours."}, request_only=True
        ),
    ]
)
class NoteSerializer(FormSerializer):
    """What happened on one of the target's own days; `on` is today unless another day is sent."""

    on = serializers.DateField(required=False, help_text="Between the first reading and today.")
    text = serializers.CharField(max_length=300)

    class Meta:
        model = Note
        form = NoteForm
        fields = ["id", "on", "text", "author", "created_at"]
        read_only_fields = ["author", "created_at"]

    def _form(self, typed: Any = None) -> NoteForm:
        data = None if typed is None else {name: "" if value is None else value for name, value in typed.items()}
        return NoteForm(data, instance=self.instance or self._new(), access=self.context["access"], now=timezone.now())

    def _new(self) -> Note:
        return Note(target=self.context["target"], author=self.context["access"].user)


class Notes(TenantViewSet):
    """The notes of a target, earliest day first. Each is marked by a letter on the chart."""

    model = Note
    serializer_class = NoteSerializer
    filterset_fields = {"on": ["exact", "gte", "lte"], "author": ["exact"]}
    search_fields = ["text"]
    ordering_fields = ["on", "created_at"]

    def get_queryset(self) -> QuerySet[Any]:
        """Return the target's notes; 404 where the target is missing or another organisation's."""
        rows: QuerySet[Any] = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rows.filter(target=self._target()).select_related("target__organisation", "target__metric")

    def get_serializer_context(self) -> dict[str, Any]:
        """Hand the target to the serializer; the schema has none."""
        described = getattr(self, "swagger_fake_view", False)
        return {**super().get_serializer_context(), "target": None if described else self._target()}

    def _target(self) -> Target:
        if not hasattr(self, "_found"):
            self._found = self.access.get(Target, self.kwargs["target"])
            self._found.organisation = self.access.organisation
        return self._found
