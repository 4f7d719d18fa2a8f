"""The API of kept files: how far things have drifted from them, and who may change what they describe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from blueprints import drifting
from blueprints.models import Blueprint
from blueprints.serializers import BlueprintSerializer, WholeBlueprintSerializer
from blueprints.standing import standing
from organisations.api import TenantViewSet
from organisations.roles import Permission

if TYPE_CHECKING:
    from rest_framework.serializers import BaseSerializer


class Blueprints(TenantViewSet):
    """Files that describe rows of the organisation, each as it was applied last, and how far it is from that now."""

    model = Blueprint
    serializer_class = BlueprintSerializer
    write_permission: ClassVar[Permission] = Permission.MANAGE
    http_method_names = ["get", "patch", "delete", "head", "options"]
    filterset_fields = ["name", "is_locked"]
    ordering_fields = ["name", "applied_at"]

    def get_queryset(self) -> Any:
        """Return the files with those who applied them at hand."""
        return super().get_queryset().select_related("applied_by")

    def get_serializer_context(self) -> dict[str, Any]:
        """Hand over what is there, with which every file is compared."""
        context = super().get_serializer_context()
        return {**context, "there": standing(context["access"]) if context["access"] else {}}

    def get_serializer_class(self) -> Any:
        """Show the texts of one file, and no texts in a list."""
        return BlueprintSerializer if self.action == "list" else WholeBlueprintSerializer

    def perform_update(self, serializer: BaseSerializer[Any]) -> None:
        """Lock the rows that the file describes, or let everybody change them again."""
        row: Any = serializer.instance
        locked = serializer.validated_data.get("is_locked", row.is_locked)
        drifting.lock(self.access, row, locked=locked)

    def perform_destroy(self, instance: Blueprint) -> None:
        """Forget the file; what it describes stays."""
        drifting.forget(self.access, instance)
