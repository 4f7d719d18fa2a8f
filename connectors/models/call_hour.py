"""What the calls of an hour add up to: the log can be thinned, and its trend stays."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from connectors.models.connection import Connection
from organisations.tenancy import TenantModel


class CallHour(TenantModel):
    """The calls of one connection in one hour (UTC). `durations` counts them by bucket of how long they took."""

    tenant_path = "connection__organisation"

    connection = models.ForeignKey(Connection, models.CASCADE, verbose_name=_("connection"), related_name="call_hours")
    hour = models.DateTimeField(_("hour"))
    calls = models.PositiveIntegerField(_("calls"))
    failed = models.PositiveIntegerField(_("failed"))
    took = models.FloatField(_("took"), help_text=_("Seconds, all together."))
    size = models.PositiveBigIntegerField(_("size"), help_text=_("Bytes, all together."))
    durations = models.JSONField(_("durations"), default=dict)
    reasons = models.JSONField(_("reasons"), default=dict)

    class Meta:
        verbose_name, verbose_name_plural = _("hour of calls"), _("hours of calls")
        ordering = ["-hour"]
        constraints = [models.UniqueConstraint(fields=["connection", "hour"], name="connectors_call_hour_once")]

    def __str__(self) -> str:
        return f"{self.connection} {self.hour:%Y-%m-%d %H:00}"
