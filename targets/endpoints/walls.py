"""The API of walls: links for screens, each told once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from organisations.api import TenantViewSet
from organisations.api_forms import FormSerializer
from organisations.roles import Permission
from targets.forms.walls import WallForm
from targets.models import Wall
from targets.walls import hang

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request


class WallSerializer(FormSerializer):
    """A screen, which targets it shows and when it last asked; never its link."""

    created_by = serializers.EmailField(source="created_by.email", read_only=True, allow_null=True, default=None)

    class Meta:
        model = Wall
        form = WallForm
        fields = ["id", *WallForm.Meta.fields, "created_by", "created_at", "shown_at"]
        read_only_fields = ["shown_at"]


class NewWallSerializer(WallSerializer):
    """The answer to the making of a wall, the only one that holds its link."""

    link = serializers.URLField(read_only=True, help_text="Told once. Open it on the screen.")

    class Meta(WallSerializer.Meta):
        fields = [*WallSerializer.Meta.fields, "link"]


class Walls(TenantViewSet):
    """Links for screens that show targets without anybody signed in; whoever holds one sees them."""

    model = Wall
    serializer_class = WallSerializer
    read_permission = write_permission = Permission.MANAGE
    filterset_fields = ["team", "tag"]
    search_fields = ["name", "team", "tag"]
    ordering_fields = ["name", "created_at", "shown_at"]
    http_method_names = ["get", "post", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[Any]:
        """Return the walls with their makers at hand."""
        rows: QuerySet[Any] = super().get_queryset()
        return rows.select_related("created_by")

    @extend_schema(request=WallSerializer, responses={201: NewWallSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Make a wall and return its link, once."""
        serializer: Any = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        wall = serializer.form.save(commit=False)
        link = hang(self.access, wall)
        return Response({**self.get_serializer(wall).data, "link": link}, status=status.HTTP_201_CREATED)
