"""How much of a connection's limits is used up, and whether its circuit is open: shared by all workers."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from connectors.models.connection import Connection
from connectors.problems import sentence_of
from organisations.tenancy import TenantModel


class Throttle(TenantModel):
    """The state of one connection's limits and of its circuit breaker; a row is made when there is something to say.

    `slots` holds the calls that are running: a token, and the moment (seconds since 1970) after which it counts no
    more, for its worker is dead. `free_at` is the theoretical arrival time of the next call (GCRA), `queue_at` the turn
    that the next one is told for which there is no room. All are by the database's clock, and so is the day of the
    quota. `wait_until` is what the service itself asked for. `problem` is what the last of the failures in a row said.
    """

    tenant_path = "connection__organisation"

    connection = models.OneToOneField(
        Connection, models.CASCADE, verbose_name=_("connection"), related_name="throttle", primary_key=True
    )
    free_at = models.DateTimeField(_("free at"), null=True)
    queue_at = models.DateTimeField(_("end of the queue"), null=True)
    slots = models.JSONField(_("running calls"), default=dict, blank=True)
    quota_on = models.DateField(_("quota of"), null=True)
    quota_used = models.PositiveIntegerField(_("calls that day"), default=0)
    wait_until = models.DateTimeField(_("wants no calls until"), null=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True)
    reason = models.CharField(_("reason"), max_length=15, blank=True)
    problem = models.JSONField(_("problem"), default=dict, blank=True)
    times_opened = models.PositiveIntegerField(_("times opened"), default=0)
    open_until = models.DateTimeField(_("closed to calls until"), null=True)
    trial_until = models.DateTimeField(_("trial until"), null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("throttle"), _("throttles")

    def __str__(self) -> str:
        return str(self.connection)

    @property
    def message(self) -> str:
        """What the last failure said, in the language that is active; empty where none is remembered."""
        return sentence_of(self.problem)
