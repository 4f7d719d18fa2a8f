"""The API of reports: everybody may read, those who manage the organisation may change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.utils import timezone

from alerts import reporting
from alerts.models import Delivery, Recipient, Report
from alerts.serializers import DeliverySerializer, RecipientSerializer, ReportSerializer
from organisations.api import TenantViewSet
from organisations.roles import Permission

if TYPE_CHECKING:
    from rest_framework.serializers import BaseSerializer

READ = ["get", "head", "options"]


class Reports(TenantViewSet):
    """Scheduled summaries. A report is switched off, not deleted: its issues stay on record."""

    model = Report
    serializer_class = ReportSerializer
    write_permission: ClassVar[Permission] = Permission.MANAGE
    http_method_names = [*READ, "post", "put", "patch"]
    filterset_fields = ["is_active"]

    def perform_create(self, serializer: BaseSerializer[Any]) -> None:
        """Store the report and say when it is due."""
        super().perform_create(serializer)
        self._reschedule(serializer)

    def perform_update(self, serializer: BaseSerializer[Any]) -> None:
        """Store the report and say when it is due."""
        super().perform_update(serializer)
        self._reschedule(serializer)

    def _reschedule(self, serializer: BaseSerializer[Any]) -> None:
        if serializer.instance is not None:
            reporting.reschedule(serializer.instance, timezone.now())


class Recipients(TenantViewSet):
    """Who gets which report."""

    model = Recipient
    serializer_class = RecipientSerializer
    write_permission: ClassVar[Permission] = Permission.MANAGE
    http_method_names = [*READ, "post", "delete"]
    filterset_fields = ["report", "user"]


class Deliveries(TenantViewSet):
    """Every message and how far it came."""

    model = Delivery
    serializer_class = DeliverySerializer
    http_method_names = READ
    filterset_fields = ["state", "run", "change", "address"]
