"""The call log: every request that went out, without secrets."""

from django.db import models

from connectors.models.connection import Connection
from connectors.models.feed import Collection
from organisations.tenancy import TenantModel


class CallRecord(TenantModel):
    """One request and what came back: redacted before it is written, thinned by age."""

    tenant_path = "connection__organisation"

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="calls")
    collection = models.ForeignKey(Collection, models.SET_NULL, null=True, related_name="calls")
    at = models.DateTimeField()
    method = models.CharField(max_length=7)
    url = models.CharField(max_length=2000)
    status = models.PositiveSmallIntegerField(null=True)
    took = models.FloatField(help_text="Seconds.")
    size = models.PositiveIntegerField(default=0, help_text="Bytes of the answer, unpacked.")
    attempt = models.PositiveSmallIntegerField(default=1)
    error = models.CharField(max_length=300, blank=True)
    correlation_id = models.CharField(max_length=36)
    sample = models.TextField(blank=True, help_text="The first 1,000 characters of the answer.")

    class Meta:
        verbose_name = "call"
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["connection", "-at"], name="connectors_call_latest"),  # the connection's page
            models.Index(fields=["at"], name="connectors_call_age"),  # retention
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.url}"
