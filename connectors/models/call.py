"""The call log: every request that went out, without secrets."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from connectors.models.connection import Connection
from connectors.models.feed import Collection
from connectors.problems import code_of, sentence_of
from organisations.tenancy import TenantModel


class CallRecord(TenantModel):
    """One request and what came back: redacted before it is written, thinned by age."""

    tenant_path = "connection__organisation"

    connection = models.ForeignKey(Connection, models.CASCADE, verbose_name=_("connection"), related_name="calls")
    collection = models.ForeignKey(
        Collection, models.SET_NULL, verbose_name=_("check"), null=True, related_name="calls"
    )
    at = models.DateTimeField(_("at"))
    method = models.CharField(_("method"), max_length=7)
    url = models.CharField(_("address"), max_length=2000)
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    took = models.FloatField(_("took"), help_text=_("Seconds."))
    size = models.PositiveIntegerField(_("size"), default=0, help_text=_("Bytes of the answer, unpacked."))
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=1)
    reason = models.CharField(_("reason"), max_length=15, blank=True, help_text=_("The class of a failure."))
    problem = models.JSONField(_("problem"), default=dict, blank=True, editable=False)
    correlation_id = models.CharField(_("correlation id"), max_length=36)
    sample = models.TextField(_("sample"), blank=True, help_text=_("The first 1,000 characters of the answer."))

    class Meta:
        verbose_name, verbose_name_plural = _("call"), _("calls")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["connection", "-at"], name="connectors_call_latest"),  # the connection's page
            models.Index(fields=["at"], name="connectors_call_age"),  # retention
            models.Index(fields=["connection", "reason", "-at"], name="connectors_call_reason"),  # the failed ones
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.url}"

    @property
    def error(self) -> str:
        """What went wrong, in the language that is active; empty where nothing did."""
        return sentence_of(self.problem)

    @property
    def code(self) -> str:
        """What went wrong, for programs."""
        return code_of(self.problem)
